"""What the page shows, worked out before the template: documents, paragraphs, sentences, flags.

Anchors are stable: the twelfth segment of a document is `#s12`, its second flag `#s12-e2`; with
several documents the third document's are `#d3-s12` and `#d3-s12-e2`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from backspeak.data import CATEGORIES, SEVERITIES, BackTranslation, CheckedSegment, ErrorSpan, Segment
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

# Lower bounds of the score bands, by which sentences are coloured.
_BANDS = ((85.0, "clean"), (65.0, "slight"), (40.0, "doubtful"), (0.0, "poor"))

# Human news has a stray flag here and there; a text that went through a machine has them all over.
_MACHINE_SHARE = 0.2
_MACHINE_FLAGGED = 3


@dataclass(frozen=True)
class Piece:
    """A stretch of a sentence with the findings that cover it, the gravest first. May be empty."""

    text: str
    findings: tuple[str, ...] = ()  # anchors
    severity: str | None = None
    label: str = ""
    leads: bool = False  # the first piece of a finding: where `n` and the tab key stop


@dataclass(frozen=True)
class Finding:
    """An error span with its reasons in words."""

    anchor: str
    span: ErrorSpan
    confidence: str
    explanations: tuple[Explanation, ...]

    @property
    def is_marks(self) -> bool:
        """Whether only marks and spaces are flagged, which could not be read if struck through."""
        return not any(character.isalnum() for character in self.span.text)


@dataclass(frozen=True)
class Back:
    """A back-translation with what it changed marked."""

    pivot: str
    lang: str | None
    translation: str | None
    round_trip: tuple[Run, ...]
    from_source: bool
    unused: str | None  # why it was not used


@dataclass(frozen=True)
class Sentence:
    """A segment as the reader sees it."""

    anchor: str
    number: int
    checked: CheckedSegment
    band: str
    height: int  # of its bar, in per cent
    label: str
    pieces: tuple[Piece, ...]
    findings: tuple[Finding, ...]
    backs: tuple[Back, ...]
    context: tuple[Quote, ...]  # source and reference
    summary: str  # names what the folded evidence holds; empty without any


@dataclass(frozen=True)
class DocumentView:
    """One document with its verdict."""

    anchor: str
    name: str
    score: float | None
    band: str
    verdict: str
    tally: str
    severities: tuple[tuple[str, int], ...]
    categories: tuple[tuple[str, int], ...]
    flagged: int
    checked: int
    skipped: int
    failed: int
    paragraphs: tuple[tuple[Sentence, ...], ...]

    @property
    def sentences(self) -> tuple[Sentence, ...]:
        """All sentences in reading order."""
        return tuple(sentence for paragraph in self.paragraphs for sentence in paragraph)


def documents_of(checked: Sequence[CheckedSegment], summary: Mapping[str, Any]) -> tuple[DocumentView, ...]:
    """The documents in the order of their first segments, their scores taken from the summary."""
    by_name: dict[str, list[CheckedSegment]] = {}
    for each in checked:
        by_name.setdefault(each.segment.document, []).append(each)
    scores = {each.get("document"): each.get("score") for each in summary.get("documents") or ()}
    if len(by_name) == 1:
        scores.setdefault(next(iter(by_name)), summary.get("score"))
    several = len(by_name) > 1
    return tuple(
        _document(number if several else None, name, segments, scores.get(name))
        for number, (name, segments) in enumerate(by_name.items(), start=1)
    )


def _document(number: int | None, name: str, segments: list[CheckedSegment], score: float | None) -> DocumentView:
    prefix = "" if number is None else f"d{number}-"
    sentences = [_sentence(f"{prefix}s{at}", at, each) for at, each in enumerate(segments, start=1)]
    statuses: Counter[str] = Counter(each.status for each in segments)
    spans = [span for each in segments for span in each.spans]
    severities, categories = Counter(span.severity for span in spans), Counter(span.category for span in spans)
    flagged = sum(1 for each in segments if each.spans)
    return DocumentView(
        anchor="text" if number is None else f"d{number}",
        name=name,
        score=score,
        band=_band(score),
        verdict=verdict(flagged, statuses["ok"]),
        tally=_tally(flagged, statuses),
        severities=tuple((severity, severities[severity]) for severity in reversed(SEVERITIES)),
        categories=tuple(
            (category, categories[category])
            for category in sorted(CATEGORIES, key=lambda category: -categories[category])
            if categories[category]
        ),
        flagged=flagged,
        checked=statuses["ok"],
        skipped=statuses["skipped"],
        failed=statuses["failed"],
        paragraphs=tuple(
            tuple(group)
            for _, group in groupby(sentences, key=lambda sentence: _paragraph(sentence.checked.segment.location))
        ),
    )


def verdict(flagged: int, checked: int) -> str:
    """What the share of flagged sentences says about a text, in words."""
    if not checked:
        return "Nothing to judge"
    if not flagged:
        return "Nothing flagged"
    if flagged >= _MACHINE_FLAGGED and flagged >= _MACHINE_SHARE * checked:
        return "Likely machine-translated"
    return "Mostly natural, with passages to check"


def _tally(flagged: int, statuses: Mapping[str, int]) -> str:
    parts = []
    if statuses["ok"]:
        checked = _count(statuses["ok"], "sentence")
        parts.append(f"{flagged:,} of {checked} flagged" if flagged else f"{checked} checked")
    parts += [f"{statuses[status]:,} {status}" for status in ("skipped", "failed") if statuses[status]]
    return ", ".join(parts)


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _paragraph(location: str | None) -> str | None:
    """The sentences of "paragraph 3, sentence 1" and "paragraph 3, sentence 2" stand together."""
    return None if location is None else location.split(",")[0]


def _band(score: float | None) -> str:
    if score is None:
        return "none"
    return next((name for least, name in _BANDS if score >= least), "poor")


def _sentence(anchor: str, number: int, checked: CheckedSegment) -> Sentence:
    segment = checked.segment
    findings = tuple(
        Finding(
            anchor=f"{anchor}-e{at}",
            span=span,
            confidence=confidence_in_words(span.confidence),
            explanations=tuple(explain(evidence, segment) for evidence in span.evidence),
        )
        for at, span in enumerate(checked.spans, start=1)
    )
    backs = tuple(_back(back, segment) for back in checked.back_translations)
    context = []
    if segment.source is not None:
        label = f"Source ({language_name(segment.source_lang)})" if segment.source_lang else "Source"
        context.append(Quote(label, (Run(segment.source),), language_tag(segment.source_lang)))
    if segment.reference is not None:
        context.append(Quote("Reference", marked(segment.text, segment.reference)))
    if checked.memory is not None:
        label = f"Approved, {checked.memory.similarity:.0%} alike ({checked.memory.origin})"
        context.append(Quote(label, marked(segment.text, checked.memory.text)))
    holds = [_count(len(found), noun) for found, noun in ((findings, "flag"), (backs, "back-translation")) if found]
    return Sentence(
        anchor=anchor,
        number=number,
        checked=checked,
        band=_band(checked.score) if checked.status == "ok" else checked.status,
        height=max(6, round(100 - checked.score)) if checked.score is not None else 6,
        label=_score_label(number, checked),
        pieces=pieces(segment.text, findings),
        findings=findings,
        backs=backs,
        context=tuple(context),
        summary=", ".join(holds) or ("source and references" if context else ""),
    )


def _score_label(number: int, checked: CheckedSegment) -> str:
    parts = [f"Sentence {number}"]
    if checked.status != "ok":
        parts.append(checked.status)
    elif checked.score is not None:
        parts.append(f"score {checked.score:.0f} of 100")
    if checked.spans:
        parts.append(_count(len(checked.spans), "flag"))
    return ", ".join(parts)


def _back(back: BackTranslation, segment: Segment) -> Back:
    from_source = is_source(back.pivot, segment)
    return Back(
        pivot=language_name(back.pivot),
        lang=language_tag(back.pivot),
        translation=None if from_source else back.translation,
        round_trip=marked(segment.text, back.round_trip),
        from_source=from_source,
        unused=(back.reason or "degenerate") if back.degenerate else None,
    )


def pieces(text: str, findings: Sequence[Finding]) -> tuple[Piece, ...]:
    """Cut `text` where findings start and end; findings may overlap, nest, coincide or be empty."""
    by_gravity = sorted(
        findings,
        key=lambda finding: (-SEVERITIES.index(finding.span.severity), finding.span.end - finding.span.start),
    )
    cuts = sorted({0, len(text), *(cut for each in findings for cut in (each.span.start, each.span.end))})
    led: set[str] = set()
    made: list[Piece] = []

    def add(part: str, covering: list[Finding]) -> None:
        anchors = tuple(finding.anchor for finding in covering)
        if not covering:
            made.append(Piece(part))
            return
        gravest = covering[0].span
        label = f"{gravest.severity.capitalize()}: {gravest.category}"
        if len(covering) > 1:
            label += f", and {_count(len(covering) - 1, 'more flag')}"
        made.append(Piece(part, anchors, gravest.severity, label, leads=not led.issuperset(anchors)))
        led.update(anchors)

    for at, cut in enumerate(cuts):
        here = [each for each in by_gravity if each.span.start == each.span.end == cut]
        if here:  # an omission: nothing to underline, but a place to mark
            add("", here)
        if at + 1 < len(cuts):
            end = cuts[at + 1]
            add(text[cut:end], [each for each in by_gravity if each.span.start <= cut and each.span.end >= end])
    return tuple(made)
