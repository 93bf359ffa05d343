"""Which flags are raised, and which stay on record only: inline ignores, baseline, approved sentences."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from backspeak.baseline import Baseline
from backspeak.data import ErrorSpan, MemoryMatch, Segment, SuppressedSpan, Suppression
from backspeak.rules import is_named

# What a user's termbase demands holds for approved sentences too.
_STANDS = ("glossary",)


def divide(
    spans: Iterable[ErrorSpan],
    segment: Segment,
    *,
    baseline: Baseline | None = None,
    memory: MemoryMatch | None = None,
    inline: bool = True,
) -> tuple[tuple[ErrorSpan, ...], tuple[SuppressedSpan, ...]]:
    """(raised, suppressed) flags of a segment, each in reading order; `inline` follows its ignores."""
    ignored = segment.ignore if inline else ()
    raised, suppressed = [], []
    for span in spans:
        by = _suppression(span, segment.text, ignored, baseline, memory)
        if by is None:
            raised.append(span)
        else:
            suppressed.append(SuppressedSpan(span, by))
    return tuple(raised), tuple(suppressed)


def _suppression(
    span: ErrorSpan, text: str, ignored: Collection[str], baseline: Baseline | None, memory: MemoryMatch | None
) -> Suppression | None:
    if "*" in ignored or is_named(span.rule, ignored):
        return "inline"
    if baseline is not None and baseline.accepts(span, text):
        return "baseline"
    if memory is not None and memory.exact and not is_named(span.rule, _STANDS):
        return "memory"
    return None
