"""Slips of the keyboard and of the tokeniser: quotation marks, spaces, brackets, doubled words.

The text is one sentence. A quotation may begin or end in another sentence, so a quotation mark
that is only left open, or only closed, is no slip. Apostrophes and single quotation marks are
left alone: `'90s`, `dogs'` and `'tis` look the same as a wrong mark.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from backspeak.data import Evidence

Rule = Callable[[str], Iterator["_Slip"]]

FAMILY = "typography"
RULES = tuple(
    f"{FAMILY}.{name}"
    for name in (
        "brackets",
        "doubled-stop",
        "doubled-word",
        "missing-space",
        "quote-reopened",
        "quote-side",
        "space-after-quote",
        "space-before-punctuation",
        "space-before-quote",
        "space-in-quote",
    )
)


@dataclass(frozen=True)
class _Slip:
    """Characters start..end, what should stand there, and how sure we are."""

    name: str
    start: int
    end: int
    suggestion: str
    confidence: float
    message: str


def collect(text: str) -> list[Evidence]:
    """The typographic slips of one sentence, in order."""
    hidden = [found.span() for found in _ADDRESS.finditer(text)]
    found = [
        slip for rule in _RULES for slip in rule(text) if not any(start <= slip.start < end for start, end in hidden)
    ]
    found.sort(key=lambda slip: (slip.start, -slip.confidence))
    kept: list[_Slip] = []
    for slip in found:
        if not kept or slip.start >= kept[-1].end:
            kept.append(slip)
    return [_evidence(slip) for slip in kept]


def _evidence(slip: _Slip) -> Evidence:
    return Evidence(
        kind="typography",
        rule=f"typography.{slip.name}",
        start=slip.start,
        end=slip.end,
        category="punctuation",
        severity="minor",
        suggestions=(slip.suggestion,),
        confidence=slip.confidence,
        details={"message": slip.message},
    )


_ADDRESS = re.compile(r"(?:https?://|www\.)\S+|\S+@\S+|\b[\w-]+(?:\.[\w-]+)+/\S*")
_ATTRIBUTION = re.compile(
    r"\s*(?:(?:he|she|they|I|we|it|[A-Z][\w.'’-]+(?: [A-Z][\w.'’-]+)*|the \w+) )?"
    r"(?:said|says|say|added|adds|explained|explains|told|asked|replied|wrote|writes|noted|stressed|continued|recalled)\b"
)

# --- quotation marks -------------------------------------------------------------------------

_STOPS = (",", ".", "!", "?")
_BEFORE_OPENING = tuple("([{—–-‘'/")
_AFTER_CLOSING = tuple(".,;:!?)]}—–-’'/…")


@dataclass(frozen=True)
class _Mark:
    """A double quotation mark with what its neighbours say about it."""

    at: int
    shape: str  # "open", "close", "both" (letters on both sides), "loose" (spaces on both sides)
    sign: str


def _marks(text: str) -> list[_Mark]:
    marks: list[_Mark] = []
    for found in re.finditer(r"[“”\"]", text):
        at, sign = found.start(), found.group()
        before = text[at - 1] if at else ""
        after = text[at + 1 : at + 2]
        if sign == '"' and before.isdigit() and not any(mark.sign == '"' for mark in marks):
            continue  # inches
        opens = not before or before.isspace() or before in _BEFORE_OPENING
        closes = not after or after.isspace() or after in _AFTER_CLOSING
        if before.isspace() and (not after or after.isspace()):
            shape = "loose"
        elif opens:
            shape = "open"
        else:
            shape = "close" if closes else "both"
        marks.append(_Mark(at, shape, sign))
    return marks


def _quote_marks(text: str) -> Iterator[_Slip]:
    marks = _marks(text)
    is_open = False
    for number, mark in enumerate(marks):
        following = marks[number + 1] if number + 1 < len(marks) else None
        if mark.sign == "“" and text.rfind("„", 0, mark.at) > text.rfind("“", 0, mark.at):
            is_open = False  # „German marks“
        elif mark.sign == "“":
            slips = list(_opening_mark(text, mark, is_open, following))
            yield from slips
            is_open = not any(slip.suggestion.startswith("”") for slip in slips)
        elif mark.sign == "”":
            yield from _closing_mark(text, mark, is_open, following)
            is_open = False
        elif is_open and mark.shape == "open" and _looks_closing(text, mark, following):
            yield _wrong_side(text, mark, 0.85)
            is_open = False
        elif mark.shape == "loose":
            if is_open or following is not None:
                yield from _loose(text, mark, is_open)
            is_open = not is_open
        else:
            # A straight mark that stands against one word tells which of the two it is.
            is_open = mark.shape == "open" or (mark.shape == "both" and not is_open)


def _opening_mark(text: str, mark: _Mark, is_open: bool, following: _Mark | None) -> Iterator[_Slip]:
    at = mark.at
    before = text[:at].rstrip()
    closed_later = following is not None and following.sign != "“"
    if (
        before.endswith(_STOPS)
        and at > len(before)
        and _ATTRIBUTION.match(text, at + 1)
        and (is_open or not closed_later)
    ):
        yield _wrong_side(text, mark, 0.9 if is_open else 0.75)
    elif mark.shape == "loose" and is_open:
        yield from _loose(text, mark, True)
    elif text[at + 1 : at + 2].isspace():
        if before and not text[at - 1].isspace():
            message = "An opening quotation mark stands where a closing one belongs."
            yield _Slip("quote-side", at, at + 1, "”", 0.85, message)
        else:
            message = "There is a space after the opening quotation mark."
            yield _Slip("space-in-quote", at, at + 2, "“", 0.85, message)
    elif is_open and mark.shape == "open" and not before.endswith("("):
        message = "The quotation is opened again before it was closed."
        yield _Slip("quote-reopened", at, at + 1, "", 0.6, message)


def _closing_mark(text: str, mark: _Mark, is_open: bool, following: _Mark | None) -> Iterator[_Slip]:
    at = mark.at
    before = text[:at].rstrip()
    touches_word = text[at + 1 : at + 2].isalpha()
    if not before or not text[at - 1].isspace():
        if touches_word and before.endswith(_STOPS):
            message = "A space is missing after the closing quotation mark."
            yield _Slip("space-after-quote", at, at + 1, "” ", 0.85, message)
    elif touches_word and not is_open and following is not None and following.sign == "”":
        message = "A closing quotation mark stands where an opening one belongs."
        yield _Slip("quote-side", at, at + 1, "“", 0.85, message)
    elif touches_word:
        yield _wrong_side(text, mark, 0.93)
    elif not before.endswith(("'", "’")):
        message = "There is a space before the closing quotation mark."
        yield _Slip("space-before-quote", len(before), at + 1, "”", 0.9, message)


def _looks_closing(text: str, mark: _Mark, following: _Mark | None) -> bool:
    """A straight mark with the look of an opening one that has to be the closing one."""
    before = text[: mark.at].rstrip()
    attributed = _ATTRIBUTION.match(text, mark.at + 1) is not None
    return before.endswith(_STOPS) and attributed and (following is None or following.shape == "open")


def _wrong_side(text: str, mark: _Mark, confidence: float) -> _Slip:
    start = len(text[: mark.at].rstrip())
    closing = '"' if mark.sign == '"' else "”"
    message = "The closing quotation mark is on the wrong side of the space."
    return _Slip("quote-side", start, mark.at + 1, closing + " ", confidence, message)


def _loose(text: str, mark: _Mark, is_open: bool) -> Iterator[_Slip]:
    before, after = text[: mark.at].rstrip(), text[mark.at + 1 :]
    if is_open and not before.endswith(("'", "’")):
        closing = '"' if mark.sign == '"' else "”"
        message = "There is a space before the closing quotation mark."
        yield _Slip("space-before-quote", len(before), mark.at + 1, closing, 0.75, message)
    elif not is_open and after.strip():
        end = mark.at + 1 + len(after) - len(after.lstrip())
        message = "There is a space after the opening quotation mark."
        yield _Slip("space-in-quote", mark.at, end, mark.sign, 0.75, message)


# --- spaces and full stops -------------------------------------------------------------------

_SPACED_STOP = re.compile(r"(?<![.…\s])[.](\s+)[.](?!\s*[.])(?=\s|$|[\"”’)])")
_DOUBLED_STOP = re.compile(r"(?<=[\w)\"”’])(?<!\.)\.\.(?![./\w])")
_SPACE_BEFORE_COMMA = re.compile(r"(?<=[\w)\]”\"’%])[ \u00a0]+([,;])(?=\s|$|[\"”’)])")
_SPACE_BEFORE_STOP = re.compile(r"(?<=[\w)\]”’%])[ \u00a0]+\.(?=[”\"]?(?:\s*$|\s+[A-Z“\"]))(?!\s*[.…])")
_NO_SPACE_AFTER_COMMA = re.compile(r"(?<=[a-z]{2}),(?=[A-Za-z]{2})")


def _stops(text: str) -> Iterator[_Slip]:
    for found in _SPACED_STOP.finditer(text):
        yield _Slip("doubled-stop", found.start(), found.end(), ".", 0.93, "The full stop is there twice.")
    for found in _DOUBLED_STOP.finditer(text):
        yield _Slip("doubled-stop", found.start(), found.end(), ".", 0.75, "The full stop is there twice.")


def _spaces(text: str) -> Iterator[_Slip]:
    french = "«" in text or "»" in text
    for found in _SPACE_BEFORE_COMMA.finditer(text):
        sign = found.group(1)
        if sign == ";" and (french or text[found.end() : found.end() + 1] == ")"):
            continue
        name = "comma" if sign == "," else "semicolon"
        message = f"There is a space before the {name}."
        yield _Slip("space-before-punctuation", found.start(), found.end(), sign, 0.9, message)
    for found in _SPACE_BEFORE_STOP.finditer(text):
        message = "There is a space before the full stop."
        yield _Slip("space-before-punctuation", found.start(), found.end(), ".", 0.9, message)
    for found in _NO_SPACE_AFTER_COMMA.finditer(text):
        yield _Slip("missing-space", found.start(), found.end(), ", ", 0.9, "A space is missing after the comma.")


# --- brackets --------------------------------------------------------------------------------

_PAIRS = {")": "(", "]": "["}
_LIST_MARK = re.compile(r"(?:^|[\s(;,:])(?:\w{1,3}|[ivxIVX]+)$")


def _brackets(text: str) -> Iterator[_Slip]:
    open_at: list[int] = []
    for at, sign in enumerate(text):
        if sign in "([":
            if text[at - 1 : at] not in (":", ";", "-"):
                open_at.append(at)
        elif sign in ")]":
            if open_at and text[open_at[-1]] == _PAIRS[sign]:
                open_at.pop()
            elif not open_at and _is_stray(text, at):
                yield _Slip("brackets", at, at + 1, "", 0.7, "The bracket was never opened.")
            elif open_at and text[at - 1] not in ":;-":
                message = "The bracket does not fit the one that was opened."
                yield _Slip("brackets", at, at + 1, ")" if text[open_at.pop()] == "(" else "]", 0.7, message)
    for at in open_at:
        # A bracket around several sentences opens one of them and closes another.
        if text[:at].strip(" \"“‘'"):
            yield _Slip("brackets", at, at + 1, "", 0.5, "The bracket is never closed.")


def _is_stray(text: str, at: int) -> bool:
    """Whether a closing bracket is neither a list mark, a smiley nor the end of a longer bracket."""
    if text[at - 1 : at] in (":", ";", "-", "", ")") or text[at + 1 : at + 2] == ")" or _LIST_MARK.search(text[:at]):
        return False
    return bool(text[at + 1 :].strip(" .!?\"”’'"))


# --- doubled words ---------------------------------------------------------------------------

_TWICE = re.compile(r"(?<![\w'’-])([A-Za-z]+)[ \u00a0]+(\1)(?![\w'’-])", re.I)
_NEVER_TWICE = re.compile(
    r"a|an|the|of|and|with|by|for|from|at|be|was|are|were|has|have|will|would|this|his|their|its|he|she|they|"
    r"we|as|or|but|which|who|when|into|than|not|to|if|been|can|could|about|after|before|between"
)
_MAY_BE_TWICE = re.compile(
    r"had|that|is|her|in|on|so|no|very|many|much|more|long|far|really|too|ha|bye|night|yo|cha|tut|knock|chop|"
    r"hush|win|tick|ding|dum|la|you|it|do|there|what|now|go|never|hear|yes|well|boo|wow|pretty|big|old|high|"
    r"up|down|out|sapiens"
)


def _doubled_words(text: str) -> Iterator[_Slip]:
    for found in _TWICE.finditer(text):
        first, second = found.groups()
        word = first.lower()
        never = _NEVER_TWICE.fullmatch(word) is not None
        if _MAY_BE_TWICE.fullmatch(word) or (second[0].isupper() and not never):
            continue
        confidence = 0.5 if second[0].isupper() else 0.93 if never else 0.75 if len(word) > 3 else 0.5
        message = f"The word “{first}” is there twice."
        yield _Slip("doubled-word", found.start(), found.end(), first, confidence, message)


_RULES: tuple[Rule, ...] = (_quote_marks, _stops, _spaces, _brackets, _doubled_words)
