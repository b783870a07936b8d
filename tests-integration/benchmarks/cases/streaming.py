"""Row 15: a run sent to a client of the Karabo bridge on the same machine."""

from __future__ import annotations

import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np

from cases.catalogue import Work, case
from cases.library import Library
from memory import settle_messages

SERVER = Path(__file__).with_name("stream_server.py")
PARTS = ("core", "export")
CLIENT_BYTES = 1 << 29


@case("15", "stream of 16 modules, 64 frames in a train", run="raw", bar=2, parts=PARTS)
def stream_frames(library: Library, folder: Path) -> Work:
    """All trains, from the start of the server to the last one at the client."""
    return _streamed(library, folder, "frames")


@case("15s", "stream of 2,000 trains of 100 slow sources", run="one-key", bar=None, parts=PARTS)
def stream_slow_data(library: Library, folder: Path) -> Work:
    """More than 500 trains in a second are required: 4 s for all."""
    return _streamed(library, folder, "slow")


def _streamed(library: Library, folder: Path, what: str) -> Work:
    from karabo_bridge import Client

    port = _free_port()
    command = [sys.executable, str(SERVER), library.name, str(folder), str(port), what]
    server = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    assert server.stdin is not None
    assert server.stdout is not None
    server.stdout.readline()
    settle_messages(CLIENT_BYTES)
    n_trains = len(library.open(folder).train_ids)
    begin = server.stdin

    def work() -> list[Any]:
        begin.write(b"begin\n")
        begin.flush()
        client = Client(f"tcp://127.0.0.1:{port}", timeout=60)
        try:
            return [_seen(*client.next()) for _ in range(n_trains)]
        finally:
            server.kill()
            server.wait()

    return work


def _seen(data: dict[str, Any], metadata: dict[str, Any]) -> list[Any]:
    """What tells that a train arrived whole, without taking long."""
    tid = next(iter(metadata.values()))["timestamp.tid"]
    values = [np.asarray(v) for source in data.values() for k, v in source.items() if "." in k]
    return [tid, len(data), sum(float(v.ravel()[-1]) for v in values if v.dtype.kind in "iuf")]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
