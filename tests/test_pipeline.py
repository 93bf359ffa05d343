"""The pipeline keeps the order, passes skipped segments through, and says what made its numbers."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import count

import numpy as np
import pytest

import backspeak
from backspeak import pipeline as pipeline_module
from backspeak.config import Settings
from backspeak.data import CheckedSegment, Findings, Segment
from backspeak.engines.registry import open_engine
from backspeak.engines.scripted import ScriptedEngine
from backspeak.errors import ModelError, SettingsError
from backspeak.judge import OperatingPoint, Verdict
from backspeak.phrasebank import PhraseBank
from backspeak.pipeline import Pipeline
from backspeak.signature import code_digest

LISTED = "The road will be opened in the nearest time."
TEXT = "The mayor laid her faith in the ferry."


class StrictTeacher:
    """Stands in for the judge: a word is the worse the longer it is, and "laid" is always wrong."""

    reads_likelihood = True

    def __init__(self) -> None:
        self.batches: list[int] = []

    def load(self) -> None:
        pass

    def reads(self, source_lang: str | None) -> bool:
        return True

    def signature(self) -> str:
        return "judge:teacher"

    def operating_point(self, *, sensitive: bool = False) -> OperatingPoint:
        return OperatingPoint(0.5, 0.7, 0.9, {"ru": 0.05}) if sensitive else OperatingPoint(0.8, 0.9, 0.95)

    def judge(self, findings: list[Findings]) -> list[Verdict]:
        self.batches.append(len(findings))
        return [self._verdict(each) for each in findings]

    def _verdict(self, findings: Findings) -> Verdict:
        text = findings.segment.text
        words = [text[start:end] for start, end in findings.words]
        probability = np.array(
            # Every second word is beyond doubt, so that no two neighbours make a flag together.
            [0.85 if word == "laid" else 0.1 if i % 2 else min(0.6, len(word) / 12) for i, word in enumerate(words)]
        )
        return Verdict(probability, float(probability.max(initial=0.0)), 100.0 - 10 * len(findings.proposals))


def _script(text: str, source_lang: str, target_lang: str) -> list[str]:
    """There: the words backwards, so that nothing looks like a copy. Back: the words as they were."""
    turned = " ".join(word[::-1] for word in text.split())
    return [turned.replace("laid", "put"), turned]


@pytest.fixture
def make(empty_bank, scripted_embedded):
    def make_pipeline(judge: StrictTeacher | None = None, script=_script, **settings) -> Pipeline:
        return Pipeline(
            Settings(**settings), embedded=scripted_embedded(script), bank=empty_bank, judge=judge or StrictTeacher()
        )

    return make_pipeline


def _segments(*texts: str, skip: dict[int, str] | None = None, **fields) -> list[Segment]:
    return [
        Segment("walk.txt", str(number), text, skip=(skip or {}).get(number), **fields)
        for number, text in enumerate(texts)
    ]


TEXTS = [
    TEXT,
    "The Ferry",
    "Nobody laid a finger on the gardener’s roses.",
    "Паром ушёл.",
    "Rain fell for three days.",
    "",
    "We put it off again and again.",
]
SKIP = {1: "heading", 3: "not English"}


def test_a_segment_gets_its_verdict_flags_and_score(make):
    (checked,) = make(tier="fast").check(_segments(TEXT))
    assert checked.status == "ok"
    assert checked.score == 100.0
    assert checked.error_probability == 0.85
    assert [TEXT[word.start : word.end] for word in checked.words if word.bad] == ["laid"]
    (flag,) = checked.spans
    assert (flag.text, flag.severity, flag.rule) == ("laid", "minor", "likelihood")
    assert checked.back_translations == ()
    assert checked.metrics == {}


class PutsOff(StrictTeacher):
    """Finds words as bad as "laid"."""

    def __init__(self, *words: str) -> None:
        super().__init__()
        self._words = words

    def _verdict(self, findings: Findings) -> Verdict:
        made = super()._verdict(findings)
        text = findings.segment.text
        bad = [text[start:end] in self._words for start, end in findings.words]
        return replace(made, word_probability=np.where(bad, 0.85, made.word_probability))


@pytest.mark.parametrize(("disliked", "offered"), [((), ("put",)), (("put",), ())])
def test_a_suggestion_that_brings_a_flag_of_the_judge_is_withdrawn(make, disliked, offered):
    better, pivot = TEXT.replace("laid", "put"), "La alcaldesa puso su fe en el transbordador."
    script = {(text, "es"): [pivot] for text in (TEXT, better)} | {(pivot, "en"): [better]}
    (checked,) = make(PutsOff(*disliked), script=script).check(_segments(TEXT))
    (flag,) = checked.spans
    assert flag.suggestions == offered


def test_the_next_suggestion_is_tried_in_its_place(scripted_embedded):
    def suggested(*disliked: str) -> tuple[str, ...]:
        embedded = scripted_embedded(_script)
        embedded.lm.log_probabilities = lambda prompts, texts, groups=None: np.array(
            [float("nearest" not in text) for text in texts]
        )
        pipeline = Pipeline(Settings(), embedded=embedded, bank=PhraseBank.load(), judge=PutsOff(*disliked))
        (checked,) = pipeline.check(_segments(LISTED))
        return next(flag.suggestions for flag in checked.spans if flag.rule.startswith("phrase-bank"))

    first, second, *_ = suggested()
    (new,) = set(first.split()) - set(second.split()) - set(LISTED.split())
    assert suggested(new)[0] == second


def test_suggestions_for_a_very_long_segment_are_not_tried(make, monkeypatch):
    judge = PutsOff("put")
    better, pivot = TEXT.replace("laid", "put"), "La alcaldesa puso su fe en el transbordador."
    script = {(text, "es"): [pivot] for text in (TEXT, better)} | {(pivot, "en"): [better]}
    monkeypatch.setattr(pipeline_module, "_LONGEST_TRIED", len(TEXT) - 1)
    (checked,) = make(judge, script=script).check(_segments(TEXT))
    assert checked.spans[0].suggestions == ("put",)
    assert judge.batches == [1]


def test_suggestions_of_the_fast_tier_are_not_tried(make):
    judge = StrictTeacher()
    list(make(judge, tier="fast").check(_segments(*TEXTS[:2])))
    assert judge.batches == [2]


def test_the_round_trip_brings_the_suggestion(make):
    pivot = "La alcaldesa puso su fe en el transbordador."
    script = {(TEXT, "es"): [pivot], (pivot, "en"): ["The mayor put her faith in the ferry."]}
    (checked,) = make(script=script).check(_segments(TEXT))
    (flag,) = checked.spans
    assert (flag.text, flag.rule, flag.suggestions) == ("laid", "round-trip", ("put",))
    assert {each.translation for each in checked.back_translations} == {pivot}


def test_the_fast_tier_translates_nothing(make, empty_bank, scripted_embedded):
    embedded = scripted_embedded({})
    fast = Pipeline(Settings(tier="fast"), embedded=embedded, bank=empty_bank, judge=StrictTeacher())
    assert [each.status for each in fast.check(_segments(*TEXTS, skip=SKIP))].count("ok") == 5
    assert embedded.calls == []


def test_the_order_is_kept_and_skipped_segments_pass_through(make):
    segments = _segments(*TEXTS, skip=SKIP)
    checked = list(make().check(segments))
    assert [each.segment for each in checked] == segments
    for number, each in enumerate(checked):
        if number in SKIP:
            assert each == CheckedSegment(segments[number], "skipped", SKIP[number])
        else:
            assert (each.status, each.reason) == ("ok", None)
            assert each.score is not None


@pytest.mark.parametrize("batch", [1, 2, 3, 100])
def test_results_do_not_depend_on_the_batch(make, monkeypatch, batch):
    segments = _segments(*TEXTS, skip=SKIP)
    expected = list(make().check(segments))
    monkeypatch.setattr(pipeline_module, "BATCH", batch)
    assert list(make().check(segments)) == expected


def test_segments_are_read_as_they_are_needed(make, monkeypatch):
    """A stream may be endless."""
    monkeypatch.setattr(pipeline_module, "BATCH", 2)
    endless = (Segment("stream", str(number), f"Boat {number} sails.") for number in count())
    stream = make(tier="fast").check(endless)
    assert [next(stream).segment.id for _ in range(5)] == ["0", "1", "2", "3", "4"]


def test_a_batch_of_skipped_segments_asks_nothing_of_anyone(make):
    checked = list(make(script={}).check(_segments("One", "Two", skip={0: "heading", 1: "heading"})))
    assert [each.status for each in checked] == ["skipped", "skipped"]
    assert list(make().check([])) == []


def test_progress_counts_every_segment(make, monkeypatch):
    monkeypatch.setattr(pipeline_module, "BATCH", 3)
    seen: list[tuple[int, str]] = []
    list(make().check(_segments(*TEXTS, skip=SKIP), lambda done, stage: seen.append((done, stage))))
    assert sum(done for done, _ in seen) == len(TEXTS)
    stages = {"likelihood", "unlisted phrases", "round trip through Spanish", "suggestions", "judged"}
    assert {stage for _, stage in seen} == stages


def test_a_reference_brings_metrics(make):
    (with_reference,) = make(tier="fast").check(_segments(TEXT, reference=TEXT))
    assert with_reference.metrics["chrf"] == 100.0


def test_sensitive_finds_more(make):
    (plain,) = make(tier="fast").check(_segments(TEXTS[2]))
    (sensitive,) = make(tier="fast", sensitive=True).check(_segments(TEXTS[2]))
    assert sum(word.bad for word in sensitive.words) > sum(word.bad for word in plain.words)
    assert sensitive.error_probability == plain.error_probability


def test_sensitive_has_its_threshold_by_source_language(make):
    pipeline = make(tier="fast", sensitive=True)
    (unstated,) = pipeline.check(_segments(TEXTS[2]))
    (russian,) = pipeline.check(_segments(TEXTS[2], source_lang="ru"))
    assert all(word.bad for word in russian.words if word.error_probability >= 0.05)
    assert sum(word.bad for word in russian.words) > sum(word.bad for word in unstated.words)


def test_disabled_rules_make_no_flags(make):
    (checked,) = make(tier="fast", disable=("likelihood",)).check(_segments(TEXT))
    assert checked.spans == ()
    assert any(word.bad for word in checked.words)


# --- what fails, and what is not needed ---


class Squeamish(StrictTeacher):
    """Cannot judge a text that holds the word "explode"."""

    def judge(self, findings: list[Findings]) -> list[Verdict]:
        if any("explode" in each.segment.text for each in findings):
            raise ArithmeticError("no\nmore")
        return super().judge(findings)


@pytest.mark.parametrize("bad", [{0}, {4}, {2, 3}, {0, 1, 2, 3, 4}])
def test_segments_that_fail_fail_alone(make, bad):
    texts = ["Boats explode." if at in bad else f"Boat {at} sails." for at in range(5)]
    checked = list(make(Squeamish(), tier="fast").check(_segments(*texts)))
    assert [each.status for each in checked] == ["failed" if at in bad else "ok" for at in range(5)]
    assert {each.reason for each in checked if each.status == "failed"} == {"ArithmeticError: no"}
    assert [each.segment.text for each in checked] == texts


def test_a_stage_after_the_judge_may_fail_too(make, monkeypatch):
    real = pipeline_module.segment_score

    def score(verdict, flags):
        if verdict.quality < 100:
            raise ZeroDivisionError
        return real(verdict, flags)

    class Mean(StrictTeacher):
        def judge(self, findings: list[Findings]) -> list[Verdict]:
            return [Verdict(np.zeros(len(each.words)), 0.0, 99.0 + (len(each.words) > 3)) for each in findings]

    monkeypatch.setattr(pipeline_module, "segment_score", score)
    checked = list(make(Mean(), tier="fast").check(_segments("Rain fell.", "Rain fell for days.")))
    assert [(each.status, each.reason) for each in checked] == [("failed", "ZeroDivisionError"), ("ok", None)]


def test_an_error_of_our_own_is_not_a_segment_s(make):
    class Absent(StrictTeacher):
        def judge(self, findings: list[Findings]) -> list[Verdict]:
            raise ModelError("the weights are gone")

    with pytest.raises(ModelError, match="the weights are gone"):
        list(make(Absent()).check(_segments(*TEXTS)))


def test_without_likelihoods_the_fast_tier_needs_no_language_model(empty_bank, scripted_embedded):
    class Blind(StrictTeacher):
        reads_likelihood = False

    class Unloadable(scripted_embedded):
        def prepare(self, pivots, *, language_model):
            assert not pivots
            assert not language_model

        def language_model(self):
            raise AssertionError("asked for the language model")

    def build(embedded, tier: str) -> Pipeline:
        return Pipeline(Settings(tier=tier), embedded=embedded, bank=empty_bank, judge=Blind())

    fast = build(Unloadable({}), "fast")
    fast.prepare()
    fast.load()
    assert [each.status for each in fast.check(_segments(*TEXTS, source="Fe.", source_lang="es"))] == ["ok"] * 7
    assert "engine:" not in fast.signature()
    # The round trip weighs its proposals by it, but what comes before the round trip is as in the fast tier.
    full = build(scripted_embedded(_script), "full")
    before = full.examine(_segments(*TEXTS), round_trip=False)
    assert full._embedded.lm.scored == []
    assert [each.findings for each in before] == [each.findings for each in fast.examine(_segments(*TEXTS))]
    assert full.evidence_signature(round_trip=False) == fast.evidence_signature()
    assert full.evidence_signature() != fast.evidence_signature()
    full.examine(_segments(*TEXTS))
    assert full._embedded.lm.scored != []


def test_thresholds_do_not_change_what_evidence_rests_on(make):
    plain = make().evidence_signature()
    assert make(sensitive=True, disable=("typography",)).evidence_signature() == plain
    assert make(pivot=("es", "de")).evidence_signature() != plain
    assert f"code:{code_digest()}" in plain


# --- the user's own references ---


@pytest.fixture
def write(tmp_path, monkeypatch):
    monkeypatch.setenv("BACKSPEAK_CACHE", str(tmp_path / "cache"))

    def write_file(name: str, content: str) -> str:
        (tmp_path / name).write_text(content, encoding="utf-8")
        return str(tmp_path / name)

    return write_file


def test_an_approved_sentence_loses_its_flags_and_most_of_its_doubt(make, write):
    memory = write("tm.tsv", f"{TEXT}\n")
    (before,) = make(tier="fast").check(_segments(TEXT))
    (checked,) = make(tier="fast", memory=(memory,)).check(_segments(TEXT))
    assert checked.memory is not None
    assert checked.memory.exact
    assert (checked.spans, [(each.span.text, each.by) for each in checked.suppressed]) == ((), [("laid", "memory")])
    assert checked.error_probability < 0.1 < before.error_probability
    assert not any(word.bad for word in checked.words)


def test_a_near_approved_sentence_suggests_its_wording(make, write):
    memory = write("tm.tsv", TEXT.replace("laid", "put") + "\n")
    (before,) = make(tier="fast").check(_segments(TEXT))
    (checked,) = make(tier="fast", memory=(memory,)).check(_segments(TEXT))
    (flag,) = checked.spans
    assert (flag.text, flag.rule, flag.suggestions) == ("laid", "likelihood", ("put",))
    assert [each.kind for each in flag.evidence] == ["likelihood", "memory"]
    assert (checked.score, checked.error_probability) == (before.score, before.error_probability)


def test_a_glossary_is_heard_even_for_an_approved_sentence(make, write):
    memory, glossary = write("tm.tsv", f"{TEXT}\n"), write("terms.tsv", "term\tforbidden\nship\tferry\n")
    (checked,) = make(tier="fast", memory=(memory,), glossary=(glossary,)).check(_segments(TEXT))
    (flag,) = checked.spans
    assert (flag.text, flag.category, flag.suggestions) == ("ferry", "terminology", ("ship",))
    assert checked.score < 100


def test_a_reference_moves_the_doubt_and_lends_its_wording(make):
    (before,) = make(tier="fast").check(_segments(TEXT))
    (checked,) = make(tier="fast").check(_segments(TEXT, reference=TEXT.replace("laid", "put")))
    (flag,) = checked.spans
    assert (flag.text, flag.suggestions) == ("laid", ("put",))
    assert flag.confidence > before.spans[0].confidence
    probability = {TEXT[word.start : word.end]: word.error_probability for word in checked.words}
    assert (
        probability["mayor"] < {TEXT[word.start : word.end]: word.error_probability for word in before.words}["mayor"]
    )
    (same,) = make(tier="fast").check(_segments(TEXT, reference=TEXT))
    assert same.spans == ()


def test_a_different_wording_alone_is_no_flag(make):
    text = "Rain fell for three days."
    assert [each.spans for each in make(tier="fast").check(_segments(text, reference="It rained for a while."))] == [()]


def test_a_baseline_and_an_ignore_keep_flags_on_record_only(make, write):
    finding = {"rule": "likelihood", "text": "laid", "context": TEXT, "document": None}
    accepted = write("b.jsonl", json.dumps(finding) + "\n")
    (checked,) = make(tier="fast", baseline=accepted).check(_segments(TEXT))
    assert (checked.spans, [each.by for each in checked.suppressed]) == ((), ["baseline"])
    (ignored,) = make(tier="fast").check(_segments(TEXT, ignore=("likelihood",)))
    assert (ignored.spans, [each.by for each in ignored.suppressed]) == ((), ["inline"])
    (overruled,) = make(tier="fast", inline_ignores=False).check(_segments(TEXT, ignore=("*",)))
    assert [span.text for span in overruled.spans] == ["laid"]


def test_an_unknown_rule_is_an_error_that_lists_near_ones(make, write):
    with pytest.raises(SettingsError, match=r"--disable 'likelyhood': there is no such rule; near are likelihood"):
        make(tier="fast", disable=("likelyhood",))
    glossary = write("terms.tsv", "term\tforbidden\nship\tferry\n")
    make(tier="fast", disable=("glossary.forbidden.ferry",), glossary=(glossary,))
    make(tier="fast", disable=("glossary.forbidden.ferry",))
    with pytest.raises(SettingsError, match=r"near are .*glossary\.forbidden\.ferry"):
        make(tier="fast", disable=("glossary.forbidden.fery",), glossary=(glossary,))


# --- settings and signature ---


def test_the_signature_names_what_decides(make, empty_bank):
    assert make(pivot=("es", "de"), disable=("typography", "coinage")).signature() == "|".join(
        [
            "tier:full",
            "pivots:es+de",
            "engine:bundled",
            f"phrases:{empty_bank.version}",
            "unlisted:6",
            "judge:teacher",
            "point:default",
            "disabled:coinage+typography",
            f"version:{backspeak.__version__}",
        ]
    )


def test_signatures_differ_where_results_may(make, write):
    signatures = {
        make(**settings).signature()
        for settings in (
            {},
            {"tier": "fast"},
            {"pivot": ("de",)},
            {"pivot": ("es", "de")},
            {"sensitive": True},
            {"disable": ("typography",)},
        )
    }
    assert len(signatures) == 6
    content = ("term\tforbidden\nship\tferry\n", "term\tforbidden\nboat\tferry\n")
    paths = [write(f"{number}.tsv", each) for number, each in enumerate(content)]
    with_glossary = [make(glossary=(path,)).signature() for path in paths]
    with_memory = [make(memory=(path,)).signature() for path in paths]
    with_baseline = make(baseline=write("b.jsonl", "")).signature()
    assert len(signatures | {*with_glossary, *with_memory, with_baseline}) == 11
    assert make(jobs=3, quiet=True, offline=True).signature() == make().signature()
    assert "pivots:none" in make(tier="fast", pivot=("es",)).signature()


def test_a_pivot_named_twice_is_one(make):
    twice = make(pivot=("es", "es"))
    assert twice.signature() == make().signature()
    assert list(twice.check(_segments(TEXT))) == list(make().check(_segments(TEXT)))


def test_a_pivot_that_the_engine_lacks_is_an_error(empty_bank, scripted_embedded):
    embedded = scripted_embedded({}, pairs={("en", "es"), ("es", "en"), ("en", "de")})

    def build(*pivots: str, tier: str = "full", engine=None) -> Pipeline:
        settings = Settings(pivot=pivots, tier=tier)
        return Pipeline(settings, embedded=embedded, engine=engine, bank=empty_bank, judge=StrictTeacher())

    build("es")
    with pytest.raises(SettingsError, match=r"the bundled engine has no pivot 'tlh'; it has es$"):
        build("tlh")
    with pytest.raises(SettingsError, match="no pivot 'de'"):
        build("de")
    with pytest.raises(SettingsError, match=r"the scripted engine has no pivot 'es'; it translates nothing at all"):
        build("es", engine=ScriptedEngine({}, pairs=set()))
    build("tlh", tier="fast")


def test_a_pivot_that_the_engine_lacks_does_not_stop_the_others(empty_bank, scripted_embedded):
    embedded = scripted_embedded({}, pairs={("en", "es"), ("es", "en"), ("en", "de")})
    settings = Settings(pivot=("tlh,es", "de"))
    pipeline = Pipeline(settings, embedded=embedded, bank=empty_bank, judge=StrictTeacher())
    assert (pipeline.pivots, pipeline.missing_pivots) == (["es"], ["tlh", "de"])
    assert "pivots:es|" in pipeline.signature()


def test_without_a_pivot_named_the_recorded_scores_choose(make, monkeypatch):
    monkeypatch.setattr(pipeline_module, "default_pivots", lambda: ["de"])
    assert make().pivots == ["de"]
    assert make(pivot=("es",)).pivots == ["es"]
    assert make(tier="fast").pivots == []


def test_a_pivot_that_does_not_load_is_left_to_the_others(empty_bank, scripted_embedded):
    class Damaged(scripted_embedded):
        def translator(self, pivot):
            if pivot == "de":
                raise ModelError("pivot-de is damaged")
            return super().translator(pivot)

    def build(*pivots: str) -> Pipeline:
        return Pipeline(Settings(pivot=pivots), embedded=Damaged({}), bank=empty_bank, judge=StrictTeacher())

    build("es", "de").load()
    with pytest.raises(ModelError, match="pivot-de is damaged"):
        build("de").load()


def test_everything_is_loaded_ahead_when_asked(empty_bank, scripted_embedded):
    loaded: list[str] = []

    class Watched(scripted_embedded):
        def language_model(self):
            loaded.append("language model")
            return super().language_model()

        def translator(self, pivot):
            loaded.append(pivot)
            return super().translator(pivot)

    embedded = Watched({})
    Pipeline(Settings(pivot=("es", "de")), embedded=embedded, bank=empty_bank, judge=StrictTeacher()).load()
    assert loaded == ["language model", "es", "de"]
    loaded.clear()
    Pipeline(Settings(tier="fast"), embedded=embedded, bank=empty_bank, judge=StrictTeacher()).load()
    assert loaded == ["language model"]


def test_the_bundled_engine_is_the_embedded_one(scripted_embedded):
    embedded = scripted_embedded({})
    assert open_engine(Settings(), embedded) is embedded


@pytest.mark.parametrize(
    ("model", "message"),
    [
        ((), "the marian engine needs --model"),
        (("opus-mt-en-es",), "--model 'opus-mt-en-es' is not of the form"),
        (("en=opus",), "--model 'en=opus' is not of the form"),
        (("en-=opus",), "is not of the form"),
        (("en-es=",), "is not of the form"),
    ],
)
def test_the_marian_engine_wants_its_models_named(scripted_embedded, model, message):
    with pytest.raises(SettingsError, match=message):
        open_engine(Settings(engine="marian", model=model), scripted_embedded({}))
