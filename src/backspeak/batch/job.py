"""One run over any number of segments: read, compose, check, commit; then totals and lines in order.

fast tier, or full without a budget      every segment once
full tier with --pivot-budget or         every segment as the fast tier has it, then the round trip
--max-seconds                            for the most doubtful ones, as far as the budget goes
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol

from backspeak import resources
from backspeak.batch import cache as evidence_cache
from backspeak.batch import composition
from backspeak.batch.cache import EvidenceCache
from backspeak.batch.composition import Placed, Task
from backspeak.batch.processes import ProcessLane, cores
from backspeak.batch.runners import InProcess, Lanes, Runner
from backspeak.batch.store import RunStore
from backspeak.batch.worker import Outcome, Worker, result_of
from backspeak.config import Settings
from backspeak.data import InputProblem, Segment
from backspeak.formats.streaming import Stream
from backspeak.pipeline import Pipeline, skipped
from backspeak.references import attach_references, refuse_other_number
from backspeak.reports import from_line
from backspeak.scoring import Totals

# Texts of one task. A larger one makes better use of the models, a smaller one loses less.
TASK = 256
ROUND_TRIP_TASK = 128
# Up to so many segments a worker process would not pay for its start.
FEW = 256
# Most doubtful segments looked at together: the order in which a budget is spent is true to so many.
_DOUBTFUL_WINDOW = 512
_PROBLEMS_KEPT = 1000

# Settings that change how a run is carried out but not what comes out.
_CARRIED_OUT = (
    *(
        "fail_under",
        "max_critical",
        "max_major",
        "jobs",
        "offline",
        "quiet",
        "runner",
        "ray_address",
        "reuse",
        "progress",
    ),
    "requests_per_minute",
)


class Reporter(Protocol):
    """Who is told how far the run is."""

    def notice(self, message: str) -> None:
        """A line that the user should see once."""

    def step(self, done: int, total: int, what: str, *, estimated: bool = False) -> None:
        """`done` of `total` units of `what`; the total may be an estimate."""

    def stage(self, name: str) -> None:
        """What the task in work is at."""

    def event(self, name: str, **facts: Any) -> None:
        """Something that a program may want to know."""


@dataclass
class Work:
    """What this process did for the run."""

    resumed: int = 0  # segments that were finished before
    computed: int = 0  # texts
    from_cache: int = 0  # texts
    segments: int = 0


class Job:
    """A run on a folder, which it holds until the end of the `with` statement.

    `pipeline` says what the results depend on, and checks where no other process does; `runner`
    stands in for the one that the settings name. Raises OutputError as RunStore does, and what
    reading the input raises.
    """

    def __init__(
        self,
        inputs: Stream,
        out: Path,
        settings: Settings,
        pipeline: Pipeline,
        reporter: Reporter,
        *,
        fresh: bool = False,
        runner: Runner | None = None,
    ) -> None:
        self._inputs = inputs
        self._settings = settings
        self._pipeline = pipeline
        self._reporter = reporter
        self._runner = runner
        self._began = time.monotonic()
        self.work = Work()
        self.problems: list[InputProblem] = []
        self.problem_count = 0
        refuse_other_number(inputs.names, settings.reference)
        self._store = RunStore(out, self._fingerprint(), fresh=fresh)
        self._seconds_before = self._store.seconds
        self._cache = EvidenceCache(resources.cache_dir(), reporter.notice) if settings.reuse else None
        self._numbers = count()
        self._positions = 0
        self._read_all = self._prepared = self._out_of_time = False
        self._judged = self._through = 0
        self._workers = 1
        self._budgeted = bool(pipeline.pivots) and not (settings.pivot_budget is None and settings.max_seconds is None)

    def _fingerprint(self) -> dict[str, str]:
        decisive = {name: value for name, value in self._settings.to_json().items() if name not in _CARRIED_OUT}
        return {
            "signature": self._pipeline.signature(),
            "evidence": self._pipeline.evidence_signature(),
            **{name.replace("_", "-"): str(value) for name, value in decisive.items()},
            **{f"input {name}": digest for name, digest in self._inputs.fingerprint().items()},
            **{f"reference {path}": _digest(path) for path in self._settings.reference},
        }

    def __enter__(self) -> Job:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._runner is not None:
            self._runner.close()
        if self._cache is not None:
            self._cache.close()
        self._store.close()

    # Checking

    def run(self) -> None:
        """Check whatever is not finished yet."""
        self.work.resumed = self._store.count()
        if self.work.resumed:
            self._reporter.notice(f"going on with an unfinished run: {self.work.resumed:,} segments are finished")
        self._reporter.event("begin", finished=self.work.resumed)
        windows = composition.windows(self._segments())
        ahead = [next(windows, [])]
        if self._runner is None:
            self._runner = self._open_runner(len(ahead[0]))
        round_trip = bool(self._pipeline.pivots) and not self._budgeted
        self._carry_out(self._input_tasks(ahead, windows, round_trip), "checking sentences")
        if self._budgeted:
            self._judged, self._through = self._store.count(status="ok"), self._store.count(round_trip=True)
            self._carry_out(self._doubtful_tasks(), "round trips")

    def _open_runner(self, few: int) -> Runner:
        settings = self._settings
        if settings.runner == "ray":
            from backspeak.batch import cluster

            self._workers = cluster.start(settings.ray_address, settings.jobs)
            signature = Worker(self._pipeline).signature()
            lanes = [cluster.RayLane(settings, signature) for _ in range(self._workers)]
            return Lanes(lanes, self._reporter.notice, at_end=cluster.stop)
        jobs = settings.jobs or cores()
        # The rate at which a server is asked is kept by one process.
        if jobs == 1 or few <= FEW or settings.requests_per_minute is not None:
            self._prepared = True  # by the loading itself
            return InProcess(Worker(self._pipeline), self._reporter.stage)
        self._workers = jobs
        return Lanes([ProcessLane(settings) for _ in range(jobs)], self._reporter.notice)

    def _carry_out(self, tasks: Iterator[Task], what: str) -> None:
        assert self._runner is not None
        told = False

        def started(task: Task) -> None:
            nonlocal told
            self._started(task)
            if not told:  # the first task may take a while
                self._tell(what)
                told = True

        for outcome in self._runner.run(tasks, started):
            self._commit(outcome)
            self._tell(what)
        self._tell(what)

    def _tell(self, what: str) -> None:
        done, total, estimated = self._progress(what)
        self._reporter.step(done, total, what, estimated=estimated)

    def _started(self, task: Task) -> None:
        if not self._prepared and any(item.known is None for item in task.items):
            self._pipeline.prepare()
            self._prepared = True
        self._reporter.event("started", task=task.number, segments=task.segments)

    def _commit(self, outcome: Outcome) -> None:
        self._store.commit(outcome.results, self._seconds())
        if self._cache is not None:
            self._cache.put(outcome.fresh)
        self.work.computed += outcome.computed
        self.work.segments += len(outcome.results)
        self._through += sum(result.round_trip for result in outcome.results)
        self._reporter.event("committed", task=outcome.number, segments=len(outcome.results))

    def _seconds(self) -> float:
        return self._seconds_before + time.monotonic() - self._began

    def _progress(self, what: str) -> tuple[int, int, bool]:
        if what == "round trips":
            limit = self._settings.pivot_budget
            return self._through, self._judged if limit is None else min(limit, self._judged), False
        done = self.work.resumed + self.work.segments
        if self._read_all:
            return done, self._positions, False
        share = self._inputs.read_bytes / max(1, self._inputs.total_bytes)
        return done, max(done, round(self._positions / max(share, 1e-9))), True

    # Tasks

    def _segments(self) -> Iterator[Placed]:
        for item in attach_references(self._inputs, self._settings.reference):
            if isinstance(item, InputProblem):
                self.problem_count += 1
                if len(self.problems) < _PROBLEMS_KEPT:
                    self.problems.append(item)
                continue
            yield self._positions, item
            self._positions += 1
        self._read_all = True

    def _input_tasks(self, ahead: list[list[Placed]], more: Iterable[list[Placed]], round_trip: bool) -> Iterator[Task]:
        """Tasks of all windows. The one that was read ahead is taken out, so that none is held but the one in work."""
        window, rest = ahead.pop(), iter(more)
        for seed in count():
            if not window:
                return
            finished = self._store.finished(window[0][0], window[-1][0])
            left = [placed for placed in window if placed[0] not in finished]
            aside = [result_of(at, skipped(segment)) for at, segment in left if segment.skip is not None]
            if aside:
                self._store.commit(aside, self._seconds())
                self.work.segments += len(aside)
            yield from self._tasks([placed for placed in left if placed[1].skip is None], round_trip, seed)
            window, left, aside = [], [], []
            window = next(rest, [])

    def _doubtful_tasks(self) -> Iterator[Task]:
        doubtful = self._store.most_doubtful(self._settings.pivot_budget)
        left = ((at, from_line(line).segment) for at, line, through in doubtful if not through)
        for window in composition.windows(left, _DOUBTFUL_WINDOW):
            for task in self._tasks(window, True, None):
                if self._settings.max_seconds is not None and self._seconds() >= self._settings.max_seconds:
                    self._out_of_time = True
                    return
                yield task

    def _tasks(self, window: list[Placed], round_trip: bool, seed: int | None) -> Iterator[Task]:
        signature = self._pipeline.evidence_signature(round_trip=round_trip)

        def key(segment: Segment) -> bytes:
            return evidence_cache.key(signature, segment)

        items = composition.items_of(window, key)
        known = self._cache.get([item.key for item in items]) if self._cache is not None else {}
        self.work.from_cache += len(known)
        items = [replace(item, known=known.get(item.key)) for item in items]
        most = ROUND_TRIP_TASK if round_trip else TASK
        # A small window is spread over the workers.
        size = max(1, min(most, -(-len(items) // self._workers)))
        for portion in composition.portions(items, size, seed=seed):
            yield Task(next(self._numbers), tuple(portion), round_trip)

    # Results

    def lines(self) -> Iterator[bytes]:
        """The lines of segments.jsonl, in the order of the input."""
        return self._store.lines()

    def totals(self) -> dict[str, Any]:
        """Counts and scores in all and by document (see scoring.Totals)."""
        totals = Totals()
        for counts in self._store.counts():
            totals.add(counts)
        return totals.result()

    def left_out(self) -> dict[str, Any] | None:
        """How far the round trip came and why no further; None where no budget was set."""
        if not self._budgeted:
            return None
        judged, through = self._store.count(status="ok"), self._store.count(round_trip=True, status="ok")
        limits = {"max-seconds": self._settings.max_seconds, "pivot-budget": self._settings.pivot_budget}
        reason = "max-seconds" if self._out_of_time else "pivot-budget"
        return {
            "sentences": through,
            "left_out": judged - through,
            "reason": f"{reason} {limits[reason]:g}" if judged > through else None,
            "depends_on_time": self._settings.max_seconds is not None,
        }

    def finish(self) -> None:
        """Everything is rendered: the store has served."""
        self._store.remove()


def _digest(path: Path) -> str:
    try:
        return resources.sha256(path)
    except OSError:
        return "unreadable"  # which is said when the file is needed
