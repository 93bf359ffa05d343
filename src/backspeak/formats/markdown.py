"""Markdown: the text that a reader of the rendered page sees."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

from backspeak.data import Document
from backspeak.formats.blocks import Block, lines_of, segments_of
from backspeak.formats.directives import Ignores, directives
from backspeak.formats.encoding import decode

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

_FRONT_MATTER_FENCES = ("---", "+++")
_LONGEST_LINE = 10_000  # characters; the parser slows down on longer paragraphs, so they are broken up
_SKIPPED = {"fence": "code block", "code_block": "code block", "html_block": "HTML block", "table_open": "table"}
_METADATA = re.compile(r"[\w.-]+\s*[:=]")
_COMMENT = re.compile(r"\s*<!--.*-->\s*", re.DOTALL)


def read_markdown(content: bytes, name: str, source_lang: str | None = None) -> Document:
    """Read Markdown; Segment.location is the line on which the sentence begins.

    Emphasis is dropped, a link gives its text, a picture nothing. Code blocks, tables, HTML blocks
    and front matter become skipped segments. Raises InputError when the content is empty or not text.
    """
    lines = _numbered_lines(decode(content, name))
    body_start = _front_matter_length([line for _, line in lines])
    front, body = lines[:body_start], lines[body_start:]
    blocks = [_raw(front, "front matter")] if front else []
    blocks += _blocks(body)
    return Document(name, segments_of(name, blocks))


def _numbered_lines(text: str) -> list[tuple[int, str]]:
    """Lines with their numbers; an enormous one in pieces, with a blank line between them."""
    numbered: list[tuple[int, str]] = []
    for number, line in enumerate(lines_of(text), start=1):
        while len(line) > _LONGEST_LINE:
            cut = line.rfind(" ", _LONGEST_LINE // 2, _LONGEST_LINE) + 1 or _LONGEST_LINE
            numbered += [(number, line[:cut]), (number, "")]
            line = line[cut:]
        numbered.append((number, line))
    return numbered


def _front_matter_length(lines: Sequence[str]) -> int:
    fence = lines[0].rstrip()
    if fence not in _FRONT_MATTER_FENCES:
        return 0
    end = next((at for at, line in enumerate(lines[1:], start=1) if line.rstrip() == fence), 0)
    # A ruled line at the top of a page looks like the fence, but no key follows it.
    return end + 1 if end and _METADATA.match(lines[1]) else 0


def _blocks(lines: list[tuple[int, str]]) -> Iterator[Block]:
    table_end = -1
    ignores = Ignores()
    for token in _parser().parse("\n".join(line for _, line in lines)):
        if token.map is None or token.map[0] < table_end:
            continue
        start, end = token.map
        if token.type == "inline":
            for child in token.children or []:
                if child.type == "html_inline":
                    ignores.take(directives(child.content))
            numbers = [number for number, _ in lines[start:end]]
            ignore = ignores.block()
            for block in _inline_blocks(token.children or [], numbers):
                yield replace(block, ignore=ignore)
        elif token.type in _SKIPPED:
            if token.type == "html_block":
                ignores.take(directives(token.content))
                if _COMMENT.fullmatch(token.content):
                    continue
            yield _raw(lines[start:end], _SKIPPED[token.type])
            if token.type == "table_open":
                table_end = end


def _raw(lines: list[tuple[int, str]], skip: str) -> Block:
    return Block("\n".join(line for _, line in lines), ((0, f"line {lines[0][0]}"),), skip)


def _inline_blocks(tokens: Sequence[Token], numbers: list[int]) -> Iterator[Block]:
    """The text of a paragraph; a line break that its author demands ends the block."""
    parts: list[str] = []
    places = [(0, f"line {numbers[0]}")]
    length = breaks = 0
    for token in tokens:
        if token.type == "hardbreak":
            yield Block("".join(parts), tuple(places))
            parts, places, length = [], [], 0
        elif token.type == "softbreak":
            parts.append(" ")
            length += 1
        elif (token.type == "image" or token.content.startswith("<!--")) and parts and parts[-1].endswith(" "):
            parts[-1] = parts[-1][:-1]  # or its place would show as a space too many
            length -= 1
        elif token.type in ("text", "code_inline", "text_special"):
            parts.append(token.content)
            length += len(token.content)
        if token.type in ("hardbreak", "softbreak"):
            breaks = min(breaks + 1, len(numbers) - 1)
            places.append((length, f"line {numbers[breaks]}"))
    yield Block("".join(parts), tuple(places))


@cache
def _parser() -> MarkdownIt:
    from markdown_it import MarkdownIt

    return MarkdownIt("commonmark").enable(["table", "strikethrough"])
