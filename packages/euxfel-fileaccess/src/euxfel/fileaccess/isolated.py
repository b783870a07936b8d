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
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

DEFAULT_CHECK = "euxfel.fileaccess.isolated_worker:check_file"

# Seconds. Importing NumPy and h5py from a cold parallel file system can take most of it.
_START_DEADLINE = 120.0
_EXIT_PATIENCE = 2.0
_KILL_PATIENCE = 5.0
_DEADLINE_MAX = 86_400
# Answers are one line. A damaged process may send anything, for ever.
_ANSWER_MAX = 1 << 24


@dataclass(frozen=True, slots=True)
class Answer:
    """What a worker found out about one file.

    Attributes
    ----------
    value : object
        What the question returned, as JSON carries it: lists for tuples, keys as text.
    failure : str or None
        Why there is no value: what the question raised, or how the file ended its worker.
    """

    value: Any = None
    failure: str | None = None


OnAnswer = Callable[[str, Answer], None]


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
    answers = ask_about_files(paths, check, deadline, workers=workers)
    return {name: answer.failure for name, answer in answers.items()}


def ask_about_files(
    paths: Iterable[str | os.PathLike[str]],
    question: str,
    deadline: float = 10.0,
    *,
    options: Mapping[str, Any] | None = None,
    workers: int = 2,
    on_answer: OnAnswer | None = None,
) -> dict[str, Answer]:
    """Ask worker processes something about each file.

    Parameters
    ----------
    paths : iterable of str or path-like
        The files.
    question : str
        ``"package.module:function"``, called with each path in a worker. What it returns has to
        be something that JSON can carry.
    deadline : float, optional
        Seconds that one file may take.
    options : mapping, optional
        Keyword arguments for the function, the same for all files; JSON must carry them.
    workers : int, optional
        How many processes to use at most. Each takes a fraction of a second to start.
    on_answer : callable, optional
        Called with path and answer as soon as there is one, in any order of files.

    Returns
    -------
    dict of str to Answer
        By path, in the order given.

    Examples
    --------
    >>> from euxfel.fileaccess.isolated import ask_about_files
    >>> ask_about_files(["/data/a.h5"], "os.path:basename")
    {'/data/a.h5': Answer(value='a.h5', failure=None)}
    """
    if not 0 < deadline <= _DEADLINE_MAX or workers < 1:
        raise ValueError(
            f"the deadline must be above 0 and at most {_DEADLINE_MAX} seconds, and the number "
            "of workers at least 1"
        )
    names = list(dict.fromkeys(os.fspath(path) for path in paths))
    crew = _Crew(names, deadline, [question, json.dumps(dict(options or {}))], on_answer)
    try:
        crew.run(min(workers, len(names)))
    finally:
        crew.dismiss()
    return {name: crew.found[name] for name in names}


class _Crew:
    """Workers and the files they have to check."""

    def __init__(
        self, names: list[str], deadline: float, question: list[str], on_answer: OnAnswer | None
    ) -> None:
        self.found: dict[str, Answer] = {}
        self._waiting = deque(names)
        self._deadline = deadline
        self._question = question
        self._on_answer = on_answer
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
            worker = _Worker(self._question, self._deadline)
        except OSError as exc:
            self._give_up(str(exc))
        else:
            self._workers[worker.fd] = worker

    def _give_up(self, why: str) -> None:
        """Say of all files left that they could not be checked."""
        failure = Answer(failure=f"not checked: the worker did not start ({why})")
        while self._waiting:
            self._keep(self._waiting.popleft(), failure)

    def _keep(self, path: str, answer: Answer) -> None:
        self.found[path] = answer
        if self._on_answer is not None:
            self._on_answer(path, answer)

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
            self._note(worker, answer)
        elif worker.is_silent:
            self._replace(worker, f"reading it ended the process ({worker.wait()})")

    def _note(self, worker: _Worker, answer: Answer) -> None:
        done = worker.path
        # The next question first: the worker need not wait until the answer was looked at.
        if self._waiting:
            worker.ask(self._waiting.popleft(), self._deadline)
        else:
            del self._workers[worker.fd]
            worker.kill()
        if done is not None:
            self._keep(done, answer)

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
            self._keep(worker.path, Answer(failure=why))
            self._hire()
        elif not self._workers:
            # The next one would not start either.
            self._give_up(why)


class _Worker:
    """One process and the file it is at."""

    def __init__(self, question: list[str], deadline: float) -> None:
        if not sys.executable:
            raise OSError("there is no Python interpreter to run")
        # Safe path (-P): modules beside the data are not imported. The worker ends itself only
        # if this process is no longer there to do it.
        arguments = [sys.executable, "-P", "-m", "euxfel.fileaccess.isolated_worker"]
        self._process = subprocess.Popen(
            [*arguments, str(2 * deadline + 1), *question],
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

    def read(self) -> Answer | None:
        """Give the answer if it has come; `is_silent` is set if none will come."""
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


def _parsed(line: bytes, number: int) -> Answer | None:
    """Give the answer to a question; None for all else, such as text printed by Python."""
    try:
        stated, failure, value = json.loads(line)
    except (ValueError, TypeError, RecursionError):
        return None
    if stated != number or not (failure is None or isinstance(failure, str)):
        return None
    return Answer(value, failure)


def _ending(code: int | None) -> str:
    if code is None:
        return "it cannot be ended"
    if code < 0:
        with suppress(ValueError):
            return signal.Signals(-code).name
    return f"exit status {code}"
