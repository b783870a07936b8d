"""Pools of detector frames with plausible noise, and their compressed chunks."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Sequence
from typing import Any

import h5py
import numpy as np
from numpy.typing import NDArray

POOL = 64
Frames = NDArray[Any]


def raw_frames(shape: tuple[int, ...], n: int = POOL, seed: int = 1) -> Frames:
    """uint16 frames: a pedestal per pixel, read-out noise, a few photons."""
    rng = np.random.default_rng(seed)
    pedestal = rng.normal(5000, 400, shape)
    noise = rng.standard_normal((n, *shape), dtype=np.float32) * 30
    photons = rng.poisson(0.05, (n, *shape)) * np.float32(70)
    return (pedestal + noise + photons).astype(np.uint16)


def corrected_frames(shape: tuple[int, ...], n: int = POOL, seed: int = 2) -> Frames:
    """float32 frames in photon energies: noise about zero, a few photons."""
    rng = np.random.default_rng(seed)
    noise = rng.standard_normal((n, *shape), dtype=np.float32) * np.float32(0.8)
    photons = rng.poisson(0.05, (n, *shape)) * np.float32(9.3)
    frames: Frames = (noise + photons).astype(np.float32)
    return frames


def mask_frames(shape: tuple[int, ...], n: int = POOL, seed: int = 3) -> Frames:
    """uint32 bad-pixel bits: lasting defects, and some that depend on the cell."""
    rng = np.random.default_rng(seed)
    lasting = np.where(rng.random(shape) < 0.005, 1 << rng.integers(0, 12, shape), 0)
    lasting[..., :2] |= 1 << 14  # the edges of every module are suspect
    passing = np.where(rng.random((n, *shape)) < 0.0002, 1 << 5, 0)
    return (lasting | passing).astype(np.uint32)


def gain_frames(shape: tuple[int, ...], n: int = POOL, seed: int = 4) -> Frames:
    """uint8 gain stages: high gain but where the beam is bright."""
    rng = np.random.default_rng(seed)
    rows, columns = np.ogrid[tuple(slice(size) for size in shape)]
    bright = np.exp(-((rows - shape[0] / 2) ** 2 + columns**2) / (shape[1] / 2) ** 2)
    draws = rng.random((n, *shape))
    medium, low = draws < bright * 0.5, draws < bright * 0.05
    stages: Frames = np.add(medium, low, dtype=np.uint8)
    return stages


def compressed(frames: Frames, shuffle: bool) -> list[bytes]:
    """Each frame as HDF5 stores it: byte-shuffled if asked, then deflate level 1."""
    return [zlib.compress(_shuffled(frame) if shuffle else frame.tobytes(), 1) for frame in frames]


def _shuffled(frame: Frames) -> bytes:
    by_byte = np.ascontiguousarray(frame).view(np.uint8).reshape(-1, frame.itemsize)
    return by_byte.T.tobytes()


def write_compressed(
    file: h5py.File,
    path: str,
    pool: Frames,
    chunks: Sequence[bytes],
    shuffle: bool,
    n_frames: int,
    pick: Callable[[int], int],
) -> None:
    """Write a dataset of one-frame chunks, frame ``i`` being ``pool[pick(i)]``."""
    dataset = file.create_dataset(
        path,
        shape=(n_frames, *pool.shape[1:]),
        dtype=pool.dtype,
        chunks=(1, *pool.shape[1:]),
        compression="gzip",
        compression_opts=1,
        shuffle=shuffle,
    )
    tail = (0,) * (pool.ndim - 1)
    for frame in range(n_frames):
        dataset.id.write_direct_chunk((frame, *tail), chunks[pick(frame)])


def picker(module: int) -> Callable[[int], int]:
    """Which frame of the pool is frame ``i`` of this module: no two modules alike."""
    order = np.random.default_rng(1000 + module).integers(0, POOL, 8192)
    return lambda frame: int(order[frame % len(order)])
