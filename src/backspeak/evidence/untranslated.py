"""Text left in the language of the source: copies of it, other languages, words in another script.

Only beside a source: without one, a text that is not English is not checked at all.
"""

from __future__ import annotations

import difflib
import re

from backspeak.data import Evidence, Segment, Severity
from backspeak.evidence.words import word_offsets
from backspeak.formats.language import language_reason

COPY, LANGUAGE, SCRIPT = "untranslated.copy", "untranslated.language", "untranslated.script"
RULES = (COPY, LANGUAGE, SCRIPT)

# Names and titles are copied by right: a copy has words in small letters.
_FEWEST_SMALL_WORDS = 3
_ALIKE = 0.9
_LATIN = re.compile(r"[A-Za-z\u00c0-\u024f]")
_OTHER_SCRIPT = re.compile(r"[^\W\d_A-Za-z\u00aa\u00ba\u00c0-\u02af\u1e00-\u1eff]{2,}")
_OPENING = "(\"'“‘«["
_LONGEST = 4000  # characters compared


def collect(segment: Segment) -> list[Evidence]:
    """At most one finding on the whole text, or one for each run of words in another script."""
    text, source = segment.text, segment.source
    if not source or segment.source_lang == "en":
        return []
    whole = _whole(text, source)
    if whole is not None:
        rule, confidence, message = whole
        start = len(text) - len(text.lstrip())
        return [_evidence(rule, start, len(text.rstrip()), "critical", confidence, message)]
    if not _LATIN.search(text):
        return []
    return [
        _evidence(
            SCRIPT, match.start(), match.end(), "major", 0.9, f"“{match.group()}” stands in the source like this."
        )
        for match in _OTHER_SCRIPT.finditer(text)
        # "the gazeta (газета)" explains; a quotation may be shown as it was.
        if match.group() in source and text[: match.start()].rstrip()[-1:] not in tuple(_OPENING)
    ]


def _whole(text: str, source: str) -> tuple[str, float, str] | None:
    small = sum(text[start].islower() for start, _ in word_offsets(text))
    mine, theirs = text.strip().casefold()[:_LONGEST], source.strip().casefold()[:_LONGEST]
    matcher = difflib.SequenceMatcher(None, mine, theirs, autojunk=False)
    alike = mine == theirs or (matcher.quick_ratio() >= _ALIKE and matcher.ratio() >= _ALIKE)
    reason = language_reason(text)
    if alike and (small >= _FEWEST_SMALL_WORDS or reason is not None):
        return COPY, 0.97, "The text is a copy of its source."
    if reason is not None and reason.startswith("not English"):
        return LANGUAGE, 0.95, f"The text is {reason}."
    return None


def _evidence(rule: str, start: int, end: int, severity: Severity, confidence: float, message: str) -> Evidence:
    return Evidence(
        "untranslated", rule, start, end, "untranslated", severity, (), confidence, {"message": message}
    )  # fmt: skip
