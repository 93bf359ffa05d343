"""From paths to Documents: the registry of formats and the one rule about failures."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import BinaryIO

from backspeak.data import Document, InputProblem
from backspeak.errors import InputError
from backspeak.formats import xml
from backspeak.formats.columns import Columns
from backspeak.formats.csv import read_csv
from backspeak.formats.discovery import FoundInput, find
from backspeak.formats.docx import looks_like_docx, read_docx
from backspeak.formats.html import looks_like_html, read_html
from backspeak.formats.jsonl import looks_like_jsonl, read_jsonl
from backspeak.formats.markdown import read_markdown
from backspeak.formats.parallel import (
    REFERENCE_EXTENSION,
    SOURCE_EXTENSION,
    NamedContent,
    read_hypothesis,
    read_parallel,
)
from backspeak.formats.pdf import looks_like_pdf, read_pdf
from backspeak.formats.po import read_po
from backspeak.formats.subtitles import looks_like_vtt, read_srt, read_vtt
from backspeak.formats.text import read_text
from backspeak.formats.tmx import read_tmx, read_tmx_stream
from backspeak.formats.tsv import read_tsv
from backspeak.formats.xliff import read_xliff

Reader = Callable[[bytes, str, str | None], Document]
"""(content, document name, default source language) -> Document; raises InputError."""

READERS: dict[str, Reader] = {
    ".txt": read_text,
    ".md": read_markdown,
    ".markdown": read_markdown,
    ".html": read_html,
    ".htm": read_html,
    ".tsv": read_tsv,
    ".csv": read_csv,
    ".jsonl": read_jsonl,
    ".xlf": read_xliff,
    ".xliff": read_xliff,
    ".tmx": read_tmx,
    ".po": read_po,
    ".docx": read_docx,
    ".pdf": read_pdf,
    ".srt": read_srt,
    ".vtt": read_vtt,
    ".hyp": read_hypothesis,
}

FILE_READERS: dict[str, Callable[[BinaryIO, str, str | None], Document]] = {".tmx": read_tmx_stream}
"""Readers that take an open file instead of its content, for formats that come in gigabytes."""

_TABLES = (read_tsv, read_csv)  # readers that take a choice of columns


def read(
    paths: Sequence[str | Path],
    *,
    source_lang: str | None = None,
    stdin: BinaryIO | None = None,
    columns: Columns | None = None,
) -> Iterator[Document]:
    """Read every input that `paths` names, one Document each, in order.

    A path is a file, a folder (searched with its subfolders), a glob that the shell did not expand,
    or "-" for standard input (plain text; what cannot be mistaken for it is recognised by its first
    characters). A .hyp file is read with the .src and .ref files beside it. `source_lang` is the
    language of the sources that do not name their own; `stdin` stands in for standard input;
    `columns` chooses those of tables.

    A path that cannot be meant (missing, of an unknown extension, a folder or glob with nothing to
    read) raises InputError at once. An input that turns out to be unreadable (empty, binary, wrongly
    encoded, not allowed) becomes a Document without segments and with one problem, and the others
    are still read; when none of them can be read, the first problem is raised as InputError.
    """
    return _documents(find(paths, READERS.keys()), source_lang, stdin, columns)


def read_files(
    hypothesis: str | Path,
    *,
    source: str | Path | None = None,
    reference: str | Path | None = None,
    source_lang: str | None = None,
    stdin: BinaryIO | None = None,
) -> Document:
    """Read parallel files as sacreBLEU does: one segment a line, the files side by side.

    `hypothesis` may be "-" for standard input. Raises InputError when one of them cannot be read, or
    their numbers of lines differ.
    """
    try:
        name = "stdin" if str(hypothesis) == "-" else Path(hypothesis).as_posix()
        content = (stdin or sys.stdin.buffer).read() if name == "stdin" else Path(hypothesis).read_bytes()
        beside = [None if path is None else _named_content(Path(path)) for path in (source, reference)]
    except OSError as error:
        raise InputError(f"cannot be opened: {error.strerror or error}", str(error.filename or hypothesis)) from error
    return read_parallel(content, name, source_lang, source=beside[0], reference=beside[1])


def input_paths(paths: Sequence[str | Path]) -> dict[str, Path]:
    """Document name -> file, for everything that `read` reads from these paths but standard input."""
    return {found.name: found.path for found in find(paths, READERS.keys()) if found.path is not None}


def _documents(
    inputs: list[FoundInput], source_lang: str | None, stdin: BinaryIO | None, columns: Columns | None
) -> Iterator[Document]:
    unreadable: list[Document] = []  # held back until it is clear that something can be read
    anything_read = False
    for found in inputs:
        document = _document(found, source_lang, stdin, columns)
        if not document.segments and not anything_read:
            unreadable.append(document)
            continue
        anything_read = True
        yield from unreadable
        unreadable.clear()
        yield document
    if not anything_read:
        first = unreadable[0].problems[0]
        raise InputError(first.message, first.path, first.line)


def _document(found: FoundInput, source_lang: str | None, stdin: BinaryIO | None, columns: Columns | None) -> Document:
    try:
        if found.path is None:
            content = (stdin or sys.stdin.buffer).read()
            document = reader_for(content)(content, found.name, source_lang)
        else:
            document = read_file(found.path, found.name, source_lang, columns)
    except InputError as error:
        return Document(found.name, problems=[InputProblem(error.path or found.name, error.message, error.line)])
    except OSError as error:
        reason = error.strerror or str(error)
        return Document(found.name, problems=[InputProblem(found.name, f"cannot be opened: {reason}")])
    if not document.segments and not document.problems:
        document.problems.append(InputProblem(found.name, "has no text to check"))
    return document


def read_file(path: Path, name: str, source_lang: str | None = None, columns: Columns | None = None) -> Document:
    """One Document from one file, by its extension. Raises InputError or OSError where it cannot be read."""
    extension = path.suffix.lower()
    if extension in FILE_READERS:
        with path.open("rb") as file:
            return FILE_READERS[extension](file, name, source_lang)
    content = path.read_bytes()
    reader = READERS[extension]
    if reader is read_hypothesis:
        source, reference = (_named_content(other) if other.is_file() else None for other in files_beside(path))
        return read_parallel(content, name, source_lang, source=source, reference=reference)
    if reader in _TABLES:
        reader = partial(reader, columns=columns)
    return reader(content, name, source_lang)


def files_beside(path: Path) -> list[Path]:
    """The files that are read with this one, where they are there: source and reference of a hypothesis."""
    if READERS.get(path.suffix.lower()) is not read_hypothesis:
        return []
    return [path.with_suffix(extension) for extension in (SOURCE_EXTENSION, REFERENCE_EXTENSION)]


def _named_content(path: Path) -> NamedContent:
    return path.as_posix(), path.read_bytes()


def reader_for(content: bytes) -> Reader:
    """The reader of standard input, which has no extension; only what cannot be mistaken for prose is not read
    as text. The first 64 KiB and the first line will do in place of all, but not for an archive."""
    by_root = {"xliff": read_xliff, "tmx": read_tmx}.get(xml.root_name(content) or "")
    if by_root is not None:
        return by_root
    known: tuple[tuple[Callable[[bytes], bool], Reader], ...] = (
        (looks_like_jsonl, read_jsonl),
        (looks_like_html, read_html),
        (looks_like_pdf, read_pdf),
        (looks_like_docx, read_docx),
        (looks_like_vtt, read_vtt),
    )
    return next((reader for looks_like, reader in known if looks_like(content)), read_text)
