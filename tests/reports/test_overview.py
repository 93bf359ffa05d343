"""A run from above, counted as its segments stream by."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from backspeak.data import CheckedSegment, ErrorSpan, Segment, Word
from backspeak.reports.overview import Overview, band, verdict
from backspeak.scoring import summarize


def of(segments: list[CheckedSegment], summary: dict[str, Any] | None = None) -> Overview:
    overview = Overview(summary or {})
    for each in segments:
        overview.add(each)
    return overview


def scored(number: int, score: float, words: int = 1, **fields: Any) -> CheckedSegment:
    segment = Segment(fields.pop("document", "d"), str(number), "x", **fields)
    return CheckedSegment(segment, "ok", score=score, words=tuple(Word(0, 1, 0.1, False) for _ in range(words)))


def test_a_document_is_counted(checked: list[CheckedSegment], summary: dict[str, Any]) -> None:
    overview = of(checked, summary)
    group = overview.documents["ferry.txt"]
    assert (group.score, group.with_errors, group.checked) == (58.4, 2, 4)
    assert (group.statuses["skipped"], group.statuses["failed"]) == (2, 1)
    assert dict(group.severities) == {"critical": 1, "major": 1, "minor": 1}
    assert (dict(group.errors), group.typography) == ({"critical": 1, "major": 1}, 1)
    assert group.tally == "likely translation errors in 2 of 4 sentences, 2 skipped, 1 failed"
    assert group.band == "doubtful"


def test_without_a_summary_the_scores_are_those_of_the_scoring() -> None:
    segments = [scored(1, 90.0, 9), scored(2, 30.0, 1, document="e"), scored(3, 50.0, 0, document="e")]
    overview, expected = of(segments), summarize(segments)
    assert overview.total.score == pytest.approx(expected["score"], abs=0.05)
    for each in expected["documents"]:
        assert overview.documents[each["document"]].score == pytest.approx(each["score"], abs=0.05)


def test_an_unscored_document_comes_last_the_worst_first() -> None:
    skipped = CheckedSegment(Segment("skipped.txt", "1", "x", skip="heading"), "skipped", "heading")
    segments = [scored(1, 90.0, document="good.txt"), skipped, scored(2, 20.0, document="bad.txt")]
    assert [group.name for group in of(segments).worst_documents] == ["bad.txt", "good.txt", "skipped.txt"]


def test_languages_and_systems_are_there_if_given() -> None:
    segments = [scored(1, 80.0, source_lang="ru", system="one"), scored(2, 60.0, source_lang="de"), scored(3, 10.0)]
    overview = of(segments)
    assert [(group.name, group.score) for group in overview.languages.values()] == [("Russian", 80.0), ("German", 60.0)]
    assert [group.name for group in overview.systems.values()] == ["one"]
    assert not of([scored(1, 1.0)]).languages


def test_the_distribution_holds_every_scored_segment_once() -> None:
    overview = of([scored(at, score) for at, score in enumerate([0.0, 4.9, 5.0, 84.9, 85.0, 99.9, 100.0])])
    assert {low: number for low, number, _ in overview.distribution if number} == {0: 2, 5: 1, 80: 1, 85: 1, 95: 2}
    assert dict((low, name) for low, _, name in overview.distribution)[80] == "slight"
    assert dict((low, name) for low, _, name in overview.distribution)[85] == "clean"


def test_the_worst_have_errors_the_lowest_first_and_first_among_equals(checked: list[CheckedSegment]) -> None:
    flagged = checked[1]
    segments = [
        dataclasses.replace(
            flagged, score=score, segment=dataclasses.replace(flagged.segment, id=str(at), text=f"{at} boats came.")
        )
        for at, score in enumerate([50.0, 20.0, 70.0, 20.0, 60.0, 61.0, 62.0, 63.0, 64.0, 10.0])
    ]
    worst = of([scored(99, 1.0), *segments]).worst
    assert [each.segment.id for each in worst] == ["9", "1", "3", "0", "4", "5", "6", "7"]


def test_the_worst_are_no_slips_of_punctuation_and_no_repetitions(checked: list[CheckedSegment]) -> None:
    (slip,) = [span for span in checked[3].spans if span.category == "punctuation"]
    again = dataclasses.replace(checked[3], segment=dataclasses.replace(checked[3].segment, id="again"))
    poor = dataclasses.replace(checked[2], score=1.0, spans=(slip,))
    assert [each.segment.id for each in of([*checked, again, poor]).worst] == ["4", "2"]


def test_categories_are_crossed_with_severities(checked: list[CheckedSegment]) -> None:
    assert dict(of(checked * 2).categories) == {
        "mistranslation": {"critical": 2, "major": 0, "minor": 0},
        "unidiomatic": {"critical": 0, "major": 2, "minor": 0},
        "punctuation": {"critical": 0, "major": 0, "minor": 2},
    }
    assert [name for name, _ in of([*checked, checked[3], checked[3]]).categories][-1] == "punctuation"


@pytest.mark.parametrize(
    ("score", "name"),
    [(None, "none"), (0.0, "poor"), (39.9, "poor"), (40.0, "doubtful"), (65.0, "slight"), (85.0, "clean")],
)
def test_bands(score: float | None, name: str) -> None:
    assert band(score) == name


@pytest.mark.parametrize(
    ("with_errors", "of_checked", "typography", "said"),
    [
        (0, 0, 0, "Nothing to judge"),
        (0, 9, 0, "Nothing flagged"),
        (0, 9, 7, "Natural wording, with punctuation to check"),
        (2, 2, 0, "Mostly natural, with passages to check"),
        (3, 40, 12, "Mostly natural, with passages to check"),
        (14, 52, 0, "Likely machine-translated"),
    ],
)
def test_verdict(with_errors: int, of_checked: int, typography: int, said: str) -> None:
    assert verdict(with_errors, of_checked, typography) == said


def test_a_text_of_nothing_but_slips_of_punctuation_is_not_called_machine_translated() -> None:
    text = "He paused , and left."
    slip = ErrorSpan(9, 11, " ,", "punctuation", "minor", 0.9, "typography.space", (",",), ())
    slips = [CheckedSegment(Segment("d", str(at), text), "ok", score=90.0, spans=(slip,)) for at in range(9)]
    total = of(slips).total
    assert (total.verdict, total.tally) == ("Natural wording, with punctuation to check", "9 sentences checked")
    assert (total.with_errors, total.typography) == (0, 9)
