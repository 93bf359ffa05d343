"""A prepared decoder-only model: scoring and continuing text.

Two SentencePiece vocabularies serve one model. `text` holds the tokens that the output layer can
score; `prompt` holds those first, in the same order, and more languages behind them, for input
that is only read.
"""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import sentencepiece

from backspeak.engines import generator, scorer

# A forward pass returns a float for each token of the vocabulary at each position.
_SCORED_TOKENS_AT_ONCE = 256

# The attention window of the base model. With attention to everything it loses its way in longer text:
# a licence text costs 3 nats a token up to here and 6 beyond.
_WINDOW = 512

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


@dataclass(frozen=True)
class _Window:
    """Tokens to be read at once, of which the last `scored` ones belong to the text and are new."""

    text: int
    tokens: list[int]
    scored: int
    last: bool


class Decoder:
    """A prepared model with its vocabularies. Results do not depend on the batch.

    The graph that writes is opened when it is first asked, and not all models have one.
    """

    def __init__(self, folder: Path, threads: int = 0) -> None:
        # What is computed at once is small: a core for each serves better than all for one.
        self._workers = threads or os.cpu_count() or 1
        self._scorer = scorer.Scorer(folder / scorer.NAME)
        self._text = sentencepiece.SentencePieceProcessor(model_file=str(folder / "text.model"))
        self._writer_path = folder / generator.NAME
        self._writer: generator.Generator | None = None
        prompt = folder / "prompt.model"
        self._prompt = sentencepiece.SentencePieceProcessor(model_file=str(prompt)) if prompt.exists() else self._text

    def count_tokens(self, text: str) -> int:
        """Length of a text in tokens."""
        return len(self._encode("", text)[1])

    def _encode(self, prompt: str, text: str) -> tuple[list[int], list[int]]:
        prompt, text = prompt.replace(_SPACE, "_"), text.replace(_SPACE, "_")
        head = [self._text.bos_id(), *(self._prompt.encode(prompt) if prompt else [])]
        return head, self._text.encode(text)

    def continuations(
        self,
        prompts: Sequence[str],
        *,
        max_tokens: Sequence[int],
        beam_size: int,
        hypotheses: int,
        end_token: str = "<eos>",
    ) -> list[list[str]]:
        """Continue each prompt up to the end token: the best `hypotheses` of a beam search, best first."""
        heads = [self._encode(prompt, "")[0] for prompt in prompts]
        if self._writer is None:
            self._writer = generator.Generator(self._writer_path, self._workers)
        end = self._text.piece_to_id(end_token)
        outputs = self._writer.generate(heads, max_tokens, end=end, beam_size=beam_size, hypotheses=hypotheses)
        return [[self._text.decode(ids).strip() for ids in best] for best in outputs]

    def log_probabilities(
        self, prompts: Sequence[str], texts: Sequence[str], groups: Sequence[int] | None = None
    ) -> np.ndarray:
        """Log-probability (nats) of each text after its prompt, as an array of one float a text.

        Only for prompts in the languages of the text vocabulary. Prompts and texts with the same group, one number
        each, are read together, what they begin with only once; by itself each one without. The result depends,
        by rounding, on the others of the group, and on nothing else.
        """
        windows = self._windows(prompts, texts)
        members: dict[int, list[int]] = defaultdict(list)
        for index, window in enumerate(windows):
            members[window.text if groups is None else groups[window.text]].append(index)

        def score(indices: list[int]) -> list[float]:
            return self._scorer.totals([windows[i].tokens for i in indices], [windows[i].scored for i in indices])

        totals = np.zeros(len(texts))
        for indices, scores in self._on_all_cores(score, members.values()):
            for i, score_of_window in zip(indices, scores, strict=True):
                totals[windows[i].text] += score_of_window
        return totals

    def token_scores(
        self, prompts: Sequence[str], texts: Sequence[str], progress: Callable[[int], None] | None = None
    ) -> list[TokenScores]:
        """Score every token of each text after its prompt (any language of the prompt vocabulary)."""
        windows = self._windows(prompts, texts)
        measured: list[list[np.ndarray]] = [[] for _ in windows]

        def measure(indices: list[int]) -> list[list[np.ndarray]]:
            scored = [windows[i].scored for i in indices]
            logits = self._scorer.logits(np.array([windows[i].tokens for i in indices]), scored)
            return [
                _measure(rows, windows[i].tokens[len(windows[i].tokens) - windows[i].scored :])
                for rows, i in zip(logits, indices, strict=True)
            ]

        groups = _alike([len(each.tokens) for each in windows], lambda n: _SCORED_TOKENS_AT_ONCE // n)
        for indices, outputs in self._on_all_cores(measure, groups):
            for i, arrays in zip(indices, outputs, strict=True):
                measured[i] = arrays
            if progress is not None:
                progress(sum(windows[i].last for i in indices))
        results: list[list[list[np.ndarray]]] = [[] for _ in texts]
        for window, mine in zip(windows, measured, strict=True):
            results[window.text].append(mine)
        return [
            TokenScores(
                *self._offsets(text.replace(_SPACE, "_")),
                *(np.concatenate(parts) for parts in zip(*mine, strict=True)),
            )
            for text, mine in zip(texts, results, strict=True)
        ]

    def _on_all_cores(
        self, work: Callable[[list[int]], Any], groups: Iterable[list[int]]
    ) -> Iterator[tuple[list[int], Any]]:
        """`work` on each group, several at once; results in the order of the groups."""
        groups = list(groups)
        with ThreadPoolExecutor(self._workers) as pool:
            yield from zip(groups, pool.map(work, groups), strict=True)

    def _windows(self, prompts: Sequence[str], texts: Sequence[str]) -> list[_Window]:
        """What the model is to read so that every token of every text is scored once, in order."""
        windows = []
        for index, (prompt, text) in enumerate(zip(prompts, texts, strict=True)):
            head, tail = self._encode(prompt, text)
            if not tail:
                head = head[:1]
            tokens = [*head, *tail]
            if len(tokens) <= _WINDOW:
                windows.append(_Window(index, tokens, len(tail), True))
                continue
            # Half of each window is new, the other half is what goes before it.
            for start in range(len(head), len(tokens), _WINDOW // 2):
                end = min(start + _WINDOW // 2, len(tokens))
                before = max(1, end - _WINDOW + 1)
                windows.append(_Window(index, [head[0], *tokens[before:end]], end - start, end == len(tokens)))
        return windows

    def _offsets(self, text: str) -> tuple[np.ndarray, np.ndarray]:
        """Code-point offsets of the tokens; a character cut into bytes belongs to its last byte."""
        last_byte = np.cumsum([len(character.encode()) for character in text])
        sizes = [
            1 if self._text.is_byte(token) else len(self._text.id_to_piece(token).replace(_SPACE, " ").encode())
            for token in self._text.encode(text)
        ]
        ends = np.searchsorted(last_byte, np.cumsum(sizes), side="right")
        return np.concatenate(([0], ends))[:-1].astype(int), ends.astype(int)


def _measure(logits: np.ndarray, tokens: list[int]) -> list[np.ndarray]:
    """Log-probability and rank of each token and the entropy of its place, from one row of logits each."""
    chosen = logits[np.arange(len(tokens)), tokens]
    shifted = logits - logits.max(axis=1, keepdims=True)
    exponent = np.exp(shifted)
    total = exponent.sum(axis=1)
    return [
        shifted[np.arange(len(tokens)), tokens] - np.log(total),
        (logits > chosen[:, None]).sum(axis=1),
        np.log(total) - (exponent * shifted).sum(axis=1) / total,
    ]


def _alike(keys: Sequence[Any], most: Callable[[Any], int]) -> Iterator[list[int]]:
    """Indices grouped by equal keys, the greatest first, in batches of at most `most(key)`, one at least."""
    by_key: dict[Any, list[int]] = defaultdict(list)
    for index, key in enumerate(keys):
        by_key[key].append(index)
    for key in sorted(by_key, reverse=True):
        size = max(1, most(key))
        members = by_key[key]
        for start in range(0, len(members), size):
            yield members[start : start + size]
