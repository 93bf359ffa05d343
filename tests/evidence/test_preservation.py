"""Numbers, names, addresses, marks: what goes in is known by its value, and missed when it does not come back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backspeak.evidence.preservation import items, lost, numbers, unknown_to


def _values(text: str) -> list[float | None]:
    return [item.value for item in numbers(text)]


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("It cost 40 crowns.", [40]),
        ("It cost 1,200.50 crowns.", [1200.5]),
        ("It cost 1.200,50 crowns.", [1200.5]),
        ("1 200 people", [1, 200]),
        ("1\u202f200 people", [1200]),
        ("5 million people", [5e6]),
        ("2.5 billion people", [2.5e9]),
        ("twenty-five boats", [25]),
        ("two hundred and six boats", [200, 6]),
        ("two hundred thousand boats", [200_000]),
        ("a hundred boats", []),
        ("one of them", []),
        ("twenty one", [21]),
        ("two, three or 4", [2, 3, 4]),
        ("the 1930s", [1930]),
        ("the 3rd of May 2011", [3, 2011]),
        ("at 10:30", [10, 30]),
        ("0.125 litres", [0.125]),
        ("often weight tenfold", []),
        ("٣٤ boats", [34]),
        ("his sixtieth goal, the twelfth of May, the twenty-fifth hour", [60, 12, 25]),
        ("at first, every second, a third", []),
    ],
)
def test_numbers_have_values(text, values):
    assert _values(text) == values


@pytest.mark.parametrize(
    ("text", "round_trip", "missing"),
    [
        ("It cost 40 crowns.", "It cost forty crowns.", []),
        ("It cost 40 crowns.", "It cost 14 crowns.", ["number 40"]),
        ("It cost 40 crowns and 40 pence.", "It cost 40 crowns.", ["number 40"]),
        ("They sailed to Lisbon.", "They sailed to Porto.", ["name Lisbon"]),
        ("They sailed to Lisbon's port.", "They sailed to LISBON.", []),
        ("They met Khrushchev there.", "They met Khruschev there.", []),
        ("They met Zoë there.", "They met Zoe there.", []),
        ("He said “enough” to them.", "He said enough to them.", ["quotation marks"]),
        ("He said “enough” to them.", 'He said "enough" to them.', []),
        ("The boat (an old one) sank.", "The boat, an old one, sank.", ["brackets"]),
        ("Write to ann@example.org or see www.example.org/a.", "Write to her.",
         ["address ann@example.org", "address www.example.org/a"]),
        ("Write to ann@example.org today.", "Write today to ann@example.org.", []),
        ("Storms are rare here.", "Rain is rare here.", []),
        ("Then U.S. troops left.", "Then American troops left.", []),
        ("Then U.S. troops left.", "Then the troops left.", ["name US"]),
        ("All US-backed regimes fell.", "All regimes that the United States backed fell.", ["name US-backed"]),
        ("All US-backed regimes fell.", "All regimes that the US backed fell.", []),
        ("Then to Afghanistan.", "Then to the Afghan border.", []),
        ("A Panamanian law firm.", "A law firm from Panama.", []),
        ("The war of the 1980s ended.", "The war of the 80s ended.", []),
        ("It was his sixtieth goal.", "It was his 60th goal.", []),
        ("It was his sixtieth goal.", "It was his tenth goal.", ["number sixtieth"]),
        ("The new CCTV is on.", "The new CTV is on.", ["name CCTV"]),
        ("Play A or B.", "Play.", []),
    ],
)  # fmt: skip
def test_what_does_not_come_back_is_missed(text, round_trip, missing):
    assert [item.name for item in lost(text, round_trip)] == missing


def test_what_the_pivot_still_knew_was_lost_on_the_way_back():
    text = "In 1941 they sailed from Lisbon with 1,200 men."
    missing = lost(text, "They sailed.")
    assert [item.name for item in missing] == ["number 1941", "name Lisbon", "number 1,200"]
    assert [item.name for item in unknown_to("En 1941 zarparon de Lisboa con 1.200 hombres.", missing)] == []
    assert [item.name for item in unknown_to("Zarparon de Oporto con 1.300 hombres.", missing)] == [
        "number 1941", "name Lisbon", "number 1,200",
    ]  # fmt: skip


def test_figures_count_however_the_pivot_says_the_rest():
    missing = lost("In the 15th century 340 million lived there; 27 million fled.", "They lived there.")
    assert [item.name for item in unknown_to("En el siglo XV vivían 340 millones.", missing)] == ["number 27 million"]


@given(st.text(max_size=60))
def test_a_text_loses_nothing_against_itself(text):
    found = items(text)
    assert all(0 <= item.start < item.end <= len(text) for item in found)
    assert lost(text, text) == []
