"""A run from input to record: resumed, budgeted, cached or refused, it ends in the bytes it should."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import sacrebleu

from backspeak.batch import composition, job
from backspeak.batch.job import Job
from backspeak.batch.runners import InProcess
from backspeak.batch.store import NAME
from backspeak.batch.worker import Worker
from backspeak.config import Settings
from backspeak.errors import InputError, OutputError, SettingsError
from backspeak.formats import InputStream
from backspeak.reports import from_line, to_line
from backspeak.scoring import summarize

WORDS = ("a", "ferry", "harbour", "lighthouse", "unquestionable", "incomprehensibly")
# Sentences whose longest words have 4 to 16 letters, some of them twice, a heading and a foreign one.
TEXTS = [f"The {WORDS[at % 6]} number {at % 31} was seen by the {WORDS[at % 5]} today." for at in range(70)]
TEXTS[7] = "Паром ушёл из гавани рано утром, и никто его не видел."
TEXTS[20] = "1 2 3"


class Stopped(Exception):
    """Stands in for whatever ends a process."""


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(job, "TASK", 4)
    monkeypatch.setattr(job, "ROUND_TRIP_TASK", 3)
    monkeypatch.setattr(job, "_DOUBTFUL_WINDOW", 10)
    monkeypatch.setattr(composition.windows, "__defaults__", (16,))
    monkeypatch.setenv("BACKSPEAK_CACHE", str(tmp_path / "cache"))
    (tmp_path / "in.jsonl").write_text("".join(json.dumps({"text": text, "note": "x" * 1000}) + "\n" for text in TEXTS))


@pytest.fixture
def run(make_pipeline, reporter, tmp_path: Path) -> Callable[..., bytes]:
    """One run; returns the record, or raises Stopped after `stop_after` tasks."""

    def run_job(
        out: str = "out",
        *,
        stop_after: int | None = None,
        fresh: bool = False,
        look: Callable[[Job], None] = lambda job: None,
        **options: Any,
    ) -> bytes:
        options = {"reuse": False, "tier": "fast", **options}
        settings = Settings(**options)
        pipeline = make_pipeline(settings)
        worker = Worker(pipeline)

        class Stopping(InProcess):
            def run(self, tasks, started) -> Iterator:
                for number, outcome in enumerate(super().run(tasks, started)):
                    if number == stop_after:
                        raise Stopped
                    yield outcome

        inputs = InputStream([tmp_path / "in.jsonl"])
        with Job(inputs, tmp_path / out, settings, pipeline, reporter, fresh=fresh, runner=Stopping(worker)) as job:
            job.run()
            record = b"".join(job.lines())
            look(job)
            job.finish()
        return record

    return run_job


def test_the_record_is_what_the_pipeline_says(run, make_pipeline, tmp_path) -> None:
    segments = list(InputStream([tmp_path / "in.jsonl"]))
    expected = b"".join(map(to_line, make_pipeline(tier="fast").check(segments)))
    assert run() == expected
    statuses = [from_line(line).status for line in expected.splitlines()]
    assert (statuses.count("ok"), statuses.count("skipped")) == (68, 2)
    full = b"".join(map(to_line, make_pipeline(tier="full").check(segments)))
    assert run(tier="full") == full != expected


@pytest.mark.parametrize("options", [{}, {"tier": "full"}, {"tier": "full", "pivot_budget": 20}])
def test_stopped_anywhere_and_resumed_the_record_is_the_same(run, judge, options, tmp_path) -> None:
    expected = run("whole", **options)
    judged = len(judge.judged)
    for stop_after in (0, 1, 4, 9, 14):
        judge.judged.clear()
        with pytest.raises(Stopped):
            run("stopped", stop_after=stop_after, **options)
        with pytest.raises(Stopped):
            run("stopped", stop_after=1, **options)
        assert run("stopped", **options) == expected
        # Twice computed is what was in flight, and an equal text whose other half was finished before.
        assert len(judge.judged) - judged <= 2 * (4 + 31 * (stop_after > 0))
        assert not (tmp_path / "stopped" / NAME).exists()


def test_a_run_that_goes_on_says_so(run, reporter) -> None:
    with pytest.raises(Stopped):
        run(stop_after=5)
    run()
    (notice,) = reporter.notices
    assert notice.startswith("going on with an unfinished run: ")
    assert [facts["finished"] > 0 for name, facts in reporter.events if name == "begin"] == [False, True]


def test_another_setting_or_input_is_refused_and_fresh_drops_the_old(run, tmp_path) -> None:
    with pytest.raises(Stopped):
        run(stop_after=3)
    with pytest.raises(OutputError, match=r"changed: .*sensitive"):
        run(sensitive=True)
    with (tmp_path / "in.jsonl").open("a") as file:
        file.write('{"text": "One more sentence was added to the end."}\n')
    with pytest.raises(OutputError, match=r"changed: input .*in\.jsonl"):
        run()
    assert run(fresh=True).count(b"\n") == len(TEXTS) + 1


def test_what_does_not_decide_the_result_may_change(run) -> None:
    expected = run("whole")
    with pytest.raises(Stopped):
        run(stop_after=3)
    assert (
        run(jobs=2, offline=True, quiet=True, fail_under=50.0, max_critical=0, max_major=3, progress="json") == expected
    )


def test_a_second_run_with_other_thresholds_computes_nothing(run, judge, tmp_path) -> None:
    def looked(computed: int):
        def look(job: Job) -> None:
            assert job.work.computed == computed
            assert job.work.segments == len(TEXTS)

        return look

    plain = run("one", sensitive=True)
    distinct = len(set(TEXTS) - {TEXTS[7], TEXTS[20]})
    run("two", reuse=True, look=looked(distinct))
    judge.judged.clear()
    assert run("three", reuse=True, sensitive=True, look=looked(0)) == plain
    assert judge.judged == []
    run("four", reuse=True, tier="full", look=looked(distinct))


def test_equal_texts_of_a_window_are_computed_once(run, judge) -> None:
    run()
    assert len(judge.judged) < len(TEXTS)
    for window in range(0, len(TEXTS), 16):
        texts = TEXTS[window : window + 16]
        assert len(set(texts)) == len([text for text in dict.fromkeys(texts) if text in judge.judged]) + len(
            {TEXTS[7], TEXTS[20]} & set(texts)
        )


# The user's files


@pytest.fixture
def references(tmp_path) -> Path:
    """A reference for each text, another one for each of two equal texts."""
    path = tmp_path / "references.jsonl"
    rows = [{"reference": f"{text.replace('seen', 'noticed')} {at}"} for at, text in enumerate(TEXTS)]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def test_references_are_laid_beside_a_stream(run, references, make_pipeline, tmp_path) -> None:
    totals = []
    record = run("whole", reference=(references,), look=lambda job: totals.append(job.totals()))
    checked = [from_line(line) for line in record.splitlines()]
    assert [each.segment.reference for each in checked if each.status == "ok"] == [
        f"{text.replace('seen', 'noticed')} {at}" for at, text in enumerate(TEXTS) if at not in (7, 20)
    ]
    segments = [each.segment for each in checked]
    assert record == b"".join(map(to_line, make_pipeline(tier="fast").check(segments)))
    assert totals[0] == summarize(checked)
    texts, beside = zip(*((each.text, each.reference) for each in segments if not each.skip), strict=True)
    assert totals[0]["metrics"]["chrf"]["score"] == round(sacrebleu.corpus_chrf(texts, [beside]).score, 2)
    for stop_after in (1, 6):
        with pytest.raises(Stopped):
            run("stopped", reference=(references,), stop_after=stop_after)
    assert run("stopped", reference=(references,)) == record


def test_a_changed_reference_is_another_run(run, references) -> None:
    with pytest.raises(Stopped):
        run(reference=(references,), stop_after=3)
    references.write_text(references.read_text().replace("noticed", "spotted"))
    with pytest.raises(OutputError, match=r"changed: reference .*references\.jsonl"):
        run(reference=(references,))


def test_references_that_are_too_many_are_refused_before_anything_is_done(run, references, tmp_path) -> None:
    with pytest.raises(SettingsError, match=r"the --reference file .*references\.jsonl has no input"):
        run(reference=(references, references))
    assert not (tmp_path / "out").exists()


def test_equal_texts_are_concluded_each_by_its_own_reference(run, judge, tmp_path) -> None:
    rows = [{"text": TEXTS[5], "reference": reference} for reference in (TEXTS[5], "Nobody came.", TEXTS[5])]
    (tmp_path / "in.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    same, other, again = (from_line(line) for line in run().splitlines())
    assert judge.judged == [TEXTS[5]]
    assert same.error_probability == again.error_probability < other.error_probability
    assert same.metrics != other.metrics


# The cascade


def _through(record: bytes) -> set[int]:
    return {at for at, line in enumerate(record.splitlines()) if from_line(line).back_translations}


def test_the_budget_goes_to_the_most_doubtful(run, make_pipeline) -> None:
    lefts = []
    record = run(tier="full", pivot_budget=20, look=lambda job: lefts.append(job.left_out()))
    pipeline = make_pipeline(tier="fast")
    fast = [from_line(line) for line in run("fast").splitlines()]
    order = sorted(
        (at for at, each in enumerate(fast) if each.status == "ok"), key=lambda at: (pipeline.doubt(fast[at]), at)
    )
    assert _through(record) == set(order[:20])
    assert lefts == [
        {"sentences": 20, "left_out": 48, "reason": "pivot-budget 20", "depends_on_time": False},
    ]
    # The nearest to the threshold, not the worst: a verdict far beyond it does not turn.
    assert {WORDS[5] in TEXTS[at] for at in order[:12]} == {False}


def test_a_budget_beyond_the_input_is_no_limit(run) -> None:
    lefts = []
    full = run("full", tier="full", look=lambda job: lefts.append(job.left_out()))
    assert run("budget", tier="full", pivot_budget=1000, look=lambda job: lefts.append(job.left_out())) == full
    assert lefts == [None, {"sentences": 68, "left_out": 0, "reason": None, "depends_on_time": False}]


def test_no_budget_at_all_is_the_fast_tier(run) -> None:
    assert run("none", tier="full", pivot_budget=0) == run("fast")


def test_time_that_is_up_ends_the_round_trips(run, monkeypatch) -> None:
    clock = iter(range(10_000))
    monkeypatch.setattr(job.time, "monotonic", lambda: float(next(clock)))
    lefts = []
    record = run(tier="full", max_seconds=60.0, look=lambda job: lefts.append(job.left_out()))
    through = _through(record)
    assert 0 < len(through) < 68
    assert lefts == [
        {"sentences": len(through), "left_out": 68 - len(through), "reason": "max-seconds 60", "depends_on_time": True}
    ]


def test_the_fast_tier_has_no_round_trips_to_limit(run) -> None:
    assert run("limited", pivot_budget=5, max_seconds=1.0) == run("free")


# Totals, problems, progress


def test_totals_are_those_of_the_record(run) -> None:
    totals = []
    record = run(look=lambda job: totals.append(job.totals()))
    assert totals == [summarize(map(from_line, record.splitlines()))]


def test_progress_reaches_the_total(run, reporter) -> None:
    run()
    done, total, what, estimated = reporter.steps[-1]
    assert (done, total, what, estimated) == (len(TEXTS), len(TEXTS), "checking sentences", False)
    assert [step[0] for step in reporter.steps] == sorted(step[0] for step in reporter.steps)
    assert reporter.steps[0][3]
    # The estimate from the bytes read is good enough for a forecast.
    assert len(TEXTS) / 2 <= reporter.steps[0][1] <= 2 * len(TEXTS)


def test_problems_are_kept_and_an_unreadable_input_leaves_nothing_behind(make_pipeline, reporter, tmp_path) -> None:
    good, bad = tmp_path / "in.jsonl", tmp_path / "bad.jsonl"
    bad.write_text('{"text": \n' * 1500)
    settings = Settings(tier="fast", reuse=False)

    def job_over(*paths: Path) -> Job:
        return Job(InputStream(paths), tmp_path / "out", settings, make_pipeline(settings), reporter)

    with job_over(bad, good) as both:
        both.run()
        assert (len(both.problems), both.problem_count) == (1000, 1500)
        both.finish()
    with pytest.raises(InputError, match=r"bad\.jsonl:1:"), job_over(bad) as nothing:
        nothing.run()
    assert not (tmp_path / "out" / NAME).exists()


def test_standard_input_is_part_of_the_fingerprint(make_pipeline, reporter, tmp_path) -> None:
    settings = Settings(tier="fast", reuse=False)

    def job_over(text: str) -> Job:
        inputs = InputStream(["-"], stdin=io.BytesIO(text.encode()))
        return Job(inputs, tmp_path / "out", settings, make_pipeline(settings), reporter)

    with job_over("The ferry left.\n") as unfinished:
        unfinished.run()
    with pytest.raises(OutputError, match="changed: input stdin"):
        job_over("The ferry did not leave.\n")
    with job_over("The ferry left.\n") as again:
        again.run()
        assert again.work.resumed == 1
