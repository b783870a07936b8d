"""Trains that wait to be sent: a queue bounded in number and bytes, which wakes the server."""

from __future__ import annotations

import socket
import threading
import time
from collections import deque
from queue import Full

from .message import Message


class TrainQueue:
    """Messages in order, put by one thread and taken by the one that sends.

    Parameters
    ----------
    maxlen : int
        Most messages; 0 for any number.
    max_bytes : int, optional
        Most bytes. One message always fits.

    Attributes
    ----------
    turn : lock
        Held while a train is encoded, and while one is sent. Each sent part lets go of the
        interpreter; a thread that encodes would take it, for longer than the sending takes.
    """

    def __init__(self, maxlen: int, max_bytes: int | None = None) -> None:
        self.maxlen = maxlen
        self.max_bytes = max_bytes
        self._waiting: deque[Message] = deque()
        self._n_bytes = 0
        self._changed = threading.Condition()
        self.turn = threading.Lock()
        self._ended = False
        # Polled together with ZeroMQ's sockets: a condition cannot be.
        self._wake_r, self._wake_w = socket.socketpair()
        self._wake_r.setblocking(False)
        self._wake_w.setblocking(False)

    def __len__(self) -> int:
        return len(self._waiting)

    def fileno(self) -> int:
        """What becomes readable when there is news for the sender."""
        return self._wake_r.fileno()

    @property
    def ended(self) -> bool:
        """Whether nothing waits and nothing will come."""
        return self._ended and not self._waiting

    def put(self, message: Message, block: bool = True, timeout: float | None = None) -> bool:
        """Add a message, waiting for room.

        Returns
        -------
        bool
            False if the queue has ended: the message is not in it.

        Raises
        ------
        queue.Full
            There was no room, in time or at once.
        """
        until = None if timeout is None else time.monotonic() + timeout
        with self._changed:
            while not self._ended and not self._has_room(message):
                left = None if until is None else until - time.monotonic()
                if not block or (left is not None and left <= 0):
                    raise Full(f"{len(self._waiting)} trains wait to be sent already")
                self._changed.wait(left)
            if self._ended:
                return False
            self._waiting.append(message)
            self._n_bytes += message.n_bytes
        self.wake()
        return True

    def _has_room(self, message: Message) -> bool:
        if not self._waiting:
            return True
        if self.maxlen and len(self._waiting) >= self.maxlen:
            return False
        return self.max_bytes is None or self._n_bytes + message.n_bytes <= self.max_bytes

    def take(self) -> Message | None:
        """Give the next message, None if none waits now."""
        with self._changed:
            if not self._waiting:
                return None
            message = self._waiting.popleft()
            self._n_bytes -= message.n_bytes
            self._changed.notify_all()
            return message

    def end(self) -> None:
        """Say that no more messages come; whoever waits for room goes on."""
        with self._changed:
            self._ended = True
            self._changed.notify_all()
        self.wake()

    def wake(self) -> None:
        """Let the sender look what is new."""
        try:
            self._wake_w.send(b"\0")
        except OSError:  # full of wake-ups already, or closed
            return

    def calm(self) -> None:
        """Take note of all wake-ups so far."""
        try:
            self._wake_r.recv(4096)
        except OSError:
            return

    def close(self) -> None:
        """Free what the system gave."""
        self._wake_r.close()
        self._wake_w.close()
