"""The read engine: rows of datasets into arrays, as fast as the file system and cores allow.

Everything in euxfel that reads data goes through :func:`read`. It and what it needs are
imported by the first read: opening a run and looking around in it does without.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..lazy_names import lazy_names

if TYPE_CHECKING:
    from .chunk_table import ChunkIndex
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

__getattr__ = lazy_names(
    __name__,
    {
        ".chunk_table": ["ChunkIndex"],
        ".execute": ["read"],
        ".known": ["chunk_index", "dataset_layout"],
        ".layout": ["DatasetLayout", "LayoutKind"],
        ".mapped": ["memory_map"],
        ".request": ["ReadRequest"],
    },
)
