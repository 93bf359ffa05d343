"""From a reference phrasing to the words a reader can put in: inflected, cased and with its article."""

from __future__ import annotations

import re
from collections.abc import Sequence

from backspeak.phrasebank.inflection import Inflector, word_set
from backspeak.phrasebank.pattern import Item, Pattern, PatternMatch
from backspeak.phrasebank.tokens import Token

_PERFECT_OR_PASSIVE = word_set(
    "have has had having be been being is are was were am get got gets getting isn't aren't wasn't weren't hasn't "
    "haven't hadn't"
)
_VERB_TAGS = ("VBZ", "VBD", "VBN", "VBG")
_AUXILIARY_REACH = 3
_BEFORE_BASE_FORM = word_set(
    "to not do does did don't doesn't didn't can cannot can't could may might must shall should will would won't "
    "let help make makes made"
)
_POSSESSIVES = {
    "my": "myself",
    "your": "yourself",
    "his": "himself",
    "her": "herself",
    "its": "itself",
    "our": "ourselves",
    "their": "themselves",
}
_NOT_A_VOWEL_SOUND = re.compile(r"(?:uni(?!n)|use|usu|uk|eu|one\b|once\b|ut[ei])", re.I)
_SILENT_H = re.compile(r"(?:hour|honest|honou?r|heir)", re.I)
_ARTICLE = re.compile(r"(?:an?|the|my|someone's)\b", re.I)
# "$3" is what the third item matched, "$3:ing" the same word in another form.
NUMBERED = re.compile(r"\$(\d+)(?::([a-z]+)\b)?")
FORMS = {"base": "VB", "ing": "VBG", "past": "VBD", "participle": "VBN"}

Span = tuple[int, int]


def takes_an(text: str) -> bool:
    """Whether the article before the text is "an"."""
    if _SILENT_H.match(text):
        return True
    return text[:1].lower() in tuple("aeiou") and not _NOT_A_VOWEL_SOUND.match(text)


def render(reference: str, pattern: Pattern, match: PatternMatch, tokens: list[Token], inflector: Inflector) -> str:
    """The reference in the form that fits the matched words, the case of the first letter kept."""
    pairs = [pair for pair in zip(pattern.items, match.ranges, strict=True) if pair[0].counts]
    inflections = _inflections(pairs, tokens, inflector)
    words, copied = _copy(reference.split(), pairs, match, tokens, inflections, inflector)
    for index, tag in inflections.items():
        target = _target(index, tag, pairs, words, copied)
        if target is not None:
            words[target] = _inflected(words[target], tag, tokens, match.first, inflector)
            copied[target] = True
    text = _mend_articles(" ".join(word for word in words if word))
    text = _mend_possessives(text, tokens[match.first : match.last])
    first = next(item for item, (start, end) in pairs if end > start)
    if not first.capital and tokens[match.first].text[0].isupper():
        text = text[0].upper() + text[1:]
    return text


def with_article(suggestion: str, capital: bool) -> str:
    """The suggestion after an article that belongs to it and is replaced with it."""
    if not _ARTICLE.match(suggestion):
        suggestion = ("an " if takes_an(suggestion) else "a ") + suggestion
    return suggestion[0].upper() + suggestion[1:] if capital else suggestion


def article_clashes(article: str, suggestion: str) -> bool:
    """Whether the article before the match cannot stand before the suggestion."""
    return bool(_ARTICLE.match(suggestion)) or takes_an(suggestion) != (article.lower() == "an")


def reformed(word: str, form: str | None, inflector: Inflector, bases: Sequence[str] = ()) -> str:
    """The word in one of FORMS, or as it is; `bases` are those that it may be a form of."""
    if form is None:
        return word
    base = next((base for base in bases if word in inflector.forms(base)), None)
    if base is None:
        base = next((base for base, tag in inflector.bases(word) if tag in _VERB_TAGS), word)
    return inflector.inflect(base, FORMS[form])


def _copy(
    reference: list[str],
    pairs: list[tuple[Item, Span]],
    match: PatternMatch,
    tokens: list[Token],
    inflections: dict[int, str],
    inflector: Inflector,
) -> tuple[list[str], list[bool]]:
    """Put the text's own words where the reference repeats an item of the pattern."""
    unused = list(range(len(pairs)))
    head = next(i for i, (item, _) in enumerate(pairs) if item.kind == "word")
    words, copied = [], []

    def own(index: int) -> str:
        start, end = pairs[index][1]
        return " ".join(
            token.text.lower() if start == match.first and token.text[1:].islower() else token.text
            for token in tokens[start:end]
        )

    def numbered(found: re.Match[str]) -> str:
        index = int(found.group(1)) - 1
        return reformed(own(index), found.group(2), inflector, pairs[index][0].bases)

    for place, word in enumerate(reference):
        if NUMBERED.search(word):
            words.append(NUMBERED.sub(numbered, word))
            copied.append(True)
            continue
        same = next((i for i in unused if pairs[i][0].source == word and not pairs[i][0].capital), None)
        generic = word == "..." or word.startswith("$")
        # The verb of the phrase keeps its ending only as the verb of the reference.
        verb = same is not None and place > 0 and inflections.get(same, "NNS") != "NNS"
        # A noun of the phrase that is the verb of the reference takes the ending of the phrase's own verb.
        verb = verb or (place == 0 and same not in (None, head) and inflections.get(head) in _VERB_TAGS)
        if same is None or verb or (not generic and pairs[same][1][0] == pairs[same][1][1]):
            words.append("" if generic else word)
            copied.append(False)
            continue
        unused.remove(same)
        words.append(own(same))
        copied.append(True)
    return words, copied


def _inflections(pairs: list[tuple[Item, Span]], tokens: list[Token], inflector: Inflector) -> dict[int, str]:
    """Which of the first and the last literal word are inflected, with their tags."""
    literal = [index for index, (item, (start, end)) in enumerate(pairs) if item.kind == "word" and end > start]
    found = {}
    for index in dict.fromkeys((literal[0], literal[-1])):
        item, (start, _) = pairs[index]
        token = tokens[start]
        form = token.lower if token.lower in item.forms else token.stem
        base = next((base for base in item.bases if form in inflector.forms(base)), None)
        if base is None:
            continue
        tag = inflector.tag(base, form, _after_auxiliary(tokens, start))
        if tag == "VBZ" and _is_noun(index, literal, pairs):
            tag = "NNS"
        if tag != "VB" or index == literal[0]:
            found[index] = tag
    return found


def _is_noun(index: int, literal: list[int], pairs: list[tuple[Item, Span]]) -> bool:
    """An s-form is a plural at the end of a phrase and before "of"; else a verb."""
    if index == literal[-1] and len(literal) > 1:
        return True
    return index + 1 < len(pairs) and pairs[index + 1][0].source == "of"


def _after_auxiliary(tokens: list[Token], index: int) -> bool:
    before = tokens[max(0, index - _AUXILIARY_REACH) : index]
    return any(token.lower in _PERFECT_OR_PASSIVE or token.lower.endswith(("'ve", "'s")) for token in before)


def _target(index: int, tag: str, pairs: list[tuple[Item, Span]], words: list[str], copied: list[bool]) -> int | None:
    """Which word of the reference takes the ending over; None where that is not plain."""
    if tag == "NNS":
        target = words.index("of") - 1 if "of" in words else len(words) - 1
    elif index == next(i for i, (item, _) in enumerate(pairs) if item.kind == "word"):
        target = 0
    else:
        return None
    if target < 0 or copied[target] or not words[target].isalpha() or not words[target].islower():
        return None
    return target


def _inflected(word: str, tag: str, tokens: list[Token], first: int, inflector: Inflector) -> str:
    if word == "be" and tag == "VB":
        before = tokens[first - 1].lower if first else ""
        return "be" if before in _BEFORE_BASE_FORM or not before else "am" if before == "i" else "are"
    if word == "be" and tag == "VBD":
        before = tokens[first - 1].lower if first else ""
        return "were" if before in ("we", "they", "you") or (before.endswith("s") and len(before) > 3) else "was"
    return inflector.inflect(word, tag)


def _mend_articles(text: str) -> str:
    def mend(found: re.Match[str]) -> str:
        article = "an" if takes_an(found.group(2)) else "a"
        return (article.capitalize() if found.group(1)[0].isupper() else article) + " " + found.group(2)

    return re.sub(r"\b([Aa]n?) (\w+)", mend, text)


def _mend_possessives(text: str, matched: list[Token]) -> str:
    """Put "his" for "one's" where the matched words say whose."""
    owners = {token.lower for token in matched if token.lower in _POSSESSIVES}
    if len(owners) != 1:
        return text
    owner = owners.pop()
    return re.sub(r"\boneself\b", _POSSESSIVES[owner], re.sub(r"\b(?:one|someone)'s\b", owner, text))
