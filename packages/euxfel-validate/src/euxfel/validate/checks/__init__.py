"""The checks. Importing this enters them, in the order in which they are made and listed."""

# ruff: noqa: I001
from . import opening, trains, index, values, tree, elsewhere, storage
from . import run_files, run_trains, run_types, run_modules, run_caches

__all__ = [
    "elsewhere",
    "index",
    "opening",
    "run_caches",
    "run_files",
    "run_modules",
    "run_trains",
    "run_types",
    "storage",
    "trains",
    "tree",
    "values",
]
