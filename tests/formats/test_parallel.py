"""Parallel files: side by side, line by line."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from backspeak.errors import InputError
from backspeak.formats import read, read_files
from backspeak.formats.parallel import read_parallel


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    Path("a.hyp").write_text("The lamp.\n\nIt burns.\n")
    Path("a.src").write_text("La lampe.\nRien.\n\n")
    Path("a.ref").write_text("A lamp.\nNothing.\nIt is burning.\n")
    return tmp_path


def test_files_beside_a_hypothesis_are_found(folder: Path) -> None:
    (document,) = read(["a.hyp"], source_lang="fr")
    assert [(s.text, s.source, s.source_lang, s.reference, s.location, s.skip) for s in document.segments] == [
        ("The lamp.", "La lampe.", "fr", "A lamp.", "line 1", None),
        ("", "Rien.", "fr", "Nothing.", "line 2", "no words"),
        ("It burns.", None, None, "It is burning.", "line 3", None),
    ]


def test_a_hypothesis_alone(folder: Path) -> None:
    Path("a.src").unlink()
    Path("a.ref").unlink()
    (document,) = read([folder])
    assert [(s.text, s.source, s.reference) for s in document.segments] == [
        ("The lamp.", None, None), ("", None, None), ("It burns.", None, None),
    ]  # fmt: skip


def test_files_as_sacrebleu_names_them(folder: Path) -> None:
    document = read_files("a.hyp", source="a.src", reference="a.ref", source_lang="fr")
    assert document.segments[0].source == "La lampe."
    document = read_files("-", reference="a.ref", stdin=io.BytesIO(b"One.\nTwo.\nThree."))
    assert [(s.document, s.text, s.reference) for s in document.segments][2] == ("stdin", "Three.", "It is burning.")


def test_other_numbers_of_lines_are_an_error(folder: Path) -> None:
    Path("a.src").write_text("La lampe.\n")
    with pytest.raises(InputError, match=r"^a\.src: has 1 lines, but a\.hyp has 3"):
        list(read(["a.hyp"]))
    with pytest.raises(InputError, match=r"^b: has 2 lines, but a has 1"):
        read_parallel(b"a", "a", source=("b", b"c\nd"))


def test_a_missing_file_is_named(folder: Path) -> None:
    with pytest.raises(InputError, match=r"^none\.src: cannot be opened: No such file"):
        read_files("a.hyp", source="none.src")
