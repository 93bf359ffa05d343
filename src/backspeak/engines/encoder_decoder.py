"""Searching with an encoder-decoder model of CTranslate2: pieces in, pieces out, the same in any batch.

Padding changes results (CTranslate2 4.8, measured): of 36 inputs to a model of OPUS-MT's size
(random weights), 26 got another score in a mixed batch than alone and 2 got other words. In batches
of equal length all 36 kept their score to the last bit, at the same speed, so a batch holds inputs
of one length.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import ctranslate2

from backspeak.errors import ModelError

BEAM_SIZE = 4

# The size of a batch costs memory only: the output layer holds a score a vocabulary entry for each beam.
_BATCH_EXAMPLES = 32
_BATCH_TOKENS = 2048

Pieces = Sequence[str]


def load(folder: Path, origin: str, threads: int) -> ctranslate2.Translator:
    """The converted model in `folder`; ModelError naming its `origin` if it cannot be loaded."""
    try:
        return ctranslate2.Translator(str(folder), device="cpu", intra_threads=threads)
    except RuntimeError as error:
        raise ModelError(f"{origin} cannot be loaded from {folder}: {error}") from error


def limits(length: int, positions: int) -> dict[str, Any]:
    """Room for any real translation of `length` pieces, while a loop is stopped long before the last position."""
    return {"max_input_length": 0, "max_decoding_length": min(positions, 3 * length + 32), "disable_unk": True}


def search(
    translator: ctranslate2.Translator,
    inputs: Sequence[Pieces],
    *,
    positions: int,
    prefix: Pieces = (),
    hypotheses: int = 1,
) -> list[list[list[str]]]:
    """The `hypotheses` best outputs of each input by beam search, best first, without the `prefix` each begins with."""
    by_length: dict[int, list[int]] = defaultdict(list)
    for index, pieces in enumerate(inputs):
        by_length[len(pieces)].append(index)
    found: list[list[list[str]]] = [[] for _ in inputs]
    for length, indices in sorted(by_length.items()):
        step = max(1, min(_BATCH_EXAMPLES, _BATCH_TOKENS // length))
        for start in range(0, len(indices), step):
            batch = indices[start : start + step]
            results = translator.translate_batch(
                [list(inputs[index]) for index in batch],
                target_prefix=[list(prefix) for _ in batch] if prefix else None,
                beam_size=max(BEAM_SIZE, hypotheses),
                num_hypotheses=hypotheses,
                **limits(length, positions),
            )
            for index, result in zip(batch, results, strict=True):
                found[index] = [tokens[len(prefix) :] for tokens in result.hypotheses]
    return found
