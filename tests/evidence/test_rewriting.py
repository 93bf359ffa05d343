"""The rewriter says which words it would not keep, and what it would write there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pytest

from backspeak.data import Findings, Segment
from backspeak.engines.decoder import TokenScores
from backspeak.engines.translation import prompt
from backspeak.evidence import rewriting
from backspeak.evidence.words import word_offsets

TEXT = "The mayor laid her faith in the ferry, as she always did."


class Rewriter:
    """Stands in for a Decoder that rewrites: keeps all words but those of a list, and goes on as it is told.

    One token a character. `ways` maps a beginning of a text to what may follow.
    """

    def __init__(self, unkept: Mapping[str, float], ways: Mapping[str, Sequence[str]]) -> None:
        self._unkept, self._ways = unkept, ways
        self.prompts: list[str] = []
        self.limits: list[int] = []

    def count_tokens(self, text: str) -> int:
        return len(text.split())

    def token_scores(self, prompts: Sequence[str], texts: Sequence[str]) -> list[TokenScores]:
        return [self._scores(before, text) for before, text in zip(prompts, texts, strict=True)]

    def _scores(self, before: str, text: str) -> TokenScores:
        assert before == prompt("en", text[1:], "en")
        likely = np.full(len(text), -0.01)
        for word, doubt in self._unkept.items():
            at = text.find(word)
            if at >= 0:
                likely[at : at + len(word)] = doubt
        count = np.arange(len(text))
        return TokenScores(count, count + 1, likely, np.zeros(len(text)), np.ones(len(text)))

    def continuations(
        self, prompts: Sequence[str], *, max_tokens: Sequence[int], beam_size: int, hypotheses: int
    ) -> list[list[str]]:
        self.prompts += prompts
        self.limits += max_tokens
        return [
            next((list(said[:hypotheses]) for end, said in self._ways.items() if before.endswith(end)), [""])
            for before in prompts
        ]

    def log_probabilities(
        self, prompts: Sequence[str], texts: Sequence[str], groups: Sequence[int] | None = None
    ) -> np.ndarray:
        return np.array([-float(len(text)) for text in texts])


def _findings(text: str = TEXT) -> Findings:
    return Findings(Segment("walk.txt", "1", text), word_offsets(text))


def _changes(findings: Findings, proposals) -> list[tuple[str, str]]:
    return [(findings.segment.text[each.start : each.end], each.replacement) for each in proposals]


def test_words_that_would_not_be_kept_are_written_anew():
    rewriter = Rewriter({"laid": -3.0}, {"The mayor": ["put her faith in the", "laid her trust in the ferry"]})
    findings = _findings()
    (proposals,) = rewriting.collect([findings], rewriter)
    assert rewriter.prompts == [f"{prompt('en', TEXT, 'en')} The mayor"]
    assert _changes(findings, proposals) == [("laid", "put"), ("faith", "trust")]
    assert [each.origin for each in proposals] == ["rewriting"] * 2
    # A shorter text is likelier by its characters here.
    assert [each.kept_gain for each in proposals] == [1.0, 0.0]
    words = [TEXT[start:end] for start, end in findings.words]
    least = dict(zip(words, findings.likelihood["kept_least"], strict=True))
    assert least["laid"] == -3.0
    assert least["faith"] == least["did"] == pytest.approx(-0.01)


def test_a_text_that_would_be_kept_is_read_once_and_nothing_is_written():
    rewriter = Rewriter({}, {})
    (proposals,) = rewriting.collect([_findings()], rewriter)
    assert proposals == rewriter.prompts == []


def test_no_text_at_all():
    assert rewriting.collect([], Rewriter({}, {})) == []
    assert rewriting.collect([_findings("")], Rewriter({}, {})) == [[]]


def test_neighbouring_doubts_are_one_place_and_only_the_worst_places_are_written():
    unkept = {"laid": -3.0, "her": -2.0, "faith": -1.3, "ferry": -1.1, "as": -1.2, "always": -5.0, "did": -4.0}
    rewriter = Rewriter(unkept | {"mayor": -0.99}, {})
    rewriting.collect([_findings()], rewriter)
    begun = [each.split("English: ")[-1].split("\n")[-1].removeprefix("English:").strip() for each in rewriter.prompts]
    assert begun == ["The mayor", "The mayor laid her faith in the", "The mayor laid her faith in the ferry,",
                     "The mayor laid her faith in the ferry, as she"]  # fmt: skip
    assert rewriter.limits == [words + 10 for words in (3, 1, 1, 2)]


@pytest.mark.parametrize(
    ("said", "change"),
    [
        ("laid her faith in the ferry", []),
        ("put her", []),  # nothing says where the change ends
        ("quite another sentence which never comes back", []),
        ("smiled as she always did.", []),  # would lose more than a wording
        ("put all her faith in", [("laid", "put all")]),
        ("trusted in the ferry,", [("laid her faith", "trusted")]),
        ("laid her faith into the ferry, as", [("in", "into")]),
    ],
)
def test_a_way_to_go_on_counts_up_to_where_it_comes_back(said: str, change: list):
    findings = _findings()
    (proposals,) = rewriting.collect([findings], Rewriter({"laid": -3.0}, {"The mayor": [said]}))
    assert _changes(findings, proposals) == change


def test_the_last_word_of_the_text():
    findings = _findings("They walk a narrow rope.")
    rewriter = Rewriter({"narrow": -3.0}, {"They walk a": ["tightrope.", "fine line."]})
    (proposals,) = rewriting.collect([findings], rewriter)
    assert set(_changes(findings, proposals)) == {("narrow rope", "tightrope"), ("narrow rope", "fine line")}


def test_names_and_numbers_are_left_alone():
    text = "On 12 May Ronlen faced the brigade with three spears."
    rewriter = Rewriter({"Ronlen": -3.0, "three": -3.0}, {
        "May": ["Ronald faced the brigade"], "with": ["3 spears."],
    })  # fmt: skip
    (proposals,) = rewriting.collect([_findings(text)], rewriter)
    assert proposals == []


def test_a_long_text_is_read_part_by_part():
    clause = "the mayor laid her faith in the ferry because nobody else would take the children over the river"
    text = f"{clause.capitalize()} that morning; " + "; ".join([clause] * 6) + "."
    findings = _findings(text)
    rewriter = Rewriter({"laid": -3.0}, {"mayor": ["put her faith in the ferry"]})
    (proposals,) = rewriting.collect([findings], rewriter)
    assert np.isfinite(findings.likelihood["kept_total"]).all()
    assert len(proposals) > 1
    assert {text[each.start : each.end] for each in proposals} == {"laid"}
    assert all(len(each.split()) < 200 for each in rewriter.prompts)


def test_what_cannot_be_cut_and_is_too_long_is_left_unread():
    text = " ".join(["stone"] * 400)
    findings = _findings(text)
    assert rewriting.collect([findings], Rewriter({"stone": -9.0}, {})) == [[]]
    assert np.isnan(findings.likelihood["kept_total"]).all()
