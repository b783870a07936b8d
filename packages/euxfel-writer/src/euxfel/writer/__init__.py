"""Write what is selected of European XFEL data to new files.

Selections of runs, virtual files, CXI files for other programs, and new EXDF files.
"""

from typing import TYPE_CHECKING

from euxfel.fileaccess.lazy_names import lazy_names

if TYPE_CHECKING:
    from .cxi import write_virtual_cxi
    from .cxi_copy import write_cxi
    from .declared import NewKey
    from .file_writer import FileWriter, write
    from .frames import write_frames
    from .manifest import verify
    from .new_file import NewFile
    from .new_run import NewRun
    from .overview import VirtualOverviewFileWriter, make_overview
    from .references import write_references
    from .structure import copy_structure
    from .target import AtomicTarget
    from .virtual import VirtualFileWriter, get_virtual_dataset, write_virtual

__all__ = [
    "AtomicTarget",
    "FileWriter",
    "NewFile",
    "NewKey",
    "NewRun",
    "VirtualFileWriter",
    "VirtualOverviewFileWriter",
    "copy_structure",
    "get_virtual_dataset",
    "make_overview",
    "verify",
    "write",
    "write_cxi",
    "write_frames",
    "write_references",
    "write_virtual",
    "write_virtual_cxi",
]

__getattr__ = lazy_names(
    __name__,
    {
        ".declared": ["NewKey"],
        ".file_writer": ["FileWriter", "write"],
        ".frames": ["write_frames"],
        ".manifest": ["verify"],
        ".new_file": ["NewFile"],
        ".new_run": ["NewRun"],
        ".references": ["write_references"],
        ".target": ["AtomicTarget"],
        ".cxi": ["write_virtual_cxi"],
        ".cxi_copy": ["write_cxi"],
        ".overview": ["VirtualOverviewFileWriter", "make_overview"],
        ".structure": ["copy_structure"],
        ".virtual": ["VirtualFileWriter", "get_virtual_dataset", "write_virtual"],
    },
)


def __dir__() -> list[str]:
    return __all__
