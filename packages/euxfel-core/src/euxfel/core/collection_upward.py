"""Methods of a collection whose work is done in packages above this one."""

from __future__ import annotations

from typing import Any

from .plugins import upper_method
from .selectable import Selectable


class ReachesUp(Selectable):
    """The methods of a collection that other packages provide."""

    def write(self, filename: str) -> None:
        """Write the selected data to a new file; needs ``euxfel-writer``."""
        upper_method("write", "euxfel-writer")(self, filename)

    def write_virtual(self, filename: str) -> None:
        """Write a file of virtual datasets of the selected data; needs ``euxfel-writer``."""
        upper_method("write_virtual", "euxfel-writer")(self, filename)

    def get_virtual_dataset(self, source: str, key: str, filename: str | None = None) -> Any:
        """Make a virtual dataset of a key; needs ``euxfel-writer``."""
        return upper_method("get_virtual_dataset", "euxfel-writer")(self, source, key, filename)
