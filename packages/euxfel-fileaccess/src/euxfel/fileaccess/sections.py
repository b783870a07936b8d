"""Where things stand inside a file: the one place that builds HDF5 paths."""

from __future__ import annotations

from enum import StrEnum

from .names import first_part, key_to_path


class Section(StrEnum):
    """The top-level group that holds a source's data."""

    CONTROL = "CONTROL"
    INSTRUMENT = "INSTRUMENT"
    REDUCTION = "REDUCTION"
    ERRATA = "ERRATA"

    @property
    def is_grouped(self) -> bool:
        """Whether the first part of a key names an index group with its own rows."""
        return self is not Section.CONTROL

    @property
    def is_auxiliary(self) -> bool:
        """Whether sources here tell about other sources instead of measuring something."""
        return self in (Section.REDUCTION, Section.ERRATA)

    def source_path(self, source: str) -> str:
        """Give the path of the group with a source's data."""
        return f"{self.value}/{source}"

    def data_path(self, source: str, key: str) -> str:
        """Give the path of the dataset of a key."""
        return f"{self.value}/{source}/{key_to_path(key)}"

    def attributes_path(self, source: str, key: str) -> str:
        """Give the path of the object that carries a key's Karabo attributes.

        They are on the property group for control data, on the dataset elsewhere.
        """
        path = self.data_path(source, key)
        if self is Section.CONTROL:
            return path.rpartition("/")[0]
        return path

    def index_group(self, key: str) -> str:
        """Give the index group of a key, empty for control sources, which have a single one."""
        return first_part(key) if self.is_grouped else ""

    def index_path(self, source: str, group: str) -> str:
        """Give the path of the group with the index of a source's group."""
        return f"INDEX/{source}/{group}" if group else f"INDEX/{source}"


def run_path(source: str, key: str = "") -> str:
    """Give the path of the RUN snapshot of a source, or of one of its keys."""
    return f"RUN/{source}/{key_to_path(key)}" if key else f"RUN/{source}"


TRAIN_ID = "INDEX/trainId"
TIMESTAMP = "INDEX/timestamp"
FLAG = "INDEX/flag"
ORIGIN = "INDEX/origin"
AUXILIARY = "METADATA/auxiliarySources"
