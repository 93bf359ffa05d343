"""Evidence in words."""

from __future__ import annotations

from typing import Any

import pytest

from backspeak.data import Evidence, Segment
from backspeak.reports.explain import Explanation, confidence_in_words, explain, language_name, language_tag

TEXT = "The board accepted a decision."


def explained(
    kind: str, details: dict[str, Any], suggestions: tuple[str, ...] = (), **fields: Any
) -> tuple[Explanation, list[str]]:
    evidence = Evidence(kind, "some.rule", 10, 29, "unidiomatic", "major", suggestions, None, details)
    explanation = explain(evidence, Segment("d", "1", TEXT, **fields))
    sentences = [
        "".join(f"“{words.text}”" if words.quoted else words.text for words in sentence)
        for sentence in explanation.sentences
    ]
    return explanation, sentences


ROUND_TRIP = {
    "pivot": "es",
    "translation": "La junta decidió.",
    "round_trip": "The board decided.",
    "original": "accepted a decision",
    "restored": "decided",
    "gain": 7.2,
    "guard": -0.4,
    "agreement": 3,
    "round_trips": 4,
}


def test_round_trip() -> None:
    explanation, sentences = explained("round_trip", ROUND_TRIP)
    assert explanation.title == "Round trip through Spanish"
    assert sentences == [
        "Translated into Spanish and back, “accepted a decision” came back as “decided”.",
        "“decided” is about a thousand times likelier here than “accepted a decision”.",
        "The Spanish translation fits the new wording just as well, so the meaning is probably kept.",
        "3 of 4 round trips agree on this wording.",
    ]
    assert [(quote.label, quote.lang) for quote in explanation.quotes] == [("Back from Spanish", None)]
    assert [(quote.label, quote.lang) for quote in explanation.folded_quotes] == [("In Spanish", "es")]
    assert explanation.facts == (
        ("Gain", "+7.2 nats (× 1,339)"),
        ("Guard", "-0.4 nats (× 0.67)"),
        ("Agreement", "3"),
        ("Round trips", "4"),
        ("Rule", "some.rule"),
    )


def test_a_source_in_the_place_of_the_pivot() -> None:
    explanation, sentences = explained("round_trip", ROUND_TRIP, source="La junta decidió.", source_lang="es")
    assert explanation.title == "New translation from Spanish"
    assert sentences[0] == (
        "Translated anew from Spanish, the sentence has “decided” where the text has “accepted a decision”."
    )
    assert sentences[2].startswith("The Spanish source fits")
    assert not explanation.folded_quotes


@pytest.mark.parametrize(
    ("original", "restored", "said"),
    [
        ("", "for", "the sentence has “for” here."),
        ("for", "", "the sentence goes without “for”."),
    ],
)
def test_words_that_came_or_went(original: str, restored: str, said: str) -> None:
    _, sentences = explained("round_trip", {"pivot": "de", "original": original, "restored": restored, "gain": 3.0})
    assert sentences == [f"Translated into German and back, {said}"]


@pytest.mark.parametrize(
    ("gain", "said"),
    [
        (-3.0, "By itself the model finds “a” the likelier wording here."),
        (0.1, "“b” is about as likely here as “a”."),
        (1.2, "“b” is a few times likelier here than “a”."),
        (4.5, "“b” is about a hundred times likelier here than “a”."),
        (5000.0, "“b” is many thousand times likelier here than “a”."),
    ],
)
def test_gain_in_words(gain: float, said: str) -> None:
    _, sentences = explained("round_trip", {"original": "a", "restored": "b", "gain": gain})
    assert said in sentences


@pytest.mark.parametrize(("guard", "said"), [(0.5, "just as well"), (-2.0, "a little less"), (-9.0, "much less")])
def test_guard_in_words(guard: float, said: str) -> None:
    _, sentences = explained("round_trip", {"guard": guard})
    assert said in sentences[0]


def test_rewriting() -> None:
    details = {"original": "accepted a decision", "restored": "decided", "gain": 7.2, "kept_gain": 3.0}
    explanation, sentences = explained("rewriting", details)
    assert explanation.title == "Rewriting"
    assert sentences == [
        "Asked for natural English, the model writes “decided” instead of “accepted a decision”.",
        "“decided” is about a thousand times likelier here than “accepted a decision”.",
    ]
    assert explanation.facts == (
        ("Gain", "+7.2 nats (× 1,339)"),
        ("Kept gain", "+3.0 nats (× 20)"),
        ("Rule", "some.rule"),
    )
    _, sentences = explained("rewriting", {"original": "a decision", "restored": ""})
    assert sentences == ["Asked for natural English, the model goes without “a decision”."]


def test_phrase_bank() -> None:
    details = {
        "phrase": "accept a decision",
        "source_langs": ["ru", "uk", "xx"],
        "note": "Decisions are made.",
        "example": "He accepted a decision.",
        "entry": "e1",
    }
    explanation, sentences = explained("phrase_bank", details, ("decided", "took a decision"))
    assert sentences == [
        "The phrase bank lists “accept a decision” as wording that translations from Russian, Ukrainian and xx "
        "bring along.",
        "Writers of English say “decided” or “took a decision”.",
        "Decisions are made.",
    ]
    assert explanation.quotes[0].runs[0].text == "He accepted a decision."
    assert explanation.facts == (("Entry", "e1"), ("Rule", "some.rule"))


def test_typography() -> None:
    _, sentences = explained("typography", {"message": "Two spaces in a row."})
    assert sentences == ["Two spaces in a row."]


def test_collocation() -> None:
    details = {
        "original": "accepted a decision",
        "count": 0,
        "gain": 4.6,
        "alternatives": [{"wording": "took a decision", "origin": "near-synonyms", "count": 90, "probability": 0.98}],
    }
    explanation, sentences = explained("collocation", details, ("took a decision",))
    assert sentences == [
        "In the English that was counted, the words of “accepted a decision” never stand together.",
        "Of near meaning and attested: “took a decision”.",
        "“took a decision” is about a hundred times likelier here than “accepted a decision”.",
    ]
    assert ("took a decision", "origin near-synonyms, count 90, probability 0.98") in explanation.facts
    details["alternatives"] = [*details["alternatives"], {"wording": "decided", "origin": "rewriting"}]
    details["original"] = "accepted a decision"
    _, sentences = explained("collocation", details, ("took a decision", "decided"))
    assert sentences[1:3] == [
        "Of near meaning and attested: “took a decision”.",
        "Asked for natural English, the model writes “decided”.",
    ]


@pytest.mark.parametrize("kind", ["round_trip", "rewriting", "phrase_bank", "typography", "collocation", "moon_phase"])
def test_evidence_without_details_is_a_list_of_facts(kind: str) -> None:
    explanation, _ = explained(kind, {})
    assert explanation.is_generic
    assert explanation.facts == (("Rule", "some.rule"),)


def test_an_unknown_kind_shows_all_it_has() -> None:
    explanation, _ = explained("moon_phase", {"is_full": True, "days": [1, 2], "deep": {"a": [None]}, "x": 0.123456})
    assert explanation.title == "Moon phase"
    assert explanation.facts[:-1] == (
        ("Is full", "yes"),
        ("Days", "1, 2"),
        ("Deep", '{"a": [null]}'),
        ("X", "0.1235"),
    )


@pytest.mark.parametrize("wrong", [None, True, "7", [1], {"a": 1}, float("nan")])
def test_details_of_the_wrong_type_do_no_harm(wrong: Any) -> None:
    for kind in ("round_trip", "rewriting", "phrase_bank", "typography", "collocation"):
        names = [*ROUND_TRIP, "phrase", "source_langs", "note", "example", "message", "alternatives", "count"]
        explained(kind, dict.fromkeys(names, wrong), ("took a decision",))


def test_languages() -> None:
    assert [language_name(code) for code in ("pt-BR", "ru", "xx")] == ["Portuguese", "Russian", "xx"]
    assert [language_tag(code) for code in ("pt-BR", '"><b>', None, "")] == ["pt-BR", None, None, None]


def test_confidence_in_words() -> None:
    assert [confidence_in_words(value) for value in (1.0, 0.8, 0.5, 0.2, 0.0)] == [
        "almost certain", "likely", "more likely than not", "worth a look", "worth a look",
    ]  # fmt: skip


def test_an_approved_sentence() -> None:
    details = {
        "original": "accepted",
        "approved_wording": "took",
        "approved": "The board took a decision.",
        "similarity": 0.83,
        "memory": "tm.tmx",
        "unit": "u7",
    }
    explanation, sentences = explained("memory", details)
    assert sentences == [
        "In an approved sentence that is 83% alike, the wording is “took” where the text has “accepted”."
    ]
    (quote,) = explanation.quotes
    assert quote.label == "In tm.tmx"
    assert [run.text for run in quote.runs if run.change == "restored"] == ["took"]
    assert explanation.facts == (("Unit", "u7"), ("Rule", "some.rule"))
    _, sentences = explained("memory", details | {"approved_wording": "", "same_source": True})
    assert sentences == ["In the approved translation of this source, there is no “accepted”."]


def test_a_forbidden_and_a_required_term() -> None:
    details = {"terms": ["database", "data store"], "termbase": "t.tbx", "forbidden": "data base", "note": "One word."}
    explanation, sentences = explained("glossary", details)
    assert sentences == [
        "Your glossary forbids “data base”.",
        "Its term is “database” or “data store”.",
        "One word.",
    ]
    assert explanation.facts == (("Termbase", "t.tbx"), ("Rule", "some.rule"))
    _, sentences = explained("glossary", {"terms": ["database"], "source_term": "база данных"})
    assert sentences == [
        "The source says “база данных”; your glossary asks for “database”, which the text does not have."
    ]


def test_a_reference_wording() -> None:
    explanation, sentences = explained("reference", {"original": "accepted", "reference_wording": "took"})
    assert explanation.title == "Reference translation"
    assert sentences == ["The reference has “took” where the text has “accepted”."]
    _, sentences = explained("reference", {"original": "accepted", "reference_wording": ""})
    assert sentences == ["The reference has no “accepted”."]


@pytest.mark.parametrize("kind", ["memory", "glossary", "reference"])
@pytest.mark.parametrize("value", [None, 5, ["x"], {"a": 1}, "", True])
def test_details_of_any_type_are_explained(kind: str, value: Any) -> None:
    names = ("original", "approved_wording", "approved", "memory", "similarity", "same_source", "forbidden", "terms")
    explanation, _ = explained(kind, dict.fromkeys((*names, "source_term", "note", "reference_wording"), value))
    assert explanation.kind == kind


def test_likelihood() -> None:
    explanation, sentences = explained("likelihood", {"original": "accepted a decision", "given": "source"})
    assert explanation.title == "Unexpected wording"
    assert sentences == ["The models did not expect “accepted a decision” after reading the source sentence."]
    _, sentences = explained("likelihood", {})
    assert sentences[0].endswith("after reading this sentence.")
