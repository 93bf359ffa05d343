"""A trimmed vocabulary cuts text into the same pieces as the full one, as long as it has them."""

from __future__ import annotations

import io

import pytest
import sentencepiece
from hypothesis import given, settings
from hypothesis import strategies as st

from backspeak.engines.gemma import Piece
from backspeak.engines.vocabulary import (
    BYTE,
    CONTROL,
    NORMAL,
    UNKNOWN,
    USER_DEFINED,
    merge_path,
    sentencepiece_model,
    trimmed_ids,
)

SPECIAL = [
    Piece("<pad>", 0, CONTROL),
    Piece("<eos>", 0, CONTROL),
    Piece("<bos>", 0, CONTROL),
    Piece("<unk>", 0, UNKNOWN),
]
BYTES = [Piece(f"<0x{value:02X}>", 0, BYTE) for value in range(256)]
# In the order of merging; a piece is built from earlier ones.
MERGES = ["re", "ra", "in", "rain", "▁rain", "st", "ing", "string", "er", "ste", "▁st", "ring", "▁s", "tr"]
LETTERS = ["▁", "r", "a", "i", "n", "s", "t", "g", "e"]


def _pieces(merges: list[str], letters: list[str]) -> list[Piece]:
    words = [*merges, *letters]
    normal = [Piece(text, -float(rank), NORMAL) for rank, text in enumerate(words)]
    return [*SPECIAL, Piece("\n", 0, USER_DEFINED), Piece("\n\n", 0, USER_DEFINED), *BYTES, *normal]


PIECES = _pieces(MERGES, LETTERS)
IDS = {piece.text: index for index, piece in enumerate(PIECES)}


def _processor(pieces: list[Piece], ids: list[int]) -> sentencepiece.SentencePieceProcessor:
    return sentencepiece.SentencePieceProcessor(model_proto=sentencepiece_model(pieces, ids))


def _cut(pieces: list[Piece], ids: list[int], text: str) -> list[str]:
    return _processor(pieces, ids).encode(text, out_type=str)


def test_the_full_vocabulary_merges_the_best_pair_first():
    """Pins what the other tests lean on: "string" is reached through "ring", not through "ing"."""
    everything = list(range(len(PIECES)))
    assert _cut(PIECES, everything, "rain") == ["rain"]
    assert _cut(PIECES, everything, " rain") == ["▁rain"]
    assert _cut(PIECES, everything, "training") == ["t", "rain", "ing"]


def test_a_merge_path_holds_what_the_piece_is_built_from():
    path = {PIECES[index].text for index in merge_path(PIECES, IDS, "▁rain")}
    assert path == {"▁", "r", "a", "i", "n", "ra", "in", "rain", "▁rain"}


def test_kept_pieces_stay_reachable():
    kept = trimmed_ids(PIECES, [IDS["▁rain"]])
    assert _cut(PIECES, kept, " rain") == ["▁rain"]
    assert _cut(PIECES, kept, " ring") == ["▁", "r", "in", "<0x67>"]


def test_special_pieces_come_first_and_all_bytes_stay():
    kept = [PIECES[index].text for index in trimmed_ids(PIECES, [IDS["re"]])]
    assert kept[:4] == ["<pad>", "<eos>", "<bos>", "<unk>"]
    assert {piece.text for piece in BYTES} <= set(kept)
    assert "\n" in kept
    assert "\n\n" not in kept
    assert "st" not in kept


def test_the_order_of_the_full_vocabulary_is_kept():
    many = [*PIECES, *(Piece(f"ж{number}", -1000.0 - number, NORMAL) for number in range(9000))]
    wanted = [len(many) - 1, IDS["ste"], len(many) - 5000, IDS["rain"], IDS["re"]]
    kept = trimmed_ids(many, wanted)
    assert kept[4:] == sorted(kept[4:])
    assert len(kept) == len(set(kept))
    assert set(wanted) < set(kept)


def test_special_pieces_have_their_ids():
    processor = _processor(PIECES, trimmed_ids(PIECES, [IDS["re"]]))
    ids = (processor.pad_id(), processor.eos_id(), processor.bos_id(), processor.unk_id())
    assert ids == (0, 1, 2, 3)
    assert [processor.id_to_piece(index) for index in range(4)] == ["<pad>", "<eos>", "<bos>", "<unk>"]


@pytest.mark.parametrize(
    "text", ["rain", "  rain  in ", "naïve ﬁne １２", "漢字 🌧️", "<eos> <bos>", "line\nline", "é e\u0301", "a\tb"]
)
def test_any_text_is_taken_as_it_is(text):
    """No normalisation, no added space, nothing unknown: bytes stand in for missing characters."""
    processor = _processor(PIECES, trimmed_ids(PIECES, [IDS["▁rain"]]))
    ids = processor.encode(text)
    assert processor.unk_id() not in ids
    assert not {0, 1, 2} & set(ids)
    assert processor.decode(ids) == text


@st.composite
def _vocabularies(draw) -> tuple[list[Piece], list[str]]:
    """A random merge table, each piece made of two earlier ones, and words of its letters."""
    known = list("abc▁")
    merges: list[str] = []
    for _ in range(draw(st.integers(1, 12))):
        merged = draw(st.sampled_from(known)) + draw(st.sampled_from(known))
        if merged not in known and len(merged) <= 8:
            known.append(merged)
            merges.append(merged)
    words = draw(st.lists(st.text("abc ", min_size=1, max_size=12), min_size=1, max_size=4))
    return _pieces(merges, list("abc▁")), words


@given(_vocabularies())
@settings(max_examples=150, deadline=None)
def test_what_only_needs_kept_pieces_is_cut_as_before(made):
    pieces, words = made
    full = _processor(pieces, list(range(len(pieces))))
    wanted = {index for word in words for index in full.encode(word)}
    kept = trimmed_ids(pieces, wanted)
    trimmed = _processor(pieces, kept)
    for word in words:
        assert trimmed.encode(word, out_type=str) == full.encode(word, out_type=str)
    for index in kept:
        text = pieces[index].text.replace("▁", " ")
        if pieces[index].type == NORMAL:
            assert trimmed.encode(text, out_type=str) == [pieces[index].text]


def test_a_trained_vocabulary_is_trimmed_without_a_trace():
    sentences = [
        "The miller's daughter carried three sacks of flour across the frozen river.",
        "On market days the square fills with cheese, candles and quarrels.",
        "El molinero cuenta los sacos mientras su hija cruza el río helado.",
    ]
    trained = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(sentences * 3), model_writer=trained, model_type="bpe", vocab_size=420,
        byte_fallback=True, normalization_rule_name="identity", add_dummy_prefix=False,
        remove_extra_whitespaces=False, pad_id=0, eos_id=1, bos_id=2, unk_id=3,
        pad_piece="<pad>", eos_piece="<eos>", bos_piece="<bos>", unk_piece="<unk>", minloglevel=2,
    )  # fmt: skip
    full = sentencepiece.SentencePieceProcessor(model_proto=trained.getvalue())
    pieces = [
        Piece(
            full.id_to_piece(index),
            full.get_score(index),
            UNKNOWN
            if full.is_unknown(index)
            else CONTROL
            if full.is_control(index)
            else BYTE
            if full.is_byte(index)
            else NORMAL,
        )
        for index in range(full.get_piece_size())
    ]
    kept = trimmed_ids(pieces, {index for sentence in sentences[:2] for index in full.encode(sentence)})
    trimmed = _processor(pieces, kept)
    assert len(kept) < len(pieces)
    for sentence in sentences[:2]:
        assert trimmed.encode(sentence, out_type=str) == full.encode(sentence, out_type=str)
    assert trimmed.decode(trimmed.encode(sentences[2])) == sentences[2]
