"""segments.jsonl and summary.json: what is written is what is read, whatever the text and the disk."""

from __future__ import annotations

import errno
import io
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backspeak.data import (
    CATEGORIES,
    SEVERITIES,
    BackTranslation,
    CheckedSegment,
    ErrorSpan,
    Evidence,
    MemoryMatch,
    Segment,
    SuppressedSpan,
    Word,
)
from backspeak.errors import InputError, OutputError
from backspeak.reports import record
from backspeak.reports.record import (
    from_json,
    read_segments,
    read_summary,
    to_json,
    write_segments,
    write_summary,
)

texts = st.text(max_size=40)
names = st.sampled_from(["kind", "start", "confidence", "details", "suggestions", "category"]) | st.text(max_size=8)
scores = st.integers(0, 1000).map(lambda tenths: tenths / 10)
probabilities = st.integers(0, 10_000).map(lambda parts: parts / 10_000)
details = st.dictionaries(
    names,
    st.recursive(
        st.none() | st.booleans() | st.integers(-(2**40), 2**40) | scores | texts,
        lambda inner: st.lists(inner, max_size=2) | st.dictionaries(texts, inner, max_size=2),
        max_leaves=4,
    ),
    max_size=4,
)


@st.composite
def offsets(draw: st.DrawFn, text: str) -> tuple[int, int]:
    start = draw(st.integers(0, len(text)))
    return start, draw(st.integers(start, len(text)))


@st.composite
def pieces_of_evidence(draw: st.DrawFn, text: str) -> Evidence:
    return Evidence(
        draw(texts),
        draw(texts),
        *draw(offsets(text)),
        draw(st.sampled_from(CATEGORIES)),
        draw(st.sampled_from(SEVERITIES)),
        tuple(draw(st.lists(texts, max_size=2))),
        draw(st.none() | probabilities),
        draw(details),
    )


@st.composite
def error_spans(draw: st.DrawFn, text: str) -> ErrorSpan:
    start, end = draw(offsets(text))
    return ErrorSpan(
        start,
        end,
        text[start:end],
        draw(st.sampled_from(CATEGORIES)),
        draw(st.sampled_from(SEVERITIES)),
        draw(probabilities),
        draw(texts),
        tuple(draw(st.lists(texts, max_size=2))),
        tuple(draw(st.lists(pieces_of_evidence(text), max_size=2))),
    )


@st.composite
def words(draw: st.DrawFn, text: str) -> Word:
    return Word(*draw(offsets(text)), draw(probabilities), draw(st.booleans()))


back_translations = st.builds(
    BackTranslation,
    texts,
    texts,
    texts,
    scores,
    degenerate=st.booleans(),
    reason=st.none() | texts,
    retried=st.none() | texts,
    lost=st.lists(texts, max_size=2).map(tuple),
)


memory_matches = st.builds(
    MemoryMatch, texts, probabilities, st.none() | texts, st.booleans(), texts, unit_id=st.none() | texts
)


@st.composite
def suppressed_spans(draw: st.DrawFn, text: str) -> SuppressedSpan:
    return SuppressedSpan(draw(error_spans(text)), draw(st.sampled_from(["inline", "baseline", "memory"])))


@st.composite
def checked_segments(draw: st.DrawFn) -> CheckedSegment:
    text = draw(texts)
    ignore = tuple(draw(st.lists(texts, max_size=2)))
    system = draw(st.none() | texts)
    segment = Segment(draw(texts), draw(texts), text, *(draw(st.none() | texts) for _ in range(5)), ignore, system)
    return CheckedSegment(
        segment,
        draw(st.sampled_from(["ok", "skipped", "failed"])),
        draw(st.none() | texts),
        draw(st.none() | scores),
        draw(st.none() | probabilities),
        tuple(draw(st.lists(words(text), max_size=2))),
        tuple(draw(st.lists(error_spans(text), max_size=2))),
        tuple(draw(st.lists(back_translations, max_size=2))),
        draw(st.dictionaries(st.sampled_from(["chrf", "bleu", "ter"]), scores)),
        draw(st.none() | memory_matches),
        tuple(draw(st.lists(suppressed_spans(text), max_size=2))),
    )


@given(checked_segments())
def test_what_is_written_is_what_is_read(checked: CheckedSegment) -> None:
    assert from_json(json.loads(json.dumps(to_json(checked)))) == checked


@pytest.mark.parametrize("text", ["line\u2028break\u0085\r\n", "nul \x00", "lone \ud800 surrogate", "😀 é \u202e"])
def test_any_text_survives_the_file(tmp_path: Path, text: str) -> None:
    checked = [CheckedSegment(Segment("a", str(number), text), "ok") for number in range(2)]
    assert write_segments(tmp_path / "segments.jsonl", checked) == 2
    assert list(read_segments(tmp_path / "segments.jsonl")) == checked


def test_fields_are_those_of_the_contract_in_its_order(checked: list[CheckedSegment]) -> None:
    made = to_json(checked[1])
    assert list(made) == [
        "document", "id", "text", "source", "source_lang", "location", "score", "error_probability", "words", "spans",
        "back_translations", "status", "reason",
    ]  # fmt: skip
    assert list(made["spans"][0]) == [
        "start", "end", "text", "category", "severity", "confidence", "rule", "suggestions", "evidence",
    ]  # fmt: skip
    assert made["spans"][0]["evidence"][0] == {
        "kind": "round_trip",
        "rule": "round-trip",
        "start": 23,
        "end": 42,
        "pivot": "es",
        "translation": "El martes, el ayuntamiento decidió suspender el ferri.",
        "round_trip": "On Tuesday the council decided to stop the ferry.",
        "original": "accepted a decision",
        "restored": "decided",
        "gain": 7.2,
        "guard": -0.4,
        "agreement": 3,
        "round_trips": 4,
    }
    assert list(made["back_translations"][0]) == ["pivot", "translation", "round_trip", "chrf", "degenerate"]


def test_numbers_are_rounded() -> None:
    evidence = Evidence("k", "r", 0, 1, "grammar", "minor", (), 0.123456, {"gain": 7.234567, "guard": float("-inf")})
    span = ErrorSpan(0, 1, "a", "grammar", "minor", 0.98765432, "r", (), (evidence,))
    segment = Segment("d", "1", "a")
    checked = CheckedSegment(
        segment, "ok", None, 41.26, 0.333333, (Word(0, 1, -0.00001, True),), (span,), metrics={"bleu": 20.128}
    )
    made = to_json(checked)
    assert (made["score"], made["error_probability"], made["metrics"]) == (41.3, 0.3333, {"bleu": 20.13})
    assert str(made["words"][0]["error_probability"]) == "0.0"
    assert made["spans"][0]["confidence"] == 0.9877
    assert made["spans"][0]["evidence"][0]["gain"] == 7.2346
    assert made["spans"][0]["evidence"][0]["guard"] is None


def test_a_score_that_is_no_number_is_refused() -> None:
    with pytest.raises(ValueError, match="nan is not a score"):
        to_json(CheckedSegment(Segment("d", "1", "a"), "ok", score=float("nan")))


def test_text_is_readable_in_the_file_and_every_run_writes_the_same_bytes(
    tmp_path: Path, checked: list[CheckedSegment]
) -> None:
    write_segments(tmp_path / "a.jsonl", checked)
    write_segments(tmp_path / "b.jsonl", iter(checked))
    written = (tmp_path / "a.jsonl").read_bytes()
    assert written == (tmp_path / "b.jsonl").read_bytes()
    assert "Паром больше не ходит." in written.decode("utf-8")
    assert written.count(b"\n") == len(checked)
    assert not list(tmp_path.glob("*.part"))


class FullDisk(io.FileIO):
    """A file on a disk that takes only so many bytes more."""

    room = 0

    def write(self, data: Any) -> int:
        if not FullDisk.room:
            raise OSError(errno.ENOSPC, "No space left on device")
        part = bytes(data)[: FullDisk.room]
        FullDisk.room -= len(part)
        return super().write(part)


def test_a_full_disk_leaves_the_finished_lines(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, checked: list[CheckedSegment]
) -> None:
    write_segments(tmp_path / "whole.jsonl", checked)
    lines = (tmp_path / "whole.jsonl").read_bytes().splitlines(keepends=True)
    FullDisk.room = len(lines[0]) + len(lines[1]) + 10
    monkeypatch.setattr(record, "open", lambda path, mode, buffering: FullDisk(path, mode), raising=False)

    with pytest.raises(OutputError) as caught:
        write_segments(tmp_path / "segments.jsonl", checked)

    message = str(caught.value)
    assert message.startswith(str(tmp_path / "segments.jsonl"))
    assert "No space left on device" in message
    assert "segments.jsonl.part holds 2 finished segments" in message
    assert "free some space" in message
    assert not (tmp_path / "segments.jsonl").exists()
    monkeypatch.undo()
    assert list(read_segments(tmp_path / "segments.jsonl.part")) == checked[:2]


@pytest.mark.skipif(sys.platform == "win32", reason="file size limits are POSIX")
def test_a_limit_of_the_system_leaves_the_finished_lines(tmp_path: Path) -> None:
    program = """
import resource, sys
from backspeak.data import CheckedSegment, Segment
from backspeak.reports.record import write_segments
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, resource.RLIM_INFINITY))
segments = (CheckedSegment(Segment("d", str(n), "All the same sentence."), "ok") for n in range(100))
write_segments(sys.argv[1], segments)
"""
    path = tmp_path / "segments.jsonl"
    run = subprocess.run([sys.executable, "-c", program, str(path)], capture_output=True, text=True, check=False)
    assert "OutputError" in run.stderr
    kept = list(read_segments(tmp_path / "segments.jsonl.part"))
    assert 0 < len(kept) < 100
    assert f"holds {len(kept)} finished segments" in run.stderr


def test_an_error_of_the_run_itself_stays_what_it_is(tmp_path: Path, checked: list[CheckedSegment]) -> None:
    def stops() -> Iterator[CheckedSegment]:
        yield checked[0]
        raise OSError(errno.ENOENT, "a model file went away")

    with pytest.raises(OSError, match="a model file went away"):
        write_segments(tmp_path / "segments.jsonl", stops())
    assert list(read_segments(tmp_path / "segments.jsonl.part")) == checked[:1]


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file")
    with pytest.raises(OutputError, match=r"segments\.jsonl: could not be written .* another folder with --out"):
        write_segments(tmp_path / "taken" / "segments.jsonl", [])


GOOD = {"document": "d", "id": "1", "text": "four", "status": "ok", "reason": None}
SPAN = {"start": 0, "end": 4, "text": "four", "category": "grammar", "severity": "minor", "confidence": 1, "rule": "r"}


@pytest.mark.parametrize(
    ("line", "cause"),
    [
        (b'{"document": "d", "id": "1", "te', "not JSON"),
        (b"\xff\xfe", "not UTF-8"),
        (b"[1]", "a segment is a JSON object"),
        (b"[" * 100_000, "nested"),
        (json.dumps({**GOOD, "text": None}).encode(), "'text' should be of type str"),
        (json.dumps({"document": "d"}).encode(), "'text' is missing"),
        (json.dumps({**GOOD, "status": "fine"}).encode(), "'status' is 'fine'"),
        (json.dumps({**GOOD, "score": float("nan")}).encode(), "'score' should be of type float"),
        (json.dumps({**GOOD, "score": 10**400}).encode(), "'score' should be of type float"),
        (json.dumps({**GOOD, "spans": [{**SPAN, "end": 5}]}).encode(), "outside the text of 4 characters"),
        (json.dumps({**GOOD, "spans": [{**SPAN, "start": True}]}).encode(), "'start' should be of type int"),
        (json.dumps({**GOOD, "spans": [{**SPAN, "severity": "fatal"}]}).encode(), "'severity' is 'fatal'"),
        (json.dumps({**GOOD, "spans": [{**SPAN, "evidence": ["no"]}]}).encode(), "should be a JSON object"),
        (json.dumps({**GOOD, "words": ["no"]}).encode(), "should be a JSON object"),
        (json.dumps({**GOOD, "metrics": [1]}).encode(), "should be a JSON object"),
    ],
)
def test_a_damaged_line_is_named(tmp_path: Path, line: bytes, cause: str) -> None:
    path = tmp_path / "segments.jsonl"
    path.write_bytes(json.dumps(GOOD).encode() + b"\n\n" + line + b"\n")
    lines = read_segments(path)
    assert next(lines).segment.text == "four"
    with pytest.raises(InputError) as caught:
        next(lines)
    assert str(caught.value).startswith(f"{path}:3: damaged line (")
    assert cause in str(caught.value)


def test_a_missing_file_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="backspeak check"):
        next(read_segments(tmp_path / "segments.jsonl"))
    (tmp_path / "segments.jsonl.part").touch()
    with pytest.raises(InputError, match=r"did not finish; rename segments\.jsonl\.part"):
        next(read_segments(tmp_path / "segments.jsonl"))


def test_summary(tmp_path: Path, summary: dict[str, Any]) -> None:
    path = tmp_path / "new" / "summary.json"
    write_summary(path, {**summary, "settings": {"glossary": "п\ud800"}})
    assert read_summary(path) == {**summary, "settings": {"glossary": "п\ud800"}}
    assert [file.name for file in path.parent.iterdir()] == ["summary.json"]


@pytest.mark.parametrize(
    ("content", "cause"), [(b"{", "not JSON"), (b"[]", "not a JSON object"), (b"\xff", "not UTF-8")]
)
def test_a_damaged_summary_is_named(tmp_path: Path, content: bytes, cause: str) -> None:
    path = tmp_path / "summary.json"
    path.write_bytes(content)
    with pytest.raises(InputError, match=rf"summary\.json: damaged \({cause}"):
        read_summary(path)
    with pytest.raises(InputError, match="backspeak check"):
        read_summary(tmp_path / "none.json")
