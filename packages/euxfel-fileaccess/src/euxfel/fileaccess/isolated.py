"""Touch files first in a process of its own, so that a damaged one cannot hang or crash this one.

One changed byte in a file can make libhdf5 loop for ever, holding its lock, or crash. Worker
processes open the files instead, each with a deadline; what happens to a worker is told of the
file it had, and a new worker goes on with the rest.
"""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
import time
from collections import deque
from collections.abc import Iterable
from contextlib import suppress

DEFAULT_CHECK = "euxfel.fileaccess.isolated_worker:check_file"

# Seconds. Importing NumPy and h5py from a cold parallel file system can take most of it.
_START_DEADLINE = 120.0
_EXIT_PATIENCE = 2.0
_KILL_PATIENCE = 5.0
_DEADLINE_MAX = 86_400
# Answers are one line, an error's text at most.
_ANSWER_MAX = 1 << 20


def check_files(
    paths: Iterable[str | os.PathLike[str]],
    deadline: float = 10.0,
    *,
    check: str = DEFAULT_CHECK,
    workers: int = 2,
) -> dict[str, str | None]:
    """Find out which files can be opened without harm.

    Parameters
    ----------
    paths : iterable of str or path-like
        The files.
    deadline : float, optional
        Seconds that one file may take.
    check : str, optional
        ``"package.module:function"``, called with each path in a worker; what it raises is
        what is wrong with the file. By default version, sources and trains are read.
    workers : int, optional
        How many processes to use at most. Each takes a fraction of a second to start.

    Returns
    -------
    dict of str to (str or None)
        By path, in the order given: None for a file that is fine, else what is wrong.

    Examples
    --------
    >>> from euxfel.fileaccess.isolated import check_files
    >>> check_files(["/absent.h5"], check="os:stat")
    {'/absent.h5': "[Errno 2] No such file or directory: '/absent.h5'"}
    """
    if not 0 < deadline <= _DEADLINE_MAX or workers < 1:
        raise ValueError(
            f"the deadline must be above 0 and at most {_DEADLINE_MAX} seconds, and the number "
            "of workers at least 1"
        )
    names = list(dict.fromkeys(os.fspath(path) for path in paths))
    crew = _Crew(names, deadline, check)
    try:
        crew.run(min(workers, len(names)))
    finally:
        crew.dismiss()
    return {name: crew.found[name] for name in names}


class _Crew:
    """Workers and the files they have to check."""

    def __init__(self, names: list[str], deadline: float, check: str) -> None:
        self.found: dict[str, str | None] = {}
        self._waiting = deque(names)
        self._deadline = deadline
        self._check = check
        self._workers: dict[int, _Worker] = {}

    def run(self, workers: int) -> None:
        for _ in range(workers):
            self._hire()
        while self._workers:
            self._wait()
            self._fire_late()

    def dismiss(self) -> None:
        for worker in self._workers.values():
            worker.kill()
        self._workers.clear()

    def _hire(self) -> None:
        if not self._waiting:
            return
        try:
            worker = _Worker(self._check, self._deadline)
        except OSError as exc:
            self._give_up(str(exc))
        else:
            self._workers[worker.fd] = worker

    def _give_up(self, why: str) -> None:
        """Say of all files left that they could not be checked."""
        while self._waiting:
            self.found[self._waiting.popleft()] = f"not checked: the worker did not start ({why})"

    def _wait(self) -> None:
        poll = select.poll()
        for fd in self._workers:
            poll.register(fd, select.POLLIN)
        first = min(worker.due for worker in self._workers.values())
        for fd, _event in poll.poll(max(0.0, first - time.monotonic()) * 1000):
            self._listen(self._workers[fd])

    def _listen(self, worker: _Worker) -> None:
        answer = worker.read()
        if answer is not None:
            self._note(worker, answer[0])
        elif worker.is_silent:
            self._replace(worker, f"reading it ended the process ({worker.wait()})")

    def _note(self, worker: _Worker, answer: str | None) -> None:
        if worker.path is not None:
            self.found[worker.path] = answer
        if self._waiting:
            worker.ask(self._waiting.popleft(), self._deadline)
        else:
            del self._workers[worker.fd]
            worker.kill()

    def _fire_late(self) -> None:
        now = time.monotonic()
        for worker in [worker for worker in self._workers.values() if worker.due <= now]:
            worker.kill()
            self._replace(
                worker,
                f"not read within {self._deadline:g} s: the file is damaged so that HDF5 does "
                "not come to an end, or its storage does not answer",
            )

    def _replace(self, worker: _Worker, why: str) -> None:
        del self._workers[worker.fd]
        if worker.path is not None:
            self.found[worker.path] = why
            self._hire()
        elif not self._workers:
            # The next one would not start either.
            self._give_up(why)


class _Worker:
    """One process and the file it is at."""

    def __init__(self, check: str, deadline: float) -> None:
        if not sys.executable:
            raise OSError("there is no Python interpreter to run")
        # Safe path (-P): modules beside the data are not imported. The worker ends itself only
        # if this process is no longer there to do it.
        arguments = [sys.executable, "-P", "-m", "euxfel.fileaccess.isolated_worker"]
        self._process = subprocess.Popen(
            [*arguments, check, str(2 * deadline + 1)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            bufsize=0,
            # Ctrl-C is for this process, which then ends the worker.
            start_new_session=True,
        )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._inp, self._out = self._process.stdin, self._process.stdout
        self.fd = self._out.fileno()
        #: The file that is being checked, None while the worker starts.
        self.path: str | None = None
        #: When the answer has to be there.
        self.due = time.monotonic() + _START_DEADLINE
        #: Whether the process has closed its output.
        self.is_silent = False
        self._received = b""
        self._asked = 0

    def ask(self, path: str, deadline: float) -> None:
        self.path = path
        self._asked += 1
        self.due = time.monotonic() + deadline
        # A worker that is gone is noticed when its answer is read.
        with suppress(BrokenPipeError):
            self._inp.write(json.dumps(path).encode() + b"\n")

    def read(self) -> tuple[str | None] | None:
        """Give the answer in a tuple if it has come; `is_silent` is set if none will come."""
        received = os.read(self.fd, 65536)
        *lines, self._received = (self._received + received).split(b"\n")
        self.is_silent = not received or len(self._received) > _ANSWER_MAX
        for line in lines:
            answer = _parsed(line, self._asked)
            if answer is not None:
                return answer
        return None

    def wait(self) -> str:
        """Say how the process ended; it is about to, or is made to."""
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(_EXIT_PATIENCE)
        self.kill()
        return _ending(self._process.returncode)

    def kill(self) -> None:
        """End the process."""
        self._process.kill()
        # A process that waits for dead storage cannot even be killed.
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(_KILL_PATIENCE)
        self._inp.close()
        self._out.close()


def _parsed(line: bytes, number: int) -> tuple[str | None] | None:
    """Give the answer to a question; None for all else, such as text printed by Python."""
    try:
        stated, answer = json.loads(line)
    except (ValueError, TypeError, RecursionError):
        return None
    if stated != number or not (answer is None or isinstance(answer, str)):
        return None
    return (answer,)


def _ending(code: int | None) -> str:
    if code is None:
        return "it cannot be ended"
    if code < 0:
        with suppress(ValueError):
            return signal.Signals(-code).name
    return f"exit status {code}"
