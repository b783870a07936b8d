"""One European XFEL data file: what is in it, where, and the fastest way to read it.

The data format notes of the facility call the files EXDF. This package knows one file at a
time; ``euxfel.core`` puts files together to runs.
"""

from typing import TYPE_CHECKING

from .lazy_names import lazy_names

if TYPE_CHECKING:
    from .engine import ReadRequest, dataset_layout, memory_map, read
    from .errors import (
        AliasError,
        DataError,
        EuxfelError,
        FileChangedError,
        FileStructureError,
        MissingPackageError,
        MultiRunError,
        NoDataError,
        NotMappableError,
        ProblemsError,
        PropertyNameError,
        RunNotFoundError,
        SourceNameError,
        TargetExistsError,
        TooMuchDataError,
        TrainIDError,
        WriteError,
        name_trains,
    )
    from .file import FileAccess
    from .handle import FileHandle, close_all
    from .identity import FileIdentity
    from .index import GroupIndex
    from .locality import lc_any, lc_avail, lc_ondisk
    from .problems import Problem, ProblemKind
    from .sections import Section
    from .trains import TrainTable

__all__ = [
    "AliasError",
    "DataError",
    "EuxfelError",
    "FileAccess",
    "FileChangedError",
    "FileHandle",
    "FileIdentity",
    "FileStructureError",
    "GroupIndex",
    "MissingPackageError",
    "MultiRunError",
    "NoDataError",
    "NotMappableError",
    "Problem",
    "ProblemKind",
    "ProblemsError",
    "PropertyNameError",
    "ReadRequest",
    "RunNotFoundError",
    "Section",
    "SourceNameError",
    "TargetExistsError",
    "TooMuchDataError",
    "TrainIDError",
    "TrainTable",
    "WriteError",
    "close_all",
    "dataset_layout",
    "lc_any",
    "lc_avail",
    "lc_ondisk",
    "memory_map",
    "name_trains",
    "read",
]

__getattr__ = lazy_names(
    __name__,
    {
        ".engine": ["ReadRequest", "dataset_layout", "memory_map", "read"],
        ".errors": [
            "AliasError",
            "DataError",
            "EuxfelError",
            "FileChangedError",
            "FileStructureError",
            "MissingPackageError",
            "MultiRunError",
            "NoDataError",
            "NotMappableError",
            "ProblemsError",
            "PropertyNameError",
            "RunNotFoundError",
            "SourceNameError",
            "TargetExistsError",
            "TooMuchDataError",
            "TrainIDError",
            "WriteError",
            "name_trains",
        ],
        ".file": ["FileAccess"],
        ".handle": ["FileHandle", "close_all"],
        ".identity": ["FileIdentity"],
        ".index": ["GroupIndex"],
        ".locality": ["lc_any", "lc_avail", "lc_ondisk"],
        ".problems": ["Problem", "ProblemKind"],
        ".sections": ["Section"],
        ".trains": ["TrainTable"],
    },
)


def __dir__() -> list[str]:
    return __all__
