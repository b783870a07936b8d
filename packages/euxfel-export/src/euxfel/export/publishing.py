"""PUB: each train goes to all subscribers; a slow one misses trains, and that is noted.

ZeroMQ says that a subscriber has no room, once. Until it has read what waits for it, it is left
out in silence: only the client can count what it missed, by the numbers of the trains. Ours says
so to the server.
"""

from __future__ import annotations

import time
from typing import Any

import zmq

from .counts import StreamReport
from .delivery import Delivery
from .message import LOST, Message
from .queue import TrainQueue

# ZeroMQ tells nobody when a subscriber has room again.
_LOOK_AGAIN = 0.002
# Subscribers whose losses are remembered; what others say is not believed.
_SUBSCRIBERS_MAX = 10_000
_DIGITS_MAX, _NAME_MAX = 15, 64


class Publishing(Delivery):
    """Sends to all subscribers, waiting for slow ones as long as it is patient.

    Parameters
    ----------
    context, queue, report
        As for `Delivery`.
    patience : float
        Seconds to wait for a subscriber whose buffer is full, before it misses the train.
    wait_for_client : bool
        True to keep trains until somebody has subscribed.
    """

    socket_type = zmq.XPUB

    def __init__(
        self,
        context: zmq.Context[Any],
        queue: TrainQueue,
        report: StreamReport,
        patience: float = 0,
        wait_for_client: bool = False,
    ) -> None:
        self.subscriptions = 0
        self._patience = patience
        self._waits = wait_for_client
        self._next: Message | None = None
        self._tried_since = 0.0
        self._missed: dict[bytes, int] = {}
        super().__init__(context, queue, report)
        # Be told of each subscription, and of each train that finds no room.
        self.socket.setsockopt(zmq.XPUB_VERBOSER, 1)
        self.socket.setsockopt(zmq.XPUB_NODROP, 1)

    def step(self, wait: float) -> None:
        """Send a train, or wait for one, for a subscriber or for room."""
        self._note_subscriptions()
        if self._next is None and not (self._waits and not self.subscriptions):
            self._next = self.queue.take()
            self._tried_since = time.monotonic()
        if self._next is None:
            self._polled(wait, (self.socket, zmq.POLLIN))
        elif self._send(self._next.parts):
            self._done()
        elif time.monotonic() - self._tried_since < self._patience:
            self._polled(min(wait, _LOOK_AGAIN), (self.socket, zmq.POLLIN))
        else:
            self._send_to_others(self._next)

    def _send_to_others(self, message: Message) -> None:
        """Send a train to those who have room; the others miss it."""
        self.report.lost.append(message.train_id)
        self.socket.setsockopt(zmq.XPUB_NODROP, 0)
        self._send(message.parts)
        self.socket.setsockopt(zmq.XPUB_NODROP, 1)
        self._done()

    def _done(self) -> None:
        self._next = None
        self.report.sent += 1

    def _note_subscriptions(self) -> None:
        while self.socket.poll(0):
            match self.socket.recv_multipart():
                case [b"\x01", *_]:
                    self.subscriptions += 1
                case [b"\x00", *_]:
                    self.subscriptions = max(self.subscriptions - 1, 0)
                case [topic] if topic[:1] in (b"\x00", b"\x01"):
                    self.subscriptions += 1 if topic[0] else -1
                case [what, name, number] if what == LOST and self._take_loss(name, number):
                    self.report.missed = sum(self._missed.values())
                case _:
                    self.report.bad_requests += 1

    def _take_loss(self, name: bytes, number: bytes) -> bool:
        """Note how many trains a subscriber missed so far; False if that makes no sense."""
        if not number.isdigit() or len(number) > _DIGITS_MAX or len(name) > _NAME_MAX:
            return False
        if name not in self._missed and len(self._missed) == _SUBSCRIBERS_MAX:
            return False
        self._missed[name] = int(number)
        return True

    @property
    def finished(self) -> bool:
        """Whether all trains are on their way."""
        return self._next is None and self.queue.ended

    def give_up(self) -> None:
        """Note the trains that wait."""
        if self._next is not None:
            self.report.unsent.append(self._next.train_id)
        super().give_up()
