"""A record with everything that an output may meet, and the schemas to hold outputs against."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from backspeak.data import CheckedSegment, ErrorSpan, Segment
from backspeak.outputs import Run
from backspeak.reports import write_segments, write_summary

NASTY = "=HYPERLINK(\"http://x\";'a') <v>|\t</v> ]]> \x07 ::error:: *b* @all `c` \u202e"


def flag(text: str, words: str, severity: str = "major", category: str = "mistranslation", *better: str) -> ErrorSpan:
    start = text.index(words)
    return ErrorSpan(start, start + len(words), words, category, severity, 0.93, "round-trip", better, ())  # type: ignore[arg-type]


def checked(document: str, segment_id: str, text: str, *spans: ErrorSpan, **fields: Any) -> CheckedSegment:
    return CheckedSegment(
        Segment(document, segment_id, text, **fields), "ok", None, 41.2 if spans else 96.0, 0.78, spans=spans
    )


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Two documents: flags of every severity, an omission, a skipped and a failed segment, hostile text."""
    photo = "She made a photo of the old lamp."
    gone = "He did to the harbour."
    segments = [
        checked(
            "news/a.txt", "1", photo, flag(photo, "made a photo", "critical", "unidiomatic", "took a photo"),
            flag(photo, "lamp", "minor", "terminology", "lantern", "light"), source="Она сняла лампу.",
            source_lang="ru", reference="She took a photo.", location="line 3",
        ),
        checked("news/a.txt", "2", "The lamp burns.", location="line 4"),
        CheckedSegment(
            Segment("news/a.txt", "3", "Лампа.", location="line 5", skip="not English"), "skipped", "not English"
        ),
        CheckedSegment(Segment("b, c:d.txt", "1", "Nobody knew."), "failed", "the engine returned nothing"),
        checked(
            "b, c:d.txt", "2", gone,
            ErrorSpan(7, 7, "", "omission", "major", 0.7, "likelihood", ("go ",), ()), location="page 2, line 9",
        ),
        checked("b, c:d.txt", "3", NASTY, flag(NASTY, NASTY, "major", "punctuation", NASTY, "")),
    ]  # fmt: skip
    summary = {
        "signature": "tier:full|pivots:es",
        "score": 61.3,
        "segments": 6,
        "flagged": 3,
        "documents": [{"document": "news/a.txt", "score": 70.1}, {"document": "b, c:d.txt", "score": 52.0}],
        "severities": {"critical": 1, "major": 2, "minor": 1},
        "problems": ["x.txt:3: is not UTF-8"],
    }
    folder = tmp_path / "report"
    write_segments(folder / "segments.jsonl", segments)
    write_summary(folder / "summary.json", summary)
    return Run(folder, segments, summary)


@pytest.fixture(scope="session")
def schema_file() -> Callable[[str], Path]:
    """A schema from the folder that `schemas.sh` fills; without it, the test is skipped."""

    def find(name: str) -> Path:
        folder = os.environ.get("BACKSPEAK_SCHEMAS")
        if not folder:
            pytest.skip("no schemas: run tests/outputs/schemas.sh FOLDER and set BACKSPEAK_SCHEMAS=FOLDER")
        return Path(folder) / name

    return find
