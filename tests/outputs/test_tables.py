"""CSV and XLSX: every flag once, formulas defused."""

from __future__ import annotations

import csv
import io
import xml.etree.ElementTree as ElementTree
import zipfile
from dataclasses import replace

import pytest

from backspeak import outputs
from backspeak.outputs import Run
from backspeak.outputs.table import SEGMENT_COLUMNS, SPAN_COLUMNS, defused
from backspeak.outputs.xlsx import write as write_xlsx


def rows(run: Run) -> list[dict[str, str]]:
    (path,) = outputs.write(run.folder, ["csv"])["csv"]
    return list(csv.DictReader(io.StringIO(path.read_bytes().decode("utf-8"), newline="")))


def test_a_row_a_flag_and_one_for_a_segment_without(run: Run) -> None:
    found = rows(run)
    assert tuple(found[0]) == SEGMENT_COLUMNS + SPAN_COLUMNS
    assert [(row["document"], row["id"], row["flagged"], row["severity"]) for row in found] == [
        ("news/a.txt", "1", "made a photo", "critical"),
        ("news/a.txt", "1", "lamp", "minor"),
        ("news/a.txt", "2", "", ""),
        ("news/a.txt", "3", "", ""),
        ("b, c:d.txt", "1", "", ""),
        ("b, c:d.txt", "2", "", "major"),
        ("b, c:d.txt", "3", found[-1]["flagged"], "major"),
    ]
    assert found[0]["source"] == "Она сняла лампу."
    assert found[0]["score"] == "41.2"
    assert found[1]["suggestions"] == "lantern | light"
    assert (found[3]["status"], found[3]["reason"]) == ("skipped", "not English")


@pytest.mark.parametrize(
    "text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1", "\n@x", "＝1", "=cmd|' /C calc'!A0"]
)
def test_formulas_are_defused(text: str) -> None:
    assert defused(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", "The lamp = light.", "1 - 2", "a@b.example", "’tis"])
def test_other_texts_stay_as_they_are(text: str) -> None:
    assert defused(text) == text


def test_no_cell_of_the_csv_is_a_formula(run: Run) -> None:
    for row in rows(run):
        assert not [cell for cell in row.values() if cell.lstrip().startswith(("=", "+", "-", "@"))]


def test_the_workbook_holds_texts_and_numbers_and_no_formula(run: Run) -> None:
    (path,) = outputs.write(run.folder, ["xlsx"])["xlsx"]
    with zipfile.ZipFile(path) as archive:
        names = archive.namelist()
        sheets = [archive.read(name).decode() for name in names if name.startswith("xl/worksheets/sheet")]
        shared = "".join(ElementTree.fromstring(archive.read("xl/sharedStrings.xml")).itertext())
    assert len(sheets) == 3
    assert not any("<f>" in sheet or "<f " in sheet or "<hyperlink" in sheet for sheet in sheets)
    assert "=HYPERLINK(" in shared
    assert "Она сняла лампу." in shared
    assert "<v>41.2</v>" in sheets[1]


def test_a_spreadsheet_program_reads_the_workbook(run: Run) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    (path,) = outputs.write(run.folder, ["xlsx"])["xlsx"]
    book = openpyxl.load_workbook(path)
    assert book.sheetnames == ["Summary", "Segments", "Flags"]
    flags = list(book["Flags"].iter_rows(values_only=True))
    assert len(flags) == 1 + 4
    assert flags[1][:6] == ("news/a.txt", "1", "line 3", 4, 16, "made a photo")
    assert {cell.data_type for row in book["Flags"].iter_rows() for cell in row} <= {"s", "n"}


def test_a_text_longer_than_a_cell_is_cut_and_says_so(run: Run) -> None:
    long = replace(run.checked[1], segment=replace(run.checked[1].segment, text="word " * 10_000))
    write_xlsx(Run(run.folder, [long], run.summary))
    with zipfile.ZipFile(run.folder / "report.xlsx") as archive:
        texts = [
            each.text or "" for each in ElementTree.fromstring(archive.read("xl/sharedStrings.xml")).iter() if each.text
        ]
    longest = max(texts, key=len)
    assert len(longest) <= 32_767
    assert longest.endswith("…")
