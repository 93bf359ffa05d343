"""HTML: the main text of a page, without its navigation, scripts and adverts."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from backspeak.data import Document
from backspeak.errors import InputError
from backspeak.formats.blocks import Block, segments_of
from backspeak.formats.directives import marked, unmarked
from backspeak.formats.encoding import decode

if TYPE_CHECKING:
    from lxml.etree import _Element

_CHARSET = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?([\w.:-]{2,40})", re.IGNORECASE)
_PARAGRAPHS = ("p", "head", "item", "quote")
_LEFT_OUT = {"table": "table", "code": "code block"}
_CONTAINERS = (*_PARAGRAPHS, *_LEFT_OUT, "list", "body", "main", "div")


def read_html(content: bytes, name: str, source_lang: str | None = None) -> Document:
    """Read the main text of a page; Segment.location is "paragraph N" of that text.

    Nothing is fetched and no entity is resolved. Raises InputError when the content is empty, not
    text, or a page in which no text can be found.
    """
    declared = _CHARSET.search(content[:4096])
    page = decode(content, name, declared[1].decode("ascii") if declared else None)
    page, key = marked(page)
    body = _main_text(page)
    blocks = [] if body is None else list(_blocks(body))
    if key:
        blocks = list(unmarked(blocks, key))
    if not any(block.skip is None for block in blocks):
        raise InputError("has no text that a reader would see; save the article as .txt if it has", name)
    return Document(name, segments_of(name, blocks))


def looks_like_html(content: bytes) -> bool:
    start = content.removeprefix(b"\xef\xbb\xbf").lstrip()[:100].lower()
    return start.startswith((b"<!doctype html", b"<html"))


def _main_text(page: str) -> _Element | None:
    from trafilatura import bare_extraction, baseline  # half a second to import

    # It logs an error for every page without text; the InputError says that in our words.
    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)

    page = re.sub(r"^\s*<\?xml[^>]{0,200}\?>", "", page)  # its encoding was dealt with
    if not re.search(r"<(?:html|body)\b", page, re.IGNORECASE):
        page = f"<html><body>{page}</body></html>"  # the extractor takes a fragment for no page at all
    body = getattr(bare_extraction(page, include_comments=False), "body", None)
    if body is not None and len(body):
        return body
    body, text, _ = baseline(page)
    return body if text else None


def _blocks(body: _Element) -> Iterator[Block]:
    for number, (text, skip) in enumerate(_texts(body), start=1):
        yield Block(text, ((0, f"paragraph {number}"),), skip)


def _texts(element: _Element, skip: str | None = None) -> Iterator[tuple[str, str | None]]:
    """Texts of the innermost blocks in reading order, line breaks as separate texts."""
    inline: list[str] = [element.text or ""]
    for child in element:
        if child.tag in _CONTAINERS:
            yield from _lines(inline, skip)
            inline = []
            if child.tag in _LEFT_OUT:
                yield from _lines([" ".join(child.itertext())], _LEFT_OUT[child.tag])
            else:
                yield from _texts(child, skip)
        elif child.tag == "lb":
            inline.append("\n")
        else:
            inline.append("".join(child.itertext()))
        inline.append(child.tail or "")
    yield from _lines(inline, skip)


def _lines(inline: list[str], skip: str | None) -> Iterator[tuple[str, str | None]]:
    text = "".join(inline)
    for line in [text] if skip else text.split("\n"):
        if joined := " ".join(line.split()):
            yield joined, skip
