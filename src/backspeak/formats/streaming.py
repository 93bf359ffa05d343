"""Inputs of any size as one stream of segments, in constant memory.

JSONL, TSV and plain text are read line by line, TMX unit by unit; of any other format one document at
a time is in memory. What is read is what `reading.read` would read.
"""

from __future__ import annotations

import hashlib
import io
import shutil
import sys
import tempfile
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import BinaryIO, Protocol, cast

from backspeak import resources
from backspeak.data import InputProblem, Segment
from backspeak.errors import InputError
from backspeak.formats.columns import Columns
from backspeak.formats.discovery import STDIN, STDIN_NAME, FoundInput, find
from backspeak.formats.jsonl import read_jsonl, stream_jsonl
from backspeak.formats.reading import READERS, Reader, files_beside, read_file, read_files, reader_for
from backspeak.formats.text import read_text, stream_text
from backspeak.formats.tmx import read_tmx, stream_tmx
from backspeak.formats.tsv import read_tsv, stream_tsv

Item = Segment | InputProblem
StreamReader = Callable[[BinaryIO, str, str | None], Iterator[Item]]
"""(seekable file, document name, default source language) -> its parts; may raise InputError."""

STREAMED: dict[Reader, StreamReader] = {
    read_text: stream_text,
    read_tsv: stream_tsv,
    read_jsonl: stream_jsonl,
    read_tmx: stream_tmx,
}
"""What reads the same bit by bit, of the readers that have it."""

_HEAD = 1 << 16
_ARCHIVE = b"PK\x03\x04"
_KEPT_IN_MEMORY = 1 << 22  # bytes of standard input


class Stream(Protocol):
    """Inputs as one stream, which may be iterated once."""

    total_bytes: int

    @property
    def names(self) -> list[str]:
        """The documents, in order."""

    @property
    def read_bytes(self) -> int:
        """How far reading is, of `total_bytes`."""

    def fingerprint(self) -> dict[str, str]:
        """What decides what is read: SHA-256 of every file by its name, and choices."""

    def __iter__(self) -> Iterator[Item]: ...


class InputStream:
    """Every input that `paths` names, as one stream; may be iterated once, after `fingerprint`.

    Standard input is first copied to a temporary file. Raises InputError like `reading.read`: at once
    for a path that cannot be meant, and at the end of the stream when nothing could be read at all.
    """

    def __init__(
        self,
        paths: Sequence[str | Path],
        *,
        source_lang: str | None = None,
        stdin: BinaryIO | None = None,
        columns: Columns | None = None,
        name: str | None = None,
        leave_out: Collection[Path] = (),
    ) -> None:
        """`columns` chooses those of tables; `name` is what an only input is called in place of its path;
        files to `leave_out` are no input where they lie in a folder."""
        self._inputs = find(paths, READERS.keys(), leave_out)
        if name is not None:
            (only,) = self._inputs
            self._inputs = [replace(only, name=name)]
        self._source_lang = source_lang
        self._columns = columns
        self._stdin = stdin
        self._copy: BinaryIO | None = None
        self._open: BinaryIO | None = None
        self._finished = 0
        self._sizes = [self._size(found) for found in self._inputs]
        self.total_bytes = sum(self._sizes)

    def fingerprint(self) -> dict[str, str]:
        """SHA-256 of every input by its name; "unreadable" for one that cannot be opened."""
        digests = {}
        for found in self._inputs:
            digests[found.name] = self._digest(found)
            for other in files_beside(found.path) if found.path is not None else []:
                if other.is_file():
                    digests[other.as_posix()] = _digest_of(other)
        if self._columns is not None and (chosen := self._columns.chosen()):
            digests["columns"] = ", ".join(f"{role}: {column}" for role, column in chosen.items())
        return digests

    @property
    def names(self) -> list[str]:
        """The documents, in order."""
        return [found.name for found in self._inputs]

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
            yield InputProblem(error.path or found.name, error.message, error.line)
        except OSError as error:
            any_item = True
            yield InputProblem(found.name, f"cannot be opened: {error.strerror or error}")
        finally:
            self._open = None
        if not any_item:
            yield InputProblem(found.name, "has no text to check")

    def _reader(self, found: FoundInput, file: BinaryIO) -> Iterator[Item]:
        self._open = file
        reader = READERS[found.path.suffix.lower()] if found.path is not None else _guessed(file)
        if reader in STREAMED:
            stream = STREAMED[reader] if reader is not read_tsv else partial(stream_tsv, columns=self._columns)
            return stream(file, found.name, self._source_lang)
        return self._whole(found, reader, file)

    def _whole(self, found: FoundInput, reader: Reader, file: BinaryIO) -> Iterator[Item]:
        if found.path is not None:
            document = read_file(found.path, found.name, self._source_lang, self._columns)
        else:
            document = reader(file.read(), found.name, self._source_lang)
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
        if found.path is not None:
            return _digest_of(found.path)
        try:
            digest, copy = hashlib.sha256(), self._copied()
            while block := copy.read(_HEAD):
                digest.update(block)
            return digest.hexdigest()
        except OSError:
            return "unreadable"


class ParallelStream:
    """Parallel files, line by line, as `reading.read_files` reads them: in memory as a whole.

    Raises InputError like `read_files` when it is iterated.
    """

    def __init__(
        self,
        hypothesis: str | Path,
        *,
        source: str | Path | None = None,
        reference: str | Path | None = None,
        source_lang: str | None = None,
        stdin: BinaryIO | None = None,
    ) -> None:
        self._hypothesis = hypothesis
        self._beside = {"source": source, "reference": reference}
        self._source_lang = source_lang
        self._from_stdin = str(hypothesis) == STDIN
        self._content = (stdin or sys.stdin.buffer).read() if self._from_stdin else b""
        self.names = [STDIN_NAME if self._from_stdin else Path(hypothesis).as_posix()]
        self.total_bytes = 1
        self.read_bytes = 0

    def fingerprint(self) -> dict[str, str]:
        """SHA-256 of every file by its name, and which is source and which reference."""
        hypothesis = (
            hashlib.sha256(self._content).hexdigest() if self._from_stdin else _digest_of(Path(self._hypothesis))
        )
        beside = {role: Path(path) for role, path in self._beside.items() if path is not None}
        return {
            self.names[0]: hypothesis,
            **{f"{role} {path.as_posix()}": _digest_of(path) for role, path in beside.items()},
        }

    def __iter__(self) -> Iterator[Item]:
        document = read_files(
            self._hypothesis,
            source=self._beside["source"],
            reference=self._beside["reference"],
            source_lang=self._source_lang,
            stdin=io.BytesIO(self._content),
        )
        yield from document.segments
        yield from document.problems
        self.read_bytes = self.total_bytes


def _guessed(file: BinaryIO) -> Reader:
    """The reader of a file without a name, by its first characters; the file is at its start again."""
    head = file.read(_HEAD)
    head += file.readline() if b"\n" not in head.lstrip() else b""  # a row may be long
    head += file.read() if head.startswith(_ARCHIVE) else b""  # what is in an archive is said at its end
    file.seek(0)
    return reader_for(head)


def _digest_of(path: Path) -> str:
    try:
        return resources.sha256(path)
    except OSError:
        return "unreadable"
