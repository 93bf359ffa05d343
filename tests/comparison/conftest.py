"""Runs written as `check` writes them, small enough to see through."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from backspeak.data import CheckedSegment, Segment, Word
from backspeak.reports.record import write_segments, write_summary


def segment(number: int, text: str = "A text.", score: float | None = 50.0, **fields: Any) -> CheckedSegment:
    """A checked segment of doc.txt with one word to each space; without a score it was skipped."""
    words = tuple(Word(0, 1, 0.1, False) for _ in text.split())
    made = Segment(fields.pop("document", "doc.txt"), fields.pop("id", str(number)), text, **fields)
    return (
        CheckedSegment(made, "skipped", "heading")
        if score is None
        else CheckedSegment(made, "ok", None, score, 0.2, words)
    )


@pytest.fixture
def a_segment() -> Callable[..., CheckedSegment]:
    return segment


@pytest.fixture
def run(tmp_path: Path) -> Callable[..., Path]:
    """Writes a run into a folder of that name, with a summary if it has a signature."""

    def write(name: str, segments: Sequence[CheckedSegment], signature: str | None = None) -> Path:
        write_segments(tmp_path / name / "segments.jsonl", segments)
        if signature is not None:
            write_summary(tmp_path / name / "summary.json", {"signature": signature})
        return tmp_path / name

    return write
