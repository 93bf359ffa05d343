"""Typography: each rule with what it must find, what it offers, and its neighbours that are right."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backspeak.evidence.typography import collect


def mended(text: str) -> str:
    """The text with the first suggestion of every slip put in."""
    for evidence in reversed(collect(text)):
        text = text[: evidence.start] + evidence.suggestions[0] + text[evidence.end :]
    return text


@pytest.mark.parametrize(
    ("rule", "text", "right"),
    [
        ("quote-side", "“We need lamps, ”he said.", "“We need lamps,” he said."),
        ("quote-side", "We need lamps, ”he said.", "We need lamps,” he said."),
        ("quote-side", '"We need lamps, "he said.', '"We need lamps," he said.'),
        (
            "quote-side",
            "“I lived there in the 1980s, “said the baker.",
            "“I lived there in the 1980s,” said the baker.",
        ),
        ("quote-side", "I lived there in the 1980s, “said the baker.", "I lived there in the 1980s,” said the baker."),
        ("quote-side", "He said “no“ to the plan.", "He said “no” to the plan."),
        ("quote-side", "It is called the ”Swan” by sailors.", "It is called the “Swan” by sailors."),
        ("space-in-quote", "The ship “ America” left at noon.", "The ship “America” left at noon."),
        ("space-in-quote", 'He wrote " no way" on it.', 'He wrote "no way" on it.'),
        ("space-before-quote", "“We need lamps. ”", "“We need lamps.”"),
        ("space-before-quote", '"We need lamps " is on the door.', '"We need lamps" is on the door.'),
        ("space-after-quote", "“We need lamps,”he said.", "“We need lamps,” he said."),
        ("quote-reopened", "“We fight [old] “The groups are bad.”", "“We fight [old] The groups are bad.”"),
        ("doubled-stop", "They ended the mission. .", "They ended the mission."),
        ("doubled-stop", "They ended the mission..", "They ended the mission."),
        ("space-before-punctuation", "The town , once rich , is poor .", "The town, once rich, is poor."),
        ("space-before-punctuation", "It rained ; we left.", "It rained; we left."),
        ("space-before-punctuation", "“It is over .”", "“It is over.”"),
        ("missing-space", "It rained,and we left.", "It rained, and we left."),
        ("doubled-word", "They closed the the harbour.", "They closed the harbour."),
        ("doubled-word", "A row over harbour harbour fees.", "A row over harbour fees."),
        ("brackets", "The cost (in euros] is high.", "The cost (in euros) is high."),
        ("brackets", "The cost in euros) is high here.", "The cost in euros is high here."),
        ("brackets", "The cost (in euros is high.", "The cost in euros is high."),
    ],
)
def test_a_slip_is_found_and_mended(rule: str, text: str, right: str) -> None:
    assert {evidence.rule for evidence in collect(text)} == {f"typography.{rule}"}
    assert mended(text) == right
    assert collect(right) == []


@pytest.mark.parametrize(
    "text",
    [
        "“We need lamps,” he said, “and oil.”",
        "“We need lamps. We need oil.",
        "We need oil too,” he said.",
        "He told her: “Go home.",
        "“He told me ‘go home’,” she said.",
        '"We need lamps," he said, "and oil."',
        'He said "no" and "never".',
        "He wrote a “letter” (“a note”, he called it).",
        "Er sagte „Nein“ und ging.",
        "« Oui ; non » is on the door.",
        "The '90s were good for the dogs' owners, don’t you think?",
        "’Tis the season, rock ’n’ roll.",
        "He is 6'2\" tall.",
        'A 15" screen, a 17" screen and a 19" screen.',
        "Wait... there is more…",
        "Wait . . . there is more.",
        "He paid $1,000,000 for it, or .5 percent.",
        "The .NET library and the file ../data are here.",
        "See https://example.org/a,b and www.example.org,now or mail a@b.org..",
        "I knew that he had had it and that that was all.",
        "It is very very cold, far far away.",
        "Walla Walla and Pago Pago are towns.",
        "He gave her her coat and went in in silence.",
        "a) the first point",
        "(He left early.",
        "She stayed.)",
        "It works :) and so on ;)",
        "The committee (which met on Monday [sic]) agreed.",
        "The Nobel prize (1,4-dioxane) [see above] stands.",
        "",
    ],
)
def test_what_is_right_is_left_alone(text: str) -> None:
    assert [(evidence.rule, text[evidence.start : evidence.end]) for evidence in collect(text)] == []


def test_the_record() -> None:
    (evidence,) = collect("We need lamps, ”he said.")
    assert (evidence.kind, evidence.category, evidence.severity) == ("typography", "punctuation", "minor")
    assert evidence.confidence is not None
    assert evidence.confidence > 0.9
    assert evidence.details["message"].endswith(".")


def test_an_unclosed_bracket_is_doubted_more_than_an_impossible_quotation_mark() -> None:
    (bracket,) = collect("The cost (in euros is high.")
    (quote,) = collect("We need lamps, ”he said.")
    assert bracket.confidence < quote.confidence


@given(st.text(alphabet="ab the.,;\"“”‘’'()[] «»…\u00a0-1", max_size=60))
def test_any_text_gives_ordered_slips_inside_it(text: str) -> None:
    found = collect(text)
    assert all(0 <= evidence.start < evidence.end <= len(text) for evidence in found)
    assert all(first.end <= second.start for first, second in pairwise(found))
    assert all(evidence.suggestions[0] != text[evidence.start : evidence.end] for evidence in found)
