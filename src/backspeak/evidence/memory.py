"""Evidence from translation memories: where an approved sentence is worded otherwise.

Another wording is no error by itself. It is shown as a suggestion where the approved sentence is nearly
the same, or translates the very same source; names and numbers may differ and are passed over.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from backspeak.data import Evidence, Findings, MemoryMatch, Segment
from backspeak.evidence.round_trip import differences
from backspeak.judge import Verdict
from backspeak.references import TranslationMemory
from backspeak.references.memory import SAME_SOURCE_LEAD

RULE = "memory"

# The similarity from which a difference in wording is a suggestion (one word in five: a short sentence is
# still the same sentence), and how many differences there may be. Our judgement, not fitted.
_NEAR, _MOST_DIFFERENCES = 0.8, 3
# How sure a suggestion is: the approved translation of the same source is more than a similar sentence.
_SAME_SOURCE, _SAME_WORDING = 0.7, 0.5
# An approved sentence may still be wrong where it stands now; our judgement, not fitted.
APPROVED_DOUBT = 0.05


def best_match(segment: Segment, memories: Iterable[TranslationMemory]) -> MemoryMatch | None:
    """The nearest approved sentence of all memories, the first memory's where two are as near."""
    matches = [memory.best_match(segment.text, segment.source) for memory in memories]
    return max(
        (match for match in matches if match is not None),
        key=lambda match: (match.exact, match.similarity + SAME_SOURCE_LEAD * match.same_source),
        default=None,
    )


def collect(text: str, match: MemoryMatch | None) -> list[Evidence]:
    """One piece of evidence for each wording in which `text` differs from a near approved sentence."""
    if match is None or match.exact or not (match.similarity >= _NEAR or match.same_source):
        return []
    found = differences(text, match.text)
    if len(found) > _MOST_DIFFERENCES:
        return []
    confidence = _SAME_SOURCE if match.same_source else _SAME_WORDING
    return [
        Evidence(
            "memory",
            RULE,
            start,
            end,
            "unidiomatic",
            "minor",
            (replacement,),
            confidence,
            {"original": text[start:end], "approved_wording": replacement, **shown(match)},
        )
        for start, end, replacement in found
    ]


def weighed(findings: Findings, verdict: Verdict) -> Verdict:
    """The verdict on an approved sentence: of the judge's doubt only APPROVED_DOUBT is left."""
    if findings.memory is None or not findings.memory.exact:
        return verdict
    return Verdict(
        verdict.word_probability * APPROVED_DOUBT,
        verdict.error_probability * APPROVED_DOUBT,
        100.0 - (100.0 - verdict.quality) * APPROVED_DOUBT,
    )


def shown(match: MemoryMatch) -> dict[str, Any]:
    """What the reader is shown of a match, ready for JSON."""
    details: dict[str, Any] = {"approved": match.text, "similarity": match.similarity, "memory": match.origin}
    if match.unit_id is not None:
        details["unit"] = match.unit_id
    if match.same_source:
        details["same_source"] = True
    return details
