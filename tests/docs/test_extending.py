"""The examples of docs/extending.md do what the page says."""

from __future__ import annotations

import json
import re
import sys
import textwrap
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from backspeak import formats, resources
from backspeak.config import Settings
from backspeak.data import Segment
from backspeak.engines import registry
from backspeak.engines.base import Engine
from backspeak.evidence import collector
from backspeak.judge import Verdict
from backspeak.phrasebank import PhraseBank, manifest
from backspeak.pipeline import Pipeline

PAGE = (Path(__file__).parents[2] / "docs" / "extending.md").read_text(encoding="utf-8")


def example(name: str) -> str:
    """The block of the page that is marked with `name`."""
    (found,) = re.findall(rf"<!-- example: {re.escape(name)} -->\n( *)```\w+\n(.*?)\n\1```", PAGE, re.DOTALL)
    return textwrap.dedent(found[1]) + "\n"


def module(name: str) -> ModuleType:
    """An example as a module."""
    made = ModuleType(name)
    exec(compile(example(name), name, "exec"), made.__dict__)
    return made


class Undisturbed:
    """A judge that finds every word right."""

    reads_likelihood = True

    def load(self) -> None:
        pass

    def reads(self, source_lang: str | None) -> bool:
        return True

    def signature(self) -> str:
        return "judge:undisturbed"

    def operating_point(self, *, sensitive: bool = False):
        from backspeak.judge import OperatingPoint

        return OperatingPoint(0.5, 0.7, 0.9)

    def judge(self, findings) -> list[Verdict]:
        return [Verdict(np.zeros(len(each.words)), 0.0, 100.0) for each in findings]


def test_an_engine_of_another_package(tmp_path, monkeypatch, scripted_embedded, empty_bank):
    (tmp_path / "shouting.py").write_text(example("shouting.py"))
    metadata = tmp_path / "shouting-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: shouting\nVersion: 1.0\n")
    (entry,) = re.findall(r'\[project\.entry-points\."(.+)"\]\n(.+) = "(.+)"', PAGE)
    (metadata / "entry_points.txt").write_text(f"[{entry[0]}]\n{entry[1]} = {entry[2]}\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    try:
        settings = Settings(engine="shout", pivot="de", offline=True)
        engine = registry.open_engine(settings, scripted_embedded({}))
        assert isinstance(engine, Engine)
        pipeline = Pipeline(settings, embedded=scripted_embedded({}), bank=empty_bank)
        (checked,) = pipeline.check([Segment("a", "1", "Rain fell on the old ferry.")])
        assert checked.back_translations[0].translation == "RAIN FELL ON THE OLD FERRY."
        assert checked.back_translations[0].round_trip == "Rain fell on the old ferry."
    finally:
        sys.modules.pop("shouting", None)


def test_a_format(tmp_path, monkeypatch):
    monkeypatch.setitem(formats.READERS, ".pipe", module("pipe.py").read_pipe)
    (tmp_path / "terms.pipe").write_text("a1| The boat sails.\n\nno bar here\na2|Rain fell.\n")
    (document,) = formats.read([tmp_path / "terms.pipe"])
    assert [(each.id, each.text, each.location) for each in document.segments] == [
        ("a1", "The boat sails.", "line 1"),
        ("a2", "Rain fell.", "line 4"),
    ]
    assert str(document.problems[0]) == f"{tmp_path / 'terms.pipe'}:3: has no | between id and text"


def test_a_kind_of_evidence(monkeypatch, scripted_embedded, empty_bank):
    doubled = module("doubled_word.py").collect
    before = collector.typography.collect
    monkeypatch.setattr(collector.typography, "collect", lambda text: [*before(text), *doubled(text)])

    def check(text: str, **settings):
        pipeline = Pipeline(
            Settings(tier="fast", **settings), embedded=scripted_embedded({}), bank=empty_bank, judge=Undisturbed()
        )
        (checked,) = pipeline.check([Segment("a", "1", text)])
        return checked.spans

    (flag,) = check("The old old ferry had had a captain.")
    assert (flag.text, flag.category, flag.suggestions, flag.rule) == ("old old", "grammar", ("old",), "doubled-word")
    monkeypatch.setattr(collector.typography, "RULES", (*collector.typography.RULES, "doubled-word"))
    assert check("The old old ferry.", disable=["doubled-word"]) == ()


def test_a_phrase(tmp_path):
    for path in resources.corpus_dir().iterdir():
        if path.is_file():
            (tmp_path / path.name).write_bytes(path.read_bytes())
    with (tmp_path / "idioms.tsv").open("a", encoding="utf-8") as table:
        table.write(example("idioms.tsv"))
    manifest.refresh(tmp_path)
    bank = PhraseBank.load(tmp_path)
    (match,) = bank.find("He melted the winter's snow in a pan again.")
    assert match.suggestions == ("did pointless work", "laboured in vain")


def test_a_language(tmp_path, monkeypatch):
    pytest.importorskip("torch")
    from backspeak.engines import bundled
    from backspeak.training.pivot import read_recipes

    (tmp_path / "recipe.json").write_text(example("recipe.json"))
    recipes = read_recipes(tmp_path / "recipe.json")
    assert [(recipe.pivot, recipe.max_steps) for recipe in recipes] == [("fr", 3000), ("de", 3000)]

    models = tmp_path / "models"
    (models / "pivot-fr").mkdir(parents=True)
    (models / "pivot-fr" / "delta.safetensors").write_bytes(b"weights")
    (models / "manifest.json").write_text(json.dumps({"version": "1", "models": []}))
    monkeypatch.setattr(resources, "models_dir", lambda: models)
    module("publish.py")
    assert bundled.pivots() == ["fr"]
    (entry,) = resources.manifest(models)["models"]
    assert entry["files"]["delta.safetensors"]["bytes"] == 7
