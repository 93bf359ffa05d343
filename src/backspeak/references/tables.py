"""TSV and CSV tables of the user, read row by row."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Callable, Iterator
from pathlib import Path

from backspeak.errors import InputError, unopened

_LANGUAGE_CODE = re.compile(r"[a-z]{2,3}(?:[-_][a-z0-9]{2,4})?")
_LONGEST_CELL = 100_000  # characters
_WHERE_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


def is_language_code(name: str) -> bool:
    """Whether a column may be named after a language: "ru", "en-GB"."""
    return _LANGUAGE_CODE.fullmatch(name.lower()) is not None


def is_english(code: str) -> bool:
    """Whether a language code stands for English of any country."""
    return re.split(r"[-_]", code.lower(), maxsplit=1)[0] in ("en", "eng")


def read_rows(path: Path, progress: Callable[[int], None] | None = None) -> Iterator[tuple[int, list[str]]]:
    """(line, cells) of each row that is not blank, cells without the space around them.

    `.csv` is comma- or semicolon-separated with quotes, anything else tab-separated and literal.
    `progress` gets the bytes read since its last call. Raises InputError with the line.
    """
    try:
        file = path.open("rb")
    except OSError as error:
        raise unopened(path, error) from error
    with file:
        head = file.read(4096)
        if not head.strip():
            raise InputError("is empty", str(path))
        encoding = next((name for mark, name in _WHERE_BOMS if head.startswith(mark)), "utf-8")
        if b"\0" in head and encoding != "utf-16":
            raise InputError("is a binary file, not a table; export it as TSV or CSV in UTF-8", str(path))
        file.seek(0)
        lines = _lines(io.TextIOWrapper(file, encoding=encoding, newline=""), path, progress)
        rows = _csv_rows(lines, path) if path.suffix.lower() == ".csv" else _tsv_rows(lines, path)
        first = next(rows, None)
        if first is None:
            raise InputError("has no row with a word in it", str(path))
        yield first
        yield from rows


def _lines(file: io.TextIOWrapper, path: Path, progress: Callable[[int], None] | None) -> Iterator[str]:
    number = 0
    while True:
        number += 1
        try:
            line = file.readline(_LONGEST_CELL * 10)
        except UnicodeDecodeError as error:
            raise InputError("is not UTF-8 from about here on; save it again as UTF-8", str(path), number) from error
        if not line:
            return
        if "\0" in line:
            raise InputError("holds a NUL character: not a table", str(path), number)
        if len(line) >= _LONGEST_CELL * 10:
            raise InputError(f"has a line of more than {_LONGEST_CELL * 10:,} characters", str(path), number)
        if progress is not None:
            progress(len(line.encode("utf-8", "surrogatepass")))
        yield line


def _tsv_rows(lines: Iterator[str], path: Path) -> Iterator[tuple[int, list[str]]]:
    for number, line in enumerate(lines, start=1):
        if line.strip():
            yield number, _checked([cell.strip() for cell in line.rstrip("\r\n").split("\t")], path, number)


def _csv_rows(lines: Iterator[str], path: Path) -> Iterator[tuple[int, list[str]]]:
    first = next(lines, "")
    delimiter = ";" if first.count(";") > first.count(",") else "," if "," in first or "\t" not in first else "\t"
    reader = csv.reader(_with_first(first, lines), delimiter=delimiter, strict=True)
    began = 1
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            message = f"is not valid CSV: {error}; a quotation mark inside a cell is written twice"
            raise InputError(message, str(path), began) from error
        if any(cell.strip() for cell in cells):
            yield began, _checked([cell.strip() for cell in cells], path, began)
        began = reader.line_num + 1


def _with_first(first: str, rest: Iterator[str]) -> Iterator[str]:
    yield first
    yield from rest


def _checked(cells: list[str], path: Path, line: int) -> list[str]:
    if any(len(cell) > _LONGEST_CELL for cell in cells):
        raise InputError(f"has a cell of more than {_LONGEST_CELL:,} characters", str(path), line)
    return cells
