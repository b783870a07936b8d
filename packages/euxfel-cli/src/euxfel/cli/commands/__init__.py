"""The commands: one module each, and this table of what there is.

A command is a module here, named as the command with ``_`` for ``-``, with

``ABOUT``
    What it does, in a sentence or two, for its ``--help``.
``EXAMPLES``
    Command lines for its ``--help``. A test runs each in a folder with the simulated proposal
    900000 that ``tests/conftest.py`` describes, and they must succeed.
``EXITS``
    Optional: exit codes whose meaning is not that of `euxfel.cli.exits`.
``configure(parser)``
    Add arguments; ``euxfel.cli.arguments`` has those that commands share.
``run(args) -> int``
    Do it and give the exit code. Mistakes of users are `UsageError`, or the errors of the
    libraries as they come: `euxfel.cli.failures` makes lines and exit codes of them.

On top a module imports nothing but ``argparse``, the standard library and rooms of
``euxfel.cli`` that do not load NumPy either: ``--help`` and completion must not wait for it. What
does the work is imported in ``run`` or below. Results are printed (`euxfel.cli.output`, tables
from `euxfel.cli.text`), everything else goes to standard error. A report has ``--json``
(`arguments.add_json`, `output.show_json`). Names and messages from files go through
`euxfel.cli.text.plain`, as `table` does. Work that can take longer than two seconds gets a
`euxfel.cli.progress.Progress`, which is called with ``(done, total)``.

A new command is a module, a line in `GROUPS`, an example of its output in ``tests`` and a
section in ``docs/how-to``. A name that scripts call already is a function in
`euxfel.cli.old_names` and a line in ``pyproject.toml``.
"""

from __future__ import annotations

GROUPS = {
    "Look at data": {
        "ls": "what is in files, runs and proposals",
        "missing": "which sources lack data for which trains",
        "plot": "a picture of one key",
        "tree": "the datasets of an HDF5 file",
    },
    "Check data": {
        "validate": "what is wrong with a file or a run",
        "readable": "which files can be read, and where the others hang",
        "locality": "where dCache keeps files: on disk or on tape",
    },
    "Write data": {
        "overview": "a run as one file of virtual datasets, made or checked",
        "make-virtual-cxi": "a detector as a virtual CXI file, for CrystFEL",
        "copy-structure": "files without their data",
        "export": "slow data as a table, CSV or Parquet",
        "write": "a part of a run as a new file",
    },
    "Stream data": {
        "serve-run": "a run as the live Karabo bridge would send it",
        "serve-files": "the same for a file or a folder",
    },
    "Get started": {
        "demo": "write a simulated run to try things out on",
        "completion": "let the shell complete commands and options",
    },
}
"""Names of commands with a line of help, by what they are for."""

COMMANDS = {name: line for group in GROUPS.values() for name, line in group.items()}
"""Names of commands with a line of help."""
