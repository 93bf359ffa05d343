"""The pattern language: what each element finds, and what it leaves alone."""

from __future__ import annotations

import pytest

from backspeak import resources
from backspeak.phrasebank.inflection import Inflector
from backspeak.phrasebank.pattern import Pattern, PatternError
from backspeak.phrasebank.tokens import tokenise


@pytest.fixture(scope="module")
def inflector() -> Inflector:
    return Inflector.load(resources.corpus_dir())


def matched(pattern: str, text: str, inflector: Inflector) -> list[str]:
    compiled = Pattern(pattern, inflector)
    tokens = tokenise(text)
    matches = [compiled.match_at(tokens, index) for index in range(len(tokens))]
    return [text[tokens[match.first].start : tokens[match.last - 1].end] for match in matches if match]


@pytest.mark.parametrize(
    ("pattern", "text", "found"),
    [
        ("make photo", "She makes photos.", ["makes photos"]),
        ("=make photo", "She makes photos and you make photos.", ["make photos"]),
        ("make $det photo", "He made all his photos here.", ["made all his photos"]),
        ("make $det photo", "He made photos here.", ["made photos"]),
        ("make photo !(album|book)", "They make photo albums, they make photos.", ["make photos"]),
        ("!(on|off) the record", "off the record; break the record", ["the record"]),
        ("put ... cross", "He put a big red cross there.", ["put a big red cross"]),
        ("put ... cross", "He put a big, red cross there.", []),
        ("put ... cross", "He put one two three four cross.", []),
        ("(big|strong) rain", "Strong rains and big rain.", ["Strong rains", "big rain"]),
        ("in the? world", "in world and in the world", ["in world", "in the world"]),
        ("al Kaida", "al-Kaida, Al Kaida, al kaida", ["al-Kaida", "Al Kaida"]),
        ("OTAN", "OTAN and Otan", ["OTAN"]),
        ("(Gugl|Guglom)", "Gugl and gugl", ["Gugl"]),
        ("^ on his words", "On his words, yes.", ["On his words"]),
        ("^ on his words", "Acting on his words.", []),
        ("since $num =years", "since 12 years and since two years", ["since 12 years", "since two years"]),
        ("at $poss disposition", "at the hotel's disposition, at its disposition", ["at its disposition"]),
        ("bear service", "a bear-service, a bear service-man", ["bear-service"]),
        ("take into attention", "take this. Into attention", []),
        ("in =monday", "in Monday's paper", []),
        ("say the truth", "Say the truth’s name", ["Say the truth’s"]),
    ],
)
def test_what_a_pattern_finds(inflector: Inflector, pattern: str, text: str, found: list[str]) -> None:
    assert matched(pattern, text, inflector) == found


@pytest.mark.parametrize(
    ("pattern", "reason"),
    [
        ("$det", "must be there"),
        ("the?", "must be there"),
        ("... photo", "edge of a pattern"),
        ("make $foo photo", r"\$foo is not a set"),
        ("make (a photo|picture)", "single words"),
        ("make (a||b) photo", "single words"),
        ("make photo)", "cannot read"),
        ("!... make", "means nothing"),
    ],
)
def test_what_is_no_pattern(inflector: Inflector, pattern: str, reason: str) -> None:
    with pytest.raises(PatternError, match=reason):
        Pattern(pattern, inflector)


def test_tokens_keep_offsets_and_possessives_apart() -> None:
    text = "The “minister’s” 3.5-year plan"
    tokens = tokenise(text)
    assert [token.text for token in tokens] == ["The", "minister’s", "3.5", "year", "plan"]
    assert [token.joined for token in tokens] == [False, False, False, True, True]
    assert (tokens[1].stem, text[tokens[1].start : tokens[1].stem_end]) == ("minister", "minister")
    assert all(text[token.start : token.end] == token.text for token in tokens)
