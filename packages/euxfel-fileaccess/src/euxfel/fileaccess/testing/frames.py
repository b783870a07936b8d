"""Frames that look like diffraction: rings with photon noise, hot pixels, uneven modules.

Planted values show errors; these are for pictures. They too follow from source, sequence file and
row alone, and need no files of their own.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .rules import Rows

RINGS = ((95.0, 9.0, 1.6), (190.0, 12.0, 2.4), (300.0, 16.0, 1.1), (430.0, 22.0, 0.8))
"""Radius and width in pixels, and height in photons a pixel."""
ADU_PER_PHOTON = 60.0
OFFSET = 4300.0
NOISE_TILES = 4
HOT_PIXELS = 40


@dataclass(frozen=True)
class RingFrames:
    """Rule: corrected frames in photons, or raw frames in ADU with a gain plane.

    Attributes
    ----------
    raw : bool
        Raw frames of AGIPD, ``(2, 512, 128)`` u2, instead of corrected ones.
    """

    raw: bool = False

    def __call__(self, rows: Rows) -> NDArray[Any]:
        """Frames of the rows."""
        module = module_number(rows.source)
        noisy = photon_tiles(module)
        random = _random(rows.source, rows.key, rows.sequence)
        frames = np.empty((len(rows.row), *rows.entry_shape), dtype=rows.dtype)
        for i, pulse_energy in enumerate(random.gamma(12, 1 / 12, len(rows.row))):
            # Drawing photons anew for each frame would take most of the time of a demo.
            photons = noisy[random.integers(NOISE_TILES)] * np.float32(pulse_energy)
            frames[i] = _raw(photons, random) if self.raw else photons
        return frames


@dataclass(frozen=True)
class HotPixelMask:
    """Rule: bad-pixel bits, 1 at hot pixels and at the edges of the ASICs."""

    def __call__(self, rows: Rows) -> NDArray[Any]:
        """Masks of the rows, all alike."""
        mask = np.zeros(rows.entry_shape, dtype=rows.dtype)
        mask[63::64] = 4
        mask[hot_pixels(module_number(rows.source))] = 1
        return np.broadcast_to(mask, (len(rows.row), *mask.shape)).copy()


def module_number(source: str) -> int:
    """Number of an AGIPD module, from its source name."""
    found = re.search(r"/(\d+)CH0", source)
    if found is None:
        raise ValueError(f"{source} is not named as a detector module is (.../3CH0:xtdf)")
    return int(found[1])


@lru_cache(maxsize=32)
def photon_tiles(module: int) -> NDArray[np.float32]:
    """A few noisy frames of one module, shape ``(NOISE_TILES, 512, 128)``, in photons."""
    random = np.random.default_rng(module)
    mean = expected_photons(module)
    tiles = random.poisson(mean, (NOISE_TILES, *mean.shape)).astype(np.float32)
    tiles += random.normal(0, 0.1, mean.shape).astype(np.float32)
    tiles[(slice(None), *hot_pixels(module))] = 50
    return tiles


def expected_photons(module: int) -> NDArray[np.float64]:
    """Mean photons in each pixel of one module, shape ``(512, 128)``."""
    slow, fast = pixel_positions(module)
    radius = np.hypot(slow, fast)
    rings = sum(h * np.exp(-(((radius - r) / w) ** 2)) for r, w, h in RINGS)
    beam = 6.0 * np.exp(-radius / 60.0)
    sensitivity = 1 + 0.02 * (module % 5) + 0.1 * np.linspace(-1, 1, 128)
    mean: NDArray[np.float64] = (rings + beam + 0.05) * sensitivity
    return mean


def pixel_positions(module: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Distance of pixels from the beam along both axes, each of shape ``(512, 128)``.

    Four modules stand one below the other in each quadrant, around a hole for the beam.
    """
    quadrant, place = divmod(module, 4)
    left, upper = quadrant in {0, 1}, quadrant in {0, 3}
    along = np.arange(512.0)[:, np.newaxis] + 12
    across = np.arange(128.0)[np.newaxis] + 20 + 140 * (3 - place if upper else place)
    slow = -along if left else along
    fast = across if upper else -across
    return np.broadcast_to(slow, (512, 128)), np.broadcast_to(fast, (512, 128))


@lru_cache(maxsize=32)
def hot_pixels(module: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Indexes of hot pixels along both axes."""
    random = np.random.default_rng(1000 + module)
    return random.integers(0, 512, HOT_PIXELS), random.integers(0, 128, HOT_PIXELS)


def _raw(photons: NDArray[np.float32], random: np.random.Generator) -> NDArray[np.float32]:
    signal = OFFSET + ADU_PER_PHOTON * photons + np.float32(random.normal(0, 15))
    gain = np.full_like(signal, 6200)
    return np.stack([signal, gain]).clip(1, 16383)


def _random(source: str, key: str, sequence: int) -> np.random.Generator:
    name = f"{source}\0{key}\0{sequence}".encode()
    return np.random.default_rng(list(hashlib.blake2b(name, digest_size=8).digest()))
