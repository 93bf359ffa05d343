"""What becomes of a text when the first suggestion of a flag is put in: is it mended, and does it stay quiet?

    python -m backspeak.evaluation.suggestions PAIRS.tsv [--tier full] [--limit 60]

The table has the columns `bad` and `good`. Each flag of a bad sentence is applied alone, and the sentence
is checked again. A new flag is one that lies on the words put in, or one whose words were not flagged before.
"""

from __future__ import annotations

import argparse
import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from backspeak.config import Settings
from backspeak.data import CheckedSegment, ErrorSpan, Segment
from backspeak.pipeline import Pipeline


@dataclass(frozen=True)
class Applied:
    """A flag with its first suggestion put in: the text then, and where the suggestion stands in it."""

    number: int
    flag: ErrorSpan
    text: str
    start: int
    end: int


def applied(number: int, checked: CheckedSegment) -> list[Applied]:
    """The first suggestion of each flag of a checked text, each put in alone."""
    text = checked.segment.text
    return [
        Applied(
            number,
            flag,
            text[: flag.start] + flag.suggestions[0] + text[flag.end :],
            flag.start,
            flag.start + len(flag.suggestions[0]),
        )
        for flag in checked.spans
        if flag.suggestions
    ]


def new_flags(before: CheckedSegment, change: Applied, after: CheckedSegment) -> list[ErrorSpan]:
    """Flags of the changed text that the text did not have."""
    shift = len(change.text) - len(before.segment.text)
    known = {
        (flag.start + (shift if flag.start >= change.flag.end else 0), flag.text)
        for flag in before.spans
        if flag != change.flag
    }
    return [
        flag
        for flag in after.spans
        if (flag.start < change.end and flag.end > change.start) or (flag.start, flag.text) not in known
    ]


def check(pipeline: Pipeline, texts: Sequence[str]) -> list[CheckedSegment]:
    """The texts as one document."""
    return list(pipeline.check([Segment("pairs", str(number), text) for number, text in enumerate(texts)]))


def main() -> None:
    """Print the figures of a table of pairs."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("pairs", type=Path, help="a table with the columns bad and good")
    parser.add_argument("--tier", choices=("fast", "full"), default="full")
    parser.add_argument("--limit", type=int, help="only every so-manyth pair, so that this many are left")
    parser.add_argument("--show", action="store_true", help="print what is suggested and which new flags come")
    arguments = parser.parse_args()
    with arguments.pairs.open(encoding="utf-8", newline="") as file:
        pairs = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    if arguments.limit:
        pairs = pairs[:: max(1, len(pairs) // arguments.limit)][: arguments.limit]
    pipeline = Pipeline(Settings(tier=arguments.tier))
    before = check(pipeline, [pair["bad"] for pair in pairs])
    changes = [each for number, checked in enumerate(before) for each in applied(number, checked)]
    after = check(pipeline, [change.text for change in changes])
    noisy = 0
    for change, checked in zip(changes, after, strict=True):
        new = new_flags(before[change.number], change, checked)
        noisy += bool(new)
        if arguments.show:
            print(f"  {change.flag.text!r} -> {change.flag.suggestions} {[flag.text for flag in new] or ''}")
    flags = sum(len(checked.spans) for checked in before)
    mended = sum(change.text == pairs[change.number]["good"] for change in changes)
    print(f"sentences: {len(pairs)}\nflags: {flags}\nwith a suggestion: {len(changes)}")
    print(f"first suggestion makes the good sentence: {mended}")
    print(f"first suggestion brings a new flag: {noisy} ({noisy / max(1, len(changes)):.1%})")


if __name__ == "__main__":
    main()
