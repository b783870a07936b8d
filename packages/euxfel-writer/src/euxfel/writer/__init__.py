"""Write what is selected of European XFEL data to new files.

Selections of runs, virtual files, CXI files for other programs, and new EXDF files.
"""

from typing import TYPE_CHECKING

from euxfel.fileaccess.lazy_names import lazy_names

if TYPE_CHECKING:
    from .references import write_references
    from .virtual import VirtualFileWriter, get_virtual_dataset, write_virtual

__all__ = [
    "VirtualFileWriter",
    "get_virtual_dataset",
    "write_references",
    "write_virtual",
]

__getattr__ = lazy_names(
    __name__,
    {
        ".references": ["write_references"],
        ".virtual": ["VirtualFileWriter", "get_virtual_dataset", "write_virtual"],
    },
)


def __dir__() -> list[str]:
    return __all__
