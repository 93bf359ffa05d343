"""How likely each word is: by itself, and given the source or the pivot translation."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from backspeak.data import Findings
from backspeak.engines.decoder import Decoder, TokenScores


def add(
    findings: Sequence[Findings], decoder: Decoder, name: str = "alone", prompts: Sequence[str] | None = None
) -> None:
    """Add the word likelihoods of each text after its prompt (after none by default), under names that begin so."""
    prompts = [""] * len(findings) if prompts is None else prompts
    texts = [(" " if before else "") + each.segment.text for each, before in zip(findings, prompts, strict=True)]
    for each, text, scores in zip(findings, texts, decoder.token_scores(prompts, texts), strict=True):
        gathered = by_word(each.words, scores, len(text) - len(each.segment.text))
        each.likelihood |= {f"{name}_{key}": values for key, values in gathered.items()}


def by_word(words: list[tuple[int, int]], scores: TokenScores, shift: int = 0) -> dict[str, np.ndarray]:
    """Token scores gathered by word; each array has one float a word, NaN where no token overlaps.

    `shift` is the number of characters that were put before the text when it was scored.
    Keys: `total` and `least` log-probability (nats), `rank` (log1p of the worst rank), `entropy`
    (nats, at the word's first token), `tokens` (how many).
    """
    names = ("total", "least", "rank", "entropy", "tokens")
    gathered = {name: np.full(len(words), np.nan) for name in names}
    starts, ends = scores.starts - shift, scores.ends - shift
    for index, (start, end) in enumerate(words):
        inside = np.flatnonzero(
            (ends > start) & (starts < end) & (ends > starts) | (ends == starts) & (starts >= start) & (starts < end)
        )
        if not len(inside):
            continue
        log_probability = scores.log_probability[inside]
        gathered["total"][index] = log_probability.sum()
        gathered["least"][index] = log_probability.min()
        gathered["rank"][index] = np.log1p(scores.rank[inside].max())
        gathered["entropy"][index] = scores.entropy[inside[0]]
        gathered["tokens"][index] = len(inside)
    return gathered
