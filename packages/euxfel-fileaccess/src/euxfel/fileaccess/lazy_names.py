"""Public names of a package that are imported when they are first used.

A reader is imported by programs that open a run, but also by command lines that only want to
show their help, and by every worker of a cluster. The package itself costs next to nothing;
each name brings what it needs.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from typing import Any


def lazy_names(package: str, where: Mapping[str, Sequence[str]]) -> Callable[[str], Any]:
    """Give a ``__getattr__`` for a package (PEP 562).

    Parameters
    ----------
    package : str
        Its ``__name__``.
    where : mapping
        Public names by the module that defines them; a module inside the package begins with
        a dot.

    Examples
    --------
    >>> from euxfel.fileaccess.lazy_names import lazy_names
    >>> lazy_names("fractions", {"fractions": ["Fraction"]})("Fraction")
    <class 'fractions.Fraction'>
    """
    modules = {name: module for module, names in where.items() for name in names}

    def getattr_of_module(name: str) -> Any:
        if name not in modules:
            raise AttributeError(f"module {package!r} has no attribute {name!r}", name=name)
        value = getattr(import_module(modules[name], package), name)
        # From now on the name is found without asking here.
        setattr(sys.modules[package], name, value)
        return value

    return getattr_of_module
