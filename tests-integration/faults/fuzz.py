"""Files with one byte changed, read in worker processes with a deadline.

As a program, in the folder ``tests-integration``: ``python -m faults.fuzz [mutants per variant]
[seed]`` prints what became of them, and fails if one was answered wrongly.
"""

from __future__ import annotations

import json
import select
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from faults.judge import Verdict
from faults.mutants import VARIANTS, Mutant, Place, mutants

from euxfel.fileaccess.isolated import check_files

DEADLINE = 10.0
FAULTS = (Verdict.LEAKED, Verdict.HANG, Verdict.CRASH, Verdict.BLOATED, Verdict.CHANGED)


@dataclass(frozen=True)
class Outcome:
    """What became of one mutant."""

    mutant: Mutant
    verdict: Verdict
    why: str

    @property
    def is_fault(self) -> bool:
        """Whether the library failed. Nobody can notice other values of unchecked bytes."""
        if self.verdict is Verdict.SILENT:
            return self.mutant.place is Place.STRUCTURE
        return self.verdict in FAULTS


class Judge:
    """A worker process that is replaced when a file hangs or crashes it."""

    def __init__(self) -> None:
        self._start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._end()

    def _start(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "faults.judge"],
            cwd=Path(__file__).resolve().parents[1],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            bufsize=1,
        )

    def _end(self) -> int:
        self._process.kill()
        self._process.communicate()
        return self._process.returncode

    def ask(self, variant: str, path: Path, deadline: float = DEADLINE) -> tuple[Verdict, str]:
        """Have a file judged."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps([variant, str(path)]) + "\n")
        # The first answer comes after the imports.
        ready, _, _ = select.select([self._process.stdout], [], [], deadline + 20)
        line = self._process.stdout.readline() if ready else None
        if line:
            verdict, why = json.loads(line)
            return Verdict(verdict), why
        code = self._process.wait(10) if ready else self._end()
        self._end()
        self._start()
        found = (Verdict.HANG, "") if line is None else (Verdict.CRASH, f"exit status {code}")
        # What ``isolate=True`` finds out when the run is opened.
        warning = check_files([path], deadline=5)[str(path)]
        return found if warning is None else (Verdict.ISOLATED, warning)


def fuzzed(per_variant: int, seed: int, folder: Path) -> Iterator[Outcome]:
    """Judge mutants of every variant."""
    with Judge() as worker:
        for name, description in VARIANTS.items():
            path = description.write(folder / f"{name}.h5")
            original = path.read_bytes()
            for mutant in mutants(name, path, per_variant, seed):
                damaged = folder / f"RAW-R0001-DA01-S{mutant.offset:05d}.h5"
                mutant.write(original, damaged)
                verdict, why = worker.ask(name, damaged)
                damaged.unlink()
                yield Outcome(mutant, verdict, why)


def table(outcomes: Iterable[Outcome]) -> str:
    """Count verdicts by variant and by what the changed byte was."""
    counted = Counter((o.mutant.variant, o.mutant.place.value, o.verdict.value) for o in outcomes)
    return "\n".join(f"{n:6} {' '.join(key)}" for key, n in sorted(counted.items()))


def main() -> int:
    """Run from the command line."""
    per_variant, seed = (int(a) for a in [*sys.argv[1:], "400", "1"][:2])
    with tempfile.TemporaryDirectory() as folder:
        outcomes = list(fuzzed(per_variant, seed, Path(folder)))
    faults = [o for o in outcomes if o.is_fault]
    lines = [table(outcomes), *(f"{o.mutant} {o.verdict}: {o.why}" for o in faults)]
    sys.stdout.write("\n".join(lines) + "\n")
    return len(faults)


if __name__ == "__main__":
    sys.exit(bool(main()))
