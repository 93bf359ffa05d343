"""What must survive a translation unchanged: numbers, names, addresses, quotation marks, brackets.

A round trip that loses one of them says nothing about the words that hold it. The loss is put on
record, and what the pivot no longer knows is not held against the text.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

from backspeak.evidence.words import is_protected, word_offsets

Kind = Literal["number", "name", "address", "quotation marks", "brackets"]

ADDRESS = re.compile(
    r"(?:https?://|www\.)[^\s<>\"“”]+|[\w.+-]+@[\w-]+(?:\.[\w-]+)+|\b[\w-]+(?:\.[\w-]+)*\.(?:com|org|net|info|edu|gov)\b"
)
# A grouping mark stands before three figures, a decimal mark before any other count of them.
_FIGURES = re.compile(r"\d+(?:[.,\u00a0\u202f’']\d{3}(?!\d))*(?:[.,]\d+)?")
_GROUPING = re.compile(r"[.,\u00a0\u202f’'](?=\d{3}(?!\d))")
_SCALE = {"hundred": 100.0, "thousand": 1e3, "million": 1e6, "billion": 1e9, "trillion": 1e12}
_UNITS = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen"
)
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_SAID = {word: float(number) for number, word in enumerate(_UNITS.split())}
_SAID |= {word: 10.0 * number for number, word in enumerate(_TENS, start=2)}
_NUMBER_WORD = re.compile(r"[A-Za-z]+|\d[\d.,\u00a0\u202f’']*")
_ALIKE = 0.75  # of its letters: a name that came back spelt another way


@dataclass(frozen=True)
class Item:
    """Something at start..end of a text that a translation should keep."""

    kind: Kind
    start: int
    end: int
    text: str
    value: float | None = None  # of a number

    @property
    def name(self) -> str:
        """Kind and text in words: "number 40", "name Lisbon", "brackets"."""
        return self.kind if self.kind in ("quotation marks", "brackets") else f"{self.kind} {self.text}"


def items(text: str) -> list[Item]:
    """What a translation of an English text should keep, in reading order; quotation marks and brackets once."""
    addresses = [Item("address", *match.span(), match.group().rstrip(".,;:!?)")) for match in ADDRESS.finditer(text)]
    found = [*addresses]

    def free(start: int, end: int) -> bool:
        return not any(start < each.end and end > each.start for each in addresses)

    found += [item for item in numbers(text) if free(item.start, item.end)]
    for start, end in word_offsets(text):
        word = text[start:end]
        if word[0].isalpha() and free(start, end) and is_protected(text, start, end) and not _has_digit(word):
            found.append(Item("name", start, end, re.sub(r"['’]s$", "", word)))
    marks: tuple[tuple[Kind, str], ...] = (("quotation marks", '“”„«»"'), ("brackets", "()[]"))
    for kind, characters in marks:
        place = next((place for place, character in enumerate(text) if character in characters), None)
        if place is not None:
            found.append(Item(kind, place, place + 1, text[place]))
    return sorted(found, key=lambda each: (each.start, each.end))


def numbers(text: str) -> list[Item]:
    """Numbers in figures and in English words, with their values ("5 million", "twenty-five", "1,200.5").

    "one" alone is no number: it is as often a pronoun.
    """
    found: list[Item] = []
    run: list[tuple[int, int, str]] = []
    for match in _NUMBER_WORD.finditer(text):
        word = match.group().lower()
        known = word in _SAID or word in _SCALE or word[0].isdigit()
        if run and not (known and text[run[-1][1] : match.start()] in (" ", "-", "\u00a0") and _continues(run, word)):
            found += _spoken(text, run)
            run = []
        if known and (run or word not in _SCALE):
            run.append((match.start(), match.end(), word))
    return [*found, *_spoken(text, run)]


def _continues(run: list[tuple[int, int, str]], word: str) -> bool:
    """Whether "word" goes on with the number before it: "twenty five", "5 million", but not "2 3"."""
    if word in _SCALE:
        return True
    last = run[-1][2]
    return word in _SAID and (last in _SCALE or (last in _TENS and 0 < _SAID[word] < 10))


def _spoken(text: str, run: list[tuple[int, int, str]]) -> Iterator[Item]:
    if not run or [word for _, _, word in run] == ["one"]:
        return
    start, end = run[0][0], run[-1][1]
    if len(run) == 1 and run[0][2][0].isdigit():
        for match in _FIGURES.finditer(text, start, end):
            yield Item("number", *match.span(), match.group(), _figure(match.group()))
        return
    total, current = 0.0, 0.0
    for _, _, word in run:
        if word in _SCALE:
            current = (current or 1.0) * _SCALE[word]
            if word != "hundred":
                total, current = total + current, 0.0
        else:
            current += _SAID[word] if word in _SAID else _figure(_FIGURES.match(word).group())  # type: ignore[union-attr]
    yield Item("number", start, end, text[start:end], total + current)


def _figure(figures: str) -> float:
    """The value of a number in figures, whichever mark its language has for decimals."""
    grouped = figures if figures[0] == "0" else _GROUPING.sub("", figures)
    return float(re.sub(r"[,’'\u00a0\u202f]", ".", grouped, count=1).replace(",", ""))


def _has_digit(word: str) -> bool:
    return any(character.isdigit() for character in word)


def lost(text: str, round_trip: str) -> list[Item]:
    """The items of an English text that another English text of the same meaning should have and lacks."""
    there = Counter(item.value for item in numbers(round_trip))
    spoken = _plain(round_trip)
    vocabulary = {_plain(round_trip[start:end]).removesuffix("'s") for start, end in word_offsets(round_trip)}
    missing = []
    for item in items(text):
        if item.kind == "number":
            if there[item.value] > 0:
                there[item.value] -= 1
                continue
        elif item.kind in ("quotation marks", "brackets"):
            marks = "()[]" if item.kind == "brackets" else '“”„«»"‘'
            if any(character in marks for character in round_trip):
                continue
        elif item.kind == "name":
            if _known(_plain(item.text), vocabulary):
                continue
        elif _plain(item.text) in spoken:
            continue
        missing.append(item)
    return missing


def unknown_to(pivot_text: str, missing: list[Item]) -> list[Item]:
    """Those of the missing items that the pivot translation does not hold either: lost on the way out."""
    figures = {_figure(match.group()) for match in _FIGURES.finditer(pivot_text)}
    vocabulary = {_plain(pivot_text[start:end]) for start, end in word_offsets(pivot_text)}
    return [
        item
        for item in missing
        if (item.kind == "number" and item.value not in figures)
        or (item.kind == "name" and not _known(_plain(item.text), vocabulary))
        or (item.kind == "address" and _plain(item.text) not in _plain(pivot_text))
    ]


def _known(name: str, vocabulary: set[str]) -> bool:
    if name in vocabulary:
        return True
    return len(name) > 3 and any(
        SequenceMatcher(None, name, word, autojunk=False).ratio() >= _ALIKE
        for word in vocabulary
        if abs(len(word) - len(name)) <= 3
    )


def _plain(text: str) -> str:
    """Without case and diacritics."""
    decomposed = unicodedata.normalize("NFKD", text.casefold().replace("’", "'"))
    return "".join(character for character in decomposed if not unicodedata.combining(character))
