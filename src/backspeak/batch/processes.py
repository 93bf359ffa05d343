"""Lanes that are processes of this machine, one engine thread each.

Imports nothing heavy: the numerical libraries read the number of their threads when they are
imported, and a worker sets it first.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import threading
from concurrent.futures import Future, ThreadPoolExecutor
from multiprocessing.connection import Connection, wait
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from backspeak.batch.composition import Task
    from backspeak.batch.worker import Outcome, Worker
    from backspeak.config import Settings

_THREAD_VARIABLES = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


def cores() -> int:
    """Cores that this process may use."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # not on every system
        return os.cpu_count() or 1


class ProcessLane:
    """A process with a pipe to it, and a thread here that waits for its answers."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._waiting = ThreadPoolExecutor(1)
        self._start()

    def _start(self) -> None:
        # Not forked: a copy of a process with threads may hang, and would copy its memory.
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(theirs, self._settings), daemon=True)
        self._process.start()
        theirs.close()  # or the end of the process would not be the end of the pipe

    def submit(self, task: Task) -> Future[Outcome]:
        return self._waiting.submit(self._ask, task)

    def _ask(self, task: Task) -> Outcome:
        from backspeak.batch.runners import LaneDiedError

        try:
            self._pipe.send(task)
            answer: Outcome | Exception = self._pipe.recv()
        except (EOFError, OSError) as error:
            self._process.join()
            raise LaneDiedError(f"exit code {self._process.exitcode}") from error
        if isinstance(answer, Exception):
            raise answer
        return answer

    def renew(self) -> None:
        self._pipe.close()
        self._start()

    def close(self) -> None:
        # After a stop, what it is at is of no more use.
        self._process.terminate()
        self._process.join()
        self._waiting.shutdown()
        self._pipe.close()


def _serve(pipe: Connection, settings: Settings) -> None:
    """The life of a worker: its models, then task after task until the pipe ends."""
    for name in _THREAD_VARIABLES:
        os.environ[name] = "1"
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent stops the run
    threading.Thread(target=_end_with_parent, daemon=True).start()
    worker: Worker | None = None
    # Read in while the parent reads the input. Its models are opened with the first task, when they are prepared.
    with contextlib.suppress(Exception):  # which then meets the first task
        worker = _opened(settings)
    while True:
        try:
            task = pipe.recv()
        except EOFError:
            return
        try:
            if worker is None:
                worker = _opened(settings)
            answer: Outcome | Exception = worker.check(task)
        except Exception as error:
            answer = error
        pipe.send(answer)


def _opened(settings: Settings) -> Worker:
    from backspeak.batch.worker import Worker

    return Worker.of(settings)


def _end_with_parent() -> None:
    """A killed parent cannot tell its workers to go, and they may be in the middle of a task."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)
