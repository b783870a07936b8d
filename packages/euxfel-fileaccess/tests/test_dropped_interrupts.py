"""Ctrl-C that strikes where Python drops exceptions is raised all the same."""

from __future__ import annotations

import os
import sys
import threading
import weakref
from typing import Any

import numpy as np
import pytest

from euxfel.fileaccess import FileHandle, ReadRequest, engine
from euxfel.fileaccess.identity import FileIdentity
from euxfel.fileaccess.interrupts import interrupts_kept
from euxfel.fileaccess.testing import small_run


class Given:
    """Something that is given up."""


def drop(error: type[BaseException]) -> None:
    """Let an exception be dropped, as in the callback of a weak reference."""

    def strike() -> None:
        raise error

    given = Given()
    weakref.finalize(given, strike)


def test_it_is_raised_between_two_parts_of_the_work() -> None:
    done = []

    def work() -> None:
        with interrupts_kept() as check:
            drop(KeyboardInterrupt)
            done.append("this")
            check()
            done.append("that")

    with pytest.raises(KeyboardInterrupt):
        work()
    assert done == ["this"]


def test_it_is_not_lost_behind_another_error() -> None:
    def work() -> None:
        with interrupts_kept():
            drop(KeyboardInterrupt)
            raise ValueError

    with pytest.raises(KeyboardInterrupt):
        work()


def test_other_exceptions_go_where_they_went(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Any] = []
    monkeypatch.setattr(sys, "unraisablehook", lambda args: seen.append(args.exc_type))
    before = sys.unraisablehook
    with interrupts_kept():
        drop(ZeroDivisionError)
    assert seen == [ZeroDivisionError]
    assert sys.unraisablehook is before


def test_other_threads_have_no_part_in_it() -> None:
    before, seen = sys.unraisablehook, []

    def work() -> None:
        with interrupts_kept():
            seen.append(sys.unraisablehook)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert seen == [before]


def test_a_read_keeps_it(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    path = str(small_run().write(tmp_path).paths[0])
    preadv = os.preadv

    def struck(*args: Any) -> int:
        drop(KeyboardInterrupt)
        return preadv(*args)

    monkeypatch.setattr(os, "preadv", struck)
    handle = FileHandle(path, FileIdentity.of(path))
    out = np.zeros(2, "u8")
    request = ReadRequest(handle, "INDEX/trainId", np.array([[0, 2]]), out)
    with pytest.raises(KeyboardInterrupt):
        engine.read([request], threads=1)
