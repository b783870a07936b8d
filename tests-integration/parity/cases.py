"""A case: one question, put to a run, a source or a key of either library."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatch
from functools import partial
from typing import Any

from .outcomes import Outcome, mismatch, outcome

DEPENDS = "depends on the subject"
Question = Callable[[Any, Any], Any]
"""Takes the library's module and the run, source or key; gives anything `plain` knows."""


@dataclass(frozen=True)
class Case:
    """A question and how the answers must relate.

    Attributes
    ----------
    id : str
        Name in test IDs.
    ask : callable
        (library module, subject) -> answer.
    raises : str
        Built-in exception class that both libraries must raise; empty if both must answer;
        `DEPENDS` if that depends on the subject.
    differs : mapping
        Pattern of subjects' test IDs -> id in differences.toml, where the answers differ knowingly.
    """

    id: str
    ask: Question
    raises: str = ""
    differs: Mapping[str, str] = field(default_factory=dict)

    def difference(self, subject: str) -> str:
        """Give the id of the knowing difference for a subject; empty if there is none."""
        return next((id for pattern, id in self.differs.items() if fnmatch(subject, pattern)), "")


def judge(
    case: Case, subject: str, theirs: Outcome, ours: Outcome, *, ordinary: bool = True
) -> str | None:
    """Say what is wrong with the pair of answers; None if they are as they must be.

    An ordinary subject has trains and data: there `case.raises` must hold, so that a question
    with a mistake in it, failing alike in both libraries, does not count as parity.
    """
    found = _disagreement(theirs, ours)
    if case.difference(subject):
        return None if found else f"{case.difference(subject)}: no longer differs"
    if found:
        return found
    if ordinary and case.raises not in {theirs.error, DEPENDS}:
        return f"both gave {theirs.error or 'an answer'}, not {case.raises or 'one'}"
    return None


def _disagreement(theirs: Outcome, ours: Outcome) -> str | None:
    # Ours may be a kind of several: what caught the error there must catch it here.
    if bool(theirs.error) != bool(ours.error) or not {theirs.error} <= {"", *ours.caught_by}:
        return (
            f"EXtra-data: {theirs.error or 'an answer'} ({theirs.message}); "
            f"euxfel: {ours.error or 'an answer'} ({ours.message})"
        )
    if theirs.warned != ours.warned:
        return f"EXtra-data warned {set(theirs.warned)}, euxfel {set(ours.warned)}"
    return mismatch(theirs.value, ours.value, "EXtra-data -> euxfel")


def compare(
    case: Case,
    name: str,
    libraries: Iterable[Any],
    subjects: Iterable[Any],
    *,
    ordinary: bool = True,
) -> None:
    """Fail unless both libraries answer a case as they must."""
    theirs, ours = (
        outcome(partial(case.ask, lib, item)) for lib, item in zip(libraries, subjects, strict=True)
    )
    wrong = judge(case, name, theirs, ours, ordinary=ordinary)
    assert wrong is None, wrong
