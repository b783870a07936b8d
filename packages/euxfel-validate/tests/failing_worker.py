"""What workers run in place of the checks; the name of the file says what happens."""

from __future__ import annotations

import os
import signal
import time
from typing import Any

from euxfel.validate.worker import answer


def misbehave(path: str, **options: Any) -> dict[str, Any]:
    """Check a file, or hang, crash or talk nonsense."""
    if "DA07" in path:
        time.sleep(600)
    if "DA08" in path:
        os.kill(os.getpid(), signal.SIGSEGV)
    if "DA09" in path:
        return {"problems": [{"kind": "nonsense"}]}
    return answer(path, **options)
