"""Open European XFEL runs and read them as labelled arrays.

`open_run`, `RunDirectory` and `H5File` give a `DataCollection`; ``run[source]`` gives a
`SourceData`, ``run[source, key]`` a `KeyData`, whose methods read arrays.
"""

from typing import TYPE_CHECKING

from euxfel.fileaccess.lazy_names import lazy_names

if TYPE_CHECKING:
    from euxfel.fileaccess import (
        AliasError,
        DataError,
        EuxfelError,
        FileAccess,
        FileChangedError,
        FileStructureError,
        MissingPackageError,
        MultiRunError,
        NoDataError,
        NotMappableError,
        Problem,
        ProblemKind,
        ProblemsError,
        PropertyNameError,
        RunNotFoundError,
        SourceNameError,
        TooMuchDataError,
        TrainIDError,
        lc_any,
        lc_avail,
        lc_ondisk,
    )

    from .aliases import AliasIndexer
    from .collection import DataCollection
    from .keydata import KeyData
    from .opening import H5File, RunDirectory
    from .problems import DataProblemWarning, Problems
    from .proposal_run import open_run
    from .sourcedata import SourceData
    from .stacking import stack_data, stack_detector_data
    from .train_selection import by_id, by_index

__all__ = [
    "AliasError",
    "AliasIndexer",
    "DataCollection",
    "DataError",
    "DataProblemWarning",
    "EuxfelError",
    "FileAccess",
    "FileChangedError",
    "FileStructureError",
    "H5File",
    "KeyData",
    "MissingPackageError",
    "MultiRunError",
    "NoDataError",
    "NotMappableError",
    "Problem",
    "ProblemKind",
    "Problems",
    "ProblemsError",
    "PropertyNameError",
    "RunDirectory",
    "RunNotFoundError",
    "SourceData",
    "SourceNameError",
    "TooMuchDataError",
    "TrainIDError",
    "by_id",
    "by_index",
    "lc_any",
    "lc_avail",
    "lc_ondisk",
    "open_run",
    "stack_data",
    "stack_detector_data",
]

__getattr__ = lazy_names(
    __name__,
    {
        "euxfel.fileaccess": [
            "AliasError",
            "DataError",
            "EuxfelError",
            "FileAccess",
            "FileChangedError",
            "FileStructureError",
            "MissingPackageError",
            "MultiRunError",
            "NoDataError",
            "NotMappableError",
            "Problem",
            "ProblemKind",
            "ProblemsError",
            "PropertyNameError",
            "RunNotFoundError",
            "SourceNameError",
            "TooMuchDataError",
            "TrainIDError",
            "lc_any",
            "lc_avail",
            "lc_ondisk",
        ],
        ".aliases": ["AliasIndexer"],
        ".collection": ["DataCollection"],
        ".keydata": ["KeyData"],
        ".opening": ["H5File", "RunDirectory"],
        ".problems": ["DataProblemWarning", "Problems"],
        ".proposal_run": ["open_run"],
        ".sourcedata": ["SourceData"],
        ".stacking": ["stack_data", "stack_detector_data"],
        ".train_selection": ["by_id", "by_index"],
    },
)


def __dir__() -> list[str]:
    return __all__
