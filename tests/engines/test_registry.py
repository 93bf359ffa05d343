"""Engines of other packages: found by their entry point, opened with the settings, refused with a reason."""

from __future__ import annotations

import sys
import textwrap
from pathlib import Path

import pytest

from backspeak.config import Settings
from backspeak.data import Segment
from backspeak.engines import registry
from backspeak.engines.base import Engine
from backspeak.errors import BackspeakError, SettingsError
from backspeak.layers import resolve
from backspeak.pipeline import Pipeline


def _install(folder: Path, name: str, entry: str, code: str) -> None:
    """Lay a package out as pip does: a module, and its metadata with the entry point."""
    module = name.replace("-", "_")
    (folder / f"{module}.py").write_text(textwrap.dedent(code), encoding="utf-8")
    metadata = folder / f"{module}-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    (metadata / "entry_points.txt").write_text(f"[backspeak.engines]\n{entry}\n")


SHOUT = '''
    """An engine that shouts on the way out and whispers on the way back."""

    from backspeak.engines.base import unsupported


    class Shout:
        name = "shout"

        def __init__(self, offline):
            self.offline = offline

        def signature(self):
            return "engine:shout|version:1"

        def supports(self, source_lang, target_lang):
            return (source_lang, target_lang) in self.pairs()

        def pairs(self):
            return [("de", "en"), ("en", "de"), ("en", "nl"), ("nl", "en")]

        def translate(self, texts, source_lang, target_lang, *, samples=0):
            if not self.supports(source_lang, target_lang):
                raise unsupported(self, source_lang, target_lang)
            change = str.capitalize if target_lang == "en" else str.upper
            return [[change(text)] * (1 + samples) for text in texts]


    def open_engine(settings):
        return Shout(settings.offline)
'''


@pytest.fixture
def site(tmp_path, monkeypatch) -> Path:
    """A folder on the module path where packages can be laid."""
    monkeypatch.syspath_prepend(str(tmp_path))
    before = set(sys.modules)
    yield tmp_path
    for name in set(sys.modules) - before:
        del sys.modules[name]


@pytest.mark.parametrize("pivot", ["de", "nl"])  # the embedded base cannot name Dutch
def test_a_package_adds_an_engine(site, scripted_embedded, empty_bank, pivot):
    _install(site, "shouting", "shout = shouting:open_engine", SHOUT)
    assert registry.names()[-1] == "shout"
    settings = resolve({}, environment={"BACKSPEAK_ENGINE": "shout", "BACKSPEAK_PIVOT": pivot}, folder=site).settings
    embedded = scripted_embedded({})
    engine = registry.open_engine(settings, embedded)
    assert isinstance(engine, Engine)
    pipeline = Pipeline(settings, embedded=embedded, bank=empty_bank)
    assert "engine:shout|version:1" in pipeline.signature()
    (checked,) = pipeline.check([Segment("a", "1", "Rain fell on the old Ferry all day.")])
    assert {each.pivot for each in checked.back_translations} == {pivot}
    assert {each.round_trip for each in checked.back_translations} == {"Rain fell on the old ferry all day."}


def test_a_pivot_that_it_lacks_is_refused_with_those_it_has(site, scripted_embedded, empty_bank):
    _install(site, "shouting", "shout = shouting:open_engine", SHOUT)
    settings = Settings(engine="shout", pivot="fr")
    with pytest.raises(SettingsError, match="the shout engine has no pivot 'fr'; it has de, nl"):
        Pipeline(settings, embedded=scripted_embedded({}), bank=empty_bank)


def test_the_settings_reach_it_and_nothing_is_imported_before(site, scripted_embedded):
    _install(site, "shouting", "shout = shouting:open_engine", SHOUT)
    settings = Settings(engine="shout", offline=True)
    assert "shouting" not in sys.modules
    assert registry.open_engine(settings, scripted_embedded({})).offline is True


def test_our_own_engines_cannot_be_replaced(site, scripted_embedded):
    _install(site, "thief", "bundled = thief:open_engine", SHOUT)
    assert registry.names().count("bundled") == 1
    embedded = scripted_embedded({})
    assert registry.open_engine(Settings(), embedded) is embedded
    assert "thief" not in sys.modules


def test_an_engine_that_does_not_load_is_named_with_its_package(site, scripted_embedded):
    _install(site, "shouting", "shout = shouting:open_engine", "import no_such_module")
    with pytest.raises(SettingsError, match=r"the engine 'shout' of shouting does not load: No module named 'no_such"):
        registry.open_engine(Settings(engine="shout"), scripted_embedded({}))


def test_two_packages_with_one_name_are_refused(site, scripted_embedded):
    _install(site, "shouting", "shout = shouting:open_engine", SHOUT)
    _install(site, "shouting-too", "shout = shouting_too:open_engine", SHOUT)
    with pytest.raises(SettingsError, match="several installed packages add an engine 'shout': shouting, shouting-too"):
        registry.open_engine(Settings(engine="shout"), scripted_embedded({}))


def test_an_unknown_engine_is_refused_with_those_there_are():
    with pytest.raises(SettingsError, match="engine is 'oracle'; there is bundled, marian, nllb, m2m100, libretrans"):
        Settings(engine="oracle")


@pytest.mark.parametrize("name", ["marian", "nllb", "m2m100", "libretranslate"])
def test_every_engine_of_ours_opens_from_the_registry(name, scripted_embedded, monkeypatch):
    """Without a model it says what it wants, which shows that its entry is right."""
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with pytest.raises(BackspeakError, match=r"--model|is not on this machine"):
        registry.open_engine(Settings(engine=name, offline=True), scripted_embedded({}))
