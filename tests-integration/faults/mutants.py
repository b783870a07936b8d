"""Files to be damaged, and single bytes that differ: what is flipped, and what lies there."""

from __future__ import annotations

import random
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path

import h5py

from euxfel.fileaccess.testing import (
    ControlSource,
    Group,
    InstrumentSource,
    Key,
    Layout,
    SimulatedFile,
    Storage,
)

MOTOR = "SPB_IRU_SAMPLE/MOTOR/X"
DETECTOR = "SPB_DET_AGIPD1M-1/DET/3CH0:xtdf"


# The first version of the superblock that comes with checksums of the structure.
SUPERBLOCK_WITH_CHECKSUMS = 2


class Place(StrEnum):
    """What the bytes at some place of a file are."""

    DATA = "data"
    HEAP = "heap"
    ADDRESS = "address"
    TYPE = "type"
    STRUCTURE = "structure"


def _file(libver: str, storage: Storage) -> SimulatedFile:
    slow = (
        Key("actualPosition", "f8", storage=storage),
        Key("state", str),
        Key("isMoving", "u1", storage=storage),
    )
    frames = replace(storage, chunk_rows=4)
    fast = (
        Key("data", "u2", (4, 6), storage=frames),
        Key("cellId", "u2", storage=frames),
    )
    control = ControlSource(MOTOR, slow, class_id="BeckhoffMotor")
    module = InstrumentSource(DETECTOR, (Group("image", fast, entries=2),))
    return SimulatedFile((control, module), layout=Layout(libver=libver))


VARIANTS: dict[str, SimulatedFile] = {
    "earliest": _file("earliest", Storage()),
    "latest": _file("latest", Storage()),
    "gzip": _file("earliest", Storage(deflate=1)),
    "fletcher32": _file("earliest", Storage(fletcher32=True)),
    "both": _file("latest", Storage(deflate=1, shuffle=True, fletcher32=True)),
}
"""Small files of every kind of storage; most of their bytes describe the rest."""


class Places:
    """What the bytes of an undamaged file are.

    Bytes of plain datasets and of heaps (texts and names) carry no checksum, and any value of
    them makes sense: a change there cannot be seen by anybody. In files of the earliest format
    the same is true of the addresses of chunks, as long as they stay in the file, and of the
    types of numbers. All other bytes are structure.
    """

    def __init__(self, path: Path) -> None:
        content = path.read_bytes()
        found = [*_stored_data(path), *_heaps(content)]
        if content[8] < SUPERBLOCK_WITH_CHECKSUMS:
            found += _described(path, content)
        self._spans = sorted(found)
        self._starts = [start for start, _, _ in self._spans]

    def at(self, offset: int) -> Place:
        """Tell what the byte at an offset is."""
        number = bisect_right(self._starts, offset) - 1
        if number >= 0:
            _, stop, place = self._spans[number]
            if offset < stop:
                return place
        return Place.STRUCTURE


def _stored_data(path: Path) -> Iterator[tuple[int, int, Place]]:
    with h5py.File(path, "r") as file:
        names: list[str] = []
        file.visit(names.append)
        for dataset in (file[name] for name in names):
            if not isinstance(dataset, h5py.Dataset):
                continue
            # A filter would notice; then the byte is as good as structure.
            checked = dataset.fletcher32 or dataset.compression is not None
            for number in range(0 if checked else dataset.id.get_num_chunks()):
                chunk = dataset.id.get_chunk_info(number)
                yield chunk.byte_offset, chunk.byte_offset + chunk.size, Place.DATA


def _described(path: Path, content: bytes) -> Iterator[tuple[int, int, Place]]:
    """Find the addresses of chunks and the types of datasets."""
    with h5py.File(path, "r") as file:
        names: list[str] = []
        file.visit(names.append)
        for dataset in (file[name].id for name in names):
            if not isinstance(dataset, h5py.h5d.DatasetID):
                continue
            # In front of the message itself stand its number and a version.
            message = dataset.get_type().encode()[2:]
            header = h5py.h5o.get_info(dataset).addr
            start = content.find(message, header, header + 512)
            if start >= 0:
                yield start, start + len(message), Place.TYPE
            for number in range(dataset.get_num_chunks()):
                address = dataset.get_chunk_info(number).byte_offset.to_bytes(8, "little")
                for start in _occurrences(content, address):
                    yield start, start + 8, Place.ADDRESS


def _heaps(content: bytes) -> Iterator[tuple[int, int, Place]]:
    """Find the contents of global heaps and of local heaps, which hold the names of links."""
    for start in _occurrences(content, b"GCOL"):
        size = int.from_bytes(content[start + 8 : start + 16], "little")
        yield start + 16, start + size, Place.HEAP
    for start in _occurrences(content, b"HEAP"):
        size = int.from_bytes(content[start + 8 : start + 16], "little")
        address = int.from_bytes(content[start + 24 : start + 32], "little")
        yield address, address + size, Place.HEAP


def _occurrences(content: bytes, mark: bytes) -> Iterator[int]:
    start = content.find(mark)
    while start >= 0:
        yield start
        start = content.find(mark, start + 1)


@dataclass(frozen=True)
class Mutant:
    """One byte of one variant that differs."""

    variant: str
    offset: int
    mask: int
    place: Place

    def write(self, original: bytes, path: Path) -> None:
        """Write the damaged file."""
        content = bytearray(original)
        content[self.offset] ^= self.mask
        path.write_bytes(content)


def mutants(variant: str, path: Path, number: int, seed: int) -> list[Mutant]:
    """Choose mutants of a file, most of them in its structure, where it hurts most."""
    chance = random.Random(f"{variant} {seed}")
    places = Places(path)
    content = path.read_bytes()
    found: list[Mutant] = []
    while len(found) < number:
        offset = chance.randrange(len(content))
        place = places.at(offset)
        # Zeros are mostly room that nothing uses.
        if (place is Place.STRUCTURE and content[offset]) or chance.random() < 0.1:
            mask = chance.choice([1 << chance.randrange(8), chance.randrange(1, 256)])
            found.append(Mutant(variant, offset, mask, place))
    return found
