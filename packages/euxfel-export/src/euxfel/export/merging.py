"""Modules of a detector as one source, the way the live bridge sends them."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from euxfel.components import FrameKeyData, MultimodDetector, identify_multimod_detectors
from euxfel.core import DataCollection, by_id

# Of a missing module no pixel may count as good.
_BAD_PIXEL = np.uint32(0xFFFFFFFF)
_PRESENT = "modulesPresent"

Values = dict[str, Any]


def merged_detectors(data: DataCollection) -> list[MergedDetector]:
    """Give the detectors that some data has, each to be sent as one source."""
    found = identify_multimod_detectors(data)
    assert isinstance(found, set)
    ordered = sorted(found, key=lambda item: (item[0], item[1].__name__))
    return [MergedDetector(_detector(data, name, cls)) for name, cls in ordered]


def _detector(data: DataCollection, name: str, cls: Any) -> MultimodDetector:
    with warnings.catch_warnings():
        # What is streamed is in the name of its sources: nobody takes raw data for corrected.
        warnings.simplefilter("ignore", UserWarning)
        detector: MultimodDetector = cls(data, name, min_modules=1)
    return detector


class MergedDetector:
    """A detector whose large keys are sent as arrays of all modules.

    Parameters
    ----------
    detector : MultimodDetector
        The modules.

    Attributes
    ----------
    source : str
        Name of the one source.
    """

    def __init__(self, detector: MultimodDetector) -> None:
        self.source = f"{detector.detector_name}/DET/APPEND"
        self._detector = detector
        self._modules = sorted(detector.source_to_modno, key=detector.source_to_modno.__getitem__)
        group = detector.kind.data_key.rpartition(".")[0]
        self._group = group
        self._mask_key = detector.kind.mask_key
        wanted = dict.fromkeys([detector.kind.data_key, f"{group}.gain", self._mask_key])
        self._stacked = [key for key in wanted if self._has(key)]
        self._trains = set(detector.train_ids)

    def _has(self, key: str) -> bool:
        return key in self._detector and key in self._detector.data[self._modules[0]]

    def without_stacked(self, data: DataCollection) -> DataCollection:
        """Give the data without the keys that are read for all modules at once."""
        one = [(source, key) for source in self._modules for key in self._stacked]
        return data.deselect(one)

    def merge_into(self, tid: int, values: dict[str, Values]) -> dict[str, Values]:
        """Put the one source in the place of the modules."""
        others = {s: v for s, v in values.items() if s not in self._detector.source_to_modno}
        merged: Values = {"metadata": {"source": self.source, "timestamp.tid": tid}}
        if tid in self._trains:
            # What is the same for all modules is that of the first one that has data.
            first = next((values[s] for s in self._modules if len(values.get(s, ())) > 1), {})
            merged = {**first, **merged, **self._read(tid, first)}
        return {**others, self.source: merged}

    def _read(self, tid: int, first: Mapping[str, Any]) -> Values:
        here = self._detector.select_trains(by_id[[tid]])
        found: Values = {key: self._stack(here, key) for key in self._stacked}
        available = here[self._detector.kind.data_key].data_availability(module_gaps=True)
        found[_PRESENT] = available.any(axis=1).tolist()
        if not available.all():
            found.update(self._frame_labels(here, first, available.shape[1]))
        return found

    def _stack(self, here: MultimodDetector, key: str) -> NDArray[Any]:
        """Read a key of all modules straight to where the one array has it."""
        view = here[key]
        n_modules, n_entries, *entry = view.buffer_shape(module_gaps=True)
        is_framed = isinstance(view, FrameKeyData)
        inner = (n_entries, *entry) if is_framed else tuple(entry)
        out = np.empty((*inner[:-2], n_modules, *inner[-2:]), view.dtype)
        modules_first = np.moveaxis(out, -min(3, out.ndim), 0)
        view.ndarray(
            out=modules_first if is_framed else modules_first[:, np.newaxis],
            module_gaps=True,
            fill_value=self._fill(key, out.dtype),
        )
        return out.reshape(*out.shape[:1], *self._kept_axes(key, len(entry)), *out.shape[1:])

    def _kept_axes(self, key: str, n_axes: int) -> tuple[int, ...]:
        """Give the axes of length 1 that raw frames of some detectors are sent with."""
        stored = self._detector.data[self._modules[0]][key].entry_shape
        return stored[: max(len(stored) - n_axes, 0)] if 1 in stored[:1] else ()

    def _fill(self, key: str, dtype: np.dtype[Any]) -> Any:
        if key == self._mask_key:
            return _BAD_PIXEL.astype(dtype)
        return np.nan if dtype.kind in "fc" else 0

    def _frame_labels(
        self, here: MultimodDetector, first: Mapping[str, Any], n_frames: int
    ) -> Values:
        """Give labels of all frames, where the first module may lack some of them."""
        view = here[self._detector.kind.data_key]
        if not isinstance(view, FrameKeyData):
            return {}
        labels = {
            f"{self._group}.pulseId": view.pulse_id_coordinates,
            f"{self._group}.cellId": view.cell_id_coordinates,
        }
        return {
            key: read().astype(first[key].dtype).reshape(n_frames, *first[key].shape[1:])
            for key, read in labels.items()
            if key in first
        }
