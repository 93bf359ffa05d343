"""A task to the finished lines of its segments. Every runner runs this, in whatever process."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from backspeak.batch import allocator, codec
from backspeak.batch.composition import Item, Task
from backspeak.batch.store import Result
from backspeak.config import Settings
from backspeak.data import CheckedSegment, Segment
from backspeak.pipeline import Examined, Pipeline
from backspeak.reports import json_line, to_json, to_line
from backspeak.scoring import Counts


@dataclass(frozen=True)
class Outcome:
    """What became of a task: results in no order, what the cache may keep, and how much was computed."""

    number: int
    results: tuple[Result, ...]
    fresh: tuple[tuple[bytes, bytes], ...] = ()
    computed: int = 0


class Worker:
    """A pipeline that takes tasks."""

    def __init__(self, pipeline: Pipeline) -> None:
        allocator.bound()
        self._pipeline = pipeline
        self._loaded = False

    @classmethod
    def of(cls, settings: Settings, threads: int = 1) -> Worker:
        """A worker with models of its own and `threads` threads for its engines."""
        return cls(Pipeline(replace(settings, jobs=threads)))

    def signature(self) -> str:
        """What the results of this worker depend on; the same for all workers of a run."""
        # Thresholds and the user's files too, which a node of a cluster has of its own.
        return f"{self._pipeline.signature()} {self._pipeline.evidence_signature()}"

    def check(self, task: Task, progress: Callable[[str], None] | None = None) -> Outcome:
        """Examine what the cache does not know, and conclude for every segment."""
        examined: dict[bytes, Examined] = {}
        for item in task.items:
            if item.known is not None and (known := _decoded(item, item.known)) is not None:
                examined[item.key] = known
        unknown = [item for item in task.items if item.key not in examined]
        if unknown and not self._loaded:
            # Not left to the first segment, which would be said to have failed where the models do.
            self._pipeline.load()
            self._loaded = True
        made = self._pipeline.examine([item.segment for item in unknown], progress, round_trip=task.round_trip)
        fresh = []
        for item, each in zip(unknown, made, strict=True):
            examined[item.key] = each
            if (kept := _encoded(each)) is not None:
                fresh.append((item.key, kept))
        results = [
            self._result(position, self._pipeline.checked(segment, examined[item.key]), task.round_trip)
            for item in task.items
            for position, segment in item.members
        ]
        allocator.give_back()
        return Outcome(task.number, tuple(results), tuple(fresh), len(unknown))

    def _result(self, position: int, checked: CheckedSegment, round_trip: bool) -> Result:
        doubt = self._pipeline.doubt(checked) if checked.status == "ok" else None
        return replace(result_of(position, checked), doubt=doubt, round_trip=round_trip)


def result_of(position: int, checked: CheckedSegment) -> Result:
    """The record of a segment; of one that cannot be written down, that it failed."""
    try:
        made = to_json(checked)
        # Counted as the record says, whose numbers are rounded.
        return Result(position, json_line(made), replace(Counts.of(checked), score=made["score"]))
    except (ValueError, TypeError) as error:
        failed = failure(checked.segment, f"{type(error).__name__}: {error}"[:300])
        return Result(position, to_line(failed), Counts.of(failed))


def failure(segment: Segment, reason: str) -> CheckedSegment:
    """The record of a segment that could not be checked."""
    return CheckedSegment(segment, "failed", reason)


def _decoded(item: Item, known: bytes) -> Examined | None:
    try:
        return Examined(*codec.decode(known, item.segment))
    except (ValueError, KeyError, TypeError):
        return None  # damaged: computed again


def _encoded(examined: Examined) -> bytes | None:
    if examined.findings is None or examined.verdict is None or examined.findings.failed_pivots:
        return None  # a pivot that failed may be back the next time
    try:
        return codec.encode(examined.findings, examined.verdict)
    except (ValueError, TypeError):
        return None  # details that JSON cannot hold are not kept
