"""From word probabilities and evidence to error spans: the flags a reader sees."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from backspeak.data import SEVERITIES, ErrorSpan, Evidence, Findings, Proposal, Severity, Word
from backspeak.evidence import typography, unlisted
from backspeak.evidence.offers import probabilities
from backspeak.evidence.words import is_punctuation
from backspeak.judge import OperatingPoint, Verdict, with_neighbours
from backspeak.rules import is_named

# Evidence that knows its own confidence becomes a flag from here on.
DECISIVE = 0.5
# From here on a rule speaks for the other flags that it overlaps.
SURE = 0.8
# From here on it joins a flag that has no explanation: what is too unsure to accuse may know the natural wording.
SUSPECT = 0.05
MAX_SUGGESTIONS = 3
# Rules that advise another wording and find no fault: their flags cost no score and outrank no other.
ADVISORY_RULES = ("memory",)
# Rules whose flags say that something is wrong with the words, not what, or speak of punctuation alone.
_UNEXPLAINED = ("round-trip", "rewriting", "likelihood", typography.FAMILY)
# Rules that explain by figures: what somebody wrote down about the words is worth more than a surer guess.
_GUESSED = (unlisted.RULE,)


def flag_probability(
    findings: Findings, word_probability: np.ndarray, point: OperatingPoint | None = None
) -> np.ndarray:
    """What is compared with the operating point: the judge's probabilities, doubtful neighbours joined unless the
    point takes each word by itself."""
    if point is not None and not point.joins_neighbours:
        return np.asarray(word_probability, float)
    text = findings.segment.text
    standing = np.array([not is_punctuation(text[start:end]) for start, end in findings.words], bool)
    return with_neighbours(np.asarray(word_probability, float), standing)


def words(findings: Findings, verdict: Verdict, point: OperatingPoint) -> tuple[Word, ...]:
    """Every word with its probability and the decision at the operating point."""
    return tuple(
        Word(start, end, float(probability), bool(joint >= point.minor))
        for (start, end), probability, joint in zip(
            findings.words,
            verdict.word_probability,
            flag_probability(findings, verdict.word_probability, point),
            strict=True,
        )
    )


def error_spans(
    findings: Findings, verdict: Verdict, point: OperatingPoint, disabled: Collection[str] = ()
) -> tuple[ErrorSpan, ...]:
    """Flags in reading order, none overlapping. `disabled` holds rule ids or their first parts.

    Evidence without a confidence of its own makes no flag; it joins those that it overlaps. Advice makes
    one only where no other flag lies.
    """
    usable = [each for each in findings.evidence if not is_named(each.rule, disabled)]
    advice = [each for each in usable if each.rule in ADVISORY_RULES]
    found = [
        _from_evidence(findings, each) for each in usable if (each.confidence or 0) >= DECISIVE and each not in advice
    ]
    joint = flag_probability(findings, verdict.word_probability, point)
    found += [_from_words(findings, verdict, joint, point, group) for group in _groups(findings, joint, point)]
    found = [span for span in found if not is_named(span.rule, disabled)]
    # Where flags overlap, one speaks and keeps the other's evidence: a sure one of a rule that knows what is wrong
    # with the wording before any other, a listed one before a guessed one, then the surer one, unless it has nothing
    # to say instead and the other has.
    kept: list[ErrorSpan] = []
    for span in sorted(found, key=_precedence):
        clash = next((i for i, other in enumerate(kept) if span.start < other.end and span.end > other.start), None)
        if clash is None:
            kept.append(span)
            continue
        others = kept[:clash] + kept[clash + 1 :]
        free = not any(span.start < other.end and span.end > other.start for other in others)
        kept[clash] = (
            _joined(span, kept[clash]) if free and _knows_more(span, kept[clash]) else _joined(kept[clash], span)
        )
    supporting = [each for each in usable if each.confidence is None or each in advice]
    suspicions = [each for each in usable if SUSPECT <= (each.confidence or 0) < DECISIVE and each not in advice]
    kept = [
        _supported(span, supporting + suspicions if is_named(span.rule, _UNEXPLAINED) else supporting) for span in kept
    ]
    kept += [
        _from_evidence(findings, each)
        for each in advice
        if (each.confidence or 0) >= DECISIVE
        and not any(each.start < span.end and each.end > span.start for span in kept)
    ]
    return tuple(sorted(kept, key=lambda each: (each.start, each.end)))


def _precedence(span: ErrorSpan) -> tuple[bool, bool, float, int, int]:
    explains = _explains(span)
    return not explains, explains and is_named(span.rule, _GUESSED), -span.confidence, span.start, span.end


def _explains(span: ErrorSpan) -> bool:
    return span.confidence >= SURE and not is_named(span.rule, _UNEXPLAINED)


def _knows_more(span: ErrorSpan, other: ErrorSpan) -> bool:
    """Whether the flag has a wording for all of another that has none."""
    around = span.start <= other.start and other.end <= span.end
    silent = is_named(other.rule, _UNEXPLAINED) and not other.suggestions
    return around and silent and bool(span.suggestions) and not is_named(span.rule, _UNEXPLAINED)


def _supported(span: ErrorSpan, supporting: Sequence[Evidence]) -> ErrorSpan:
    """The flag with the evidence that lies on it, and with the wordings of it that fit inside."""
    mine = [each for each in supporting if each.start < span.end and each.end > span.start]
    if not mine:
        return span
    return replace(span, suggestions=_with_those_of(span, mine), evidence=(*span.evidence, *mine))


def _with_those_of(span: ErrorSpan, others: Sequence[Evidence | ErrorSpan]) -> tuple[str, ...]:
    """The suggestions of a flag, and behind them those of others that lie inside it."""
    more = (
        span.text[: each.start - span.start] + suggestion + span.text[each.end - span.start :]
        for each in others
        for suggestion in each.suggestions
        if span.start <= each.start and each.end <= span.end
    )
    return tuple(dict.fromkeys([*span.suggestions, *more]))[:MAX_SUGGESTIONS]


def _groups(findings: Findings, joint: np.ndarray, point: OperatingPoint) -> list[tuple[int, int]]:
    """Runs of neighbouring bad words as (first, last) word indices; punctuation is left to its own rules."""
    text, groups = findings.segment.text, []
    previous = None
    for index, ((start, end), probability) in enumerate(zip(findings.words, joint, strict=True)):
        if probability < point.minor or is_punctuation(text[start:end]):
            previous = None
        elif previous is not None:
            groups[-1] = (groups[-1][0], index)
            previous = index
        else:
            groups.append((index, index))
            previous = index
    return groups


def _from_words(
    findings: Findings, verdict: Verdict, joint: np.ndarray, point: OperatingPoint, group: tuple[int, int]
) -> ErrorSpan:
    start, end = findings.words[group[0]][0], findings.words[group[1]][1]
    confidence = float(max(joint[group[0] : group[1] + 1]))
    # A wording that leaves the worst word as it is mends nothing.
    alone = verdict.word_probability[group[0] : group[1] + 1]
    worst = [findings.words[group[0] + n] for n in np.flatnonzero(alone == alone.max())]

    def mends(each: Proposal) -> bool:
        return each.offered and any(each.start < finish and each.end > begin for begin, finish in worst)

    supporting = sorted(
        (each for each in findings.proposals if each.start < end and each.end > start and each.gain > 0),
        key=lambda each: (not mends(each), -(each.gain + each.pivot_gain), each.start, each.replacement),
    )[:MAX_SUGGESTIONS]
    offered = [each for each in supporting if mends(each)]
    if offered:
        start = min(start, *(each.start for each in offered))
        end = max(end, *(each.end for each in offered))
    text = findings.segment.text
    evidence = tuple(_as_evidence(findings, each) for each in supporting) or (_likelihood_evidence(findings, group),)
    severity: Severity = (
        "critical" if confidence >= point.critical else "major" if confidence >= point.major else "minor"
    )
    return ErrorSpan(
        start,
        end,
        text[start:end],
        offered[0].category if offered else "mistranslation",
        severity,
        confidence,
        evidence[0].rule,
        _unique(text[start : each.start] + each.replacement + text[each.end : end] for each in offered),
        evidence,
    )


def _as_evidence(findings: Findings, proposal: Proposal) -> Evidence:
    details: dict[str, Any] = {
        "original": findings.segment.text[proposal.start : proposal.end],
        "restored": proposal.replacement,
        "gain": round(proposal.gain, 2),
    }
    if proposal.origin == "rewriting":
        details["kept_gain"] = round(proposal.kept_gain, 2)
    else:
        details = {
            "pivot": proposal.pivot,
            **details,
            "pivot_gain": round(proposal.pivot_gain, 2),
            "guard": round(proposal.guard, 2),
            "agreement": proposal.agreement,
            "round_trips": proposal.round_trips,
        }
    if proposal.offered:
        details["probability"] = round(probabilities([proposal.gain])[0], 3)
    behind = next(
        (each for each in findings.back_translations if each.pivot == proposal.pivot and not each.degenerate), None
    )
    if behind is not None:
        details |= {"translation": behind.translation, "round_trip": behind.round_trip}
        if behind.lost:
            details["lost"] = list(behind.lost)
    if len(proposal.pivots) > 1:
        details["pivots"] = list(proposal.pivots)
    return Evidence(
        proposal.origin, proposal.origin.replace("_", "-"), proposal.start, proposal.end, proposal.category, "major",
        (proposal.replacement,) if proposal.offered else (), None, details,
    )  # fmt: skip


def _likelihood_evidence(findings: Findings, group: tuple[int, int]) -> Evidence:
    start, end = findings.words[group[0]][0], findings.words[group[1]][1]
    details: dict[str, Any] = {"original": findings.segment.text[start:end]}
    for name in ("alone", "given"):
        values = findings.likelihood.get(f"{name}_total")
        total = math.nan if values is None else float(values[group[0] : group[1] + 1].sum())
        if math.isfinite(total):
            details[f"log_probability_{name}"] = round(total, 2)
    if findings.mode is not None:
        details["given"] = findings.mode
    return Evidence("likelihood", "likelihood", start, end, "mistranslation", "minor", (), None, details)


def _from_evidence(findings: Findings, evidence: Evidence) -> ErrorSpan:
    return ErrorSpan(
        evidence.start,
        evidence.end,
        findings.segment.text[evidence.start : evidence.end],
        evidence.category,
        evidence.severity,
        float(evidence.confidence or 0.0),
        evidence.rule,
        tuple(evidence.suggestions[:MAX_SUGGESTIONS]),
        (evidence,),
    )


def _joined(speaking: ErrorSpan, other: ErrorSpan) -> ErrorSpan:
    unexplained = is_named(speaking.rule, _UNEXPLAINED)
    return replace(
        speaking,
        suggestions=_with_those_of(speaking, [other]) if unexplained else speaking.suggestions,
        severity=max(speaking.severity, other.severity, key=SEVERITIES.index),
        confidence=max(speaking.confidence, other.confidence),
        evidence=(*speaking.evidence, *other.evidence),
    )


def _unique(values) -> tuple[str, ...]:
    return tuple(dict.fromkeys(value for value in values if value.strip()))
