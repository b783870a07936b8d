"""From what users write for a choice of sources and keys to the names that are meant."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from fnmatch import translate
from functools import lru_cache
from typing import Any, NoReturn, TypeAlias

from euxfel.fileaccess.errors import PropertyNameError, SourceNameError

from .near_names import suggestion

Available: TypeAlias = Mapping[str, Callable[[], frozenset[str]]]
ChosenKeys: TypeAlias = frozenset[str] | None

# What stands below each property of control data.
_CONTROL_ENDS = (".value", ".timestamp")


def compile_selection(
    selection: object, key_glob: str, available: Available
) -> dict[str, ChosenKeys]:
    """Names of the sources and keys that are meant, None for all keys of a source.

    Parameters
    ----------
    selection : str, iterable or mapping
        A glob for sources; an iterable of such globs and of pairs of globs for source and key; or
        a mapping of sources to the set of their keys, where None or an empty set is for all.
        Globs are those of `fnmatch`, upper and lower case differ.
    key_glob : str
        Glob for keys, if `selection` is a single glob; else ``"*"``.
    available : mapping
        The sources to choose from, each with a function that lists its keys. It is called only
        if the choice depends on the keys.

    Returns
    -------
    dict
        Sources in the order of `available`. Choices that overlap are joined.

    Raises
    ------
    ValueError
        A glob matches nothing.
    SourceNameError, PropertyNameError
        A mapping names a source or key that is not there.

    Examples
    --------
    >>> keys = {"motor": lambda: frozenset({"position.value", "speed.value"}),
    ...         "camera:output": lambda: frozenset({"data.image"})}
    >>> compile_selection("*:output", "*", keys)
    {'camera:output': None}
    >>> compile_selection([("motor", "pos*"), "camera*"], "*", keys)
    {'motor': frozenset({'position.value'}), 'camera:output': None}
    >>> compile_selection({"motor": {"speed"}}, "*", keys)
    {'motor': frozenset({'speed.value'})}
    """
    if not isinstance(key_glob, str):
        raise TypeError(f"a glob for keys must be a string, not a {type(key_glob).__name__}")
    if isinstance(selection, str):
        return _by_globs([(selection, key_glob)], available)
    if key_glob != "*":
        raise ValueError(
            f"the key glob {key_glob!r} goes with a single source glob: in a list or dictionary, "
            "give the keys with each source"
        )
    if isinstance(selection, Mapping):
        return _by_names(selection, available)
    if isinstance(selection, Iterable) and not isinstance(selection, bytes):
        return _by_globs([_pair(item) for item in selection], available)
    raise TypeError(
        f"sources cannot be chosen by a {type(selection).__name__}: give a glob, a list of globs "
        "or (source, key) globs, or a dictionary of sources with sets of keys"
    )


def _pair(item: Any) -> tuple[str, str]:
    """Globs for source and key of one item of a list."""
    if isinstance(item, str):
        return item, "*"
    if (
        isinstance(item, tuple | list)
        and len(item) == 2
        and all(isinstance(part, str) for part in item)
    ):
        return item[0], item[1]
    raise TypeError(f"a list of sources holds globs and pairs (source, key), not {item!r}")


# ---- globs ------------------------------------------------------------------------------------


def _by_globs(pairs: Iterable[tuple[str, str]], available: Available) -> dict[str, ChosenKeys]:
    chosen: dict[str, ChosenKeys] = {}
    for source_glob, key_glob in pairs:
        matches = _matches(source_glob, key_glob, available)
        if not matches:
            _refuse_glob(source_glob, key_glob, available)
        for source, keys in matches.items():
            chosen[source] = _joined(chosen[source], keys) if source in chosen else keys
    return {source: chosen[source] for source in available if source in chosen}


def _matches(source_glob: str, key_glob: str, available: Available) -> dict[str, ChosenKeys]:
    is_wanted = _matcher(source_glob)
    sources = [source for source in available if is_wanted(source)]
    if key_glob == "*":
        return dict.fromkeys(sources)
    found = {source: keys_matching(key_glob, available[source]()) for source in sources}
    return {source: keys for source, keys in found.items() if keys}


def keys_matching(glob: str, keys: frozenset[str]) -> frozenset[str]:
    """Keys of a source that match, those of control data with or without their ``.value``."""
    ends_itself = glob.endswith(("*", *_CONTROL_ENDS))
    globs = [glob] if ends_itself or not _is_control(keys) else [glob + ".value"]
    if glob.endswith(".timestamp") and _is_control(keys):
        # A property may have that name.
        globs.append(glob + ".value")
    return frozenset(key for glob in globs for key in filter(_matcher(glob), keys))


def _is_control(keys: frozenset[str]) -> bool:
    return all(key.endswith(_CONTROL_ENDS) for key in keys)


@lru_cache(maxsize=256)
def _matcher(glob: str) -> Callable[[str], re.Match[str] | None]:
    return re.compile(translate(glob)).match


def _joined(first: ChosenKeys, second: ChosenKeys) -> ChosenKeys:
    return None if first is None or second is None else first | second


def _refuse_glob(source_glob: str, key_glob: str, available: Available) -> NoReturn:
    if any(map(_matcher(source_glob), available)):
        raise ValueError(f"no key matches {key_glob!r} in the sources matching {source_glob!r}")
    raise ValueError(
        f"no source matches {source_glob!r}{suggestion(source_glob, available)}; "
        ".all_sources lists those there are"
    )


# ---- names ------------------------------------------------------------------------------------


def _by_names(wanted: Mapping[Any, Any], available: Available) -> dict[str, ChosenKeys]:
    chosen = {source: _named_keys(source, keys, available) for source, keys in wanted.items()}
    return {source: chosen[source] for source in available if source in chosen}


def _named_keys(source: Any, keys: Any, available: Available) -> ChosenKeys:
    if source not in available:
        raise SourceNameError(
            f"no source is named {source!r}{suggestion(str(source), available)}; "
            ".all_sources lists those there are",
            source=str(source),
        )
    if keys is not None and not isinstance(keys, set | frozenset | dict):
        raise TypeError(f"the keys of source {source!r} must be a set or None, not {keys!r}")
    if not keys:
        return None
    present = available[source]()
    return frozenset(_full_key(source, key, present) for key in keys)


def _full_key(source: str, key: Any, present: frozenset[str]) -> str:
    if key in present:
        return str(key)
    if isinstance(key, str) and f"{key}.value" in present and _is_control(present):
        return f"{key}.value"
    raise PropertyNameError(
        f"source {source!r} has no key {key!r}{suggestion(str(key), present)}; "
        ".keys() lists those there are",
        source=source,
        key=str(key),
    )
