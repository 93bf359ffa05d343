"""Translations looked at before they are used: a degenerate one is asked for once more, otherwise, then given up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from backspeak.engines.base import Engine
from backspeak.engines.clauses import clauses, rejoin
from backspeak.engines.degenerate import degenerate_reason

# Of a second attempt: hypotheses looked at, and words in a part of a sentence that is cut for it.
HYPOTHESES = 4
LONGEST_PART = 16


@dataclass(frozen=True)
class CheckedTranslation:
    """Translations of one text, the best first, each with what is wrong with it (None if nothing is).

    `first_reason` says why there was a second attempt, if there was one.
    """

    hypotheses: tuple[str, ...]
    reasons: tuple[str | None, ...]
    first_reason: str | None = None

    @property
    def usable(self) -> bool:
        """Whether one of them can be used."""
        return None in self.reasons


def translate(
    engine: Engine,
    texts: Sequence[str],
    source_lang: str,
    target_lang: str,
    *,
    samples: int = 0,
    originals: Sequence[str] | None = None,
) -> list[CheckedTranslation]:
    """Translate each text, best first and `samples` more; what is degenerate in all of them, once more.

    The second attempt takes a sentence of several clauses clause by clause, and of another the best of a
    wider search. `originals` are what the texts were translated from, for the way back of a round trip:
    then a translation is held against its original, in the same language.
    """

    def looked_at(index: int, hypotheses: Sequence[str]) -> CheckedTranslation:
        if originals is None:
            reasons = [
                degenerate_reason(each, texts[index], target_lang, source_lang=source_lang) for each in hypotheses
            ]
        else:
            reasons = [
                degenerate_reason(each, originals[index], target_lang, is_round_trip=True) for each in hypotheses
            ]
        return CheckedTranslation(tuple(hypotheses), tuple(reasons))

    checked = [
        looked_at(index, hypotheses)
        for index, hypotheses in enumerate(engine.translate(texts, source_lang, target_lang, samples=samples))
    ]
    broken = [index for index, each in enumerate(checked) if not each.usable]
    if not broken:
        return checked
    again = _again(engine, [texts[index] for index in broken], source_lang, target_lang, samples)
    for index, hypotheses in zip(broken, again, strict=True):
        second = looked_at(index, hypotheses)
        reason = checked[index].reasons[0]
        if second.usable:
            # What is usable comes first, so that the best is no worse than it must be.
            order = sorted(range(len(second.hypotheses)), key=[each is not None for each in second.reasons].__getitem__)
            kept = order[: 1 + samples]
            checked[index] = CheckedTranslation(
                tuple(second.hypotheses[n] for n in kept), tuple(second.reasons[n] for n in kept), reason
            )
        else:
            checked[index] = CheckedTranslation(checked[index].hypotheses, checked[index].reasons, reason)
    return checked


def _again(engine: Engine, texts: Sequence[str], source_lang: str, target_lang: str, samples: int) -> list[list[str]]:
    parts = [[text[start:end] for start, end in clauses(text, source_lang, _words, LONGEST_PART)] for text in texts]
    flat = [part.strip() for mine in parts for part in mine]
    made = iter(engine.translate(flat, source_lang, target_lang, samples=max(samples, HYPOTHESES - 1)))
    results = []
    for mine in parts:
        translated = [next(made) for _ in mine]
        results.append([rejoin(mine, each, target_lang) for each in zip(*translated, strict=True)])
    return results


def _words(text: str) -> int:
    """Words of a text; where none are spaced, two characters count as one."""
    return max(len(text.split()), sum(character > "\u2e80" for character in text) // 2)
