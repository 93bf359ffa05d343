"""TSV: columns by header or by number, literal fields, bad rows."""

from __future__ import annotations

import pytest

from backspeak.data import InputProblem, Segment
from backspeak.errors import InputError
from backspeak.formats.tsv import read_tsv


def test_header_in_any_order_with_labels() -> None:
    content = "score\tTranslation\tid\tsource\n0.5\tThe lamp burns.\tx1\tЛампа горит.\n".encode()
    document = read_tsv(content, "a.tsv", "ru")
    assert document.segments == [
        Segment("a.tsv", "x1", "The lamp burns.", source="Лампа горит.", source_lang="ru", location="line 2")
    ]
    assert document.labels == {"x1": {"score": "0.5"}}


def test_one_column_without_header() -> None:
    document = read_tsv(b"The lamp burns.\n\nIt is bright.\n", "a.tsv")
    assert [(segment.id, segment.text) for segment in document.segments] == [
        ("1", "The lamp burns."),
        ("3", "It is bright."),
    ]


def test_two_columns_without_header_are_source_and_translation() -> None:
    (segment,) = read_tsv(b"La lampe.\tThe lamp.\n", "a.tsv", "fr").segments
    assert (segment.source, segment.text, segment.source_lang) == ("La lampe.", "The lamp.", "fr")


def test_fields_are_literal() -> None:
    text = '"The lamp," he said.'
    (segment,) = read_tsv(f"text\n{text}\n".encode(), "a.tsv").segments
    assert segment.text == text


def test_empty_fields_are_absent_but_an_empty_text_is_a_skipped_row() -> None:
    document = read_tsv(b"id\ttext\tsource\n\tThe lamp.\t\nx\t\tLa lampe.\n", "a.tsv", "fr")
    assert [(s.id, s.text, s.source, s.source_lang, s.skip) for s in document.segments] == [
        ("2", "The lamp.", None, None, None),
        ("x", "", "La lampe.", "fr", "no words"),
    ]


def test_a_row_with_another_number_of_fields_is_a_problem() -> None:
    document = read_tsv(b"source\ttext\nUn.\tOne.\nTwo.\nTrois.\tThree.\textra\nQuatre.\tFour.\n", "a.tsv")
    assert [segment.text for segment in document.segments] == ["One.", "Four."]
    assert document.problems == [
        InputProblem("a.tsv", "has 1 field, expected 2 (source, text)", 3),
        InputProblem("a.tsv", "has 3 fields, expected 2 (source, text)", 4),
    ]


def test_duplicate_ids_are_a_problem() -> None:
    document = read_tsv(b"id\ttext\nx\tOne.\nx\tTwo.\n", "a.tsv")
    assert len(document.segments) == 1
    assert document.problems[0].line == 3


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"a\tb\tc\n", "has 3 fields a row and no header; name the columns in the first row"),
        (b"source\ttarget\nUn.\tOne.\n", "no column named translation or text"),
        (b"text\ttext\nOne.\tOne.\n", "names a column twice"),
        (b" \n", "is empty"),
    ],
)
def test_unusable_content(content: bytes, message: str) -> None:
    with pytest.raises(InputError, match=message):
        read_tsv(content, "a.tsv")
