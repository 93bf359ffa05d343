"""Round trips: what the way through a pivot language and back makes of the text.

Words that no round trip keeps, and the wording that several round trips put in their place, are
proposals. Whether a proposal is better is not decided here but by the contrast (`contrast.py`).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from difflib import SequenceMatcher

import sacrebleu

from backspeak.data import BackTranslation, Proposal
from backspeak.engines import checked
from backspeak.engines.base import Engine
from backspeak.engines.checked import CheckedTranslation
from backspeak.evidence.preservation import ADDRESS, lost, numbers
from backspeak.evidence.words import begins_sentence, is_protected, is_punctuation, word_offsets
from backspeak.function_words import FUNCTION_WORDS

# Longer differences are a new sentence, not another wording of some words.
MAX_WORDS = 5
MAX_PROPOSALS = 12

_CHRF = sacrebleu.CHRF()


def back_translate(
    texts: Sequence[str], engine: Engine, pivot: str, *, alternatives: int
) -> list[list[BackTranslation]]:
    """Translate each text to `pivot` and back: the best round trip and `alternatives` more of each.

    A degenerate translation is tried once more on either way (`engines.checked`).
    """
    there = checked.translate(engine, texts, "en", pivot)
    back = checked.translate(
        engine, [each.hypotheses[0] for each in there], pivot, "en", samples=alternatives, originals=texts
    )
    return [
        [_record(text, pivot, out, home, number) for number in range(len(home.hypotheses))]
        for text, out, home in zip(texts, there, back, strict=True)
    ]


def _record(text: str, pivot: str, out: CheckedTranslation, home: CheckedTranslation, number: int) -> BackTranslation:
    round_trip, reason = home.hypotheses[number], home.reasons[number]
    if out.reasons[0] is not None:
        reason = f"the way out {out.reasons[0]}"
    elif reason is not None:
        reason = f"the way back {reason}"
    retried = None
    if reason is None and (out.first_reason or home.first_reason):
        retried = f"the way out {out.first_reason}" if out.first_reason else f"the way back {home.first_reason}"
    missing = () if reason is not None else tuple(item.name for item in lost(text, round_trip))
    chrf = round(_CHRF.sentence_score(round_trip, [text]).score, 1)
    return BackTranslation(pivot, out.hypotheses[0], round_trip, chrf, reason is not None, reason, retried, missing)


def proposals(text: str, back_translations: Sequence[BackTranslation]) -> list[Proposal]:
    """Other wordings of parts of `text` that usable round trips suggest, most agreed first."""
    usable = [each for each in back_translations if not each.degenerate]
    votes: dict[tuple[int, int, str], dict[int, str]] = {}
    for number, each in enumerate(usable):
        for start, end, replacement in differences(text, each.round_trip):
            votes.setdefault((start, end, replacement), {})[number] = each.pivot
    # One pivot says the same thing three times more easily than three pivots do.
    ranked = sorted(votes, key=lambda key: (-len(set(votes[key].values())), -len(votes[key]), key))
    found = []
    for start, end, replacement in ranked[:MAX_PROPOSALS]:
        mine = votes[start, end, replacement]
        through = tuple(dict.fromkeys(mine.values()))
        found.append(Proposal(start, end, replacement, through[0], len(mine), len(usable), pivots=through))
    return found


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
        if is_protected(text, start, end) or (replacement and _brings_name(round_trip, theirs[k][0], theirs[m - 1][1])):
            continue
        if not _keeps(text, start, end, replacement):
            continue
        if not replacement:
            # A dropped word takes its space along.
            if all(is_punctuation(text[a:b]) for a, b in ours[i:j]) or j - i > 2:
                continue
            if end < len(text) and text[end] == " ":
                end += 1
            elif start > 0 and text[start - 1] == " ":
                start -= 1
        elif begins_sentence(text, start) and text[start].isupper() and replacement[0].islower():
            replacement = replacement[0].upper() + replacement[1:]
        elif text[start].islower() and replacement[0].isupper() and not _is_pronoun(replacement):
            # It stood first in the round trip; only a word that is no name gets here with a capital.
            replacement = replacement[0].lower() + replacement[1:]
        found.append((start, end, replacement))
    return found


def _brings_name(round_trip: str, start: int, end: int) -> bool:
    """Whether the words from start to end hold a name or a number; the first of a sentence may be one too."""
    if begins_sentence(round_trip, start) and _is_function_word(round_trip[start:end]):
        return is_protected(round_trip, start, end)
    return is_protected("x " + round_trip[start:end], 2, 2 + end - start)


def _is_function_word(words: str) -> bool:
    """Whether the first of the words is none that a name can be."""
    return re.split(r"[\s'’]", words, maxsplit=1)[0].casefold() in FUNCTION_WORDS


def _is_pronoun(words: str) -> bool:
    return re.match(r"I\b", words) is not None


def _keeps(text: str, start: int, end: int, replacement: str) -> bool:
    """Whether a replacement has the numbers, marks and brackets of what it replaces, and cuts no name and address."""
    original = text[start:end]
    if replacement[:1].isupper() and original[0].isupper() and not _is_function_word(original):
        return False  # a pronoun for what may be a name
    return (
        _values(original) == _values(replacement)
        and _marks(original) == _marks(replacement)
        and not ADDRESS.search(replacement)
        and not any(match.start() < end and match.end() > start for match in ADDRESS.finditer(text))
    )


def _values(text: str) -> list[float]:
    return sorted(item.value or 0.0 for item in numbers(text))


def _marks(text: str) -> list[str]:
    """Quotation marks, whichever way they are written, and brackets."""
    return ["“" if mark in '“”„«»"' else mark for mark in text if mark in '“”„«»"()[]']


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
