"""The pattern language of the phrase tables, kept small enough to learn from one example.

    make $det photo !(album|book)

    photo        the word in any of its inflected forms, in British or American spelling
    =made        this form only, and no possessive
    Moskau       a capital in the table asks for a capital in the text, and for this form;
                 so do capitals throughout (OTAN)
    (big|strong) one of these words; =(made|built) or (made|=go) in this form only
    a?  (a|the)? what may be missing
    ...          up to three words, without punctuation between them
    ^            the beginning of the sentence
    !(of|course) the neighbouring word here must not be one of these; also !word, and !$det
    $det         up to two determiners, or none: "a", "all his", "several"
    $adv         up to two adverbs of degree or time, or none: "very", "not yet"
    $poss        one possessive: "his", "the minister's"
    $pro         one object pronoun: "him", "themselves"
    $num         one number, in digits or words

A hyphen in a pattern is a space: "al kaida" finds "al-Kaida" too. A match never crosses
punctuation and never begins or ends inside a hyphenated word.

A reference may hold what the phrase holds: a word that both have, `$det` and the other sets and
`...` stand for the words that matched, and `$1`, `$2` for those of the phrase's first, second item
(`!` and `^` are not counted), `$2:ing`, `$2:past`, `$2:participle` and `$2:base` the same word in another form.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from backspeak.phrasebank.inflection import Inflector, word_set
from backspeak.phrasebank.tokens import Token

GAP_WORDS = 3

_SETS = {
    "det": word_set(
        "a an the my your his her its our their this that these those some any no every each another all both many "
        "much more several few other such what whose certain numerous one two three four five"
    ),
    "adv": word_set(
        "very so too quite rather really extremely particularly especially always often never not yet already also "
        "still now only just even almost fully completely totally absolutely increasingly highly much more most "
        "directly mainly largely partly heavily strongly immediately finally again usually generally entirely"
    ),
    "poss": word_set("my your his her its our their one's whose"),
    "pro": word_set(
        "me you him her it us them myself yourself himself herself itself ourselves yourselves themselves "
        "everyone everybody someone somebody anyone"
    ),
    "num": word_set(
        "one two three four five six seven eight nine ten eleven twelve fifteen twenty thirty forty fifty sixty "
        "seventy eighty ninety hundred thousand million billion dozens hundreds thousands"
    ),
}
_REPEATS = {"det": (0, 2), "adv": (0, 2), "poss": (1, 1), "pro": (1, 1), "num": (1, 1)}
_ITEM = re.compile(r"\^|!?(?:\.\.\.|\$[a-z]+|=?\([^()]*\)\??|=?[^\s()$!=^.|?-]+(?:\.[^\s()$!=^.|?-]+)*\.?\??)")


@dataclass(frozen=True)
class Item:
    """One element of a pattern, ready to be compared with tokens."""

    kind: str  # "word", "gap", "set", "not", "start"
    source: str  # as written, without = and !
    forms: frozenset[str]
    low: int = 1
    high: int = 1
    capital: bool = False
    exact: bool = False
    bases: tuple[str, ...] = ()  # the literal words, for telling which form of which one matched

    @property
    def counts(self) -> bool:
        """Whether the item stands for words; the others are conditions."""
        return self.kind not in ("not", "start")

    def accepts(self, token: Token) -> bool:
        """Whether this item may stand for the token."""
        if self.kind == "gap":
            return True
        if self.kind == "set":
            if self.source == "$poss" and token.lower != token.stem:
                return True
            if self.source == "$num" and token.lower[0].isdigit():
                return True
            return token.lower in self.forms
        if self.kind == "not" and "$num" in self.source and token.lower[0].isdigit():
            return True
        if self.capital and not (token.text.isupper() if self.source.isupper() else token.text[0].isupper()):
            return False
        return token.lower in self.forms or (not self.exact and token.stem in self.forms)


@dataclass(frozen=True)
class PatternMatch:
    """Where a pattern matched: token indices, and which tokens each item stands for."""

    first: int
    last: int  # exclusive
    ranges: tuple[tuple[int, int], ...]


class PatternError(ValueError):
    """A pattern is not in the language of this module."""


def split_items(pattern: str) -> list[str]:
    """The items of a pattern as written; hyphens between words count as spaces."""
    items, position = [], 0
    spaced = re.sub(r"(?<=[^\s(|])-(?=[^\s)|])", " ", pattern)
    for found in _ITEM.finditer(spaced):
        if spaced[position : found.start()].strip():
            raise PatternError(f"cannot read {spaced[position : found.start()].strip()!r}")
        items.append(found.group())
        position = found.end()
    if spaced[position:].strip():
        raise PatternError(f"cannot read {spaced[position:].strip()!r}")
    return items


class Pattern:
    """A compiled pattern."""

    def __init__(self, source: str, inflector: Inflector) -> None:
        self.source = source
        self.items = tuple(_item(text, inflector) for text in split_items(source))
        words = [item for item in self.items if item.kind == "word" and item.low == 1]
        if not words:
            raise PatternError("a pattern needs a word that must be there")
        if any(item.kind == "gap" for item in (self.items[0], self.items[-1])):
            raise PatternError("a gap at the edge of a pattern finds nothing")
        self.anchor_index = max(
            (index for index, item in enumerate(self.items) if item.kind == "word" and item.low == 1),
            key=lambda index: _rarity(self.items[index]),
        )
        before = [item for item in self.items[: self.anchor_index] if item.counts]
        self._lead = (sum(item.low for item in before), sum(item.high for item in before))

    @property
    def anchors(self) -> frozenset[str]:
        """The word forms of which one must be in the text."""
        return self.items[self.anchor_index].forms

    def match_at(self, tokens: list[Token], anchor: int) -> PatternMatch | None:
        """The match in which the token `anchor` stands for the anchor word, the longest lead first."""
        low, high = self._lead
        for lead in range(min(high, anchor), low - 1, -1):
            first = anchor - lead
            ranges: list[tuple[int, int]] = []
            if self._walk(tokens, 0, first, first, ranges):
                last = ranges[-1][1]
                covers = ranges[self.anchor_index]
                if covers == (anchor, anchor + 1) and not self._splits_word(tokens, first, last):
                    return PatternMatch(first, last, tuple(ranges))
        return None

    @staticmethod
    def _splits_word(tokens: list[Token], first: int, last: int) -> bool:
        return tokens[first].hyphen_before or tokens[last - 1].hyphen_after

    def _walk(self, tokens: list[Token], index: int, position: int, first: int, ranges: list[tuple[int, int]]) -> bool:
        """Depth-first over the items; `ranges` holds what the items before `index` stand for."""
        if index == len(self.items):
            return True
        item = self.items[index]
        if item.kind == "start":
            if position > 0:
                return False
            ranges.append((position, position))
            return self._walk(tokens, index + 1, position, first, ranges)
        if item.kind == "not":
            neighbour = position - 1 if index == 0 else position
            joint = first if index == 0 else position
            present = 0 <= neighbour < len(tokens) and joint < len(tokens) and tokens[joint].joined
            if present and item.accepts(tokens[neighbour]):
                return False
            ranges.append((position, position))
            if self._walk(tokens, index + 1, position, first, ranges):
                return True
            ranges.pop()
            return False
        reach = 0
        while reach < item.high and position + reach < len(tokens):
            token = tokens[position + reach]
            if position + reach > first and not token.joined:
                break
            if not item.accepts(token):
                break
            reach += 1
        # A gap is as short as it can be, everything else as long as it can.
        counts = range(item.low, reach + 1) if item.kind == "gap" else range(reach, item.low - 1, -1)
        for count in counts:
            ranges.append((position, position + count))
            if self._walk(tokens, index + 1, position + count, first, ranges):
                return True
            ranges.pop()
        return False


def _item(text: str, inflector: Inflector) -> Item:
    negated = text.startswith("!")
    body = text.removeprefix("!")
    if body == "^":
        return Item("start", body, frozenset())
    if body == "...":
        if negated:
            raise PatternError("!... means nothing")
        return Item("gap", body, frozenset(), 0, GAP_WORDS)
    if body.startswith("$") and body[1:] not in _SETS:
        raise PatternError(f"{body} is not a set; sets are {', '.join('$' + name for name in _SETS)}")
    if negated:
        return _negation(body, inflector)
    if body.startswith("$"):
        low, high = _REPEATS[body[1:]]
        return Item("set", body, _SETS[body[1:]], low, high)
    low = 0 if body.endswith("?") else 1
    body = body.removesuffix("?")
    if body.endswith(")"):
        exact = "=" if body.startswith("=") else ""
        words = _alternatives(body.removeprefix("="))
        forms = frozenset().union(*(_word_forms(exact + word.removeprefix(exact), inflector) for word in words))
        capital = all(word[0].isupper() for word in words)
        bases = () if capital else tuple(word.removeprefix("=") for word in words)
        return Item("word", body, forms, low, 1, capital, bool(exact), bases)
    capital = body[0].isupper()
    word = body.removeprefix("=")
    return Item("word", word, _word_forms(body, inflector), low, 1, capital, body[0] == "=", () if capital else (word,))


def _alternatives(group: str) -> list[str]:
    words = group[1:-1].split("|")
    if any(not re.fullmatch(r"=?[^\s=?]+", word) for word in words):
        raise PatternError(f"{group}: alternatives are single words")
    return words


def _negation(body: str, inflector: Inflector) -> Item:
    words = _alternatives(body) if body.startswith("(") else [body]
    forms: set[str] = set()
    for word in words:
        forms |= _SETS[word[1:]] if word.startswith("$") and word[1:] in _SETS else _word_forms(word, inflector)
    return Item("not", body, frozenset(forms))


def _word_forms(word: str, inflector: Inflector) -> frozenset[str]:
    if word.startswith("=") or not word.islower():
        return frozenset((word.removeprefix("=").lower(),))
    return inflector.forms(word)


# Words so frequent that looking at every one of them would cost most of the time.
_FREQUENT = word_set(
    "a an the and or but if as at by for from in into of off on out over to up with about after than that this i you "
    "he it we they be have do make take get give go come put say see know think year day time people work part good "
    "new big last first more very so not no all any one two man life world"
)


def _rarity(item: Item) -> tuple[bool, bool, int]:
    words = item.source.strip("=()").lower().split("|")
    return (not any(word.lstrip("=") in _FREQUENT for word in words), item.capital, min(len(word) for word in words))
