"""Methods whose work is done in packages above the one that has them, `DataCollection` first."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any, cast

from euxfel.fileaccess.errors import MissingPackageError

METHODS_GROUP = "euxfel.core.methods"


def upper_method(name: str, package: str, noun: str = "run") -> Callable[..., Any]:
    """The function behind ``run.<name>(...)``, from a package that builds on this one.

    Such packages name it as an entry point of the group ``euxfel.core.methods``. It is called
    with the object first that has the method.

    Parameters
    ----------
    name : str
        Name of the method, such as ``"write"``.
    package : str
        The distribution that has it, such as ``"euxfel-writer"``.
    noun : str, optional
        What users call the object that has the method; for the message.

    Raises
    ------
    MissingPackageError
        The package is not installed, or cannot be imported.

    Examples
    --------
    >>> upper_method("fly", "euxfel-wings")
    Traceback (most recent call last):
    ...
    euxfel.fileaccess.errors.MissingPackageError: run.fly() needs euxfel-wings: pip install euxfel-wings
    """  # noqa: E501
    try:
        return _load(name)
    except LookupError:
        reason = ""
    except ImportError as error:
        reason = f" (it is installed, but: {error})"
    raise MissingPackageError(f"{noun}.{name}() needs {package}: pip install {package}{reason}")


# Looking through the installed distributions takes milliseconds. Failures are not kept: the
# package can be installed while a notebook runs.
@lru_cache(maxsize=32)
def _load(name: str) -> Callable[..., Any]:
    # A tenth of the time that importing this package takes.
    from importlib.metadata import entry_points

    found = entry_points(group=METHODS_GROUP, name=name)
    if not found:
        raise LookupError(name)
    return cast(Callable[..., Any], next(iter(found)).load())
