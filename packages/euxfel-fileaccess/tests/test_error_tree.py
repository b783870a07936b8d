"""Errors: each is a built-in that users catch, and survives the way between processes."""

from __future__ import annotations

import copy
import pickle

import pytest

from euxfel.fileaccess import errors
from euxfel.fileaccess.errors import EuxfelError, name_trains

BUILT_IN = {
    "FileStructureError": OSError,
    "FileChangedError": OSError,
    "WriteError": OSError,
    "TargetExistsError": FileExistsError,
    "RunNotFoundError": FileNotFoundError,
    "DataError": ValueError,
    "NotMappableError": errors.DataError,
    "SourceNameError": KeyError,
    "PropertyNameError": KeyError,
    "TrainIDError": KeyError,
    "AliasError": KeyError,
    "MultiRunError": ValueError,
    "NoDataError": ValueError,
    "TooMuchDataError": MemoryError,
    "ProblemsError": ValueError,
    "MissingPackageError": ImportError,
}
CLASSES = [
    value
    for value in vars(errors).values()
    if isinstance(value, type) and issubclass(value, EuxfelError)
]
each = pytest.mark.parametrize("kind", CLASSES, ids=lambda kind: kind.__name__)


def test_the_list_is_complete() -> None:
    assert {kind.__name__ for kind in CLASSES} == {*BUILT_IN, "EuxfelError"}


@each
def test_each_is_the_built_in_that_users_catch(kind: type[EuxfelError]) -> None:
    assert issubclass(kind, BUILT_IN.get(kind.__name__, Exception))
    assert issubclass(kind, EuxfelError)


@each
def test_the_drawn_tree_names_it(kind: type[EuxfelError]) -> None:
    assert kind.__name__ in (errors.__doc__ or "")


@each
@pytest.mark.parametrize("protocol", range(2, pickle.HIGHEST_PROTOCOL + 1))
def test_fields_survive_pickling(kind: type[EuxfelError], protocol: int) -> None:
    """B29 to B31: workers of Dask and of multiprocessing send errors as pickles."""
    made = kind("what is wrong", file="/a.h5", source="A/B/C", key="d.e", trains=[10001, 10002])
    for again in (pickle.loads(pickle.dumps(made, protocol)), copy.copy(made)):
        assert type(again) is kind
        assert str(again) == "what is wrong"
        assert (again.file, again.source, again.key) == ("/a.h5", "A/B/C", "d.e")
        assert again.trains == (10001, 10002)
        assert again.args == made.args


@each
def test_the_message_is_shown_as_it_is(kind: type[EuxfelError]) -> None:
    """KeyError alone would show quotes and escapes."""
    assert str(kind("no source 'X'\nnext step")) == "no source 'X'\nnext step"


@pytest.mark.parametrize(
    ("trains", "text"),
    [
        ([], "trains "),
        ([7], "train 7"),
        ([1, 2, 3, 4, 5], "trains 1, 2, 3, 4, 5"),
        ([1, 2, 3, 4, 5, 6], "trains 1, 2, 3, 4, 5 and 1 more"),
    ],
)
def test_trains_are_named(trains: list[int], text: str) -> None:
    assert name_trains(trains) == text
