"""Words cut into the pieces that a network reads, the same in training and in use."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import numpy as np

# A word longer than this is cut by its beginning.
_LONGEST_WORD = 1000
_REMEMBERED = 200_000


class Pieces(Protocol):
    """A vocabulary: ids of the tokens that begin and end a text, of a word, of a whole source."""

    begin: int
    end: int

    def word(self, text: str, *, spaced: bool) -> list[int]:
        """Ids of one word, at least one; `spaced` says whether a space stands before it."""
        ...

    def source(self, text: str, limit: int) -> list[int]:
        """The first `limit` ids of a source."""
        ...

    def tokens(self) -> list[str]:
        """All pieces, in the order of their ids."""
        ...


class SentencePieces:
    """A SentencePiece vocabulary that begins with <s>, <pad>, </s>, <unk>."""

    begin, end, unknown = 0, 2, 3

    def __init__(self, model: bytes) -> None:
        import sentencepiece

        self._model = sentencepiece.SentencePieceProcessor(model_proto=model)
        self._known: dict[str, list[int]] = {}

    def word(self, text: str, *, spaced: bool) -> list[int]:
        key = " " + text if spaced else text
        return _remembered(self._known, key, lambda: self._model.encode(key[:_LONGEST_WORD]) or [self.unknown])

    def source(self, text: str, limit: int) -> list[int]:
        # A piece is seldom longer than 20 characters; a text of megabytes is not cut whole.
        return self._model.encode(" " + text[: 20 * limit])[:limit]

    def tokens(self) -> list[str]:
        return [self._model.id_to_piece(index) for index in range(self._model.get_piece_size())]


class WordPieces:
    """A lower-cased WordPiece vocabulary of BERT, read from the JSON of `tokenizers`."""

    begin, end, unknown = 101, 102, 100

    def __init__(self, model: bytes) -> None:
        from tokenizers import Tokenizer

        self._model = Tokenizer.from_str(model.decode("utf-8"))
        self._model.no_truncation()
        self._model.no_padding()
        self._known: dict[str, list[int]] = {}

    def word(self, text: str, *, spaced: bool) -> list[int]:
        encode = self._model.encode
        return _remembered(
            self._known, text, lambda: encode(text[:_LONGEST_WORD], add_special_tokens=False).ids or [self.unknown]
        )

    def source(self, text: str, limit: int) -> list[int]:
        return []

    def tokens(self) -> list[str]:
        ids = self._model.get_vocab()
        return sorted(ids, key=lambda piece: ids[piece])


def _remembered(known: dict[str, list[int]], key: str, encode) -> list[int]:
    if key not in known:
        if len(known) > _REMEMBERED:
            known.clear()
        known[key] = encode()
    return known[key]


def read_pieces(path: Path) -> Pieces:
    """The vocabulary in a file: a SentencePiece model, or with the suffix .json one of `tokenizers`."""
    return (WordPieces if path.suffix == ".json" else SentencePieces)(path.read_bytes())


def cut(pieces: Pieces, text: str, words: Sequence[tuple[int, int]], limit: int) -> tuple[list[int], np.ndarray]:
    """Ids of the first `words` (offsets) that have at most `limit` pieces, and the number of each piece's word."""
    ids: list[int] = []
    owners: list[int] = []
    for number, (start, end) in enumerate(words):
        mine = pieces.word(text[start:end], spaced=start == 0 or text[start - 1].isspace())
        if len(ids) + len(mine) > limit:
            break
        ids += mine
        owners += [number] * len(mine)
    return ids, np.array(owners, int)
