"""What going through trains gives for each: values by source and key."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import compress, groupby
from operator import itemgetter
from typing import Any, NamedTuple

METADATA = "metadata"

# Of one train: a value for each key, and whether there is any.
Values = tuple[Any, ...]
Present = tuple[bool, ...]


class KeyedValues(dict[Any, Any]):
    """Values of one train, found also by the key without ``.value``."""

    def __missing__(self, key: Any) -> Any:
        full = _with_value(key)
        if full is not None and dict.__contains__(self, full):
            return self[full]
        raise KeyError(key)

    def __contains__(self, key: object) -> bool:
        return dict.__contains__(self, key) or dict.__contains__(self, _with_value(key))

    def get(self, key: Any, default: Any = None) -> Any:
        """Give the value of a key, or the default if the train has none."""
        try:
            return self[key]
        except KeyError:
            return default


def _with_value(key: Any) -> Any:
    if isinstance(key, str):
        return f"{key}.value"
    if isinstance(key, tuple) and len(key) == 2:
        return key[0], f"{key[1]}.value"
    return None


class SourceKeys(NamedTuple):
    """Keys of one source, and where their values stand among those of a train."""

    source: str
    keys: tuple[str, ...]
    place: slice

    def found(self, values: Values, present: Present) -> Iterator[tuple[str, Any]]:
        """Give keys that have data, and their values."""
        # All of it in C: a train can have tens of thousands of values.
        return compress(zip(self.keys, values[self.place], strict=True), present[self.place])


def held_by_source(named: Sequence[tuple[str, str]]) -> list[SourceKeys]:
    """Put keys together that follow each other and are of one source.

    Examples
    --------
    >>> from euxfel.core.train_values import held_by_source
    >>> [(s, keys) for s, keys, _ in held_by_source([("a", "x"), ("a", "y"), ("b", "x")])]
    [('a', ('x', 'y')), ('b', ('x',))]
    """
    held: list[SourceKeys] = []
    stop = 0
    for source, pairs in groupby(named, key=itemgetter(0)):
        keys = tuple(key for _, key in pairs)
        start, stop = stop, stop + len(keys)
        held.append(SourceKeys(source, keys, slice(start, stop)))
    return held


def flat_values(
    held: Sequence[SourceKeys],
    values: Values,
    present: Present,
    sources: Sequence[str],
    tid: int,
    old_names: Mapping[str, str],
) -> KeyedValues:
    """Give values by pairs of source and key, under old names of sources too."""
    named = (*sources, *old_names)
    data = KeyedValues({(name, METADATA): _metadata(name, tid) for name in named})
    for some in held:
        names = (some.source, *(old for old, new in old_names.items() if new == some.source))
        found = list(some.found(values, present))
        data.update({(name, key): value for name in names for key, value in found})
    return data


def nested_values(
    held: Sequence[SourceKeys],
    values: Values,
    present: Present,
    sources: Sequence[str],
    tid: int,
    old_names: Mapping[str, str],
) -> dict[str, KeyedValues]:
    """Give dictionaries of values by source, under old names of sources too."""
    data = {source: _of_source(source, tid) for source in sources}
    for some in held:
        data[some.source].update(some.found(values, present))
    for old, new in old_names.items():
        data[old] = KeyedValues({**data[new], **_of_source(old, tid)})
    return data


def _of_source(source: str, tid: int) -> KeyedValues:
    return KeyedValues({METADATA: _metadata(source, tid)})


def _metadata(source: str, tid: int) -> dict[str, Any]:
    return {"source": source, "timestamp.tid": tid}
