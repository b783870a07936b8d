"""Pixels that the mask calls bad, replaced block by block.

Data and mask of a block are read by one thread and put together while they are in its cache. The
mask of the whole is never in memory.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from euxfel.fileaccess import DataError

from .frames import I64
from .workers import for_each

if TYPE_CHECKING:
    from .module_key import ModuleKey

# Small enough to stay in the cache of a core, large enough to be worth a thread's while.
BLOCK_BYTES = 4 * 2**20


@dataclass(frozen=True, slots=True)
class Mask:
    """Which pixels are bad, and what to put in their place.

    Attributes
    ----------
    key : str
        Key of the mask.
    bits : int or None
        Bits that count; None for any.
    value : number
        What stands for bad pixels.
    """

    key: str
    bits: int | None
    value: Any

    def is_bad(self, mask: NDArray[Any]) -> NDArray[np.bool_]:
        """Tell which pixels are bad by the values of the mask."""
        chosen = mask if self.bits is None else mask & mask.dtype.type(self.bits)
        bad: NDArray[np.bool_] = np.not_equal(chosen, 0)
        return bad


def combined_bits(bits: int | Iterable[int] | None) -> int | None:
    """Give bits as one number.

    Examples
    --------
    >>> from euxfel.components.masked import combined_bits
    >>> combined_bits([1, 4])
    5
    """
    if not isinstance(bits, Iterable):
        return bits
    combined = 0
    for some in bits:
        combined |= int(some)
    return combined


@dataclass(frozen=True, slots=True, eq=False)
class MaskedRead:
    """Data and mask of some frames, to be read into one array.

    Attributes
    ----------
    data, mask_key : ModuleKey
        The pixels and their mask.
    mask : Mask
        What counts as bad.
    picked : ndarray of int64
        The frames.
    roi : tuple
        How to index each entry.
    """

    data: ModuleKey
    mask_key: ModuleKey
    mask: Mask
    picked: I64
    roi: Any

    def blocks(self, frames_per_block: int) -> Iterator[tuple[int, slice]]:
        """Cut the frames of each module into blocks."""
        for module in range(len(self.data.sources)):
            for low in range(0, len(self.picked), frames_per_block):
                yield module, slice(low, min(low + frames_per_block, len(self.picked)))

    def read_into(self, out: NDArray[Any], at: Sequence[int], threads: int | None = None) -> None:
        """Read pixels, and replace the bad ones; `at` is where in the array modules go."""
        entry_bytes = max(self.mask_key.frame_bytes, out[:1, :1].nbytes, 1)
        blocks = self.blocks(max(1, BLOCK_BYTES // entry_bytes))
        for_each(blocks, partial(self._block, out, at), threads)

    def _block(self, out: NDArray[Any], at: Sequence[int], block: tuple[int, slice]) -> None:
        module, where = block
        part = out[at[module]][np.newaxis, where]
        bad = self.read_block(part, module, self.picked[where])
        # What fills a gap stays: the mask of a gap is 0.
        np.copyto(part, self.mask.value, where=bad, casting="unsafe")

    def read_block(self, part: NDArray[Any], module: int, picked: I64) -> NDArray[np.bool_]:
        """Read some frames of one module into an array, and give which pixels are bad."""
        plan = self.data.plan(picked, modules=[module], roi=self.roi, dtype=part.dtype)
        plan.read_into(part, threads=1)
        mask = self.mask_key.plan(picked, modules=[module], roi=self.roi).read(threads=1)
        if mask.shape != part.shape:
            raise DataError(
                f"{self.mask.key} has entries of shape {mask.shape[2:]}, "
                f"{self.data.key} of {part.shape[2:]}: the one cannot mask the other",
                key=self.mask.key,
            )
        return self.mask.is_bad(mask)


def check_value(value: Any, dtype: DTypeLike) -> None:
    """Refuse a value for bad pixels that the data cannot hold.

    Raises
    ------
    ValueError
        NaN for integers.
    """
    if np.dtype(dtype).kind not in "fc" and isinstance(value, float) and np.isnan(value):
        raise ValueError(
            f"{np.dtype(dtype)} data cannot hold NaN for bad pixels: give masked_value=, or "
            "astype= a float type"
        )
