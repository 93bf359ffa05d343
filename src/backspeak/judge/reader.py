"""One network that reads a text, with its source or without, and has an opinion on each word and on the whole.

A BERT reads `<s> text </s>` or `<s> text </s> source </s>`. Its last hidden states go
through two small heads, computed here in numpy: one over the mean of each word's pieces, one over
the mean of the text and the first token (Devlin et al. 2019; heads as in OpenKiwi, Kepler et al. 2019).
"""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from backspeak import resources
from backspeak.engines import prepared
from backspeak.errors import ModelError
from backspeak.judge.pieces import Pieces, cut, read_pieces
from backspeak.judge.trees import logistic

# Raise when this code prepares the same weights differently.
_FORMAT = "1"

# Text and source are cut here, in pieces: there are 512 positions. Training saw up to 150 of each.
_MAX_TEXT, _MAX_SOURCE = 250, 250
# More is no faster, and the longest texts of a large run would then take 30 MB more than those of a small one.
_TOKENS_AT_ONCE = 1536


@dataclass(frozen=True)
class Opinion:
    """What the encoder says of one text.

    `bad` and `gap` have one logit a word (wrong; something missing before it), NaN beyond the part
    that was read. `quality` is the expected human score in standard deviations, `edits` the share
    to be edited (HTER), `distance` the share that no other translation supports, `error` the logit
    of any real error.
    """

    bad: np.ndarray
    gap: np.ndarray
    quality: float
    edits: float
    distance: float
    error: float


class Reader:
    """One CTranslate2 encoder with its heads. Results do not depend on the batch.

    `folder` holds `weights` (safetensors) and `vocabulary` (see `judge.pieces.read_pieces`).
    """

    def __init__(
        self,
        folder: Path,
        weights: str,
        vocabulary: str,
        threads: int = 0,
        progress: Callable[[int, int, str], None] | None = None,
    ) -> None:
        import ctranslate2

        self._pieces = read_pieces(folder / vocabulary)
        ready = _prepared(folder, weights, vocabulary, self._pieces, progress or (lambda done, total, what: None))
        self._workers = threads or os.cpu_count() or 1
        self._model = ctranslate2.Encoder(
            str(ready), device="cpu", compute_type="int8", inter_threads=self._workers, intra_threads=1
        )
        from backspeak.judge.bert import BertWeights

        stored = BertWeights(folder / weights)
        self._heads = {
            f"{head}.{part}": stored.tensor(f"{head}.{part}")
            for head in ("word_in", "word_out", "text_in", "text_out")
            for part in ("weight", "bias")
        }

    def opinions(
        self, texts: Sequence[str], words: Sequence[Sequence[tuple[int, int]]], sources: Sequence[str | None]
    ) -> list[Opinion]:
        """One opinion a text, in order; `words` are the offsets to be judged, `sources` may be None."""
        read = [self._read(text, spans, source) for text, spans, source in zip(texts, words, sources, strict=True)]
        by_length: dict[int, list[int]] = defaultdict(list)
        for index, (tokens, _) in enumerate(read):
            by_length[len(tokens)].append(index)
        batches = []
        for length, members in sorted(by_length.items()):
            at_once = max(1, _TOKENS_AT_ONCE // length)
            batches += [members[start : start + at_once] for start in range(0, len(members), at_once)]
        opinions: list[Opinion | None] = [None] * len(texts)

        def run(batch: list[int]) -> None:
            output = self._model.forward_batch([read[index][0] for index in batch])
            hidden = np.array(output.last_hidden_state)
            for row, index in enumerate(batch):
                opinions[index] = self._opinion(hidden[row], read[index][1], len(words[index]))

        with ThreadPoolExecutor(self._workers) as pool:
            list(pool.map(run, batches))
        return [opinion for opinion in opinions if opinion is not None]

    def _read(self, text: str, words: Sequence[tuple[int, int]], source: str | None) -> tuple[list[int], np.ndarray]:
        """Token ids, and the word number of each piece of the text."""
        pieces, owners = cut(self._pieces, text, words, _MAX_TEXT)
        tokens = [self._pieces.begin, *pieces, self._pieces.end]
        if source:
            tokens += [*self._pieces.source(source, _MAX_SOURCE), self._pieces.end]
        return tokens, owners

    def _opinion(self, hidden: np.ndarray, owners: np.ndarray, count: int) -> Opinion:
        heads = self._heads
        own = hidden[1 : 1 + len(owners)]
        bad, gap = np.full(count, np.nan), np.full(count, np.nan)
        if len(owners):
            starts = np.flatnonzero(np.diff(owners, prepend=-1))
            sizes = np.diff([*starts, len(owners)])
            states = np.add.reduceat(own, starts, axis=0) / sizes[:, None]
            logits = _linear(_gelu(_linear(states, heads, "word_in")), heads, "word_out")
            bad[: len(starts)], gap[: len(starts)] = logits[:, 0], logits[:, 1]
            mean = own.mean(axis=0)
        else:
            mean = hidden[0]
        whole = _linear(np.tanh(_linear(np.concatenate([mean, hidden[0]]), heads, "text_in")), heads, "text_out")
        return Opinion(bad, gap, float(whole[0]), float(logistic(whole[1])), float(logistic(whole[2])), float(whole[3]))


def _linear(rows: np.ndarray, heads: dict[str, np.ndarray], name: str) -> np.ndarray:
    return rows @ heads[f"{name}.weight"].T + heads[f"{name}.bias"]


def _gelu(values: np.ndarray) -> np.ndarray:
    """GELU by its tanh approximation (Hendrycks and Gimpel 2016), within .001 of the exact one."""
    return 0.5 * values * (1.0 + np.tanh(0.7978845608028654 * (values + 0.044715 * values**3)))


def _prepared(
    folder: Path, weights: str, vocabulary: str, pieces: Pieces, progress: Callable[[int, int, str], None]
) -> Path:
    """Folder of the CTranslate2 model of the shipped weights, made at first use and cached."""
    from backspeak.judge import bert

    files = {name: resources.sha256(folder / name) for name in (weights, vocabulary)}
    expected = _listed(folder)
    for name, found in files.items():
        if expected and expected.get(name) != found:
            raise ModelError(f"{folder / name} is damaged; reinstall backspeak")
    name = Path(weights).stem
    target = prepared.place("judge", name, _FORMAT, *files.values())
    if target.exists() and prepared.damage(target) is None:
        return target

    def fill(fresh: Path) -> dict[str, str]:
        stored = bert.BertWeights(folder / weights)
        layers = iter(range(1, stored.shape.layers + 1))
        bert.write_ctranslate2(
            stored,
            pieces.tokens(),
            fresh,
            lambda: progress(next(layers), stored.shape.layers, "preparing the judge"),
        )
        return {"name": f"judge-{name}"}

    prepared.build(target, "the judge", fill)
    return target


def _listed(folder: Path) -> dict[str, str]:
    """Checksums of the shipped judge's files; none for a judge from elsewhere (training, tests)."""
    if folder != resources.models_dir() / "judge":
        return {}
    return {name: file["sha256"] for name, file in resources.model_entry("judge")["files"].items()}
