"""Delivery that can be trusted; each client has a time limit of its own."""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Callable
from pathlib import Path
from queue import Full
from typing import Any

import numpy as np
import pytest
import zmq

from euxfel.core import DataCollection, RunDirectory
from euxfel.export import (
    AddressError,
    ClientKeys,
    ServerKeys,
    StreamLostError,
    StreamTimeoutError,
    ZMQStreamer,
    new_keys,
    replay,
    serve_files,
    stream,
)
from euxfel.export.delivery import Delivery
from euxfel.export.message import LOST
from euxfel.fileaccess.testing import SimulatedRun, detector_modules, small_run

PAIRS = [("REP", "REQ"), ("PUB", "SUB"), ("PUSH", "PULL")]
LIMIT = 20.0


@pytest.fixture
def run(tmp_path: Path) -> DataCollection:
    return RunDirectory(small_run().write(tmp_path).path)


def same(found: Any, wanted: Any) -> bool:
    return type(found) is type(wanted) and np.array_equal(found, wanted)


@pytest.mark.parametrize(("server", "client"), PAIRS)
def test_stream_gives_what_the_run_gives(run: DataCollection, server: Any, client: Any) -> None:
    """Issue 8: the same train dictionaries, for files and for streams."""
    with replay(run, sock=server) as serving:
        found = list(stream(serving.endpoint, client, timeout=LIMIT))
        assert serving.wait(LIMIT)
    assert [tid for tid, _ in found] == run.train_ids
    for (_, train), (_, wanted) in zip(found, run.trains(), strict=True):
        assert {s: set(v) for s, v in train.items()} == {s: set(v) for s, v in wanted.items()}
        assert all(same(train[s][k], v) for s, values in wanted.items() for k, v in values.items())
    assert serving.report.sent == len(found)


def test_metadata_has_the_time_of_the_file(run: DataCollection) -> None:
    with replay(run) as serving, stream(serving.endpoint, timeout=LIMIT) as trains:
        tid, train = next(trains)
        meta = trains.metadata[next(iter(train))]
    time = int(run.train_timestamps()[0].astype(np.int64))
    assert meta["timestamp.tid"] == tid
    assert int(meta["timestamp.sec"] + meta["timestamp.frac"][:9]) == time
    assert meta["timestamp"] == pytest.approx(time / 1e9)


def test_trains_and_partial_trains_are_chosen(run: DataCollection) -> None:
    with replay(run, trains=np.s_[2:5], allow_partial=False, rate=1000) as serving:
        tids = [tid for tid, _ in stream(serving.endpoint, timeout=LIMIT)]
    complete = run.select("*", require_all=True).train_ids
    assert tids == [tid for tid in run.train_ids[2:5] if tid in complete]


def test_loop_begins_again(run: DataCollection) -> None:
    with replay(run, trains=np.s_[:2], loop=True) as serving:
        trains = stream(serving.endpoint, timeout=LIMIT)
        found = [next(trains)[0] for _ in range(5)]
    assert found == [*run.train_ids[:2], *run.train_ids[:2], run.train_ids[0]]


def _request(context: zmq.Context[Any], endpoint: str, kind: int, *parts: bytes) -> Any:
    client = context.socket(kind)
    client.linger = 0
    client.rcvtimeo = int(LIMIT * 1000)
    client.connect(endpoint)
    client.send_multipart(parts)
    return client


def test_train_of_a_client_that_has_gone_is_sent_again(run: DataCollection) -> None:
    """F5, client killed: unacknowledged trains are sent again."""
    with replay(run) as serving, zmq.Context() as context:
        dying = _request(context, serving.endpoint, zmq.REQ, b"next")
        dying.recv_multipart()
        dying.close()
        found = [tid for tid, _ in stream(serving.endpoint, timeout=LIMIT)]
        assert serving.wait(LIMIT)
    assert sorted(found) == run.train_ids
    assert serving.report.sent_again == run.train_ids[:1]
    assert not serving.report.unacknowledged


def test_train_that_kills_its_clients_is_listed(run: DataCollection) -> None:
    """F5: a train that makes each client fall over does not stop the stream."""
    with replay(run, resends=0) as serving, zmq.Context() as context:
        dying = _request(context, serving.endpoint, zmq.REQ, b"next")
        dying.recv_multipart()
        dying.close()
        found = [tid for tid, _ in stream(serving.endpoint, timeout=LIMIT)]
    assert found == run.train_ids[1:]
    assert serving.report.unacknowledged == run.train_ids[:1]


def test_garbage_costs_no_train(run: DataCollection) -> None:
    """F5: a thousand garbage requests are answered and counted."""
    with replay(run) as serving, zmq.Context() as context:
        client = _request(context, serving.endpoint, zmq.REQ, b"give me all")
        assert client.recv() == b"Error: bad request give me all"
        for i in range(999):
            client.send(b"garbage %d" % i)
            assert client.recv().startswith(b"Error: bad request")
        client.close()
        found = [tid for tid, _ in stream(serving.endpoint, timeout=LIMIT)]
    assert found == run.train_ids
    assert serving.report.bad_requests == 1000


def test_reports_of_losses_are_added_up_and_checked(run: DataCollection) -> None:
    """F5, PUB: each subscriber says what it missed in all; what makes no sense costs nothing."""
    reports = [(b"a", b"5"), (b"b", b"2"), (b"a", b"7"), (b"a", b"-1"), (b"a" * 99, b"1"), (b"c",)]
    with replay(run, sock="PUB") as serving, zmq.Context() as context:
        client = context.socket(zmq.XSUB)
        client.connect(serving.endpoint)
        for parts in reports:
            client.send_multipart([LOST, *parts])
        _eventually(lambda: serving.report.bad_requests == 3)
        assert serving.report.missed == 9
        client.close()
        assert str(serving.report).endswith("9 missed by subscribers, 3 bad requests")


@pytest.mark.parametrize("every", [2, 3])
def test_a_client_without_room_is_answered_later(
    run: DataCollection, monkeypatch: pytest.MonkeyPatch, every: int
) -> None:
    """ZeroMQ notes late that messages have left: then it says that a client has no room."""
    calls = itertools.count(1)
    send = Delivery._send

    def sometimes(self: Any, parts: Any) -> bool:
        return next(calls) % every == 0 and send(self, parts)

    monkeypatch.setattr(Delivery, "_send", sometimes)
    with replay(run) as serving, zmq.Context() as context:
        client = _request(context, serving.endpoint, zmq.REQ, b"garbage")
        assert client.recv() == b"Error: bad request garbage"
        client.close()
        found = [tid for tid, _ in stream(serving.endpoint, timeout=LIMIT)]
    assert found == run.train_ids
    assert serving.report.sent == serving.report.acknowledged == len(found)


def _eventually(so: Callable[[], bool]) -> None:
    until = time.monotonic() + LIMIT
    while not so() and time.monotonic() < until:
        time.sleep(0.01)
    assert so()


def test_fifty_clients_share_the_trains(run: DataCollection) -> None:
    """F5: 50 clients; each train goes to one of them."""
    found: list[int | None] = []
    # Slowly: the first clients could take all trains before the last ones are there.
    with replay(run, rate=10) as serving:
        clients = [
            threading.Thread(
                target=lambda: found.extend(t for t, _ in stream(serving.endpoint, timeout=LIMIT))
            )
            for _ in range(50)
        ]
        for client in clients:
            client.start()
        for client in clients:
            client.join(LIMIT)
    assert sorted(t for t in found if t is not None) == run.train_ids
    assert serving.report.acknowledged == len(run.train_ids)


def test_no_client_no_harm(run: DataCollection) -> None:
    """F5, client absent: the server ends, and lists what it did not send."""
    for sock in ("REP", "PUB", "PUSH"):
        with replay(run, sock=sock) as serving:  # type: ignore[arg-type]
            pass
        assert serving.report.sent == 0


def test_ctrl_c_while_it_starts_leaves_no_thread(run: DataCollection) -> None:
    """F5: it strikes while the server waits for its reading thread to be there."""
    serving = replay(run, loop=True)
    reader = serving._reader
    start = reader.start

    def interrupted() -> None:
        start()
        raise KeyboardInterrupt

    reader.start = interrupted  # type: ignore[method-assign]
    with pytest.raises(KeyboardInterrupt):
        serving.run()
    reader.join(LIMIT)
    assert not reader.is_alive()


def test_port_that_is_taken(run: DataCollection) -> None:
    """F5: port taken; two servers on two free ones."""
    with replay(run) as one, replay(run) as two:
        assert one.port != two.port
        with pytest.raises(AddressError, match=f"cannot bind to .*{one.port}.*Port 0"):
            replay(run, one.port or 0)


def test_ipc(run: DataCollection, tmp_path: Path) -> None:
    with replay(run, f"ipc://{tmp_path}/s") as serving:
        assert serving.port is None
        assert sum(1 for _ in stream(serving.endpoint, timeout=LIMIT)) == len(run.train_ids)


def test_bound_to_this_machine_only() -> None:
    """Stream row of reliability.md: loopback unless told otherwise."""
    with ZMQStreamer(0) as streamer:
        assert streamer.endpoint == f"tcp://127.0.0.1:{streamer.port}"


def test_feed_says_when_the_queue_is_full() -> None:
    """F5, client absent: memory is bounded by the queue."""
    with ZMQStreamer(0, maxlen=2) as streamer:
        for i in range(2):
            streamer.feed({"s": {"i": i}})
        with pytest.raises(Full):
            streamer.feed({"s": {"i": 2}}, block=False)
        with pytest.raises(Full):
            streamer.feed({"s": {"i": 2}}, timeout=0.01)
        assert len(streamer.stop().unsent) == 2


def test_client_does_not_wait_for_ever() -> None:
    with ZMQStreamer(0) as streamer:
        trains = stream(streamer.endpoint, timeout=0.05)
        with pytest.raises(StreamTimeoutError, match="Is the server running"):
            next(trains)


def test_server_that_goes_away_is_no_end() -> None:
    """Never silently wrong: a stream that breaks off does not look like one that ends."""
    with ZMQStreamer(0) as streamer, stream(streamer.endpoint, timeout=LIMIT) as trains:
        for i in range(2):
            streamer.feed({"s": {"i": i}})
        assert next(trains)[1]["s"]["i"] == 0
        streamer.stop()
        with pytest.raises(StreamLostError, match="after 1 trains"):
            next(trains)


def test_keys_let_in_who_is_meant() -> None:
    """Stream row of reliability.md: wrong keys get nothing."""
    server, stranger = new_keys(), new_keys()
    with ZMQStreamer(0, keys=ServerKeys(server.secret)) as streamer:
        streamer.feed({"s": {"i": 7}})
        for wrong, seconds in [(ClientKeys(stranger.public), 0.0), (None, 0.0), (None, 0.5)]:
            trains = stream(streamer.endpoint, timeout=0.2, keys=wrong)
            # Once the client was refused, ZeroMQ has nobody to send its request to.
            time.sleep(seconds)
            with pytest.raises(StreamTimeoutError):
                next(trains)
        right = ClientKeys(server.public)
        with stream(streamer.endpoint, timeout=LIMIT, keys=right) as trains:
            assert next(trains)[1]["s"]["i"] == 7


@pytest.mark.parametrize(("server", "client"), PAIRS)
def test_list_of_clients_lets_in_who_is_on_it(
    run: DataCollection, server: Any, client: Any
) -> None:
    """Wrong keys get nothing, nor does who knows the server's key but is not on its list."""
    own, friend, stranger = new_keys(), new_keys(), new_keys()
    with replay(run, sock=server, keys=ServerKeys(own.secret, [friend.public])) as serving:
        for wrong in (stranger, None):
            keys = ClientKeys(own.public, wrong)
            with pytest.raises(StreamTimeoutError):
                next(stream(serving.endpoint, client, timeout=0.2, keys=keys))
        keys = ClientKeys(own.public, friend)
        found = list(stream(serving.endpoint, client, timeout=5, keys=keys))
    assert [tid for tid, _ in found] == run.train_ids


def test_port_that_is_taken_with_a_list_of_clients() -> None:
    """F5, port taken: what decides about clients ends as well."""
    keys = ServerKeys(new_keys().secret, [])
    with ZMQStreamer(0) as streamer, pytest.raises(AddressError):
        ZMQStreamer(streamer.endpoint, keys=keys)
    assert not [t for t in threading.enumerate() if "uthenticat" in type(t).__name__]


def test_modules_are_merged_and_missing_ones_named(tmp_path: Path) -> None:
    """Issue 8: missing modules filled and said so; bad pixels in their mask."""
    parts = detector_modules(
        "SPB_DET_AGIPD1M-1", modules=(2, 3), module_shape=(6, 5), corrected=True
    )
    written = SimulatedRun(parts, range(10000, 10003)).write(tmp_path)
    run = RunDirectory(written.path)
    with replay(run, append_detector_modules=True) as serving:
        found = list(stream(serving.endpoint, timeout=LIMIT))
    assert [tid for tid, _ in found] == run.train_ids
    for tid, train in found:
        values = train["SPB_DET_AGIPD1M-1/DET/APPEND"]
        assert [i for i, there in enumerate(values["modulesPresent"]) if there] == [2, 3]
        for module in (2, 3):
            source = next(s for s in run.all_sources if f"/{module}CH" in s)
            wanted = written.expected(source, "image.data", [tid])
            np.testing.assert_array_equal(values["image.data"][:, module], wanted)
        assert np.isnan(values["image.data"][:, 0].astype("f8")).all()
        assert (values["image.mask"][:, 0] == np.iinfo(values["image.mask"].dtype).max).all()


def test_serve_files_sends_what_matches(tmp_path: Path) -> None:
    folder = small_run().write(tmp_path).path
    source = sorted(RunDirectory(folder).all_sources)[0]
    found: list[Any] = []

    def receive(serving: Any) -> None:
        def work() -> None:
            found.extend(stream(serving.endpoint, timeout=LIMIT))

        threading.Thread(target=work).start()

    report = serve_files(folder, 0, source_glob=source, on_start=receive)
    assert report.sent == report.acknowledged == len(found)
    assert {s for _, train in found for s in train} == {source}
