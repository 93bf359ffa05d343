"""DOCX: paragraphs, headings, lists, tables and notes of a Word document, as its reader sees them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from backspeak.data import Document
from backspeak.errors import InputError
from backspeak.formats.archive import packed, unpacked
from backspeak.formats.blocks import Block, segments_of

if TYPE_CHECKING:
    from lxml.etree import _Element

_WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_COMPATIBILITY = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_PARAGRAPH, _TABLE, _TEXT = f"{_WORD}p", f"{_WORD}tbl", f"{_WORD}t"
_SPACES = {f"{_WORD}{name}": " " for name in ("tab", "br", "cr")}
_CHARS = {f"{_WORD}noBreakHyphen": "-"}
# What the finished document does not show: text that was moved away, the older form of a drawing.
_HIDDEN = (
    f"{_WORD}moveFrom",
    f"{_WORD}del",
    f"{_COMPATIBILITY}Fallback",
    f"{_WORD}rPr",
    f"{_WORD}pPr",
    f"{_WORD}instrText",
)
_NOTES = {"footnotes": "footnote", "endnotes": "endnote"}
_DOCTYPE = re.compile(rb"<\s*!\s*(?:DOCTYPE|ENTITY)", re.IGNORECASE)


def read_docx(content: bytes, name: str, source_lang: str | None = None) -> Document:
    """Read a Word document; Segment.location is "paragraph N" (empty ones counted, as an editor sees
    them), or the table, row and cell. Tracked changes are read as accepted. Headers, footers and
    comments are left out. Raises InputError for what is damaged, encrypted or hostile.
    """
    # Only the text parts: pictures are not read, and the library unpacks whatever it is given.
    members = unpacked(content, name, "a Word document", (".xml", ".rels"))
    _refuse_doctypes(members, name)
    import docx

    try:
        document = docx.Document(packed(members))
        blocks = list(_blocks(document.element.body))
        for part in document.part.package.iter_parts():
            kind = _NOTES.get(str(part.partname).rpartition("/")[2].removesuffix(".xml"))
            if kind is not None:
                blocks += _notes(part.blob, kind)
    except Exception as error:  # python-docx raises whatever a damaged part leads it to
        cause = str(error) or type(error).__name__
        raise InputError(f"could not be read as a Word document ({cause:.200}); save it again", name) from error
    return Document(name, segments_of(name, blocks))


def looks_like_docx(content: bytes) -> bool:
    return content.startswith(b"PK\x03\x04") and b"word/" in content


def _refuse_doctypes(members: dict[str, bytes], name: str) -> None:
    """No part of a Word document has a document type: whoever wrote one is after the parser."""
    for path, part in members.items():
        # Without the NULs, UTF-16 reads like ASCII here.
        if _DOCTYPE.search(part.replace(b"\x00", b"")):
            raise InputError(f"declares a document type or entities in {path}: refused", name)


def _blocks(body: _Element) -> Iterator[Block]:
    paragraphs = tables = 0
    for element in _shown(body):
        if element.tag == _PARAGRAPH:
            paragraphs += 1
            yield from _paragraph(element, f"paragraph {paragraphs}")
        elif element.tag == _TABLE:
            tables += 1
            yield from _table(element, f"table {tables}")


def _shown(parent: _Element) -> Iterator[_Element]:
    """Paragraphs and tables directly inside, through content controls and other wrappers."""
    for child in parent:
        if child.tag in (_PARAGRAPH, _TABLE):
            yield child
        elif isinstance(child.tag, str) and child.tag not in _HIDDEN:
            yield from _shown(child)


def _table(table: _Element, where: str) -> Iterator[Block]:
    for row_number, row in enumerate(table.iter(f"{_WORD}tr"), start=1):
        if next(row.iterancestors(_TABLE), None) is not table:
            continue
        for cell_number, cell in enumerate(row.iterchildren(f"{_WORD}tc"), start=1):
            place = f"{where}, row {row_number}, cell {cell_number}"
            for element in _shown(cell):
                if element.tag == _PARAGRAPH:
                    yield from _paragraph(element, place)
                else:
                    yield from _table(element, place)


def _notes(blob: bytes, kind: str) -> Iterator[Block]:
    from docx.oxml import parse_xml

    for note in parse_xml(blob):
        if note.get(f"{_WORD}type") is None:  # the others are rulers, not notes
            for element in _shown(note):
                yield from _paragraph(element, f"{kind} {note.get(f'{_WORD}id')}")


def _paragraph(paragraph: _Element, place: str) -> Iterator[Block]:
    """The text of a paragraph, then that of the text boxes that hang on it."""
    parts: list[str] = []
    boxed: list[_Element] = []
    _collect(paragraph, parts, boxed)
    yield Block("".join(parts), ((0, place),))
    for box in boxed:
        yield from _paragraph(box, place)


def _collect(element: _Element, parts: list[str], boxed: list[_Element]) -> None:
    for child in element:
        if child.tag in _HIDDEN or not isinstance(child.tag, str):
            continue
        if child.tag == _PARAGRAPH:
            boxed.append(child)
        elif child.tag == _TEXT:
            parts.append(child.text or "")
        elif child.tag in _SPACES:
            parts.append(_SPACES[child.tag])
        elif child.tag in _CHARS:
            parts.append(_CHARS[child.tag])
        else:
            _collect(child, parts, boxed)
