"""Values keep type and value over the wire; what comes from outside is not trusted."""

from __future__ import annotations

from typing import Any

import msgpack
import numpy as np
import pytest

from euxfel.export import BadMessageError, NotStreamableError
from euxfel.export.decoding import decode
from euxfel.export.encoding import encode
from euxfel.export.message import Place

VALUES: dict[str, Any] = {
    "float32": np.float32(1.5),
    "int64": np.int64(-3),
    "bool": np.True_,
    "python": 7,
    "text": "état",
    "none": None,
    "list": [1, 2.5, "x"],
    "complex": np.complex64(1 + 2j),
    "scalar array": np.array(4.5),
    "big-endian": np.arange(1, 4, dtype=">i4"),
    "empty": np.empty((0, 3), "f4"),
    "not contiguous": np.arange(6).reshape(2, 3).T,
    "bools": np.array([True, False]),
    "fixed text": np.array(["x", "yyy"]),
    "bytes": np.array([b"x", b"yyy"]),
    "times": np.array([5, 7], "M8[ns]"),
    "structured": np.array([(1, 2.5)], [("a", "i2"), ("b", "f4", (1,))]),
}
ONLY_NEW: dict[str, Any] = {
    "texts": np.array([["a", "bc"]], dtype=object),
    "time": np.datetime64(5, "ns"),
}
CASES = [("2.2", k) for k in (*VALUES, *ONLY_NEW)] + [("1.0", k) for k in VALUES]


@pytest.mark.parametrize(("version", "name"), CASES)
def test_value_keeps_type_and_value(version: Any, name: str) -> None:
    """Issue 8, B20: what was sent comes out."""
    sent = {**VALUES, **ONLY_NEW}[name]
    found = decode(encode({"s": {name: sent}}, version=version).parts).data["s"][name]
    assert type(found) is type(sent)
    np.testing.assert_array_equal(found, sent)
    if isinstance(sent, np.ndarray | np.generic):
        assert (found.dtype, found.shape) == (sent.dtype, sent.shape)


def test_large_array_is_not_copied() -> None:
    """Issue 8: zero-copy sends."""
    image = np.ones((64, 64))
    last = encode({"s": {"image": image}}).parts[-1]
    assert np.shares_memory(np.frombuffer(last), image)


@pytest.mark.parametrize("value", [object(), np.array([object()]), [2**70]])
@pytest.mark.parametrize("version", ["2.2", "1.0"])
def test_what_has_no_form_is_refused(version: Any, value: Any) -> None:
    """Issue 8: no pickle on the wire."""
    with pytest.raises(NotStreamableError):
        encode({"s": {"k": value}}, version=version)


def test_error_names_source_and_key() -> None:
    with pytest.raises(NotStreamableError, match="cam gain") as caught:
        encode({"cam": {"fine": 1, "gain": object()}})
    assert (caught.value.source, caught.value.key) == ("cam", "gain")


def test_place_in_the_stream_comes_along() -> None:
    message = encode({"a": {"k": 1}, "b": {"k": 2}}, place=Place(4, last=True))
    assert decode(message.parts).place == Place(4, last=True)


def test_dummy_timestamps_only_where_there_is_none() -> None:
    meta = {"a": {"timestamp": 1.5}, "b": {}}
    found = decode(encode({"a": {}, "b": {}}, meta, dummy_timestamps=True).parts).metadata
    assert found["a"] == {"timestamp": 1.5}
    assert set(found["b"]) == {"timestamp", "timestamp.sec", "timestamp.frac"}


def _array(dtype: Any, shape: Any, content: bytes = b"\1" * 8) -> list[bytes]:
    start = [*encode({"s": {}}).parts]
    header = {"source": "s", "content": "array", "path": "k", "dtype": dtype, "shape": shape}
    return [*map(bytes, start), msgpack.packb(header), content]


@pytest.mark.parametrize(
    ("dtype", "shape"),
    [
        ("O", [1]),
        ("f8", [2]),
        ("f8", [-1]),
        ("f8", [True]),
        ("f8", [2**62, 0]),
        ("f8", "x"),
        ("nonsense", [1]),
        (3, [1]),
        ("V0", [8]),
        ([["a", "O"]], [1]),
        ([[]], [1]),
    ],
)
def test_array_that_contradicts_its_bytes_is_refused(dtype: Any, shape: Any) -> None:
    """Stream row of reliability.md: shapes and types are checked against the payload."""
    with pytest.raises(BadMessageError):
        decode(_array(dtype, shape))


def test_pickle_is_refused() -> None:
    """Stream row of reliability.md: a hostile server runs no code."""
    bad = {b"nd": True, b"kind": b"O", b"type": "O", b"shape": [1], b"data": b"cos\nsystem\n"}
    with pytest.raises(BadMessageError, match="pickle"):
        decode([msgpack.packb({"s": {"k": bad}})])


def test_garbage_is_refused_with_one_error() -> None:
    """F5: a thousand garbage messages, one kind of error."""
    rng = np.random.default_rng(8)
    good = [bytes(part) for part in encode({"s": VALUES}).parts]
    for _ in range(1000):
        parts = list(good)
        i = int(rng.integers(len(parts)))
        parts[i] = rng.bytes(int(rng.integers(40)))
        try:
            decode(parts)
        except BadMessageError:
            continue
