"""Blocks: where their sentences stand, and what becomes of skipped ones."""

from __future__ import annotations

from backspeak.formats.blocks import Block, lines_of, segments_of


def test_a_sentence_is_where_its_first_character_is() -> None:
    block = Block("The lamp burns. It is bright.", ((0, "line 1"), (10, "line 2"), (16, "line 3")))
    assert [segment.location for segment in segments_of("a", [block])] == ["line 1", "line 3"]


def test_a_skipped_block_is_one_segment_and_an_empty_one_none() -> None:
    blocks = [
        Block("a | b. C | d.", ((0, "line 1"),), "table"),
        Block("  ", ((0, "line 2"),)),
        Block("Lit.", ((0, "line 3"),)),
    ]
    assert [(segment.id, segment.text, segment.skip) for segment in segments_of("a", blocks)] == [
        ("1", "a | b. C | d.", "table"),
        ("2", "Lit.", None),
    ]


def test_lines_end_as_in_an_editor() -> None:
    assert lines_of("a\r\nb\rc\nd\x0ce\u2028f") == ["a", "b", "c", "d\x0ce\u2028f"]
