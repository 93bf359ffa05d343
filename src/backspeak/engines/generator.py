"""Continuing prompts with beam search: texts of any length side by side, a new one where one has ended.

The weights are read once for all texts in work, so a step of forty costs little more than a step of
one; and since every row has the same result in any company (see gemma_onnx), it does not matter
which texts these are. Prompts are read in groups of equal length, into the places that are free.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np

from backspeak.engines.gemma_onnx import GENERATOR, ROOM

NAME = GENERATOR

# Rows of a step, and tokens that their caches have room for: 37 KB each for the embedded model, of which
# the system gives only what is written to.
_ROWS = 64
_CACHED = 12_288
# Prompts are read when so large a part of the places is free, and so many tokens at once.
_FREE = 0.125
_READ_AT_ONCE = 1024


class Generator:
    """A generator graph of `gemma_onnx.write_onnx`; its texts are shared out to `threads` cores."""

    def __init__(self, path: Path, threads: int) -> None:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 3
        self._session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
        self._caches = [each for each in self._session.get_inputs() if len(each.shape) == 4]
        self._threads = threads

    def generate(
        self, prompts: Sequence[Sequence[int]], limits: Sequence[int], *, end: int, beam_size: int, hypotheses: int
    ) -> list[list[list[int]]]:
        """The best `hypotheses` of each prompt, best first, as tokens without `end`, which ends them.

        `limits` are the most tokens of each. Raises ValueError where a prompt and its limit are longer
        than the model can read.
        """
        room = [len(prompt) + limit for prompt, limit in zip(prompts, limits, strict=True)]
        if max(room, default=0) > ROOM:
            raise ValueError(f"a prompt and its continuation may have {ROOM} tokens together, not {max(room)}")
        searches = [_Search(prompt, limit, beam_size, end) for prompt, limit in zip(prompts, limits, strict=True)]
        # The longest first, so that the caches made for them serve the others.
        order = sorted(range(len(searches)), key=lambda i: -room[i])
        shares = [share for first in range(self._threads) if (share := order[first :: self._threads])]
        with ThreadPoolExecutor(self._threads) as pool:
            list(
                pool.map(
                    lambda share: _Pool(self, beam_size, room[share[0]], len(share)).work([searches[i] for i in share]),
                    shares,
                )
            )
        return [search.best(hypotheses) for search in searches]

    def cache(self, rows: int, room: int) -> np.ndarray:
        """Room for the keys and values of all layers: (layers * 2, rows, heads, room, head_dim), float32."""
        _, heads, _, size = self._caches[0].shape
        return np.empty((len(self._caches), rows, heads, room, size), np.float32)

    def step(
        self, ids: np.ndarray, lengths: np.ndarray, cache: np.ndarray, candidates: int
    ) -> tuple[np.ndarray, np.ndarray]:
        """Read `ids` (rows, tokens) into the first rows of the cache, which then have `lengths` tokens each.

        Returns the likeliest next tokens of each row and their log-probabilities, both of shape
        (rows, candidates), best first.
        """
        rows = len(ids)
        tokens, scores = np.empty((rows, candidates), np.int64), np.empty((rows, candidates), np.float32)
        last, total = (lengths - 1).astype(np.int32), np.array(lengths.max(), np.int32)
        binding: Any = self._session.io_binding()
        many = np.array([candidates])
        for name, array in (("ids", ids), ("lengths", last), ("total", total), ("candidates", many)):
            binding.bind_input(name, "cpu", 0, array.dtype.type, array.shape, array.ctypes.data)
        for name, array in (("next", tokens), ("log_probability", scores)):
            binding.bind_output(name, "cpu", 0, array.dtype.type, array.shape, array.ctypes.data)
        for each, part in zip(self._caches, cache, strict=True):
            shape, place = (rows, *part.shape[1:]), part.ctypes.data
            binding.bind_input(each.name, "cpu", 0, np.float32, shape, place)
            binding.bind_output(f"new.{each.name}", "cpu", 0, np.float32, shape, place)
        self._session.run_with_iobinding(binding)
        return tokens, scores


class _Search:
    """The beam of one text. Scores are divided by length, as long as the beam is wide are kept."""

    def __init__(self, prompt: Sequence[int], limit: int, width: int, end: int) -> None:
        self.prompt = list(prompt)
        self.beams: list[list[int]] = [[] for _ in range(width)]  # what each says so far
        self._limit, self._width, self._end = limit, width, end
        self._scores = [0.0]
        self._finished: list[tuple[float, list[int]]] = []

    def advance(self, tokens: np.ndarray, scores: np.ndarray) -> list[int] | None:
        """Take the candidates of each beam (of one at first); the beam that each new one goes on from, or None."""
        beams = len(self._scores)
        total = (scores[:beams].astype(np.float64) + np.array(self._scores)[:, None]).ravel()
        ranked = np.argsort(-total, kind="stable")[: 2 * self._width]
        candidates = [
            (float(total[at]), int(at) // tokens.shape[1], int(tokens[at // tokens.shape[1], at % tokens.shape[1]]))
            for at in ranked
        ]
        spare = iter([each for each in candidates[self._width :] if each[2] != self._end])
        last = len(self.beams[0]) + 1 == self._limit
        kept = []
        for candidate in candidates[: self._width]:
            score, beam, token = candidate
            if token == self._end or last:
                said = [*self.beams[beam], token]
                self._finished.append((score / len(said), said))
                candidate = next(spare, candidate)
            kept.append(candidate)
        if last or len(self._finished) >= self._width:
            return None
        self._scores = [score for score, _, _ in kept]
        self.beams = [[*self.beams[beam], token] for _, beam, token in kept]
        return [beam for _, beam, _ in kept]

    def best(self, hypotheses: int) -> list[list[int]]:
        """What was finished, best first."""
        ranked = sorted(self._finished, key=lambda each: -each[0])[:hypotheses]
        return [said[:-1] if said and said[-1] == self._end else said for _, said in ranked]


class _Pool:
    """Texts in work, each with one row of the cache for every beam."""

    def __init__(self, generator: Generator, width: int, room: int, texts: int) -> None:
        self._generator, self._width = generator, width
        self._places = max(1, min(_ROWS // width, _CACHED // (room * width), texts))
        self._cache = generator.cache(self._places * width, room)
        self._active: list[_Search] = []

    def work(self, searches: Sequence[_Search]) -> None:
        waiting: dict[int, deque[_Search]] = defaultdict(deque)
        for search in searches:
            waiting[len(search.prompt)].append(search)
        while True:
            while waiting and self._places - len(self._active) >= self._places * _FREE:
                self._read(waiting)
            if not self._active:
                return
            self._step()

    def _read(self, waiting: dict[int, deque[_Search]]) -> None:
        """Read some prompts of one length into free places."""
        length = max(waiting)
        most = min(self._places - len(self._active), max(1, _READ_AT_ONCE // length))
        group = [waiting[length].popleft() for _ in range(min(most, len(waiting[length])))]
        if not waiting[length]:
            del waiting[length]
        cache = self._generator.cache(len(group), length)
        ids = np.array([search.prompt for search in group], np.int64)
        tokens, scores = self._generator.step(ids, np.full(len(group), length), cache, 2 * self._width)
        for row, search in enumerate(group):
            if search.advance(tokens[row : row + 1], scores[row : row + 1]) is not None:
                place = len(self._active) * self._width
                self._cache[:, place : place + self._width, :, :length] = cache[:, row : row + 1]
                self._active.append(search)

    def _step(self) -> None:
        width = self._width
        ids = np.array([[beam[-1]] for search in self._active for beam in search.beams], np.int64)
        lengths = np.repeat([len(search.prompt) + len(search.beams[0]) for search in self._active], width)
        tokens, scores = self._generator.step(ids, lengths, self._cache, 2 * width)
        going: dict[int, list[int]] = {}
        for place, search in enumerate(self._active):
            rows = slice(place * width, (place + 1) * width)
            parents = search.advance(tokens[rows], scores[rows])
            if parents is not None:
                going[place] = parents
        # The last ones move into the places of those that have ended, the others stay where they are.
        last = (place for place in going if place >= len(going))
        kept = [place if place in going else next(last) for place in range(len(going))]
        self._active = [self._active[place] for place in kept]
        self._move([place * width + parent for place in kept for parent in going[place]], int(lengths.max()))

    def _move(self, origins: Sequence[int], length: int) -> None:
        """Row i of the cache becomes what row origins[i] is, in its first `length` tokens."""
        moved = [row for row, origin in enumerate(origins) if row != origin]
        if moved:
            self._cache[:, moved, :, :length] = self._cache[:, [origins[row] for row in moved], :, :length]
