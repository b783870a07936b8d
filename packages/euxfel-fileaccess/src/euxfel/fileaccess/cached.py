"""Values of an object that are worked out when first asked for, and kept."""

from __future__ import annotations

import functools
from typing import Any, Self, TypeVar, overload

T = TypeVar("T")


class cached_property(functools.cached_property[T]):  # noqa: N801 - named as what it stands for
    """As :class:`functools.cached_property` is from Python 3.12 on: without a lock.

    The lock of Python 3.11 is one for all objects of a class. Threads wait for each other's
    files there, and a process forked while one of them holds it waits for ever. Without it, two
    threads that ask at once may both work the value out; it is the same.

    Examples
    --------
    >>> from euxfel.fileaccess.cached import cached_property
    >>> class Square:
    ...     side = 3
    ...     @cached_property
    ...     def area(self):
    ...         return self.side**2
    >>> Square().area
    9
    """

    @overload
    def __get__(self, instance: None, owner: type[Any] | None = None) -> Self: ...

    @overload
    def __get__(self, instance: object, owner: type[Any] | None = None) -> T: ...

    def __get__(self, instance: object | None, owner: type[Any] | None = None) -> Self | T:
        """Give the value that is kept, or work it out."""
        if instance is None:
            return self
        assert self.attrname is not None
        kept = instance.__dict__
        try:
            found: T = kept[self.attrname]
        except KeyError:
            found = kept[self.attrname] = self.func(instance)
        return found
