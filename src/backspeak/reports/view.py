"""A checked segment as the page's script gets it: an object of texts, ready for JSON.

    {"text": ["plain", ["flagged words", 0, 2], ...],   a list of pieces; numbers name flags, the gravest first
     "flags": [{"text", "severity", "category", "confidence", "sure", "rule",
                "suggestions": [{"shown", "raw"?}], "why": [explanation], "raw"?,
                "marks"?, "around"?: [before, after]}],
     "where"?, "reason"?, "probability"?, "metrics"?: [[name, figure]],
     "context"?: [quote], "backs"?: [{"title", "runs", "translation"?, "lang"?, "unused"?}],
     "raw"?}                                            the text itself where it is not what is shown

A quote is {"label", "runs", "lang"?}, runs are texts or [text, "changed" | "restored"], an explanation
is {"title", "sentences", "quotes", "folded", "facts"}, its sentences lists of texts and [quoted words].
All texts are as `visible` shows them; "raw" keeps what a baseline or the clipboard needs.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from backspeak.data import SEVERITIES, TYPOGRAPHY, BackTranslation, CheckedSegment, ErrorSpan, Segment
from backspeak.reports.difference import Run, marked
from backspeak.reports.explain import (
    Explanation,
    Quote,
    confidence_in_words,
    explain,
    is_source,
    language_name,
    language_tag,
)
from backspeak.reports.visible import all_visible, readable_wording, visible

_NEAR = 16  # characters of its neighbours that a mark is shown with
_LAST_WORD = re.compile(r"\S*\s*\Z")
_FIRST_WORD = re.compile(r"\s*\S*")

Piece = str | list[Any]  # a text, or a text followed by the numbers of the flags that cover it


def sentence(checked: CheckedSegment) -> dict[str, Any]:
    """The object of a segment."""
    segment = checked.segment
    made: dict[str, Any] = {
        "text": pieces(segment.text, checked.spans),
        "flags": [_flag(span, segment) for span in checked.spans],
    }
    if segment.location:
        made["where"] = segment.location
    if checked.reason and checked.status != "ok":
        made["reason"] = checked.reason
    if checked.error_probability is not None:
        made["probability"] = round(checked.error_probability, 2)
    if checked.metrics:
        made["metrics"] = [[name, f"{value:.1f}"] for name, value in checked.metrics.items()]
    context = _context(checked)
    if context:
        made["context"] = [_quote(each) for each in context]
    if checked.back_translations:
        made["backs"] = [_back(back, segment) for back in checked.back_translations]
    made = all_visible(made)
    if visible(segment.text) != segment.text:
        made["raw"] = segment.text
    for flag, span in zip(made["flags"], checked.spans, strict=True):
        if flag["text"] != span.text:
            flag["raw"] = span.text
        for shown, suggestion in zip(flag["suggestions"], span.suggestions, strict=True):
            if shown["shown"] != suggestion:
                shown["raw"] = suggestion
    return made


def _context(checked: CheckedSegment) -> list[Quote]:
    segment, context = checked.segment, []
    if segment.source is not None:
        label = f"Source ({language_name(segment.source_lang)})" if segment.source_lang else "Source"
        context.append(Quote(label, (Run(segment.source),), language_tag(segment.source_lang)))
    if segment.reference is not None:
        context.append(Quote("Reference", marked(segment.text, segment.reference)))
    if checked.memory is not None:
        label = f"Approved, {checked.memory.similarity:.0%} alike ({checked.memory.origin})"
        context.append(Quote(label, marked(segment.text, checked.memory.text)))
    return context


def _flag(span: ErrorSpan, segment: Segment) -> dict[str, Any]:
    made: dict[str, Any] = {
        "text": readable_wording(span.text) if span.text else "",
        "severity": span.severity,
        "category": span.category,
        "confidence": round(span.confidence, 2),
        "sure": confidence_in_words(span.confidence),
        "rule": span.rule,
        "suggestions": [{"shown": readable_wording(each)} for each in span.suggestions],
        "why": [explanation(explain(evidence, segment)) for evidence in span.evidence],
    }
    if not any(character.isalnum() for character in span.text):
        made["marks"] = True  # could not be read if struck through
        made["around"] = _around(segment.text, span)
    return made


def _around(text: str, span: ErrorSpan) -> list[str]:
    """The words on both sides of a flag, without which a mark alone would say little."""
    before, after = text[max(0, span.start - _NEAR) : span.start], text[span.end : span.end + _NEAR]
    return [_LAST_WORD.search(before)[0], _FIRST_WORD.match(after)[0]]  # type: ignore[index]  # they match nothing too


def explanation(each: Explanation) -> dict[str, Any]:
    """An explanation as an object; parts without content are left out."""
    made: dict[str, Any] = {"title": each.title}
    if each.sentences:
        made["sentences"] = [
            [[words.text] if words.quoted else words.text for words in part] for part in each.sentences
        ]
    if each.quotes:
        made["quotes"] = [_quote(quote) for quote in each.quotes]
    if each.folded_quotes:
        made["folded"] = [_quote(quote) for quote in each.folded_quotes]
    if each.facts:
        made["facts"] = [list(fact) for fact in each.facts]
    return made


def runs(parts: Sequence[Run]) -> list[str | list[str]]:
    """Runs of a text as an object."""
    return [part.text if part.change == "same" else [part.text, part.change] for part in parts]


def _quote(quote: Quote) -> dict[str, Any]:
    made: dict[str, Any] = {"label": quote.label, "runs": runs(quote.runs)}
    if quote.lang:
        made["lang"] = quote.lang
    return made


def _back(back: BackTranslation, segment: Segment) -> dict[str, Any]:
    from_source = is_source(back.pivot, segment)
    pivot = language_name(back.pivot)
    made: dict[str, Any] = {
        "title": f"Translated anew from {pivot}" if from_source else f"Back from {pivot}",
        "runs": runs(marked(segment.text, back.round_trip)),
    }
    if not from_source:
        made["translation"] = back.translation
        tag = language_tag(back.pivot)
        if tag:
            made["lang"] = tag
    if back.degenerate:
        made["unused"] = back.reason or "degenerate"
    return made


def pieces(text: str, spans: Sequence[ErrorSpan]) -> list[Piece]:
    """Cut `text` where spans start and end; spans may overlap, nest, coincide or be empty."""
    by_gravity = sorted(
        range(len(spans)),
        key=lambda at: (-SEVERITIES.index(spans[at].severity), spans[at].end - spans[at].start),
    )
    cuts = sorted({0, len(text), *(cut for span in spans for cut in (span.start, span.end))})
    made: list[Piece] = []
    for at, cut in enumerate(cuts):
        here = [number for number in by_gravity if spans[number].start == spans[number].end == cut]
        if here:  # an omission: nothing to underline, but a place to mark
            made.append(["", *here])
        if at + 1 < len(cuts):
            end = cuts[at + 1]
            covering = [number for number in by_gravity if spans[number].start <= cut and spans[number].end >= end]
            made.append([text[cut:end], *covering] if covering else text[cut:end])
    return made


def by_gravity(flags: Sequence[dict[str, Any]]) -> list[tuple[int, dict[str, Any]]]:
    """The flags of a sentence with their numbers from 1: graver first, wording before typography, surer first."""
    return sorted(
        enumerate(flags, start=1),
        key=lambda each: (
            each[1]["category"] in TYPOGRAPHY,
            -SEVERITIES.index(each[1]["severity"]),
            -each[1]["confidence"],
        ),
    )
