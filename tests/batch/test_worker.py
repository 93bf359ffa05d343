"""A worker concludes for every segment of a task, computes what is not known, and survives what fails."""

from __future__ import annotations

from dataclasses import replace

from backspeak.batch.cache import key
from backspeak.batch.composition import Task, items_of
from backspeak.batch.worker import Worker, result_of
from backspeak.data import CheckedSegment, Segment
from backspeak.reports import from_line

TEXTS = ["The ferry left.", "It rained.", "The ferry left.", "Nobody complained.", "It rained again."]


def _task(texts: list[str], number: int = 0, **fields) -> Task:
    placed = [(at, Segment("d", str(at), text, **fields)) for at, text in enumerate(texts)]
    return Task(number, tuple(items_of(placed, lambda segment: key("s", segment))), round_trip=False)


def test_equal_texts_are_computed_once_and_concluded_each(make_pipeline, judge) -> None:
    outcome = Worker(make_pipeline(tier="fast")).check(_task(TEXTS))
    assert sorted(judge.judged) == sorted(set(TEXTS))
    assert outcome.computed == 4
    checked = {result.position: from_line(result.line) for result in outcome.results}
    assert [checked[at].segment.text for at in range(5)] == TEXTS
    assert [checked[at].segment.id for at in range(5)] == ["0", "1", "2", "3", "4"]
    assert checked[0].score == checked[2].score
    alone = next(make_pipeline(tier="fast").check([Segment("d", "2", TEXTS[2])]))
    assert result_of(2, alone).line == next(result.line for result in outcome.results if result.position == 2)


def test_what_is_known_is_not_computed(make_pipeline, judge) -> None:
    worker = Worker(make_pipeline(tier="fast"))
    first = worker.check(_task(TEXTS))
    known = dict(first.fresh)
    judge.judged.clear()
    task = _task(TEXTS)
    again = Worker(make_pipeline(tier="fast")).check(
        replace(task, items=tuple(replace(item, known=known[item.key]) for item in task.items))
    )
    assert judge.judged == []
    assert (again.computed, again.fresh) == (0, ())
    assert again.results == first.results


def test_other_thresholds_over_known_findings(make_pipeline, judge) -> None:
    texts = ["An extraordinary night."]
    known = dict(Worker(make_pipeline(tier="fast")).check(_task(texts)).fresh)
    judge.judged.clear()
    task = _task(texts)
    task = replace(task, items=tuple(replace(item, known=known[item.key]) for item in task.items))
    (kept,) = Worker(make_pipeline(tier="fast", disable=("likelihood",))).check(task).results
    (new,) = Worker(make_pipeline(tier="fast", disable=("likelihood",))).check(_task(texts)).results
    assert kept == new
    assert judge.judged == texts
    assert kept.counts.severities == ()


def test_damaged_findings_are_computed_again(make_pipeline, judge) -> None:
    task = _task(TEXTS[:1])
    damaged = replace(task, items=(replace(task.items[0], known=b"damaged"),))
    worker = Worker(make_pipeline(tier="fast"))
    assert worker.check(damaged).results == worker.check(task).results
    assert judge.judged == TEXTS[:1] * 2


def test_the_failing_segment_alone_fails(make_pipeline) -> None:
    texts = [f"Boat {at} sails." for at in range(9)] + ["Many boats explode.", "The sea is calm."]
    outcome = Worker(make_pipeline(tier="fast")).check(_task(texts))
    checked = [from_line(result.line) for result in sorted(outcome.results, key=lambda each: each.position)]
    assert [each.status for each in checked] == ["ok"] * 9 + ["failed", "ok"]
    assert checked[9].reason == "ValueError: the judge cannot bear it"
    assert outcome.results[0].counts.status == "ok"
    assert len(outcome.fresh) == 10
    assert next(each for each in outcome.results if each.position == 9).doubt is None


def test_a_record_that_cannot_be_written_down_is_a_failure() -> None:
    segment = Segment("d", "1", "The ferry left.")
    result = result_of(3, CheckedSegment(segment, "ok", None, float("nan"), 0.5))
    assert (result.position, result.counts.status) == (3, "failed")
    assert "nan is not a score" in (from_line(result.line).reason or "")


def test_the_signature_follows_the_user_s_files_and_thresholds(make_pipeline, tmp_path) -> None:
    def signature(**options) -> str:
        return Worker(make_pipeline(tier="fast", **options)).signature()

    baseline = tmp_path / "accepted.jsonl"
    baseline.write_text("")
    signatures = [signature(), signature(sensitive=True), signature(baseline=baseline)]
    baseline.write_text('{"rule": "memory", "text": "a ferry", "context": "It was a ferry."}\n')
    signatures.append(signature(baseline=baseline))
    assert len(set(signatures)) == 4
    assert signature(jobs=3) == signatures[0]
