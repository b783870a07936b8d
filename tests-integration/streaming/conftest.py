from __future__ import annotations

import sys
from pathlib import Path

# The makers of the parity suite are imported as `parity.makers` here too.
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
