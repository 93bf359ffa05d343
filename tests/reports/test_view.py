"""Sentences cut into pieces, documents counted and judged."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backspeak.data import SEVERITIES, CheckedSegment, ErrorSpan, MemoryMatch
from backspeak.reports.view import Finding, documents_of, pieces, verdict


def finding(number: int, start: int, end: int, severity: str = "minor") -> Finding:
    span = ErrorSpan(start, end, "", "grammar", severity, 0.5, "r", (), ())  # type: ignore[arg-type]
    return Finding(f"e{number}", span, "likely", ())


def shape(text: str, *findings: Finding) -> list[tuple[str, tuple[str, ...], bool]]:
    return [(piece.text, piece.findings, piece.leads) for piece in pieces(text, findings)]


def test_nested_findings_share_the_inner_piece() -> None:
    assert shape("abcdef", finding(1, 1, 5), finding(2, 2, 4, "critical")) == [
        ("a", (), False),
        ("b", ("e1",), True),
        ("cd", ("e2", "e1"), True),
        ("e", ("e1",), False),
        ("f", (), False),
    ]


def test_coinciding_findings_are_one_piece_that_names_the_graver_first() -> None:
    (made,) = pieces("ab", [finding(1, 0, 2), finding(2, 0, 2, "major")])
    assert (made.findings, made.severity, made.label) == (("e2", "e1"), "major", "Major: grammar, and 1 more flag")


def test_an_omission_is_an_empty_piece_in_its_place() -> None:
    assert shape("ab", finding(1, 1, 1)) == [("a", (), False), ("", ("e1",), True), ("b", (), False)]
    assert shape("", finding(1, 0, 0)) == [("", ("e1",), True)]


@given(st.text(max_size=12), st.data())
def test_the_pieces_are_the_text_and_every_finding_can_be_reached(text: str, data: st.DataObject) -> None:
    findings = []
    for number in range(data.draw(st.integers(0, 4))):
        start = data.draw(st.integers(0, len(text)))
        end = data.draw(st.integers(start, len(text)))
        findings.append(finding(number, start, end, data.draw(st.sampled_from(SEVERITIES))))
    made = pieces(text, findings)
    assert "".join(piece.text for piece in made) == text
    assert {anchor for piece in made if piece.leads for anchor in piece.findings} == {each.anchor for each in findings}


def test_a_document_is_counted(checked: list[CheckedSegment], summary: dict[str, Any]) -> None:
    (document,) = documents_of(checked, summary)
    assert (document.score, document.flagged, document.checked, document.skipped, document.failed) == (58.4, 2, 4, 2, 1)
    assert document.severities == (("critical", 1), ("major", 1), ("minor", 1))
    assert document.categories == (("mistranslation", 1), ("punctuation", 1), ("unidiomatic", 1))
    assert document.tally == "2 of 4 sentences flagged, 2 skipped, 1 failed"
    assert [[sentence.number for sentence in paragraph] for paragraph in document.paragraphs] == [
        [1, 2], [3, 4], [5, 6], [7],
    ]  # fmt: skip


def test_several_documents_have_anchors_of_their_own(checked: list[CheckedSegment]) -> None:
    other = [
        dataclasses.replace(each, segment=dataclasses.replace(each.segment, document="b.txt")) for each in checked[:2]
    ]
    first, second = documents_of([*checked, *other], {"documents": [{"document": "b.txt", "score": 12.0}]})
    assert (first.score, second.score) == (None, 12.0)
    assert second.sentences[1].findings[0].anchor == "d2-s2-e1"
    assert documents_of(checked, {})[0].sentences[1].findings[0].anchor == "s2-e1"


@pytest.mark.parametrize(
    ("flagged", "of", "said"),
    [
        (0, 0, "Nothing to judge"),
        (0, 9, "Nothing flagged"),
        (2, 2, "Mostly natural, with passages to check"),
        (3, 40, "Mostly natural, with passages to check"),
        (14, 52, "Likely machine-translated"),
    ],
)
def test_verdict(flagged: int, of: int, said: str) -> None:
    assert verdict(flagged, of) == said


def test_the_approved_sentence_stands_beside_its_sentence(checked: list[CheckedSegment]) -> None:
    match = MemoryMatch("The boat had sailed for thirty years.", 0.86, None, False, "tm.tmx", None)
    (document,) = documents_of([dataclasses.replace(checked[2], memory=match)], {})
    (quote,) = document.sentences[0].context
    assert quote.label == "Approved, 86% alike (tm.tmx)"
    assert [run.text for run in quote.runs if run.change == "changed"] == ["sailed"]
