"""A flag in one line, and where it is, as every output for machines says it."""

from __future__ import annotations

import re

from backspeak.data import ErrorSpan, Segment
from backspeak.reports.visible import visible

_LINE = re.compile(r"\bline (\d{1,9})\b")
_LONGEST = 300  # characters of a quoted text


def message(span: ErrorSpan) -> str:
    """What is wrong and the natural wording, on one line: mistranslation: “made a photo”; better: “took a photo”."""
    suggestions = " or ".join(_quoted(each) if each else "leave it out" for each in span.suggestions)
    what = _quoted(span.text) if span.text else "something missing here"
    return f"{span.category}: {what}" + (f"; better: {suggestions}" if suggestions else "")


def line_of(segment: Segment) -> int | None:
    """The line of the input that a segment's location names, or None."""
    found = _LINE.search(segment.location or "")
    return int(found[1]) if found and int(found[1]) > 0 else None


def one_line(text: str) -> str:
    """`text` without line breaks and with acting characters made seen."""
    return " ".join(visible(text).split())


def shortened(text: str, length: int = _LONGEST) -> str:
    """`text` cut to a length, with the sign of it."""
    return text if len(text) <= length else text[: length - 1].rstrip() + "…"


def _quoted(text: str) -> str:
    return f"“{shortened(one_line(text))}”"
