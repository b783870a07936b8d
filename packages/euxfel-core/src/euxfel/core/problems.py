"""What is wrong with the data of a run, collected in one place.

Opening notes what it sees; `inspection` looks at every index and dataset. A
problem never stops the rest of the data from being used, unless ``strict=True`` was asked for.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import overload

from euxfel.fileaccess import Problem, ProblemKind, ProblemsError, name_trains

from .user_warning import warn_user

# Suspect trains are common and harmless where they are left out; no warning for each run.
_QUIET = frozenset({ProblemKind.SUSPECT_TRAINS, ProblemKind.UNORDERED_TRAINS})
_SHOWN_IN_WARNING = 5
_HEADER = ("kind", "file", "source", "trains", "message")


class DataProblemWarning(UserWarning):
    """Data was opened, but something is wrong with it: see ``run.problems``."""


class Problems(Sequence[Problem]):
    """Problems of a run: a sequence that shows itself as a table.

    What is the same in several files or sources is one row of the table; the sequence has all.

    Examples
    --------
    >>> from euxfel.core.problems import Problems
    >>> Problems([])
    no problems found
    """

    def __init__(self, found: Iterable[Problem]) -> None:
        self._found = tuple(dict.fromkeys(found))

    @overload
    def __getitem__(self, i: int) -> Problem: ...

    @overload
    def __getitem__(self, i: slice) -> Problems: ...

    def __getitem__(self, i: int | slice) -> Problem | Problems:
        if isinstance(i, slice):
            return Problems(self._found[i])
        return self._found[i]

    def __len__(self) -> int:
        return len(self._found)

    def __iter__(self) -> Iterator[Problem]:
        return iter(self._found)

    def of_kind(self, kind: str) -> Problems:
        """Give the problems of one kind, such as ``"suspect-trains"``."""
        return Problems(p for p in self._found if p.kind == kind)

    def raise_if_any(self) -> None:
        """Raise ProblemsError listing every problem, if there is one."""
        if self._found:
            lines = "\n".join(f"  - {_escaped(str(p))}" for p in self._found)
            raise ProblemsError(f"strict=True, and the data has problems:\n{lines}")

    def __repr__(self) -> str:
        if not self._found:
            return "no problems found"
        rows = _rows(self._found)
        widths = [max(len(r[i]) for r in [_HEADER, *rows]) for i in range(4)]
        return "\n".join(
            "  ".join([*(c.ljust(w) for c, w in zip(r[:4], widths, strict=True)), r[4]])
            for r in [_HEADER, *rows]
        )

    def _repr_html_(self) -> str:
        from html import escape

        cells = ["".join(f"<td>{escape(c)}</td>" for c in row) for row in _rows(self._found)]
        body = "".join(f"<tr>{c}</tr>" for c in cells) or "<tr><td>no problems found</td></tr>"
        head = "".join(f"<th>{c}</th>" for c in _HEADER)
        return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _place(problem: Problem) -> tuple[str, str, str]:
    return problem.file or "", problem.source or "", problem.key or ""


def _rows(problems: Iterable[Problem]) -> list[tuple[str, ...]]:
    """Give the rows of the table: a train without a valid ID has the same row in every file."""
    alike: dict[tuple[str, str, tuple[int, ...]], list[Problem]] = {}
    for problem in problems:
        alike.setdefault((problem.kind.value, problem.message, problem.trains), []).append(problem)
    return [_row(found) for found in alike.values()]


def _row(alike: Sequence[Problem]) -> tuple[str, ...]:
    problem = alike[0]
    files = _named((p.file or "").rpartition("/")[2] for p in alike)
    sources = _named(p.source or "" for p in alike)
    trains = name_trains(problem.trains, 3).partition(" ")[2] if problem.trains else ""
    cells = (problem.kind.value, files, sources, trains, problem.message)
    return tuple(_escaped(cell) for cell in cells)


def _named(places: Iterable[str]) -> str:
    first, *others = dict.fromkeys(places)
    return f"{first} and {len(others)} more" if others else first


def _escaped(text: str) -> str:
    """Make text from a file safe to show: no terminal escapes, no line breaks."""
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)


class ProblemLog:
    """Problems noticed while data was opened or read; shared by all selections of a run."""

    def __init__(self, found: Iterable[Problem] = ()) -> None:
        self._found = dict.fromkeys(found)

    def add(self, found: Iterable[Problem]) -> None:
        """Note problems; one that is known already changes nothing."""
        self._found.update(dict.fromkeys(found))

    def merged(self, other: ProblemLog) -> ProblemLog:
        """Give a log with the problems of both."""
        return self if other is self else ProblemLog([*self._found, *other._found])

    def known(self) -> Problems:
        """Give what was noticed so far, in order of file, source and key."""
        return Problems(sorted(self._found.copy(), key=_place))


def warn_of(problems: Iterable[Problem], what: str) -> None:
    """Warn once about problems seen while opening, naming the first few."""
    loud = [p for p in problems if p.kind not in _QUIET]
    if not loud:
        return
    shown = "; ".join(_escaped(str(p)) for p in loud[:_SHOWN_IN_WARNING])
    more = len(loud) - _SHOWN_IN_WARNING
    tail = f"; and {more} more" if more > 0 else ""
    warn_user(f"{what} has problems, see .problems: {shown}{tail}", DataProblemWarning)
