"""Values that are worked out once."""

import threading

from euxfel.fileaccess.cached import cached_property


class Slow:
    def __init__(self) -> None:
        self.may_end = threading.Event()
        self.asked = 0

    @cached_property
    def value(self) -> int:
        self.asked += 1
        if self.asked == 1:
            assert self.may_end.wait(30)
        return 7


def test_a_value_is_worked_out_once():
    """As for functools.cached_property."""
    slow = Slow()
    slow.may_end.set()
    assert [slow.value, slow.value, slow.asked] == [7, 7, 1]
    del slow.value
    assert [slow.value, slow.asked] == [7, 2]


def test_nobody_waits_for_another_thread():
    """B30: no lock that a forked child could inherit, held by a thread that is not there."""
    slow, other = Slow(), Slow()
    other.may_end.set()
    thread = threading.Thread(target=lambda: slow.value)
    thread.start()
    try:
        assert other.value == 7
    finally:
        slow.may_end.set()
        thread.join()
    assert slow.value == 7
