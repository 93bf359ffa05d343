"""Plain text: one paragraph a line, or hard-wrapped lines in blocks between blank lines."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from backspeak.data import Document
from backspeak.formats.blocks import Block, lines_of, segments_of
from backspeak.formats.directives import CommentedLines
from backspeak.formats.encoding import decode

_WIDEST_WRAP = 120  # characters; longer lines were not wrapped by hand or by an e-mail program
_NARROWEST_WRAP = 40
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
    commented = CommentedLines()
    lines = list(enumerate(commented.without_directives(lines_of(decode(content, name))), start=1))
    blocks = text_blocks(lines, lambda number: f"line {number}", commented.ignored_at)
    return Document(name, segments_of(name, blocks))


def text_blocks(
    lines: Sequence[NumberedLine],
    place: Callable[[int], str],
    ignored: Callable[[int], tuple[str, ...]] = lambda number: (),
) -> Iterator[Block]:
    """Paragraphs from the lines of a text; `place` turns a line's number into a location, `ignored` into the
    rules that are not to be flagged there."""
    groups = list(_groups(lines))
    width = _document_width(groups)
    for group in groups:
        for paragraph in _paragraphs(group, width):
            yield replace(_joined(paragraph, place), ignore=ignored(paragraph[0][0]))


def _groups(lines: Iterable[NumberedLine]) -> Iterator[list[NumberedLine]]:
    """Runs of lines without a blank line between them, stripped."""
    group: list[NumberedLine] = []
    for number, line in lines:
        if stripped := line.strip():
            group.append((number, stripped))
        elif group:
            yield group
            group = []
    if group:
        yield group


def _document_width(groups: list[list[NumberedLine]]) -> int | None:
    """The width at which the document as a whole is wrapped, from its groups of three lines and
    more; None when most of them are not wrapped."""
    widths = [_wrap_width([line for _, line in group]) for group in groups if len(group) >= 3]
    wrapped = [width for width in widths if width is not None]
    return max(wrapped) if wrapped and 2 * len(wrapped) >= len(widths) else None


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
