"""LPD, which can record three gain stages of each pulse (parallel gain)."""

from __future__ import annotations

from collections.abc import Collection

from euxfel.core import DataCollection

from .frames import Frames
from .table import TABLE
from .xtdf import Align, XtdfDetector

STAGES = 3


class _LPD(XtdfDetector):
    """LPD of any number of modules.

    Parameters
    ----------
    data, detector_name, modules, min_modules, raw, align
        As for `XtdfDetector`.
    parallel_gain : bool
        True for data in which a train holds all its frames in high, then in medium, then in low
        gain. Frames are then labelled with their gain stage, 0 to 2; pulse and cell IDs are
        those of the first stage, as the others have none.

    Raises
    ------
    ValueError
        With parallel gain, if the number of frames in a train is not a multiple of 3.
    """

    def __init__(
        self,
        data: DataCollection,
        detector_name: str | None = None,
        modules: Collection[int] | None = None,
        *,
        min_modules: int = 1,
        parallel_gain: bool = False,
        raw: bool | None = None,
        align: Align = "auto",
    ) -> None:
        self.parallel_gain = parallel_gain
        # Two thirds of the frames have no pulse IDs to go by.
        align = "position" if parallel_gain else align
        super().__init__(
            data, detector_name, modules, min_modules=min_modules, raw=raw, align=align
        )

    def _all_frames(self) -> Frames:
        frames = super()._all_frames()
        uneven = frames.slots % STAGES != 0
        if self.parallel_gain and uneven.any():
            raise ValueError(
                f"parallel_gain=True, but train {frames.train_ids[uneven][0]} has "
                f"{frames.slots[uneven][0]} frames, which is not a multiple of {STAGES}"
            )
        return frames

    @property
    def _gain_stages(self) -> int:
        return STAGES if self.parallel_gain else 1


class LPD1M(_LPD):
    """LPD-1M: 16 modules of 256 x 256 pixels.

    Arguments are those of `XtdfDetector`, and ``parallel_gain=True`` for data in which a train
    holds its frames in high, then in medium, then in low gain.
    """

    kind = TABLE["LPD1M"]


class LPDSolo(_LPD):
    """LPD Solo: one module of 256 x 256 pixels; arguments are those of `LPD1M`."""

    kind = TABLE["LPDSolo"]
