"""What every command does that runs the models: open them with progress, check with progress."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from backspeak.cli.progress import Reporter
from backspeak.config import Settings
from backspeak.data import CheckedSegment, Segment
from backspeak.engines.bundled import BundledEngine, Preparation
from backspeak.pipeline import Pipeline


def embedded_engine(settings: Settings, reporter: Reporter) -> BundledEngine:
    """The embedded engine, whose preparation is shown by the reporter."""
    is_told = False

    def step(done: int, total: int, what: str) -> None:
        """Nothing is prepared again later; who meets the wait should know that."""
        nonlocal is_told
        if not is_told:
            is_told = True
            reporter.notice("making the models ready, once on this machine; about a minute")
        reporter.step(done, total, what)

    return BundledEngine(Preparation(step, reporter.notice), threads=settings.jobs)


def opened_pipeline(settings: Settings, reporter: Reporter) -> Pipeline:
    """A pipeline whose models load when they are first needed."""
    return Pipeline(settings, embedded=embedded_engine(settings, reporter), progress=reporter.step)


def loaded_pipeline(settings: Settings, reporter: Reporter) -> Pipeline:
    """A pipeline with every model prepared and loaded."""
    pipeline = opened_pipeline(settings, reporter)
    pipeline.load()
    reporter.close()
    return pipeline


def checked(pipeline: Pipeline, segments: Sequence[Segment], reporter: Reporter) -> Iterator[CheckedSegment]:
    """The segments checked, in order, with a bar over them."""
    results = pipeline.check(segments, lambda count, stage: reporter.stage(stage))
    for done, each in enumerate(results, start=1):
        yield each
        reporter.step(done, len(segments), "checking sentences")
    reporter.close()
