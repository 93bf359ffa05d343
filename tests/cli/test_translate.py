"""`backspeak translate` before any model is opened."""

from __future__ import annotations

import click
import pytest

from backspeak.cli import cli


def _offered(name: str) -> set[str]:
    command = cli.get_command(click.Context(cli), name)
    return {parameter.name for parameter in command.params}


def test_only_settings_that_a_translation_heeds_are_offered():
    assert _offered("translate") == {
        "from_lang", "to_lang", "file", "config_file",
        "engine", "model", "requests_per_minute", "jobs", "offline", "quiet",
    }  # fmt: skip


@pytest.mark.parametrize("name", ["check", "demo", "evaluate"])
def test_what_checks_a_text_has_the_others_too(name):
    others = {"pivot", "tier", "source_lang", "disable", "phrases", "sensitive", "memory", "glossary"}
    assert others < _offered(name)


def test_a_setting_of_checks_is_refused_by_name(backspeak):
    code, _, err = backspeak("translate", "--from", "en", "--to", "es", "--tier", "fast")
    assert code == 2
    assert "No such option" in err
    assert "--tier" in err
