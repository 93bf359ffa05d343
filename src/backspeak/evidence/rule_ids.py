"""The ids of all rules: what `--disable` may name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from backspeak.evidence import coinage, glossary, memory, prepositions, reference, typography, unlisted, untranslated
from backspeak.phrasebank import PhraseBank
from backspeak.references import Termbase
from backspeak.scoring import JUDGED_RULES


def known_rules(bank: PhraseBank, termbases: Iterable[Termbase]) -> Iterator[str]:
    """The id of every rule that can make or support a flag. A new kind of evidence names its rules here."""
    yield from (
        *JUDGED_RULES,
        coinage.RULE,
        unlisted.RULE,
        prepositions.RULE,
        *typography.RULES,
        *untranslated.RULES,
        memory.RULE,
        reference.RULE,
        glossary.FAMILY,
    )
    yield from (entry.rule for entry in bank.entries)
    yield from glossary.rules(termbases)
