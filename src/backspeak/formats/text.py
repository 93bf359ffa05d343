"""Plain text: one paragraph a line, or hard-wrapped lines in blocks between blank lines."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import BinaryIO

from backspeak.data import Document, Segment
from backspeak.formats.blocks import Block, segments_in
from backspeak.formats.directives import CommentedLines
from backspeak.formats.lines import Lines

_WIDEST_WRAP = 120  # characters; longer lines were not wrapped by hand or by an e-mail program
_NARROWEST_WRAP = 40
_MOST_LINES = 2_000  # of a group; no prose goes on for so long without a blank line
_BULLET = re.compile(r"[•‣▪●◦*–-]\s+")
_SENTENCE_END = re.compile(r"[.!?…:;]['\"’”»)\]]*$")

NumberedLine = tuple[int, str]


def read_text(content: bytes, name: str, source_lang: str | None = None) -> Document:
    """Read plain text; Segment.location is the line on which the sentence begins.

    A line is a paragraph unless it is visibly the continuation of the line before, as in e-mails
    and hard-wrapped files; those lines are joined by a space. Bullets at the start of a paragraph
    are left out, and so are lines of inline ignores (`directives`). Raises InputError when the content
    is empty or not text.
    """
    return Document(name, list(stream_text(io.BytesIO(content), name)))


def stream_text(file: BinaryIO, name: str, source_lang: str | None = None) -> Iterator[Segment]:
    """The same as it is read; the file is read twice, first to learn how wide its lines are wrapped."""
    lines = Lines(file, name)
    # The lines with directives end groups, so both readings leave them out; only the second follows them.
    width = _document_width(_groups(enumerate(CommentedLines().without_directives(lines), start=1)))
    commented = CommentedLines()
    numbered = enumerate(commented.without_directives(lines), start=1)
    yield from segments_in(name, _blocks(numbered, width, lambda number: f"line {number}", commented.ignored_at))


def text_blocks(
    lines: Sequence[NumberedLine],
    place: Callable[[int], str],
    ignored: Callable[[int], tuple[str, ...]] = lambda number: (),
) -> Iterator[Block]:
    """Paragraphs from the lines of a text; `place` turns a line's number into a location, `ignored` into the
    rules that are not to be flagged there."""
    return _blocks(lines, _document_width(_groups(lines)), place, ignored)


def _blocks(
    lines: Iterable[NumberedLine],
    width: int | None,
    place: Callable[[int], str],
    ignored: Callable[[int], tuple[str, ...]],
) -> Iterator[Block]:
    for group in _groups(lines):
        for paragraph in _paragraphs(group, width):
            yield replace(_joined(paragraph, place), ignore=ignored(paragraph[0][0]))


def _groups(lines: Iterable[NumberedLine]) -> Iterator[list[NumberedLine]]:
    """Runs of lines without a blank line between them, stripped.

    A run of very many lines (a sentence a line, perhaps a million) is cut after a sentence.
    """
    group: list[NumberedLine] = []
    for number, line in lines:
        stripped = line.strip()
        full = len(group) >= _MOST_LINES and (
            len(group) >= 2 * _MOST_LINES or _SENTENCE_END.search(group[-1][1]) is not None
        )
        if group and (full or not stripped):
            yield group
            group = []
        if stripped:
            group.append((number, stripped))
    if group:
        yield group


def _document_width(groups: Iterable[list[NumberedLine]]) -> int | None:
    """The width at which the document as a whole is wrapped, from its groups of three lines and
    more; None when most of them are not wrapped."""
    several = wrapped = widest = 0
    for group in groups:
        if len(group) < 3:
            continue
        several += 1
        width = _wrap_width([line for _, line in group])
        if width is not None:
            wrapped += 1
            widest = max(widest, width)
    return widest if wrapped and 2 * wrapped >= several else None


def _wrap_width(lines: list[str]) -> int | None:
    """The width that a group is wrapped at, or None.

    Whoever wraps by width breaks a line only where the next word would not fit. A list of headlines
    or verses fails that test, or has no line that goes on in lower case.
    """
    width = max(map(len, lines))
    if not _NARROWEST_WRAP <= width <= _WIDEST_WRAP:
        return None
    breaks = list(pairwise(lines))
    full = sum(_is_full(line, following, width) for line, following in breaks)
    continued = sum(following[0].islower() for _, following in breaks)
    return width if continued and full >= 0.9 * len(breaks) else None


def _is_full(line: str, following: str, width: int) -> bool:
    return len(line) + 1 + len(following.split(None, 1)[0]) >= width


def _paragraphs(group: list[NumberedLine], width: int | None) -> Iterator[list[NumberedLine]]:
    wrapped = len(group) >= 3 and _wrap_width([line for _, line in group]) is not None
    paragraph = [group[0]]
    for numbered in group[1:]:
        if _continues(paragraph[-1][1], numbered[1], wrapped, width):
            paragraph.append(numbered)
        else:
            yield paragraph
            paragraph = [numbered]
    yield paragraph


def _continues(line: str, following: str, wrapped: bool, width: int | None) -> bool:
    if _BULLET.match(following):
        return False
    if wrapped:
        return True
    if width is not None and len(line) <= width and _is_full(line, following, width):
        return True
    return _NARROWEST_WRAP <= len(line) <= _WIDEST_WRAP and following[0].islower() and not _SENTENCE_END.search(line)


def _joined(paragraph: list[NumberedLine], place: Callable[[int], str]) -> Block:
    parts: list[str] = []
    places: list[tuple[int, str]] = []
    length = 0
    for number, line in paragraph:
        if not parts and (bullet := _BULLET.match(line)) and bullet.end() < len(line):
            line = line[bullet.end() :]
        # A word broken at its hyphen goes together without the space.
        if parts and not (re.search(r"\w-$", parts[-1]) and line[0].islower()):
            parts.append(" ")
            length += 1
        places.append((length, place(number)))
        parts.append(line)
        length += len(line)
    return Block("".join(parts), tuple(places))
