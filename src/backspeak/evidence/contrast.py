"""Contrast: how much better is another wording of the same meaning?

How likely a word is says little by itself, since rare is not wrong. How much likelier the text
becomes when only these words change (gain), while the pivot stays as likely a translation of it
(guard), says a lot.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from backspeak.data import BackTranslation, Proposal
from backspeak.engines.decoder import Decoder
from backspeak.engines.translation import prompt
from backspeak.evidence.round_trip import apply


@dataclass(frozen=True)
class PivotTexts:
    """What one pivot made of each text of a batch (None: not to be trusted), and its translator if there is one."""

    pivot: str
    texts: Sequence[str | None]
    translator: Decoder | None

    @classmethod
    def of(
        cls, pivot: str, back_translations: Sequence[Sequence[BackTranslation]], translator: Decoder | None
    ) -> PivotTexts:
        """Those of the round trips of each text: the first that can be used."""
        usable = [next((one.translation for one in each if not one.degenerate), None) for each in back_translations]
        return cls(pivot, usable, translator)


def weigh(
    texts: Sequence[str],
    proposals: Sequence[Sequence[Proposal]],
    language_model: Decoder,
    pivots: Sequence[PivotTexts] = (),
    *,
    guard_all: bool = False,
) -> list[list[Proposal]]:
    """The proposals of each text with gain, pivot gain and guard filled in; the latter two are 0 without a translator.

    Pivot gain and guard are means over the pivots that know the text, whichever of them made the proposal. The
    guard, which costs twice as much as both gains, is taken of likelier texts alone, for no other is ever advice,
    and is 0 for the others; with `guard_all` it is taken of every text.
    """
    changed = [[text, *(apply(text, each) for each in mine)] for text, mine in zip(texts, proposals, strict=True)]
    jobs = [(i, variant) for i, variants in enumerate(changed) if len(variants) > 1 for variant in variants]
    spoken = _scores(language_model, [("", variant) for _, variant in jobs], [i for i, _ in jobs])
    likelier = np.ones(len(jobs), bool) if guard_all else _likelier(jobs, spoken)
    given, guard = np.zeros(len(jobs)), np.zeros(len(jobs))
    known = np.zeros(len(jobs))
    for behind in pivots:
        if behind.translator is None:
            continue
        mine_given, mine_guard, mine_known = _both_ways(jobs, likelier, behind, behind.translator)
        given, guard, known = given + mine_given, guard + mine_guard, known + mine_known
    given, guard = given / np.maximum(known, 1), guard / np.maximum(known, 1)
    weighed: list[list[Proposal]] = []
    at = 0
    for mine in proposals:
        if not mine:
            weighed.append([])
            continue
        weighed.append(
            [
                replace(
                    each,
                    gain=float(spoken[at + n] - spoken[at]),
                    pivot_gain=float(given[at + n] - given[at]),
                    guard=float(guard[at + n] - guard[at]) if likelier[at + n] else 0.0,
                )
                for n, each in enumerate(mine, start=1)
            ]
        )
        at += len(mine) + 1
    return weighed


def _likelier(jobs: Sequence[tuple[int, str]], spoken: np.ndarray) -> np.ndarray:
    """Which variants are likelier than the first of their text; that one too, if any is."""
    first: dict[int, int] = {}
    chosen = np.zeros(len(jobs), bool)
    for n, (text, _) in enumerate(jobs):
        original = first.setdefault(text, n)
        if spoken[n] > spoken[original]:
            chosen[[original, n]] = True
    return chosen


def _both_ways(
    jobs: Sequence[tuple[int, str]], likelier: np.ndarray, behind: PivotTexts, translator: Decoder
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Of each variant given the pivot text, of the pivot text given a likelier one (nats), and whether there is one."""
    pivot, there = behind.pivot, [(behind.texts[i] or "", variant) for i, variant in jobs]
    known = [n for n, (said, _) in enumerate(there) if said]
    back = [(prompt(pivot, there[n][0], "en"), " " + there[n][1]) for n in known]
    guarded = [n for n in known if likelier[n]]
    out = [(prompt("en", there[n][1], pivot), " " + there[n][0]) for n in guarded]
    # Either way, the wordings of one text begin alike.
    groups = [2 * jobs[n][0] for n in known] + [2 * jobs[n][0] + 1 for n in guarded]
    scored = _scores(translator, [*back, *out], groups)
    given, guard, is_known = np.zeros(len(jobs)), np.zeros(len(jobs)), np.zeros(len(jobs))
    given[known], guard[guarded], is_known[known] = scored[: len(known)], scored[len(known) :], 1.0
    return given, guard, is_known


def _scores(decoder: Decoder, jobs: Sequence[tuple[str, str]], groups: Sequence[int]) -> np.ndarray:
    return decoder.log_probabilities([job[0] for job in jobs], [job[1] for job in jobs], groups)
