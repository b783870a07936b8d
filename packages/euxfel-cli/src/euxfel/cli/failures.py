"""What a command failed with: one place that makes a message and an exit code of an exception.

Loaded only when something failed: it knows the errors of the libraries.
"""

from __future__ import annotations

from euxfel.fileaccess.errors import (
    AliasError,
    EuxfelError,
    MissingPackageError,
    MultiRunError,
    NoDataError,
    ProblemsError,
    PropertyNameError,
    SourceNameError,
    TargetExistsError,
    TrainIDError,
)

from .exits import PROBLEMS, UNREADABLE, USAGE

_ASKED_FOR_WRONGLY = (
    AliasError,
    MissingPackageError,
    MultiRunError,
    NoDataError,
    PropertyNameError,
    SourceNameError,
    TargetExistsError,
    TrainIDError,
)

# What to do next is another thing here than in Python.
_NEXT_STEPS = {
    "pass overwrite=True": "give --overwrite",
    "see .keys()": "see euxfel ls --detail",
    "see .all_sources": "see euxfel ls",
    ".all_sources lists those there are": "see euxfel ls",
}


def failure(error: Exception) -> tuple[str, int] | None:
    """Give message and exit code for an exception, or None if it is a defect of the program."""
    match error:
        case ProblemsError():
            return str(error), PROBLEMS
        case EuxfelError():
            code = USAGE if isinstance(error, _ASKED_FOR_WRONGLY) else UNREADABLE
            return _for_a_command_line(str(error)), code
        case ModuleNotFoundError(name=str(name)):
            return f"this needs {_distribution(name)}: {_install(name)}", USAGE
        case OSError():
            return _os_message(error), UNREADABLE
        case MemoryError():
            return f"not enough memory: {error}", UNREADABLE
        # Libraries say with it that a number, a range or a pattern is not of the right form.
        case ValueError():
            return _for_a_command_line(str(error)), USAGE
    return None


def _for_a_command_line(message: str) -> str:
    for in_python, here in _NEXT_STEPS.items():
        message = message.replace(in_python, here)
    return message


def _distribution(module: str) -> str:
    first, _, rest = module.partition(".")
    return f"euxfel-{rest.partition('.')[0]}" if first == "euxfel" and rest else first


def _install(module: str) -> str:
    return f"pip install {_distribution(module)}"


def _os_message(error: OSError) -> str:
    if error.strerror is None:
        return str(error)
    return f"{error.filename}: {error.strerror}" if error.filename else error.strerror
