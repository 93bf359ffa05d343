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
_IRREGULAR = {"five": "fifth", "eight": "eighth", "nine": "ninth", "twelve": "twelfth"}
_SAID |= {word: 10.0 * number for number, word in enumerate(_TENS, start=2)}
_NUMBER_WORD = re.compile(r"[A-Za-z]+|\d[\d.,\u00a0\u202f’']*")
# "fourth" to "ninetieth"; the first three are words of many uses.
_ORDINALS = {
    ordinal: value
    for word, value in _SAID.items()
    if value > 3
    for ordinal in (_IRREGULAR.get(word) or (word[:-1] + "ieth" if word.endswith("y") else word + "th"),)
}
# Other names of what is mostly written as an abbreviation.
_SAME = {
    "us": ("united states", "america", "usa"),
    "usa": ("united states", "america", "us"),
    "uk": ("united kingdom", "britain", "british"),
    "eu": ("european",),
    "un": ("united nations",),
}
_ROMAN_VALUES = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100}
_ROMAN = re.compile(r"\b[IVXLC]+\b")
_DOTTED = re.compile(r"\b(?:[A-Z]\.){2,}")
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
    dotted = [Item("name", *match.span(), match.group().replace(".", "")) for match in _DOTTED.finditer(text)]
    found += dotted
    for start, end in word_offsets(text):
        word = re.sub(r"['’]s$", "", text[start:end])
        if len(word) < 2 or any(start < each.end and end > each.start for each in dotted) or not free(start, end):
            continue
        if word[0].isalpha() and is_protected(text, start, end) and not _has_digit(word):
            found.append(Item("name", start, end, word))
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
        if word in _ORDINALS:
            tens = _SAID[run.pop()[2]] if run and run[-1][2] in _TENS and _joins(text, run[-1][1], match.start()) else 0
            found += [*_spoken(text, run), Item("number", *match.span(), match.group(), tens + _ORDINALS[word])]
            run = []
            continue
        known = word in _SAID or word in _SCALE or word[0].isdigit()
        if run and not (known and _joins(text, run[-1][1], match.start()) and _continues(run, word)):
            found += _spoken(text, run)
            run = []
        if known and (run or word not in _SCALE):
            run.append((match.start(), match.end(), word))
    return [*found, *_spoken(text, run)]


def _joins(text: str, start: int, end: int) -> bool:
    return text[start:end] in (" ", "-", "\u00a0")


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


def _leading(text: str) -> float | None:
    """The value of the figures that a number begins with."""
    match = _FIGURES.match(text)
    return _figure(match.group()) if match else None


def _roman(text: str) -> float:
    """The value of a Roman number, as many languages write centuries."""
    values = [_ROMAN_VALUES[letter] for letter in text]
    return float(sum(-a if a < b else a for a, b in zip(values, [*values[1:], 0], strict=True)))


def _has_digit(word: str) -> bool:
    return any(character.isdigit() for character in word)


def lost(text: str, round_trip: str) -> list[Item]:
    """The items of an English text that another English text of the same meaning should have and lacks."""
    there = Counter(item.value for item in numbers(round_trip))
    spoken = _plain(round_trip)
    vocabulary = _vocabulary(round_trip)
    missing = []
    for item in items(text):
        if item.kind == "number":
            values = [item.value]
            if item.value is not None and 1900 < item.value < 2000 and text[item.end : item.end + 1] == "s":
                values.append(item.value - 1900)  # the 1980s, the 80s
            known = next((value for value in values if there[value] > 0), None)
            if known is not None:
                there[known] -= 1
                continue
        elif item.kind in ("quotation marks", "brackets"):
            marks = "()[]" if item.kind == "brackets" else '“”„«»"‘'
            if any(character in marks for character in round_trip):
                continue
        elif item.kind == "name":
            if _known(item.text, vocabulary) or any(name in spoken for name in _SAME.get(_plain(item.text), ())):
                continue
        elif _plain(item.text) in spoken:
            continue
        missing.append(item)
    return missing


def unknown_to(pivot_text: str, missing: list[Item]) -> list[Item]:
    """Those of the missing items that the pivot translation does not hold either: lost on the way out."""
    figures = {_figure(match.group()) for match in _FIGURES.finditer(pivot_text)}
    figures |= {_roman(match.group()) for match in _ROMAN.finditer(pivot_text)}
    vocabulary = _vocabulary(pivot_text)
    return [
        item
        for item in missing
        # "340 millones": the word behind the figures is the pivot language's own.
        if (item.kind == "number" and not figures & {item.value, _leading(item.text)})
        or (item.kind == "name" and not _known(item.text, vocabulary))
        or (item.kind == "address" and _plain(item.text) not in _plain(pivot_text))
    ]


def _vocabulary(text: str) -> set[str]:
    """Words without case and diacritics, the parts of compounds and abbreviations without their stops too."""
    words = {_plain(text[start:end]).removesuffix("'s") for start, end in word_offsets(text)}
    words |= {part for word in words for part in word.split("-")}
    return words | {_plain(match.group().replace(".", "")) for match in _DOTTED.finditer(text)}


def _known(name: str, vocabulary: set[str]) -> bool:
    """Whether a name is among the words, spelt so, nearly so, or as another form of it (Afghan, Afghanistan)."""
    plain = _plain(name)
    if plain in vocabulary:
        return True
    if "-" in name:
        return all(_known(part, vocabulary) for part in name.split("-") if part[:1].isupper())
    if name.isupper() or len(plain) < 4:
        return False  # of an abbreviation every letter counts
    return any(
        word.startswith(plain)
        or (len(word) > 3 and plain.startswith(word))
        or (abs(len(word) - len(plain)) <= 3 and SequenceMatcher(None, plain, word, autojunk=False).ratio() >= _ALIKE)
        for word in vocabulary
    )


def _plain(text: str) -> str:
    """Without case and diacritics."""
    decomposed = unicodedata.normalize("NFKD", text.casefold().replace("’", "'"))
    return "".join(character for character in decomposed if not unicodedata.combining(character))
