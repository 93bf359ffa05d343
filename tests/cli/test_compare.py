"""`backspeak compare` from the command line, on runs that were written by hand: no model is loaded."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from backspeak.data import CheckedSegment, Segment, Word
from backspeak.reports.record import write_segments

Program = Callable[..., tuple[int, str, str]]


@pytest.fixture(autouse=True)
def runs(tmp_path: Path) -> None:
    """Two systems, the second sure to be better, from one source with references."""
    for name, gain, word in (("alpha", 0.0, "boat"), ("beta", 8.0, "ferry")):
        segments = []
        for at in range(30):
            text = f"On day {at} the {word} left at noon."
            reference = f"On day {at} the ferry left at noon."
            segment = Segment(f"{name}.txt", str(at), text, f"День {at}.", "ru", reference)
            words = tuple(Word(0, 1, 0.1, False) for _ in text.split())
            segments.append(CheckedSegment(segment, "ok", None, 60.0 + at % 7 + gain, 0.2, words))
        write_segments(tmp_path / name / "segments.jsonl", segments)


def test_two_folders_are_compared(backspeak: Program, tmp_path: Path) -> None:
    code, out, err = backspeak("compare", "alpha", "beta", "--out", "c", "--quiet")
    assert (code, err) == (0, "")
    assert "beta is better than alpha by 8.0 points of 100" in out
    assert "B is better in 30 segments, A in 0, 0 are even." in out
    for line in ("Score", "BLEU", "chrF", "TER", "Signature: segments:30|tie:1|bs:1000|ar:10000|seed:12345|version:"):
        assert line in out
    assert out.splitlines()[-1] == "Comparison: c/comparison.html"
    result = json.loads((tmp_path / "c/comparison.json").read_text("utf-8"))
    assert result["score"]["difference"] == 8.0
    assert (tmp_path / "c/comparison.html").read_text("utf-8").startswith("<!DOCTYPE html>")


def test_records_do_as_well_as_folders(backspeak: Program) -> None:
    assert backspeak("compare", "alpha", "beta", "--quiet")[1] == backspeak(
        "compare", "alpha/segments.jsonl", "beta/segments.jsonl", "--quiet"
    )[1]  # fmt: skip


def test_the_exit_code_is_one_only_for_a_loss_that_was_asked_about(backspeak: Program) -> None:
    assert backspeak("compare", "beta", "alpha", "--quiet")[0] == 0
    assert backspeak("compare", "beta", "alpha", "--quiet", "--fail-if-worse")[0] == 1
    assert backspeak("compare", "alpha", "beta", "--quiet", "--fail-if-worse")[0] == 0
    assert backspeak("compare", "alpha", "alpha", "--quiet", "--fail-if-worse")[0] == 0


def test_two_runs_write_the_same_bytes_and_the_seed_is_in_the_signature(backspeak: Program, tmp_path: Path) -> None:
    for folder in ("one", "two"):
        backspeak("compare", "alpha", "beta", "--out", folder, "--quiet")
    for name in ("comparison.json", "comparison.html"):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()
    assert "seed:7|" in backspeak("compare", "alpha", "beta", "--seed", "7", "--quiet")[1]


def test_what_cannot_be_paired_is_an_error_with_its_line(backspeak: Program, tmp_path: Path) -> None:
    record = tmp_path / "beta/segments.jsonl"
    lines = record.read_text("utf-8").splitlines(keepends=True)
    record.write_text("".join(lines[:4]) + lines[4].replace("День 4.", "Другой день.") + "".join(lines[5:]), "utf-8")
    code, _, err = backspeak("compare", "alpha", "beta", "--quiet")
    assert code == 2
    assert "beta/segments.jsonl:5: the source is 'Другой день.', but alpha/segments.jsonl:5 has 'День 4.'" in err
    assert not (tmp_path / "backspeak-comparison").exists()


def test_a_missing_or_damaged_run_is_named(backspeak: Program, tmp_path: Path) -> None:
    code, _, err = backspeak("compare", "alpha", "nowhere")
    assert (code, "nowhere" in err) == (2, True)
    (tmp_path / "beta/segments.jsonl").write_text("{}\n")
    code, _, err = backspeak("compare", "alpha", "beta")
    assert (code, "beta/segments.jsonl:1: damaged line" in err) == (2, True)
    assert backspeak("compare", "alpha")[0] == 2
