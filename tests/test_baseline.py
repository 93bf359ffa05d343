"""Baselines: accepted findings come back by content, wherever they stand."""

from __future__ import annotations

import json

import pytest

from backspeak import baseline
from backspeak.baseline import Baseline
from backspeak.data import CheckedSegment, ErrorSpan, Segment, SuppressedSpan
from backspeak.errors import InputError

TEXT = "The mayor  laid her faith in the old ferry ."


def _span(words: str, rule: str = "round-trip", text: str = TEXT) -> ErrorSpan:
    start = text.index(words)
    return ErrorSpan(start, start + len(words), words, "mistranslation", "major", 0.9, rule, (), ())


def _checked(*spans: ErrorSpan, suppressed=(), document: str = "a.txt", text: str = TEXT) -> CheckedSegment:
    return CheckedSegment(Segment(document, "1", text), "ok", spans=spans, suppressed=suppressed)


def test_what_is_written_is_accepted_again(tmp_path):
    path = tmp_path / "accepted.jsonl"
    spans = (_span("laid"), _span(" .", "typography.space-before-punctuation"))
    assert baseline.write(path, [_checked(*spans)]) == 2
    assert [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] == [
        {"rule": "round-trip", "text": "laid", "context": TEXT, "document": "a.txt"},
        {"rule": "typography.space-before-punctuation", "text": " .", "context": TEXT, "document": "a.txt"},
    ]
    accepted = Baseline.load(path)
    assert len(accepted) == 2
    assert all(accepted.accepts(span, TEXT) for span in spans)


def test_white_space_and_place_do_not_matter_and_content_does(tmp_path):
    path = tmp_path / "accepted.jsonl"
    baseline.write(path, [_checked(_span("laid her"))])
    accepted = Baseline.load(path)
    same = ErrorSpan(40, 49, "laid  her", "grammar", "minor", 0.5, "round-trip", (), ())
    assert accepted.accepts(same, TEXT.replace("  ", " "))
    assert not accepted.accepts(_span("laid her", "likelihood"), TEXT)
    assert not accepted.accepts(_span("laid"), TEXT)
    assert not accepted.accepts(_span("laid her"), TEXT.replace("old", "new"))


def test_findings_come_once_in_order_with_those_accepted_before():
    late, early, old = _span("ferry"), _span("mayor"), _span("faith")
    checked = [
        _checked(late, early, suppressed=(SuppressedSpan(old, "baseline"), SuppressedSpan(_span("The"), "inline"))),
        _checked(early, document="b.txt"),
    ]
    assert [(each["text"], each["document"]) for each in baseline.findings(checked)] == [
        ("mayor", "a.txt"),
        ("faith", "a.txt"),
        ("ferry", "a.txt"),
    ]


def test_nothing_found_is_an_empty_baseline(tmp_path):
    path = tmp_path / "accepted.jsonl"
    assert baseline.write(path, []) == 0
    assert len(Baseline.load(path)) == 0


def test_a_mark_at_the_start_and_blank_lines_do_no_harm(tmp_path):
    path = tmp_path / "accepted.jsonl"
    finding = {"rule": "round-trip", "text": "laid", "context": TEXT, "document": None}
    path.write_text("\ufeff" + json.dumps(finding) + "\n\n", encoding="utf-8")
    assert Baseline.load(path).accepts(_span("laid"), TEXT)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (b"{", "is not a JSON object"),
        (b"[]", "is not a JSON object"),
        (b'{"rule": "x", "text": "y"}', 'has no "context" that is a text'),
        (b'{"rule": 1, "text": "y", "context": "z"}', 'has no "rule" that is a text'),
        (b'{"rule": "x", "text": "y", "context": "z", "document": 5}', '"document" must be a text or null'),
        (b"\xff", "is not a JSON object"),
        (b"[" * 100_000, "is not a JSON object"),
    ],
)
def test_a_damaged_line_is_named_with_the_mend(tmp_path, line, message):
    path = tmp_path / "accepted.jsonl"
    path.write_bytes(b'{"rule": "x", "text": "y", "context": "z"}\n' + line + b"\n")
    with pytest.raises(InputError, match=rf"accepted\.jsonl:2: {message}.*; delete the line or write"):
        Baseline.load(path)


def test_a_missing_file_says_how_to_make_it(tmp_path):
    with pytest.raises(InputError, match=r"none\.jsonl: there is no such file; make it with --write-baseline"):
        Baseline.load(tmp_path / "none.jsonl")
