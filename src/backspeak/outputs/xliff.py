"""Copies of the XLIFF inputs with every flag as an ITS 2.0 localization quality issue.

Marks are put into the bytes of the file and nothing else is touched: take them out and the input is
there again, byte for byte. In XLIFF 1.2 a flag is <mrk mtype="x-its">, as the W3C's mapping has it; one
that runs through inline elements becomes several that share stand-off markup at the end of the unit. In
XLIFF 2 it is <mrk type="its:generic">, or <sm/> and <em/> where it runs through elements.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path, PurePosixPath
from xml.sax.saxutils import quoteattr

from backspeak.data import CheckedSegment, ErrorSpan
from backspeak.errors import InputError
from backspeak.formats.inline import Place
from backspeak.formats.xliff import Unit, XliffFile, open_xliff
from backspeak.formats.xml import Element
from backspeak.outputs import Run
from backspeak.outputs.wording import message
from backspeak.reports.files import replace_bytes

ITS = "http://www.w3.org/2005/11/its"
EXTENSIONS = (".xlf", ".xliff")
FOLDER = "annotated"

# ITS 2.0's types of issues, and severities from 0 to 100.
ISSUE_TYPES = {
    "mistranslation": "mistranslation",
    "addition": "addition",
    "omission": "omission",
    "untranslated": "untranslated",
    "terminology": "terminology",
    "grammar": "grammar",
    "spelling": "misspelling",
    "punctuation": "typographical",
    "unidiomatic": "style",
    "register": "register",
    "locale": "locale-violation",
}
SEVERITIES = {"minor": 25, "major": 50, "critical": 100}


def write(run: Run) -> list[Path]:
    """Write a copy of every XLIFF document of the run to annotated/; other documents are passed over.

    Raises InputError when the input is no longer there or is not what was checked.
    """
    written: list[Path] = []
    for document, checked in run.documents().items():
        if not document.lower().endswith(EXTENSIONS):
            continue
        path = run.inputs.get(document, Path(document))
        try:
            content = path.read_bytes()
        except OSError as error:
            raise InputError(
                f"cannot be opened to be annotated ({error.strerror}); run in the folder in which it was checked",
                document,
            ) from error
        target = _target(run.folder / FOLDER, document, written)
        replace_bytes(target, annotated(content, document, checked))
        written.append(target)
    return written


def annotated(content: bytes, name: str, checked: Iterable[CheckedSegment]) -> bytes:
    """`content` with the flags of its segments as ITS markup; InputError when the two do not belong together."""
    file = open_xliff(content, name)
    by_id = {each.segment.id: each for each in checked}
    marks = _Marks(file)
    for unit in file.units:
        each = by_id.get(unit.id)
        if each is None or each.segment.text != unit.flat.text:
            raise InputError(f"is not the file that was checked ({unit.location}); check it again", name)
        marks.add_unit(unit, each.spans)
    return file.tree.encoded(marks.applied())


def _target(folder: Path, document: str, taken: list[Path]) -> Path:
    """Where the copy goes: always inside `folder`, and each to a place of its own."""
    parts = [part for part in PurePosixPath(document.replace("\\", "/")).parts if part not in ("/", "..", ".")]
    parts = [part.replace(":", "_") for part in parts] or ["input.xlf"]
    path = folder.joinpath(*parts)
    number = 1
    while path in taken:
        number += 1
        path = folder.joinpath(
            *parts[:-1], f"{PurePosixPath(parts[-1]).stem}-{number}{PurePosixPath(parts[-1]).suffix}"
        )
    return path


@dataclass(frozen=True)
class _Piece:
    """A part of a flag without an element's edge in it: bytes from `start` to `end` of the file."""

    start: int
    start_in_cdata: bool
    end: int
    end_in_cdata: bool


def _free_prefix(taken: Collection[str]) -> str:
    """One that no element below the root gives another meaning."""
    return next(prefix for number in count(1) if (prefix := f"its{number if number > 1 else ''}") not in taken)


class _Marks:
    """Insertions into the bytes of one file."""

    def __init__(self, file: XliffFile) -> None:
        self._file, self._tree = file, file.tree
        self._inserted: list[tuple[int, bytes]] = []
        root = self._tree.root
        known = next((prefix for prefix, uri in self._tree.prefixes.items() if uri == ITS and prefix), None)
        self._declared = known is not None
        self._prefix = known or _free_prefix(self._tree.taken)
        # Elements of XLIFF need its own prefix where it is not the default namespace.
        own = next((prefix for prefix, uri in self._tree.prefixes.items() if uri == root.namespace), "")
        self._own = f"{own}:" if own else ""
        self._ids: dict[int, set[str]] = {}  # by unit: ids in use

    def add_unit(self, unit: Unit, spans: Iterable[ErrorSpan]) -> None:
        """Mark the flags of one segment. Where two overlap, the later one begins after the earlier."""
        done = 0
        for span in sorted(spans, key=lambda each: (each.start, each.end)):
            start, end = max(span.start, done), max(span.end, done)
            if start == end and unit.flat.text:
                self._mark_point(unit, span, start)
            elif unit.flat.text:
                self._mark(unit, span, self._pieces([unit.flat.place(at) for at in range(start, end)]))
            done = end

    def applied(self) -> bytes:
        """The file with everything put in. Without flags it is the file itself."""
        if not self._inserted:
            return self._tree.data
        self._declare()
        data, parts, at = self._tree.data, [], 0
        for place, markup in sorted(self._inserted, key=lambda each: each[0]):
            parts += [data[at:place], markup]
            at = place
        return b"".join([*parts, data[at:]])

    def _declare(self) -> None:
        root = self._tree.root
        end = self._tree.tag_end(root) - (2 if self._tree.is_empty(root) else 1)
        declared = "" if self._declared else f' xmlns:{self._prefix}="{ITS}"'
        if f"{{{ITS}}}version" not in root.attributes:
            declared += f' {self._prefix}:version="2.0"'
        self._inserted.append((end, declared.encode()))

    def _pieces(self, places: Sequence[Place]) -> list[_Piece]:
        """A flag as runs of characters that lie directly in the same element."""
        if places[0].parent is places[-1].parent:
            return [self._piece(places[0], places[-1])]
        pieces: list[_Piece] = []
        first = 0
        for at in range(1, len(places) + 1):
            if at == len(places) or places[at].parent is not places[first].parent:
                pieces.append(self._piece(places[first], places[at - 1]))
                first = at
        return pieces

    def _piece(self, first: Place, last: Place) -> _Piece:
        start, start_in_cdata = self._start(first)
        end, end_in_cdata = self._end(last)
        return _Piece(start, start_in_cdata, end, end_in_cdata)

    def _start(self, place: Place) -> tuple[int, bool]:
        if place.text is None:
            assert place.code is not None, "a place is a character or a code"
            return place.code.start, False
        return self._tree.text_end(place.text, place.at), place.text.cdata

    def _end(self, place: Place) -> tuple[int, bool]:
        if place.text is None:
            assert place.code is not None, "a place is a character or a code"
            return self._after(place.code), False
        return self._tree.text_end(place.text, place.at + 1), place.text.cdata

    def _after(self, element: Element) -> int:
        """The byte after an element."""
        if self._tree.is_empty(element):
            return self._tree.tag_end(element)
        return self._tree.data.index(b">", element.end) + 1

    def _mark(self, unit: Unit, span: ErrorSpan, pieces: list[_Piece]) -> None:
        if self._file.version == 2:
            name = self._new_id(unit.scope)
            opening = f'id="{name}" type="its:generic" {self._issue(span)}'
            if len(pieces) == 1:
                self._wrap(pieces[0], f"<{self._own}mrk {opening}>", f"</{self._own}mrk>")
            else:
                self._insert(pieces[0].start, f"<{self._own}sm {opening}/>", pieces[0].start_in_cdata)
                self._insert(pieces[-1].end, f'<{self._own}em startRef="{name}"/>', pieces[-1].end_in_cdata)
            return
        issue = self._issue(span)
        if len(pieces) > 1:
            name = self._new_id(self._tree.root)
            issue = f'{self._prefix}:locQualityIssuesRef="#{name}"'
            self._stand_off(unit.scope, name, span)
        for piece in pieces:
            self._wrap(piece, f'<{self._own}mrk mtype="x-its" {issue}>', f"</{self._own}mrk>")

    def _mark_point(self, unit: Unit, span: ErrorSpan, at: int) -> None:
        """A flag without characters, such as an omission: an empty mark at its place."""
        if at < len(unit.flat.text):
            place, in_cdata = self._start(unit.flat.place(at))
        else:
            place, in_cdata = self._end(unit.flat.place(len(unit.flat.text) - 1))
        if self._file.version == 2:
            markup = f'<{self._own}mrk id="{self._new_id(unit.scope)}" type="its:generic" {self._issue(span)}/>'
        else:
            markup = f'<{self._own}mrk mtype="x-its" {self._issue(span)}/>'
        self._insert(place, markup, in_cdata)

    def _stand_off(self, scope: Element, name: str, span: ErrorSpan) -> None:
        prefix = self._prefix
        issue = self._issue(span, prefixed=False)
        inside = f"<{prefix}:locQualityIssue {issue}/>"
        markup = f'<{prefix}:locQualityIssues xml:id="{name}">{inside}</{prefix}:locQualityIssues>'
        self._insert(scope.end, markup, False)

    def _issue(self, span: ErrorSpan, *, prefixed: bool = True) -> str:
        attributes: Mapping[str, str] = {
            "locQualityIssueType": ISSUE_TYPES[span.category],
            "locQualityIssueComment": message(span),
            "locQualityIssueSeverity": str(SEVERITIES[span.severity]),
        }
        prefix = f"{self._prefix}:" if prefixed else ""
        return " ".join(f"{prefix}{name}={quoteattr(value)}" for name, value in attributes.items())

    def _wrap(self, piece: _Piece, opening: str, closing: str) -> None:
        self._insert(piece.start, opening, piece.start_in_cdata)
        self._insert(piece.end, closing, piece.end_in_cdata)

    def _insert(self, at: int, markup: str, in_cdata: bool) -> None:
        # Inside CDATA a mark would be text: the section is closed before it and opened again.
        self._inserted.append((at, (f"]]>{markup}<![CDATA[" if in_cdata else markup).encode("utf-8")))

    def _new_id(self, scope: Element) -> str:
        """An id that nothing in `scope` has."""
        taken = self._ids.get(id(scope))
        if taken is None:
            taken = {
                value
                for each in scope.descendants()
                for key, value in each.attributes.items()
                if key.rpartition("}")[2] == "id"
            }
            self._ids[id(scope)] = taken
        number = 1
        while f"backspeak{number}" in taken:
            number += 1
        taken.add(f"backspeak{number}")
        return f"backspeak{number}"
