"""Contrast: what another wording gains has the right sign, belongs to the right proposal and needs a pivot."""

from __future__ import annotations

import pytest

from backspeak.data import Proposal
from backspeak.evidence.contrast import PivotTexts, weigh

TEXT = "He did a mistake."
PIVOT = "Cometió un error."


def _proposal(text: str, words: str, replacement: str) -> Proposal:
    start = text.index(words)
    return Proposal(start, start + len(words), replacement, "es", 2, 3)


BETTER = _proposal(TEXT, "did", "made")
WORSE = _proposal(TEXT, "mistake", "fork")


def _spoken(prompt: str, text: str) -> float:
    return -10.0 + 4.0 * ("made" in text) - 6.0 * ("fork" in text)


def _translated(prompt: str, text: str) -> float:
    """Into English "made" is likelier; into Spanish the error is likely from "mistake" only."""
    if prompt.endswith("English:"):
        return -20.0 + 3.0 * ("made" in text) - 8.0 * ("fork" in text)
    return -30.0 - 9.0 * ("mistake" not in prompt) - 0.5 * ("made" in prompt)


def _weigh(texts, proposals, pivot_texts, language_model, translator):
    """Through Spanish alone."""
    return weigh(texts, proposals, language_model, [PivotTexts("es", pivot_texts, translator)])


def test_gains_have_the_sign_of_the_change(rule_decoder):
    ((better, worse),) = _weigh([TEXT], [[BETTER, WORSE]], [PIVOT], rule_decoder(_spoken), rule_decoder(_translated))
    assert (better.gain, better.pivot_gain, better.guard) == pytest.approx((4.0, 3.0, -0.5))
    assert (worse.gain, worse.pivot_gain, worse.guard) == pytest.approx((-6.0, -8.0, 0.0))


def test_a_changed_meaning_is_guarded_against(rule_decoder):
    changed = _proposal(TEXT, "did a mistake", "made a fork")
    likes = rule_decoder(lambda prompt, text: float("fork" in text))
    ((weighed,),) = _weigh([TEXT], [[changed]], [PIVOT], likes, rule_decoder(_translated))
    assert weighed.guard == pytest.approx(-9.5)


def test_the_guard_of_every_text_can_be_asked_for(rule_decoder):
    language_model, translator = rule_decoder(_spoken), rule_decoder(_translated)
    behind = [PivotTexts("es", [PIVOT], translator)]
    ((better, worse),) = weigh([TEXT], [[BETTER, WORSE]], language_model, behind, guard_all=True)
    assert (better.guard, worse.guard) == pytest.approx((-0.5, -9.0))


def test_nobody_asks_for_the_guard_of_a_less_likely_text(rule_decoder):
    translator = rule_decoder(_translated)
    _weigh([TEXT], [[WORSE]], [PIVOT], rule_decoder(_spoken), translator)
    assert translator.asked
    assert not [prompt for prompt, _ in translator.asked if prompt.startswith("English:")]


def test_all_else_of_a_proposal_stays(rule_decoder):
    ((better,),) = _weigh([TEXT], [[BETTER]], [PIVOT], rule_decoder(_spoken), rule_decoder(_translated))
    assert (better.start, better.end, better.replacement) == (BETTER.start, BETTER.end, "made")
    assert (better.pivot, better.agreement, better.round_trips) == ("es", 2, 3)
    assert BETTER.gain == 0.0


def test_the_models_are_asked_as_they_were_trained(rule_decoder):
    language_model, translator = rule_decoder(_spoken), rule_decoder(_translated)
    _weigh([TEXT], [[BETTER]], [PIVOT], language_model, translator)
    assert language_model.asked == [("", TEXT), ("", "He made a mistake.")]
    assert sorted(translator.asked) == sorted(
        [
            (f"Spanish: {PIVOT}\nEnglish:", f" {TEXT}"),
            (f"Spanish: {PIVOT}\nEnglish:", " He made a mistake."),
            (f"English: {TEXT}\nSpanish:", f" {PIVOT}"),
            ("English: He made a mistake.\nSpanish:", f" {PIVOT}"),
        ]
    )


def test_without_a_translator_only_the_language_model_speaks(rule_decoder):
    ((better,),) = _weigh([TEXT], [[BETTER]], [PIVOT], rule_decoder(_spoken), None)
    assert better.gain == pytest.approx(4.0)
    assert (better.pivot_gain, better.guard) == (0.0, 0.0)


@pytest.mark.parametrize("pivot_text", [None, ""])
def test_without_a_pivot_text_the_pivot_says_nothing(rule_decoder, pivot_text):
    translator = rule_decoder(_translated)
    ((better,),) = _weigh([TEXT], [[BETTER]], [pivot_text], rule_decoder(_spoken), translator)
    assert better.gain == pytest.approx(4.0)
    assert (better.pivot_gain, better.guard) == (0.0, 0.0)
    assert translator.asked == []


def test_gains_are_means_over_the_pivots_that_know_the_text(rule_decoder):
    def german(prompt: str, text: str) -> float:
        return 1.0 * ("made" in text) if prompt.endswith("English:") else -2.0 * ("made" in prompt)

    pivots = [
        PivotTexts("es", [PIVOT], rule_decoder(_translated)),
        PivotTexts("de", ["Er machte einen Fehler."], rule_decoder(german)),
    ]
    ((both,),) = weigh([TEXT], [[BETTER]], rule_decoder(_spoken), pivots)
    assert (both.gain, both.pivot_gain, both.guard) == pytest.approx((4.0, (3.0 + 1.0) / 2, (-0.5 - 2.0) / 2))
    silent = PivotTexts("fr", [None], rule_decoder(german))
    ((same,),) = weigh([TEXT], [[BETTER]], rule_decoder(_spoken), [*pivots, silent])
    assert same == both


def test_the_texts_of_a_batch_do_not_mix(rule_decoder):
    """Texts with and without proposals and pivots side by side: each is weighed as it is alone."""
    other = "She has made a fork."
    texts = ["Rain fell.", TEXT, "The tide turned.", other, TEXT]
    proposals = [
        [],
        [BETTER, WORSE],
        [],
        [_proposal(other, "fork", "mistake"), _proposal(other, "made", "did")],
        [WORSE],
    ]
    pivots = ["Llovió.", PIVOT, None, None, PIVOT]
    together = _weigh(texts, proposals, pivots, rule_decoder(_spoken), rule_decoder(_translated))
    alone = [
        _weigh([text], [mine], [pivot], rule_decoder(_spoken), rule_decoder(_translated))[0]
        for text, mine, pivot in zip(texts, proposals, pivots, strict=True)
    ]
    assert together == alone
    assert [len(each) for each in together] == [0, 2, 0, 2, 1]
    assert together[3][0].gain == pytest.approx(6.0)
    assert together[3][1].gain == pytest.approx(-4.0)
    assert together[3][0].guard == 0.0
    assert together[1][0].guard == pytest.approx(-0.5)
    assert together[4][0].guard == 0.0


def test_nothing_to_weigh_asks_for_nothing(rule_decoder):
    language_model, translator = rule_decoder(_spoken), rule_decoder(_translated)
    assert _weigh([TEXT], [[]], [PIVOT], language_model, translator) == [[]]
    assert _weigh([], [], [], language_model, translator) == []
    assert language_model.asked == translator.asked == []
