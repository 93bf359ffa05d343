"""Contrast: how much better is another wording of the same meaning?

How likely a word is says little by itself, since rare is not wrong. How much likelier the text
becomes when only these words change (gain), while the pivot stays as likely a translation of it
(guard), says a lot.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from backspeak.data import Proposal
from backspeak.engines.decoder import Decoder
from backspeak.engines.translation import prompt
from backspeak.evidence.round_trip import apply


def weigh(
    texts: Sequence[str],
    proposals: Sequence[Sequence[Proposal]],
    pivot_texts: Sequence[str | None],
    language_model: Decoder,
    translator: Decoder | None,
    pivot: str,
) -> list[list[Proposal]]:
    """Fill in gain, pivot_gain and guard of every proposal; all texts of a batch at once.

    `pivot_texts` holds the pivot translation of each text, None where there is none to trust.
    """
    changed = [[text, *(apply(text, each) for each in mine)] for text, mine in zip(texts, proposals, strict=True)]
    jobs = [(i, variant) for i, variants in enumerate(changed) if len(variants) > 1 for variant in variants]
    spoken = _scores(language_model, [("", variant) for _, variant in jobs])
    given: np.ndarray = np.zeros(len(jobs))
    guard: np.ndarray = np.zeros(len(jobs))
    if translator is not None:
        there = [(pivot_texts[i] or "", variant) for i, variant in jobs]
        both_ways = [(prompt(pivot, said, "en"), " " + variant) if said else None for said, variant in there] + [
            (prompt("en", variant, pivot), " " + said) if said else None for said, variant in there
        ]
        known = [job for job in both_ways if job is not None]
        scored = iter(_scores(translator, known))
        filled = np.array([next(scored) if job is not None else 0.0 for job in both_ways])
        given, guard = filled[: len(jobs)], filled[len(jobs) :]
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
                    guard=float(guard[at + n] - guard[at]),
                )
                for n, each in enumerate(mine, start=1)
            ]
        )
        at += len(mine) + 1
    return weighed


def _scores(decoder: Decoder, jobs: Sequence[tuple[str, str]]) -> np.ndarray:
    return decoder.log_probabilities([job[0] for job in jobs], [job[1] for job in jobs])
