"""docs/commands.md says what the program says."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

from backspeak import cli
from backspeak.config import OPTIONS

DOCS = Path(__file__).parents[2] / "docs"


@pytest.fixture(scope="module")
def make_commands() -> ModuleType:
    spec = importlib.util.spec_from_file_location("make_commands", DOCS / "make_commands.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_page_is_up_to_date(make_commands):
    written = (DOCS / "commands.md").read_text(encoding="utf-8")
    assert written == make_commands.page(), "run: python docs/make_commands.py"


def test_every_command_and_setting_is_on_it(make_commands):
    page = make_commands.page()
    for name in cli.COMMANDS:
        assert f"## backspeak {name}\n" in page
    for option in OPTIONS.values():
        assert f"`{option.variable}`" in page
    assert page.count("-h, --help") == page.count("Usage: backspeak")
