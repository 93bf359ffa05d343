"""New flags after a suggestion: on the words put in, or anywhere that was quiet before."""

from __future__ import annotations

from backspeak.data import CheckedSegment, ErrorSpan, Segment
from backspeak.evaluation.suggestions import applied, new_flags

TEXT = "They made a photo of an huge tram."


def _checked(text: str, *flags: tuple[str, tuple[str, ...]]) -> CheckedSegment:
    spans = tuple(
        ErrorSpan(text.index(words), text.index(words) + len(words), words, "grammar", "minor", 0.9, "r", given, ())
        for words, given in flags
    )
    return CheckedSegment(Segment("d", "1", text), "ok", spans=spans)


def test_each_flag_is_applied_alone_with_its_first_suggestion():
    before = _checked(TEXT, ("made", ("took", "shot")), ("an", ("a",)), ("tram", ()))
    assert [(each.text, each.text[each.start : each.end]) for each in applied(7, before)] == [
        ("They took a photo of an huge tram.", "took"),
        ("They made a photo of a huge tram.", "a"),
    ]


def test_flags_that_were_there_before_are_not_new():
    before = _checked(TEXT, ("made", ("snapped",)), ("an", ("a",)))
    change = applied(0, before)[0]
    assert new_flags(before, change, _checked(change.text, ("an", ("a",)))) == []


def test_flags_on_the_new_words_and_on_quiet_words_are():
    before = _checked(TEXT, ("made", ("took",)), ("an", ("a",)))
    change = applied(0, before)[0]
    after = _checked(change.text, ("took", ()), ("an", ("a",)), ("tram", ()))
    assert [flag.text for flag in new_flags(before, change, after)] == ["took", "tram"]
