"""Where tasks run: in this process, or in lanes, each a worker that holds the models and may die.

A lane that dies (killed, out of memory) is renewed and its task given out again. A task that took
its lane along twice is cut in two, down to the one text that does it, which is reported as failed.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import replace
from itertools import islice
from typing import Protocol

from backspeak.batch.composition import Task
from backspeak.batch.worker import Outcome, Worker, failure, result_of

_DEATHS_BEFORE_CUTTING = 2


class Runner(Protocol):
    """Runs tasks, several at once perhaps."""

    def run(self, tasks: Iterable[Task], started: Callable[[Task], None]) -> Iterator[Outcome]:
        """Outcomes as they come; `started` is told of every task when it is given out.

        One task is taken in advance, the others as there is room for them; outcomes must be taken before that.
        """
        ...

    def close(self) -> None:
        """Let the workers go."""
        ...


class InProcess:
    """Tasks one after another in this process; `stage` is told what the pipeline is at."""

    def __init__(self, worker: Worker, stage: Callable[[str], None] | None = None) -> None:
        self._worker = worker
        self._stage = stage

    def run(self, tasks: Iterable[Task], started: Callable[[Task], None]) -> Iterator[Outcome]:
        for task in tasks:
            started(task)
            yield self._worker.check(task, self._stage)

    def close(self) -> None:
        """There is nothing to let go."""


class LaneDiedError(Exception):
    """The worker of a lane is gone, and with it what it was doing."""


class Lane(Protocol):
    """One worker somewhere else, for one task at a time."""

    def submit(self, task: Task) -> Future[Outcome]:
        """Begin the task; the future raises LaneDiedError when the worker is gone."""
        ...

    def renew(self) -> None:
        """Put a new worker in the place of one that died."""
        ...

    def close(self) -> None:
        """Let the worker go."""
        ...


class Lanes:
    """Tasks over several lanes; `at_end` is called when all of them are closed."""

    def __init__(
        self, lanes: Sequence[Lane], notice: Callable[[str], None], at_end: Callable[[], None] | None = None
    ) -> None:
        self._lanes = list(lanes)
        self._notice = notice
        self._at_end = at_end

    def run(self, tasks: Iterable[Task], started: Callable[[Task], None]) -> Iterator[Outcome]:
        source, again, ready = iter(tasks), deque[Task](), deque[Task]()
        deaths: Counter[bytes] = Counter()  # of a task, by the key of its first item and its size
        idle = deque(self._lanes)
        running: dict[Future[Outcome], tuple[Lane, Task]] = {}
        while True:
            while idle and (task := _next(again, ready, source)) is not None:
                started(task)
                lane = idle.popleft()
                running[lane.submit(task)] = (lane, task)
            if not running:
                return
            if not ready:  # reading and composing it takes a while, in which the lanes are at work
                ready.extend(islice(source, 1))
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                lane, task = running.pop(future)
                try:
                    outcome = future.result()
                except LaneDiedError as error:
                    lane.renew()
                    deaths[_name(task)] += 1
                    self._notice(f"a worker died ({error}); the {task.segments} segments it had are given out again")
                    if deaths[_name(task)] < _DEATHS_BEFORE_CUTTING:
                        again.append(task)
                    elif len(task.items) > 1:
                        again.extend(_halves(task))
                    else:
                        yield _failed(task, f"the worker died on it {deaths[_name(task)]} times")
                else:
                    yield outcome
                idle.append(lane)

    def close(self) -> None:
        for lane in self._lanes:
            lane.close()
        if self._at_end is not None:
            self._at_end()


def _next(again: deque[Task], ready: deque[Task], source: Iterator[Task]) -> Task | None:
    for waiting in (again, ready):
        if waiting:
            return waiting.popleft()
    return next(source, None)


def _name(task: Task) -> bytes:
    return task.items[0].key + task.items[-1].key


def _halves(task: Task) -> Iterator[Task]:
    middle = len(task.items) // 2
    yield replace(task, items=task.items[:middle])
    yield replace(task, items=task.items[middle:])


def _failed(task: Task, reason: str) -> Outcome:
    results = (
        result_of(position, failure(segment, reason)) for item in task.items for position, segment in item.members
    )
    return Outcome(task.number, tuple(replace(each, round_trip=task.round_trip) for each in results))
