"""Similar names as one pattern: ``SPB_DET_AGIPD1M-1/DET/{0..15}CH0:xtdf``.

Nothing is lost: expanding a pattern, as a shell expands braces, gives exactly its names.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

# Longer digit strings, which no source has, count as several numbers.
_NUMBER = re.compile(r"([0-9]{1,15})")

# For each number in a name, the digit strings that it stands for.
_Numbers = tuple[frozenset[str], ...]


@dataclass(frozen=True, slots=True)
class NameGroup:
    """Names that one pattern stands for.

    Attributes
    ----------
    pattern : str
        The name if there is one, else with ``{...}`` where numbers differ.
    names : tuple of str
        The names in natural order.
    """

    pattern: str
    names: tuple[str, ...]


def natural_key(name: str) -> tuple[tuple[str, int, int], ...]:
    """Give a sort key in which numbers count as numbers.

    Examples
    --------
    >>> from euxfel.core.display.grouping import natural_key
    >>> sorted(["M10", "M9", "M1"], key=natural_key)
    ['M1', 'M9', 'M10']
    """
    parts = _NUMBER.split(name)
    numbers = [*parts[1::2], ""]
    return tuple(
        (text, int(n) if n else -1, len(n)) for text, n in zip(parts[::2], numbers, strict=True)
    )


def group_names(names: Iterable[str]) -> list[NameGroup]:
    """Group names that differ only in numbers.

    Numbers before the first slash never merge: they tell beamlines and detectors apart.

    Examples
    --------
    >>> from euxfel.core.display.grouping import group_names
    >>> [g.pattern for g in group_names(["A1/M/1", "A1/M/2", "A1/M/4", "A2/M/7"])]
    ['A1/M/{1,2,4}', 'A2/M/7']
    """
    alike: dict[tuple[str, ...], dict[_Numbers, list[str]]] = defaultdict(dict)
    for name in set(names):
        texts, numbers = _taken_apart(name)
        alike[texts][numbers] = [name]
    groups = [
        NameGroup(_pattern(texts, numbers), tuple(sorted(members, key=natural_key)))
        for texts, cells in alike.items()
        for numbers, members in _merged(cells).items()
    ]
    return sorted(groups, key=lambda g: natural_key(g.names[0]))


def single_names(names: Iterable[str]) -> list[NameGroup]:
    """Give each name as a group of its own, in natural order."""
    return [NameGroup(name, (name,)) for name in sorted(set(names), key=natural_key)]


def _taken_apart(name: str) -> tuple[tuple[str, ...], _Numbers]:
    head, slash, tail = name.partition("/")
    if not slash:
        head, tail = "", name
    parts = _NUMBER.split(tail)
    texts = (head + slash, *parts[::2])
    return texts, tuple(frozenset((n,)) for n in parts[1::2])


def _merged(cells: dict[_Numbers, list[str]]) -> dict[_Numbers, list[str]]:
    """Merge at one number after the other, first at the one that leaves the fewest groups."""
    positions = set(range(len(next(iter(cells)))))
    while positions and len(cells) > 1:
        tries = {p: _merged_at(cells, p) for p in sorted(positions)}
        best = min(tries, key=lambda p: len(tries[p]))
        if len(tries[best]) == len(cells):
            break
        cells = tries[best]
        positions.remove(best)
    return cells


def _merged_at(cells: dict[_Numbers, list[str]], position: int) -> dict[_Numbers, list[str]]:
    rows: dict[_Numbers, list[_Numbers]] = defaultdict(list)
    for numbers in cells:
        rows[numbers[:position] + numbers[position + 1 :]].append(numbers)
    merged = {}
    for others, row in rows.items():
        union = frozenset().union(*(numbers[position] for numbers in row))
        key = (*others[:position], union, *others[position:])
        merged[key] = [name for numbers in row for name in cells[numbers]]
    return merged


def _pattern(texts: tuple[str, ...], numbers: _Numbers) -> str:
    head, first, *rest = texts
    tail = "".join(braces(n) + text for n, text in zip(numbers, rest, strict=True))
    return head + first + tail


def braces(numbers: Iterable[str]) -> str:
    """Give digit strings as one brace expression, or the only one as it is.

    Examples
    --------
    >>> from euxfel.core.display.grouping import braces
    >>> braces(["8", "9", "10", "12"]), braces(["01", "02"]), braces(["3"])
    ('{8..10,12}', '{01,02}', '3')
    """
    ordered = sorted(numbers, key=lambda n: (int(n), len(n)))
    if len(ordered) == 1:
        return ordered[0]
    return "{" + ",".join(_run(run) for run in _consecutive(ordered)) + "}"


def _consecutive(ordered: list[str]) -> list[list[str]]:
    runs: list[list[str]] = []
    for number in ordered:
        if runs and number == _next(runs[-1][-1]):
            runs[-1].append(number)
        else:
            runs.append([number])
    return runs


def _next(number: str) -> str:
    # Zeros in front are part of a name: 09 is followed by 10, but 9 not by 010.
    return str(int(number) + 1).zfill(len(number))


def _run(run: list[str]) -> str:
    return f"{run[0]}..{run[-1]}" if len(run) > 2 else ",".join(run)
