"""Coined negations: long "non-" compounds that no round trip gives back.

Translators coin a negation word for word ("non-" and a compound) where English has another word or
none. English has such compounds too ("non-life-threatening"), but those survive a round trip.
"""

from __future__ import annotations

import re

from backspeak.data import Evidence, Findings

RULE = "coinage.negation"

_COINED = re.compile(r"\bnon-[a-z]{3,}-[a-z]{3,}(?:-[a-z]{3,})*\b", re.IGNORECASE)

# Nats that the text must gain without the word or with another wording, and the confidence then:
# our judgement, not fitted. Below the gain the compound is left alone.
_GAIN, _CONFIDENCE = 6.0, 0.8


def collect(findings: Findings) -> list[Evidence]:
    """Compounds of `findings` that every usable round trip (at least two) has lost, with a clear gain."""
    usable = [each for each in findings.back_translations if not each.degenerate]
    if len(usable) < 2:
        return []
    found = []
    for match in _COINED.finditer(findings.segment.text):
        word = match.group().lower()
        better = [
            each
            for each in findings.proposals
            if each.start < match.end() and each.end > match.start() and each.gain >= _GAIN
        ]
        if not better or any(word in each.round_trip.lower() for each in usable):
            continue
        best = max(better, key=lambda each: (each.gain, each.agreement))
        details = {
            "pivot": usable[0].pivot,
            "translation": usable[0].translation,
            "round_trip": usable[0].round_trip,
            "original": match.group(),
            "restored": best.replacement,
            "gain": round(best.gain, 2),
            "agreement": best.agreement,
            "round_trips": best.round_trips,
        }
        found.append(
            Evidence("round_trip", RULE, match.start(), match.end(), "unidiomatic", "major", (), _CONFIDENCE, details)
        )
    return found
