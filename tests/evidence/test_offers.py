"""Advice: what says the same is offered, other sentences and shuffles of small words are not."""

from __future__ import annotations

import math

import pytest

from backspeak.data import Evidence, Findings, Segment
from backspeak.evidence.offers import Offers, probabilities, weigh_listed
from backspeak.evidence.words import word_offsets
from backspeak.phrasebank import PhraseBank


@pytest.fixture(scope="module")
def offers() -> Offers:
    return Offers.load(PhraseBank.load())


def _accepts(offers: Offers, text: str, words: str, wording: str) -> bool:
    start = text.index(words)
    return offers.accepts(text, start, start + len(words), wording)


@pytest.mark.parametrize(
    ("text", "words", "wording"),
    [
        ("She laid her faith in the ferry.", "laid", "put"),
        ("The tram was huge.", "huge", "big"),
        ("The tram had stopped.", "had stopped", "stops"),
        ("Our plans depend of the weather.", "of", "on"),
        ("We discussed about the tram.", "discussed about", "discussed"),
        ("Huge trams came.", "Huge", "Big"),
    ],
)
def test_what_says_the_same_is_offered(offers, text, words, wording):
    assert _accepts(offers, text, words, wording)


@pytest.mark.parametrize(
    ("text", "words", "wording"),
    [
        ("It was a smokescreen.", "smokescreen", "letter"),
        ("He slept as resuscitating the tram.", "as resuscitating", "while the"),
        ("It was the tram.", "the", "a"),
        ("It was the tram and more.", "and", "but"),
        ("The tram was huge.", "huge", ""),
        ("The tram was huge.", "huge", "not big"),
        ("It never stopped.", "never stopped", "stopped"),
        ("Two trams came.", "Two trams", "Three trams"),
        ("The 12 trams came.", "12 trams", "14 trams"),
        ("The tram left Riga today.", "left Riga", "left Oslo"),
        ("The tram left Riga today.", "Riga today", "today"),
        ("The tram was huge.", "huge", "huge"),
        ("The old tram was huge.", "old tram", "tram"),
        ("They took a photo of it.", "took a photo", "made a photo"),
    ],
)
def test_other_sentences_shuffles_and_new_flags_are_not(offers, text, words, wording):
    assert not _accepts(offers, text, words, wording)


@pytest.mark.parametrize(
    ("words", "wording", "category"),
    [
        ("laid", "put", "unidiomatic"),
        ("laid her faith", "put her faith", "unidiomatic"),
        ("had stopped", "stops", "grammar"),
        ("depend of", "depend on", "grammar"),
        ("discussed about", "discussed", "grammar"),
        ("huge trams", "big trams", "unidiomatic"),
        ("the guarantor", "the guarantee", "unidiomatic"),
        ("opened a lawsuit", "filed a lawsuit", "mistranslation"),
    ],
)
def test_other_forms_are_grammar_and_other_words_idiom(offers, words, wording, category):
    assert offers.category(words, wording) == category


def test_what_is_vouched_for_may_have_other_words_but_no_other_names(offers):
    text = "She opened a lawsuit against 2 trams in Riga."
    start = text.index("opened")
    assert not offers.accepts(text, start, start + 6, "filed")
    assert offers.accepts(text, start, start + 6, "filed", vouched=True)
    assert not offers.accepts(text, start, start + 6, "never filed", vouched=True)
    assert not offers.accepts(text, start, len(text) - 1, "filed a lawsuit against 2 trams in Oslo", vouched=True)
    assert not offers.accepts(text, start, len(text) - 1, "filed a lawsuit against 3 trams in Riga", vouched=True)


def test_probabilities_are_shares_among_the_wordings_and_the_original():
    assert probabilities([]) == []
    assert probabilities([0.0]) == [0.5]
    assert probabilities([math.log(2), math.log(1)]) == pytest.approx([0.5, 0.25])
    assert probabilities([5000.0]) == [1.0]


def test_listed_wordings_are_ranked_by_gain_and_worse_ones_dropped(rule_decoder):
    text = "They made a photo."
    listed = Evidence("phrase_bank", "r", 5, 9, "unidiomatic", "minor", ("shot", "took", "drew"), 0.9, {"note": "n"})
    other = Evidence("typography", "t", 17, 18, "punctuation", "minor", ("!",), 0.9)
    findings = Findings(Segment("a", "1", text), word_offsets(text), evidence=[listed, other])
    gains = {"took": 3.0, "shot": 1.0, "drew": -1.0}
    weigh_listed([findings], rule_decoder(lambda prompt, said: gains.get(said.split()[1], 0.0)))
    weighed, untouched = findings.evidence
    assert weighed.suggestions == ("took", "shot")
    assert weighed.details["note"] == "n"
    assert weighed.details["gain"] == 3.0
    assert untouched == other


@pytest.mark.parametrize(
    ("wording", "accepted"),
    [("keep on", True), ("cooperated", True), ("well-meant", True), ("persever in", False), ("half-persever", False)],
)
def test_a_word_that_english_lacks_is_not_offered_whoever_vouches_for_it(offers, wording, accepted):
    text = "They persevere in their work."
    start = text.index("persevere in")
    assert offers.accepts(text, start, start + len("persevere in"), wording, vouched=True) is accepted
