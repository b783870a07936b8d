"""F5: Ctrl-C, clients that die or do not keep up, thousands of trains. Every wait has a limit."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import numpy as np
import pytest

from euxfel.core import DataCollection, RunDirectory
from euxfel.export import Stream, StreamLostError, StreamTimeoutError, ZMQStreamer, replay, stream
from euxfel.fileaccess.testing import SimulatedRun, camera, small_run

LIMIT = 20.0
CLIENT = """
import sys
from euxfel.export import stream
for tid, _ in stream(sys.argv[1], sys.argv[2], timeout=20):
    print(tid, flush=True)
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return small_run().write(tmp_path).path


@contextmanager
def command(*words: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A server in a process of its own, and its address."""
    program = [sys.executable, "-m", "euxfel.cli", *words]
    with subprocess.Popen(program, stdout=-1, stderr=-1, text=True) as server:
        assert server.stdout is not None
        try:
            yield server, server.stdout.readline().removeprefix("Streamer started on: ").strip()
        finally:
            server.kill()


@contextmanager
def client_process(endpoint: str, sock: str = "REQ") -> Iterator[subprocess.Popen[str]]:
    program = [sys.executable, "-c", CLIENT, endpoint, sock]
    with subprocess.Popen(program, stdout=-1, text=True) as client:
        try:
            yield client
        finally:
            client.kill()


@pytest.mark.parametrize("sock", ["REP", "PUB", "PUSH"])
@pytest.mark.parametrize("n_clients", [0, 2])
def test_ctrl_c_ends_a_server_at_once(folder: Path, sock: str, n_clients: int) -> None:
    """F5: exit code 130, no traceback, with clients and without."""
    words = ["serve-files", str(folder), "0", "--loop", "--rate", "50", "--socket-type", sock]
    with command(*words) as (server, endpoint):
        kind = {"REP": "REQ", "PUB": "SUB", "PUSH": "PULL"}[sock]
        streams = [stream(endpoint, kind, timeout=LIMIT) for _ in range(n_clients)]
        for trains in streams:
            next(trains)
        server.send_signal(signal.SIGINT)
        _, said = server.communicate(timeout=LIMIT)
        for trains in streams:
            trains.close()
    assert server.returncode == 130
    assert "Traceback" not in said


def test_trains_of_a_client_that_was_killed_reach_another(folder: Path) -> None:
    """F5, mid-message: trains of 40 MB are on their way when their client is killed."""
    with ZMQStreamer(0, maxlen=2) as streamer:
        frames = np.ones(40 << 20, "u1")
        with client_process(streamer.endpoint) as client:
            streamer.feed({"cam": {"metadata": {"timestamp.tid": 0}, "image": frames}})
            assert client.stdout is not None
            assert client.stdout.readline() == "0\n"
            # It has asked for the next one: that is sent, and it dies while it comes.
            streamer.feed({"cam": {"metadata": {"timestamp.tid": 1}, "image": frames}})
            time.sleep(0.005)
            client.send_signal(signal.SIGKILL)
        streamer.feed({"cam": {"metadata": {"timestamp.tid": 2}, "image": frames}})
        with stream(streamer.endpoint, timeout=LIMIT) as trains:
            found = sorted(next(trains)[0] or 0 for _ in range(2))
    assert found == [1, 2]
    assert streamer.report.sent_again == [1]


@pytest.mark.parametrize("sock", ["PUB", "PUSH"])
def test_a_killed_client_harms_nobody_else(folder: Path, sock: str) -> None:
    kind = {"PUB": "SUB", "PUSH": "PULL"}[sock]
    with replay(RunDirectory(folder), sock=sock, rate=100, loop=True) as server:
        with client_process(server.endpoint, kind) as client:
            assert client.stdout is not None
            assert client.stdout.readline()
            client.send_signal(signal.SIGKILL)
        with stream(server.endpoint, kind, timeout=LIMIT) as trains:
            assert len([next(trains) for _ in range(30)]) == 30


def large_trains(folder: Path) -> DataCollection:
    """Two hundred trains, of which the buffers of the system hold a few."""
    sources = {"DA01": camera("SPB_IRU_CAM/CAM/SIDEMIC", shape=(1024, 512))}
    return RunDirectory(SimulatedRun(sources, range(10000, 10200)).write(folder).path)


def test_a_slow_subscriber_tells_the_server_what_it_missed(tmp_path: Path) -> None:
    """F5: the losses are the same number on both sides."""
    with (
        replay(large_trains(tmp_path), sock="PUB", rate=400, loop=True) as server,
        stream(server.endpoint, "SUB", timeout=LIMIT) as trains,
    ):
        while not trains.lost:
            next(trains)
            time.sleep(0.1)
        until = time.monotonic() + LIMIT
        while server.report.missed != trains.lost and time.monotonic() < until:
            next(trains)
        assert server.report.missed == trains.lost > 0


def test_what_a_slow_subscriber_misses_is_counted_on_both_sides(tmp_path: Path) -> None:
    """F5: a subscriber that sleeps misses trains; both sides say how many."""
    run = large_trains(tmp_path)
    with (
        replay(run, sock="PUB", rate=400) as server,
        stream(server.endpoint, "SUB", timeout=3) as trains,
    ):
        next(trains)
        # Long enough for all buffers of the system to be full, and for trains to be missed.
        time.sleep(0.3)
        # The last train may be one of them: then nothing says that the data ends.
        with suppress(StreamTimeoutError, StreamLostError):
            for _ in trains:
                pass
        assert server.wait(LIMIT)
    # The client counts each; the server notes those at which it finds a subscriber behind. Those
    # after the last one that came can only be known to the server.
    unseen = 200 - trains.received - trains.lost
    assert trains.lost
    assert 0 < len(server.report.lost) <= trains.lost + unseen


def test_ten_thousand_trains_take_no_more_memory_than_one_thousand(folder: Path) -> None:
    """F5."""
    words = ["serve-files", str(folder), "0", "--loop", "--key", "pulseEnergy*"]
    with command(*words) as (server, endpoint), stream(endpoint, timeout=LIMIT) as trains:
        taken = [_memory_after(1000, trains, server), _memory_after(9000, trains, server)]
    assert taken[1] - taken[0] < 5_000_000


def _memory_after(n_trains: int, trains: Stream, server: subprocess.Popen[str]) -> int:
    for _ in range(n_trains):
        next(trains)
    pages = Path(f"/proc/{server.pid}/statm").read_text().split()[1]
    return int(pages) * os.sysconf("SC_PAGE_SIZE")
