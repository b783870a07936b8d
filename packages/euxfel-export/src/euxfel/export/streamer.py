"""Sending what a program of your own makes, train by train."""

from __future__ import annotations

import threading
from types import TracebackType
from typing import Any, Self

from . import addresses
from .counts import StreamReport
from .curve import ServerKeys
from .encoding import encode
from .message import Place, TrainData, Version
from .server import Options, Server, Sock


class ZMQStreamer:
    """Sends the trains that it is fed with, from a thread of its own.

    Parameters
    ----------
    port : int or str
        TCP port, 0 for any free one; or a ZeroMQ endpoint such as ``"tcp://*:4545"``.
    sock : str
        ``"REP"`` (a train for each request), ``"PUB"`` (all trains to all) or ``"PUSH"`` (each
        train to one client).
    maxlen : int
        Most trains that wait to be sent.
    protocol_version : str
        ``"2.2"`` or ``"1.0"``.
    dummy_timestamps : bool
        True to give sources without a time the present one.
    bind : str, optional
        Address to bind a port to, ``"*"`` for all; by default only this machine can connect.
    use_infiniband : bool
        True for the address of the Infiniband interface.
    keys : ServerKeys, optional
        Keys, if not everyone who can connect may have the data.
    resends : int
        How often a train is sent again whose client has gone before it asked for another (REP).

    Raises
    ------
    AddressError
        The address cannot be bound to, for instance because the port is taken.

    Examples
    --------
    >>> from euxfel.export import ZMQStreamer, stream
    >>> with ZMQStreamer(0) as streamer:
    ...     streamer.feed({"motor": {"position": 2.5}})
    ...     tid, data = next(iter(stream(streamer.endpoint)))
    >>> data
    {'motor': {'position': 2.5, 'metadata': {}}}
    """

    def __init__(
        self,
        port: int | str,
        sock: Sock = "REP",
        maxlen: int = 10,
        protocol_version: Version = "2.2",
        dummy_timestamps: bool = False,
        *,
        bind: str | None = None,
        use_infiniband: bool = False,
        keys: ServerKeys | None = None,
        resends: int = 1,
    ) -> None:
        encode({}, version=protocol_version)
        endpoint = addresses.endpoint_of(port, bind, use_infiniband)
        self._server = Server(endpoint, Options(sock, maxlen, keys=keys, resends=resends))
        self._version: Version = protocol_version
        self._dummy_timestamps = dummy_timestamps
        self._n_fed = 0
        self._feeding = threading.Lock()
        # A program that forgets to stop must come to its end all the same.
        self._thread = threading.Thread(target=self._server.run, name="euxfel-stream", daemon=True)

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

    def feed(
        self,
        data: TrainData,
        metadata: TrainData | None = None,
        block: bool = True,
        timeout: float | None = None,
    ) -> None:
        """Put a train into the queue.

        Parameters
        ----------
        data : dict
            Values by source and key. Arrays are sent from where they are: do not change them.
        metadata : dict, optional
            Metadata by source; by default the entry ``metadata`` of each source.
        block : bool
            True to wait for room in the queue.
        timeout : float, optional
            Seconds to wait at most.

        Raises
        ------
        queue.Full
            There was no room, in time or at once.
        NotStreamableError
            A value has no form in the protocol.
        """
        # Numbers without gaps, in the order of the queue, also with several threads that feed.
        with self._feeding:
            with self._server.queue.turn:
                message = encode(
                    data,
                    metadata,
                    self._version,
                    dummy_timestamps=self._dummy_timestamps,
                    place=Place(self._n_fed),
                )
            if self._server.queue.put(message, block, timeout):
                self._n_fed += 1

    def start(self) -> None:
        """Begin to send."""
        self._thread.start()

    def stop(self, wait: float = 0.0) -> StreamReport:
        """End, and free the address.

        Parameters
        ----------
        wait : float
            Seconds that clients have to take the trains that wait; none by default.

        Returns
        -------
        StreamReport
            Lists what was not sent.
        """
        if self._thread.ident is None:
            self._server.close()
            return self.report
        if wait:
            self._server.queue.end()
            self._thread.join(wait)
        self._server.stop()
        self._thread.join()
        return self.report

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        where: TracebackType | None,
    ) -> Any:
        self.stop()
