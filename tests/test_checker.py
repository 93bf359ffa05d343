"""The Python interface: its names, its types, and that it does what the command does."""

from __future__ import annotations

import ast
import inspect
import json
import sys
from itertools import count
from pathlib import Path

import pytest

import backspeak
from backspeak import CheckedSegment, Checker, Segment, Settings, SettingsError, cli

TEXT = "The mayor laid her faith in the ferry. Nobody objected."


@pytest.fixture
def scripted(monkeypatch, scripted_embedded, empty_bank):
    """Stand-ins for the models: translations there and back are the text itself, words reversed on the way."""
    opened = []

    def script(text: str, source_lang: str, target_lang: str) -> list[str]:
        return [" ".join(word[::-1] for word in text.split())]

    def make(*args, **kwargs):
        opened.append(scripted_embedded(script))
        return opened[-1]

    monkeypatch.setattr("backspeak.pipeline.BundledEngine", make)
    monkeypatch.setattr("backspeak.pipeline.PhraseBank.load", lambda own=None: empty_bank)
    return opened


def test_the_public_names_are_these():
    assert sorted(backspeak.__all__) == [
        "BackTranslation",
        "BackspeakError",
        "CheckedSegment",
        "Checker",
        "ErrorSpan",
        "Evidence",
        "ModelError",
        "Segment",
        "Settings",
        "SettingsError",
        "Word",
        "__version__",
    ]
    for name in backspeak.__all__:
        assert getattr(backspeak, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'Chequer'"):
        backspeak.Chequer  # noqa: B018


def test_type_checkers_see_the_same_names():
    tree = ast.parse(Path(inspect.getsourcefile(backspeak) or "").read_text())
    (guarded,) = [node for node in tree.body if isinstance(node, ast.If)]
    seen = {alias.asname for node in guarded.body if isinstance(node, ast.ImportFrom) for alias in node.names}
    assert seen == set(backspeak.__all__) - {"__version__"}
    assert (Path(backspeak.__file__).parent / "py.typed").is_file()


def test_the_public_methods_and_fields_are_these():
    methods = {name for name in vars(Checker) if not name.startswith("_")}
    assert methods == {"check", "stream", "close", "settings", "signature"}
    for name in methods | {"__enter__", "__exit__"}:
        assert hasattr(Checker, name)
    fields = {name: list(getattr(backspeak, name).__dataclass_fields__) for name in ("CheckedSegment", "ErrorSpan")}
    assert set(fields["CheckedSegment"]) >= {
        *("segment", "status", "reason", "score", "error_probability", "words", "spans", "back_translations", "metrics")
    }
    assert set(fields["ErrorSpan"]) >= {
        *("start", "end", "text", "category", "severity", "confidence", "rule", "suggestions", "evidence")
    }


def test_the_options_are_those_of_settings():
    ours, theirs = inspect.signature(Checker).parameters, inspect.signature(Settings).parameters
    assert dict(ours) == dict(theirs)
    assert Checker(pivot="es", jobs=2).settings == Settings(pivot=("es",), jobs=2)
    with pytest.raises(SettingsError, match="tier is 'slow'"):
        Checker(tier="slow")
    with pytest.raises(TypeError, match="teir"):
        Checker(teir="fast")


def test_neither_environment_nor_file_is_read(monkeypatch, tmp_path):
    (tmp_path / "backspeak.toml").write_text("jobs = 7")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BACKSPEAK_TIER", "fast")
    assert Checker().settings == Settings()


def test_a_text_is_cut_into_sentences(scripted):
    checked = Checker().check(TEXT)
    assert [each.segment.text for each in checked] == ["The mayor laid her faith in the ferry.", "Nobody objected."]
    assert all(isinstance(each, CheckedSegment) and each.status == "ok" for each in checked)
    assert all(0 <= (each.score or 0) <= 100 for each in checked)
    assert [each.round_trip for each in checked[0].back_translations][:1] == [checked[0].segment.text]


def test_a_segment_is_taken_as_it_is(scripted):
    segment = Segment("mine", "7", TEXT, skip=None)
    (checked,) = Checker().check(segment)
    assert checked.segment is segment


def test_an_iterable_is_a_segment_each_in_order(scripted):
    segment = Segment("mine", "7", "Rain fell.")
    checked = Checker().check(text for text in ["Two sentences. In one.", segment, ""])
    assert [each.segment.text for each in checked] == ["Two sentences. In one.", "Rain fell.", ""]
    assert [each.segment.id for each in checked] == ["1", "7", "3"]
    assert Checker().check([]) == []


@pytest.mark.parametrize("text", ["", "  \n"])
def test_no_text_gives_nothing(scripted, text):
    assert Checker().check(text) == []


def test_what_is_no_text_is_refused_with_its_number(scripted):
    with pytest.raises(TypeError, match="item 2 is bytes, not str or Segment"):
        Checker().check(["A boat.", b"A boat."])  # type: ignore[list-item]


def test_a_stream_may_be_endless(scripted, monkeypatch):
    monkeypatch.setattr("backspeak.pipeline.BATCH", 2)
    stream = Checker(tier="fast").stream(f"Boat {number} sails." for number in count())
    assert [next(stream).segment.text for _ in range(3)] == ["Boat 0 sails.", "Boat 1 sails.", "Boat 2 sails."]


def test_models_are_opened_once_and_let_go(scripted):
    with Checker(tier="fast") as checker:
        assert scripted == []
        checker.check("Rain fell.")
        checker.check("Rain fell again.")
        assert len(scripted) == 1
        assert checker.signature.startswith("tier:fast|")
    for use in (lambda: checker.check("Rain fell."), lambda: checker.signature):
        with pytest.raises(ValueError, match="this Checker is closed"):
            use()


def test_a_bad_pivot_is_said_on_first_use(scripted):
    checker = Checker(engine="marian")
    with pytest.raises(SettingsError, match="the marian engine needs --model"):
        checker.check("Rain fell.")


@pytest.mark.slow
@pytest.mark.usefixtures("prepared_cache")
def test_it_finds_what_the_command_finds(tmp_path, monkeypatch):
    from backspeak.reports import read_segments

    text = "The ministry realised a big research about the decision of the question.\n"
    (tmp_path / "a.txt").write_text(text)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["backspeak", "check", "a.txt", "--tier", "fast", "--quiet", "--out", "r"])
    with pytest.raises(SystemExit):
        cli.main()
    (theirs,) = read_segments(tmp_path / "r" / "segments.jsonl")
    with Checker(tier="fast") as checker:
        (ours,) = checker.check(text)
        assert checker.signature == json.loads((tmp_path / "r" / "summary.json").read_text())["signature"]
    assert ours.score == pytest.approx(theirs.score, abs=0.1)
    assert [(span.text, span.category) for span in ours.spans] == [(span.text, span.category) for span in theirs.spans]
