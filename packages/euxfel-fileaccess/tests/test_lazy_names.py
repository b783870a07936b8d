"""Public names: found when used, all of them, and only then imported."""

from __future__ import annotations

import subprocess
import sys

import pytest

import euxfel.fileaccess
from euxfel.fileaccess.lazy_names import lazy_names


@pytest.mark.parametrize("name", euxfel.fileaccess.__all__)
def test_every_public_name_is_there(name):
    assert getattr(euxfel.fileaccess, name).__name__ == name


def test_unknown_name_is_an_attribute_error():
    with pytest.raises(
        AttributeError, match=r"module 'euxfel\.fileaccess' has no attribute 'nope'"
    ):
        euxfel.fileaccess.nope  # noqa: B018


def test_public_names_are_listed():
    assert dir(euxfel.fileaccess) == sorted(euxfel.fileaccess.__all__)


def test_name_is_looked_up_once(monkeypatch):
    module = type(sys)("somewhere")
    monkeypatch.setitem(sys.modules, "somewhere", module)
    assert lazy_names("somewhere", {"math": ["pi"]})("pi") == module.pi


def test_importing_the_package_imports_no_library():
    program = "import sys, euxfel.fileaccess; print('h5py' in sys.modules)"
    shown = subprocess.check_output([sys.executable, "-c", program], text=True)
    assert shown == "False\n"
