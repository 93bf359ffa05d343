"""What check reads and what it writes beside the record, without a model: a stand-in flags every "made a photo"."""

from __future__ import annotations

import json

import numpy as np
import pytest

from backspeak.cli import running
from backspeak.data import CheckedSegment, ErrorSpan, Findings
from backspeak.judge import Verdict
from backspeak.pipeline import Examined
from backspeak.reports import read_segments

XLIFF = (
    '<xliff version="1.2" xmlns="urn:oasis:names:tc:xliff:document:1.2"><file original="a" datatype="plaintext" '
    'source-language="ru" target-language="en"><body><trans-unit id="u7"><source>Она сняла лампу.</source>'
    "<target>She made a photo of the lamp.</target></trans-unit></body></file></xliff>"
)


def _flagged(segment):
    at = segment.text.find("made a photo")
    span = ErrorSpan(at, at + 12, "made a photo", "unidiomatic", "major", 0.9, "calque", ("took a photo",), ())
    return CheckedSegment(segment, "ok", None, 40.0 if at >= 0 else 95.0, 0.5, spans=(span,) if at >= 0 else ())


class Flagging:
    """Stands in for the pipeline."""

    pivots = ()
    missing_pivots = ()

    def signature(self):
        return "tier:none"

    def evidence_signature(self, *, round_trip=True):
        return "tier:none"

    def load(self):
        pass

    def examine(self, segments, progress=None, *, round_trip=True):
        return [Examined(Findings(segment, []), Verdict(np.zeros(0), 0.5, 95.0)) for segment in segments]

    def checked(self, segment, examined):
        return _flagged(segment)

    def doubt(self, checked):
        return 0.0


@pytest.fixture
def backspeak(backspeak, monkeypatch, tmp_path):
    """The program with the stand-in for its pipeline and a cache of its own."""
    monkeypatch.setenv("BACKSPEAK_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(running, "opened_pipeline", lambda *given: Flagging())
    return backspeak


def test_an_xliff_is_checked_and_comes_back_annotated(backspeak, tmp_path):
    (tmp_path / "news").mkdir()
    (tmp_path / "news/a.xlf").write_text(XLIFF)
    code, out, _ = backspeak("check", str(tmp_path / "news"), "--out", "r", "--also", "xliff", "--also", "csv")
    assert code == 0
    assert "Also: r/annotated/news/a.xlf" in out.splitlines()
    assert "Also: r/segments.csv" in out.splitlines()
    made = (tmp_path / "r/annotated/news/a.xlf").read_text()
    assert ">made a photo</mrk> of the lamp." in made
    (checked,) = read_segments(tmp_path / "r/segments.jsonl")
    assert (checked.segment.source, checked.segment.source_lang) == ("Она сняла лампу.", "ru")


def test_report_writes_the_same_again(backspeak, tmp_path):
    (tmp_path / "a.xlf").write_text(XLIFF)
    every = [
        word
        for name in ("csv", "xlsx", "mqm", "xliff", "sarif", "junit", "github", "markdown")
        for word in ("--also", name)
    ]
    assert backspeak("check", "a.xlf", "--out", "r", *every)[0] == 0
    before = {path: path.read_bytes() for path in (tmp_path / "r").rglob("*") if path.is_file()}
    assert len(before) == 3 + 8
    for path in before:
        if path.name not in ("segments.jsonl", "summary.json"):
            path.unlink()
    assert backspeak("report", "r", *every)[0] == 0
    assert {path: path.read_bytes() for path in (tmp_path / "r").rglob("*") if path.is_file()} == before


def test_annotations_are_printed_where_a_runner_reads_them(backspeak, tmp_path, monkeypatch):
    (tmp_path / "a.txt").write_text("She made a photo of the lamp.\n")
    assert "::warning" not in backspeak("check", "a.txt", "--also", "github")[1]
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    assert "::warning file=a.txt,line=1,title=major unidiomatic::" in backspeak("check", "a.txt", "--also", "github")[1]


def test_an_output_for_which_there_is_no_input_says_so(backspeak, tmp_path):
    (tmp_path / "a.txt").write_text("The lamp burns.\n")
    code, out, _ = backspeak("check", "a.txt", "--also", "xliff")
    assert code == 0
    assert "nothing to write as xliff" in out


def test_the_environment_asks_for_outputs_too(backspeak, tmp_path, monkeypatch):
    (tmp_path / "a.txt").write_text("The lamp burns.\n")
    monkeypatch.setenv("BACKSPEAK_ALSO", "junit sarif")
    _, out, _ = backspeak("check", "a.txt", "--out", "r")
    assert out.splitlines()[-2:] == ["Also: r/junit.xml", "Also: r/report.sarif"]


def test_parallel_files_as_sacrebleu_takes_them(backspeak, tmp_path):
    for name, text in (("hyp", "She made a photo.\nIt rained.\n"), ("src", "А.\nБ.\n"), ("ref", "C.\nD.\n")):
        (tmp_path / name).write_text(text)
    for arguments in (("-i", "hyp", "-s", "src", "-r", "ref"), ("hyp", "--source", "src", "--ref", "ref")):
        assert backspeak("check", *arguments, "--source-lang", "ru", "--out", "r")[0] == 0
        (first, _) = read_segments(tmp_path / "r/segments.jsonl")
        assert (first.segment.text, first.segment.source, first.segment.source_lang, first.segment.reference) == (
            "She made a photo.", "А.", "ru", "C.",
        )  # fmt: skip


def test_columns_are_chosen(backspeak, tmp_path):
    (tmp_path / "a.csv").write_text("ru,mt\nА.,She made a photo.\n")
    code, _, err = backspeak("check", "a.csv")
    assert code == 2
    assert "--text-column" in err
    assert backspeak("check", "a.csv", "--text-column", "mt", "--source-column", "ru", "--out", "r")[0] == 0
    (checked,) = read_segments(tmp_path / "r/segments.jsonl")
    assert (checked.segment.text, checked.segment.source) == ("She made a photo.", "А.")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "nothing to check"),
        (("-i", "a", "b"), "name it by -i, or as the only PATH"),
        (("-s", "a"), "name it by -i, or as the only PATH"),
        (("-i", "none.txt"), "none.txt: cannot be opened"),
        (("a.txt", "--also", "doc"), "'doc' is not one of"),
    ],
)
def test_slips_of_the_keyboard(backspeak, arguments, said):
    code, _, err = backspeak("check", *arguments)
    assert code == 2
    assert said in err


def test_an_output_of_a_changed_input_is_an_error(backspeak, tmp_path):
    (tmp_path / "a.xlf").write_text(XLIFF)
    backspeak("check", "a.xlf", "--out", "r")
    (tmp_path / "a.xlf").write_text(XLIFF.replace("She made", "He made"))
    code, _, err = backspeak("report", "r", "--also", "xliff")
    assert code == 2
    assert "a.xlf: is not the file that was checked" in err
    assert json.loads((tmp_path / "r/summary.json").read_text())["signature"] == "tier:none"


def test_a_folder_is_checked_again_as_it_was_with_its_results_and_its_baseline_in_it(backspeak, tmp_path):
    (tmp_path / "a.txt").write_text("They made a photo of the lamp.\n")
    for _ in range(2):
        code, out, _ = backspeak("check", ".", "--write-baseline", "accepted.jsonl", "--quiet")
        assert (code, "Baseline: 1 finding in accepted.jsonl" in out) == (0, True)
        assert [each.segment.document for each in read_segments(tmp_path / "backspeak-report/segments.jsonl")] == [
            "a.txt"
        ]


GERMAN = "Der Leuchtturmwärter zählt jeden Abend die Boote und schreibt die Zahl in ein grünes Buch.\n"


def test_a_score_that_is_asked_for_and_cannot_be_given_fails_the_gate(backspeak, tmp_path):
    (tmp_path / "a.txt").write_text(GERMAN)
    code, out, _ = backspeak("check", "a.txt", "--out", "r", "--fail-under", "70")
    assert code == 2
    said = "nothing in the input is English text, so there is no score for --fail-under 70"
    assert f"Exit 2: {said}." in out.splitlines()
    assert json.loads((tmp_path / "r/summary.json").read_text())["exit_reason"] == said
    (tmp_path / "b.txt").write_text("It rained.\n")
    assert backspeak("check", "a.txt", "b.txt", "--fail-under", "70")[0] == 0


@pytest.mark.parametrize("condition", [(), ("--max-major", "0"), ("--max-critical", "0")])
def test_a_text_that_is_not_english_has_no_flags_and_is_not_called_clean(backspeak, tmp_path, condition):
    (tmp_path / "a.txt").write_text(GERMAN)
    code, out, _ = backspeak("check", "a.txt", "--out", "r", *condition)
    assert code == 0
    assert "Nothing in the input is English text to check" in out
    assert json.loads((tmp_path / "r/summary.json").read_text())["exit_reason"] == "nothing to check"
