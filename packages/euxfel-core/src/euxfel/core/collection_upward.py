"""Methods of a collection whose work is done in packages above this one."""

from __future__ import annotations

from typing import Any

from .plugins import upper_method
from .selectable import Selectable


class ReachesUp(Selectable):
    """The methods of a collection that other packages provide."""

    # What can be chosen belongs to the package that does it: options are passed on untouched, so
    # that a new one needs no change here.
    def write(self, filename: str, **options: Any) -> Any:
        """Write the selected data to a new file; needs ``euxfel-writer``.

        Select sources, keys and trains before: ``run.select(...).write(...)``.

        Parameters
        ----------
        filename : str or path
            Where to write. It may not be a file of the run.
        **options
            Passed on to the function of ``euxfel.writer`` that does it, where they are described
            in full: ``overwrite`` (replace a file that exists), ``compression`` and ``chunks``
            (else both stay as they are in the source files), ``dtype``, ``roi``, ``pulses``,
            ``sequence_trains`` (trains in one file), ``verify`` (compare with the source when
            done), ``progress``.

        Raises
        ------
        MissingPackageError
            ``euxfel-writer`` is not installed.
        """
        return upper_method("write", "euxfel-writer")(self, filename, **options)

    def write_virtual(self, filename: str, **options: Any) -> Any:
        """Write a file of virtual datasets of the selected data; needs ``euxfel-writer``.

        Parameters
        ----------
        filename : str or path
            Where to write. It may not be a file of the run.
        **options
            Passed on to the function of ``euxfel.writer`` that does it, such as ``overwrite``.

        Raises
        ------
        MissingPackageError
            ``euxfel-writer`` is not installed.
        """
        return upper_method("write_virtual", "euxfel-writer")(self, filename, **options)

    def get_virtual_dataset(
        self, source: str, key: str, filename: str | None = None, **options: Any
    ) -> Any:
        """Make a virtual dataset of a key; needs ``euxfel-writer``.

        Parameters
        ----------
        source, key : str
            The key to show in one dataset.
        filename : str or path, optional
            Where to write; a new temporary file unless given.
        **options
            Passed on to the function of ``euxfel.writer`` that does it, such as ``overwrite``.

        Raises
        ------
        MissingPackageError
            ``euxfel-writer`` is not installed.
        """
        make = upper_method("get_virtual_dataset", "euxfel-writer")
        return make(self, source, key, filename, **options)
