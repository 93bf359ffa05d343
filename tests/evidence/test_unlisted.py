"""Phrases nobody listed: found by counts, weighed by the language model, never touched where they are names."""

from __future__ import annotations

import random
import time
from pathlib import Path

import numpy as np
import pytest

from backspeak.data import Findings, Proposal, Segment
from backspeak.errors import ModelError
from backspeak.evidence.unlisted import FEATURES, MAX_SUGGESTIONS, Decision, UnlistedPhrases
from backspeak.evidence.words import word_offsets
from backspeak.phrasebank import PhraseBank
from backspeak.phrasebank.collocations import Collocations, words_of
from backspeak.phrasebank.continuations import Continuations
from backspeak.phrasebank.neighbours import Neighbours
from backspeak.phrasebank.rewording import Rewording
from backspeak.phrasebank.substitutions import Substitutions
from backspeak.training.collocations import tabulate
from backspeak.training.substitutions import write

# Three natural phrases, the words of the odd ones apart, and "low hill" as often as "low table".
ATTESTED = (
    "the strong coffee, a strong coffee, the powerful engine, this mighty river, some tea and drink",
    "the low hill, the low table, the tiny island, a weak tea, the tabletop was wet",
    "we walk on the board, the short walk, an early bird",
)
NEAR = {
    "powerful": {"strong": 0.6, "mighty": 0.7},
    "drink": {"coffee": 0.5, "tea": 0.6},
    "short": {"low": 0.5, "tiny": 0.4},
    "board": {"table": 0.6},
    "timid": {"weak": 0.5},
}
TAKE_GAIN = Decision(lambda table: table[:, 0], -2.0)


def _counts() -> Collocations:
    numbers = {"": 0}
    ids: list[int] = []
    for text in ATTESTED * 70:
        ids += [numbers.setdefault(word, len(numbers)) for word in words_of(text)] + [0]
    tables, words = tabulate(np.array(ids), np.array(list(numbers)))
    return Collocations(words, tables, len(ids))


def _near(near: dict[str, dict[str, float]]) -> Neighbours:
    words = sorted({*near, *(word for mine in near.values() for word in mine)})
    rows = [sorted(near.get(word, {}).items(), key=lambda pair: -pair[1]) for word in words]
    return Neighbours(
        words,
        np.cumsum([0, *(len(row) for row in rows)]),
        np.array([words.index(other) for row in rows for other, _ in row], np.uint16),
        np.array([round(255 * likeness) for row in rows for _, likeness in row], np.uint8),
    )


def _expected(**following: str) -> Continuations:
    words = sorted({*following, *following.values()})
    rows = [[words.index(following[word])] if word in following else [] for word in words]
    flat = np.array([number for row in rows for number in row], np.uint16)
    return Continuations(words, np.cumsum([0, *map(len, rows)]), flat, np.full(len(flat), 16 * 7, np.uint8))


def _finder(near: dict[str, dict[str, float]] = NEAR, **following: str) -> UnlistedPhrases:
    return UnlistedPhrases(Rewording(_counts(), _near(near), _expected(**following)), TAKE_GAIN)


@pytest.fixture(scope="module")
def finder() -> UnlistedPhrases:
    return _finder()


@pytest.fixture(scope="module")
def shipped() -> UnlistedPhrases:
    return UnlistedPhrases.load(PhraseBank.load())


def _findings(text: str) -> Findings:
    return Findings(Segment("cafe.txt", "1", text), word_offsets(text))


def _likes(*phrases: str):
    """A rule for the decoder: 5 nats more for a liked phrase, 2 less for each one further down the list."""
    return lambda prompt, text: next((5.0 - 2 * place for place, each in enumerate(phrases) if each in text), 0.0)


def _wordings(finder: UnlistedPhrases, text: str) -> dict[str, set[str]]:
    return {
        text[place.start : place.end]: {each.wording for each in place.alternatives} for place in finder.places(text)
    }


def test_attested_wordings_of_near_meaning_are_found(finder):
    assert _wordings(finder, "She ordered a powerful drink at the bar.") == {"powerful drink": {"strong coffee"}}


def test_a_compound_is_an_alternative_too():
    assert "low table" in _wordings(_finder(), "He sat on the short board.")["short board"]
    text = "He wiped the table drink."
    assert _wordings(_finder({"board": {"plate": 0.6}}), text) == {"table drink": set()}
    assert _wordings(_finder({"drink": {"top": 0.6}}), text) == {"table drink": {"tabletop"}}


def test_hyphenated_words_are_looked_at_in_their_parts(finder):
    assert _wordings(finder, "She has a powerful-drink.") == {"powerful-drink": {"strong-coffee"}}


def test_words_are_trimmed_at_hyphens_too(rule_decoder):
    finder = _finder({"powerful": {"strong": 0.6}}, weak="strong", strong="coffee")
    text = "They saw a weak-powerful coffee."
    (evidence,) = finder.collect([_findings(text)], rule_decoder(_likes("weak-strong coffee")))[0]
    assert (text[evidence.start : evidence.end], evidence.suggestions) == ("powerful", ("strong",))


def test_beside_a_word_that_is_hardly_known_any_near_synonym_may_stand():
    text = "They saw a qzxv drink."
    assert _wordings(_finder(), text) == {"qzxv drink": {"qzxv coffee", "qzxv tea"}}
    assert _wordings(_finder(qzxv="engine"), text) == {"qzxv drink": set()}


def test_near_synonyms_of_near_synonyms_are_tried():
    near = {"powerful": {"mighty": 0.7}, "mighty": {"strong": 0.6}, "drink": {"coffee": 0.5}}
    assert "strong coffee" in _wordings(_finder(near), "They saw a powerful drink.")["powerful drink"]


def test_what_the_language_model_expects_is_attested():
    text = "They saw a mighty coffee."
    assert "mighty coffee" in _wordings(_finder(), text)
    assert _wordings(_finder(mighty="coffee"), text) == {}
    found = _wordings(_finder({"mighty": {"weak": 0.5}}, weak="coffee"), text)
    assert found == {"mighty coffee": {"weak coffee"}}


def test_a_neighbouring_word_may_belong_to_the_phrase():
    finder = _finder({"powerful": {"strong": 0.6}, "drink": {"coffee": 0.5}, "engine": {"drink": 0.3}})
    (place,) = finder.places("They saw a powerful engine drink.")
    assert place.words == ("powerful", "engine", "drink")


@pytest.mark.parametrize(
    "text",
    [
        "She ordered a Powerful Drink at the bar.",
        "Powerful drink was served.",
        'The sign said "powerful drink" in red.',
        "The sign said “a powerful drink” in red.",
        "It was powerful. Drink was served.",
        "It was powerful, drink it.",
        "It was powerful--drink it.",
        "He called it powerful 2 drink.",
        "She ordered a strong coffee at the bar.",
    ],
)
def test_names_numbers_quotations_and_attested_words_are_left_alone(finder, text):
    assert finder.places(text) == []


def test_numbers_in_words_are_left_alone(shipped):
    for text in ("Only forty countries stayed until the end.", "We saw twenty hungry tables in a row."):
        assert all({"forty", "twenty"}.isdisjoint(place.words) for place in shipped.places(text))


def test_the_model_decides_and_ranks(finder, rule_decoder):
    text = "He sat on the short board."
    (evidence,) = finder.collect([_findings(text)], rule_decoder(_likes("low table")))[0]
    assert (evidence.kind, evidence.rule, text[evidence.start : evidence.end]) == (
        "collocation", "phrase.unlisted", "short board",
    )  # fmt: skip
    assert evidence.suggestions[0] == "low table"
    first = evidence.details["alternatives"][0]
    assert (first["wording"], first["gain"]) == ("low table", 5.0)
    assert first["probability"] > 0.9
    assert evidence.confidence == pytest.approx(1 / (1 + np.exp(2 - 5)), abs=1e-4)
    assert len(evidence.suggestions) <= MAX_SUGGESTIONS


def test_words_that_every_wording_keeps_stay_out_of_the_flag(rule_decoder):
    finder = _finder({"powerful": {"strong": 0.6}}, weak="strong", strong="coffee")
    text = "They saw a weak powerful coffee."
    (evidence,) = finder.collect([_findings(text)], rule_decoder(_likes("weak strong coffee")))[0]
    assert (text[evidence.start : evidence.end], evidence.suggestions) == ("powerful", ("strong",))
    assert evidence.details["original"] == "powerful"


def test_nothing_worse_than_the_text_is_suggested(finder, rule_decoder):
    text = "She ordered a powerful drink at the bar."
    assert finder.collect([_findings(text)], rule_decoder(_likes("powerful drink"))) == [[]]


def test_the_article_goes_along():
    finder = _finder({"powerful": {"early": 0.6}})
    assert _wordings(finder, "It was a powerful bird.") == {"a powerful bird": {"an early bird"}}


def test_a_place_without_alternative_is_left_to_the_decision(rule_decoder):
    text = "They saw a timid engine."
    column = FEATURES.index("no_alternative")
    sure = UnlistedPhrases(Rewording(_counts(), _near({}), _expected()), Decision(lambda table: table[:, column], 2.0))
    (evidence,) = sure.collect([_findings(text)], rule_decoder(_likes()))[0]
    assert (text[evidence.start : evidence.end], evidence.suggestions) == ("timid engine", ())
    assert evidence.confidence > 0.9
    unsure = UnlistedPhrases(Rewording(_counts(), _near({}), _expected()), Decision(lambda table: table[:, 0], -2.0))
    (evidence,) = unsure.collect([_findings(text)], rule_decoder(_likes()))[0]
    assert evidence.confidence < 0.5


def test_applying_the_first_suggestion_leaves_no_flag(finder, rule_decoder):
    text = "She ordered a powerful drink, and he sat on the short board."
    decoder = rule_decoder(_likes("strong coffee", "low table"))
    evidence = finder.collect([_findings(text)], decoder)[0]
    assert len(evidence) == 2
    for each in reversed(evidence):
        text = text[: each.start] + each.suggestions[0] + text[each.end :]
    assert finder.collect([_findings(text)], decoder) == [[]]


def test_a_long_text_is_read_around_the_place_only(finder, rule_decoder):
    decoder = rule_decoder(_likes("strong coffee"))
    text = "We walk and walk. " * 60 + "She ordered a powerful drink at the bar." + " We walk on." * 60
    ((evidence,),) = finder.collect([_findings(text)], decoder)
    assert text[evidence.start : evidence.end] == "powerful drink"
    assert max(len(asked) for _, asked in decoder.asked) < 200


def test_texts_of_a_batch_do_not_mix(finder, rule_decoder):
    texts = ["He sat on the short board.", "We walk on.", "She ordered a powerful drink at the bar."]
    decoder = rule_decoder(_likes("low table", "strong coffee"))
    together = finder.collect([_findings(text) for text in texts], decoder)
    assert together == [finder.collect([_findings(text)], decoder)[0] for text in texts]
    assert [len(each) for each in together] == [1, 0, 1]


def test_a_decision_of_another_version_is_refused(tmp_path):
    path = tmp_path / "decision.json"
    path.write_text('{"version": "0", "features": ["gain"], "bias": 0.0}', encoding="utf-8")
    with pytest.raises(ModelError, match="made for other features"):
        Decision.load(tmp_path)


def test_only_sure_alternatives_decide(rule_decoder):
    near = {"powerful": {"mighty": 0.7}, "mighty": {"strong": 0.6}, "drink": {"coffee": 0.5}}
    text = "They saw a powerful drink."
    finder = _finder(near)
    decoder = rule_decoder(_likes("strong coffee"))
    ((weighed,),) = finder.weigh([_findings(text)], decoder)
    assert max(weighed.gains) == 5.0
    assert {each.wording: each.sure for each in weighed.place.alternatives}["strong coffee"] is False
    assert weighed.features[FEATURES.index("gain")] <= 0.0


@pytest.mark.parametrize(
    ("text", "natural"),
    [
        ("The seminar dealt with colossal information and the tools for it.", "big data"),
        ("The acrobat walked across the square on a narrow rope.", "tightrope"),
    ],
)
def test_the_shipped_tables_hold_what_nobody_listed(shipped, text, natural):
    assert any(natural in wordings for wordings in _wordings(shipped, text).values())


def test_first_suggestions_of_the_shipped_tables_leave_no_place(shipped):
    made = random.Random(3)
    words = [
        "narrow",
        "rope",
        "colossal",
        "information",
        "profound",
        "learning",
        "gigantic",
        "storm",
        "clever",
        "telephone",
        "wooden",
        "tale",
    ]
    tried = 0
    for _ in range(40):
        text = f"They wrote about the {made.choice(words)} {made.choice(words)} in the summer."
        for place in shipped.places(text):
            for each in place.alternatives:
                if each.origin == "substitutions":  # no count supports them
                    continue
                tried += 1
                changed = text[: place.start] + each.wording + text[place.end :]
                assert shipped.places(changed) == []
    assert tried > 20


def test_looking_for_places_is_cheap(shipped):
    text = "The acrobat walked across the square on a narrow rope while the colossal information was on display."
    shipped.places(text)
    start = time.process_time()
    for _ in range(10):
        shipped.places(text)
    assert (time.process_time() - start) / 10 < 0.1  # three places; 0.04 to 0.06 on a slow core


def _rewritten(text: str, words: str, replacement: str, **fields) -> Proposal:
    start = text.index(words)
    return Proposal(start, start + len(words), replacement, "", 1, 1, **({"origin": "rewriting"} | fields))


def test_what_the_rewriter_writes_in_a_place_is_an_alternative(finder, rule_decoder):
    text = "She ordered a powerful drink at the bar."
    findings = _findings(text)
    findings.proposals = [
        _rewritten(text, "drink", "engine"),
        _rewritten(text, "powerful drink", "strong coffee"),  # known already
        _rewritten(text, "powerful", ""),
        _rewritten(text, "powerful", "early"),  # would be a place itself
        _rewritten(text, "drink at", "engine by"),  # reaches out of it
        _rewritten(text, "powerful", "mighty", origin="round_trip"),
    ]
    decoder = rule_decoder(_likes("powerful engine", "strong coffee"))
    ((weighed,),) = finder.weigh([findings], decoder)
    assert [(each.wording, each.origin, each.sure) for each in weighed.place.alternatives] == [
        ("strong coffee", "near-synonyms", True), ("powerful engine", "rewriting", False),
    ]  # fmt: skip
    assert weighed.features[FEATURES.index("gain")] == 3.0
    (evidence,) = finder.collect([findings], decoder)[0]
    assert {each["wording"]: each["origin"] for each in evidence.details["alternatives"]} == {
        "strong coffee": "near-synonyms", "powerful engine": "rewriting",
    }  # fmt: skip
    assert evidence.suggestions == ("strong coffee", "powerful engine")


def _spun(tmp_path: Path, bank: PhraseBank | None = None, **others: dict[str, float]) -> UnlistedPhrases:
    write(tmp_path / "spun.safetensors", others)
    table = Substitutions.load(tmp_path / "spun.safetensors")
    rewording = Rewording(_counts(), _near(NEAR), _expected(), substitutions=table)
    return UnlistedPhrases(rewording, TAKE_GAIN, bank)


def test_what_spinners_put_for_a_word_is_an_alternative_as_a_near_synonym_is(tmp_path):
    finder = _spun(tmp_path, beverage={"coffee": 0.8}, powerful={"strong": 0.5})
    (place,) = finder.places("She ordered a powerful beverage at the bar.")
    assert next((each.wording, each.sure, each.origin) for each in place.alternatives) == (
        "strong coffee", True, "near-synonyms",
    )  # fmt: skip


def test_a_wording_that_no_count_supports_is_only_worth_a_look(tmp_path):
    finder = _spun(tmp_path, timid={"walk": 0.9, "hill": 0.1}, beverage={"river": 0.9})
    (place,) = finder.places("She ordered a timid beverage at the bar.")
    made = {each.wording: each.sure for each in place.alternatives if each.origin == "substitutions"}
    assert made == {"walk river": False}


def test_what_a_spinner_may_have_put_counts_by_its_gain_and_how_sure_that_is(tmp_path, rule_decoder):
    finder, column = _spun(tmp_path, timid={"walk": 0.8}, beverage={"river": 0.4}), FEATURES.index("spun")
    findings = _findings("She ordered a timid beverage at the bar.")
    ((weighed,),) = finder.weigh([findings], rule_decoder(_likes("walk river")))
    sure = next(each.spun for each in weighed.place.alternatives if each.wording == "walk river")
    assert sure == pytest.approx(0.8, abs=0.01)
    assert weighed.features[column] == pytest.approx(5.0 * sure)
    ((unlikely,),) = finder.weigh([findings], rule_decoder(_likes("timid beverage")))
    assert unlikely.features[column] == 0.0


def test_a_listed_wording_is_not_made_of_what_spinners_put(tmp_path):
    text, spun = "She ordered a timid beverage at the bar.", {"timid": {"legal": 0.9}, "beverage": {"face": 0.9}}
    offered = [
        {each.wording for place in _spun(tmp_path, bank, **spun).places(text) for each in place.alternatives}
        for bank in (None, PhraseBank.load())
    ]
    assert offered[0] - offered[1] == {"legal face"}


def test_what_would_be_kept_is_known_of_a_place(finder, rule_decoder):
    findings = _findings("She ordered a powerful drink at the bar.")
    column = FEATURES.index("kept")
    ((weighed,),) = finder.weigh([findings], rule_decoder(_likes("strong coffee")))
    assert np.isnan(weighed.features[column])
    assert np.isfinite(Decision.load().log_odds([weighed])).all()
    findings.likelihood["kept_least"] = np.array([-0.1, -9.0, -0.2, -1.5, -4.0, -0.1, -0.3, -0.1, np.nan])
    ((weighed,),) = finder.weigh([findings], rule_decoder(_likes("strong coffee")))
    assert weighed.features[column] == -4.0
