"""Every kind of output under every fault: absent, the old one, or complete; inputs untouched."""

from __future__ import annotations

import errno
import hashlib
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from unittest import mock

import h5py
import numpy as np
import pytest
from writing import kinds

from euxfel.writer.testing import each_fault, failing

each_kind = pytest.mark.parametrize("kind", kinds.KINDS)
OLD = b"what was there before"
# More when a release is made: EUXFEL_KILLS=200, and all writes.
KILLS = int(os.environ.get("EUXFEL_KILLS", "20"))
FAILING_WRITES = None if KILLS > 20 else 12
INTERRUPTS = 100 if KILLS > 20 else 5


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return kinds.make_run(tmp_path_factory.mktemp("faults"))


def digests(run: Path) -> dict[str, str]:
    """R7: what the inputs are."""
    paths = sorted(run.glob("*.h5"))
    return {p.name: hashlib.blake2b(p.read_bytes()).hexdigest() for p in paths}


def contents(path: Path) -> dict[str, bytes]:
    """Everything a file holds that does not tell the time of writing."""
    found: dict[str, bytes] = {}

    def visit(name: str, item: object) -> None:
        if isinstance(item, h5py.Dataset) and not name.startswith(("METADATA", "provenance")):
            values = np.asarray(item[()])
            found[name] = (
                repr(values.tolist()).encode() if values.dtype.hasobject else values.tobytes()
            )

    with h5py.File(path) as file:
        file.visititems(visit)
    return found


@each_kind
def test_every_failing_system_call_is_told_and_the_old_file_survives(
    run: Path, kind: str, tmp_path: Path
) -> None:
    """R6, R7, F1."""
    path, before = tmp_path / "out.h5", digests(run)
    kinds.KINDS[kind](run, path)
    expected = contents(path)
    path.write_bytes(OLD)
    for fault, error in each_fault(lambda: kinds.KINDS[kind](run, path), writes=FAILING_WRITES):
        if error is not None:
            assert error.errno == fault.code
            assert path.read_bytes() == OLD
        else:
            assert not fault.happened or fault.calls[-1] == "fsync_folder"
            assert contents(path) == expected
        assert os.listdir(tmp_path) == ["out.h5"]
        path.write_bytes(OLD)
    assert digests(run) == before


@each_kind
def test_a_killed_writer_leaves_the_old_file_or_the_new_one(
    run: Path, kind: str, tmp_path: Path
) -> None:
    """R5, F1: kill -9 at 20 moments; what it leaves is gone after the next write."""
    path, before = tmp_path / "out.h5", digests(run)
    kinds.KINDS[kind](run, path)
    expected = contents(path)
    delays = random.Random(7)
    command = [sys.executable, kinds.__file__, kind, str(run), str(path)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as writers:
        assert writers.stdin is not None
        assert writers.stdout is not None
        for _ in range(KILLS):
            writers.stdin.write("go\n")
            writers.stdin.flush()
            writer = int(writers.stdout.readline())
            time.sleep(delays.uniform(0, 0.2))
            os.kill(writer, signal.SIGKILL)
            assert contents(path) == expected
        writers.stdin.close()
    kinds.KINDS[kind](run, path)
    assert os.listdir(tmp_path) == ["out.h5"]
    assert contents(path) == expected
    assert digests(run) == before


def interrupted(kind: str, run: Path, path: Path, at: int) -> int:
    """Write, with Ctrl-C pressed in one of the writes; give their number if all is written."""
    whole, calls = os.pwrite, []

    def write(fd: int, data: bytes, offset: int) -> int:
        calls.append(offset)
        if len(calls) == at + 1:
            signal.raise_signal(signal.SIGINT)
        return whole(fd, data, offset)

    with mock.patch.object(os, "pwrite", write):
        kinds.KINDS[kind](run, path)
    return len(calls)


@each_kind
def test_ctrl_c_is_never_lost_and_leaves_the_old_file(run: Path, kind: str, tmp_path: Path) -> None:
    """F1: in the first write, the last one, and some between."""
    path, before = tmp_path / "out.h5", digests(run)
    writes = interrupted(kind, run, path, at=-1)
    path.write_bytes(OLD)
    for at in {*range(0, writes, -(-writes // INTERRUPTS)), writes - 1}:
        with pytest.raises(KeyboardInterrupt):
            interrupted(kind, run, path, at)
        assert path.read_bytes() == OLD
        assert os.listdir(tmp_path) == ["out.h5"]
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    assert digests(run) == before


@each_kind
def test_a_full_disk_is_one_clear_error(run: Path, kind: str, tmp_path: Path) -> None:
    """F1: the process goes on, says it once, and ends well."""
    code = (
        "import errno, sys, resource; from pathlib import Path; "
        "sys.path.insert(0, sys.argv[1]); from writing import kinds\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (5000, 5000))\n"
        "import signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "try: kinds.KINDS[sys.argv[2]](Path(sys.argv[3]), Path(sys.argv[4]))\n"
        "except OSError as exc: assert exc.errno == errno.EFBIG; print(exc)\n"
        "else: raise SystemExit('it was said to have worked')\n"
    )
    path = tmp_path / "out.h5"
    path.write_bytes(OLD)
    root = str(Path(kinds.__file__).parents[1])
    done = subprocess.run(
        [sys.executable, "-c", code, root, kind, str(run), str(path)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(f"{path} was not written: File too large")
    assert path.read_bytes() == OLD
    assert os.listdir(tmp_path) == ["out.h5"]


@each_kind
def test_a_disk_without_room_is_one_clear_error(run: Path, kind: str, tmp_path: Path) -> None:
    """F1: from some byte on, nothing can be written any more."""
    path = tmp_path / "out.h5"
    path.write_bytes(OLD)
    with failing(3, errno.ENOSPC), pytest.raises(OSError, match="free some space"):
        kinds.KINDS[kind](run, path)
    assert path.read_bytes() == OLD
