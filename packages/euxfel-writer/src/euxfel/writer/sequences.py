"""A selection as a run of its own: a folder of sequence files that appears when it is complete."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from euxfel.core import DataCollection

from .file_writer import FileWriter
from .folder import AtomicFolder
from .refusal import AnyPath

AGGREGATOR = "SEL01"


def write_sequences(
    data: DataCollection, path: AnyPath, sequence_trains: int, options: Mapping[str, Any]
) -> None:
    """Write a folder of files with at most so many trains each.

    Raises
    ------
    ValueError
        If the number of trains is not at least 1.
    WriteError
        If the folder exists and holds anything, or cannot be written.
    """
    if sequence_trains < 1:
        raise ValueError(f"a sequence file has at least 1 train, not {sequence_trains}")
    wanted = dict(options)
    if wanted.pop("overwrite", False):
        raise ValueError("a folder is not overwritten: remove it first, or name another one")
    inputs = [f.filename for f in data.files]
    parts = list(data.split_trains(trains_per_part=sequence_trains)) or [data]
    with AtomicFolder(path, inputs=inputs) as folder:
        for number, part in enumerate(parts):
            name = sequence_name(data, number)
            FileWriter(os.path.join(folder.temp, name), part, **wanted).write()


def sequence_name(data: DataCollection, number: int) -> str:
    """Give the name of a sequence file, with category and run of the first file selected."""
    facts = next((f.name_facts for f in data.files if f.name_facts is not None), None)
    category, run = (facts.category, facts.run) if facts is not None else ("RAW", 1)
    return f"{category}-R{run:04d}-{AGGREGATOR}-S{number:05d}.h5"
