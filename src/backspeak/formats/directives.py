"""Inline ignores: comments by which the author of a text accepts flags.

    <!-- backspeak-ignore -->                            the next block: no flag at all
    <!-- backspeak-ignore: typography, round-trip -->    the next block: none of these rules
    <!-- backspeak-disable: phrase-bank.calques -->      from here on ...
    <!-- backspeak-enable: phrase-bank.calques -->       ... to here; without rules: everything again
    <!-- backspeak-ignore: typography -- why -->         what follows two dashes is for the reader

A rule stands for its family too, as with --disable. A region that is not closed ends with the document.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import count

from backspeak.formats.blocks import Block

ALL = "*"
_CALL = re.compile(r"\s*backspeak-(ignore|disable|enable)(?:[\s:]+(.*))?", re.DOTALL)
_REASON = re.compile(r"\s--\s")
_RULE = re.compile(r"[\w.*-]+")
_LONGEST = 1000  # characters of a comment that is read
# Elements in which "<!--" begins no comment, or whose text no reader sees.
_CLOSED_BY = {name: re.compile(rf"</{name}\s*>", re.IGNORECASE) for name in ("script", "style", "title", "textarea")}
_NAME = re.compile(r"<([a-z]+)", re.IGNORECASE)


@dataclass(frozen=True)
class Directive:
    """One comment: what it does, and to which rules ("*" for all)."""

    verb: str
    rules: tuple[str, ...]


def directives(text: str) -> list[Directive]:
    """The directives of a text, in order."""
    return [directive for _, _, directive in _found(text)]


def only_directives(text: str) -> bool:
    """Whether a line or a block holds nothing but directives."""
    found, at, outside = False, 0, ""
    for start, end, _ in _found(text):
        found, outside, at = True, outside + text[at:start], end
    return found and not (outside + text[at:]).strip()


def _found(text: str) -> Iterator[tuple[int, int, Directive]]:
    """(start, end, directive) of each; by plain search, so that no text is slow."""
    end = 0
    while (start := text.find("<!--", end)) >= 0 and (close := text.find("-->", start + 4)) >= 0:
        end = close + 3
        directive = _directive(text[start:end])
        if directive is not None:
            yield start, end, directive


def _directive(comment: str) -> Directive | None:
    call = _CALL.fullmatch(_REASON.split(comment[4:-3], maxsplit=1)[0]) if len(comment) <= _LONGEST else None
    if call is None:
        return None
    rules = tuple(rule for rule in re.split(r"[\s,]+", call[2] or "") if rule)
    return Directive(call[1], rules or (ALL,)) if all(map(_RULE.fullmatch, rules)) else None


class Ignores:
    """What is ignored while a document is read from top to bottom."""

    def __init__(self) -> None:
        self._off: list[str] = []
        self._next: list[str] = []

    def take(self, found: Iterable[Directive]) -> None:
        """Follow directives that stand before the next block, or inside it."""
        for directive in found:
            if directive.verb == "ignore":
                self._next += directive.rules
            elif directive.verb == "disable":
                self._off += directive.rules
            elif ALL in directive.rules:
                self._off.clear()
            else:
                self._off = [rule for rule in self._off if rule not in directive.rules]

    def block(self) -> tuple[str, ...]:
        """The rules that the next block ignores."""
        rules = tuple(dict.fromkeys([*self._off, *self._next]))
        self._next.clear()
        return rules


class CommentedLines:
    """Lines of a text without those that are directives only, and what these say of the blocks between.

    Lines may be read ahead of the blocks that are made of them, so directives wait by line number.
    """

    def __init__(self) -> None:
        self._waiting: deque[tuple[int, list[Directive]]] = deque()
        self._ignores = Ignores()

    def without_directives(self, lines: Iterable[str]) -> Iterator[str]:
        """The lines, numbered from 1, those with directives blank."""
        for number, line in enumerate(lines, start=1):
            if only_directives(line):
                self._waiting.append((number, directives(line)))
                line = ""
            yield line

    def ignored_at(self, number: int) -> tuple[str, ...]:
        """The rules that the block beginning on this line ignores; to be asked once a block, in order."""
        while self._waiting and self._waiting[0][0] < number:
            self._ignores.take(self._waiting.popleft()[1])
        return self._ignores.block()


# HTML: the extractor drops comments, so each leaves a mark in the text that follows it.


def marked(page: str) -> tuple[str, str]:
    """The page with a mark in place of each directive, and the key of the marks; empty without any."""
    if not directives(page):
        return page, ""
    key = next(f"⟦backspeak{number}:" for number in count() if f"⟦backspeak{number}:" not in page)
    parts, pending = [], ""
    for piece, is_text in _pieces(page):
        directive = None if is_text else _directive(piece)
        if directive is not None:
            pending += f"{key}{directive.verb} {' '.join(directive.rules)}⟧"
        elif is_text and pending and piece.strip():
            space = len(piece) - len(piece.lstrip())
            parts.append(piece[:space] + pending + piece[space:])
            pending = ""
        else:
            parts.append(piece)
    return "".join(parts), key


def _pieces(page: str) -> Iterator[tuple[str, bool]]:
    """The page in pieces: (text, True), and tags, comments and unread elements with False."""
    at = 0
    while (start := page.find("<", at)) >= 0:
        yield page[at:start], True
        if page.startswith("<!--", start):
            close = page.find("-->", start + 4)
            end = len(page) if close < 0 else close + 3
        else:
            close = page.find(">", start)
            end = len(page) if close < 0 else close + 1
            name = _NAME.match(page, start)
            if name is not None and (closing := _CLOSED_BY.get(name[1].lower())) is not None:
                found = closing.search(page, end)
                end = len(page) if found is None else found.end()
        yield page[start:end], False
        at = end
    yield page[at:], True


def unmarked(blocks: Iterable[Block], key: str) -> Iterator[Block]:
    """The blocks of a marked page with their marks followed and taken out."""
    mark = re.compile(re.escape(key) + r"(\w+) ([\w.* -]*)⟧")
    ignores = Ignores()
    for block in blocks:
        ignores.take(Directive(found[1], tuple(found[2].split())) for found in mark.finditer(block.text))
        text = mark.sub("", block.text).strip()
        if text:
            yield replace(block, text=text, ignore=ignores.block())
