from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

# The helpers are imported as `parity.makers` and so on, from every test module alike.
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from parity.libraries import Opened, Store
from parity.makers import BY_NAME


@pytest.fixture(scope="session")
def store() -> Iterator[Store]:
    opened = Store()
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def run(store: Store, request: pytest.FixtureRequest) -> Opened:
    """The run whose name is given by indirect parametrisation."""
    return store.get(BY_NAME[request.param])
