"""A server: a bound socket, a queue of trains for it, and a loop that brings them to clients."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Literal

import zmq

from . import addresses, curve
from .answering import Answering
from .counts import StreamReport
from .delivery import Delivery
from .publishing import Publishing
from .pushing import Pushing
from .queue import TrainQueue

Sock = Literal["REP", "PUB", "PUSH"]

# How often the end of patience is looked at while nothing happens.
_STEP = 0.25


@dataclass(frozen=True)
class Options:
    """How a server delivers.

    Attributes
    ----------
    sock : str
        ``"REP"``, ``"PUB"`` or ``"PUSH"``.
    maxlen : int
        Most trains that wait to be sent.
    max_bytes : int, optional
        Most bytes that wait to be sent.
    keys : ServerKeys, optional
        Keys, if not everyone who can connect may have the data.
    patience : float
        Seconds to wait, after the last train, for clients that received it to say so or for
        buffers to empty.
    slow_subscriber : float
        Seconds to wait for a subscriber that has no room, before it misses a train (PUB).
    resends : int
        How often a train is sent again whose client has gone (REP).
    wait_for_client : bool
        True to keep trains until somebody has subscribed (PUB).
    """

    sock: Sock = "REP"
    maxlen: int = 10
    max_bytes: int | None = None
    keys: curve.ServerKeys | None = None
    patience: float = 5.0
    slow_subscriber: float = 0.0
    resends: int = 1
    wait_for_client: bool = False


class Server:
    """Brings the trains of its queue to clients.

    Parameters
    ----------
    endpoint : str
        ZeroMQ endpoint to bind to.
    options : Options
        How to deliver.

    Raises
    ------
    AddressError
        The endpoint cannot be bound to.
    ValueError
        There is no such type of socket.
    """

    def __init__(self, endpoint: str, options: Options) -> None:
        self.report = StreamReport()
        self.queue = TrainQueue(options.maxlen, options.max_bytes)
        self._options = options
        self._stopped = threading.Event()
        self._closed = False
        self._context = zmq.Context()
        self._guard: curve.Guard | None = None
        try:
            self._delivery = self._make_delivery()
            self._guard = curve.lock_server(self._delivery.socket, options.keys)
            self.endpoint = addresses.bind(self._delivery.socket, endpoint)
        except BaseException:
            self.queue.close()
            self._dismiss_guard()
            self._context.destroy(linger=0)
            raise

    def _make_delivery(self) -> Delivery:
        options, context, queue = self._options, self._context, self.queue
        match options.sock:
            case "REP":
                return Answering(context, queue, self.report, options.patience, options.resends)
            case "PUB":
                how = (options.slow_subscriber, options.wait_for_client)
                return Publishing(context, queue, self.report, *how)
            case "PUSH":
                return Pushing(context, queue, self.report)
        raise ValueError(f"no socket of type {options.sock!r}: choose REP, PUB or PUSH")

    def run(self) -> StreamReport:
        """Deliver until the queue has ended and nothing is left to do, or until `stop`."""
        linger = 0.0
        try:
            while not self._stopped.is_set() and not self._delivery.finished:
                self._delivery.step(_STEP)
            if not self._stopped.is_set():
                linger = self._options.patience
        finally:
            self.close(linger)
        return self.report

    def stop(self) -> None:
        """Let `run`, in another thread, come to an end at once."""
        self._stopped.set()
        self.queue.end()

    def close(self, linger: float = 0.0) -> None:
        """Free the address, once. What waits is listed as unsent."""
        if self._closed:
            return
        self._closed = True
        self._stopped.set()
        self.queue.end()
        self._delivery.give_up()
        self._delivery.close(linger)
        self._dismiss_guard()
        self._context.term()
        self.queue.close()

    def _dismiss_guard(self) -> None:
        if self._guard is not None:
            self._guard.end()
