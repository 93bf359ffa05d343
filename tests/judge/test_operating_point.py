"""The point from which a word is bad may hang on the language that the text was translated from."""

from __future__ import annotations

import pytest

from backspeak.judge import OperatingPoint

POINT = OperatingPoint(0.5, 0.7, 0.9, {"et": 0.3})


@pytest.mark.parametrize(("source_lang", "minor"), [("et", 0.3), ("ET-ee", 0.3), ("de", 0.5), (None, 0.5)])
def test_a_stated_language_brings_its_own_threshold(source_lang, minor):
    point = POINT.of(source_lang)
    assert point.minor == minor
    assert (point.major, point.critical) == (0.7, 0.9)
