"""A prepared decoder-only model in CTranslate2: scoring and continuing text.

Two SentencePiece vocabularies serve one model. `text` holds the tokens that the output layer can
score; `prompt` holds those first, in the same order, and more languages behind them, for input
that is only read.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import ctranslate2
import numpy as np
import sentencepiece

# A forward pass returns a float for each token of the vocabulary at each position.
_SCORED_TOKENS_AT_ONCE = 1024
_SEQUENCE_TOKENS_AT_ONCE = 4096

# SentencePiece writes a space as this character; one in the input would read as a space.
_SPACE = "\u2581"


@dataclass(frozen=True)
class TokenScores:
    """The model's opinion of a text, token by token; every array has one entry a token.

    `starts` and `ends` are code-point offsets into the text, `log_probability` is in nats,
    `rank` counts from 0 (the likeliest token), `entropy` is that of the place, in nats.
    """

    starts: np.ndarray
    ends: np.ndarray
    log_probability: np.ndarray
    rank: np.ndarray
    entropy: np.ndarray


class Decoder:
    """One CTranslate2 generator with its vocabularies. Results do not depend on the batch."""

    def __init__(self, folder: Path, threads: int = 0) -> None:
        self._generator = ctranslate2.Generator(
            str(folder), device="cpu", compute_type="int8", inter_threads=1, intra_threads=threads
        )
        self._text = sentencepiece.SentencePieceProcessor(model_file=str(folder / "text.model"))
        prompt = folder / "prompt.model"
        self._prompt = sentencepiece.SentencePieceProcessor(model_file=str(prompt)) if prompt.exists() else self._text

    def count_tokens(self, text: str) -> int:
        """Length of a text in tokens."""
        return len(self._text.encode(text))

    def _encode(self, prompt: str, text: str) -> tuple[list[int], list[int]]:
        prompt, text = prompt.replace(_SPACE, "_"), text.replace(_SPACE, "_")
        head = [self._text.bos_id(), *(self._prompt.encode(prompt) if prompt else [])]
        return head, self._text.encode(text)

    def continuations(
        self, prompts: Sequence[str], *, max_tokens: Sequence[int], beam_size: int, hypotheses: int
    ) -> list[list[str]]:
        """Continue each prompt up to the end token: the best `hypotheses` of a beam search, best first."""
        heads = [self._encode(prompt, "")[0] for prompt in prompts]
        results: list[list[str]] = [[] for _ in prompts]
        for indices in _equal_lengths([len(head) for head in heads], _SEQUENCE_TOKENS_AT_ONCE // (2 * beam_size)):
            outputs = self._generator.generate_batch(
                [[self._prompt.id_to_piece(token) for token in heads[i]] for i in indices],
                max_length=max(max_tokens[i] for i in indices),
                beam_size=beam_size,
                num_hypotheses=hypotheses,
                include_prompt_in_result=False,
                end_token="<eos>",
            )
            for i, output in zip(indices, outputs, strict=True):
                results[i] = [self._text.decode(ids[: max_tokens[i]]).strip() for ids in output.sequences_ids]
        return results

    def log_probabilities(self, prompts: Sequence[str], texts: Sequence[str]) -> np.ndarray:
        """Log-probability (nats) of each text after its prompt, as an array of one float a text.

        Only for prompts in the languages of the text vocabulary. CTranslate2 scores a batch
        wrongly unless all its sequences have the same length, so batches are of equal length.
        """
        pairs = [self._encode(prompt, text) for prompt, text in zip(prompts, texts, strict=True)]
        totals = np.zeros(len(pairs))
        lengths = [len(head) + len(tail) for head, tail in pairs]
        for indices in _equal_lengths(lengths, _SEQUENCE_TOKENS_AT_ONCE):
            sequences = [[self._text.id_to_piece(token) for token in (*pairs[i][0], *pairs[i][1])] for i in indices]
            for i, scored in zip(indices, self._generator.score_batch(sequences), strict=True):
                totals[i] = float(sum(scored.log_probs[len(pairs[i][0]) - 1 :]))
        return totals

    def token_scores(
        self, prompts: Sequence[str], texts: Sequence[str], progress: Callable[[int], None] | None = None
    ) -> list[TokenScores]:
        """Score every token of each text after its prompt (any language of the prompt vocabulary)."""
        pairs = [self._encode(prompt, text) for prompt, text in zip(prompts, texts, strict=True)]
        results: list[TokenScores | None] = [None] * len(pairs)
        lengths = [len(head) + len(tail) for head, tail in pairs]
        for indices in _equal_lengths(lengths, _SCORED_TOKENS_AT_ONCE):
            logits = np.asarray(self._generator.forward_batch([[*pairs[i][0], *pairs[i][1]] for i in indices]))
            for row, i in enumerate(indices):
                head, tail = pairs[i]
                # The logits at a position are about the token after it.
                places = logits[row, len(head) - 1 : len(head) - 1 + len(tail)]
                results[i] = self._score(texts[i], tail, places)
            if progress is not None:
                progress(len(indices))
        return [result for result in results if result is not None]

    def _score(self, text: str, tokens: list[int], logits: np.ndarray) -> TokenScores:
        starts, ends = self._offsets(text.replace(_SPACE, "_"))
        chosen = logits[np.arange(len(tokens)), tokens]
        shifted = logits - logits.max(axis=1, keepdims=True)
        exponent = np.exp(shifted)
        total = exponent.sum(axis=1)
        return TokenScores(
            starts=starts,
            ends=ends,
            log_probability=shifted[np.arange(len(tokens)), tokens] - np.log(total),
            rank=(logits > chosen[:, None]).sum(axis=1),
            entropy=np.log(total) - (exponent * shifted).sum(axis=1) / total,
        )

    def _offsets(self, text: str) -> tuple[np.ndarray, np.ndarray]:
        """Code-point offsets of the tokens; a character cut into bytes belongs to its last byte."""
        last_byte = np.cumsum([len(character.encode()) for character in text])
        sizes = [
            1 if self._text.is_byte(token) else len(self._text.id_to_piece(token).replace(_SPACE, " ").encode())
            for token in self._text.encode(text)
        ]
        ends = np.searchsorted(last_byte, np.cumsum(sizes), side="right")
        return np.concatenate(([0], ends[:-1])).astype(int), ends.astype(int)


def _equal_lengths(lengths: Sequence[int], tokens_at_once: int) -> Iterator[list[int]]:
    """Indices grouped by exact length, in batches of at most `tokens_at_once` tokens."""
    by_length: dict[int, list[int]] = defaultdict(list)
    for index, length in enumerate(lengths):
        by_length[length].append(index)
    for length in sorted(by_length, reverse=True):
        size = max(1, tokens_at_once // max(1, length))
        members = by_length[length]
        for start in range(0, len(members), size):
            yield members[start : start + size]
