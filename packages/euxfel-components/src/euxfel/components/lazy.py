"""Lazy Dask arrays of all modules, cut into chunks of whole trains."""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from .masked import Mask, check_value
from .plan import ReadPlan

if TYPE_CHECKING:
    import dask.array

    from .view_arrays import ReadsArrays

# Large enough that scheduling costs nothing beside reading, small enough for a worker's memory.
CHUNK_BYTES = 128 * 2**20


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """What a worker needs to read one chunk; pickles by path.

    Attributes
    ----------
    data : ReadPlan
        The frames.
    mask : tuple of (Mask, ReadPlan), or None
        What is bad in them.
    """

    data: ReadPlan
    mask: tuple[Mask, ReadPlan] | None

    def read(self) -> NDArray[Any]:
        """Read the chunk; runs in whatever thread or process Dask chooses."""
        out = self.data.read()
        if self.mask is not None:
            mask, plan = self.mask
            np.copyto(out, mask.value, where=mask.is_bad(plan.read()), casting="unsafe")
        return out


def as_dask(
    view: ReadsArrays, fill_value: Any, astype: DTypeLike | None, frames_per_chunk: int | None
) -> dask.array.Array:
    """Give the data of a key as a lazy array; arguments as for `MultimodKeyData.dask_array`."""
    import dask.array as da
    from dask.highlevelgraph import HighLevelGraph

    view._check()
    dtype = view.dtype if astype is None else np.dtype(astype)
    if view._mask is not None:
        check_value(view._mask.value, dtype)
    most = frames_per_chunk or _most_frames(view, dtype)
    parts = list(view.split_trains(frames_per_part=most)) or [view]
    blocks = [_block(part, dtype, fill_value) for part in parts]
    name = f"euxfel-{_token(blocks)}"
    inner = (0,) * len(view.shape[2:])
    layer: dict[Any, Any] = {
        (name, 0, i, *inner): (Block.read, block) for i, block in enumerate(blocks)
    }
    sizes = (
        (view.shape[0],),
        tuple(block.data.shape[1] for block in blocks),
        *((n,) for n in view.shape[2:]),
    )
    graph = HighLevelGraph.from_collections(name, layer)
    return da.Array(graph, name, sizes, dtype=dtype)


def _most_frames(view: ReadsArrays, dtype: np.dtype[Any]) -> int:
    frame = dtype.itemsize * math.prod(view.shape[2:]) * view.shape[0]
    return max(1, CHUNK_BYTES // max(1, frame * view.det._frames_per_entry))


def _block(view: ReadsArrays, dtype: np.dtype[Any], fill_value: Any) -> Block:
    data = view._key.plan(view._picked, dtype=dtype, fill_value=fill_value)
    if view._mask is None:
        return Block(data, None)
    return Block(data, (view._mask, view._mask_key.plan(view._picked)))


def _token(blocks: list[Block]) -> str:
    """Name what blocks read: the same for the same files and rows, in any process."""
    digest = hashlib.blake2b(digest_size=16)
    for block in blocks:
        plans = [block.data] if block.mask is None else [block.data, block.mask[1]]
        digest.update(repr((block.mask and block.mask[0],)).encode())
        for plan in plans:
            digest.update(
                repr((plan.shape, plan.dtype, plan.fill_value, plan.region.basic)).encode()
            )
            for place in plan.places:
                i = place.handle.identity
                where = (place.handle.path, i.size, i.mtime_ns, i.ctime_ns, place.dataset)
                digest.update(repr((where, place.module, place.start, place.stop)).encode())
                digest.update(place.ranges.tobytes())
    return digest.hexdigest()
