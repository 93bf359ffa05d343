"""Evidence from the phrase bank: wordings that a translator writes and a native writer does not.

Left out are places where the words are not used but shown: web addresses, quotations in another
language, words that the sentence talks about ("the German word ..."), a gloss in brackets.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from backspeak.data import Evidence
from backspeak.phrasebank import Match, PhraseBank

_ADDRESS = re.compile(
    r"(?:https?://|www\.)\S+"
    r"|\S+@\S+\.\w+"
    r"|[@#]\w+"
    r"|\b[\w-]+(?:\.[\w-]+)*\.(?:com|org|net|edu|gov|info|io|co|ru|ua|de|fr|es|it|pl|uk|eu|tr|cn|br|pt)\b(?:/\S*)?",
    re.I,
)
_QUOTED = re.compile(r"“[^”]+”|\"[^\"]+\"|«[^»]+»|„[^“”]+[“”]|‘[^’]+’(?!\w)")
_LANGUAGE = (
    r"Russian|Ukrainian|Spanish|French|German|Italian|Portuguese|Polish|Chinese|Mandarin|Arabic|Turkish|Latin|Dutch"
)
_SHOWN = re.compile(
    rf"(?:\b(?:{_LANGUAGE})\b|\b(?:word|words|term|terms|phrase|expression|proverb|idiom|saying|literally|spelled|"
    r"spelt|translated as|translates as|transliterated)\b)(?:\W+\w+){0,2}\W*$",
    re.I,
)
_SHOWN_REACH = 40
# Small words of the source languages that are neither English nor parts of names, and lower-case
# words with foreign letters (in capitals those are names, which an English quotation may hold).
_FOREIGN = re.compile(
    r"\b(?:das|und|nicht|ein|eine|auf|mit|las|una|unos|para|que|les|est|une|dans|avec|gli|che|uma|jest|nie|bir)\b"
    r"|\b[a-z]*[à-öø-ÿāăąćčďđęěğıłńňőřśşšťůűźżž]+[a-z]*\b"
)


def collect(text: str, bank: PhraseBank) -> list[Evidence]:
    """One piece of evidence for each entry of the bank that the text uses."""
    matches = bank.find(text)
    if not matches:
        return []
    hidden = list(_not_used(text))
    return [
        _evidence(match)
        for match in matches
        if not any(start < match.end and match.start < end for start, end in hidden) and not _is_gloss(text, match)
    ]


def _evidence(match: Match) -> Evidence:
    entry = match.entry
    return Evidence(
        kind="phrase_bank",
        rule=entry.rule,
        start=match.start,
        end=match.end,
        category=entry.category,
        severity=entry.severity,
        suggestions=match.suggestions,
        confidence=entry.confidence,
        details={
            "entry": entry.slug,
            "table": entry.table,
            "phrase": entry.shown_phrase,
            "reference": list(entry.shown_references),
            "source_langs": list(entry.source_langs),
            "note": entry.note,
            "example": entry.example,
        },
    )


def _not_used(text: str) -> Iterator[tuple[int, int]]:
    """The stretches of the text in which words stand that are not the writer's own English."""
    for found in _ADDRESS.finditer(text):
        yield found.span()
    for found in _QUOTED.finditer(text):
        inside = found.group()[1:-1]
        before = text[max(0, found.start() - _SHOWN_REACH) : found.start()]
        if _FOREIGN.search(inside) or (len(inside.split()) <= 6 and _SHOWN.search(before)):
            yield found.span()


def _is_gloss(text: str, match: Match) -> bool:
    """Whether the match is all there is between two brackets, as in "the GDP (PIB)"."""
    return text[match.start - 1 : match.start] == "(" and text[match.end : match.end + 1] == ")"
