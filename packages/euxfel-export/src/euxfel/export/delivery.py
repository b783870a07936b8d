"""What the ways of delivery (REP, PUB, PUSH) share: a socket, a queue, a report."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any

import zmq

from .counts import StreamReport
from .message import Part
from .queue import TrainQueue

# Requests are four bytes. Whoever sends more than this is disconnected before it takes memory.
LONGEST_REQUEST = 1024
# Trains that ZeroMQ holds for each client, beside those of the queue.
_HWM = 1
# Requests that it holds for each. With room for one, no answer about keys ever reaches the socket.
_REQUESTS = 100


class Delivery(ABC):
    """Brings the messages of a queue to clients. Used by one thread.

    Parameters
    ----------
    context : zmq.Context
        Where sockets are made.
    queue : TrainQueue
        The messages.
    report : StreamReport
        What is counted.
    """

    socket_type: zmq.SocketType

    def __init__(self, context: zmq.Context[Any], queue: TrainQueue, report: StreamReport) -> None:
        self.queue = queue
        self.report = report
        self.socket: zmq.Socket[Any] = context.socket(self.socket_type)
        # How long unsent messages keep a closed socket is decided when it is closed.
        self.socket.linger = 0
        self.socket.sndhwm = _HWM
        self.socket.rcvhwm = _REQUESTS
        self.socket.maxmsgsize = LONGEST_REQUEST

    @abstractmethod
    def step(self, wait: float) -> None:
        """Wait this many seconds at most for something to do, and do it."""

    @property
    @abstractmethod
    def finished(self) -> bool:
        """Whether everything was brought."""

    def give_up(self) -> None:
        """Note what will not be delivered any more."""
        while (message := self.queue.take()) is not None:
            self.report.unsent.append(message.train_id)

    def close(self, linger: float) -> None:
        """Close the socket; what it still holds is sent for this many seconds."""
        self.socket.close(linger=int(linger * 1000))

    def _send(self, parts: Sequence[Part]) -> bool:
        """Send a message without waiting; large parts are not copied. False if there is no room."""
        to, flags = self.socket, zmq.DONTWAIT
        try:
            with self.queue.turn:
                for part in parts[:-1]:
                    to.send(part, flags | zmq.SNDMORE, copy=len(part) < to.copy_threshold)
                to.send(parts[-1], flags, copy=len(parts[-1]) < to.copy_threshold)
        except zmq.Again:
            return False
        return True

    def _polled(self, wait: float, *also: tuple[Any, int]) -> dict[Any, int]:
        poller = zmq.Poller()
        poller.register(self.queue.fileno(), zmq.POLLIN)
        for what, events in also:
            poller.register(what, events)
        found = dict(poller.poll(int(wait * 1000)))
        if self.queue.fileno() in found:
            self.queue.calm()
        return found
