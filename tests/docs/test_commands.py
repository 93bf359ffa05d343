"""docs/commands.md says what the program says."""

from __future__ import annotations

from backspeak import cli
from backspeak.config import OPTIONS


def test_the_page_is_up_to_date(make_commands):
    assert make_commands.PAGE.read_text(encoding="utf-8") == make_commands.page(), "run: python docs/make_commands.py"


def test_every_command_and_setting_is_on_it(make_commands):
    page = make_commands.page()
    for name in cli.COMMANDS:
        assert f"## backspeak {name}\n" in page
    for option in OPTIONS.values():
        assert f"`{option.variable}`" in page
    assert page.count("-h, --help") == page.count("Usage: backspeak")
