"""Text with inline codes, as XLIFF and TMX keep it: the words of it, and where each character stands."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from typing import NamedTuple

from backspeak.formats.xml import XML_NAMESPACE, Element, Text

_SPACE = " \t\r\n"
_TOKEN = re.compile(r"[ \t\r\n]+|[^ \t\r\n]+")
_CLOSING = ",.;:!?)"
_LINE_BREAKS = {"lb", "x-lb", "x-br", "br", "fmt:lb", "xlf:lb"}


class Place(NamedTuple):
    """Where one character of a flat text stands: character `at` of `text`, directly inside `parent`.
    A line break that a code stands for is a place too: its `text` is None, its `code` the element."""

    parent: Element
    text: Text | None
    at: int = 0
    code: Element | None = None


class Run(NamedTuple):
    """Characters of a flat text that stand together: `value` from character `at` of `text` on, directly
    inside `parent`; or the one that `code` stands for."""

    value: str
    parent: Element
    text: Text | None
    at: int = 0
    code: Element | None = None


@dataclass(frozen=True)
class FlatText:
    """The words without the codes, and the runs that they are made of."""

    text: str
    runs: tuple[Run, ...]

    @cached_property
    def _starts(self) -> list[int]:
        return list(accumulate((len(run.value) for run in self.runs), initial=0))

    def place(self, offset: int) -> Place:
        """Where the character at `offset` of `text` stands."""
        at = bisect_right(self._starts, offset) - 1
        run = self.runs[at]
        return Place(run.parent, run.text, run.at + offset - self._starts[at], run.code)


def flatten(element: Element, codes: Collection[str], *, preserve: bool = False) -> FlatText:
    """The text of `element` as a reader of the finished document would see it.

    Elements named in `codes` stand for formatting or for something put in later: they are left out
    with all they hold, and no space is left hanging where one was. A code for a line break is a space.
    White space is joined unless `preserve`, and never kept at the ends.
    """
    flat = _Flat(preserve)
    waiting: list[tuple[Element, Element | Text]] = [(element, child) for child in reversed(element.children)]
    while waiting:
        parent, child = waiting.pop()
        if isinstance(child, Text):
            for token in _TOKEN.finditer(child.value):
                flat.add(Run(token[0], parent, child, token.start()))
        elif child.name == "cp":
            flat.add_code_point(child, parent)
        elif child.name in codes:
            if (child.attributes.get("ctype") or child.attributes.get("subType")) in _LINE_BREAKS:
                flat.add(Run(" ", parent, None, 0, child))
            else:
                flat.pass_code()
        else:
            waiting += [(child, grandchild) for grandchild in reversed(child.children)]
    return flat.finished()


def preserves_space(element: Element, inherited: bool) -> bool:
    """What `xml:space` says of the white space inside `element`."""
    said = element.attributes.get(f"{{{XML_NAMESPACE}}}space")
    return inherited if said is None else said == "preserve"


class _Flat:
    """Words and white space as they come, without the space that nobody would see."""

    def __init__(self, preserve: bool) -> None:
        self._preserve = preserve
        self._runs: list[Run] = []
        self._after_code = False

    def add(self, run: Run) -> None:
        """Take a run that is all white space, or has none."""
        ends_in_space = bool(self._runs) and self._runs[-1].value[0] in _SPACE
        if run.value[0] in _SPACE:
            if not self._runs or (ends_in_space and (self._after_code or not self._preserve)):
                return
            if not self._preserve:
                run = run._replace(value=" ")
        elif self._after_code and ends_in_space and run.value[0] in _CLOSING:
            before = self._runs.pop()
            if len(before.value) > 1:
                self._runs.append(before._replace(value=before.value[:-1]))
        self._runs.append(run)
        self._after_code = False

    def add_code_point(self, element: Element, parent: Element) -> None:
        """XLIFF 2 writes characters that XML does not allow as <cp hex="001F"/>."""
        try:
            char = chr(int(element.attributes.get("hex", ""), 16))
        except (ValueError, OverflowError):
            return
        if char.isprintable():
            self.add(Run(char, parent, None, 0, element))

    def pass_code(self) -> None:
        self._after_code = True

    def finished(self) -> FlatText:
        while self._runs and self._runs[-1].value[0] in _SPACE:
            self._runs.pop()
        return FlatText("".join(run.value for run in self._runs), tuple(self._runs))
