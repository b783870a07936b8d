"""Ctrl-C where Python would drop it comes a moment later."""

from __future__ import annotations

import signal
import threading
import time
import weakref
from typing import Any

import pytest

from euxfel.core.interrupts import interrupt_put_off


class Given:
    """Something that is given up."""


def give_up(things: list[Given]) -> None:
    """Give up the last reference, then wait for what comes."""
    things.clear()
    until = time.monotonic() + 10
    while time.monotonic() < until:
        time.sleep(0.001)


def test_an_interrupt_while_an_object_is_given_up_is_raised_later() -> None:
    reached = []

    def callback() -> None:
        with interrupt_put_off():
            signal.raise_signal(signal.SIGINT)
            reached.append("the end")

    things = [Given()]
    weakref.finalize(things[0], callback)
    with pytest.raises(KeyboardInterrupt):
        give_up(things)
    assert reached == ["the end"]


def test_without_an_interrupt_nothing_is_left() -> None:
    before = signal.getsignal(signal.SIGINT)
    with interrupt_put_off():
        assert signal.getsignal(signal.SIGINT) is not before
    assert signal.getsignal(signal.SIGINT) is before


def test_other_threads_have_no_part_in_it() -> None:
    before = signal.getsignal(signal.SIGINT)
    seen: list[Any] = []

    def work() -> None:
        with interrupt_put_off():
            seen.append(signal.getsignal(signal.SIGINT))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert seen == [before]


def test_a_program_that_ignores_interrupts_goes_on_doing_so() -> None:
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with interrupt_put_off():
            assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, before)
