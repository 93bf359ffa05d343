"""Sentences with exact offsets: sentencex proposes the boundaries, and what it gets wrong in
machine-translated prose (quotes, ellipses, stray stops, initials) is put right here.

Unlike sentencex, sentences inside quotation marks are told apart: machine translation breaks the
pairing of the marks, and a model should be given one sentence at a time.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from sentencex import get_sentence_boundaries

MAX_LENGTH = 2_000  # characters; longer sentences are cut at a clause boundary or a space
_WINDOW = 20_000  # characters given to sentencex at once, so that time and memory stay linear
_LOOK = 200  # characters that a decision may look back or ahead

Span = tuple[int, int]

_DOUBLE_QUOTES = '“”„"«»'
_APOSTROPHE = r"(?<![^\W\d_])['’]|['’](?![^\W\d_])"  # those that are not inside a word
_FOOTNOTES = r"(?<=[.!?”\"’])(?:\[\d{1,3}\])+"
_MASKED = re.compile(rf"{_FOOTNOTES}|[{_DOUBLE_QUOTES}()\[\]{{}}‘]|{_APOSTROPHE}")

_SENTENCE_BREAK = re.compile(rf"[.!?…][{_DOUBLE_QUOTES}’)]*\s+(?=[{_DOUBLE_QUOTES}‘(]*[A-Z])")
_ELLIPSIS_BREAK = re.compile(r"(?<=\w)\.\.\.\s+(?=[A-Z])")
# Ordinary words and acronyms that sentencex takes for abbreviations (me. = Maine, May. = the month).
_WORD_BREAK = re.compile(
    r"\b(?:me|no|No|may|May|art|ill|miss|fed|ore|arc|ok|id|ref|con|etc|(?<=[a-z] )I)\.\s+(?=[A-Z])"
    r"|\b(?!MRS?|DR|ST|LT|NO)[A-Z]{2,5}\.\s+(?=[A-Z][a-z])"
)
_CLAUSE_BREAK = re.compile(r"[;:,—–]\s+")
_SPACE = re.compile(r"\s+")
_WORD = re.compile(r"[^\W_]")

_LIST_NUMBER = re.compile(r"\W*(?:\d{1,3}|[A-Za-z]|[ivx]{1,5}|[IVX]{1,5})[.)]")
_ODD_CASE_NAME = re.compile(r"[a-z]{1,3}-?[A-Z]")  # iPhone, eBay, al-Qaeda
_TITLE = re.compile(
    r"\b(?:Mr|Mrs|Ms|Messrs|Dr|Prof|Rev|Hon|Pres|Gen|Lt|Col|Maj|Capt|Cmdr|Adm|Sgt|Cpl|Supt|Sen|Rep|Gov|Amb)\.$"
)
_INITIAL = re.compile(r"(?:^|[\s.(“\"])(?:(?<![a-z] )[A-Z]|(?<=[a-z] )[A-HJ-Z])\.$")  # not "nor do I."
_BEFORE_NUMBER = re.compile(
    r"\b(?:[Nn]os?|[Ff]igs?|[Aa]rts?|[Cc]h|[Vv]ol|pp?|para|approx|ca?|Jan|Feb|Mar|Apr|Aug|Sept?|Oct|Nov|Dec)\.$"
)
_GOES_ON = re.compile(r"\b(?:e\.g|i\.e|vs|cf|viz)\.$", re.IGNORECASE)
_STARTER = re.compile(
    r"(?:The|It|He|She|They|We|You|I|In|On|At|But|And|Or|So|Yet|This|That|These|Those|There|If|When|While|As|"
    r"However|Then|Now|Some|Many|Most|For|From|After|Before|His|Her|Their|Our|My|Its|What|Why|How|Who|Where|"
    r"No|Not|One|An?|By|With|To|Also|Instead|Meanwhile)\b"
)
_GLUED_LEFT = re.compile(r"(?:(?:^|\s)\W?[^\s.@/:]*[^\W\d_]{2}|\w\s)[.!?…]+$")
_GLUED_RIGHT = re.compile(r"[A-Z](?:[a-z]|\s)")
_DOTTED = re.compile(r"(?:\b[A-Za-z]\.){2,}$")
_NAMED_SPEAKER = re.compile(
    r"(?:[A-Z][\w.’'-]*\s+){1,4}(?:said|says|asked|asks|replied|added|wrote|answered|shouted|cried|exclaimed|wondered)\b"
)
_OPEN_BRACKET = re.compile(r"[(\[][^()\[\]]*$")
_CLOSE_BRACKET = re.compile(r"[^()\[\]]*[)\]]")


def sentences(text: str) -> list[str]:
    """The sentences of a paragraph, as `sentence_spans` finds them."""
    return [text[start:end] for start, end in sentence_spans(text)]


def sentence_spans(text: str) -> list[Span]:
    """Offsets (start, end) of the sentences of a paragraph, in order, without the space around them.

    Nothing but white space lies between the spans. No span is longer than MAX_LENGTH characters.
    """
    spans = []
    for window_start, window_end in _windows(text):
        window = text[window_start:window_end]
        for start, end in _sentences(window):
            spans += [(window_start + low, window_start + high) for low, high in _cut(window, start, end)]
    return spans


def _windows(text: str) -> Iterator[Span]:
    """Stretches for sentencex: the whole paragraph unless it is enormous."""
    start = 0
    while len(text) - start > _WINDOW:
        end = start + _WINDOW
        breaks = [match.end() for match in _SENTENCE_BREAK.finditer(text, start, end)]
        end = breaks[-1] if breaks else _cut_point(text, start, end)
        yield start, end
        start = end
    yield start, len(text)


def _sentences(text: str) -> list[Span]:
    starts = [0, *_boundaries(text), len(text)]
    spans = [span for span in (_trimmed(text, *pair) for pair in pairwise(starts)) if span[0] < span[1]]
    merged: list[Span] = []
    for start, end in spans:
        # A stray full stop or mark stays with its sentence; one at the very start with the next.
        if merged and not (_WORD.search(text, start, end) and _WORD.search(text, *merged[-1])):
            merged[-1] = (merged[-1][0], end)
        else:
            merged.append((start, end))
    return merged


def _boundaries(text: str) -> Iterator[int]:
    """Offsets at which a sentence begins, its opening quotation mark included."""
    masked = _masked(text)
    proposals = {boundary["end_index"] for boundary in get_sentence_boundaries("en", masked)}
    for missed in (_ELLIPSIS_BREAK, _WORD_BREAK):
        proposals.update(match.end() for match in missed.finditer(masked))
    has_capitals = any(char.isupper() for char in text)
    sentence_start, marks, counted = 0, 0, 0
    for proposal in sorted(proposals):
        gap, word = _gap(masked, proposal)
        if word == len(text) or gap <= sentence_start:
            continue
        marks += sum(text.count(mark, counted, gap) for mark in _DOUBLE_QUOTES)
        counted = gap
        left, right = text[max(sentence_start, gap - _LOOK) : gap], text[word : word + _LOOK]
        if has_capitals and right.lstrip("-–— ")[:1].islower() and not _ODD_CASE_NAME.match(right):
            continue
        if _is_boundary(left, text[gap:word], right):
            sentence_start = _split_gap(text, gap, word, inside=marks % 2 == 1)
            yield sentence_start


def _masked(text: str) -> str:
    """The text as sentencex is given it, one character for one.

    Quotation marks and brackets are blank: sentencex would not look inside them, and takes quadratic
    time over marks that are never closed. All else is ASCII: it panics over a no-break space near an
    initial, counting bytes where it should count characters.
    """
    blanked = _MASKED.sub(lambda match: " " * len(match[0]), text)
    return blanked if blanked.isascii() else blanked.translate(_TO_ASCII)


class _ToAscii(dict[int, str]):
    """Any other character by one of its kind, for `str.translate`."""

    def __missing__(self, code: int) -> str:
        char = chr(code)
        if code < 0x80:
            plain = char
        elif char.isalpha():
            plain = "A" if char.isupper() else "a"
        elif char.isspace():
            plain = " "
        else:
            plain = "1" if char.isdigit() else "-"
        self[code] = plain
        return plain


_TO_ASCII = _ToAscii({ord("…"): ".", ord("。"): ".", ord("！"): "!", ord("？"): "?", ord("’"): "'"})


def _gap(masked: str, proposal: int) -> Span:
    """The blank around a proposed boundary: from the end of one sentence to the first word of the
    next. In the text itself it may hold quotation marks and brackets."""
    start = end = proposal
    while start > 0 and masked[start - 1].isspace():
        start -= 1
    while end < len(masked) and masked[end].isspace():
        end += 1
    return start, end


def _is_boundary(left: str, gap: str, right: str) -> bool:
    """Whether a sentence ends with `left` and another begins with `right`, given what lies between.

    `left` starts with the sentence, or _LOOK characters back. Small letters are judged elsewhere.
    """
    if right[0] in ",;:" or _LIST_NUMBER.fullmatch(left):
        return False
    if _TITLE.search(left) or _GOES_ON.search(left):
        return False
    if _INITIAL.search(left) and right[0].isupper() and not _STARTER.match(right):
        return False
    if _BEFORE_NUMBER.search(left) and right[0].isdigit():
        return False
    if left[-1] in "?!" and gap and gap[0] in _DOUBLE_QUOTES and _NAMED_SPEAKER.match(right):
        return False
    if "(" in gap and _DOTTED.search(left):
        return False
    if not gap and not (_GLUED_LEFT.search(left) and _GLUED_RIGHT.match(right)):
        return False
    opened = _OPEN_BRACKET.search(left)
    # In the middle of a sentence a bracket may hold several; one that starts the sentence is cut up.
    return not (opened and re.search(r"\w", left[: opened.start()]) and _CLOSE_BRACKET.match(right))


def _split_gap(text: str, gap: int, word: int, inside: bool) -> int:
    """The offset between gap and word at which the marks go over to the next sentence.

    `inside`: an odd number of double quotation marks stands before the gap.
    """
    footnotes = re.compile(_FOOTNOTES).match(text, gap)
    for offset in range(footnotes.end() if footnotes else gap, word):
        mark = text[offset]
        if mark in _DOUBLE_QUOTES:
            if _opens(mark, text[offset - 1 : offset], text[offset + 1 : offset + 2], inside):
                return offset
            inside = not inside
        elif mark in "([{‘„" or (mark in "'’" and text[offset - 1].isspace() and offset + 1 == word):
            return offset
    return word


def _opens(mark: str, before: str, after: str, inside: bool) -> bool:
    """Whether a double quotation mark between two sentences opens the second or closes the first.

    Marks are often the wrong way round in machine translation: what touches only one of the
    sentences goes with that; what floats between them, by the count of the marks before.
    """
    touches_before, touches_after = not before.isspace(), bool(after) and not after.isspace()
    if mark in "”»":
        return touches_after and not touches_before and not inside
    if touches_after == touches_before:
        return not inside
    return touches_after


def _cut(text: str, start: int, end: int) -> Iterator[Span]:
    """A span in pieces of MAX_LENGTH characters at most."""
    while end - start > MAX_LENGTH:
        point = _cut_point(text, start, start + MAX_LENGTH)
        yield _trimmed(text, start, point)
        start = _trimmed(text, point, end)[0]
    yield start, end


def _cut_point(text: str, start: int, end: int) -> int:
    """The best place to cut in the second half of a stretch: after a clause, else a space, else its end."""
    middle = (start + end) // 2
    for pattern in (_CLAUSE_BREAK, _SPACE):
        breaks = [match.end() for match in pattern.finditer(text, middle, end)]
        if breaks:
            return breaks[-1]
    return end


def _trimmed(text: str, start: int, end: int) -> Span:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end
