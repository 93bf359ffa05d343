"""Cutting a text that is too long for a model, and joining the translations of its parts."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator

_UNSPACED = {"ja", "th", "zh"}

# Where a text may be cut, best first: after sentences, clauses, words.
_CUTS = (
    re.compile(r"(?<=[.!?…][\"'”’»)])\s+|(?<=[.!?…])\s+|(?<=[。！？])"),
    re.compile(r"(?<=[;:,–—])\s+|(?<=[，；：、])"),
    re.compile(r"\s+"),
)


def cut(text: str, fits: Callable[[str], bool]) -> list[str]:
    """Parts of `text` that fit, cut at the best boundaries there are; none for an empty text."""
    return list(_cut(text.strip(), fits, 0))


def join(parts: Iterable[str], language: str) -> str:
    """The translation of a text from those of its parts, in the language that they are in."""
    return ("" if language in _UNSPACED else " ").join(part for part in parts if part)


def _cut(text: str, fits: Callable[[str], bool], level: int) -> Iterator[str]:
    if not text:
        return
    if fits(text):
        yield text
        return
    if level == len(_CUTS):
        half = len(text) // 2
        if half:
            yield from _cut(text[:half], fits, level)
            yield from _cut(text[half:], fits, level)
        return
    start = end = 0
    for boundary in [*(match.end() for match in _CUTS[level].finditer(text)), len(text)]:
        if end > start and not fits(text[start:boundary].strip()):
            yield from _cut(text[start:end].strip(), fits, level + 1)
            start = end
        end = boundary
    yield from _cut(text[start:].strip(), fits, level + 1)
