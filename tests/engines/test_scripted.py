"""The scripted engine keeps the promises of the Engine protocol and nothing more."""

from __future__ import annotations

import pytest

from backspeak.engines.base import Engine
from backspeak.engines.scripted import Call, ScriptedEngine, UnscriptedTextError
from backspeak.errors import SettingsError

TABLE = {
    ("The kettle hums.", "es"): ["La tetera zumba.", "La tetera canturrea."],
    ("La tetera zumba.", "en"): ["The kettle is humming."],
}


def test_it_is_an_engine():
    engine = ScriptedEngine(TABLE)
    assert isinstance(engine, Engine)
    assert engine.signature() == "engine:scripted"


def test_the_table_is_followed_in_both_directions():
    engine = ScriptedEngine(TABLE)
    assert engine.translate(["The kettle hums."], "en", "es") == [["La tetera zumba."]]
    assert engine.translate(["La tetera zumba."], "es", "en") == [["The kettle is humming."]]


def test_there_are_as_many_translations_as_asked_for():
    engine = ScriptedEngine(TABLE)
    assert engine.translate(["The kettle hums."], "en", "es", samples=2) == [
        ["La tetera zumba.", "La tetera canturrea.", "La tetera zumba."]
    ]


def test_empty_texts_need_no_script():
    assert ScriptedEngine({}).translate(["", " "], "en", "es", samples=1) == [["", ""], ["", ""]]


def test_a_function_may_write_the_script():
    engine = ScriptedEngine(lambda text, source, target: f"{source}>{target}: {text}")
    assert engine.translate(["Rain."], "en", "fr") == [["en>fr: Rain."]]


def test_an_unknown_text_is_an_error_that_quotes_it():
    with pytest.raises(UnscriptedTextError, match=r"into es is scripted for 'The kettle sings\.'"):
        ScriptedEngine(TABLE).translate(["The kettle sings."], "en", "es")


def test_an_unknown_text_may_be_marked_instead():
    engine = ScriptedEngine(TABLE, unknown="mark")
    assert engine.translate(["The kettle sings."], "en", "es") == [["[es] The kettle sings."]]


def test_pairs_can_be_limited():
    engine = ScriptedEngine(TABLE, pairs={("en", "es")})
    assert engine.supports("en", "es")
    assert not engine.supports("es", "en")
    assert not ScriptedEngine(TABLE).supports("en", "en")
    with pytest.raises(SettingsError, match="does not translate es-en; it translates en-es"):
        engine.translate(["La tetera zumba."], "es", "en")


def test_calls_are_recorded():
    engine = ScriptedEngine(TABLE)
    engine.translate(["The kettle hums.", ""], "en", "es", samples=1)
    assert engine.calls == [Call(("The kettle hums.", ""), "en", "es", 1)]
