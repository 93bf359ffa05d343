"""Sentence segmentation: what machine-translated prose does to full stops and quotation marks."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backspeak.formats.segmentation import MAX_LENGTH, sentence_spans, sentences

# Each case is a paragraph with "|" where one sentence ends and the next begins.
CASES = {
    "plain": "The ferry left at noon. |Nobody waved. |Was it late? |No!",
    "heading": "Harbour wall to be rebuilt after the storm",
    "country acronym before a noun": "The U.S. Navy sent a ship. |The U.K. Treasury paid for it.",
    "country acronym at the end": "They had never been to the U.S. |He wanted to go.",
    "acronym in lower-case context": "Exports from the U.S. to Chile rose.",
    "date with slashes": "The law changed after 9/11. |Airports were never the same.",
    "titles": "Dr. Lena Brandt met Gen. Ruiz and Prof. Okafor. |Mrs. Bell took notes.",
    "titles before initials": "Sen. J. Marsh and Rep. K. L. Dow agreed.",
    "initials": "The novel by P. D. Hartley sold well. |Then came J. Moss with another.",
    "middle initial": "Paula R. Winters runs the clinic.",
    "no-break space after an initial": "J.\u00a0Marsh met Č.\u00a0Novák. |They\u00a0spoke.",
    "pronoun at the end": "She is braver than I. |Crowds love her.",
    "letter at the end": "The answer was plan B. |The mayor liked it.",
    "vitamin": "Oranges contain vitamin C. |It helps a little.",
    "company": "Brightwater Inc. raised its prices. |Customers left.",
    "e.g. and i.e.": "Take a fruit, e.g. an apple, i.e. something round. |Eat it.",
    "versus": "It was Leeds vs. Derby in the rain. |Derby won.",
    "number sign": "Bus No. 7 goes there. |It is slow.",
    "month": "The vote on Sept. 4 was close. |A recount followed.",
    "clock": "The shop opens at 9 a.m. on weekdays. |It closes at 6 p.m. |He locks the door.",
    "word that looks like an abbreviation": "They told me. |Ships came. |She loved art. |No. |Boats left.",
    "acronym without stops": "He works for the BBC. |Crowds like him. |He left the SEC. |Nobody cared.",
    "month without stop": "It rained in May. |Crops failed.",
    "decimal": "Prices rose 3.5 percent in May. |Wages rose 2.1.",
    "domain": "See harbour.example.com for tickets. |They cost little.",
    "quote closed after the stop": "“We shall rebuild the pier.” |The council agreed.",
    "quote closed after a space": "“We shall rebuild the pier. ” |The council agreed.",
    "straight quote closed after a space": 'He said "we shall rebuild it. " |The council agreed.',
    "quote at the very end": "She added: “The river belongs to all of us. ”",
    "opening mark used as a closing one": "They answered, “the river is ours. “",
    "speaker after the quote": "“The nets were empty again,” he said. |The boats stayed in.",
    "speaker after a stop in the quote": '"The nets were empty again." he said.',
    "speaker after a question": "“Who took the oars?” she asked. |Nobody spoke.",
    "named speaker after a question": "“Who took the oars?” Captain Lund asked. |Nobody spoke.",
    "closing mark glued to the speaker": "“The nets were torn, ”he said. |The boats stayed in.",
    "reversed mark before the speaker": "“That would be a mistake, “she warned. |The room was silent.",
    "two sentences in a quote": "“The first boat sank. |The second one came back,” he said.",
    "quote opened twice": "“The harbour will not flood again. |“This is a promise to the town,” Ahlberg said.",
    "quote reopened in mid-sentence": "Most of those [fishermen] “The crews are not looking at the sea, but at us.",
    "scare quotes": "The town offered a “solution” to the boats. |It failed.",
    "single quotes": "‘We are leaving.’ |She packed. |'Tis late.",
    "apostrophes": "The sailors' union didn't vote. |It's over.",
    "spaced ellipsis": "The idea of closing the port. . . has its friends.",
    "ellipsis": "They waited... and waited. |Then… it rang.",
    "ellipsis at the end": "Nobody came… |The lamp went out.",
    "insertion and ellipsis": "It is all about the picture[and]. . . calming the crowd.",
    "bracketed insertion": "The [coastal] villages voted. |They [the fishermen] won.",
    "doubled stop": "The crew ended its mission. . |The ship turned round.",
    "doubled stop at the end": "The crew ended its long mission. .",
    "question and exclamation": "Really?! |Yes!!! |Are you sure? !",
    "bracketed sentence": "The pier fell. |(Nobody was hurt.) |It was old.",
    "sentences in a bracket in mid-sentence": "The pier (it was old. It was wet) fell.",
    "footnotes": "The pier fell.[1] |It was old.[2][3] |Nobody minded.",
    "missing space": "The pier fell.|The town slept. |All was quiet.",
    "space before the stop": "The pier fell . |The town slept .",
    "name in small letters": "Sales fell. |iPhone prices rose. |eBay gained.",
    "list numbers": "1. Close the gate. |2. Lock it.",
    "aside after a dash": "They hired Nordsee Co. - which was broke - at once. |It failed.",
    "clock before a bracket": "It opened at 8:10 a.m. (Oslo time) on Friday. |Few came.",
    "dialogue dash": "“Come in.” |– He sat down.",
    "exclamation in a name": "Yahoo! is a company. |It was sold.",
}


@pytest.mark.parametrize("marked", CASES.values(), ids=CASES.keys())
def test_boundaries(marked: str) -> None:
    expected = [sentence.strip() for sentence in marked.split("|")]
    assert sentences(marked.replace("|", "")) == expected


def test_all_small_letters_are_still_cut() -> None:
    assert sentences("who came? nobody came.") == ["who came?", "nobody came."]


@pytest.mark.parametrize("text", ["", "   ", "\n\t"])
def test_nothing_to_cut(text: str) -> None:
    assert sentence_spans(text) == []


@pytest.mark.parametrize("text", ["- - -", "“", ". . ."])
def test_punctuation_alone_is_one_segment(text: str) -> None:
    assert sentences(text) == [text]


def test_a_long_sentence_is_cut_after_clauses() -> None:
    text = "the tide rose and the wind fell and the gulls were loud over the roofs, " * 60
    pieces = sentences(text)
    assert len(pieces) == 3
    assert all(piece.endswith(",") and len(piece) <= MAX_LENGTH for piece in pieces)


@pytest.mark.parametrize("unit", ["tide ", "x", "“tide ", "( ", "a. ", ". ", "“ ", "[1]"])
def test_enormous_paragraphs_take_linear_time(unit: str) -> None:
    text = unit * (400_000 // len(unit))
    start = time.perf_counter()
    spans = sentence_spans(text)
    assert time.perf_counter() - start < 10
    assert max(end - start for start, end in spans) <= MAX_LENGTH


@given(st.text(alphabet="Ab c.!?…“”\"’'()[]1,\n\u00a0éЯ中😀", max_size=120))
def test_spans_cover_everything_but_white_space(text: str) -> None:
    previous = 0
    for start, end in sentence_spans(text):
        assert not text[previous:start].strip()
        assert start < end
        assert text[start:end] == text[start:end].strip()
        previous = end
    assert not text[previous:].strip()
