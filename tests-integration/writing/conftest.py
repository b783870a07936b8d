from __future__ import annotations

import sys
from pathlib import Path

# The helpers are imported as `parity.makers`, `writing.kinds`, from every test module alike.
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
