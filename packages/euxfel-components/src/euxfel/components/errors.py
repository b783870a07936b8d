"""The one error that detectors add to the project's tree."""

from __future__ import annotations

from euxfel.fileaccess import EuxfelError


class NoMaskError(EuxfelError, RuntimeError):
    """The data holds no mask of bad pixels: it is raw, or its mask was left out."""
