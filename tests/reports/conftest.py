"""A small checked text of our own with every severity, every kind of evidence and every status."""

from __future__ import annotations

from typing import Any

import pytest

from backspeak.data import BackTranslation, CheckedSegment, ErrorSpan, Evidence, Segment


def span_in(
    text: str,
    words: str,
    category: str,
    severity: str,
    suggestions: tuple[str, ...],
    kind: str = "round_trip",
    **details: Any,
) -> ErrorSpan:
    """A span over the first `words` of `text`, with one piece of evidence."""
    start = text.index(words)
    end = start + len(words)
    rule = kind.replace("_", "-")
    evidence = Evidence(kind, rule, start, end, category, severity, suggestions, None, details)  # type: ignore[arg-type]
    return ErrorSpan(start, end, words, category, severity, 0.93, rule, suggestions, (evidence,))  # type: ignore[arg-type]


def segment(number: int, text: str, document: str = "ferry.txt", **fields: Any) -> Segment:
    """The segment `number` of a document, two to a paragraph."""
    return Segment(document, str(number), text, location=f"paragraph {(number + 1) // 2}", **fields)


@pytest.fixture
def checked() -> list[CheckedSegment]:
    """Seven segments: a heading, four that were judged, one in another language, one that failed."""
    decided = "On Tuesday the council accepted a decision to stop the ferry."
    soul = "It is a spit in the soul of every nurse”, she said."
    back = "On Tuesday the council decided to stop the ferry."
    pivot = "El martes, el ayuntamiento decidió suspender el ferri."
    return [
        CheckedSegment(segment(1, "The Last Ferry", skip="heading"), "skipped", "heading"),
        CheckedSegment(
            segment(2, decided),
            "ok",
            score=41.2,
            error_probability=0.78,
            spans=(
                span_in(
                    decided,
                    "accepted a decision",
                    "unidiomatic",
                    "major",
                    ("decided", "took a decision"),
                    pivot="es",
                    translation=pivot,
                    round_trip=back,
                    original="accepted a decision",
                    restored="decided",
                    gain=7.2,
                    guard=-0.4,
                    agreement=3,
                    round_trips=4,
                ),
            ),
            back_translations=(
                BackTranslation("es", pivot, back, 61.2),
                BackTranslation("de", "die die die", "the the the", 9.0, True, "repetition"),
            ),
        ),
        CheckedSegment(segment(3, "The boat had run for thirty years."), "ok", score=96.0, error_probability=0.04),
        CheckedSegment(
            segment(4, soul),
            "ok",
            score=22.0,
            error_probability=0.95,
            spans=(
                span_in(
                    soul,
                    "a spit in the soul of",
                    "mistranslation",
                    "critical",
                    ("a slap in the face for",),
                    "phrase_bank",
                    entry="spit-in-the-soul",
                    phrase="a spit in the soul",
                    source_langs=["ru", "uk"],
                    note="An idiom taken word for word.",
                    example="Her letter was a spit in the soul.",
                ),
                span_in(
                    soul, "”,", "punctuation", "minor", (",”",), "typography", message="The comma comes first here."
                ),
            ),
        ),
        CheckedSegment(segment(5, "Паром больше не ходит.", skip="not English"), "skipped", "not English"),
        CheckedSegment(segment(6, "Nobody could translate this."), "failed", "the engine returned nothing"),
        CheckedSegment(segment(7, "The lights went out."), "ok", score=94.0, error_probability=0.05),
    ]


@pytest.fixture
def summary() -> dict[str, Any]:
    """A summary.json of the run that made `checked`."""
    return {
        "signature": "backspeak|v:1|pivots:es,de",
        "score": 58.4,
        "documents": [{"document": "ferry.txt", "score": 58.4}],
        "settings": {"pivots": ["es", "de"], "offline": True, "seed": 0, "fail_under": None},
        "timings": {"total": 12.75},
        "exit_reason": "complete",
    }
