"""Plain text: paragraphs by line, hard-wrapped lines, places and skipped furniture."""

from __future__ import annotations

import textwrap
import time

import pytest

from backspeak.data import Segment
from backspeak.errors import InputError
from backspeak.formats.segmentation import MAX_LENGTH
from backspeak.formats.text import read_text

STORY = (
    "The lighthouse on the northern cape was switched on again last night after eleven years of darkness. "
    "Hundreds of people walked up the hill with lamps of their own to see the first beam cross the bay. "
    "The keeper, who is ninety, was allowed to pull the lever, and he said that it had grown heavier."
)


def read(text: str) -> list[Segment]:
    return read_text(text.encode(), "a.txt").segments


def texts(text: str) -> list[str]:
    return [segment.text for segment in read(text)]


def test_one_paragraph_a_line() -> None:
    segments = read("Lamp lit again\n\nThe bay was dark. It was cold.\nPeople came.\n")
    assert [(segment.id, segment.text, segment.location) for segment in segments] == [
        ("1", "Lamp lit again", "line 1"),
        ("2", "The bay was dark.", "line 3"),
        ("3", "It was cold.", "line 3"),
        ("4", "People came.", "line 4"),
    ]
    assert {segment.document for segment in segments} == {"a.txt"}


@pytest.mark.parametrize("width", [50, 66, 72, 90])
def test_hard_wrapped_text_gives_the_same_sentences(width: int) -> None:
    wrapped = "Lamp lit again\n\n" + "\n".join(textwrap.wrap(STORY, width)) + "\n\nThe end came soon.\n"
    assert texts(wrapped) == ["Lamp lit again", *texts(STORY), "The end came soon."]


def test_a_wrapped_sentence_begins_on_its_own_line() -> None:
    segments = read("\n".join(textwrap.wrap(STORY, 60)))
    assert [segment.location for segment in segments] == ["line 1", "line 2", "line 4"]


def test_two_wrapped_lines() -> None:
    text = "The harbour master refused to comment on the state of\nthe northern wall."
    assert texts(text) == [text.replace("\n", " ")]


def test_a_wrapped_line_that_goes_on_with_a_capital_follows_the_width_of_the_document() -> None:
    wrapped = "\n".join(textwrap.wrap(STORY, 66))
    text = wrapped + "\n\nThe committee thanked the engineers, the council and the keeper's\nNorwegian family."
    assert texts(text)[-1] == "The committee thanked the engineers, the council and the keeper's Norwegian family."


def test_a_word_broken_at_its_hyphen_is_joined() -> None:
    text = "The council called it the most far-reaching and well-\nmeant plan of the decade."
    assert texts(text) == ["The council called it the most far-reaching and well-meant plan of the decade."]


def test_headlines_are_not_joined() -> None:
    headlines = [
        "Harbour wall to be rebuilt in spring after storm",
        "Council refuses to pay for second ferry to the cape",
        "Keeper of the lighthouse dies at ninety",
        "Gulls return to the northern cliffs earlier than ever before",
    ]
    assert texts("\n".join(headlines)) == headlines


def test_short_lines_in_small_letters_are_not_joined() -> None:
    assert texts("salt\nflour\nwater") == ["salt", "flour", "water"]


def test_list_items_lose_their_bullets() -> None:
    assert texts("• Bring a lamp.\n- Bring a friend.\n* Come early.") == [
        "Bring a lamp.",
        "Bring a friend.",
        "Come early.",
    ]


def test_line_numbers_count_carriage_returns_but_not_form_feeds() -> None:
    segments = read("One came.\r\n\r\nTwo\x0c came.\rThree came.")
    assert [segment.location for segment in segments] == ["line 1", "line 3", "line 4"]


def test_furniture_is_skipped_whole_and_prose_is_not() -> None:
    segments = read(
        "The lamp was lit.\n\nEnjoyed it? Tell your friends!\n\n"
        "Visitors climb the stairs of the lighthouse at night © Nils Berg / Reuters\n\nIt burned all night.\n"
    )
    assert [segment.skip for segment in segments] == [
        None,
        "page furniture: share buttons",
        "page furniture: photo credit",
        None,
    ]
    assert segments[1].text == "Enjoyed it? Tell your friends!"


def test_furniture_at_the_end_of_a_paragraph() -> None:
    segments = read("The lamp burned all night. Read the full story.")
    assert [segment.skip for segment in segments] == [None, "page furniture: link to other pages"]


def test_foreign_sentences_and_rules_are_skipped() -> None:
    segments = read("The lamp was lit.\n* * *\nEl faro del cabo volvió a encenderse anoche después de once años.\n")
    assert [segment.skip for segment in segments] == [None, "no words", "not English (looks like Spanish)"]


@pytest.mark.parametrize("content", [b"", b" \n\t\r\n ", b"\xef\xbb\xbf \n"])
def test_empty_files_are_refused(content: bytes) -> None:
    with pytest.raises(InputError, match=r"a\.txt: is empty"):
        read_text(content, "a.txt")


def test_ten_megabytes_in_one_line() -> None:
    content = b"tide and wind and rain " * 450_000
    start = time.perf_counter()
    segments = read_text(content, "a.txt").segments
    assert time.perf_counter() - start < 30
    assert len(segments) > 5_000
    assert max(len(segment.text) for segment in segments) <= MAX_LENGTH
    assert {segment.location for segment in segments} == {"line 1"}
