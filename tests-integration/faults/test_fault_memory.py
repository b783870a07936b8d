"""Reads take the result, 64 MB and a chunk for each thread, whatever way they go."""

from __future__ import annotations

import zlib
from pathlib import Path

import h5py
import numpy as np
import pytest
from faults.scripts import run_script

THREADS = 4
SHAPE, CHUNK = (48, 512, 1024), (1, 512, 1024)
ROWS = SHAPE[0]
CHUNK_BYTES = 4 * CHUNK[1] * CHUNK[2]
SPARE = 64 << 20

# How it is stored, and what of it is read as what.
CASES = {
    "plain": ({}, "", "f4"),
    "deflate": ({"compression": 1}, "", "f4"),
    "shuffle and deflate": ({"compression": 1, "shuffle": True}, "", "f4"),
    "a region": ({"compression": 1, "shuffle": True}, "np.s_[:256, 8:]", "f4"),
    "another type": ({}, "", "f8"),
    "a filter for the library": ({"fletcher32": True}, "", "f4"),
}

READ = """
from pathlib import Path
from euxfel.fileaccess import FileHandle, ReadRequest, engine

def status(name):
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) << 10 for line in lines if line.startswith(name))

roi = eval(f"({sys.argv[2]},)")[0] if sys.argv[2] else ()
rows, threads, dtype = int(sys.argv[3]), int(sys.argv[4]), sys.argv[5]
handle = FileHandle(folder)
shape = np.empty((512, 1024))[roi].shape
# The first read imports what reads need, and is no part of the measurement.
small = np.empty((1, *shape), dtype)
engine.read([ReadRequest(handle, "d", np.array([[0, 1]]), small, roi)])
Path("/proc/self/clear_refs").write_text("5")
before = status("VmRSS")
out = np.empty((rows, *shape), dtype)
engine.read([ReadRequest(handle, "d", np.array([[0, rows]]), out, roi)], threads=threads)
assert (out[:, 0, 0] == np.arange(1, rows + 1)).all()
print(status("VmHWM") - before, out.nbytes)
"""


def write(path: Path, stored: dict[str, object]) -> None:
    """Write frames of noise that differ in their first row only, so that it is quick."""
    noise = np.random.default_rng(1).random(CHUNK[1:], dtype="f4")
    with h5py.File(path, "w") as file:
        dataset = file.create_dataset("d", SHAPE, "f4", chunks=CHUNK, **stored)
        for row in range(ROWS):
            noise[0] = row + 1
            if "compression" in stored:
                content = noise.view("u1").reshape(-1, 4)
                planes = content.T.tobytes() if "shuffle" in stored else content.tobytes()
                dataset.id.write_direct_chunk((row, 0, 0), zlib.compress(planes, 0))
            else:
                dataset[row] = noise


@pytest.mark.parametrize("case", CASES)
def test_memory_is_bounded_by_the_result(case: str, tmp_path: Path) -> None:
    """Issue 3, part 3: the result + 64 MB + a chunk for each thread."""
    stored, roi, dtype = CASES[case]
    write(tmp_path / "a.h5", stored)
    told = run_script(READ, tmp_path / "a.h5", roi, str(ROWS), str(THREADS), dtype)
    taken, result = map(int, told.split())
    assert taken <= result + SPARE + THREADS * CHUNK_BYTES
