"""Find what is wrong with European XFEL files and runs.

Checks of files and runs; what they find is a list of values that can be shown, counted and kept.
"""

from . import checks as _enter_all_checks  # noqa: F401
from .as_json import report_json
from .error import ValidationError
from .file import FileValidator
from .finding import Finding, Severity
from .grouping import FindingGroup, group_findings
from .junit import report_junit
from .registry import CHECKS, Check
from .run import RunValidator, check_file
from .text import report_lines

__all__ = [
    "CHECKS",
    "Check",
    "FileValidator",
    "Finding",
    "FindingGroup",
    "RunValidator",
    "Severity",
    "ValidationError",
    "check_file",
    "group_findings",
    "report_json",
    "report_junit",
    "report_lines",
]
