"""Cutting a SentencePiece vocabulary down to the tokens in use.

Most of a small multilingual model is its vocabulary. Keeping only the pieces that the languages
at hand need makes the output layer several times cheaper. Merges in SentencePiece BPE go through
intermediate pieces, so the cut keeps those too: every kept piece stays reachable.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from backspeak.engines.gemma import Piece

NORMAL, UNKNOWN, CONTROL, USER_DEFINED, UNUSED, BYTE = 1, 2, 3, 4, 5, 6
SPECIAL_PIECES = ("<pad>", "<eos>", "<bos>", "<unk>")


def merge_path(pieces: Sequence[Piece], ids: dict[str, int], text: str) -> set[int]:
    """Ids of the pieces that SentencePiece builds on its way from characters to `text`."""
    symbols = list(text)
    on_path: set[int] = set()
    while True:
        best, best_score = -1, float("-inf")
        for i in range(len(symbols) - 1):
            merged = ids.get(symbols[i] + symbols[i + 1])
            if merged is not None and pieces[merged].score > best_score:
                best, best_score = i, pieces[merged].score
        on_path.update(ids[symbol] for symbol in symbols if symbol in ids)
        if best < 0:
            return on_path
        symbols[best : best + 2] = [symbols[best] + symbols[best + 1]]


def every_id(pieces: Sequence[Piece]) -> list[int]:
    """Ids of all that text can be made of, in the order of `trimmed_ids`."""
    special = [next(i for i, p in enumerate(pieces) if p.text == text) for text in SPECIAL_PIECES]
    kept = (i for i, piece in enumerate(pieces) if piece.type in (NORMAL, BYTE) or piece.text == "\n")
    return special + [index for index in kept if index not in special]


def trimmed_ids(pieces: Sequence[Piece], wanted: Iterable[int]) -> list[int]:
    """Ids to keep: special pieces, bytes, the wanted pieces and what their merges go through.

    The special pieces come first, the rest in the order of the full vocabulary.
    """
    by_text = {piece.text: index for index, piece in enumerate(pieces) if piece.type == NORMAL}
    keep = {index for index, piece in enumerate(pieces) if piece.type == BYTE or piece.text == "\n"}
    for index in wanted:
        if pieces[index].type == NORMAL:
            keep.add(index)
            keep |= merge_path(pieces, by_text, pieces[index].text)
    special = [next(i for i, p in enumerate(pieces) if p.text == text) for text in SPECIAL_PIECES]
    return special + sorted(keep - set(special))


def sentencepiece_model(pieces: Sequence[Piece], ids: Sequence[int]) -> bytes:
    """A serialised SentencePiece BPE model over `ids`, byte fallback on, text taken as it is."""
    from sentencepiece import sentencepiece_model_pb2 as protobuf

    model = protobuf.ModelProto()  # type: ignore[attr-defined]  # made at run time
    for index in ids:
        piece = pieces[index]
        entry = model.pieces.add()
        entry.piece, entry.score = piece.text, piece.score
        entry.type = UNKNOWN if piece.text == "<unk>" else piece.type
    trainer = model.trainer_spec
    trainer.model_type = trainer.BPE
    trainer.byte_fallback = True
    trainer.vocab_size = len(ids)
    trainer.pad_id, trainer.eos_id, trainer.bos_id, trainer.unk_id = range(len(SPECIAL_PIECES))
    trainer.pad_piece, trainer.eos_piece, trainer.bos_piece, trainer.unk_piece = SPECIAL_PIECES
    normalizer = model.normalizer_spec
    normalizer.name = "identity"
    normalizer.add_dummy_prefix = False
    normalizer.remove_extra_whitespaces = False
    normalizer.escape_whitespaces = True
    return model.SerializeToString()
