"""Inputs of any size as one stream of segments, in constant memory.

JSONL, TSV and plain text are read line by line; of any other format one document at a time is in
memory. What is read is what `reading.read` would read.
"""

from __future__ import annotations

import hashlib
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import BinaryIO, cast

from backspeak import resources
from backspeak.data import InputProblem, Segment
from backspeak.errors import InputError
from backspeak.formats.discovery import FoundInput, find
from backspeak.formats.html import looks_like_html
from backspeak.formats.jsonl import looks_like_jsonl, stream_jsonl
from backspeak.formats.reading import READERS
from backspeak.formats.text import stream_text
from backspeak.formats.tsv import stream_tsv

Item = Segment | InputProblem
StreamReader = Callable[[BinaryIO, str, str | None], Iterator[Item]]
"""(seekable file, document name, default source language) -> its parts; may raise InputError."""

STREAM_READERS: dict[str, StreamReader] = {".txt": stream_text, ".tsv": stream_tsv, ".jsonl": stream_jsonl}

_HEAD = 1 << 16
_KEPT_IN_MEMORY = 1 << 22  # bytes of standard input


class InputStream:
    """Every input that `paths` names, as one stream; may be iterated once, after `fingerprint`.

    Standard input is first copied to a temporary file. Raises InputError like `reading.read`: at once
    for a path that cannot be meant, and at the end of the stream when nothing could be read at all.
    """

    def __init__(
        self, paths: Sequence[str | Path], *, source_lang: str | None = None, stdin: BinaryIO | None = None
    ) -> None:
        self._inputs = find(paths, READERS.keys())
        self._source_lang = source_lang
        self._stdin = stdin
        self._copy: BinaryIO | None = None
        self._open: BinaryIO | None = None
        self._finished = 0
        self._sizes = [self._size(found) for found in self._inputs]
        self.total_bytes = sum(self._sizes)

    def fingerprint(self) -> dict[str, str]:
        """SHA-256 of every input by its name; "unreadable" for one that cannot be opened."""
        return {found.name: self._digest(found) for found in self._inputs}

    @property
    def read_bytes(self) -> int:
        """How far reading is, of `total_bytes`."""
        position = 0
        if self._open is not None and not self._open.closed:
            position = self._open.tell()
        return self._finished + position

    def __iter__(self) -> Iterator[Item]:
        held: list[InputProblem] = []  # until it is clear that something can be read
        anything_read = False
        for found, size in zip(self._inputs, self._sizes, strict=True):
            for item in self._items(found):
                if isinstance(item, InputProblem) and not anything_read:
                    held.append(item)
                    continue
                if not anything_read:
                    anything_read = True
                    yield from held
                yield item
            self._finished += size
        if not anything_read:
            first = held[0]
            raise InputError(first.message, first.path, first.line)

    def _items(self, found: FoundInput) -> Iterator[Item]:
        any_item = False
        try:
            with self._opened(found) as file:
                for item in self._reader(found, file):
                    any_item = True
                    yield item
        except InputError as error:
            any_item = True
            yield InputProblem(found.name, error.message, error.line)
        except OSError as error:
            any_item = True
            yield InputProblem(found.name, f"cannot be opened: {error.strerror or error}")
        finally:
            self._open = None
        if not any_item:
            yield InputProblem(found.name, "has no text to check")

    def _reader(self, found: FoundInput, file: BinaryIO) -> Iterator[Item]:
        self._open = file
        if found.path is not None:
            extension = found.path.suffix.lower()
        else:
            head = file.read(_HEAD)
            head += file.readline() if b"\n" not in head.lstrip() else b""  # a row may be long
            file.seek(0)
            extension = ".jsonl" if looks_like_jsonl(head) else ".html" if looks_like_html(head) else ".txt"
        if extension in STREAM_READERS:
            return STREAM_READERS[extension](file, found.name, self._source_lang)
        return self._whole(extension, file, found.name)

    def _whole(self, extension: str, file: BinaryIO, name: str) -> Iterator[Item]:
        document = READERS[extension](file.read(), name, self._source_lang)
        yield from document.segments
        yield from document.problems

    def _opened(self, found: FoundInput) -> BinaryIO:
        return found.path.open("rb") if found.path is not None else self._copied()

    def _copied(self) -> BinaryIO:
        if self._copy is None:
            self._copy = cast(BinaryIO, tempfile.SpooledTemporaryFile(_KEPT_IN_MEMORY))  # noqa: SIM115
            shutil.copyfileobj(self._stdin or sys.stdin.buffer, self._copy)
        self._copy.seek(0)
        return self._copy

    def _size(self, found: FoundInput) -> int:
        try:
            if found.path is not None:
                return found.path.stat().st_size
            return self._copied().seek(0, 2)
        except OSError:
            return 0

    def _digest(self, found: FoundInput) -> str:
        try:
            if found.path is not None:
                return resources.sha256(found.path)
            digest, copy = hashlib.sha256(), self._copied()
            while block := copy.read(_HEAD):
                digest.update(block)
            return digest.hexdigest()
        except OSError:
            return "unreadable"
