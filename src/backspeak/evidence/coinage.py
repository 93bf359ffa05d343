"""Coined negations: long "non-" compounds that no round trip gives back and that nobody writes.

Translators coin a negation word for word ("non-" and a compound) where English has another word or
none. English has such compounds too ("non-life-threatening"); what tells them apart is that the
compound without its "non-" is attested.
"""

from __future__ import annotations

import re
from itertools import pairwise

from backspeak.data import Evidence, Findings
from backspeak.phrasebank.collocations import Collocations
from backspeak.phrasebank.inflection import word_set

RULE = "coinage.negation"

_COINED = re.compile(r"\bnon((?:-[a-z]{3,}){2,})\b", re.IGNORECASE)
# Parts that join freely with any word before them ("non-cancer-related"): no count tells anything of those.
_JOINS_FREELY = word_set(
    "aligned approved based bound certified compliant compatible dependent derived driven eligible exempt free "
    "friendly funded led like linked made only oriented owned paying prone proof ready related resistant run "
    "sensitive specific style type using"
)
# Of our 30 made-up examples, half of them good English, 13 and 1 are flagged; the confidence is our judgement.
_ATTESTED, _CONFIDENCE = 2, 0.8


class Coinages:
    """Finds coined negations by the round trips of a text and the counts of what people write."""

    def __init__(self, collocations: Collocations) -> None:
        self._collocations = collocations

    @classmethod
    def load(cls) -> Coinages:
        """With the shipped counts."""
        return cls(Collocations.load())

    def collect(self, findings: Findings) -> list[Evidence]:
        """Unattested compounds of `findings` that every usable round trip (at least two) has lost."""
        usable = [each for each in findings.back_translations if not each.degenerate]
        if len(usable) < 2:
            return []
        found = []
        for match in _COINED.finditer(findings.segment.text):
            if any(match.group().lower() in each.round_trip.lower() for each in usable):
                continue
            if self._attested(match.group(1).lower().strip("-").split("-")):
                continue
            details = {
                "pivot": usable[0].pivot,
                "translation": usable[0].translation,
                "round_trip": usable[0].round_trip,
                "original": match.group(),
                "round_trips": len(usable),
            }
            found.append(
                Evidence(
                    "round_trip", RULE, match.start(), match.end(), "unidiomatic", "major", (), _CONFIDENCE, details
                )
            )
        return found

    def _attested(self, parts: list[str]) -> bool:
        return all(
            second in _JOINS_FREELY or self._collocations.count([first, second]) >= _ATTESTED
            for first, second in pairwise(parts)
        )
