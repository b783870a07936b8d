"""The public door of the package."""

from __future__ import annotations

import pytest

import euxfel.core


@pytest.mark.parametrize("name", euxfel.core.__all__)
def test_every_public_name_is_there(name):
    assert getattr(euxfel.core, name) is not None


def test_public_names_are_listed():
    assert dir(euxfel.core) == sorted(euxfel.core.__all__)
