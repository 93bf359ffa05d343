"""Sentences as the page gets them: cut into pieces, nothing in them but texts to show."""

from __future__ import annotations

import dataclasses
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backspeak.data import SEVERITIES, CheckedSegment, ErrorSpan, MemoryMatch, Segment
from backspeak.reports.view import Piece, by_gravity, pieces, sentence


def span(start: int, end: int, severity: str = "minor", text: str = "", suggestions: tuple[str, ...] = ()) -> ErrorSpan:
    return ErrorSpan(start, end, text, "grammar", severity, 0.5, "r", suggestions, ())  # type: ignore[arg-type]


def shown(made: list[Piece]) -> str:
    return "".join(piece if isinstance(piece, str) else piece[0] for piece in made)


def test_nested_spans_share_the_inner_piece_the_gravest_first() -> None:
    assert pieces("abcdef", [span(1, 5), span(2, 4, "critical")]) == ["a", ["b", 0], ["cd", 1, 0], ["e", 0], "f"]


def test_coinciding_spans_are_one_piece() -> None:
    assert pieces("ab", [span(0, 2), span(0, 2, "major")]) == [["ab", 1, 0]]


def test_an_omission_is_an_empty_piece_in_its_place() -> None:
    assert pieces("ab", [span(1, 1)]) == ["a", ["", 0], "b"]
    assert pieces("", [span(0, 0)]) == [["", 0]]


@given(st.text(max_size=12), st.data())
def test_the_pieces_are_the_text_and_every_span_is_in_one(text: str, data: st.DataObject) -> None:
    spans = []
    for _ in range(data.draw(st.integers(0, 4))):
        start = data.draw(st.integers(0, len(text)))
        end = data.draw(st.integers(start, len(text)))
        spans.append(span(start, end, data.draw(st.sampled_from(SEVERITIES))))
    made = pieces(text, spans)
    assert shown(made) == text
    assert {number for piece in made if isinstance(piece, list) for number in piece[1:]} == set(range(len(spans)))


def test_a_sentence_has_all_an_editor_needs(checked: list[CheckedSegment]) -> None:
    made = sentence(checked[1])
    (flag,) = made["flags"]
    assert (flag["text"], flag["severity"], flag["category"]) == ("accepted a decision", "major", "unidiomatic")
    assert (flag["confidence"], flag["sure"]) == (0.93, "almost certain")
    assert flag["suggestions"] == [{"shown": "decided"}, {"shown": "took a decision"}]
    assert flag["why"][0]["title"] == "Round trip through Spanish"
    assert flag["why"][0]["sentences"][1] == [
        ["decided"], " is about a thousand times likelier here than ", ["accepted a decision"], ".",
    ]  # fmt: skip
    assert [back["title"] for back in made["backs"]] == ["Back from Spanish", "Back from German"]
    assert made["backs"][1]["unused"] == "repetition"
    assert made["where"] == "paragraph 1"
    assert "raw" not in made
    assert json.loads(json.dumps(made)) == made


def test_what_was_not_judged_says_why(checked: list[CheckedSegment]) -> None:
    assert sentence(checked[0])["reason"] == "heading"
    assert sentence(checked[5])["reason"] == "the engine returned nothing"


def test_acting_characters_are_shown_and_the_text_itself_kept_beside() -> None:
    text = "a \u202eb\x00 c"
    spans = (span(2, 5, text="\u202eb\x00", suggestions=("b\u202c", "b")),)
    made = sentence(CheckedSegment(Segment("d", "1", text), "ok", spans=spans))
    assert shown(made["text"]) == "a ⟨RLO⟩b␀ c"
    assert made["raw"] == text
    (flag,) = made["flags"]
    assert (flag["text"], flag["raw"]) == ("⟨RLO⟩b␀", "\u202eb\x00")
    assert flag["suggestions"] == [{"shown": "b⟨PDF⟩", "raw": "b\u202c"}, {"shown": "b"}]


def test_what_could_not_be_seen_is_drawn_and_can_still_be_copied() -> None:
    spans = (span(3, 5, text="  ", suggestions=(" ", "")), span(0, 4, text="two ", suggestions=("deux ",)))
    made = sentence(CheckedSegment(Segment("d", "1", "two  spaces"), "ok", spans=spans))
    assert (made["flags"][0]["text"], made["flags"][0]["raw"], made["flags"][0]["marks"]) == ("␣␣", "  ", True)
    assert made["flags"][0]["suggestions"] == [{"shown": "␣", "raw": " "}, {"shown": "(leave out)", "raw": ""}]
    assert (made["flags"][1]["text"], made["flags"][1]["raw"]) == ("two", "two ")
    assert made["flags"][1]["suggestions"] == [{"shown": "deux", "raw": "deux "}]


@pytest.mark.parametrize("source_lang", ["ru", None])
def test_source_and_reference_are_shown_with_their_language(source_lang: str | None) -> None:
    segment = Segment("d", "1", "Home.", source="Домой.", source_lang=source_lang, reference="Going home.")
    source, reference = sentence(CheckedSegment(segment, "ok"))["context"]
    assert source["runs"] == ["Домой."]
    assert source["label"] == ("Source (Russian)" if source_lang else "Source")
    assert source.get("lang") == source_lang
    assert reference == {"label": "Reference", "runs": [["Going", "changed"], " home."]}


def test_gravity_is_severity_then_certainty_and_typography_comes_last() -> None:
    flags = [
        {"category": "punctuation", "severity": "critical", "confidence": 1.0},
        {"category": "grammar", "severity": "minor", "confidence": 0.6},
        {"category": "addition", "severity": "major", "confidence": 0.5},
        {"category": "spelling", "severity": "minor", "confidence": 0.9},
    ]
    assert [number for number, _ in by_gravity(flags)] == [3, 4, 2, 1]


def test_the_approved_sentence_stands_beside_its_sentence(checked: list[CheckedSegment]) -> None:
    match = MemoryMatch("The boat had sailed for thirty years.", 0.86, None, False, "tm.tmx", None)
    quote = sentence(dataclasses.replace(checked[2], memory=match))["context"][-1]
    assert quote["label"] == "Approved, 86% alike (tm.tmx)"
    assert [run[0] for run in quote["runs"] if isinstance(run, list) and run[1] == "changed"] == ["sailed"]


def test_a_mark_is_shown_between_its_neighbours(checked: list[CheckedSegment]) -> None:
    words, marks = sentence(checked[3])["flags"]
    assert "around" not in words
    assert (marks["text"], marks["around"]) == ("”,", ["nurse", " she"])
    text = "An endlessly-long-compound.. "
    twice = ErrorSpan(26, 28, "..", "punctuation", "minor", 0.9, "typography", (".",), ())
    (flag,) = sentence(CheckedSegment(Segment("d", "1", text), "ok", spans=(twice,)))["flags"]
    assert flag["around"] == ["ly-long-compound", " "]
