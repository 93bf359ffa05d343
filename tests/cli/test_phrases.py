"""`backspeak phrases` on the shipped bank and on a user's own table."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from backspeak import cli, resources

PHRASE = ("drink $det soup of tears", "weep|shed tears")
EXAMPLE = ("--example", "All night she drank the soup of tears.", "--source-lang", "uk")


@pytest.fixture
def phrases(monkeypatch, capsys, tmp_path):
    """Run `backspeak phrases` in an empty folder; returns (exit code, stdout, stderr)."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["backspeak", "phrases", *arguments])
        with pytest.raises(SystemExit) as stop:
            cli.main()
        out, err = capsys.readouterr()
        return int(stop.value.code or 0), out, err

    return run


def test_lookup_of_a_phrase_a_rule_and_a_sentence(phrases):
    code, out, _ = phrases("lookup", "made a photo")
    assert code == 0
    assert "phrase-bank.calques.make-a-photo" in out
    assert "take a photo" in out
    assert phrases("lookup", "phrase-bank.calques.make-a-photo")[1] in out
    assert "calques.make-a-photo" in phrases("lookup", "On Monday the tourists made a photo of the bridge.")[1]


def test_lookup_says_when_nothing_is_listed_and_what_is_attested(phrases):
    code, out, _ = phrases("lookup", "heavy rain")
    assert code == 0
    assert out.startswith("not listed\nattested: 1")


def test_an_added_phrase_is_found_and_a_second_time_refused(phrases, tmp_path: Path):
    code, out, _ = phrases("add", *PHRASE, *EXAMPLE, "--table", "mine.tsv")
    assert (code, out.splitlines()[0]) == (0, "added to mine.tsv:2")
    written = (tmp_path / "mine.tsv").read_bytes()
    assert (
        "phrase-bank.mine.drink-a-soup-of-tears"
        in phrases("lookup", "drinking a soup of tears", "--table", "mine.tsv")[1]
    )
    code, _, err = phrases("add", *PHRASE, *EXAMPLE, "--table", "mine.tsv")
    assert code == 2
    assert "mine.tsv:3: 'drink $det soup of tears' is already in mine.tsv, line 2; delete one" in err
    assert (tmp_path / "mine.tsv").read_bytes() == written
    assert phrases("add", "cook $det moon", "dream", "--example", "He cooked the moon.", "--table", "mine.tsv")[0] == 0
    assert len((tmp_path / "mine.tsv").read_text().splitlines()) == 3


def test_the_table_comes_from_the_settings_file(phrases, tmp_path: Path):
    (tmp_path / "backspeak.toml").write_text('phrases = "mine.tsv"\n')
    assert phrases("add", *PHRASE, *EXAMPLE)[0] == 0
    assert "by table: " in phrases("stats")[1]
    assert "mine 1" in phrases("stats")[1]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((*PHRASE, *EXAMPLE), "no table to add to: give --table"),
        ((*PHRASE, "--example", "She wept.", "--table", "m.tsv"), "m.tsv:2: the example does not hold the phrase"),
        (("make (", "x", "--example", "X.", "--table", "m.tsv"), "m.tsv:2: the phrase 'make (' cannot be used"),
        (("a\tb", "x", "--example", "X.", "--table", "m.tsv"), "no value may hold a tab"),
        (
            ("moonlit shot", "make a photo", "--example", "A moonlit shot.", "--table", "m.tsv"),
            "its reference 'make a photo' is called wrong by phrase-bank.calques.make-a-photo",
        ),
    ],
)
def test_what_cannot_be_added_is_refused_and_nothing_written(phrases, tmp_path: Path, arguments, message):
    code, _, err = phrases("add", *arguments)
    assert code == 2
    assert message in err
    assert not (tmp_path / "m.tsv").exists()


def test_check_counts_alarms_on_clean_text(phrases, tmp_path: Path):
    phrases("add", "big house", "mansion", "--example", "They live in a big house.", "--table", "mine.tsv")
    (tmp_path / "clean.txt").write_text("The village has one shop.\nShe grew up in a big house by the sea.\n")
    code, out, _ = phrases("check", "mine.tsv", "--clean", "clean.txt")
    assert code == 0
    assert "1 entries, 0 contradictions" in out
    assert "clean.txt:2: She grew up in a [big house] by the sea.  phrase-bank.mine.big-house" in out
    assert "1 alarms in 15 clean words: 66.667 per 1,000" in out
    assert phrases("check", "mine.tsv", "--clean", "clean.txt", "--max-alarms", "0.5")[0] == 1


def test_check_finds_a_contradiction(phrases, tmp_path: Path):
    header = (resources.corpus_dir() / "calques.tsv").read_text(encoding="utf-8").splitlines()[0]
    row = "moonlit shot\tmake a photo\tunidiomatic\tminor\tru\t0.9\tIt was a moonlit shot.\tOwn."
    (tmp_path / "mine.tsv").write_text(f"{header}\n{row}\n", encoding="utf-8")
    code, out, _ = phrases("check", "mine.tsv")
    assert code == 2
    assert "mine.tsv:2: 'moonlit shot': its reference 'make a photo' is called wrong by phrase-bank.calques" in out


def test_check_refuses_a_malformed_table_with_its_line(phrases, tmp_path: Path):
    header = (resources.corpus_dir() / "calques.tsv").read_text(encoding="utf-8").splitlines()[0]
    (tmp_path / "mine.tsv").write_text(f"{header}\nonly one cell\n", encoding="utf-8")
    code, _, err = phrases("check", "mine.tsv")
    assert code == 2
    assert "mine.tsv:2: 1 cells instead of 8; separate the columns by single tabs" in err


def test_a_shipped_table_passes(phrases):
    code, out, _ = phrases("check", str(resources.corpus_dir() / "false_friends.tsv"))
    assert (code, out.splitlines()[-1].split(", ")[1]) == (0, "0 contradictions")


def test_stats(phrases):
    code, out, _ = phrases("stats")
    assert code == 0
    assert "by source language: " in out
    assert "words of English" in out
