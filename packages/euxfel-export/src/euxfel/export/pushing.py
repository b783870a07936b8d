"""PUSH: each train goes to one of the clients; none is lost while there is no client."""

from __future__ import annotations

import zmq

from .delivery import Delivery
from .message import Message


class Pushing(Delivery):
    """Sends when a client has room. What a dying client had in its buffers is not known."""

    socket_type = zmq.PUSH
    _next: Message | None = None

    def step(self, wait: float) -> None:
        """Send a train, or wait for one or for room."""
        if self._next is None:
            self._next = self.queue.take()
        if self._next is None:
            self._polled(wait)
        elif self._send(self._next.parts):
            self._next = None
            self.report.sent += 1
        else:
            self._polled(wait, (self.socket, zmq.POLLOUT))

    @property
    def finished(self) -> bool:
        """Whether all trains are on their way."""
        return self._next is None and self.queue.ended

    def give_up(self) -> None:
        """Note the trains that wait."""
        if self._next is not None:
            self.report.unsent.append(self._next.train_id)
        super().give_up()
