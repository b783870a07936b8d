"""Recorded runs as a live stream: until the end, or beside other work."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator
from types import TracebackType
from typing import Any, Self

from euxfel.core import DataCollection, H5File, RunDirectory

from . import addresses
from .counts import StreamReport
from .curve import ServerKeys
from .encoding import encode
from .message import Place, Version
from .server import Options, Server, Sock
from .source import TrainToSend, trains_of

# Read ahead at most: ten trains of a large detector would be ten gigabytes.
_AHEAD_BYTES = 512 * 2**20
# A subscriber that takes nothing for so long is not waited for.
_SLOWEST_SUBSCRIBER = 5.0


class Replay:
    """A run being sent. Made by `replay`; use it in ``with``, or call `run`.

    Attributes
    ----------
    endpoint : str
        The address for clients.
    report : StreamReport
        What became of the trains so far.
    """

    def __init__(self, trains: Callable[[], Iterator[TrainToSend]], server: Server, **how: Any):
        self._trains = trains
        self._server = server
        self._how = how
        self._stopping = threading.Event()
        self._error: BaseException | None = None
        self._reader = threading.Thread(target=self._read, name="euxfel-replay-read")
        self._sender = threading.Thread(target=self._server.run, name="euxfel-replay-send")

    @property
    def endpoint(self) -> str:
        """The address for clients."""
        return self._server.endpoint

    @property
    def port(self) -> int | None:
        """The TCP port; None for other transports."""
        return addresses.port_of(self.endpoint)

    @property
    def report(self) -> StreamReport:
        """What became of the trains so far."""
        return self._server.report

    def run(self) -> StreamReport:
        """Send all trains, in this thread; Ctrl-C ends it.

        Returns
        -------
        StreamReport
            What became of the trains.
        """
        try:
            # Ctrl-C may come while this waits for the thread to start.
            self._reader.start()
            self._server.run()
        finally:
            self.stop()
        self._raise_error()
        return self.report

    def stop(self) -> StreamReport:
        """End at once, and free the address."""
        self._server.stop()
        if self._sender.ident is None:
            self._server.close()
        else:
            self._sender.join()
        self._end_reading()
        return self.report

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until all trains were delivered; False if that takes longer than ``timeout``."""
        self._sender.join(timeout)
        if self._sender.is_alive():
            return False
        self._end_reading()
        self._raise_error()
        return True

    def __enter__(self) -> Self:
        self._reader.start()
        self._sender.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        where: TracebackType | None,
    ) -> None:
        self.stop()
        if error is None:
            self._raise_error()

    def _end_reading(self) -> None:
        self._stopping.set()
        if self._reader.ident is not None:
            self._reader.join()

    def _raise_error(self) -> None:
        if self._error is not None:
            error, self._error = self._error, None
            raise error

    def _read(self) -> None:
        """Put encoded trains into the queue; this runs in a thread of its own."""
        try:
            self._put_trains(**self._how)
        # Whatever it is: it is raised in the thread of whoever sends.
        except BaseException as error:  # noqa: BLE001
            self._error = error
        finally:
            self._server.queue.end()

    def _put_trains(
        self, rate: float | None, loop: bool, version: Version, dummy_timestamps: bool
    ) -> None:
        due = time.monotonic()
        for number, (train, is_last) in enumerate(self._with_last(loop)):
            with self._server.queue.turn:
                message = encode(
                    train.data,
                    train.metadata,
                    version,
                    dummy_timestamps=dummy_timestamps,
                    place=Place(number, is_last),
                )
            if rate and self._stopping.wait(max(due - time.monotonic(), 0)):
                return
            due = max(due + 1 / rate, time.monotonic()) if rate else due
            if not self._server.queue.put(message):
                return

    def _with_last(self, loop: bool) -> Iterator[tuple[TrainToSend, bool]]:
        """Go through the trains, with whether each is the last one."""
        trains = self._repeated() if loop else self._trains()
        previous = next(trains, None)
        for train in trains:
            assert previous is not None
            yield previous, False
            previous = train
        if previous is not None:
            yield previous, True

    def _repeated(self) -> Iterator[TrainToSend]:
        while True:
            trains = self._trains()
            first = next(trains, None)
            if first is None:
                return
            yield first
            yield from trains


def replay(
    data: DataCollection,
    port: int | str = 0,
    *,
    append_detector_modules: bool = False,
    dummy_timestamps: bool = False,
    use_infiniband: bool = False,
    sock: Sock = "REP",
    trains: Any = None,
    allow_partial: bool = True,
    rate: float | None = None,
    loop: bool = False,
    bind: str | None = None,
    keys: ServerKeys | None = None,
    maxlen: int = 10,
    protocol_version: Version = "2.2",
    patience: float = 5.0,
    resends: int = 1,
) -> Replay:
    """Give a run that is sent while other work goes on: ``with replay(run) as server``.

    Parameters
    ----------
    data : DataCollection
        What to send.
    port : int or str
        TCP port, 0 for any free one; or a ZeroMQ endpoint such as ``"tcp://*:4545"`` or
        ``"ipc:///tmp/trains"``.
    append_detector_modules : bool
        True to send the modules of each detector as one source, ``<detector>/DET/APPEND``. Missing
        modules are filled (NaN, or 0; bad pixels in the mask) and ``modulesPresent`` tells them.
    dummy_timestamps : bool
        True to give the present time to trains whose time the files do not tell.
    use_infiniband : bool
        True to bind a port to the address of the Infiniband interface.
    sock : str
        ``"REP"`` (a train for each request), ``"PUB"`` (all trains to all) or ``"PUSH"`` (each
        train to one client).
    trains : train selection, optional
        Which trains, in the forms that `DataCollection.select_trains` takes.
    allow_partial : bool
        False to send only trains for which all selected keys have data.
    rate : float, optional
        Trains per second at most, such as 10 for the facility's rate; by default as fast as
        clients take them. With a rate, subscribers that are too slow miss trains (PUB).
    loop : bool
        True to begin again after the last train, until stopped.
    bind : str, optional
        Address to bind a port to, ``"*"`` for all; by default only this machine can connect.
    keys : ServerKeys, optional
        Keys, if not everyone who can connect may have the data.
    maxlen : int
        Most trains to read ahead; fewer if they are large.
    protocol_version : str
        ``"2.2"`` or ``"1.0"``.
    patience : float
        Seconds to wait, after the last train, for clients that received it to say so.
    resends : int
        How often a train is sent again whose client has gone before it asked for another (REP).

    Raises
    ------
    AddressError
        The address cannot be bound to, for instance because the port is taken.
    """
    if rate is not None and not rate > 0:
        raise ValueError(f"rate is in trains per second: {rate} is none")
    encode({}, version=protocol_version)
    chosen = data if trains is None else data.select_trains(trains)
    if not allow_partial:
        chosen = chosen.select("*", require_all=True)
    options = Options(
        sock,
        maxlen,
        max_bytes=_AHEAD_BYTES,
        keys=keys,
        patience=patience,
        slow_subscriber=0.0 if rate else _SLOWEST_SUBSCRIBER,
        resends=resends,
        wait_for_client=True,
    )
    server = Server(addresses.endpoint_of(port, bind, use_infiniband), options)
    return Replay(
        lambda: trains_of(chosen, append_detector_modules),
        server,
        rate=rate,
        loop=loop,
        version=protocol_version,
        dummy_timestamps=dummy_timestamps,
    )


def serve_data(
    data: DataCollection,
    port: int | str,
    append_detector_modules: bool = False,
    dummy_timestamps: bool = False,
    use_infiniband: bool = False,
    sock: Sock = "REP",
    *,
    on_start: Callable[[Replay], object] | None = None,
    **options: Any,
) -> StreamReport:
    """Send a run to clients of the Karabo bridge, until all trains are delivered.

    Parameters
    ----------
    data : DataCollection
        What to send.
    port, append_detector_modules, dummy_timestamps, use_infiniband, sock
        As for `replay`.
    on_start : callable, optional
        Called when clients can connect, with an object that has ``endpoint`` and ``report``.
    **options
        Further options of `replay`: ``trains``, ``allow_partial``, ``rate``, ``loop``, ``bind``,
        ``keys``, ``maxlen``, ``protocol_version``, ``patience``, ``resends``.

    Returns
    -------
    StreamReport
        What became of the trains.

    Raises
    ------
    AddressError
        The address cannot be bound to, for instance because the port is taken.
    """
    server = replay(
        data,
        port,
        append_detector_modules=append_detector_modules,
        dummy_timestamps=dummy_timestamps,
        use_infiniband=use_infiniband,
        sock=sock,
        **options,
    )
    try:
        if on_start is not None:
            on_start(server)
        return server.run()
    finally:
        server.stop()


def serve_files(
    path: str | os.PathLike[str],
    port: int | str,
    source_glob: Any = "*",
    key_glob: str = "*",
    **options: Any,
) -> StreamReport:
    """Send the data of a file, or of a folder of files, to clients of the Karabo bridge.

    Parameters
    ----------
    path : str or path
        A file or a folder.
    port : int or str
        As for `replay`.
    source_glob, key_glob : str
        Only matching sources and keys are sent: the fewer, the faster.
    **options
        As for `serve_data`.

    Returns
    -------
    StreamReport
        What became of the trains.
    """
    opened = RunDirectory if os.path.isdir(path) else H5File
    with opened(os.fspath(path)) as data:
        return serve_data(data.select(source_glob, key_glob), port, **options)
