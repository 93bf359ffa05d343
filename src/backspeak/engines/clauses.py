"""Long sentences cut at clause boundaries, so that a small model translates each part well, and joined again.

Unlike `cutting`, which must make a text fit, this never cuts where it would hurt: not inside quotation
marks or brackets, not in a number or an address, not between two names. A sentence without a good
boundary stays whole.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

from backspeak.engines.cutting import join
from backspeak.function_words import FUNCTION_WORDS

Span = tuple[int, int]

# Words that begin a clause: after a comma, and (`_BARE`) without one.
_CONJUNCTIONS = {
    "ar": "لكن ولكن لأن بينما حيث التي الذي الذين عندما إذا",
    "cs": "a ale ani avšak protože když pokud zatímco který která které kteří kde že aby",
    "de": "und aber oder denn sondern weil obwohl während nachdem bevor wenn als da dass damit ob wobei wo der die "
    "das dessen deren",
    "en": "and but or nor so yet because although though while whereas which who whose where when if unless until "
    "since as after before that",
    "es": "y e pero o u sino porque aunque mientras que quien quienes cual cuales cuyo cuya donde cuando si ya como "
    "lo después antes",
    "fr": "et mais ou car donc parce bien tandis alors que qui dont où lorsque quand si puisque comme après avant ce",
    "it": "e ed ma o perché benché mentre che chi cui dove quando se poiché come dopo prima il",
    "pl": "a i ale lecz ponieważ gdy kiedy jeśli podczas który która które którzy gdzie że żeby bo",
    "pt": "e mas ou porque embora enquanto que quem cujo cuja onde quando se pois como depois antes o",
    "ru": "и а но или однако потому так хотя пока который которая которое которые которого где когда если что чтобы "
    "как",
    "tr": "ama ancak fakat çünkü ve ki oysa",
    "uk": "і й та а але або проте бо хоча поки який яка яке які де коли якщо що щоб як",
}
_BARE = {
    "ar": "ولكن لأن بينما",
    "de": "und aber sondern denn",
    "en": "but because although whereas while which",
    "es": "pero sino porque aunque mientras cuando",
    "fr": "mais car parce tandis lorsque puisque",
    "it": "ma perché benché mentre quando",
    "pt": "mas porque embora enquanto quando",
    "tr": "ama ancak fakat çünkü",
}
# How much worse a boundary is than a full stop, as a share of the sentence that it may lie off the middle.
_STOP, _MARK, _CONJUNCTION, _BARE_CONJUNCTION, _COMMA = 0.0, 0.05, 0.1, 0.2, 0.3

_BOUNDARY = re.compile(
    r"(?P<stop>[.!?…؟]+[\"'”’»)\]]*\s+|[。！？]+[」』”]*)"
    r"|(?P<mark>(?:[;:؛]|\s[—–-])\s+|(?<=\w)—(?=\w)|[；：])"
    r"|(?P<comma>[,،][\"'”’»)\]]*\s+|[，])"
    r"|(?P<space>\s+)"
)
_WORD = re.compile(r"\w+")
_LAST_WORD = re.compile(r"(\w+)\W*$")
_PAIRS = {"“": "”", "„": "“”", "«": "»", "(": ")", "[": "]", "{": "}", "「": "」", "『": "』", "（": "）", "‘": "’"}
_LOOK = 60  # characters back to the word before a boundary
_DEEPEST = 16  # open marks remembered: what hostile text leaves open costs no more
_FINAL = ".!?…。！？؟"
_STOPS = ".。"
_LINKS = ",;:—–،؛，；：、"
_FOREIGN_LINKS = {"ar": {",": "،", ";": "؛"}, "zh": {",": "，", ";": "；", ":": "："}}


def clauses(text: str, language: str, length: Callable[[str], int], longest: int) -> list[Span]:
    """Spans of `text`, in order and without a gap, of at most `longest` by `length` where boundaries allow.

    `length` counts what the model counts (tokens); `language` (ISO 639-1) says which words begin a clause.
    No part is shorter than a quarter of `longest`.
    """
    boundaries: list[tuple[int, float]] | None = None
    done, waiting = [], [(0, len(text))]
    while waiting:
        start, end = waiting.pop()
        place = None
        if length(text[start:end]) > longest:
            boundaries = list(_boundaries(text, language)) if boundaries is None else boundaries
            place = _best(text, start, end, boundaries, length, longest)
        if place is None:
            done.append((start, end))
        else:
            waiting += [(place, end), (start, place)]
    return done


def _best(
    text: str, start: int, end: int, boundaries: Sequence[tuple[int, float]], length: Callable[[str], int], longest: int
) -> int | None:
    """The boundary that halves the clause best, the better kind preferred."""
    middle, size = (start + end) / 2, end - start
    inside = sorted((cost + abs(place - middle) / size, place) for place, cost in boundaries if start < place < end)
    return next(
        (place for _, place in inside if 4 * min(length(text[start:place]), length(text[place:end])) >= longest), None
    )


def _boundaries(text: str, language: str) -> Iterator[tuple[int, float]]:
    """Offsets at which a clause begins, each with its cost."""
    closed = _enclosed(text)
    conjunctions = set(_CONJUNCTIONS.get(language, "").split())
    bare = set(_BARE.get(language, "").split())
    for match in _BOUNDARY.finditer(text):
        # A dash takes its place at the end of the clause before it, as a comma does.
        place = match.end()
        if any(start < place < end for start, end in closed):
            continue
        before = _LAST_WORD.search(text, max(0, match.start() - _LOOK), match.start())
        after = _WORD.match(text, place)
        left, right = before.group(1) if before else "", after.group() if after else ""
        if not left or not right or (left[-1:].isdigit() and right[0].isdigit()):
            continue
        kind, named = match.lastgroup, left[0].isupper() and right[0].isupper()
        if kind == "stop":
            # "Mr. Hollis", "U.S. Army": after one letter or a short capital a stop is no end.
            if right[0].islower() or (left[0].isupper() and len(left) <= 4):
                continue
            yield place, _STOP
        elif kind == "mark":
            yield place, _MARK
        elif kind == "comma" and right.casefold() in conjunctions and right[0].islower():
            yield place, _CONJUNCTION
        elif kind == "comma" and not named:
            yield place, _COMMA
        elif kind == "space" and right in bare and text[match.start() - 1].isalnum():
            yield place, _BARE_CONJUNCTION


def _enclosed(text: str) -> list[Span]:
    """Ranges inside quotation marks and brackets that are opened and closed."""
    found: list[Span] = []
    opened: list[tuple[str, int]] = []
    for place, character in enumerate(text):
        closes = next(
            (n for n in range(len(opened) - 1, -1, -1) if character in _PAIRS.get(opened[n][0], opened[n][0])), None
        )
        if character == "’" and text[place + 1 : place + 2].isalpha():
            continue
        if closes is not None:
            found.append((opened[closes][1], place + 1))
            del opened[closes:]
        elif character in _PAIRS or character == '"':
            opened = [*opened[-_DEEPEST:], (character, place)]
    return found


def rejoin(parts: Sequence[str], translations: Sequence[str], language: str) -> str:
    """The translation of a sentence from those of its parts, in the language `language`.

    A model ends every text with a full stop and begins it with a capital: both go where the part had none.
    """
    if len(parts) == 1:
        return translations[0]
    mended = []
    for number, (part, translation) in enumerate(zip(parts, translations, strict=True)):
        translation = translation.strip()
        if number + 1 < len(parts):
            translation = _ended_as(part.rstrip(), translation, language)
        if number and parts[number - 1].rstrip()[-1:] not in tuple(_FINAL):
            translation = _begun_as(part.lstrip(), translation, language)
        mended.append(translation)
    return join(mended, language)


def _ended_as(part: str, translation: str, language: str) -> str:
    last = part[-1:]
    if last in tuple(_FINAL):
        return translation
    if translation[-1:] in tuple(_STOPS) and not translation.endswith(".."):
        translation = translation[:-1].rstrip()
    if last in tuple(_LINKS) and translation and translation[-1].isalnum():
        space = " " if last in "—–" and part[-2:-1].isspace() else ""
        translation += space + _FOREIGN_LINKS.get(language, {}).get(last, last)
    return translation


def _begun_as(part: str, translation: str, language: str) -> str:
    first = _WORD.match(translation)
    if first is None or not part[:1].islower() or not first.group()[0].isupper():
        return translation
    word = first.group()
    if any(character.isupper() for character in word[1:]) or word in part or language == "de":
        return translation
    if language == "en" and word.lower() not in FUNCTION_WORDS:
        return translation
    return word[0].lower() + translation[1:]
