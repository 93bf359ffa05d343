"""JSONL: one line is one segment, and a bad line does not spoil the rest."""

from __future__ import annotations

import json

import pytest

from backspeak.data import Document, InputProblem, Segment
from backspeak.errors import InputError
from backspeak.formats.jsonl import looks_like_jsonl, read_jsonl


def read(*lines: str | dict[str, object], source_lang: str | None = None) -> Document:
    text = "\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines)
    return read_jsonl(text.encode(), "a.jsonl", source_lang)


def test_all_fields() -> None:
    document = read(
        {
            "id": "lamp-1",
            "translation": "The lamp burns. It is bright.",
            "source": "Лампа горит. Она яркая.",
            "source_lang": "ru",
            "reference": "The lamp is lit. It is bright.",
            "system": "lamp-mt",
            "z_mean": 0.7,
            "word_tags": ["OK", "BAD"],
        }
    )
    assert document.segments == [
        Segment(
            document="a.jsonl",
            id="lamp-1",
            text="The lamp burns. It is bright.",
            source="Лампа горит. Она яркая.",
            source_lang="ru",
            reference="The lamp is lit. It is bright.",
            location="line 1",
            system="lamp-mt",
        )
    ]
    assert document.labels == {"lamp-1": {"z_mean": 0.7, "word_tags": ["OK", "BAD"]}}
    assert document.problems == []


def test_ids_are_line_numbers_unless_given() -> None:
    document = read({"text": "One."}, "", {"text": "Two."}, {"id": 70, "text": "Three."})
    assert [segment.id for segment in document.segments] == ["1", "3", "70"]


def test_translation_goes_before_text_and_null_is_absent() -> None:
    document = read(
        {"translation": "The lamp burns.", "text": "Other."},
        {"translation": None, "text": "It is lit.", "source": None},
    )
    assert [segment.text for segment in document.segments] == ["The lamp burns.", "It is lit."]
    assert document.segments[1].source is None


def test_the_default_source_language_is_for_sources_without_one() -> None:
    document = read(
        {"text": "Lamp one.", "source": "Eins."},
        {"text": "Lamp two.", "source": "Dos.", "source_lang": "es"},
        {"text": "Lamp three."},
        source_lang="de",
    )
    assert [segment.source_lang for segment in document.segments] == ["de", "es", None]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("{broken", "is not valid JSON: "),
        ('{"text": "The lamp"', "is not valid JSON: "),
        ('["The lamp"]', "is not a JSON object"),
        ('"The lamp"', "is not a JSON object"),
        ('{"source": "Лампа"}', 'has neither "translation" nor "text"'),
        ('{"text": 5}', '"text" must be a string, not int'),
        ('{"text": "a", "source": ["b"]}', '"source" must be a string, not list'),
        ('{"text": "a", "reference": 1.5}', '"reference" must be a string, not float'),
        ('{"text": "a", "id": true}', '"id" must be a string or a whole number, not bool'),
        ('{"text": "a", "id": {}}', '"id" must be a string or a whole number, not dict'),
        ('{"text": "\\ud800"}', '"text" holds half a character'),
        ('{"text": ' + "[" * 100_000, "is not usable JSON: "),
        ('{"text": "a", "n": ' + "9" * 5_000 + "}", "is not usable JSON: "),
    ],
)
def test_a_bad_line_is_a_problem_and_the_rest_is_read(line: str, message: str) -> None:
    document = read({"text": "The lamp burns."}, line, {"text": "It is bright."})
    assert [segment.text for segment in document.segments] == ["The lamp burns.", "It is bright."]
    (problem,) = document.problems
    assert (problem.path, problem.line) == ("a.jsonl", 2)
    assert problem.message.startswith(message)


def test_a_duplicate_id_is_a_problem() -> None:
    document = read({"id": "x", "text": "One."}, {"id": "x", "text": "Two."})
    assert [segment.text for segment in document.segments] == ["One."]
    assert document.problems == [InputProblem("a.jsonl", 'id "x" is already used on line 1; row left out', 2)]


def test_rows_are_taken_as_they_are() -> None:
    texts = ["Share this article", " The lamp burns.  It is bright. ", "By Ingrid Solberg"]
    document = read(*({"text": text} for text in texts))
    assert [(segment.text, segment.skip) for segment in document.segments] == [(text, None) for text in texts]


def test_rows_that_are_skipped() -> None:
    document = read(
        {"text": ""},
        {"text": "El faro del cabo volvió a encenderse anoche después de once años."},
        {"text": "El faro del cabo volvió a encenderse anoche después de once años.", "source": "El faro."},
        {"text": "lamp " * 5_000},
        {"text": "…", "source": "…"},
    )
    assert [segment.skip for segment in document.segments] == [
        "no words",
        "not English (looks like Spanish)",
        None,
        "longer than 20,000 characters",
        "no words",
    ]


def test_line_separators_of_unicode_do_not_end_a_line() -> None:
    document = read('{"text": "One\u2028line."}', '{"text": "Two."}')
    assert [segment.location for segment in document.segments] == ["line 1", "line 2"]


@pytest.mark.parametrize(("content", "message"), [(b"\n", "is empty"), (b'[{"text": "a"}]', "is a JSON array")])
def test_unusable_content(content: bytes, message: str) -> None:
    with pytest.raises(InputError, match=message):
        read_jsonl(content, "a.jsonl")


def test_recognition_by_the_first_line() -> None:
    assert looks_like_jsonl(b'\n{"translation": "The lamp."}\n{')
    assert not looks_like_jsonl(b'{"lamp": 1}')
    assert not looks_like_jsonl(b"{The lamp burns.}")
    assert not looks_like_jsonl(b"The lamp burns.")
