"""A human translation beside the segments: by line, by order, by id, and what does not fit."""

from __future__ import annotations

from itertools import count, islice

import pytest

from backspeak.data import InputProblem, Segment
from backspeak.errors import InputError, SettingsError
from backspeak.formats.jsonl import read_jsonl
from backspeak.formats.text import read_text
from backspeak.formats.tsv import read_tsv
from backspeak.references import attach_references

TEXT = """The ferry goes. Nobody was aboard when it left the quay.

Rain fell for three days on the old town.
"""
REFERENCE = """The ferry left. There was no one on board as it pulled away from the quay.

It rained on the old town for three days.
"""


def _attached(document, *paths):
    items = attach_references([*document.segments, *document.problems], [str(path) for path in paths])
    return [each.reference for each in items if isinstance(each, Segment)]


def test_lines_stand_beside_lines_and_sentences_are_shared_out(write):
    document = read_text(TEXT.encode(), "a.txt")
    assert _attached(document, write("ref.txt", REFERENCE)) == [
        "The ferry left.",
        "There was no one on board as it pulled away from the quay.",
        "It rained on the old town for three days.",
    ]


def test_a_sentence_that_was_split_in_the_reference_stays_together(write):
    document = read_text(b"The ferry goes. Nobody was aboard when it left the quay, and the rain fell.\n", "a.txt")
    reference = "The ferry goes. Nobody was aboard when it left. The rain fell on the quay.\n"
    assert _attached(document, write("ref.txt", reference)) == [
        "The ferry goes.",
        "Nobody was aboard when it left. The rain fell on the quay.",
    ]


def test_a_sentence_that_the_reference_leaves_out_has_none(write):
    document = read_text(b"The ferry goes at noon. It is late again today.\n", "a.txt")
    assert _attached(document, write("ref.txt", "It is late again today.\n")) == [None, "It is late again today."]


def test_rows_go_by_order_where_a_header_shifts_the_lines(write):
    document = read_tsv(b"id\ttext\na\tThe ferry goes.\nb\tRain fell.\n", "a.tsv")
    assert _attached(document, write("ref.txt", "The ferry left.\nIt rained.\n\n")) == ["The ferry left.", "It rained."]


def test_jsonl_goes_by_id_or_by_order(write):
    document = read_jsonl(b'{"id": "a", "text": "One."}\n{"id": 2, "text": "Two."}\n', "a.jsonl")
    by_id = write("ref.jsonl", '{"id": 2, "reference": "II"}\n')
    assert _attached(document, by_id) == [None, "II"]
    by_order = write("ref2.jsonl", '{"reference": "I"}\n\n{"reference": "II"}\n')
    assert _attached(document, by_order) == ["I", "II"]


def test_references_that_the_document_brought_are_replaced(write):
    document = read_jsonl(b'{"text": "One.", "reference": "old"}\n', "a.jsonl")
    assert _attached(document, write("r.txt", "new\n")) == ["new"]


def test_without_files_nothing_changes():
    segments = read_text(TEXT.encode(), "a.txt").segments
    assert list(attach_references(segments, [])) == segments


def test_one_file_for_each_input(write):
    first, second = read_text(b"The ferry goes at noon.\n", "a.txt"), read_text(b"Rain fell for days.\n", "b.txt")
    items = [*first.segments, InputProblem("broken.txt", "is empty"), *second.segments]
    paths = [str(write(f"{number}.txt", f"reference {number}\n")) for number in (1, 2, 3)]
    done = list(attach_references(items, paths))
    assert [item.reference for item in done if isinstance(item, Segment)] == ["reference 1", "reference 3"]
    assert items[1] in done
    with pytest.raises(SettingsError, match=r"b\.txt is input 3 and has no --reference file; name one file for each"):
        list(attach_references(items, paths[:2]))
    with pytest.raises(SettingsError, match=r"the --reference file .*3\.txt has no input; name one file for each"):
        list(attach_references(items[:2], paths))


def test_inputs_may_be_endless(write):
    """Only one input is held at a time."""

    def stream():
        for number in count():
            yield Segment(f"{number}.txt", "1", "Rain fell.", location="line 1")

    paths = [str(write("r.txt", "It rained.\n"))] * 3
    assert [item.reference for item in islice(attach_references(stream(), paths), 2)] == ["It rained."] * 2


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("r.txt", "one\ntwo\n", r"r\.txt:2: has 2 line\(s\), which do not stand beside the 3 segment\(s\) of a\.txt"),
        ("r.txt", "", "is empty"),
        ("r.txt", b"\xff\xfe\xff", "damaged"),
        ("r.jsonl", '{"reference": "x"}\n', r"has 1 object\(s\), which do not stand beside the 3 segment"),
        ("r.jsonl", '{"reference": "x"}\n{"ref', r"r\.jsonl:2: is not valid JSON"),
        ("r.jsonl", '["x"]\n', r"r\.jsonl:1: is no object with a \"reference\""),
        ("r.jsonl", '{"reference": 5}\n', r"r\.jsonl:1: is no object with a \"reference\""),
        ("r.jsonl", '{"id": "9", "reference": "x"}\n', r'r\.jsonl:1: the id "9" is not in a\.txt'),
        ("r.jsonl", '{"id": "1", "reference": "x"}\n{"id": 1, "reference": "y"}\n', r'r\.jsonl:2: the id "1" is there'),
        ("r.jsonl", '{"id": "1", "reference": "x"}\n{"reference": "y"}\n', r'r\.jsonl:2: has no "id" here'),
        ("r.jsonl", '{"id": true, "reference": "x"}\n', r'r\.jsonl:1: "id" must be a string'),
    ],
)
def test_what_does_not_fit_is_refused(write, name, content, message):
    with pytest.raises(InputError, match=message):
        _attached(read_text(TEXT.encode(), "a.txt"), write(name, content))


def test_a_missing_file(tmp_path):
    with pytest.raises(InputError, match=r"none\.txt: there is no such file"):
        _attached(read_text(TEXT.encode(), "a.txt"), tmp_path / "none.txt")
