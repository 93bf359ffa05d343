"""Round trips: what the way through a pivot language and back makes of the text.

Words that no round trip keeps, and the wording that several round trips put in their place, are
proposals. Whether a proposal is better is not decided here but by the contrast (`contrast.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from difflib import SequenceMatcher

import sacrebleu

from backspeak.data import BackTranslation, Proposal
from backspeak.engines.base import Engine
from backspeak.engines.degenerate import degenerate_reason
from backspeak.evidence.words import begins_sentence, is_protected, is_punctuation, word_offsets

# Longer differences are a new sentence, not another wording of some words.
MAX_WORDS = 5
MAX_PROPOSALS = 12

_CHRF = sacrebleu.CHRF()


def back_translate(
    texts: Sequence[str], engine: Engine, pivot: str, *, alternatives: int
) -> list[list[BackTranslation]]:
    """Translate each text to `pivot` and back: the best round trip and `alternatives` more of each."""
    pivot_texts = [hypotheses[0] for hypotheses in engine.translate(texts, "en", pivot)]
    returned = engine.translate(pivot_texts, pivot, "en", samples=alternatives)
    return [
        [_record(text, pivot, pivot_text, round_trip) for round_trip in round_trips]
        for text, pivot_text, round_trips in zip(texts, pivot_texts, returned, strict=True)
    ]


def _record(text: str, pivot: str, pivot_text: str, round_trip: str) -> BackTranslation:
    reason = degenerate_reason(pivot_text, text, pivot, source_lang="en")
    if reason is None:
        reason = degenerate_reason(round_trip, text, "en", is_round_trip=True)
        reason = None if reason is None else f"the way back {reason}"
    else:
        reason = f"the way out {reason}"
    chrf = round(_CHRF.sentence_score(round_trip, [text]).score, 1)
    return BackTranslation(pivot, pivot_text, round_trip, chrf, reason is not None, reason)


def proposals(text: str, back_translations: Sequence[BackTranslation]) -> list[Proposal]:
    """Other wordings of parts of `text` that usable round trips suggest, most agreed first."""
    usable = [each for each in back_translations if not each.degenerate]
    votes: dict[tuple[int, int, str], set[int]] = {}
    pivots: dict[tuple[int, int, str], str] = {}
    for number, each in enumerate(usable):
        for start, end, replacement in differences(text, each.round_trip):
            key = (start, end, replacement)
            votes.setdefault(key, set()).add(number)
            pivots.setdefault(key, each.pivot)
    ranked = sorted(votes, key=lambda key: (-len(votes[key]), key))
    return [
        Proposal(
            start, end, replacement, pivots[start, end, replacement], len(votes[start, end, replacement]), len(usable)
        )
        for start, end, replacement in ranked[:MAX_PROPOSALS]
    ]


def differences(text: str, round_trip: str) -> list[tuple[int, int, str]]:
    """Word-aligned replacements (start, end, replacement) that turn parts of `text` into `round_trip`.

    Names and numbers are protected on both sides; punctuation alone is no difference.
    """
    ours, theirs = word_offsets(text), word_offsets(round_trip)
    matcher = SequenceMatcher(
        None, [text[a:b].casefold() for a, b in ours], [round_trip[a:b].casefold() for a, b in theirs], autojunk=False
    )
    found = []
    for operation, i, j, k, m in matcher.get_opcodes():
        if operation == "equal" or j - i > MAX_WORDS or m - k > MAX_WORDS + 1:
            continue
        if operation == "insert":
            continue
        i, j, k, m = _without_edge_punctuation(text, ours, i, j, round_trip, theirs, k, m)
        if i >= j:
            continue
        start, end = ours[i][0], ours[j - 1][1]
        replacement = round_trip[theirs[k][0] : theirs[m - 1][1]] if k < m else ""
        if is_protected(text, start, end) or (
            replacement and is_protected("x " + replacement, 2, 2 + len(replacement))
        ):
            continue
        if not replacement:
            # A dropped word takes its space along.
            if all(is_punctuation(text[a:b]) for a, b in ours[i:j]) or j - i > 2:
                continue
            if end < len(text) and text[end] == " ":
                end += 1
            elif start > 0 and text[start - 1] == " ":
                start -= 1
        elif text[start].isupper() and replacement[0].islower() and begins_sentence(text, start):
            replacement = replacement[0].upper() + replacement[1:]
        found.append((start, end, replacement))
    return found


def _without_edge_punctuation(text, ours, i, j, other, theirs, k, m):
    """Shrink a difference so that it neither begins nor ends with a punctuation mark."""
    while i < j and is_punctuation(text[slice(*ours[i])]):
        i += 1
    while i < j and is_punctuation(text[slice(*ours[j - 1])]):
        j -= 1
    while k < m and is_punctuation(other[slice(*theirs[k])]):
        k += 1
    while k < m and is_punctuation(other[slice(*theirs[m - 1])]):
        m -= 1
    return i, j, k, m


def apply(text: str, proposal: Proposal) -> str:
    """The text with the proposal put in place of the original words."""
    return text[: proposal.start] + proposal.replacement + text[proposal.end :]
