"""CSV and the choice of columns: quotes, separators, names and numbers, bad records."""

from __future__ import annotations

import pytest

from backspeak.data import Segment
from backspeak.errors import InputError
from backspeak.formats.columns import Columns
from backspeak.formats.csv import read_csv
from backspeak.formats.tsv import read_tsv


def test_header_quotes_and_labels() -> None:
    content = (
        'id,source,translation,rater\nx1,"Лампа, горит.","The ""lamp"",\nit burns.",Ann\ny,Да.,Yes.,Bob\n'.encode()
    )
    document = read_csv(content, "a.csv", "ru")
    assert document.segments == [
        Segment("a.csv", "x1", 'The "lamp",\nit burns.', source="Лампа, горит.", source_lang="ru", location="line 2"),
        Segment("a.csv", "y", "Yes.", source="Да.", source_lang="ru", location="line 4"),
    ]
    assert document.labels == {"x1": {"rater": "Ann"}, "y": {"rater": "Bob"}}


@pytest.mark.parametrize("mark", [",", ";", "\t", "|"])
def test_the_separator_is_that_of_the_first_record(mark: str) -> None:
    content = f'source{mark}text\n"a, b; c"{mark}The lamp burns.\n'.encode()
    assert read_csv(content, "a.csv").segments[0].text == "The lamp burns."


@pytest.mark.parametrize("read", [read_csv, read_tsv])
@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        (Columns("MT"), ("The lamp.", None, None)),
        (Columns("mt", "src", "human"), ("The lamp.", "La lampe.", "A lamp.")),
        (Columns("human", "src"), ("A lamp.", "La lampe.", None)),
    ],
)
def test_columns_by_name(read, columns: Columns, expected: tuple) -> None:
    mark = "," if read is read_csv else "\t"
    content = "\n".join(
        mark.join(row) for row in (["MT", "text", "src", "human"], ["The lamp.", "-", "La lampe.", "A lamp."])
    )
    (segment,) = read(content.encode(), "a", None, columns).segments
    assert (segment.text, segment.source, segment.reference) == expected


def test_columns_by_number_mean_that_there_is_no_header() -> None:
    (segment,) = read_csv(b"x,La lampe.,The lamp.\n", "a.csv", "fr", Columns("3", "2")).segments
    assert (segment.text, segment.source, segment.source_lang, segment.location) == (
        "The lamp.",
        "La lampe.",
        "fr",
        "line 1",
    )


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        (Columns("none"), r"the header \(a, b\) has no column 'none'"),
        (Columns("9"), "has no column 9: the first row has 2 fields"),
        (Columns("a", "a"), "column 'a' is chosen twice"),
        (Columns(None, "b"), "the column to be checked is not chosen; add --text-column"),
        (None, "choose one with --text-column|has no column named"),
    ],
)
def test_columns_that_are_not_there(columns: Columns | None, message: str) -> None:
    with pytest.raises(InputError, match=message):
        read_csv(b"a,b\nx,y\n" if columns else b"src,tgt\nx,y\n", "a.csv", None, columns)


def test_bad_records_are_problems() -> None:
    document = read_csv(b'source,text\na\nb,Two.,c\nd,Four.\ne,"Five\nf,Six\n', "a.csv")
    assert [segment.text for segment in document.segments] == ["Four."]
    assert [(problem.line, problem.message.split(";")[0]) for problem in document.problems] == [
        (2, "has 1 field, expected 2 (source, text)"),
        (3, "has 3 fields, expected 2 (source, text)"),
        (5, "is not CSV from this record on (unexpected end of data)"),
    ]


def test_a_field_of_ten_megabytes_is_skipped_not_lost() -> None:
    document = read_csv(b'text\n"' + b"word " * 2_000_000 + b'"\nThe lamp burns.\n', "a.csv")
    assert [segment.skip for segment in document.segments] == ["longer than 20,000 characters", None]
