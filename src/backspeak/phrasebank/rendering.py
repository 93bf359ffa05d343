"""From a reference phrasing to the words a reader can put in: inflected, cased and with its article."""

from __future__ import annotations

import re

from backspeak.phrasebank.inflection import Inflector, word_set
from backspeak.phrasebank.pattern import Item, Pattern, PatternMatch, Token

_AUXILIARIES = word_set("have has had having be been being is are was were am get got gets getting having")
_AUXILIARY_REACH = 3
_NOT_A_VOWEL_SOUND = re.compile(r"(?:uni(?!n)|use|usu|uk|eu|one\b|once\b|ut[ei])", re.I)
_SILENT_H = re.compile(r"(?:hour|honest|honou?r|heir)", re.I)


def takes_an(word: str) -> bool:
    """Whether the article before the word is "an"."""
    if _SILENT_H.match(word):
        return True
    return word[:1].lower() in tuple("aeiou") and not _NOT_A_VOWEL_SOUND.match(word)


def render(reference: str, pattern: Pattern, match: PatternMatch, tokens: list[Token], inflector: Inflector) -> str:
    """The reference in the form that fits the matched words, the case of the first letter kept."""
    words, copied = _copy(reference.split(), pattern, match, tokens)
    for index, tag in _inflections(pattern, match, tokens, inflector):
        target = _target(index, tag, words, copied, pattern)
        if target is not None:
            words[target] = inflector.inflect(words[target], tag)
            copied[target] = True
    text = _mend_articles(" ".join(word for word in words if word))
    first = tokens[match.first]
    if not _first_item(pattern, match).capital and first.text[0].isupper():
        text = text[0].upper() + text[1:]
    return text


def _first_item(pattern: Pattern, match: PatternMatch) -> Item:
    return next(
        item for item, (start, end) in zip(pattern.items, match.ranges, strict=True) if end > start and item.counts
    )


def _copy(
    reference: list[str], pattern: Pattern, match: PatternMatch, tokens: list[Token]
) -> tuple[list[str], list[bool]]:
    """Put the text's own words where the reference repeats an item of the pattern."""
    pairs = [pair for pair in zip(pattern.items, match.ranges, strict=True) if pair[0].counts]
    unused = list(pairs)
    words, copied = [], []
    for word in reference:
        if word[:1] == "$" and word[1:].isdigit():
            found = pairs[int(word[1:]) - 1]
        else:
            found = next((pair for pair in unused if pair[0].source == word and not pair[0].capital), None)
        if found is None:
            words.append("" if word == "..." or word.startswith("$") else word)
            copied.append(False)
            continue
        if found in unused:
            unused.remove(found)
        start, end = found[1]
        own = [
            token.text.lower() if start == match.first and token.text[1:].islower() else token.text
            for token in tokens[start:end]
        ]
        words.append(" ".join(own))
        copied.append(True)
    return words, copied


def _inflections(
    pattern: Pattern, match: PatternMatch, tokens: list[Token], inflector: Inflector
) -> list[tuple[int, str]]:
    """The items whose word is not in its base form, with its tag; only the first and the last word."""
    literal = [
        index
        for index, item in enumerate(pattern.items)
        if item.kind == "word" and match.ranges[index][1] > match.ranges[index][0]
    ]
    found = []
    for index in dict.fromkeys((literal[0], literal[-1])):
        item = pattern.items[index]
        if item.base is None:
            continue
        token = tokens[match.ranges[index][0]]
        form = token.lower if token.lower in item.forms else token.stem
        tag = inflector.tag(item.base, form, _after_auxiliary(tokens, match.ranges[index][0]))
        if tag == "VB":
            continue
        if tag == "VBZ" and _is_noun(index, literal, pattern):
            tag = "NNS"
        found.append((index, tag))
    return found


def _is_noun(index: int, literal: list[int], pattern: Pattern) -> bool:
    """An s-form is a plural at the end of a phrase and before "of"; else a verb."""
    if index == literal[-1] and len(literal) > 1:
        return True
    following = pattern.items[index + 1] if index + 1 < len(pattern.items) else None
    return following is not None and following.source == "of"


def _after_auxiliary(tokens: list[Token], index: int) -> bool:
    before = tokens[max(0, index - _AUXILIARY_REACH) : index]
    return any(token.lower in _AUXILIARIES or token.lower.endswith(("'ve", "'s")) for token in before)


def _target(index: int, tag: str, words: list[str], copied: list[bool], pattern: Pattern) -> int | None:
    """Which word of the reference takes the ending over; None where that is not plain."""
    if tag == "NNS":
        before_of = words.index("of") - 1 if "of" in words else len(words) - 1
        target = before_of
    else:
        target = 0
        if index != next(i for i, item in enumerate(pattern.items) if item.kind == "word"):
            return None
    if target < 0 or copied[target] or not words[target].isalpha() or not words[target].islower():
        return None
    return target


def _mend_articles(text: str) -> str:
    def mend(found: re.Match[str]) -> str:
        article = "an" if takes_an(found.group(2)) else "a"
        return (article.capitalize() if found.group(1)[0].isupper() else article) + " " + found.group(2)

    return re.sub(r"\b([Aa]n?) (\w+)", mend, text)
