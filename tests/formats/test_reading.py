"""Reading: the registry, and what happens to a job of which some files are bad."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import pytest

from backspeak.errors import InputError
from backspeak.formats import READERS, Columns, input_paths, read

_XLIFF = (
    '<xliff version="1.2" xmlns="urn:oasis:names:tc:xliff:document:1.2"><file original="a" datatype="plaintext" '
    'source-language="fr" target-language="en"><body><trans-unit id="1"><source>La lampe.</source>'
    "<target>The lamp burns.</target></trans-unit></body></file></xliff>"
)
GOOD = {
    ".txt": "The lamp burns.\n",
    ".md": "The **lamp** burns.\n",
    ".markdown": "The *lamp* burns.\n",
    ".html": "<html><body><p>The lamp burns.</p></body></html>",
    ".htm": "<p>The lamp burns.</p>",
    ".tsv": "source\ttranslation\nLa lampe.\tThe lamp burns.\n",
    ".jsonl": '{"translation": "The lamp burns."}\n',
    ".csv": 'source,translation\n"La lampe, oui.",The lamp burns.\n',
    ".xlf": _XLIFF,
    ".xliff": _XLIFF,
    ".tmx": (
        '<tmx version="1.4"><header srclang="fr"/><body><tu><tuv xml:lang="fr"><seg>La lampe.</seg></tuv>'
        '<tuv xml:lang="en"><seg>The lamp burns.</seg></tuv></tu></body></tmx>'
    ),
    ".po": 'msgid ""\nmsgstr "Language: en\\n"\n\nmsgid "La lampe."\nmsgstr "The lamp burns."\n',
    ".srt": "1\n00:00:01,000 --> 00:00:02,000\nThe lamp\nburns.\n",
    ".vtt": "WEBVTT\n\n00:01.000 --> 00:02.000\nThe lamp burns.\n",
    ".hyp": "The lamp burns.\n",
    ".docx": None,  # these two are made by the fixture
    ".pdf": None,
}
BAD = {
    "empty.txt": (b"", "is empty"),
    "blank.txt": (b" \n\n\t", "is empty"),
    "binary.txt": (b"lamp\x00\x01", "holds a NUL byte at byte 4"),
    "latin.txt": (b"The lamp \xff burns.", "is not UTF-8: byte 0xff at offset 9"),
    "empty.html": (b"<html></html>", "has no text that a reader would see"),
    "broken.jsonl": (b"{", "is not valid JSON"),
    "header.tsv": (b"source\ttranslation\n", "has no text to check"),
}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def good(word_document: Callable[..., bytes], pdf_document: Callable[..., bytes]) -> dict[str, bytes]:
    made = {extension: text.encode() for extension, text in GOOD.items() if text is not None}
    return made | {".docx": word_document("The lamp burns."), ".pdf": pdf_document(["The lamp burns."])}


def test_every_known_extension_has_an_example() -> None:
    assert set(GOOD) == set(READERS)


@pytest.mark.parametrize("extension", GOOD)
def test_every_format_gives_the_same_sentence(folder: Path, extension: str, good: dict[str, bytes]) -> None:
    (folder / f"lamp{extension}").write_bytes(good[extension])
    (document,) = read([f"lamp{extension}"])
    assert document.name == f"lamp{extension}"
    assert document.problems == []
    assert [(s.document, s.text, s.skip) for s in document.segments] == [(f"lamp{extension}", "The lamp burns.", None)]


@pytest.mark.parametrize("name", BAD)
def test_a_bad_file_alone_is_an_error(folder: Path, name: str) -> None:
    content, message = BAD[name]
    (folder / name).write_bytes(content)
    with pytest.raises(InputError, match=f"^{name}.*: {message}"):
        list(read([name]))


def test_bad_files_among_good_ones_are_problems(folder: Path) -> None:
    for name, (content, _) in BAD.items():
        (folder / name).write_bytes(content)
    (folder / "good.txt").write_text("The lamp burns.")
    documents = {document.name: document for document in read(["."])}
    assert list(documents) == sorted([*BAD, "good.txt"])
    assert [name for name, document in documents.items() if document.segments] == ["good.txt"]
    for name, (_, message) in BAD.items():
        (problem,) = documents[name].problems
        assert problem.path == name
        assert problem.message.startswith(message)


def test_a_folder_of_bad_files_only_is_an_error(folder: Path) -> None:
    (folder / "a.txt").write_bytes(b"")
    (folder / "b.txt").write_bytes(b"\x00")
    with pytest.raises(InputError, match=r"^a\.txt: is empty"):
        list(read([folder]))


def test_a_missing_file_is_an_error_before_anything_is_read(folder: Path) -> None:
    (folder / "a.txt").write_text("The lamp burns.")
    with pytest.raises(InputError, match=r"^b\.txt: no such file or folder"):
        read(["a.txt", "b.txt"])


def test_a_file_that_goes_away_is_a_problem(folder: Path) -> None:
    for name in ("a.txt", "b.txt"):
        (folder / name).write_text("The lamp burns.")
    documents = read(["a.txt", "b.txt"])
    next(documents)
    (folder / "b.txt").unlink()
    assert [str(problem) for problem in next(documents).problems] == [
        "b.txt: cannot be opened: No such file or directory"
    ]


@pytest.mark.parametrize("extension", [".txt", ".html", ".jsonl", ".xlf", ".tmx", ".docx", ".pdf", ".vtt"])
@pytest.mark.parametrize("before", [b"", b'<?xml version="1.0"?>\n<!-- a remark -->\n'])
def test_standard_input_is_recognised(extension: str, before: bytes, good: dict[str, bytes]) -> None:
    content = before + good[extension] if extension in (".xlf", ".tmx") else good[extension]
    (document,) = read(["-"], stdin=io.BytesIO(content))
    assert (document.name, [segment.text for segment in document.segments]) == ("stdin", ["The lamp burns."])


def test_empty_standard_input() -> None:
    with pytest.raises(InputError, match=r"^stdin: is empty"):
        list(read(["-"], stdin=io.BytesIO(b"")))


def test_the_source_language_reaches_the_rows(folder: Path) -> None:
    (folder / "a.tsv").write_text(GOOD[".tsv"])
    (document,) = read(["a.tsv"], source_lang="fr")
    assert document.segments[0].source_lang == "fr"


def test_columns_reach_the_tables(folder: Path) -> None:
    (folder / "a.csv").write_text("src,mt\nLa lampe.,The lamp burns.\n")
    (folder / "b.txt").write_text("It is bright.")
    documents = list(read(["a.csv", "b.txt"], columns=Columns("mt", "src")))
    assert [(s.text, s.source) for document in documents for s in document.segments] == [
        ("The lamp burns.", "La lampe."),
        ("It is bright.", None),
    ]


def test_where_a_document_was_read_from(folder: Path) -> None:
    (folder / "news").mkdir()
    (folder / "news/a.xlf").write_text(_XLIFF)
    assert input_paths(["-", "news"]) == {"news/a.xlf": Path("news/a.xlf")}
    (document,) = read([folder / "news"])
    assert input_paths([folder / "news"]) == {document.name: folder / "news/a.xlf"}
