"""Rule ids: stable names of what makes flags, by which a reader switches them off.

An id has parts, from the family to the single rule: `phrase-bank.calques.make-a-photo`. Naming a family
("typography", "phrase-bank.calques") names all rules of it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from backspeak.errors import SettingsError

_NEAR_ONES = 3


def is_named(rule: str, names: Collection[str]) -> bool:
    """Whether `names` holds the rule or a family of it."""
    parts = rule.split(".")
    return any(".".join(parts[:count]) in names for count in range(1, len(parts) + 1))


def check_disabled(names: Iterable[str], rules: Iterable[str], *, open_families: Collection[str] = ()) -> None:
    """Raise SettingsError for a name that is no rule and no family, with the nearest that are.

    `open_families` have rules that are not known here: those of a termbase that is not loaded.
    """
    known: set[str] | None = None
    for name in names:
        if is_named(name, open_families):
            continue
        if known is None:
            known = {".".join(rule.split(".")[:count]) for rule in rules for count in range(1, rule.count(".") + 2)}
        if name not in known:
            raise SettingsError(f"--disable {name!r}: there is no such rule; {_near(name, known)}")


def _near(name: str, known: Collection[str]) -> str:
    from rapidfuzz import fuzz, process

    found = process.extract(name, sorted(known), scorer=fuzz.WRatio, limit=_NEAR_ONES, score_cutoff=60)
    if found:
        return f"near are {', '.join(match for match, _, _ in found)}"
    return f"families are {', '.join(sorted(each for each in known if '.' not in each))}"
