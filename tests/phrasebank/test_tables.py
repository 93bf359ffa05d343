"""A table with a fault is refused with its name, its line and what to do about it."""

from __future__ import annotations

from pathlib import Path

import pytest

from backspeak.errors import InputError
from backspeak.phrasebank import PhraseBank
from backspeak.phrasebank.tables import COLUMNS, read_table

GOOD = {
    "phrase": "make $det photo",
    "reference": "take $det photo",
    "category": "unidiomatic",
    "severity": "minor",
    "source_langs": "de,ru",
    "confidence": "0.8",
    "example": "They made a photo of it.",
    "note": "A calque.",
}


def write(folder: Path, *rows: dict[str, str], columns: tuple[str, ...] = COLUMNS) -> Path:
    path = folder / "own.tsv"
    lines = ["\t".join(columns), *("\t".join(row[column] for column in columns) for row in rows)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def test_a_good_table_is_read_in_any_column_order(tmp_path: Path) -> None:
    write(tmp_path, GOOD, columns=tuple(reversed(COLUMNS)))
    (entry,) = PhraseBank.load(tmp_path).entries
    assert (entry.table, entry.line, entry.confidence) == ("own", 2, 0.8)
    assert entry.rule == "phrase-bank.own.make-a-photo"
    assert entry.source_langs == ("de", "ru")
    assert entry.shown_references == ("take a photo",)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"phrase": ""}, r"own\.tsv:2: the phrase is empty; write"),
        ({"reference": " | "}, r"own\.tsv:2: no reference .*write the natural wording"),
        ({"category": "style"}, r"own\.tsv:2: unknown category 'style'; use one of mistranslation"),
        ({"severity": "huge"}, r"own\.tsv:2: unknown severity 'huge'; use one of minor"),
        ({"confidence": "often"}, r"own\.tsv:2: confidence 'often'.*write a number"),
        ({"confidence": "1.2"}, r"own\.tsv:2: confidence '1\.2'"),
        ({"reference": "make $det photo"}, r"own\.tsv:2: the reference .* is the phrase itself"),
        ({"reference": "take $4"}, r"own\.tsv:2: \$4: .* fewer items"),
        ({"reference": "take $2:often"}, r"own\.tsv:2: \$2:often: there is no such form; there are base, ing, past"),
        ({"example": "They took a photo."}, r"own\.tsv:2: the example does not hold"),
        ({"phrase": "make ("}, r"own\.tsv:2: the phrase .* cannot be used"),
    ],
)
def test_faults_of_an_entry(tmp_path: Path, change: dict[str, str], message: str) -> None:
    write(tmp_path, {**GOOD, **change})
    with pytest.raises(InputError, match=message):
        PhraseBank.load(tmp_path)


def test_a_missing_column_is_named(tmp_path: Path) -> None:
    write(tmp_path, GOOD, columns=COLUMNS[:-2])
    with pytest.raises(InputError, match=r"own\.tsv:1: no column example, note"):
        PhraseBank.load(tmp_path)


def test_a_line_with_too_few_cells_is_named(tmp_path: Path) -> None:
    path = write(tmp_path, GOOD)
    path.write_text(path.read_text() + "only one cell\n")
    with pytest.raises(InputError, match=r"own\.tsv:3: 1 cells instead of 8"):
        read_table(path)


def test_duplicates_are_named_with_both_lines(tmp_path: Path) -> None:
    write(tmp_path, GOOD, {**GOOD, "phrase": "Make $det photo", "example": "Make a photo!"})
    with pytest.raises(InputError, match=r"own\.tsv:3: .* already in own\.tsv, line 2"):
        PhraseBank.load(tmp_path)


def test_two_entries_with_one_id_are_refused(tmp_path: Path) -> None:
    write(tmp_path, GOOD, {**GOOD, "phrase": "make a photo"})
    with pytest.raises(InputError, match=r"own\.tsv:3: the id phrase-bank\.own\.make-a-photo"):
        PhraseBank.load(tmp_path)


def test_a_table_that_is_not_utf8_is_refused(tmp_path: Path) -> None:
    (tmp_path / "own.tsv").write_bytes(b"phrase\xff")
    with pytest.raises(InputError, match="save the table as UTF-8"):
        PhraseBank.load(tmp_path)


def test_a_folder_without_tables_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no phrase tables"):
        PhraseBank.load(tmp_path)
