"""Write what is selected of European XFEL data to new files.

Selections of runs, virtual files, CXI files for other programs, and new EXDF files.
"""

from typing import TYPE_CHECKING

from euxfel.fileaccess.lazy_names import lazy_names

if TYPE_CHECKING:
    from .declared import NewKey
    from .file_writer import FileWriter, write
    from .manifest import verify
    from .new_file import NewFile
    from .new_run import NewRun
    from .references import write_references
    from .target import AtomicTarget
    from .virtual import VirtualFileWriter, get_virtual_dataset, write_virtual

__all__ = [
    "AtomicTarget",
    "FileWriter",
    "NewFile",
    "NewKey",
    "NewRun",
    "VirtualFileWriter",
    "get_virtual_dataset",
    "verify",
    "write",
    "write_references",
    "write_virtual",
]

__getattr__ = lazy_names(
    __name__,
    {
        ".declared": ["NewKey"],
        ".file_writer": ["FileWriter", "write"],
        ".manifest": ["verify"],
        ".new_file": ["NewFile"],
        ".new_run": ["NewRun"],
        ".references": ["write_references"],
        ".target": ["AtomicTarget"],
        ".virtual": ["VirtualFileWriter", "get_virtual_dataset", "write_virtual"],
    },
)


def __dir__() -> list[str]:
    return __all__
