"""From paths to Documents: the registry of formats and the one rule about failures."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

from backspeak.data import Document, InputProblem
from backspeak.errors import InputError
from backspeak.formats.discovery import FoundInput, find
from backspeak.formats.html import looks_like_html, read_html
from backspeak.formats.jsonl import looks_like_jsonl, read_jsonl
from backspeak.formats.markdown import read_markdown
from backspeak.formats.text import read_text
from backspeak.formats.tsv import read_tsv

Reader = Callable[[bytes, str, str | None], Document]
"""(content, document name, default source language) -> Document; raises InputError."""

READERS: dict[str, Reader] = {
    ".txt": read_text,
    ".md": read_markdown,
    ".markdown": read_markdown,
    ".html": read_html,
    ".htm": read_html,
    ".tsv": read_tsv,
    ".jsonl": read_jsonl,
}


def read(
    paths: Sequence[str | Path], *, source_lang: str | None = None, stdin: BinaryIO | None = None
) -> Iterator[Document]:
    """Read every input that `paths` names, one Document each, in order.

    A path is a file, a folder (searched with its subfolders), a glob that the shell did not expand,
    or "-" for standard input (plain text; JSONL and HTML are recognised by their first characters).
    `source_lang` is the language of the sources that do not name their own; `stdin` stands in for
    standard input.

    A path that cannot be meant (missing, of an unknown extension, a folder or glob with nothing to
    read) raises InputError at once. An input that turns out to be unreadable (empty, binary, wrongly
    encoded, not allowed) becomes a Document without segments and with one problem, and the others
    are still read; when none of them can be read, the first problem is raised as InputError.
    """
    return _documents(find(paths, READERS.keys()), source_lang, stdin)


def _documents(inputs: list[FoundInput], source_lang: str | None, stdin: BinaryIO | None) -> Iterator[Document]:
    unreadable: list[Document] = []  # held back until it is clear that something can be read
    anything_read = False
    for found in inputs:
        document = _document(found, source_lang, stdin)
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


def _document(found: FoundInput, source_lang: str | None, stdin: BinaryIO | None) -> Document:
    try:
        if found.path is None:
            content = (stdin or sys.stdin.buffer).read()
            reader = _reader_for(content)
        else:
            content = found.path.read_bytes()
            reader = READERS[found.path.suffix.lower()]
        document = reader(content, found.name, source_lang)
    except InputError as error:
        return Document(found.name, problems=[InputProblem(found.name, error.message, error.line)])
    except OSError as error:
        reason = error.strerror or str(error)
        return Document(found.name, problems=[InputProblem(found.name, f"cannot be opened: {reason}")])
    if not document.segments and not document.problems:
        document.problems.append(InputProblem(found.name, "has no text to check"))
    return document


def _reader_for(content: bytes) -> Reader:
    """Standard input has no extension; only what cannot be mistaken for prose is not read as text."""
    if looks_like_jsonl(content):
        return read_jsonl
    if looks_like_html(content):
        return read_html
    return read_text
