"""What going through trains gives for each: values by source and key."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

METADATA = "metadata"


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


def flat_values(
    found: Sequence[tuple[str, str, Any]],
    sources: Sequence[str],
    tid: int,
    old_names: Mapping[str, str],
) -> KeyedValues:
    """Give values by pairs of source and key, under old names of sources too."""
    named = (*sources, *old_names)
    data = KeyedValues({(name, METADATA): _metadata(name, tid) for name in named})
    data.update({(source, key): value for source, key, value in found})
    for old, new in old_names.items():
        data.update({(old, key): value for source, key, value in found if source == new})
    return data


def nested_values(
    found: Sequence[tuple[str, str, Any]],
    sources: Sequence[str],
    tid: int,
    old_names: Mapping[str, str],
) -> dict[str, KeyedValues]:
    """Give dictionaries of values by source, under old names of sources too."""
    data = {source: _of_source(source, tid) for source in sources}
    for source, key, value in found:
        data[source][key] = value
    for old, new in old_names.items():
        data[old] = KeyedValues({**data[new], **_of_source(old, tid)})
    return data


def _of_source(source: str, tid: int) -> KeyedValues:
    return KeyedValues({METADATA: _metadata(source, tid)})


def _metadata(source: str, tid: int) -> dict[str, Any]:
    return {"source": source, "timestamp.tid": tid}
