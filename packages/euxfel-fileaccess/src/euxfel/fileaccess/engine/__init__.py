"""The read engine: rows of datasets into arrays, as fast as the file system and cores allow.

Everything in euxfel that reads data goes through :func:`read`.
"""

from __future__ import annotations

from .chunk_index import ChunkIndex
from .execute import read
from .known import chunk_index, dataset_layout
from .layout import DatasetLayout, LayoutKind
from .mapped import memory_map
from .request import ReadRequest

__all__ = [
    "ChunkIndex",
    "DatasetLayout",
    "LayoutKind",
    "ReadRequest",
    "chunk_index",
    "dataset_layout",
    "memory_map",
    "read",
]
