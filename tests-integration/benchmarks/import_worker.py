"""Import one library, in a process that has done nothing else; prints the time as JSON.

python import_worker.py LIBRARY [NAME]

NAME is a public name to import from it.
"""

# No other import stands above the clock: what it brings would not be counted.
import sys
import time

HEAVY = ("pandas", "xarray", "dask", "matplotlib", "yaml", "zmq")
MODULES = {"extra_data": "extra_data", "euxfel": "euxfel.core"}

start, cpu_start = time.perf_counter(), time.process_time()
try:
    __import__(MODULES[sys.argv[1]])
    if sys.argv[2:] and sys.argv[2]:
        getattr(sys.modules[MODULES[sys.argv[1]]], sys.argv[2])
    missing = None
except ModuleNotFoundError as error:
    if error.name is None or not MODULES[sys.argv[1]].startswith(error.name):
        raise
    missing = error.name
seconds, cpu_seconds = time.perf_counter() - start, time.process_time() - cpu_start

import json  # noqa: E402

from memory import peak_bytes  # noqa: E402

if missing:
    print(json.dumps({"missing": missing}))
else:
    peak = peak_bytes()
    print(
        json.dumps(
            {
                "seconds": seconds,
                "cpu_seconds": cpu_seconds,
                "peak_bytes": peak,
                "work_bytes": peak,
                "result_bytes": 0,
                "answer": "",
                "heavy": [name for name in HEAVY if name in sys.modules],
            }
        )
    )
