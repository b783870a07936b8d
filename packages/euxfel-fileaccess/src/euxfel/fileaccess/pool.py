"""Open handles, few at a time: the least recently used one is closed when a new one is needed."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
H = TypeVar("H")


class _Slot(Generic[H]):
    """One handle and how many borrowers it has."""

    __slots__ = ("handle", "stale", "users")

    def __init__(self, handle: H) -> None:
        self.handle = handle
        self.users = 0
        self.stale = False


class HandlePool(Generic[K, H]):
    """Handles by key, opened when asked for, closed when too many are open.

    Safe to use from several threads. A handle is never closed while it is borrowed, so more
    borrowers than ``limit`` go over the limit for as long as they hold their handles.

    Parameters
    ----------
    open_handle : callable
        Makes the handle for a key. Its errors reach the borrower.
    close_handle : callable
        Closes a handle.
    limit : int
        How many handles may stay open.
    place : callable, optional
        What a key stands for. When the handle for another key of the same place is asked for, the
        one before is closed first.

    Examples
    --------
    >>> from euxfel.fileaccess.pool import HandlePool
    >>> pool = HandlePool(lambda name: name.upper(), lambda handle: None, limit=2)
    >>> with pool.borrow("a") as handle:
    ...     handle
    'A'
    """

    def __init__(
        self,
        open_handle: Callable[[K], H],
        close_handle: Callable[[H], None],
        limit: int,
        place: Callable[[K], Hashable] = lambda key: key,
    ) -> None:
        self.limit = limit
        self._place = place
        self._latest: dict[Hashable, K] = {}
        self._open = open_handle
        self._close = close_handle
        self._slots: OrderedDict[K, _Slot[H]] = OrderedDict()
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._slots)

    def __contains__(self, key: K) -> bool:
        return key in self._slots

    @contextmanager
    def borrow(self, key: K) -> Iterator[H]:
        """Lend the handle for a key for the length of a ``with`` block."""
        slot = self._take(key)
        try:
            yield slot.handle
        finally:
            self._give_back(slot)

    def discard(self, key: K) -> None:
        """Close the handle for a key, at once or when its last borrower is done."""
        with self._lock:
            self._drop(key)

    def make_way(self, key: K) -> None:
        """Close the handle for another key of the same place."""
        with self._lock:
            self._make_way(key)

    def _make_way(self, key: K) -> None:
        before = self._latest.get(self._place(key), key)
        if before != key:
            self._drop(before)

    def _drop(self, key: K) -> None:
        if key in self._slots:
            self._retire(self._removed(key))

    def _removed(self, key: K) -> _Slot[H]:
        self._latest.pop(self._place(key), None)
        return self._slots.pop(key)

    def clear(self) -> None:
        """Close every handle that nobody holds, the others when they are given back."""
        with self._lock:
            for slot in self._slots.values():
                self._retire(slot)
            self._slots.clear()
            self._latest.clear()

    def _take(self, key: K) -> _Slot[H]:
        with self._lock:
            slot = self._slots.get(key)
            if slot is None:
                self._make_way(key)
                # Room is made first, so that the limit holds while the new handle is opened.
                self._evict(self.limit - 1)
                slot = self._slots[key] = _Slot(self._open(key))
                self._latest[self._place(key)] = key
            self._slots.move_to_end(key)
            slot.users += 1
            return slot

    def _give_back(self, slot: _Slot[H]) -> None:
        with self._lock:
            slot.users -= 1
            if slot.stale and not slot.users:
                self._close(slot.handle)
            self._evict(self.limit)

    def _evict(self, room_for: int) -> None:
        excess = len(self._slots) - room_for
        if excess <= 0:
            return
        idle = [key for key, slot in self._slots.items() if not slot.users]
        for key in idle[:excess]:
            self._close(self._removed(key).handle)

    def _retire(self, slot: _Slot[H]) -> None:
        if slot.users:
            slot.stale = True
        else:
            self._close(slot.handle)
