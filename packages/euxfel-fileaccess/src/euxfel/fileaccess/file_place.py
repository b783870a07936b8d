"""What the name and the place of a data file say about it, without opening it."""

from __future__ import annotations

import os
from pathlib import Path

from .cached import cached_property
from .filenames import FileNameFacts, PathFacts, is_overview, parse_filename, parse_path
from .handle import FileHandle


class FilePlace:
    """Name and place of one file.

    Parameters
    ----------
    handle : FileHandle
        The file.
    """

    def __init__(self, handle: FileHandle) -> None:
        self.handle = handle

    @property
    def filename(self) -> str:
        """Absolute path of the file."""
        return self.handle.path

    @property
    def basename(self) -> str:
        """Name of the file, without its folder."""
        return os.path.basename(self.handle.path)

    @property
    def path(self) -> Path:
        """Absolute path of the file, as a Path."""
        return Path(self.handle.path)

    @cached_property
    def name_facts(self) -> FileNameFacts | None:
        """Category, run, aggregator and sequence by the file's name; None if it has none."""
        return parse_filename(self.path.name)

    @cached_property
    def path_facts(self) -> PathFacts | None:
        """Instrument, cycle, proposal and run by the file's place; None elsewhere."""
        return parse_path(self.filename)

    @property
    def is_overview(self) -> bool:
        """Whether the file is a virtual view of other files."""
        return is_overview(self.path.name)

    @property
    def aggregator(self) -> str | None:
        """Data aggregator that wrote the file, such as ``"DA01"`` or ``"AGIPD07"``."""
        return self.name_facts.aggregator if self.name_facts else None

    @property
    def sequence(self) -> int | None:
        """Sequence number of the file, from 0."""
        return self.name_facts.sequence if self.name_facts else None

    @property
    def data_category(self) -> str | None:
        """Category such as ``"RAW"`` or ``"CORR"``."""
        return self.name_facts.category if self.name_facts else None

    @property
    def run(self) -> int | None:
        """Run number by the file's name."""
        return self.name_facts.run if self.name_facts else None

    @property
    def storage_class(self) -> str | None:
        """Folder of the proposal that the file is in, such as ``"raw"``; None elsewhere."""
        return self.path_facts.folder if self.path_facts else None

    @property
    def instrument(self) -> str | None:
        """Instrument by the file's place, such as ``"SPB"``."""
        return self.path_facts.instrument if self.path_facts else None

    @property
    def cycle(self) -> str | None:
        """Cycle of operation by the file's place, such as ``"202601"``."""
        return self.path_facts.cycle if self.path_facts else None

    @property
    def proposal(self) -> int | None:
        """Proposal number by the file's place."""
        return self.path_facts.proposal if self.path_facts else None
