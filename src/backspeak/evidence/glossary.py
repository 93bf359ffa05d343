"""Evidence from termbases: forbidden terms that the text uses, required ones that it lacks."""

from __future__ import annotations

from collections.abc import Iterable

from backspeak.data import Evidence, Segment
from backspeak.references import Termbase
from backspeak.references.termbase import TermUse, slug

FAMILY = "glossary"
FORBIDDEN, REQUIRED = f"{FAMILY}.forbidden", f"{FAMILY}.required"

# The user said so, and only the recognition of the term may err; a required term may also be missing
# because the sentence says it with a pronoun.
_FORBIDDEN_CONFIDENCE, _REQUIRED_CONFIDENCE = 0.95, 0.75


def collect(segment: Segment, termbases: Iterable[Termbase]) -> list[Evidence]:
    """Terminology findings of a segment; a missing term is an empty span at the end of its text."""
    found = []
    for termbase in termbases:
        for use in termbase.forbidden(segment.text, segment.source, segment.source_lang):
            found.append(_evidence(f"{FORBIDDEN}.{slug(use.term)}", use, termbase, _FORBIDDEN_CONFIDENCE))
        if segment.source is not None:
            for use in termbase.missing(segment.text, segment.source, segment.source_lang):
                found.append(_evidence(f"{REQUIRED}.{slug(use.term)}", use, termbase, _REQUIRED_CONFIDENCE))
    return found


def rules(termbases: Iterable[Termbase]) -> Iterable[str]:
    """The rule ids of termbases."""
    for termbase in termbases:
        for each in sorted(termbase.slugs):
            yield f"{FORBIDDEN}.{each}"
            yield f"{REQUIRED}.{each}"


def _evidence(rule: str, use: TermUse, termbase: Termbase, confidence: float) -> Evidence:
    details: dict[str, object] = {"terms": list(use.concept.terms), "termbase": termbase.name}
    if rule.startswith(FORBIDDEN):
        details["forbidden"] = use.term
    if use.source_term is not None:
        details["source_term"] = use.source_term
    if use.concept.note:
        details["note"] = use.concept.note
    return Evidence("glossary", rule, use.start, use.end, "terminology", "major", use.suggestions, confidence, details)
