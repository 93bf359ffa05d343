"""Rule ids: stable, switchable, and a slip of the keyboard is told what was meant."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from backspeak.errors import SettingsError
from backspeak.evidence import typography
from backspeak.evidence.rule_ids import known_rules
from backspeak.phrasebank import PhraseBank
from backspeak.rules import check_disabled, is_named

RULES = ("round-trip", "typography.quote-side", "phrase-bank.calques.make-a-photo")


@pytest.mark.parametrize(
    ("rule", "names", "expected"),
    [
        ("typography.quote-side", {"typography"}, True),
        ("typography.quote-side", {"typography.quote-side"}, True),
        ("typography.quote-side", {"typography.quote"}, False),
        ("typography.quote-side", {"typo"}, False),
        ("typography.quote-side", set(), False),
        ("round-trip", {"round"}, False),
    ],
)
def test_a_family_names_its_rules(rule, names, expected):
    assert is_named(rule, names) is expected


@pytest.mark.parametrize("name", ["typography", "phrase-bank", "phrase-bank.calques", *RULES])
def test_rules_and_families_are_known(name):
    check_disabled([name], RULES)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("tipography", r"--disable 'tipography': there is no such rule; near are typography"),
        ("typography.quoteside", "near are typography.quote-side"),
        ("make-a-photo", "near are phrase-bank.calques.make-a-photo"),
        ("zzz", "families are phrase-bank, round-trip, typography"),
        ("", "families are"),
    ],
)
def test_an_unknown_id_lists_near_ones(name, message):
    with pytest.raises(SettingsError, match=message):
        check_disabled([name], RULES)


def test_rules_of_files_that_are_not_there_are_not_judged():
    check_disabled(["glossary.forbidden.mayor"], RULES, open_families=("glossary",))
    with pytest.raises(SettingsError):
        check_disabled(["glossary.forbidden.mayor"], RULES)


def test_every_typography_rule_is_listed():
    source = Path(typography.__file__).read_text(encoding="utf-8")
    written = set(re.findall(r'_Slip\(\s*"([a-z-]+)"', source))
    assert tuple(sorted(f"typography.{name}" for name in written)) == typography.RULES


def test_known_rules_hold_the_families_of_the_documentation():
    rules = list(known_rules(PhraseBank.load(), ()))
    check_disabled(
        ["round-trip", "likelihood", "coinage", "typography", "memory", "glossary", "reference", "phrase-bank.idioms"],
        rules,
    )
