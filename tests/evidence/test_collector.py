"""The collector brings all evidence together, with the right text behind the conditional likelihood."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from backspeak.data import Evidence, Findings, Segment
from backspeak.engines.decoder import TokenScores
from backspeak.engines.scripted import ScriptedEngine
from backspeak.errors import ModelError
from backspeak.evidence import collector

TEXT = "The mayor laid her faith in the ferry."
PIVOT = "La alcaldesa puso su fe en el transbordador."
BACK = "The mayor put her faith in the ferry."
SCRIPT = {(TEXT, "es"): [PIVOT], (PIVOT, "en"): [BACK]}
SOURCE = "Мэр возложила надежды на паром."


def _segment(text: str = TEXT, **fields) -> Segment:
    return Segment("walk.txt", "1", text, **fields)


def _collect(bank, embedded, segments, *, engine=None, pivots=("es",)):
    return collector.Collector(bank, embedded, engine or embedded, pivots).collect(segments)


def test_phrases_and_typography_are_evidence(empty_bank, scripted_embedded, monkeypatch):
    def observation(kind: str, text: str) -> list[Evidence]:
        return [Evidence(kind, kind, 0, len(text), "grammar", "minor")]

    monkeypatch.setattr(collector.typography, "collect", lambda text: observation("typography", text))
    monkeypatch.setattr(collector.phrase_bank, "collect", lambda text, bank: observation(f"bank {bank.version}", text))
    segments = [_segment(), _segment("The end.")]
    found = _collect(empty_bank, scripted_embedded({}), segments, pivots=())
    assert [[(each.kind, each.end) for each in one.evidence] for one in found] == [
        [("typography", len(segment.text)), (f"bank {empty_bank.version}", len(segment.text))] for segment in segments
    ]


def test_the_text_alone(empty_bank, scripted_embedded):
    embedded = scripted_embedded({})
    (found,) = _collect(empty_bank, embedded, [_segment()], pivots=())
    assert found.mode is None
    assert found.back_translations == found.proposals == []
    assert {name for name in found.likelihood if name.startswith("given")} == set()
    assert embedded.lm.scored == [("", TEXT)]
    assert embedded.calls == []
    # One token a character, each of -1: a word's total is its length.
    np.testing.assert_allclose(found.likelihood["alone_total"], [start - end for start, end in found.words])


def test_the_pivot_stands_behind_the_text(empty_bank, scripted_embedded):
    embedded = scripted_embedded(SCRIPT)
    (found,) = _collect(empty_bank, embedded, [_segment()])
    assert found.mode == "pivot"
    assert embedded.lm.scored == [("", TEXT)]
    assert embedded.mt.scored == [(f"Spanish: {PIVOT}\nEnglish:", f" {TEXT}")]
    prompt = len(f"Spanish: {PIVOT}\nEnglish:")
    np.testing.assert_allclose(
        found.likelihood["given_total"], [(1.0 + prompt) * (start - end) for start, end in found.words]
    )
    assert {(each.pivot, each.translation, each.round_trip) for each in found.back_translations} == {
        ("es", PIVOT, BACK)
    }
    assert len(found.back_translations) == 1 + collector.ALTERNATIVES
    (proposal,) = found.proposals
    assert (TEXT[proposal.start : proposal.end], proposal.replacement) == ("laid", "put")
    assert proposal.gain == 1.0
    assert proposal.pivot_gain == 1.0


def test_the_source_takes_the_place_of_the_pivot(empty_bank, scripted_embedded):
    embedded = scripted_embedded(SCRIPT)
    (found,) = _collect(empty_bank, embedded, [_segment(source=SOURCE, source_lang="ru")])
    assert found.mode == "source"
    prompt = f"Russian: {SOURCE}\nEnglish:"
    assert embedded.lm.scored == [("", TEXT), (prompt, f" {TEXT}")]
    np.testing.assert_allclose(
        found.likelihood["given_total"], [(1.0 + len(prompt)) * (start - end) for start, end in found.words]
    )
    assert found.back_translations
    assert found.proposals


def test_the_source_speaks_without_any_pivot(empty_bank, scripted_embedded):
    embedded = scripted_embedded({})
    (found,) = _collect(empty_bank, embedded, [_segment(source=SOURCE, source_lang="ru")], pivots=())
    assert found.mode == "source"
    assert "given_total" in found.likelihood


@pytest.mark.parametrize(("source", "source_lang"), [(None, "ru"), (SOURCE, None), ("", "ru"), (SOURCE, "tlh")])
def test_a_source_that_cannot_be_read_is_left_out(empty_bank, scripted_embedded, source, source_lang):
    (found,) = _collect(empty_bank, scripted_embedded(SCRIPT), [_segment(source=source, source_lang=source_lang)])
    assert found.mode == "pivot"


def test_a_degenerate_round_trip_leaves_the_text_alone(empty_bank, scripted_embedded):
    embedded = scripted_embedded({(TEXT, "es"): [TEXT], (TEXT, "en"): [BACK]})
    (found,) = _collect(empty_bank, embedded, [_segment()])
    assert found.mode is None
    assert [each.degenerate for each in found.back_translations] == [True] * (1 + collector.ALTERNATIVES)
    assert found.proposals == []
    assert embedded.mt.scored == []


def test_another_engine_translates_and_the_embedded_one_weighs(empty_bank, scripted_embedded):
    embedded, engine = scripted_embedded({}), ScriptedEngine(SCRIPT)
    (found,) = _collect(empty_bank, embedded, [_segment()], engine=engine)
    assert embedded.calls == []
    assert len(engine.calls) == 2
    assert found.mode == "pivot"
    assert embedded.mt.scored == []
    assert embedded.lm.scored[1] == (f"Spanish: {PIVOT}\nEnglish:", f" {TEXT}")
    (proposal,) = found.proposals
    assert (proposal.gain, proposal.pivot_gain, proposal.guard) == (1.0, 0.0, 0.0)


def test_every_pivot_adds_its_round_trips(empty_bank, scripted_embedded):
    german = "Die Bürgermeisterin setzte ihr Vertrauen in die Fähre."
    script = SCRIPT | {(TEXT, "de"): [german], (german, "en"): ["The mayor placed her trust in the ferry."]}
    embedded = scripted_embedded(script)
    (found,) = _collect(empty_bank, embedded, [_segment()], pivots=("es", "de"))
    assert {each.pivot for each in found.back_translations} == {"es", "de"}
    assert {(each.pivot, each.replacement) for each in found.proposals} == {
        ("es", "put"),
        ("de", "placed"),
        ("de", "trust"),
    }
    # The first pivot that can be trusted stands behind the likelihood.
    assert [prompt for prompt, _ in embedded.mt.scored] == [f"Spanish: {PIVOT}\nEnglish:"]


def test_the_second_pivot_helps_out(empty_bank, scripted_embedded):
    german = "Die Bürgermeisterin setzte ihr Vertrauen in die Fähre."
    script = {
        (TEXT, "es"): [TEXT],
        (TEXT, "en"): [BACK],
        (TEXT, "de"): [german],
        (german, "en"): ["The mayor placed her trust in the ferry."],
    }
    embedded = scripted_embedded(script)
    (found,) = _collect(empty_bank, embedded, [_segment()], pivots=("es", "de"))
    assert found.mode == "pivot"
    assert [prompt for prompt, _ in embedded.mt.scored] == [f"German: {german}\nEnglish:"]


def test_pivots_that_agree_make_one_proposal(empty_bank, scripted_embedded):
    german = "Die Bürgermeisterin setzte ihr Vertrauen in die Fähre."
    embedded = scripted_embedded(SCRIPT | {(TEXT, "de"): [german], (german, "en"): [BACK]})
    (found,) = _collect(empty_bank, embedded, [_segment()], pivots=("es", "de"))
    (proposal,) = found.proposals
    assert (proposal.replacement, proposal.pivots, proposal.agreement, proposal.round_trips) == (
        "put", ("es", "de"), 6, 6,
    )  # fmt: skip
    # The mean of what either pivot gains, not the sum.
    assert (proposal.gain, proposal.pivot_gain) == (1.0, 1.0)


def _failing(scripted_embedded, error: Exception, *languages: str):
    class Failing(scripted_embedded):
        def translate(self, texts, source_lang, target_lang, *, samples=0):
            if target_lang in languages:
                raise error
            return super().translate(texts, source_lang, target_lang, samples=samples)

    return Failing(SCRIPT)


def test_a_pivot_that_fails_does_not_stop_the_others(empty_bank, scripted_embedded):
    embedded = _failing(scripted_embedded, ModelError("pivot-de is damaged"), "de")
    (found,) = _collect(empty_bank, embedded, [_segment()], pivots=("de", "es"))
    assert {each.pivot for each in found.back_translations} == {"es"}
    assert [each.replacement for each in found.proposals] == ["put"]
    assert found.mode == "pivot"
    assert found.failed_pivots == {"de": "ModelError: pivot-de is damaged"}


@pytest.mark.parametrize("pivots", [("de",), ("de", "fr")])
def test_when_every_pivot_fails_the_error_is_told(empty_bank, scripted_embedded, pivots):
    embedded = _failing(scripted_embedded, ModelError("damaged"), "de", "fr")
    with pytest.raises(ModelError, match="damaged"):
        _collect(empty_bank, embedded, [_segment()], pivots=pivots)


def test_a_strange_error_of_one_text_is_raised_until_the_text_is_found(empty_bank, scripted_embedded):
    """In a batch it may be the fault of any of them; alone, the other pivots go on."""
    embedded = _failing(scripted_embedded, RuntimeError("bad tensor"), "de")
    with pytest.raises(RuntimeError):
        _collect(empty_bank, embedded, [_segment(), _segment()], pivots=("de", "es"))
    (found,) = _collect(empty_bank, embedded, [_segment()], pivots=("de", "es"))
    assert found.failed_pivots == {"de": "RuntimeError: bad tensor"}
    assert found.proposals


def test_what_the_pivot_lost_is_not_held_against_the_text(empty_bank, scripted_embedded):
    text, pivot = "In 1941 they sailed from Lisbon on a boat.", "Entonces zarparon de Oporto en un barco."
    script = {(text, "es"): [pivot], (pivot, "en"): ["Then they sailed from Porto on a boat."]}
    (found,) = _collect(empty_bank, scripted_embedded(script), [_segment(text)])
    known = {text[a:b]: value for (a, b), value in zip(found.words, found.likelihood["given_total"], strict=True)}
    assert np.isnan([known["1941"], known["Lisbon"]]).all()
    assert np.isfinite([value for word, value in known.items() if word not in ("1941", "Lisbon")]).all()
    assert np.isfinite(found.likelihood["alone_total"]).all()
    # The pivot knows it, only the way back lost it: the pivot has a say.
    script = {(text, "es"): ["En 1941 zarparon de Lisboa en un barco."]}
    script[script[text, "es"][0], "en"] = ["Then they sailed from Porto on a boat."]
    (found,) = _collect(empty_bank, scripted_embedded(script), [_segment(text)])
    assert np.isfinite(found.likelihood["given_total"]).all()
    assert found.back_translations[0].lost == ("number 1941", "name Lisbon")


def test_segments_of_a_batch_do_not_mix(empty_bank, scripted_embedded):
    other = "The gardener waters the roses in the evening."
    riego = "El jardinero riega las rosas por la tarde."
    script = SCRIPT | {(other, "es"): [riego], (riego, "en"): ["The gardener sprinkles the roses in the evening."]}
    segments = [_segment(), _segment(other, source=SOURCE, source_lang="ru"), _segment("The end.")]
    script |= {("The end.", "es"): ["El fin."], ("El fin.", "en"): ["The end."]}
    together = _collect(empty_bank, scripted_embedded(script), segments)
    for segment, found in zip(segments, together, strict=True):
        (alone,) = _collect(empty_bank, scripted_embedded(script), [segment])
        assert found.segment is segment
        assert found.mode == alone.mode
        assert found.back_translations == alone.back_translations
        assert found.proposals == alone.proposals
        assert found.evidence == alone.evidence
        assert set(found.likelihood) == set(alone.likelihood)
        for name, values in found.likelihood.items():
            np.testing.assert_array_equal(values, alone.likelihood[name])


def test_nothing_to_collect(empty_bank, scripted_embedded):
    assert _collect(empty_bank, scripted_embedded({}), []) == []


class _Rewriter:
    """Would rather not keep "laid", and goes on with "put". One token a character."""

    def count_tokens(self, text: str) -> int:
        return len(text.split())

    def token_scores(self, prompts: Sequence[str], texts: Sequence[str]) -> list[TokenScores]:
        scores = []
        for text in texts:
            likely, count = np.full(len(text), -0.01), np.arange(len(text))
            likely[text.index("laid") : text.index("laid") + 4] = -3.0
            scores.append(TokenScores(count, count + 1, likely, np.zeros(len(text)), np.ones(len(text))))
        return scores

    def continuations(self, prompts: Sequence[str], **options: object) -> list[list[str]]:
        return [["put her faith in the"] for _ in prompts]

    def log_probabilities(self, prompts: Sequence[str], texts: Sequence[str], groups: object = None) -> np.ndarray:
        return np.array([float("put" in text) for text in texts])


class _Looks:
    """A finder that keeps what it was shown."""

    def __init__(self) -> None:
        self.seen: list[Findings] = []

    def places(self, text: str) -> list[Evidence]:
        return []

    def collect(self, findings: Sequence[Findings], language_model: object) -> list[list[Evidence]]:
        self.seen += [replace(each, proposals=list(each.proposals)) for each in findings]
        return [[] for _ in findings]


def test_the_rewriter_is_asked_before_the_finders_and_weighed_with_the_round_trips(empty_bank, scripted_embedded):
    embedded, finder = scripted_embedded(SCRIPT), _Looks()
    embedded.rewriting = _Rewriter()
    said: list[str] = []
    collected = collector.Collector(empty_bank, embedded, embedded, ("es",), [finder])
    (found,) = collected.collect([_segment()], said.append)
    assert said == ["likelihood", "rewriting", "unlisted phrases", "round trip through Spanish"]
    (seen,) = finder.seen
    assert [(each.origin, each.replacement) for each in seen.proposals] == [("rewriting", "put")]
    assert np.isfinite(seen.likelihood["kept_least"]).all()
    assert [(each.origin, each.replacement, each.gain) for each in found.proposals] == [
        ("round_trip", "put", 1.0), ("rewriting", "put", 1.0),
    ]  # fmt: skip


def test_without_a_round_trip_nothing_is_rewritten(empty_bank, scripted_embedded):
    embedded = scripted_embedded(SCRIPT)
    embedded.rewriting = _Rewriter()
    (found,) = collector.Collector(empty_bank, embedded, embedded, ("es",)).collect([_segment()], round_trip=False)
    assert not found.proposals
    assert not [name for name in found.likelihood if name.startswith("kept")]


def test_the_stages_are_told(empty_bank, scripted_embedded):
    said: list[str] = []
    collector.Collector(empty_bank, scripted_embedded(SCRIPT), scripted_embedded(SCRIPT), ("es",)).collect(
        [_segment()], said.append
    )
    assert said == ["likelihood", "round trip through Spanish"]
