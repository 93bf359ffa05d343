"""XML that may be hostile, read as a stream: no entity, no network, no text without end."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from backspeak.errors import InputError, unopened

if TYPE_CHECKING:
    from lxml.etree import _Element

# Bytes in which the root element must begin: what stands before it is comments and a document type.
_PROLOG = 64 * 1024
# Elements within one unit. A unit is kept whole until it ends, so this bounds the memory.
_LARGEST_UNIT = 20_000
# Encodings in which no byte below 0x80 means anything but ASCII, or that show it by a byte order mark:
# in others (UTF-7) a document type could hide from the check of the prolog.
_PLAIN_ENCODING = re.compile(
    r"utf-?8|utf-?16(?:le|be)?|us-ascii|ascii|iso[-_]?8859-\d+|latin-?\d|(?:windows|cp)-?125\d|koi8-[ru]", re.IGNORECASE
)
_DECLARED = re.compile(rb"<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([\w.:-]{1,40})[\"']")
_MISC = re.compile(rb"\s+|<\?.*?\?>|<!--.*?-->|\xef\xbb\xbf|\xff\xfe|\xfe\xff", re.DOTALL)
_DOCTYPE = re.compile(rb"<!DOCTYPE\s+(?:[^\[\]<>\"']|\"[^\"<]*\"|'[^'<]*')*", re.DOTALL)

# Elements whose text is text: emphasis and other mark-up around words. What the others hold is code.
_AROUND_TEXT = frozenset({"hi", "g", "mrk", "pc"})


def local_name(element: _Element) -> str:
    """The name of an element without its namespace; empty for comments and the like."""
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def language_of(element: _Element) -> str | None:
    """`xml:lang`, or `lang` as older files have it, in lower case."""
    value = element.get("{http://www.w3.org/XML/1998/namespace}lang") or element.get("lang")
    return value.lower() if value else None


def units(
    path: Path, wanted: Collection[str], roots: Collection[str], progress: Callable[[int], None] | None = None
) -> Iterator[_Element]:
    """Every element of `path` with a `wanted` local name, whole and in order; it is emptied afterwards.

    Its ancestors can be asked for their attributes. `roots` are the local names the root element may
    have. `progress` gets the bytes read since its last call. Raises InputError, with the line, for a
    file that is not well-formed, holds a document type with declarations of its own, refers to an
    entity, or is another kind of XML.
    """
    from lxml import etree

    try:
        file = path.open("rb")
    except OSError as error:
        raise unopened(path, error) from error
    with file:
        _check_prolog(file.read(_PROLOG), path)
        file.seek(0)
        events = etree.iterparse(
            _Counting(file, progress),
            events=("start", "end"),
            resolve_entities=False,
            no_network=True,
            load_dtd=False,
            dtd_validation=False,
            huge_tree=False,
            remove_comments=True,
            remove_pis=True,
        )
        try:
            yield from _walk(events, wanted, roots, path)
        except etree.XMLSyntaxError as error:
            # The exception itself may only say that no element was found.
            first = next((entry for entry in events.error_log if entry.level_name == "FATAL"), None)
            cause, line = (error.msg, error.lineno) if first is None else (first.message, first.line)
            message = f"is not well-formed XML: {cause.strip()}; export it again"
            raise InputError(message, str(path), line or None) from error


def _walk(events, wanted: Collection[str], roots: Collection[str], path: Path) -> Iterator[_Element]:
    inside = held = 0
    root = None
    for event, element in events:
        name = local_name(element)
        if root is None:
            root = element
            if name not in roots:
                message = f"has the root element <{name}>; expected is {' or '.join(f'<{each}>' for each in roots)}"
                raise InputError(message, str(path), element.sourceline)
            dtd = element.getroottree().docinfo.internalDTD
            if dtd is not None and any(True for _ in dtd.iterentities()):
                raise InputError(_DECLARES, str(path))
        if event == "start":
            inside += name in wanted
            held += inside > 0
            if held > _LARGEST_UNIT:
                message = f"one <{next(iter(wanted))}> holds more than {_LARGEST_UNIT:,} elements; split it"
                raise InputError(message, str(path), element.sourceline)
            continue
        if name in wanted:
            inside -= 1
            _refuse_entities(element, path)
            yield element
        if not inside:
            held = 0
            if element is not root:
                _forget(element)


_DECLARES = "declares entities or a document type of its own, which is not read; delete the <!DOCTYPE ...> part"


def _check_prolog(head: bytes, path: Path) -> None:
    """Refuse a document type with declarations before a parser sees it.

    A bare reference to an outside document type (`<!DOCTYPE tmx SYSTEM "tmx14.dtd">`), which most
    memory tools write, passes: it is never fetched.
    """
    declared = _DECLARED.search(head[:256].replace(b"\0", b""))
    if declared and not _PLAIN_ENCODING.fullmatch(declared[1].decode("ascii")):
        message = f"is in the encoding {declared[1].decode('ascii')}; save it again as UTF-8"
        raise InputError(message, str(path), 1)
    plain = head.replace(b"\0", b"")  # UTF-16 without its empty halves
    at = 0
    while at < len(plain):
        if found := _MISC.match(plain, at):
            at = found.end()
        elif plain.startswith(b"<!DOCTYPE", at):
            found = _DOCTYPE.match(plain, at)
            at = found.end() if found else at
            if plain[at : at + 1] != b">":
                raise InputError(_DECLARES, str(path), plain.count(b"\n", 0, at) + 1)
            at += 1
        else:
            break
    if not plain.strip():
        raise InputError("is empty", str(path))
    if not plain.startswith(b"<", at):
        raise InputError("is not XML: no element begins where the first one belongs", str(path), 1)


def _refuse_entities(unit: _Element, path: Path) -> None:
    from lxml import etree

    for entity in unit.iter(etree.Entity):
        message = f"uses the entity {entity.text}, which is not resolved; write the character itself"
        raise InputError(message, str(path), unit.sourceline)


def _forget(element: _Element) -> None:
    """Free an element that is done with, and the ones before it, so that the size of a file does not matter."""
    element.clear()
    parent = element.getparent()
    while parent is not None and element.getprevious() is not None:
        del parent[0]


def text_of(element: _Element) -> str:
    """The text of a segment without its inline codes, white space as in a sentence."""
    return " ".join(_text(element).split())


def _text(element: _Element) -> str:
    parts = [element.text or ""]
    for child in element:
        if local_name(child) in _AROUND_TEXT:
            parts.append(_text(child))
        parts.append(child.tail or "")
    return "".join(parts)


class _Counting:
    """A file whose reader is told how far it is."""

    def __init__(self, file: BinaryIO, progress: Callable[[int], None] | None) -> None:
        self._file = file
        self._progress = progress

    def read(self, size: int = -1) -> bytes:
        data = self._file.read(size)
        if self._progress is not None:
            self._progress(len(data))
        return data
