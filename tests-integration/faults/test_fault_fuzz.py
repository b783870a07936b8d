"""F6, R2 of the bars: one byte of a file differs, and nobody is misled, hung up or thrown out."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from faults.fuzz import Judge, Outcome, fuzzed, table
from faults.judge import Verdict
from faults.mutants import VARIANTS

PER_VARIANT = 60


@pytest.fixture(scope="module")
def judge() -> Iterator[Judge]:
    with Judge() as worker:
        yield worker


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> list[Outcome]:
    return list(fuzzed(PER_VARIANT, 20260114, tmp_path_factory.mktemp("fuzz")))


@pytest.mark.parametrize("variant", VARIANTS)
def test_undamaged_files_are_right(variant: str, judge: Judge, tmp_path: Path) -> None:
    """Otherwise the judge would be worth nothing."""
    path = VARIANTS[variant].write_in(tmp_path)
    assert judge.ask(variant, path) == (Verdict.RIGHT, "")


def test_a_wrong_value_is_seen_by_the_judge(judge: Judge, tmp_path: Path) -> None:
    """A file of another description stands for a reader that gives wrong data."""
    path = VARIANTS["earliest"].write_in(tmp_path)
    content = path.read_bytes()
    number = VARIANTS["earliest"].expected("SPB_IRU_SAMPLE/MOTOR/X", "actualPosition")[3].tobytes()
    place = content.index(number)
    path.write_bytes(content[:place] + b"\x01" + content[place + 1 :])
    verdict, why = judge.ask("earliest", path)
    assert verdict is Verdict.SILENT
    assert "actualPosition.value" in why


def test_mutants_are_right_or_told(outcomes: list[Outcome]) -> None:
    """No crash, no hang, no undocumented exception; silence only about unchecked bytes.

    Nor does a worker ever take 500 MB (bar R11), or change what it reads (bar R7).
    """
    faults = [outcome for outcome in outcomes if outcome.is_fault]
    assert not faults, f"{faults}\n{table(outcomes)}"


def test_mutants_hurt(outcomes: list[Outcome]) -> None:
    """A fuzz whose bytes nobody reads would prove nothing."""
    assert len(outcomes) == PER_VARIANT * len(VARIANTS)
    told = [outcome for outcome in outcomes if outcome.verdict is Verdict.TOLD]
    assert len(told) > len(outcomes) // 4
