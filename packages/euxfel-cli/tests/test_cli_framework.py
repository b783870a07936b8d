"""What holds for every command: help, mistakes, exit codes, pipes, Ctrl-C, colours."""

from __future__ import annotations

import json
import os
import shlex
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import pytest

from euxfel.cli import commands, main
from euxfel.cli.app import ended_well
from euxfel.cli.exits import BROKEN_PIPE, DEFECT, INTERRUPTED, UNREADABLE, USAGE
from euxfel.cli.failures import failure
from euxfel.cli.parser import all_parsers, command_parser
from euxfel.cli.shells import OLD_NAMES
from euxfel.fileaccess import FileStructureError, MissingPackageError, SourceNameError

each_command = pytest.mark.parametrize("name", commands.COMMANDS)


def examples() -> Iterator[Any]:
    for name, parser in all_parsers().items():
        lines = (parser.epilog or "").splitlines()
        found = [line.strip() for line in lines if line.startswith("  euxfel ")]
        yield from (pytest.param(line, id=f"{name}-{i}") for i, line in enumerate(found))


@each_command
def test_every_command_has_help_with_an_example_and_exit_codes(
    name: str, euxfel: Callable[..., Any]
) -> None:
    ended = euxfel(name, "--help")
    assert ended.code == 0
    assert f"usage: euxfel {name}" in ended.out
    assert f"\n  euxfel {name}" in ended.out
    assert "exit codes:\n  0  " in ended.out
    told = [line for line in ended.out.splitlines() if not line.startswith("  euxfel ")]
    assert max(map(len, told)) <= 80


@pytest.mark.parametrize("line", list(examples()))
def test_the_examples_of_the_help_work(
    line: str, euxfel: Callable[..., Any], proposal: Any
) -> None:
    Path(proposal.folder.name).symlink_to(proposal.folder)
    program, *words = shlex.split(line)
    assert program == "euxfel"
    ended = euxfel(*words)
    assert ended.code == 0, ended.err


def test_help_lists_all_commands(euxfel: Callable[..., Any]) -> None:
    shown = euxfel("--help").out
    assert all(f"\n  {name} " in shown for name in commands.COMMANDS)
    assert all(line in shown for line in commands.COMMANDS.values())


def test_parsers_are_built_without_numpy_and_h5py() -> None:
    """Help and completion do not wait for libraries."""
    code = (
        "import sys; from euxfel.cli.parser import all_parsers; all_parsers()\n"
        "print(sorted({'numpy', 'h5py', 'pandas', 'matplotlib', 'zmq', 'rich'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_help_loads_no_parser() -> None:
    code = "import sys; from euxfel.cli import main; main(['--help']); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.splitlines()[-1].split())
    assert not {"argparse", "numpy", "difflib"} & loaded


def test_no_command_is_a_mistake_and_shows_the_help(euxfel: Callable[..., Any]) -> None:
    ended = euxfel()
    assert (ended.code, ended.out) == (USAGE, "")
    assert "Look at data" in ended.err


def test_a_misspelt_command_is_corrected(euxfel: Callable[..., Any]) -> None:
    ended = euxfel("lss", "x")
    assert (ended.code, ended.out) == (USAGE, "")
    assert ended.err == ("euxfel: there is no command 'lss': did you mean ls?; see euxfel --help\n")


def test_a_misspelt_option_is_corrected(euxfel: Callable[..., Any]) -> None:
    ended = euxfel("ls", "900000/1", "--jsno")
    assert (ended.code, ended.out) == (USAGE, "")
    assert ended.err == (
        "euxfel: there is no option --jsno: did you mean --json?; see euxfel ls --help\n"
    )


def test_a_word_too_many_is_named() -> None:
    parser = command_parser("ls")
    parser.add_argument("--last", action="store_true")
    with pytest.raises(Exception, match="--nothing"):
        parser.parse_all(["900000/1", "--nothing"])


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (FileStructureError("a.h5: no INDEX"), UNREADABLE, "a.h5: no INDEX"),
        (FileNotFoundError(2, "No such file", "x.h5"), UNREADABLE, "x.h5: No such file"),
        (SourceNameError("no source 'MOT'"), USAGE, "no source 'MOT'"),
        (ValueError("parts must be 1 or more"), USAGE, "parts must be 1 or more"),
        (
            ModuleNotFoundError("No module named 'euxfel.export'", name="euxfel.export"),
            USAGE,
            "this needs euxfel-export: pip install euxfel-export",
        ),
        (
            ModuleNotFoundError("No module named 'pyarrow'", name="pyarrow.parquet"),
            USAGE,
            "this needs pyarrow: pip install pyarrow",
        ),
        (MissingPackageError("run.write() needs euxfel-writer"), USAGE, "needs euxfel-writer"),
    ],
)
def test_expected_failures_are_one_line(
    error: Exception, code: int, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """No traceback for what users can mend."""

    def fail() -> int:
        raise error

    assert ended_well(fail, "euxfel", with_traceback=False) == code
    shown = capsys.readouterr()
    assert shown.out == ""
    assert said in shown.err
    assert shown.err.count("\n") == 1


def test_a_defect_shows_its_traceback_and_is_no_finding(capsys: pytest.CaptureFixture[str]) -> None:
    def fail() -> int:
        return {}["nothing"]

    assert ended_well(fail, "euxfel", with_traceback=False) == DEFECT
    shown = capsys.readouterr().err
    assert "Traceback" in shown
    assert "please report" in shown
    assert failure(KeyError("nothing")) is None


def test_a_traceback_can_be_asked_for(euxfel: Callable[..., Any]) -> None:
    ended = euxfel("ls", "900000/77", "--traceback")
    assert ended.code == UNREADABLE
    assert "Traceback" in ended.err


def test_escape_sequences_in_messages_do_not_reach_the_terminal(
    euxfel: Callable[..., Any],
) -> None:
    """Names from files and folders cannot recolour or move anything."""
    Path("a\x1b[31m.h5").write_bytes(b"no HDF5")
    ended = euxfel("ls", "a\x1b[31m.h5")
    assert ended.code == UNREADABLE
    assert "\x1b" not in ended.err
    assert "a\\x1b[31m.h5" in ended.err


def test_warnings_are_lines_without_places_in_code(capsys: pytest.CaptureFixture[str]) -> None:
    import warnings

    def warn() -> int:
        warnings.warn("the run has a gap", UserWarning, stacklevel=1)
        return 0

    assert ended_well(warn, "euxfel", with_traceback=False) == 0
    assert capsys.readouterr().err == "warning: the run has a gap\n"


def test_a_reader_that_goes_away_is_no_error(proposal: Any) -> None:
    """``euxfel ... | head`` is silent."""
    read, write = os.pipe()
    os.close(read)
    done = subprocess.run(
        [sys.executable, "-m", "euxfel.cli", "ls", "900000/1"],
        stdout=write,
        stderr=subprocess.PIPE,
        check=False,
        timeout=60,
    )
    os.close(write)
    assert (done.returncode, done.stderr) == (BROKEN_PIPE, b"")


def test_a_full_disk_below_the_output_is_one_line(started: Callable[..., Any]) -> None:
    """Nothing that was not written is reported as written."""
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "euxfel.cli", "ls", "900000/1"],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
            timeout=60,
        )
    assert done.returncode == UNREADABLE
    assert done.stderr == "euxfel: No space left on device\n"


def test_ctrl_c_ends_with_130_and_without_traceback() -> None:
    code = (
        "import sys, time\n"
        "from euxfel.cli.app import ended_well\n"
        "def work():\n"
        "    print('ready', flush=True)\n"
        "    time.sleep(60)\n"
        "    return 0\n"
        "sys.exit(ended_well(work, 'euxfel', False))"
    )
    command = [sys.executable, "-c", code]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=30)
    assert (process.returncode, err) == (INTERRUPTED, "euxfel: stopped\n")


def test_letters_that_an_output_cannot_encode_are_spelled_out(
    started: Callable[..., Any],
) -> None:
    env = {**os.environ, "PYTHONIOENCODING": "ascii"}
    done = started("ls", "900000/1", env=env)
    assert done.returncode == 0


def test_json_has_a_schema(euxfel: Callable[..., Any]) -> None:
    report = json.loads(euxfel("ls", "900000/1", "--json").out)
    assert report["schema"] == "euxfel.ls/1"


def test_python_m_is_the_program(started: Callable[..., Any]) -> None:
    assert started("--version").stdout.startswith("euxfel ")
    assert main(["--version"]) == 0


def test_every_old_name_is_a_program_that_can_be_loaded() -> None:
    scripts = [e for e in entry_points(group="console_scripts") if e.value.startswith("euxfel.cli")]
    assert {"euxfel", "lsxfel"} <= {e.name for e in scripts}
    assert all(callable(e.load()) for e in scripts)


@pytest.mark.parametrize(("old", "command"), OLD_NAMES.items())
def test_old_names_are_the_commands_that_shells_complete(
    old: str, command: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (script,) = {e for e in entry_points(group="console_scripts", name=old) if "euxfel" in e.value}
    monkeypatch.setattr("sys.argv", [old, "--help"])
    assert script.load()() == 0
    shown = capsys.readouterr().out
    assert shown.startswith(f"usage: {old} ")
    assert f"  euxfel {command}" in shown
