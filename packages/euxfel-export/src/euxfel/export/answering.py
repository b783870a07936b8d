"""REP: a train for each request, sent again if its client goes before it asks for another.

To clients the socket is a REP one. Behind it is a ROUTER, which tells who asks: a client that asks
again has received what it was sent; one that disconnects may not have.
"""

from __future__ import annotations

import time
from collections import deque
from contextlib import suppress
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any

import zmq
from zmq.utils.monitor import recv_monitor_message

from .counts import StreamReport
from .delivery import Delivery
from .message import BAD_REQUEST, END, OURS, REQUEST, Message
from .queue import TrainQueue

_SHOWN_OF_BAD_REQUEST = 100
_REPLIES = 16
# Replies to bad requests that wait for room; a client that sends more gets none.
_REPLIES_WAITING = 1000
_LOOK_AGAIN, _ATTEMPTS = 0.002, 100


@dataclass
class _Try:
    """A train and how often it went to a client that has gone."""

    message: Message
    n_failed: int = 0


class _Sent(Enum):
    """What became of a message to a client."""

    WHOLE = auto()
    NO_ROOM = auto()
    NOBODY = auto()


class Answering(Delivery):
    """Answers requests, and remembers what was not acknowledged.

    Parameters
    ----------
    context, queue, report
        As for `Delivery`.
    patience : float
        Seconds to wait after the last train for what is not acknowledged.
    resends : int
        How often a train is sent again when its client goes. A train that makes every client
        fall over must not stop the stream.
    """

    socket_type = zmq.ROUTER

    def __init__(
        self,
        context: zmq.Context[Any],
        queue: TrainQueue,
        report: StreamReport,
        patience: float,
        resends: int,
    ) -> None:
        self._patience = patience
        self._resends = resends
        self._waiting: deque[bytes] = deque()
        self._again: deque[_Try] = deque()
        self._out: dict[bytes, _Try] = {}
        self._descriptor: dict[bytes, int] = {}
        self._replies: deque[tuple[bytes, bytes]] = deque()
        self._is_full = False
        self._ended_at: float | None = None
        super().__init__(context, queue, report)
        # Be told when a client is not there any more.
        self.socket.setsockopt(zmq.ROUTER_MANDATORY, 1)
        # ZeroMQ notes late that a reply has left: with room for one, the next finds none. A client
        # asks for one train at a time, so that no more than one is held for it.
        self.socket.sndhwm = _REPLIES
        self._monitor: zmq.Socket[Any] = self.socket.get_monitor_socket(
            zmq.EVENT_DISCONNECTED | zmq.EVENT_CLOSED
        )

    def step(self, wait: float) -> None:
        """Wait for requests, trains or news of clients, and answer what can be answered."""
        if self._is_full:
            # ZeroMQ does not tell when a client has room again.
            wait = min(wait, _LOOK_AGAIN)
        self._polled(wait, (self.socket, zmq.POLLIN), (self._monitor, zmq.POLLIN))
        self._take_requests()
        self._note_gone()
        self._is_full = False
        self._send_replies()
        self._answer_waiting()
        if self.queue.ended and not self._again:
            self._ended_at = self._ended_at or time.monotonic()

    def _take_requests(self) -> None:
        for _ in range(1000):
            try:
                frames = self.socket.recv_multipart(zmq.DONTWAIT, copy=False)
            except zmq.Again:
                return
            # A descriptor is used again by the system: old news of it come before new requests.
            self._note_gone()
            self._take(frames)

    def _take(self, frames: list[zmq.Frame]) -> None:
        client, *request = (frame.bytes for frame in frames)
        if request == [b"", REQUEST] and client not in self._waiting:
            self._acknowledge(client)
            self._waiting.append(client)
            self._descriptor[client] = frames[0].get(zmq.SRCFD)
            return
        self.report.bad_requests += 1
        if len(request) > 1 and not request[0] and len(self._replies) < _REPLIES_WAITING:
            shown = request[1][:_SHOWN_OF_BAD_REQUEST]
            self._replies.append((client, BAD_REQUEST + shown))

    def _acknowledge(self, client: bytes) -> None:
        if self._out.pop(client, None) is not None:
            self.report.acknowledged += 1

    def _note_gone(self) -> None:
        while self._monitor.poll(0):
            gone = recv_monitor_message(self._monitor)["value"]
            for client in [c for c, fd in self._descriptor.items() if fd == gone]:
                self._forget(client)

    def _forget(self, client: bytes) -> None:
        """Take back what a client has that has gone."""
        self._descriptor.pop(client, None)
        with suppress(ValueError):
            self._waiting.remove(client)
        taken_back = self._out.pop(client, None)
        if taken_back is None:
            return
        taken_back.n_failed += 1
        if taken_back.n_failed <= self._resends:
            self._again.append(taken_back)
        else:
            self.report.unacknowledged.append(taken_back.message.train_id)

    def _send_replies(self) -> None:
        """Tell clients that what they sent is no request."""
        for _ in range(len(self._replies)):
            client, reply = self._replies.popleft()
            if self._send_to(client, [reply]) is _Sent.NO_ROOM:
                self._replies.append((client, reply))

    def _answer_waiting(self) -> None:
        for _ in range(len(self._waiting)):
            chosen = self._next_try()
            if chosen is None:
                return
            client = self._waiting.popleft()
            sent = self._send_to(client, chosen.message.parts)
            if sent is _Sent.WHOLE:
                self._count(chosen)
                self._out[client] = chosen
                continue
            self._again.appendleft(chosen)
            if sent is _Sent.NO_ROOM:
                self._waiting.append(client)

    def _next_try(self) -> _Try | None:
        if self._again:
            return self._again.popleft()
        message = self.queue.take()
        return None if message is None else _Try(message)

    def _count(self, sent: _Try) -> None:
        if sent.n_failed:
            self.report.sent_again.append(sent.message.train_id)
        else:
            self.report.sent += 1

    def _send_to(self, client: bytes, parts: Any) -> _Sent:
        try:
            if self._send([client, b"", *parts]):
                return _Sent.WHOLE
        except zmq.ZMQError as error:
            if error.errno != zmq.EHOSTUNREACH:
                raise
            return _Sent.NOBODY
        self._is_full = True
        return _Sent.NO_ROOM

    @property
    def finished(self) -> bool:
        """Whether all trains were acknowledged, or patience is over."""
        if self._ended_at is None or self._again:
            return False
        return not self._out or time.monotonic() - self._ended_at > self._patience

    def give_up(self) -> None:
        """List what is not acknowledged, and tell our own clients that the stream has ended."""
        self.report.unacknowledged += [out.message.train_id for out in self._out.values()]
        self.report.unsent += [again.message.train_id for again in self._again]
        super().give_up()
        if not self.report.unsent:
            for client in self._waiting:
                if client.startswith(OURS):
                    self._send_end(client)

    def _send_end(self, client: bytes) -> None:
        for _ in range(_ATTEMPTS):
            if self._send_to(client, [END]) is not _Sent.NO_ROOM:
                return
            time.sleep(_LOOK_AGAIN)

    def close(self, linger: float) -> None:
        """Close the socket and its monitor."""
        self.socket.disable_monitor()
        self._monitor.close(linger=0)
        super().close(linger)
