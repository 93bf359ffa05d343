"""The measure of unlisted phrases: recall where few controls score as high, suggestions put into the phrase."""

from __future__ import annotations

import numpy as np
import pytest

from backspeak import resources
from backspeak.data import CheckedSegment, ErrorSpan, Evidence, Findings, Word
from backspeak.engines.decoder import TokenScores
from backspeak.evaluation.unlisted import CARRIERS, alarms, check_phrases, recall, same_phrase, score_phrases
from backspeak.evidence.unlisted import FEATURES, Place, Weighed
from backspeak.evidence.words import word_offsets
from backspeak.phrasebank.inflection import Inflector
from backspeak.phrasebank.rewording import Alternative
from backspeak.pipeline import Examined


class OnePhrase:
    """Stands in for the finder: flags "wooden ear" and nothing else."""

    def places(self, text: str) -> list[Place]:
        start = text.find("wooden ear")
        place = Place(start, start + 10, ("wooden", "ear"), (Alternative("tin ear", 1.0, 9, 0.5),))
        return [place] if start >= 0 else []

    def weigh(self, findings, language_model):
        features = tuple(1.5 if name == "expected" else 0.0 for name in FEATURES)
        return [[Weighed(place, (3.0,), features) for place in self.places(each.segment.text)] for each in findings]

    def evidence(self, weighed):
        return [
            Evidence("collocation", "phrase.unlisted", each.place.start, each.place.end, "unidiomatic", "minor",
                     ("tin ear",), 0.75)
            for each in weighed
        ]  # fmt: skip

    def collect(self, findings, language_model):
        return [self.evidence(each) for each in self.weigh(findings, language_model)]


class LongWords:
    """Stands in for the language model: a word is the less likely the longer it is."""

    def token_scores(self, prompts, texts):
        scores = []
        for text in texts:
            starts, ends = np.array(word_offsets(text)).T
            scores.append(TokenScores(starts, ends, (starts - ends).astype(float), starts * 0, starts * 0.0))
        return scores


def test_recall_is_taken_where_few_controls_score_as_high():
    controls = [n / 100 for n in range(100)]
    assert recall([0.94, 0.95, 0.96, 0.99], controls) == 0.5
    assert recall([0.0, 0.0], [0.0] * 20) == 0.0


def test_a_phrase_is_scored_in_every_carrier():
    (odd, natural) = score_phrases(["a wooden ear", "a tin ear"], OnePhrase(), LongWords())
    assert len(odd) == len(natural) == len(CARRIERS)
    for one in odd:
        assert one.scores == {"counts alone": 1.5, "language model alone": pytest.approx(10 / 3), "both": 0.75}
        assert one.flagged
        assert one.suggestions == ("a tin ear",)
    assert {(one.scores["both"], one.flagged, one.suggestions) for one in natural} == {(0.0, False, ())}


class OneFlag:
    """Stands in for the pipeline: the judge doubts "wooden", a finding "ear", a flag spans both."""

    def examine(self, segments):
        found = []
        for segment in segments:
            start = segment.text.find("wooden ear")
            evidence = [] if start < 0 else [_evidence(start + 7, start + 10)]
            found.append(Examined(Findings(segment, word_offsets(segment.text), evidence=evidence)))
        return found

    def checked(self, segment, examined):
        text, start = segment.text, segment.text.find("wooden ear")
        words = tuple(Word(a, b, 0.6 if text[a:b] == "wooden" else 0.1, False) for a, b in examined.findings.words)
        spans = [ErrorSpan(0, 3, text[:3], "grammar", "minor", 0.99, "grammar.x", ("Die",), ())]
        if start >= 0:
            spans.append(
                ErrorSpan(
                    start, start + 10, "wooden ear", "unidiomatic", "minor", 0.75, "phrase.unlisted", ("tin ear",), ()
                )
            )
        return CheckedSegment(segment, "ok", None, 50.0, 0.5, words, tuple(spans))


def _evidence(start: int, end: int) -> Evidence:
    return Evidence("collocation", "phrase.unlisted", start, end, "unidiomatic", "minor", (), 0.75)


def test_the_whole_check_is_scored_by_judge_and_findings():
    (odd, natural) = check_phrases(["a wooden ear", "a tin ear"], OneFlag())
    assert len(odd) == len(natural) == len(CARRIERS)
    for one in odd:
        assert one.scores == {"judge alone": 0.6, "findings alone": 0.75, "both": 0.75}
        assert (one.flagged, one.suggestions) == (True, ("a tin ear",))
    for one in natural:
        assert one.scores == {"judge alone": 0.1, "findings alone": 0.0, "both": 0.1}
        assert (one.flagged, one.suggestions) == (False, ())


def test_phrases_are_compared_up_to_inflection():
    inflector = Inflector.load(resources.corpus_dir())
    assert same_phrase("deep networks", "deep network", inflector)
    assert same_phrase("Tightrope", "tightrope", inflector)
    assert not same_phrase("deep network", "network", inflector)
    assert not same_phrase("deep network", "deep water", inflector)


def test_alarms_name_the_flagged_words():
    found = alarms(["She has a wooden ear for music.", "She sings."], OnePhrase(), LongWords())
    assert [words for words, _ in found] == ["wooden ear"]
