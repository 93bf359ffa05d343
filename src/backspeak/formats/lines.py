"""The lines of a text file, as often as they are asked for, in constant memory where it is UTF-8."""

from __future__ import annotations

import codecs
import io
from collections.abc import Iterator
from typing import BinaryIO

from backspeak.formats.blocks import lines_of
from backspeak.formats.encoding import decode, is_refused

_CHUNK = 1 << 20


class Lines:
    """The lines of a seekable binary file, without their ends; may be iterated again and again.

    A file in UTF-8 is read bit by bit. Any other is decoded as a whole, and refused with InputError
    as `encoding.decode` says, before the first line is given.
    """

    def __init__(self, file: BinaryIO, name: str) -> None:
        self._file = file
        self._text: str | None = None
        if not _is_plain_utf8(file):
            file.seek(0)
            self._text = decode(file.read(), name)

    def __iter__(self) -> Iterator[str]:
        if self._text is not None:
            yield from lines_of(self._text)
            return
        self._file.seek(0)
        text = io.TextIOWrapper(self._file, encoding="utf-8-sig", newline=None)
        try:
            for line in text:
                yield line.removesuffix("\n")
        finally:
            text.detach()  # or closing it would close the file


def _is_plain_utf8(file: BinaryIO) -> bool:
    """Whether the file is UTF-8 text with something in it, and nothing that `decode` would refuse."""
    file.seek(0)
    decoder = codecs.getincrementaldecoder("utf-8")()
    written, first = False, True
    try:
        while chunk := file.read(_CHUNK):
            if (first and is_refused(chunk)) or b"\x00" in chunk:
                return False
            text = decoder.decode(chunk)
            written = written or bool(text.removeprefix("\ufeff" if first else "").strip())
            first = False
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return written
