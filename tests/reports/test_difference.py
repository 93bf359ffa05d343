"""What a back-translation changed."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from backspeak.reports.difference import Run, marked


def test_changed_words_and_the_restored_wording_are_marked() -> None:
    runs = marked("They accepted a decision on Monday.", "They decided on Tuesday.", "Decided")
    assert runs == (
        Run("They "),
        Run("decided", "restored"),
        Run(" on "),
        Run("Tuesday", "changed"),
        Run("."),
    )


def test_neighbouring_changes_are_one_run() -> None:
    assert marked("It was red.", "It was dark green.") == (Run("It was "), Run("dark green", "changed"), Run("."))


def test_a_restored_wording_is_found_as_whole_words_only() -> None:
    assert marked("x", "startled", "art") == (Run("startled", "changed"),)


def test_a_very_long_text_is_shown_unmarked() -> None:
    assert marked("word", "other " * 1000) == (Run("other " * 1000),)


@given(st.text(), st.text(), st.text(max_size=5))
def test_the_runs_are_the_text(original: str, other: str, restored: str) -> None:
    assert "".join(run.text for run in marked(original, other, restored)) == other
