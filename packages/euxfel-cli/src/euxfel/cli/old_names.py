"""The names that the field's scripts call: each is one command of ``euxfel``."""

from __future__ import annotations

from .app import main_as


def extra_data_validate() -> int:
    """``euxfel validate``."""
    return main_as("extra-data-validate", "validate")


def extra_data_readable() -> int:
    """``euxfel readable``."""
    return main_as("extra-data-readable", "readable")


def lsxfel() -> int:
    """``euxfel ls``."""
    return main_as("lsxfel", "ls")


def extra_data_locality() -> int:
    """``euxfel locality``."""
    return main_as("extra-data-locality", "locality")


def extra_data_make_virtual_cxi() -> int:
    """``euxfel make-virtual-cxi``."""
    return main_as("extra-data-make-virtual-cxi", "make-virtual-cxi")


def karabo_bridge_serve_run() -> int:
    """``euxfel serve-run``."""
    return main_as("karabo-bridge-serve-run", "serve-run")


def karabo_bridge_serve_files() -> int:
    """``euxfel serve-files``."""
    return main_as("karabo-bridge-serve-files", "serve-files")
