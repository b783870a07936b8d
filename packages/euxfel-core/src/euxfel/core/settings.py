"""What is known about the site: where data and software are, and how to say otherwise."""

from __future__ import annotations

import os
from pathlib import Path

from euxfel.fileaccess.filenames import FACILITY_ROOT

# EXtra-data reads the same variables: sites have set them.
DATA_ROOT_VARIABLE = "EXTRA_DATA_DATA_ROOT"
SOFTWARE_ROOT_VARIABLE = "EXTRA_DATA_SW_ROOT"

FACILITY_SOFTWARE_ROOT = "/gpfs/exfel/sw"

# Aliases of a proposal, and those of an instrument that are used where a proposal has none.
PROPOSAL_ALIASES = "{}/usr/extra-data-aliases.yml"
INSTRUMENT_ALIASES = "extra-data-aliases-default.yml"

# The facility's notebook server shows files under /gpfs at this address.
NOTEBOOK_SERVER = "https://max-jhub.desy.de/hub/user-redirect/lab/tree/GPFS"
NOTEBOOK_SERVER_ROOT = "/gpfs"


def data_root() -> Path:
    """The folder of the instruments' data, from ``EXTRA_DATA_DATA_ROOT`` or the facility's."""
    return Path(os.environ.get(DATA_ROOT_VARIABLE) or FACILITY_ROOT)


def software_root() -> Path:
    """The folder of the instruments' software, from ``EXTRA_DATA_SW_ROOT`` or the facility's."""
    return Path(os.environ.get(SOFTWARE_ROOT_VARIABLE) or FACILITY_SOFTWARE_ROOT)
