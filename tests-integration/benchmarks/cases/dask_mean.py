"""Row 17: the mean of a detector through dask, in threads and in other processes."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from cases.catalogue import Work, case
from cases.library import Library
from makers import agipd

PRELOAD = ("dask.array",)
LazyArray = Callable[[Library, Path], Any]


def _detector(library: Library, folder: Path) -> Any:
    return library.agipd(folder, raw=True)["image.data"].dask_array()


def _key_data(library: Library, folder: Path) -> Any:
    dask_array: Any = importlib.import_module("dask.array")

    run = library.open(folder)
    modules = [agipd.source_name(number) for number in range(agipd.MODULES)]
    return dask_array.stack([run[source, "image.data"].dask_array() for source in modules])


def _in_threads(lazy: LazyArray, library: Library, folder: Path) -> Work:
    return lambda: _rounded(lazy(library, folder).mean().compute(scheduler="threads"))


def _in_workers(lazy: LazyArray, n_workers: int, library: Library, folder: Path) -> Work:
    distributed: Any = importlib.import_module("distributed")

    cluster = distributed.LocalCluster(
        n_workers=n_workers, threads_per_worker=1, dashboard_address=None
    )
    client = distributed.Client(cluster)
    # Workers import what they need before the clock starts, as they do in a long session.
    client.run(library.missing, ("core", "components"))
    client.run(importlib.import_module, "dask.array")
    return lambda: _rounded(lazy(library, folder).mean().compute(scheduler=client))


def _rounded(mean: Any) -> str:
    """The order of a sum of floats is open: its last digits are not part of the answer."""
    return f"{float(mean):.6g}"


for name, part, lazy in [("", "components", _detector), ("k", "core", _key_data)]:
    means = "mean" if part == "components" else "mean, modules through KeyData"
    details: dict[str, Any] = {"run": "raw", "parts": ("core", part), "preload": PRELOAD}
    case(f"17a{name}", f"dask {means}: local threads", bar=2 if not name else None, **details)(
        partial(_in_threads, lazy)
    )
    case(f"17b{name}", f"dask {means}: 2 workers", bar=2 if not name else None, **details)(
        partial(_in_workers, lazy, 2)
    )
    case(f"17c{name}", f"dask {means}: 1 worker", bar=None, **details)(
        partial(_in_workers, lazy, 1)
    )
