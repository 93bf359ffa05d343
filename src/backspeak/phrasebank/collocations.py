"""How often English uses words, pairs and triples of words: `corpus/collocations.safetensors`, memory-mapped.

    tables          word id = its place in the sorted vocabulary; 0 is none
    word_counts     a byte a word
    pair_rows       where the pairs that begin with a word start in pair_words and pair_counts
    pair_words      the second words of the pairs, sorted within a row
    triple_rows     where the triples with a hash's upper half start in triple_marks and triple_counts
    triple_marks    the lower half of the hashes, sorted within a row

Counts are bytes on a scale of sevenths: 1 to 7 exact, larger ones within 4%. Two of 100,000 triples
that were never read share another's hash.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

from backspeak import resources
from backspeak.errors import InputError
from backspeak.phrasebank.word_rows import opened_once

FILE = "collocations.safetensors"
SEPARATOR = ""
_STEP = 1.07
_COUNTS = (0, *(round(_STEP**power) for power in range(255)))
_COUNTS_ARRAY = np.array(_COUNTS)
_WORD = re.compile(r"[a-z]+(?:'[a-z]+)*|\d[\d.,]*|[^\sa-z\d'\u2010\u2011-]+")


class Collocations:
    """Counts of one, two or three neighbouring words in the text that was read."""

    def __init__(self, words: list[str], tables: dict[str, np.ndarray], total: int) -> None:
        self.total = total  # words read
        self._ids = {word: number for number, word in enumerate(words) if word}
        self.words = tuple(words)  # by number; number 0 is no word
        # A memoryview is searched without building a NumPy scalar a step.
        self._tables = {name: np.ascontiguousarray(table).data for name, table in tables.items()}

    @classmethod
    def load(cls, path: Path | None = None) -> Collocations:
        """Open the shipped counts, which all in a process share, or a file of `training.collocations`.

        InputError where it is not one.
        """
        if path is None:
            return opened_once(cls.load, resources.corpus_dir() / FILE)
        try:
            with safe_open(path, framework="np") as file:
                tables = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - not a mapping
                total = int(file.metadata()["words"])
            words = tables.pop("vocabulary").tobytes().decode("utf-8").split("\n")
        except (OSError, SafetensorError, KeyError, TypeError, ValueError) as error:
            raise InputError(f"no collocation counts ({error}); reinstall backspeak", str(path)) from error
        return cls(words, tables, total)

    def count(self, words: Sequence[str]) -> int:
        """How often the one to three words stand side by side in this order; 0 where never enough to be kept."""
        ids = [self._ids.get(_key(word), 0) for word in words]
        if not 1 <= len(ids) <= 3:
            raise ValueError(f"{len(ids)} words; counts are of one, two or three")
        if not all(ids):
            return 0
        tables = self._tables
        if len(ids) == 1:
            return _COUNTS[tables["word_counts"][ids[0]]]
        if len(ids) == 2:
            return self._cell("pair_rows", "pair_words", "pair_counts", *ids)
        return self._cell("triple_rows", "triple_marks", "triple_counts", *triple_key(*ids))

    def numbers(self, words: Sequence[str]) -> np.ndarray:
        """The number of each word, int64 of (words,); 0 for one that was never read."""
        return np.array([self._ids.get(_key(word), 0) for word in words], np.int64)

    def word_counts(self, numbers: np.ndarray) -> np.ndarray:
        """How often the words with these numbers were read, int64 of the same shape."""
        return _COUNTS_ARRAY[np.asarray(self._tables["word_counts"])[numbers]]

    def pair_counts(self, firsts: np.ndarray, seconds: np.ndarray) -> np.ndarray:
        """Counts of every first word before every second one, all by number, int64 of (firsts, seconds)."""
        rows, words, counts = (np.asarray(self._tables[name]) for name in ("pair_rows", "pair_words", "pair_counts"))
        known = np.where(firsts > 0, firsts, -1), np.where(seconds > 0, seconds, -1)
        return _COUNTS_ARRAY[crossed(rows, words, counts, *known)]

    def after(self, word: str) -> list[tuple[str, int]]:
        """The words that follow a word and how often, the most frequent first."""
        number = self._ids.get(_key(word), 0)
        low, high = self._tables["pair_rows"][number], self._tables["pair_rows"][number + 1]
        counts, seconds = self._tables["pair_counts"], self._tables["pair_words"]
        found = [(self.words[seconds[place]], _COUNTS[counts[place]]) for place in range(low, high)] if number else []
        return sorted(found, key=lambda pair: (-pair[1], pair[0]))

    def _cell(self, rows: str, marks: str, counts: str, row: int, mark: int) -> int:
        low, high = self._tables[rows][row], self._tables[rows][row + 1]
        place = bisect_left(self._tables[marks], mark, low, high)
        return _COUNTS[self._tables[counts][place]] if place < high and self._tables[marks][place] == mark else 0


def slices(starts: np.ndarray, ends: np.ndarray) -> np.ndarray:
    """The numbers from each start up to its end, one range after the other."""
    lengths = ends - starts
    last = np.cumsum(lengths)
    return np.arange(last[-1] if len(last) else 0) + np.repeat(starts - (last - lengths), lengths)


def crossed(
    rows: np.ndarray, members: np.ndarray, values: np.ndarray, firsts: np.ndarray, seconds: np.ndarray
) -> np.ndarray:
    """The values at (firsts, seconds) of a table kept row by row, 0 where it has none; a number below 0 is unknown.

    `rows` holds where each row starts in `members` (column numbers) and `values`, and one entry more.
    """
    known = np.flatnonzero(firsts >= 0)
    starts, ends = rows[firsts[known]].astype(np.int64), rows[firsts[known] + 1].astype(np.int64)
    # Every entry of the rows at once: a search a row costs ten times as much.
    places = slices(starts, ends)
    wanted, column = np.unique(seconds, return_inverse=True)
    column_of = np.full(np.iinfo(members.dtype).max + 1, -1)
    column_of[wanted[wanted >= 0]] = np.flatnonzero(wanted >= 0)
    column_in = column_of[members[places]]
    kept = column_in >= 0
    found = np.zeros((len(firsts), len(wanted)), values.dtype)
    found[np.repeat(known, ends - starts)[kept], column_in[kept]] = values[places[kept]]
    return found[:, column]


def _key(word: str) -> str:
    return "0" if word[:1].isdigit() else word.lower().replace("’", "'")


def words_of(text: str) -> list[str]:
    """The words of a text as they are counted; SEPARATOR stands where punctuation parts them."""
    words = []
    for word in _WORD.findall(text.lower().replace("’", "'")):
        words.append(word if word[0].isalpha() and word[0].isascii() else "0" if word[0].isdigit() else SEPARATOR)
    return words


def triple_key(first, second, third):
    """The row and the mark of three word ids, or of arrays of them: a 32-bit mix of 48 bits."""
    mixed = ((first << 32) | (second << 16) | third) * 0x9E3779B1 & 0x7FFFFFFFFFFF
    mixed = ((mixed ^ (mixed >> 21)) * 0x85EBCA6B & 0x7FFFFFFFFFFF) >> 13
    return (mixed >> 16) & 0xFFFF, mixed & 0xFFFF


def encode_count(counts: np.ndarray) -> np.ndarray:
    """Counts as bytes on the scale of the file; 0 stays 0."""
    powers = np.round(np.log(np.maximum(counts, 1)) / np.log(_STEP)) + 1
    return np.where(np.asarray(counts) > 0, np.minimum(powers, 255), 0).astype(np.uint8)


def write(path: Path, tables: dict[str, np.ndarray], words: list[str], total: int, sources: str) -> None:
    """Write the tables with the vocabulary, which must be sorted and begin with an empty word."""
    vocabulary = np.frombuffer("\n".join(words).encode("utf-8"), np.uint8)
    metadata = {"words": str(total), "sources": sources, "licence": "figures computed by the authors; Apache-2.0"}
    save_file({"vocabulary": vocabulary, **tables}, path, metadata)
