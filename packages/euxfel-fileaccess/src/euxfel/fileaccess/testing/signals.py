"""Signals that look like those of a beam: pulse energies, and the spot on a camera."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .rules import Rows


@dataclass(frozen=True)
class PulseEnergies:
    """Rule: energies of ``pulses`` pulses of about ``mean``; 1 after them, as an XGM has it."""

    pulses: int
    mean: float = 900.0

    def __call__(self, rows: Rows) -> NDArray[Any]:
        """Energies of the trains."""
        energies = np.ones((len(rows.row), *rows.entry_shape), dtype=rows.dtype)
        for i, row in enumerate(rows.row.tolist()):
            random = np.random.default_rng([rows.sequence, row])
            energies[i, : self.pulses] = random.gamma(30, self.mean / 30, self.pulses)
        return energies


@dataclass(frozen=True)
class BeamSpot:
    """Rule: a round spot that moves a little from train to train, on a noisy background."""

    height: float = 2800.0
    width: float = 18.0

    def __call__(self, rows: Rows) -> NDArray[Any]:
        """Images of the trains."""
        images = np.empty((len(rows.row), *rows.entry_shape), dtype=rows.dtype)
        y, x = np.indices(rows.entry_shape)
        for i, row in enumerate(rows.row.tolist()):
            random = np.random.default_rng([rows.sequence, row, 1])
            centre = np.array(rows.entry_shape) / 2 + random.normal(0, 4, 2)
            squares = (y - centre[0]) ** 2 + (x - centre[1]) ** 2
            spot = self.height * np.exp(-squares / (2 * self.width**2))
            images[i] = spot + random.normal(60, 4, spot.shape)
        return images
