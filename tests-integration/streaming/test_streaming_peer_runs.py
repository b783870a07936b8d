"""Every mock run of EXtra-data: what karabo_bridge decodes is what EXtra-data reads."""

from __future__ import annotations

import warnings
from itertools import islice
from pathlib import Path
from typing import Any

import extra_data
import numpy as np
import pytest
from extra_data.export import _drop_object_arrays
from karabo_bridge.serializer import deserialize
from parity.makers import RECIPES

import euxfel.core
from euxfel.export.encoding import encode
from euxfel.export.source import trains_of

N_TRAINS = 2


def opened(library: Any, folder: Path, file: str) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return library.H5File(str(folder / file)) if file else library.RunDirectory(str(folder))


def same(found: Any, wanted: Any) -> bool:
    # Text of one train is bytes in EXtra-data, here it is text.
    wanted = wanted.decode() if isinstance(wanted, bytes) else wanted
    if not isinstance(wanted, np.ndarray):
        return bool(found == wanted or wanted != wanted)
    # Its own encoding of structured arrays cannot be decoded; ours is their bytes.
    dtype = wanted.dtype if wanted.dtype.names else found.dtype
    return found.view(dtype).tobytes() == wanted.tobytes() and dtype == wanted.dtype


@pytest.mark.filterwarnings("ignore:.*legacy name:DeprecationWarning")
@pytest.mark.parametrize("recipe", RECIPES, ids=lambda recipe: recipe.name)
def test_same_arrays_and_metadata(tmp_path: Path, recipe: Any) -> None:
    """Issue 8, B20: all that the peer sends, and the arrays of text that it leaves out."""
    recipe.make(tmp_path)
    peer, ours = (opened(lib, tmp_path, recipe.file) for lib in (extra_data, euxfel.core))
    peers = ((tid, data) for tid, data in peer.trains() if data)
    for (tid, wanted), train in islice(zip(peers, trains_of(ours), strict=False), N_TRAINS):
        assert train.train_id == tid
        _drop_object_arrays(wanted)
        found, meta = deserialize(list(encode(train.data, train.metadata).parts))
        assert set(found) == set(wanted)
        for source, values in wanted.items():
            assert values.pop("metadata").items() <= meta[source].items()
            for key, value in values.items():
                assert same(found[source][key], value), (source, key)
