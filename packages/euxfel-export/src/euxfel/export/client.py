"""Receiving trains: from our servers, from the live Karabo bridge, from EXtra-data's."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import suppress
from types import TracebackType
from typing import Any, Literal, Self

import zmq
from zmq.utils.monitor import recv_monitor_message

from euxfel.core.train_values import KeyedValues

from .curve import ClientKeys, lock_client
from .decoding import decode
from .errors import AddressError, BadMessageError, StreamLostError, StreamTimeoutError
from .limits import DEFAULT_LIMITS, Limits
from .message import BAD_REQUEST, END, LOST, OURS, REQUEST, Part, Train

ClientSock = Literal["REQ", "SUB", "PULL"]
DEFAULT_TIMEOUT = 60.0

# To a server with PUB it is a SUB socket, but it can say what it missed.
_TYPES = {"REQ": zmq.REQ, "SUB": zmq.XSUB, "PULL": zmq.PULL}
_SUBSCRIBE_TO_ALL = b"\x01"
# Reports of losses that may wait to be sent.
_REPORTS = 100
_REFUSED = (
    zmq.EVENT_HANDSHAKE_FAILED_AUTH
    | zmq.EVENT_HANDSHAKE_FAILED_PROTOCOL
    | zmq.EVENT_HANDSHAKE_FAILED_NO_DETAIL
)


def stream(
    endpoint: str,
    sock: ClientSock = "REQ",
    *,
    timeout: float | None = DEFAULT_TIMEOUT,
    keys: ClientKeys | None = None,
    limits: Limits = DEFAULT_LIMITS,
) -> Stream:
    """Go through trains as they come: ``for tid, data in stream("tcp://...")``.

    The dictionaries are those of `DataCollection.trains`: analysis is written once, for files,
    replayed runs and the live bridge.

    Parameters
    ----------
    endpoint : str
        Address of the server, such as ``"tcp://127.0.0.1:4545"``.
    sock : str
        ``"REQ"`` for a server with REP, ``"SUB"`` for PUB, ``"PULL"`` for PUSH.
    timeout : float or None
        Seconds to wait for a train; None to wait for ever.
    keys : ClientKeys, optional
        Keys, if the server has some.
    limits : Limits
        How large a message may be.

    Returns
    -------
    Stream
        To iterate over. The loop ends when the server says that its data ends.

    Raises
    ------
    AddressError
        No such address can be.

    Examples
    --------
    >>> from euxfel.core import RunDirectory
    >>> from euxfel.export import replay, stream
    >>> from euxfel.fileaccess.testing import small_run
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     run = RunDirectory(small_run().write(folder).path)
    ...     with replay(run, port=0) as server:
    ...         print(sum(1 for tid, data in stream(server.endpoint)) == len(run.train_ids))
    True
    """
    return Stream(endpoint, sock, timeout, keys, limits)


class Stream:
    """Trains as they come: made by `stream`, also usable in ``with``.

    Attributes
    ----------
    metadata : dict
        Metadata of the present train by source, with its time.
    received : int
        Trains so far.
    lost : int
        Trains that were sent and did not come (SUB, from servers that number their trains).
    """

    def __init__(
        self,
        endpoint: str,
        sock: ClientSock,
        timeout: float | None,
        keys: ClientKeys | None,
        limits: Limits,
    ) -> None:
        if sock not in _TYPES:
            raise ValueError(f"no socket of type {sock!r}: choose REQ, SUB or PULL")
        self.endpoint = endpoint
        self.metadata: dict[str, dict[str, Any]] = {}
        self.received = 0
        self.lost = 0
        self._sock = sock
        self._timeout = timeout
        self._limits = limits
        self._is_numbered = self._saw_last = self._is_asking = self._is_refused = False
        self._expected: int | None = None
        self._name = os.urandom(16)
        self._context = zmq.Context()
        self._socket: zmq.Socket[Any] = self._context.socket(_TYPES[sock])
        self._connect(keys)

    def _connect(self, keys: ClientKeys | None) -> None:
        self._socket.linger = 0
        self._socket.set_hwm(1)
        self._socket.maxmsgsize = self._limits.n_bytes
        if self._sock == "SUB":
            self._socket.sndhwm = _REPORTS
        elif self._sock == "REQ":
            # By it our server knows that it can tell us about the end.
            self._socket.routing_id = OURS + self._name
        try:
            lock_client(self._socket, keys)
            self._monitor = self._socket.get_monitor_socket(zmq.EVENT_DISCONNECTED | _REFUSED)
            self._socket.connect(self.endpoint)
            if self._sock == "SUB":
                self._socket.send(_SUBSCRIBE_TO_ALL)
        except (zmq.ZMQError, ValueError) as error:
            self._context.destroy(linger=0)
            raise AddressError(f"cannot connect to {self.endpoint}: {error}") from error

    def __iter__(self) -> Iterator[tuple[int | None, dict[str, Any]]]:
        return self

    def __next__(self) -> tuple[int | None, dict[str, Any]]:
        # With REQ others may follow the last one: trains of clients that have gone.
        has_ended = self._saw_last and self._sock != "REQ"
        parts = None if has_ended else self._next_parts()
        if parts is None:
            self.close()
            raise StopIteration
        train = decode(parts)
        self._note(train)
        return train.train_id, {s: self._values(s, v) for s, v in train.data.items()}

    def _next_parts(self) -> list[Part] | None:
        """Give the parts of a message; None at the end."""
        if self._socket.closed:
            return None
        until = None if self._timeout is None else time.monotonic() + self._timeout
        while self._sock == "REQ" and not self._is_asking:
            # Without a connection, as after keys were refused, there is nobody to ask.
            if not self._wait(zmq.POLLOUT, until):
                return None
            # The connection can end at any moment, also just before this.
            with suppress(zmq.Again):
                self._socket.send(REQUEST, zmq.DONTWAIT)
                self._is_asking = True
        if not self._wait(zmq.POLLIN, until):
            return None
        parts = self._receive()
        self._is_asking = False
        if len(parts) == 1 and bytes(parts[0]) == END:
            return None
        if bytes(parts[0][: len(BAD_REQUEST)]) == BAD_REQUEST:
            raise BadMessageError(f"{self.endpoint} refused the request for a train")
        return parts

    def _wait(self, event: int, until: float | None) -> bool:
        """Wait for a message, or for room; False if the server has gone and that means the end."""
        poller = zmq.Poller()
        poller.register(self._socket, event)
        poller.register(self._monitor, zmq.POLLIN)
        while True:
            left = None if until is None else int(max(until - time.monotonic(), 0) * 1000)
            found = dict(poller.poll(left))
            if self._socket in found:
                return True
            if not found:
                raise StreamTimeoutError(self._too_late())
            if self._has_gone() and not self._socket.poll(0):
                return self._gone()

    def _has_gone(self) -> bool:
        event = recv_monitor_message(self._monitor)["event"]
        if event & _REFUSED:
            self._is_refused = True
        # Before the first train a server may start again, or not be ready yet.
        return event == zmq.EVENT_DISCONNECTED and self.received > 0

    def _gone(self) -> bool:
        # Servers that do not number their trains do not say either that they end; and with PUSH
        # the last train may have gone to another client.
        if self._is_numbered and self._sock != "PULL" and not self._saw_last:
            self.close()
            raise StreamLostError(
                f"{self.endpoint} went away before it said that its data ends, after "
                f"{self.received} trains"
            )
        return False

    def _too_late(self) -> str:
        why = "; it refused the keys of this client" if self._is_refused else ""
        return (
            f"no train from {self.endpoint} within {self._timeout:g} s{why}. Is the server "
            "running, and its type of socket the counterpart of "
            f"{self._sock}? timeout= waits longer, None for ever"
        )

    def _receive(self) -> list[Part]:
        parts: list[Part] = []
        n_bytes = 0
        while True:
            frame = self._socket.recv(copy=False)
            n_bytes += len(frame)
            if n_bytes > self._limits.n_bytes or len(parts) >= self._limits.n_parts:
                self.close()
                raise BadMessageError(
                    f"a message of {self.endpoint} is larger than {self._limits}; give limits= "
                    "if that is right"
                )
            parts.append(frame.buffer)
            if not frame.more:
                return parts

    def _note(self, train: Train) -> None:
        self.received += 1
        self.metadata = train.metadata
        if train.place is None:
            return
        self._is_numbered = True
        if self._sock == "SUB":
            number = train.place.sequence
            missed = number - (number if self._expected is None else self._expected)
            self._expected = number + 1
            if missed > 0:
                self.lost += missed
                self._socket.send_multipart([LOST, self._name, b"%d" % self.lost])
        self._saw_last = self._saw_last or train.place.last

    def _values(self, source: str, values: dict[str, Any]) -> KeyedValues:
        # The live bridge gives metadata beside the data, files give it as part of the data.
        found = KeyedValues(values)
        found.setdefault("metadata", self.metadata.get(source, {}))
        return found

    def close(self) -> None:
        """End the connection."""
        if not self._socket.closed:
            self._socket.disable_monitor()
            self._monitor.close(linger=0)
            self._socket.close(linger=0)
            self._context.term()

    def __del__(self) -> None:
        # A loop that is left with `break` leaves the connection to its garbage.
        if hasattr(self, "_monitor"):
            self.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        where: TracebackType | None,
    ) -> None:
        self.close()
