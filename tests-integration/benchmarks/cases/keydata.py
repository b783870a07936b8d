"""Row 7, and rows 4 to 6 without detector classes: reads of plain keys."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from cases import plain
from cases.catalogue import Work, case, read_all
from cases.library import Library
from makers import agipd, images

SOURCES = [agipd.source_name(number) for number in range(agipd.MODULES)]
HALF = np.s_[:4]


def _modules(key: str, trains: slice, library: Library, folder: Path) -> Work:
    """All the modules, one after the other, into one array."""
    run = library.open(folder).select_trains(library.core.by_index[trains])
    keys = [run[source, key] for source in SOURCES]

    def work() -> Any:
        result = np.empty((len(keys), *keys[0].shape), keys[0].dtype)
        for number, key_data in enumerate(keys):
            key_data.ndarray(out=result[number])
        return result

    return work


case(
    "4k",
    "as 4, module by module through KeyData",
    run="raw",
    bar=None,
    reference=plain.read_images,
)(partial(_modules, "image.data", np.s_[:]))
case("5k", "as 5, module by module through KeyData", run="corrected", bar=None)(
    partial(_modules, "image.data", HALF)
)
case("6mk", "mask as 6, module by module through KeyData", run="corrected", bar=None)(
    partial(_modules, "image.mask", np.s_[:])
)
case("6gk", "gain as 6, module by module through KeyData", run="corrected", bar=None)(
    partial(_modules, "image.gain", np.s_[:])
)


def _one_key(source: str, key: str, trains: slice, library: Library, folder: Path) -> Work:
    key_data = library.open(folder)[source, key].select_trains(library.core.by_index[trains])
    return read_all(key_data)


case("6bk", "as 6b through KeyData", row="6b", run="long-gain", bar=None)(
    partial(_one_key, SOURCES[0], "image.gain", np.s_[:])
)
case("7", "one compressed module through KeyData", run="corrected", bar=5)(
    partial(_one_key, SOURCES[0], "image.data", HALF)
)
case("7j", "one compressed JUNGFRAU module through KeyData", run="jungfrau", bar=5)(
    partial(_one_key, images.JUNGFRAU, "data.adc", np.s_[:])
)
case("7c", "one compressed camera through KeyData", run="camera", bar=5)(
    partial(_one_key, images.CAMERA, "data.image.pixels", np.s_[:])
)
