"""The main job from the command line, on the embedded model: results, repeatability, bad input."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from backspeak.reports import read_segments

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("prepared_cache")]

CLEAN = "The harbour office opens at eight and closes at five on weekdays.\n"


def test_demo_writes_the_three_files_and_says_where(backspeak, tmp_path):
    code, out, _ = backspeak("demo", "--quiet")
    assert code == 0
    assert out.splitlines()[-1] == "Report: backspeak-demo/report.html"
    checked = list(read_segments(tmp_path / "backspeak-demo" / "segments.jsonl"))
    assert sum(each.status == "skipped" for each in checked) >= 1
    assert any(each.spans for each in checked)
    assert any(each.back_translations for each in checked)
    summary = json.loads((tmp_path / "backspeak-demo" / "summary.json").read_text())
    assert "pivots:es" in summary["signature"]
    page = (tmp_path / "backspeak-demo" / "report.html").read_text()
    assert page.startswith("<!DOCTYPE html>")


def test_the_record_is_the_same_twice(backspeak, tmp_path):
    text = tmp_path / "a.txt"
    text.write_text(CLEAN + "\nThe ministry realised a big research about the decision of the question.\n")
    backspeak("check", "a.txt", "--out", "one", "--quiet")
    backspeak("check", "a.txt", "--out", "two", "--quiet")
    assert (tmp_path / "one/segments.jsonl").read_bytes() == (tmp_path / "two/segments.jsonl").read_bytes()


def test_report_renders_again_from_the_record(backspeak, tmp_path):
    (tmp_path / "a.txt").write_text(CLEAN)
    backspeak("check", "a.txt", "--out", "r", "--tier", "fast", "--quiet")
    page = (tmp_path / "r/report.html").read_bytes()
    (tmp_path / "r/report.html").unlink()
    assert backspeak("report", "r")[0] == 0
    assert (tmp_path / "r/report.html").read_bytes() == page


def test_a_source_is_used_where_there_is_one(backspeak, tmp_path):
    line = {"id": "a", "translation": "The cat is asleep on the sofa.", "source": "El gato duerme en el sofá."}
    (tmp_path / "a.jsonl").write_text(json.dumps(line) + "\n")
    code, _, _ = backspeak("check", "a.jsonl", "--source-lang", "es", "--tier", "fast", "--out", "r", "--quiet")
    assert code == 0
    (checked,) = read_segments(tmp_path / "r/segments.jsonl")
    assert (checked.segment.id, checked.segment.source_lang) == ("a", "es")


def test_fail_under_decides_the_exit_code(backspeak, tmp_path):
    (tmp_path / "a.txt").write_text(CLEAN)
    assert backspeak("check", "a.txt", "--tier", "fast", "--quiet")[0] == 0
    code, out, _ = backspeak("check", "a.txt", "--tier", "fast", "--quiet", "--fail-under", "100")
    assert code == 1
    assert "below 100" in out


PHOTOS = "Yesterday tourists made photos of the old mill in the data base.\n"


def test_a_baseline_lets_pass_what_was_accepted_and_nothing_else(backspeak, tmp_path):
    (tmp_path / "a.txt").write_text(PHOTOS)
    (tmp_path / "terms.tsv").write_text("term\tforbidden\ndatabase\tdata base\n")
    run = ("check", "a.txt", "--tier", "fast", "--quiet", "--glossary", "terms.tsv", "--out", "r")
    code, out, _ = backspeak(*run, "--max-major", "0")
    assert code == 1
    assert "Exit 1: 1 major flag, 0 allowed." in out
    code, out, _ = backspeak(*run, "--max-major", "0", "--write-baseline", "accepted.jsonl")
    assert (code, "Baseline: 2 findings in accepted.jsonl" in out) == (0, True)
    code, out, _ = backspeak(*run, "--baseline", "accepted.jsonl")
    assert (code, "Not raised: 2 in the baseline." in out) == (0, True)
    summary = json.loads((tmp_path / "r/summary.json").read_text())
    assert summary["suppressed"] == {"baseline": 2}
    assert summary["flagged"] == 0
    (checked,) = read_segments(tmp_path / "r/segments.jsonl")
    assert {each.by for each in checked.suppressed} == {"baseline"}
    # The sentence moves down the file, and another one comes in.
    (tmp_path / "a.txt").write_text(f"{CLEAN}\n{PHOTOS}\nShe saved it in the data base.\n")
    code, out, _ = backspeak(*run, "--baseline", "accepted.jsonl")
    assert code == 1
    assert "Exit 1: 1 flag not in the baseline." in out
    assert backspeak(*run, "--baseline", "accepted.jsonl", "--max-critical", "0")[0] == 0


def test_an_ignore_in_the_text_is_followed_unless_told_otherwise(backspeak, tmp_path):
    (tmp_path / "a.md").write_text(f"<!-- backspeak-ignore: phrase-bank -->\n\n{PHOTOS}")
    run = ("check", "a.md", "--tier", "fast", "--quiet", "--max-major", "0", "--max-critical", "0", "--out", "r")
    _, out, _ = backspeak(*run)
    assert "Not raised: 1 ignored in the text." in out
    _, out, _ = backspeak(*run, "--no-inline-ignores")
    assert "Not raised" not in out


def test_a_reference_brings_metrics_with_signatures(backspeak, tmp_path):
    (tmp_path / "a.txt").write_text(CLEAN)
    (tmp_path / "ref.txt").write_text("The harbour office is open from eight to five on weekdays.\n")
    code, out, _ = backspeak("check", "a.txt", "--tier", "fast", "--quiet", "--reference", "ref.txt", "--out", "r")
    assert code == 0
    assert "Against the reference: bleu " in out
    metrics = json.loads((tmp_path / "r/summary.json").read_text())["metrics"]
    assert {name: "version:" in each["signature"] for name, each in metrics.items()} == {
        "bleu": True, "chrf": True, "ter": True,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("option", "name", "content", "expected"),
    [
        ("--memory", "tm.tmx", "<tmx><body><tu></body></tmx>", "tm.tmx:1: is not well-formed XML"),
        ("--glossary", "terms.tbx", '<!DOCTYPE martif [<!ENTITY a "b">]><martif/>', "terms.tbx:1: declares entities"),
        ("--reference", "ref.jsonl", "{", "ref.jsonl:1: is not valid JSON"),
        ("--baseline", "b.jsonl", "{}", 'b.jsonl:1: has no "rule" that is a text'),
        ("--disable", "typograpy", "", "there is no such rule; near are typography"),
    ],
)
def test_what_the_user_brought_malformed_is_named(backspeak, tmp_path, option, name, content, expected):
    (tmp_path / "a.txt").write_text(CLEAN)
    (tmp_path / name).write_text(content)
    code, _, err = backspeak("check", "a.txt", "--tier", "fast", "--quiet", option, name)
    assert code == 2
    assert expected in err


def test_a_broken_jsonl_line_is_named_and_the_rest_is_done(backspeak, tmp_path):
    good = json.dumps({"text": CLEAN.strip()})
    (tmp_path / "a.jsonl").write_text(f'{good}\n{{"text": \n{good}\n')
    code, _, err = backspeak("check", "a.jsonl", "--tier", "fast", "--out", "r", "--quiet")
    assert code == 2
    assert "a.jsonl:2:" in err
    assert len(list(read_segments(tmp_path / "r/segments.jsonl"))) == 2


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", "empty"),
        (b" \n\t\n", "empty"),
        (b"abc\x00def", "NUL"),
        (b"The caf\xc3\xa9 is open.\nThen \xff\xfe broken \xc3( came.\n", "UTF-8"),
    ],
)
def test_unreadable_files_are_refused_by_name(backspeak, tmp_path, content, expected):
    (tmp_path / "bad.txt").write_bytes(content)
    code, _, err = backspeak("check", "bad.txt")
    assert code == 2
    assert "bad.txt" in err
    assert expected in err


def test_missing_file_and_empty_folder(backspeak, tmp_path):
    code, _, err = backspeak("check", "none.txt")
    assert (code, "none.txt" in err) == (2, True)
    (tmp_path / "empty").mkdir()
    code, _, err = backspeak("check", "empty")
    assert (code, "empty" in err) == (2, True)


def test_unknown_pivot_names_what_there_is(backspeak, tmp_path):
    (tmp_path / "a.txt").write_text(CLEAN)
    code, _, err = backspeak("check", "a.txt", "--pivot", "xx")
    assert code == 2
    assert "'xx'" in err
    assert "es" in err.split("has")[-1]


def test_hub_model_offline_is_an_error_with_a_mend(backspeak, tmp_path):
    (tmp_path / "a.txt").write_text(CLEAN)
    code, _, err = backspeak(
        "check", "a.txt", "--engine", "marian", "--offline", "--pivot", "de",
        "--model", "en-de=Helsinki-NLP/opus-mt-en-de", "--model", "de-en=Helsinki-NLP/opus-mt-de-en",
    )  # fmt: skip
    assert code == 2
    assert "Helsinki-NLP/opus-mt-en-de" in err


def test_ten_megabytes_in_one_line(backspeak, tmp_path):
    (tmp_path / "a.jsonl").write_text(json.dumps({"text": "word " * 2_000_000}) + "\n")
    code, _, _ = backspeak("check", "a.jsonl", "--tier", "fast", "--out", "r", "--quiet")
    assert code == 0
    (checked,) = read_segments(tmp_path / "r/segments.jsonl")
    assert checked.status == "skipped"


def test_disk_full_keeps_the_finished_part(backspeak, tmp_path, monkeypatch):
    (tmp_path / "a.txt").write_text((CLEAN + "\n") * 3)
    real = sys.modules["backspeak.reports.record"]._write_all
    written = []

    def full(file, data):
        if len(written) == 2:
            raise OSError(28, "No space left on device")
        written.append(data)
        real(file, data)

    monkeypatch.setattr("backspeak.reports.record._write_all", full)
    code, _, err = backspeak("check", "a.txt", "--tier", "fast", "--out", "r", "--quiet")
    assert code == 2
    assert "segments.jsonl" in err
    assert len((tmp_path / "r/segments.jsonl.part").read_text().splitlines()) == 2


def test_translate_and_models(backspeak, tmp_path):
    (tmp_path / "lines.txt").write_text("The house is white.\n\nThank you very much.\n")
    code, out, _ = backspeak("translate", "--from", "en", "--to", "es", "--quiet", "lines.txt")
    assert code == 0
    assert len(out.splitlines()) == 3
    assert out.splitlines()[1] == ""
    assert "casa" in out.splitlines()[0].lower()
    code, out, _ = backspeak("models", "list")
    assert code == 0
    assert "Gemma Terms of Use" in out
    assert backspeak("models", "verify")[0] == 0


def test_evaluate_prints_figures_with_intervals(backspeak, tmp_path):
    texts = ["The train left on time.", "She makes always the same road.", "It rained all day in the valley."]
    tags = [["OK"] * 6, ["OK", "OK", "BAD", "OK", "OK", "BAD", "OK"], ["OK"] * 8]
    tokens = [text.replace(".", " .").split() for text in texts]
    lines = [
        json.dumps({"text": text, "score": score, "tokens": token, "word_tags": tag})
        for text, score, token, tag in zip(texts, (95, 40, 90), tokens, tags, strict=True)
    ]
    Path("labelled.jsonl").write_text("\n".join(lines) + "\n")
    code, out, _ = backspeak("evaluate", "labelled.jsonl", "--tier", "fast", "--out", "r.json", "--quiet")
    assert code == 0
    figures = json.loads(Path("r.json").read_text())
    assert {"pearson", "spearman", "mcc", "f1_bad", "signature"} <= figures.keys()
    assert figures["pearson"]["low"] <= figures["pearson"]["value"] <= figures["pearson"]["high"]
    assert "tier:fast" in out
