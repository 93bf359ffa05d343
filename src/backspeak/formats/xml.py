"""XML from strangers: parsed by expat with nothing expanded and nothing fetched, every place remembered.

Python's own expat and not lxml: only expat says at which byte a piece of text stands, and that is what
lets a writer put marks into a copy and leave every other byte of the file as it was. One parser for
reading and writing, whole files and streams, is also one place to defend:

- a document type may be named (TMX does), but one that declares entities is refused, and an entity
  that is used without a declaration here too; external ones are never looked at
- depth, nodes and the text of one unit have limits, and so has a tag that never ends
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import BinaryIO
from xml.parsers import expat

from backspeak.errors import InputError
from backspeak.formats.encoding import byte_order_mark, codec_of, decode

XML_NAMESPACE = "http://www.w3.org/XML/1998/namespace"

MAX_DEPTH = 256
MAX_NODES = 3_000_000  # elements and pieces of text of a file that is held as a whole
MAX_UNIT_NODES = 20_000  # the same, of one unit of a stream
MAX_UNIT_TEXT = 16 << 20  # characters of one unit of a stream
_MAX_TOKEN = 16 << 20  # bytes of a tag or a comment
_CHUNK = 1 << 18

_DECLARED = re.compile(rb"\A\s*<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([\w.:-]{2,40})[\"']")
_TAG = re.compile(rb"<(?:[^>\"']|\"[^\"]*\"|'[^']*')*>")
_REFERENCE = re.compile(rb"&[^;]*;")


@dataclass(slots=True)
class Text:
    """Characters that stand together in the file; `start` is their first byte in UTF-8."""

    value: str
    start: int
    cdata: bool = False


@dataclass(slots=True)
class Element:
    """An element with its place: `start` is its "<", `end` the "<" of its end tag (or, where it has
    none, its own), both bytes in UTF-8. Attribute names of a namespace are "{namespace}name"."""

    name: str
    namespace: str
    attributes: dict[str, str]
    line: int
    start: int
    end: int = -1
    children: list[Element | Text] = field(default_factory=list)

    def elements(self, name: str) -> Iterator[Element]:
        """Direct children of this name, in any namespace."""
        return (child for child in self.children if isinstance(child, Element) and child.name == name)

    def first(self, name: str) -> Element | None:
        return next(self.elements(name), None)

    def descendants(self) -> Iterator[Element]:
        """This element and all below it, in document order."""
        waiting = [self]
        while waiting:
            element = waiting.pop()
            yield element
            waiting += [child for child in reversed(element.children) if isinstance(child, Element)]


@dataclass(frozen=True)
class Tree:
    """A parsed file: its root, its bytes in UTF-8 (what the places count), and how to write it back."""

    root: Element
    data: bytes
    mark: bytes
    encoding: str
    prefixes: dict[str, str]  # the namespaces that the root declares
    taken: frozenset[str]  # every prefix that is declared anywhere

    def encoded(self, data: bytes) -> bytes:
        """Bytes in UTF-8 as this file would hold them; what its encoding lacks, as references."""
        return self.mark + data.decode("utf-8").encode(self.encoding, "xmlcharrefreplace")

    def tag_end(self, element: Element) -> int:
        """The byte after the ">" of an element's start tag."""
        tag = _TAG.match(self.data, element.start)
        assert tag is not None, "expat accepted a tag without an end"
        return tag.end()

    def is_empty(self, element: Element) -> bool:
        """Whether an element is one tag, <x/>."""
        return self.data[self.tag_end(element) - 2 : self.tag_end(element) - 1] == b"/"

    def text_end(self, text: Text, length: int) -> int:
        """The byte after the first `length` characters of a text; a reference is one character."""
        if length == 0:
            return text.start
        if not text.cdata and self.data[text.start : text.start + 1] == b"&":
            reference = _REFERENCE.match(self.data, text.start)
            assert reference is not None, "expat accepted a reference without an end"
            return reference.end()
        if text.value == "\n" and self.data[text.start : text.start + 2] == b"\r\n":
            return text.start + 2
        return text.start + len(text.value[:length].encode("utf-8"))


def parse(content: bytes, name: str) -> Tree:
    """Parse a whole file; InputError names the line and what is wrong with it."""
    text, encoding = _text(content, name)
    builder = _Builder(name, None, MAX_NODES, len(text))
    data = text.encode("utf-8")
    builder.feed(data, final=True)
    assert builder.root is not None, "expat accepted a file without a root"
    return Tree(builder.root, data, byte_order_mark(content), encoding, builder.prefixes, frozenset(builder.taken))


def stream(file: BinaryIO, name: str, wanted: Collection[str]) -> Iterator[Element]:
    """The elements of the `wanted` names as they are finished, in memory that does not grow with the
    file. Nothing outside them is kept. Raises InputError where the file breaks off or goes wrong."""
    builder = _Builder(name, frozenset(wanted), MAX_UNIT_NODES, MAX_UNIT_TEXT)
    first = file.read(_CHUNK)
    if not first.strip():
        raise InputError("is empty", name)
    mark = byte_order_mark(first)
    encoding = codec_of(mark) or _declared(first) or "utf-8"
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    chunk = first[len(mark) :]
    while chunk:
        following = file.read(_CHUNK)
        try:
            text = decoder.decode(chunk, final=not following)
        except UnicodeError as error:
            raise InputError(f"is not {encoding.upper()}, as it should be: {error}", name, builder.line) from error
        failure = None
        try:
            builder.feed(text.encode("utf-8"), final=not following)
        except InputError as error:
            failure = error
        yield from builder.finished  # good even if the file goes wrong after them
        builder.finished.clear()
        if failure is not None:
            raise failure
        chunk = following


def root_name(content: bytes) -> str | None:
    """The local name of the root of what looks like XML, for telling formats apart; None for other files."""
    mark = byte_order_mark(content)
    try:
        start = content[len(mark) :][:4096].decode(codec_of(mark) or "utf-8", "ignore")
    except LookupError:
        return None
    start = re.sub(r"\A\s*(?:<\?.*?\?>\s*|<!--.*?-->\s*|<!DOCTYPE[^>\[]*(?:\[.*?\])?[^>]*>\s*)*", "", start, flags=re.S)
    tag = re.match(r"<(?:[\w.-]+:)?([\w.-]+)[\s/>]", start)
    return tag[1] if tag else None


def _text(content: bytes, name: str) -> tuple[str, str]:
    """The text of a file and the codec that it is in. An XML declaration is the author's word."""
    codec = codec_of(byte_order_mark(content))
    declared = _declared(content[:4096])
    if codec is None and declared is not None:
        try:
            text = content.decode(declared)
        except UnicodeError:
            pass
        else:
            if text.strip() and "\x00" not in text:
                return text, declared
    text = decode(content, name, declared)
    mark = byte_order_mark(content)
    for encoding in filter(None, (codec, "utf-8", declared)):
        try:
            if text.encode(encoding) == content[len(mark) :]:
                return text, encoding
        except UnicodeError:
            continue
    raise InputError("is in another encoding than it declares; save it again as UTF-8", name, 1)


def _declared(start: bytes) -> str | None:
    found = _DECLARED.match(start)
    return codec_of(found[1]) if found else None


class _Builder:
    """expat's events to Elements. With `wanted`, only subtrees of those names are built."""

    def __init__(self, name: str, wanted: frozenset[str] | None, max_nodes: int, max_text: int) -> None:
        self.root: Element | None = None
        self.finished: list[Element] = []
        self.prefixes: dict[str, str] = {}
        self.taken: set[str] = set()
        self._name, self._wanted = name, wanted
        self._max_nodes, self._max_text = max_nodes, max_text
        self._stack: list[Element | None] = []  # None: open, but not kept
        self._nodes = self._characters = self._fed = 0
        self._cdata = False
        parser = expat.ParserCreate("utf-8", namespace_separator=" ")
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text
        parser.StartCdataSectionHandler = self._start_cdata
        parser.EndCdataSectionHandler = self._end_cdata
        parser.StartNamespaceDeclHandler = self._namespace
        parser.EntityDeclHandler = self._entity
        parser.UnparsedEntityDeclHandler = self._entity
        parser.SkippedEntityHandler = self._skipped
        self._parser = parser

    @property
    def line(self) -> int:
        return self._parser.CurrentLineNumber

    def feed(self, data: bytes, *, final: bool) -> None:
        try:
            self._parser.Parse(data, final)
        except expat.ExpatError as error:
            raise InputError(
                f"is not well-formed XML: {expat.ErrorString(error.code)} at column {error.offset + 1}",
                self._name,
                error.lineno,
            ) from error
        self._fed += len(data)
        if not final and self._fed - max(self._parser.CurrentByteIndex, 0) > _MAX_TOKEN:
            raise self._refused(f"has a tag or a comment of more than {_MAX_TOKEN >> 20} MB")

    def _refused(self, message: str) -> InputError:
        return InputError(message, self._name, self.line)

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        namespace, _, local = name.rpartition(" ")
        if len(self._stack) >= MAX_DEPTH:
            raise self._refused(f"is nested deeper than {MAX_DEPTH} elements")
        parent = self._stack[-1] if self._stack else None
        if parent is None and self._wanted is not None and local not in self._wanted:
            self._stack.append(None)
            return
        if parent is None:
            self._nodes = self._characters = 0
        self._count()
        element = Element(
            local,
            namespace,
            {_clark(key): value for key, value in attributes.items()},
            self._parser.CurrentLineNumber,
            self._parser.CurrentByteIndex,
        )
        if parent is not None:
            parent.children.append(element)
        elif self._wanted is None:
            self.root = element
        self._stack.append(element)

    def _end(self, name: str) -> None:
        element = self._stack.pop()
        if element is None:
            return
        element.end = self._parser.CurrentByteIndex
        if self._wanted is not None and not (self._stack and self._stack[-1] is not None):
            self.finished.append(element)

    def _text(self, value: str) -> None:
        parent = self._stack[-1] if self._stack else None
        if parent is None:
            return
        self._count()
        self._characters += len(value)
        if self._characters > self._max_text:
            raise self._refused(f"has a unit of more than {self._max_text >> 20} million characters")
        parent.children.append(Text(value, self._parser.CurrentByteIndex, self._cdata))

    def _count(self) -> None:
        self._nodes += 1
        if self._nodes > self._max_nodes:
            what = "in one unit" if self._wanted is not None else "in one file; split it"
            raise self._refused(f"has more than {self._max_nodes:,} elements and lines {what}")

    def _start_cdata(self) -> None:
        self._cdata = True

    def _end_cdata(self) -> None:
        self._cdata = False

    def _namespace(self, prefix: str | None, uri: str) -> None:
        self.taken.add(prefix or "")
        if not self._stack:
            self.prefixes[prefix or ""] = uri

    def _entity(self, *declaration: object) -> None:
        raise self._refused("declares entities of its own, which are not expanded here; replace them by their text")

    def _skipped(self, name: str, is_parameter: bool) -> None:
        raise self._refused(f"uses the entity &{name}; that it does not declare; replace it by its text")


def _clark(name: str) -> str:
    namespace, separator, local = name.rpartition(" ")
    return f"{{{namespace}}}{local}" if separator else local
