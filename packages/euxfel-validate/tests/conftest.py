from __future__ import annotations

import sys
from pathlib import Path

# The seeded runs are imported from every test module alike.
sys.path.insert(0, str(Path(__file__).parent))
