"""Our server with the client of karabo_bridge, and its server with our client."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from karabo_bridge import Client, ServerInThread

from euxfel.core import RunDirectory
from euxfel.export import ZMQStreamer, replay, stream
from euxfel.fileaccess.testing import small_run

SOCKS = [("REP", "REQ"), ("PUB", "SUB"), ("PUSH", "PULL")]
VERSIONS = ["2.2", "1.0"]
LIMIT = 20.0

VALUES: dict[str, Any] = {
    "number": 7,
    "real": 2.5,
    "text": "état",
    "list": [1, 2, 3],
    "float32": np.arange(1, 7, dtype="f4").reshape(2, 3),
    "big-endian": np.arange(1, 4, dtype=">i4"),
    "bools": np.array([True, False]),
    "empty": np.empty((0, 3), "f4"),
    "times": np.array([5, 7], "M8[ns]"),
    "fixed text": np.array(["x", "yyy"]),
    "no axes": np.array(4.5),
    "not contiguous": np.arange(6).reshape(2, 3).T,
    "complex": np.array([1 + 2j, 3.5]),
    "truth": True,
    "scalar": np.float32(2.5),
    "no time": None,
    "texts": np.array(["one", "two"], object),
}
# Records reach the other client as their bytes.
RECORDS = np.array([(1, 2.5), (2, 3.5)], [("n", "i4"), ("x", "f8")])
# Its encoder has no form for these.
OURS_ONLY = ("times", "fixed text", "scalar", "texts")


def same(found: Any, wanted: Any) -> bool:
    if isinstance(wanted, np.ndarray) and wanted.dtype == object:
        return bool(np.array_equal(found, wanted.tolist()))
    return bool(
        np.array_equal(found, wanted)
        and (not isinstance(wanted, np.ndarray) or found.dtype == wanted.dtype)
    )


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(("server", "client"), SOCKS)
def test_its_client_gets_what_the_run_gives(
    tmp_path: Path, server: Any, client: str, version: Any
) -> None:
    """Issue 8: all socket types, both versions, equal arrays and metadata."""
    run = RunDirectory(small_run().write(tmp_path).path)
    with (
        replay(run, sock=server, protocol_version=version) as serving,
        Client(serving.endpoint, sock=client, timeout=LIMIT) as receiving,
    ):
        for tid, wanted in run.trains():
            data, meta = receiving.next()
            assert set(data) == set(wanted)
            for source, values in wanted.items():
                assert meta[source]["timestamp.tid"] == tid
                assert {"timestamp", "timestamp.sec", "timestamp.frac"} < set(meta[source])
                assert all(same(data[source][k], v) for k, v in values.items() if k != "metadata")


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("name", VALUES)
def test_its_client_gets_each_kind_of_value(name: str, version: Any) -> None:
    """Issue 8: every dtype."""
    with (
        ZMQStreamer(0, protocol_version=version) as streamer,
        Client(streamer.endpoint, timeout=LIMIT) as receiving,
    ):
        streamer.feed({"s": {name: VALUES[name]}})
        assert same(receiving.next()[0]["s"][name], VALUES[name])


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(("server", "client"), SOCKS)
def test_our_client_takes_its_trains(
    tmp_path: Path, server: str, client: Any, version: str
) -> None:
    """Issue 8: its server -> our client."""
    meta = {"s": {"source": "s", "timestamp.tid": 10, "timestamp": 1.5}}
    wanted = {k: v for k, v in VALUES.items() if k not in OURS_ONLY}
    endpoint = f"ipc://{tmp_path}/s"
    with (
        ServerInThread(endpoint, sock=server, protocol_version=version) as serving,
        stream(endpoint, client, timeout=LIMIT) as receiving,
    ):
        # It sends to nobody if nobody has subscribed yet.
        while True:
            serving.feed({"s": wanted}, meta)
            if receiving._socket.poll(100) or client == "REQ":
                break
        tid, train = next(receiving)
    assert tid == 10
    assert all(same(train["s"][k], v) for k, v in wanted.items())
    assert receiving.metadata["s"]["timestamp"] == 1.5


def test_records_reach_its_client_as_bytes() -> None:
    with (
        ZMQStreamer(0) as streamer,
        Client(streamer.endpoint, timeout=LIMIT) as receiving,
    ):
        streamer.feed({"s": {"records": RECORDS}})
        found = receiving.next()[0]["s"]["records"]
    np.testing.assert_array_equal(found.view(RECORDS.dtype), RECORDS)
