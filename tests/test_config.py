"""Settings: each declared once; what is not usable is said at once, in words that name what is."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from backspeak.config import OPTIONS, Settings
from backspeak.errors import SettingsError


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"engine": "oracle"}, r"engine is 'oracle'; there is bundled, marian"),
        ({"tier": "slow"}, r"tier is 'slow'; there is fast, full"),
        ({"fail_under": 101.0}, r"fail_under is 101\.0; it must be from 0 to 100"),
        ({"fail_under": -0.5}, r"it must be from 0 to 100"),
        ({"fail_under": float("nan")}, r"it must be from 0 to 100"),
        ({"jobs": -1}, r"jobs is -1; it must be 0 or more"),
        ({"jobs": "4"}, r"jobs must be a whole number, not '4'"),
        ({"jobs": True}, r"jobs must be a whole number, not True"),
        ({"max_critical": -1}, r"max_critical is -1; it must be 0 or more"),
        ({"max_major": 1.5}, r"max_major must be a whole number, not 1.5"),
        ({"memory": [5]}, r"memory must be a path or a list of paths"),
        ({"baseline": ["a", "b"]}, r"baseline must be a path"),
        ({"jobs": None}, r"jobs must be a whole number, not None"),
        ({"fail_under": "70"}, r"fail_under must be a number, not '70'"),
        ({"quiet": 1}, r"quiet must be true or false, not 1"),
        ({"pivot": 5}, r"pivot must be a text or a list of texts, not 5"),
        ({"pivot": ["es", 5]}, r"pivot must be a text or a list of texts"),
        ({"source_lang": 7}, r"source_lang must be a text, not 7"),
    ],
)
def test_unusable_values_are_refused(values, message):
    with pytest.raises(SettingsError, match=message):
        Settings(**values)


def test_the_ends_of_the_scale_are_thresholds_too():
    assert Settings(fail_under=0).fail_under == 0
    assert Settings(fail_under=100).fail_under == 100
    assert Settings().fail_under is None


def test_no_flag_at_all_is_a_threshold_too():
    assert (Settings(max_critical=0).max_critical, Settings().max_critical) == (0, None)


def test_one_text_and_a_list_stand_for_a_tuple():
    assert Settings(pivot="es").pivot == ("es",)
    assert Settings(pivot=["es", "de"]).pivot == ("es", "de")
    assert Settings(pivot=["es"]) == Settings(pivot=("es",))


def test_every_setting_has_its_three_names_and_a_sentence_of_help():
    assert list(OPTIONS) == list(Settings.__dataclass_fields__)
    option = OPTIONS["fail_under"]
    assert (option.flag, option.variable, option.key) == ("--fail-under", "BACKSPEAK_FAIL_UNDER", "fail-under")
    for each in OPTIONS.values():
        assert each.kind in (str, int, float, bool, Path), each.name
        assert each.help.endswith("."), each.name
        assert each.default is None or each.checked(each.default, each.name) == each.default


def test_defaults_are_said_where_there_is_something_to_say():
    said = {
        "pivot": "the best by docs/pivots.md",
        "engine": "bundled",
        "jobs": "0",
        "model": None,
        "sensitive": None,
        "fail_under": None,
    }
    assert {name: OPTIONS[name].default_text for name in said} == said
    number = replace(OPTIONS["jobs"], default=0, show_default=None)
    switch = replace(OPTIONS["sensitive"], default=True)
    assert (number.default_text, switch.default_text) == ("0", "on")


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("pivot", "es, de", ("es", "de")),
        ("pivot", "es", ("es",)),
        ("jobs", "4", 4),
        ("fail_under", "70.5", 70.5),
        ("offline", "Yes", True),
        ("offline", "0", False),
        ("source_lang", "ru", "ru"),
    ],
)
def test_a_text_spells_a_value(name, text, value):
    assert OPTIONS[name].from_text(text, "X") == value


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("jobs", "four", "X must be a whole number, not 'four'"),
        ("jobs", "-1", "X is -1; it must be 0 or more"),
        ("fail_under", "much", "X must be a number, not 'much'"),
        ("offline", "perhaps", "X must be true or false, not 'perhaps'"),
        ("tier", "slow", "X is 'slow'; there is fast, full"),
    ],
)
def test_a_text_that_spells_none_is_refused(name, text, message):
    with pytest.raises(SettingsError, match=message):
        OPTIONS[name].from_text(text, "X")


def test_settings_can_be_written_as_json():
    values = Settings(pivot=("es", "de"), fail_under=70).to_json()
    assert json.loads(json.dumps(values)) == values
    assert Settings(**values) == Settings(pivot=("es", "de"), fail_under=70)
