"""What a user can ask for when data is written: all of it defaults to data as it is stored."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from fnmatch import translate
from functools import lru_cache
from typing import Any, TypeAlias

import numpy as np

#: For which sources and keys: a glob for sources, or a pair of globs.
Which: TypeAlias = str | tuple[str, str]
UNCOMPRESSED = ("none", False)


@dataclass(frozen=True, slots=True)
class WriteOptions:
    """How data is changed on the way to a new file.

    Attributes
    ----------
    compression : str, int or None
        None as it is stored; ``"gzip"`` or a level from 1 to 9; ``"none"`` for no compression.
    chunks : mapping
        Rows of a chunk, or its shape.
    dtype : mapping
        Types to cast to.
    decimals : mapping
        To how many decimals to round.
    roi : mapping
        Part of each row, as :meth:`KeyData.ndarray` takes it.
    pulses : object
        Frames of each train, of all groups with a ``pulseId``.
    """

    compression: str | int | bool | None = None
    chunks: Mapping[Which, int | tuple[int, ...]] = field(default_factory=dict)
    dtype: Mapping[Which, Any] = field(default_factory=dict)
    decimals: Mapping[Which, int] = field(default_factory=dict)
    roi: Mapping[Which, Any] = field(default_factory=dict)
    pulses: object = None

    def __post_init__(self) -> None:
        level = self.compression
        if level is None or level in UNCOMPRESSED or level == "gzip":
            return
        if not isinstance(level, int) or not 1 <= level <= 9:
            raise ValueError(f'compression is "gzip", 1 to 9 or "none", not {level!r}')

    @property
    def level(self) -> int | None:
        """Level of deflate; 0 for no compression, None for as it is stored."""
        if self.compression is None:
            return None
        if self.compression in UNCOMPRESSED:
            return 0
        return 1 if self.compression == "gzip" else int(self.compression)

    def said(self) -> dict[str, str]:
        """Give what was asked for, as text."""
        named = {name: getattr(self, name) for name in self.__slots__}
        return {name: repr(value) for name, value in named.items() if value not in (None, {})}


def choice(settings: Mapping[Which, Any], source: str, key: str) -> Any:
    """Give the first setting whose globs match a source and a key; None without one.

    Examples
    --------
    >>> choice({("*:xtdf", "image.data"): "f2"}, "A/DET/0CH0:xtdf", "image.data")
    'f2'
    >>> choice({"*/MOTOR/*": "f4"}, "A/MOTOR/X", "actualPosition.value")
    'f4'
    """
    for which, value in settings.items():
        sources, keys = (which, "*") if isinstance(which, str) else which
        if _glob(sources).match(source) and (
            _glob(keys).match(key) or _glob(f"{keys}.value").match(key)
        ):
            return value
    return None


@lru_cache(maxsize=256)
def _glob(pattern: str) -> re.Pattern[str]:
    return re.compile(translate(pattern))


def unused(settings: Mapping[Which, Any], names: list[tuple[str, str]]) -> list[Which]:
    """Give the settings that match no source and key."""
    return [w for w, v in settings.items() if all(choice({w: v}, *n) is None for n in names)]


def checked_dtype(wanted: Any, stored: np.dtype[Any], name: str) -> np.dtype[Any]:
    """Give the type to cast to.

    Raises
    ------
    ValueError
        If the data is not made of numbers.
    """
    if wanted is None:
        return stored
    dtype: np.dtype[Any] = np.dtype(wanted)
    if stored.kind not in "iufb" or dtype.kind not in "iufb":
        raise ValueError(f"{name} holds {stored}, which is not cast to {dtype}")
    return dtype
