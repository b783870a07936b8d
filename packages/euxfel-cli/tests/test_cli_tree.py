"""``euxfel tree``: the datasets of an HDF5 file."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from euxfel.cli.h5tree import nodes


@pytest.fixture
def file_of_all_kinds(tmp_path: Path) -> Path:
    path = tmp_path / "kinds.h5"
    with h5py.File(path, "w") as file:
        file["plain"] = np.arange(1, 7, dtype="u2")
        file["one"] = 7
        file["text"] = ["a", "b"]
        file["nothing"] = h5py.Empty("f4")
        file.create_dataset("lists", (2,), dtype=h5py.vlen_dtype(np.int32))
        file.create_dataset(
            "group/packed", (4, 8), "f4", chunks=(1, 8), shuffle=True, compression="gzip",
            compression_opts=1, fletcher32=True,
        )  # fmt: skip
        layout = h5py.VirtualLayout((6,), "u2")
        layout[:] = h5py.VirtualSource(str(path), "plain", (6,))
        file.create_virtual_dataset("virtual", layout)
        file["soft"] = h5py.SoftLink("/group/packed")
        file["away"] = h5py.ExternalLink("other.h5", "/x")
        # A group inside itself must not be entered for ever.
        file["group/again"] = file["group"]
    return path


def test_every_kind_of_dataset_and_link_is_told(file_of_all_kinds: Path) -> None:
    found = {node.path: node for node in nodes(str(file_of_all_kinds))}
    packed = found["group/packed"]
    assert (packed.shape, packed.dtype, packed.chunks) == ([4, 8], "float32", [1, 8])
    assert packed.filters == ("shuffle", "deflate(1)", "fletcher32")
    assert found["plain"].stored == 12
    assert (found["one"].shape, found["nothing"].shape) == ([], None)
    assert found["text"].dtype == "str"
    assert found["lists"].dtype == "lists of int32"
    assert found["virtual"].layout == "virtual"
    assert found["soft"].link == "/group/packed"
    assert found["away"].link == "other.h5:/x"
    assert len(found) == 9


def test_output_is_as_it_was_found_good(
    file_of_all_kinds: Path, euxfel: Callable[..., Any], golden: Callable[[str, str], None]
) -> None:
    golden("tree.txt", euxfel("tree", str(file_of_all_kinds)).out)
    golden("tree.json", euxfel("tree", str(file_of_all_kinds), "--json").out)


def test_paths_can_be_chosen(file_of_all_kinds: Path, euxfel: Callable[..., Any]) -> None:
    ended = euxfel("tree", str(file_of_all_kinds), "--path", "group*", "--json")
    assert [d["path"] for d in json.loads(ended.out)["datasets"]] == ["group/packed"]
    assert euxfel("tree", str(file_of_all_kinds), "--path", "grup*").code == 2


def test_names_that_would_steer_a_terminal_are_spelled_out(
    tmp_path: Path, euxfel: Callable[..., Any]
) -> None:
    with h5py.File(tmp_path / "evil.h5", "w") as file:
        file["a\x1b[2J"] = 1
    shown = euxfel("tree", str(tmp_path / "evil.h5")).out
    assert "\x1b" not in shown
    assert "a\\x1b[2J" in shown


@pytest.mark.parametrize("content", [b"", b"no HDF5 file", None])
def test_a_file_that_cannot_be_read_is_one_line(
    content: bytes | None, tmp_path: Path, euxfel: Callable[..., Any]
) -> None:
    path = tmp_path / "bad.h5"
    if content is not None:
        path.write_bytes(content)
    ended = euxfel("tree", str(path))
    assert (ended.code, ended.out) == (3, "")
    assert ended.err.count("\n") == 1
    assert str(path) in ended.err
