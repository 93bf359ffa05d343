"""comparison.html and comparison.json: two runs beside each other, every pair of segments to browse."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from backspeak.comparison.pairing import Pair
from backspeak.comparison.report import TIE, outcome, verdict
from backspeak.data import CheckedSegment
from backspeak.reports import view
from backspeak.reports.difference import marked
from backspeak.reports.embed import BLOCK, Blocks
from backspeak.reports.explain import language_name, language_tag
from backspeak.reports.files import replace_file
from backspeak.reports.html import render_page
from backspeak.reports.visible import all_visible, readable_wording

_BIN = 5  # points of difference a bar
_EDGE = 50  # the outer bars hold all larger differences


def write_comparison(folder: Path, pairs: Sequence[Pair], result: Mapping[str, Any]) -> None:
    """Write both files as wholes; OutputError if one cannot be written."""
    text = json.dumps(result, ensure_ascii=False, allow_nan=False, indent=2)
    replace_file(folder / "comparison.json", text + "\n")
    replace_file(folder / "comparison.html", render_comparison(pairs, result))


def render_comparison(pairs: Sequence[Pair], result: Mapping[str, Any]) -> str:
    """The page as text. The same input always gives the same page."""
    blocks = Blocks()
    for pair in pairs:
        blocks.add(_item(pair))
    return render_page(
        "comparison",
        result=result,
        verdict=verdict(dict(result)),
        tie=TIE,
        several_documents=len({pair.a.segment.document for pair in pairs}) > 1,
        distribution=_distribution(pairs),
        blocks=blocks.markup(_index(pairs, result)),
    )


def _item(pair: Pair) -> dict[str, Any]:
    segment = pair.a.segment
    made: dict[str, Any] = {"a": _side(pair.a, pair.b), "b": _side(pair.b, pair.a)}
    for name in ("source", "reference"):
        text = getattr(segment, name) or getattr(pair.b.segment, name)
        if text is not None:
            label = name.capitalize()
            if name == "source" and segment.source_lang:
                label = f"Source ({language_name(segment.source_lang)})"
            made[name] = {"label": label, "runs": [text]}
            tag = language_tag(segment.source_lang) if name == "source" else None
            if tag:
                made[name]["lang"] = tag
    if segment.location:
        made["where"] = segment.location
    return all_visible(made)


def _side(mine: CheckedSegment, other: CheckedSegment) -> dict[str, Any]:
    made: dict[str, Any] = {"runs": view.runs(marked(other.segment.text, mine.segment.text))}
    if mine.spans:
        made["flags"] = [
            {
                "text": readable_wording(span.text) if span.text else "",
                "severity": span.severity,
                "category": span.category,
                "confidence": round(span.confidence, 2),
                "better": readable_wording(span.suggestions[0]) if span.suggestions else None,
            }
            for span in mine.spans
        ]
        made["flags"] = [flag for _, flag in view.by_gravity(made["flags"])]
    if mine.status != "ok":
        made["reason"] = f"{mine.status}: {mine.reason}" if mine.reason else mine.status
    return made


def _index(pairs: Sequence[Pair], result: Mapping[str, Any]) -> dict[str, Any]:
    documents: dict[str, int] = {}
    outcomes = ("a", "b", "tie", "unscored")
    return {
        "block": BLOCK,
        "names": [result["a"]["name"], result["b"]["name"]],
        "outcomes": list(outcomes),
        "columns": {
            "document": [documents.setdefault(pair.a.segment.document, len(documents)) for pair in pairs],
            "id": [pair.a.segment.id for pair in pairs],
            "a": [pair.a.score for pair in pairs],
            "b": [pair.b.score for pair in pairs],
            "outcome": [outcomes.index(outcome(pair) if pair.is_scored else "unscored") for pair in pairs],
            "same": [int(pair.a.segment.text == pair.b.segment.text) for pair in pairs],
        },
        "documents": list(documents),
    }


def _distribution(pairs: Sequence[Pair]) -> list[tuple[int, int, str]]:
    """(lower bound, segments, "a" | "b" | "tie") for each bar of the differences; ties have one of their own."""
    bins: Counter[int] = Counter()
    ties = 0
    for pair in pairs:
        if not pair.is_scored:
            continue
        if outcome(pair) == "tie":
            ties += 1
        else:
            bins[max(-_EDGE, min(_EDGE - _BIN, int(pair.difference // _BIN) * _BIN))] += 1
    below = [(low, bins[low], "a") for low in range(-_EDGE, 0, _BIN)]
    above = [(low, bins[low], "b") for low in range(0, _EDGE, _BIN)]
    return [*below, (0, ties, "tie"), *above]
