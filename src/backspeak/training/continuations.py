"""Which words a language model expects after each word: the recipe of `models/unlisted/continuations.safetensors`.

The embedded base reads each word after two openings of ours, and how likely every other word is to follow
is averaged over both. Kept are, for each word, those that are both likely and likelier there than after
most words. About four minutes on one core.

    python -m backspeak.training.continuations WORK OUT
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

from backspeak.engines.gemma import LOCAL_ROTARY_BASE, GgufModel
from backspeak.evidence.unlisted import content_words
from backspeak.phrasebank.collocations import Collocations
from backspeak.phrasebank.continuations import write
from backspeak.training.collocations import frequent_words
from backspeak.training.gemma_torch import key, rotary_tables, rotate

OPENINGS = ("The results show that the", "In this paper we propose a method of")
FOLLOWERS = 64  # of one word
MIN_COUNT = 12
# In nats: rarer ones are guesses, weaker ones are after every word.
_LEAST_LIKELY, _LEAST_STRENGTH = -13.0, 1.0
_FREQUENT = 4000  # of every fourth of these words the followers stand for "after any word"
_SPACE = "\u2581"
_WORDS_AT_ONCE = 256

Past = list[tuple[torch.Tensor, torch.Tensor]]


class Reader:
    """The base with its keys and values kept, so that an opening is read once for all words."""

    def __init__(self, base: GgufModel) -> None:
        self._shape = base.shape
        self._weights = {
            key(name): torch.from_numpy(base.tensor(name).copy()).bfloat16() for name in base.layer_names()
        }
        self.embedding = torch.from_numpy(base.embeddings(range(len(base.pieces))).copy()).bfloat16()

    def read(self, tokens: torch.Tensor, past: Past | None = None) -> tuple[torch.Tensor, Past]:
        """Hidden states of (batch, length) tokens after what was read before, and what to read on from."""
        shape, (batch, length) = self._shape, tokens.shape
        before = 0 if past is None else past[0][0].shape[2]
        x = F.embedding(tokens, self.embedding) * math.sqrt(shape.hidden)
        mask = torch.ones(length, before + length, dtype=torch.bool).tril(before)
        now: Past = []
        for index in range(shape.layers):
            blk = f"blk.{index}."
            rotary = shape.rotary_base if shape.is_global(index) else LOCAL_ROTARY_BASE
            cos, sin = (each[before:].bfloat16() for each in rotary_tables(before + length, shape.head_dim, rotary))
            h = self._norm(x, blk + "attn_norm.weight")
            q, k, v = (
                self._project(h, f"{blk}attn_{name}.weight").view(batch, length, heads, shape.head_dim)
                for name, heads in (("q", shape.heads), ("k", shape.heads_kv), ("v", shape.heads_kv))
            )
            q = rotate(self._norm(q, blk + "attn_q_norm.weight").transpose(1, 2), cos, sin)
            k = rotate(self._norm(k, blk + "attn_k_norm.weight").transpose(1, 2), cos, sin)
            v = v.transpose(1, 2)
            now.append((k, v))
            if past is not None:
                k = torch.cat((past[index][0].expand(batch, -1, -1, -1), k), 2)
                v = torch.cat((past[index][1].expand(batch, -1, -1, -1), v), 2)
            repeat = shape.heads // shape.heads_kv
            k, v = (each.repeat_interleave(repeat, 1) for each in (k, v))
            a = F.scaled_dot_product_attention(q, k, v, attn_mask=mask).transpose(1, 2).reshape(batch, length, -1)
            x = x + self._norm(self._project(a, blk + "attn_output.weight"), blk + "post_attention_norm.weight")
            h = self._norm(x, blk + "ffn_norm.weight")
            gate = F.gelu(self._project(h, blk + "ffn_gate.weight"), approximate="tanh")
            h = self._project(gate * self._project(h, blk + "ffn_up.weight"), blk + "ffn_down.weight")
            x = x + self._norm(h, blk + "post_ffw_norm.weight")
        return self._norm(x, "output_norm.weight"), now

    def _norm(self, x: torch.Tensor, name: str) -> torch.Tensor:
        return F.rms_norm(x, (x.shape[-1],), self._weights[key(name)], self._shape.rms_epsilon)

    def _project(self, x: torch.Tensor, name: str) -> torch.Tensor:
        return F.linear(x, self._weights[key(name)])


@torch.inference_mode()
def expectations(reader: Reader, openings: Sequence[Sequence[int]], words: Sequence[int]) -> np.ndarray:
    """Log-probability of each word after each one, all of one token, float16 of (words, words)."""
    pasts = [reader.read(torch.tensor([list(opening)]))[1] for opening in openings]
    output = reader.embedding[torch.tensor(list(words))]
    found = np.zeros((len(words), len(words)), np.float16)
    for start in range(0, len(words), _WORDS_AT_ONCE):
        tokens = torch.tensor(words[start : start + _WORDS_AT_ONCE])[:, None]
        shares = torch.stack(
            [F.softmax(F.linear(reader.read(tokens, past)[0][:, -1], output).float(), -1) for past in pasts]
        ).sum(0)
        found[start : start + len(tokens)] = torch.log(shares / len(pasts) + 1e-9).half().numpy()
    return found


def strongest(likely: np.ndarray, usual: np.ndarray, allowed: np.ndarray) -> list[tuple[int, float]]:
    """The FOLLOWERS of one word, with their strengths: its row, the row of any word, and which may stand there."""
    strength = likely.astype(np.float32) - usual
    rank = np.where(allowed & (likely > _LEAST_LIKELY) & (strength >= _LEAST_STRENGTH), likely + strength, -np.inf)
    best = np.argsort(-rank, kind="stable")[:FOLLOWERS]
    return [(int(number), float(strength[number])) for number in best if np.isfinite(rank[number])]


def main() -> None:
    """Ask the base and write the table."""
    from backspeak.engines import bundled

    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("work", type=Path, help="a folder for the base model as one file")
    parser.add_argument("out", type=Path)
    arguments = parser.parse_args()
    path, _ = bundled.training_base(arguments.work)
    base = GgufModel(path)
    collocations = Collocations.load()
    ids = {piece.text: index for index, piece in enumerate(base.pieces)}
    words = [word for word in frequent_words(collocations, MIN_COUNT) if _SPACE + word in ids]
    # Each word of an opening is one token.
    openings = [[ids["<bos>"], *(ids[word] for word in _pieces(opening))] for opening in OPENINGS]
    likely = expectations(Reader(base), openings, [ids[_SPACE + word] for word in words])
    frequent = np.argsort([-collocations.count([word]) for word in words], kind="stable")[:_FREQUENT:4]
    usual = np.log(np.exp(likely[frequent].astype(np.float32)).mean(0) + 1e-12)
    content = np.array([bool(content_words(word)) for word in words])
    followers = [
        strongest(row, usual, content) if mine else [] for row, mine in zip(likely, content.tolist(), strict=True)
    ]
    write(arguments.out, words, followers)
    print(f"{len(words):,} words, {arguments.out.stat().st_size:,} bytes")


def _pieces(opening: str) -> list[str]:
    first, *others = opening.split()
    return [first, *(_SPACE + word for word in others)]


if __name__ == "__main__":
    main()
