"""The pool of open handles: few are open, none is closed while it is used."""

from __future__ import annotations

import random
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from euxfel.fileaccess.pool import HandlePool


class Handle:
    """Something that can be open or closed, once."""

    def __init__(self, key: int) -> None:
        self.key = key
        self.is_open = True

    def close(self) -> None:
        assert self.is_open, "closed twice"
        self.is_open = False


class Recorded:
    """A pool with all the handles that it ever made."""

    def __init__(self, limit: int) -> None:
        self.made: list[Handle] = []
        self.pool: HandlePool[int, Handle] = HandlePool(self._open, Handle.close, limit)

    def _open(self, key: int) -> Handle:
        self.made.append(Handle(key))
        return self.made[-1]

    @property
    def n_open(self) -> int:
        return sum(handle.is_open for handle in self.made)


def test_a_handle_is_used_again() -> None:
    recorded = Recorded(2)
    for _ in range(3):
        with recorded.pool.borrow(1) as handle:
            assert handle.is_open
    assert len(recorded.made) == 1


def test_the_least_recently_used_is_closed() -> None:
    """B32."""
    recorded = Recorded(2)
    for key in (1, 2, 1, 3):
        with recorded.pool.borrow(key):
            pass
    assert [(h.key, h.is_open) for h in recorded.made] == [(1, True), (2, False), (3, True)]


def test_what_is_borrowed_stays_open_beyond_the_limit() -> None:
    """B32: more borrowers than the limit work; when they are done the limit holds again."""
    recorded = Recorded(1)
    with recorded.pool.borrow(1) as a, recorded.pool.borrow(2) as b, recorded.pool.borrow(3) as c:
        assert a.is_open
        assert b.is_open
        assert c.is_open
    assert recorded.n_open == 1


def test_discarded_while_borrowed_it_closes_afterwards() -> None:
    """R6: a file that changed is not used by anybody who comes later."""
    recorded = Recorded(2)
    with recorded.pool.borrow(1) as old:
        recorded.pool.discard(1)
        assert old.is_open
        with recorded.pool.borrow(1) as new:
            assert new is not old
    assert not old.is_open
    assert new.is_open


def test_clear_closes_all_that_is_idle() -> None:
    recorded = Recorded(5)
    with recorded.pool.borrow(1), recorded.pool.borrow(2):
        pass
    with recorded.pool.borrow(3) as held:
        recorded.pool.clear()
        assert held.is_open
        assert recorded.n_open == 1
    assert (recorded.n_open, len(recorded.pool)) == (0, 0)


def test_what_cannot_be_opened_is_not_kept() -> None:
    def refuse(key: int) -> Handle:
        raise OSError(f"{key} is locked")

    pool: HandlePool[int, Handle] = HandlePool(refuse, Handle.close, 2)
    for _ in range(2):
        with pytest.raises(OSError, match="is locked"), pool.borrow(1):
            pass
    assert len(pool) == 0


def test_an_error_of_the_borrower_gives_the_handle_back() -> None:
    recorded = Recorded(1)
    with pytest.raises(KeyError), recorded.pool.borrow(1):
        raise KeyError
    recorded.pool.discard(1)
    assert recorded.n_open == 0


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 4), st.lists(st.tuples(st.sampled_from("bdc"), st.integers(0, 6))))
def test_any_order_of_uses_keeps_the_limit(limit: int, steps: list[tuple[str, int]]) -> None:
    recorded = Recorded(limit)
    for step, key in steps:
        if step == "b":
            with recorded.pool.borrow(key) as handle:
                assert (handle.key, handle.is_open) == (key, True)
        elif step == "d":
            recorded.pool.discard(key)
        else:
            recorded.pool.clear()
        assert recorded.n_open == len(recorded.pool) <= limit


def test_threads_share_handles() -> None:
    """B29: no handle is closed under anybody, and none is left open in the end."""
    recorded = Recorded(3)
    start = threading.Barrier(8)

    def use(seed: int) -> None:
        chance = random.Random(seed)
        start.wait(10)
        for _ in range(300):
            key = chance.randrange(8)
            if chance.random() < 0.1:
                recorded.pool.discard(key)
            else:
                with recorded.pool.borrow(key) as handle:
                    assert handle.is_open
                    assert handle.key == key

    with ThreadPoolExecutor(8) as threads:
        for done in [threads.submit(use, seed) for seed in range(8)]:
            done.result(30)
    assert recorded.n_open == len(recorded.pool) <= 3
    recorded.pool.clear()
    assert recorded.n_open == 0


def test_a_handle_makes_way_for_a_later_one_of_its_place() -> None:
    """Of a file as it was before, no handle stays open beside one of the file as it is."""
    made = []

    def open_handle(key: tuple[str, int]) -> Handle:
        assert not any(handle.is_open for handle in made)
        made.append(Handle(key[1]))
        return made[-1]

    pool = HandlePool(open_handle, Handle.close, limit=8, place=lambda key: key[0])
    for version in (1, 2, 1):
        with pool.borrow(("file", version)) as handle:
            assert handle.key == version
    pool.make_way(("file", 1))
    assert made[-1].is_open
    pool.make_way(("file", 3))
    assert not made[-1].is_open
