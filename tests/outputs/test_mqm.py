"""MQM TSV: the columns of the WMT data, marks that can be taken out again."""

from __future__ import annotations

from backspeak import outputs
from backspeak.data import CATEGORIES as OURS
from backspeak.outputs import Run
from backspeak.outputs.mqm import CATEGORIES, COLUMNS


def rows(run: Run) -> list[list[str]]:
    (path,) = outputs.write(run.folder, ["mqm"])["mqm"]
    return [line.split("\t") for line in path.read_text(encoding="utf-8").removesuffix("\n").split("\n")]


def test_the_columns_are_those_of_the_wmt_data(run: Run) -> None:
    header, *found = rows(run)
    assert tuple(header) == COLUMNS
    assert {len(row) for row in found} == {9}
    assert found[0] == [
        "text", "news/a.txt", "1", "1", "backspeak", "Она сняла лампу.", "She <v>made a photo</v> of the old lamp.",
        "Style/Unnatural or awkward", "Critical",
    ]  # fmt: skip
    assert found[2][6:] == ["The lamp burns.", "No-error", "no-error"]
    assert [row[1:4] for row in found] == [
        ["news/a.txt", "1", "1"], ["news/a.txt", "1", "1"], ["news/a.txt", "2", "2"],
        ["b, c:d.txt", "2", "5"], ["b, c:d.txt", "3", "6"],
    ]  # fmt: skip


def test_an_omission_is_an_empty_mark_at_its_place(run: Run) -> None:
    assert rows(run)[4][6] == "He did <v></v>to the harbour."


def test_a_text_cannot_bring_its_own_marks_or_columns(run: Run) -> None:
    target = rows(run)[5][6]
    assert (target.count("<v>"), target.count("</v>")) == (1, 1)
    assert target.startswith("<v>=HYPERLINK")


def test_every_category_has_a_name() -> None:
    assert set(CATEGORIES) == set(OURS)
