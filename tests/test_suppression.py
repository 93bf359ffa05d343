"""Which flags are raised: an ignore, a baseline or an approved sentence keeps one on record only."""

from __future__ import annotations

import pytest

from backspeak.baseline import Baseline
from backspeak.data import ErrorSpan, MemoryMatch, Segment
from backspeak.suppression import divide

TEXT = "The mayor laid her faith in the ferry."


def _span(words: str, rule: str) -> ErrorSpan:
    start = TEXT.index(words)
    return ErrorSpan(start, start + len(words), words, "mistranslation", "major", 0.9, rule, (), ())


SPANS = (
    _span("mayor", "glossary.forbidden.mayor"),
    _span("laid", "round-trip"),
    _span("faith", "phrase-bank.calques.lay-faith"),
)
EXACT = MemoryMatch(TEXT, 1.0, None, False, "tm.tmx", None)


def _divided(ignore=(), **options):
    raised, suppressed = divide(SPANS, Segment("a.txt", "1", TEXT, ignore=ignore), **options)
    return [span.text for span in raised], {each.span.text: each.by for each in suppressed}


def test_everything_is_raised_by_default():
    assert _divided() == (["mayor", "laid", "faith"], {})


@pytest.mark.parametrize(
    ("ignore", "kept"),
    [
        (("*",), []),
        (("round-trip",), ["mayor", "faith"]),
        (("phrase-bank", "glossary.forbidden"), ["laid"]),
        (("phrase-bank.calques.lay-faith",), ["mayor", "laid"]),
        (("phrase-bank.calques.lay", "phrase", "round"), ["mayor", "laid", "faith"]),
    ],
)
def test_inline_ignores_name_rules_and_families(ignore, kept):
    raised, suppressed = _divided(ignore)
    assert raised == kept
    assert set(suppressed.values()) <= {"inline"}
    assert len(raised) + len(suppressed) == 3


def test_inline_ignores_can_be_overruled():
    assert _divided(("*",), inline=False) == (["mayor", "laid", "faith"], {})


def test_a_baseline_takes_what_it_holds():
    accepted = Baseline([("round-trip", "laid", TEXT)], "00000000")
    assert _divided(baseline=accepted) == (["mayor", "faith"], {"laid": "baseline"})


def test_an_approved_sentence_keeps_its_glossary_flags():
    assert _divided(memory=EXACT) == (["mayor"], {"laid": "memory", "faith": "memory"})


def test_a_sentence_that_is_nearly_approved_keeps_all():
    near = MemoryMatch(TEXT.upper(), 0.99, None, True, "tm.tmx", None)
    assert _divided(memory=near) == (["mayor", "laid", "faith"], {})
