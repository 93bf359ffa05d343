"""Round trips become proposals: the right words, in the right place, with the right number of votes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backspeak.data import BackTranslation
from backspeak.engines.scripted import ScriptedEngine
from backspeak.evidence import round_trip
from backspeak.evidence.round_trip import MAX_PROPOSALS, MAX_WORDS, apply, back_translate, differences, proposals

TEXT = "The mayor laid her faith in the new ferry."


def _changed(text: str, other: str) -> list[str]:
    """Each difference as original -> replacement."""
    return [f"{text[start:end]} -> {replacement}" for start, end, replacement in differences(text, other)]


@pytest.mark.parametrize(
    ("text", "other", "expected"),
    [
        ("The mayor laid her faith in it.", "The mayor put her faith in it.", ["laid -> put"]),
        ("They accepted a decision.", "They took a choice.", ["accepted -> took", "decision -> choice"]),
        ("The boat made a loud noise.", "The boat was loud.", ["made a -> was", " noise -> "]),
        ("the boat sank", "The Boat Sank", []),
        ("The old, grey boat sank.", "The old grey boat sank.", []),
        ("He said “enough” to them.", "He said “stop!” to them.", ["enough -> stop"]),
        ("The (very) old boat.", "The [rather] old boat.", ["very -> rather"]),
    ],
)
def test_differences_are_replacements_of_words(text, other, expected):
    assert _changed(text, other) == expected


@pytest.mark.parametrize(
    ("text", "other", "expected"),
    [
        ("The ferry leaves Lisbon today.", "The ferry leaves Porto today.", []),
        ("The ferry leaves harbour today.", "The ferry leaves Porto today.", []),
        ("The ferry leaves Lisbon today.", "The ferry leaves harbour today.", []),
        ("It cost 40 crowns.", "It cost 14 crowns.", []),
        ("It cost forty crowns.", "It cost 40 crowns.", []),
        ("It cost 40 crowns.", "It cost forty crowns.", []),
        ("The ferry leaves with Mr. Hollis.", "The ferry leaves with Mr. Wood.", []),
        ("The ferry leaves with us.", "The ferry sails with us.", ["leaves -> sails"]),
    ],
)
def test_names_and_numbers_are_protected_on_both_sides(text, other, expected):
    assert _changed(text, other) == expected


def test_the_capital_of_a_sentence_is_kept():
    assert _changed("Storms here are a rarity.", "rain here is a rarity.") == ["Storms -> Rain", "are -> is"]
    assert _changed("“Storms are rare,” she said.", "“rain is rare,” she said.") == ["Storms are -> Rain is"]


@pytest.mark.parametrize(
    ("text", "other", "expected"),
    [
        ("In the frames of the visit they met.", "As part of the visit they met.", ["In the frames -> As part"]),
        ("However the boat sank.", "But the boat sank.", ["However -> But"]),
        ("Romans are proud.", "Arabs are proud.", []),
        ("Moscow said no.", "It said no.", []),
        ("Then Moscow said no.", "The city then said no.", []),
    ],
)
def test_the_first_word_may_change_where_neither_can_be_a_name(text, other, expected):
    assert _changed(text, other) == expected


@pytest.mark.parametrize(
    ("text", "other"),
    [
        ("It took twenty days.", "It took thirty days."),
        ("It took twenty days.", "It took several days."),
        ("See www.example.org today.", "See www.example.com today."),
        ("They saw a “blue” old boat.", "They saw a dark grey boat."),
        ("They saw a (blue) old boat.", "They saw a dark grey boat."),
        ("They left — Anna first.", "They left — she first."),
        ("They had one hope: Anna.", "They had one hope: rain."),
    ],
)
def test_values_addresses_marks_and_names_after_a_dash_are_protected(text, other):
    assert differences(text, other) == []


def test_a_pronoun_does_not_lend_its_capital():
    assert _changed("Then I went home.", "Then we went home.") == ["I -> we"]
    assert _changed("I went home.", "we went home.") == ["I -> We"]
    assert _changed("Then we went home.", "Then I went home.") == ["we -> I"]


@pytest.mark.parametrize(
    ("text", "other", "result"),
    [
        ("It was a really dark night.", "It was a dark night.", "It was a dark night."),
        ("He came back again.", "He came back.", "He came back."),
        ("He came back again, tired.", "He came back, tired.", "He came back, tired."),
        ("Night fell quickly", "Night fell", "Night fell"),
    ],
)
def test_a_dropped_word_takes_a_space_along(text, other, result):
    ((start, end, replacement),) = differences(text, other)
    assert replacement == ""
    assert text[:start] + text[end:] == result


def test_two_words_may_be_dropped_but_not_three():
    text = "It was a quiet and very dark night."
    assert _changed(text, "It was a quiet night.") == []
    assert _changed(text, "It was a quiet dark night.") == ["and very  -> "]


def test_dropped_punctuation_is_no_difference():
    assert differences("The boat, old as it was, sailed.", "The boat old as it was sailed.") == []
    assert differences("“Enough,” he said.", "Enough, he said.") == []


def test_a_long_difference_is_a_new_sentence():
    words = ["dark", "cold", "wet", "long", "slow", "dull"]
    other = ["warm", "dry", "brief", "quick", "bright", "kind", "soft", "young"]
    assert len(words) == MAX_WORDS + 1
    text = f"It was a {' '.join(words[:5])} night."
    assert len(differences(text, f"It was a {' '.join(other[:6])} night.")) == 1
    assert differences(text, f"It was a {' '.join(other[:7])} night.") == []
    assert differences(f"It was a {' '.join(words)} night.", "It was a warm night.") == []


def test_added_words_are_no_difference():
    assert differences("The boat sank.", "The old wooden boat sank.") == []


_WORDS = st.sampled_from(["the", "boat", "Anna", "sank", "slowly", ",", ";", "40", "I", "”", "%", "it's", "then"])
_SENTENCES = st.lists(_WORDS, max_size=12).map(" ".join)


@given(_SENTENCES, _SENTENCES)
def test_differences_are_in_order_inside_the_text_and_change_it(text, other):
    found = differences(text, other)
    last = 0
    for start, end, replacement in found:
        assert last <= start < end <= len(text)
        assert text[start:end] != replacement
        assert not any(character.isdigit() for character in text[start:end] + replacement)
        assert not {"Anna"} & {*text[start:end].split()[1:], *replacement.split()}
        last = end


@given(_SENTENCES)
def test_a_faithful_round_trip_proposes_nothing(text):
    assert differences(text, text) == []


def _back(round_trip_text: str, *, degenerate: bool = False, pivot: str = "es") -> BackTranslation:
    return BackTranslation(pivot, "...", round_trip_text, 60.0, degenerate, "is empty" if degenerate else None)


def test_proposals_count_the_round_trips_that_agree():
    found = proposals(
        TEXT,
        [
            _back("The mayor put her faith in the new ferry."),
            _back("The mayor put her trust in the new ferry."),
            _back("The mayor placed her faith in the new ferry."),
        ],
    )
    votes = {(TEXT[each.start : each.end], each.replacement): (each.agreement, each.round_trips) for each in found}
    assert votes == {
        ("laid", "put"): (2, 3),
        ("laid", "placed"): (1, 3),
        ("faith", "trust"): (1, 3),
    }
    assert found[0].replacement == "put"
    assert {each.pivot for each in found} == {"es"}


def test_the_same_round_trip_twice_is_two_votes_and_the_same_word_twice_in_one_is_one():
    same = _back("The mayor put her faith in the new ferry.")
    assert [each.agreement for each in proposals(TEXT, [same, same])] == [2]
    text = "She saw a boat and she saw a bird."
    assert [each.agreement for each in proposals(text, [_back("She spied a boat and she spied a bird.")])] == [1, 1]


def test_agreement_is_counted_over_pivots():
    """What two languages say comes before what one says twice."""
    placed, put = (_back(f"The mayor {verb} her faith in the new ferry.") for verb in ("placed", "put"))
    german = _back("The mayor put her faith in the new ferry.", pivot="de")
    found = proposals(TEXT, [placed, placed, put, german])
    assert [(each.replacement, each.agreement, each.round_trips, each.pivot, each.pivots) for each in found] == [
        ("put", 2, 4, "es", ("es", "de")),
        ("placed", 2, 4, "es", ("es",)),
    ]


def test_degenerate_round_trips_have_no_vote():
    found = proposals(
        TEXT,
        [
            _back("The mayor put her faith in the new ferry.", degenerate=True),
            _back("The mayor placed her faith in the new ferry."),
        ],
    )
    assert [(each.replacement, each.agreement, each.round_trips) for each in found] == [("placed", 1, 1)]
    assert proposals(TEXT, [_back("The mayor put.", degenerate=True)]) == []
    assert proposals(TEXT, []) == []


def test_there_are_not_too_many_proposals_and_the_agreed_ones_stay():
    rare = [_back(f"The mayor laid her faith in the {word} ferry.") for word in "abcdefghijklmnopqrst"]
    agreed = [_back("The mayor put her faith in the new ferry.")] * 2
    found = proposals(TEXT, [*rare, *agreed])
    assert len(found) == MAX_PROPOSALS
    assert (found[0].replacement, found[0].agreement) == ("put", 2)


def test_applying_a_proposal_changes_only_its_words():
    (proposal,) = proposals(TEXT, [_back("The mayor put her faith in the new ferry.")])
    assert apply(TEXT, proposal) == "The mayor put her faith in the new ferry."


# --- the way there and back ---

WALK = "My uncle walks his two dogs along the river every morning."
FARM = "The farm beside the lake sells plums and honey."
PASEO = "Mi tío pasea a sus dos perros por la orilla del río cada mañana."


def test_every_text_goes_there_and_back():
    engine = ScriptedEngine(
        {
            (WALK, "es"): [PASEO],
            (PASEO, "en"): [
                "My uncle takes his two dogs for a walk by the river every morning.",
                WALK,
            ],
        }
    )
    ((best, other),) = back_translate([WALK], engine, "es", alternatives=1)
    assert best.pivot == "es"
    assert best.translation == PASEO
    assert best.round_trip.startswith("My uncle takes")
    assert not best.degenerate
    assert other.chrf == 100.0
    assert 30 < best.chrf < 90
    assert [(call.source_lang, call.target_lang, call.samples) for call in engine.calls] == [
        ("en", "es", 0),
        ("es", "en", 1),
    ]


def test_a_faithful_round_trip_is_not_a_copy():
    """The better the engine and the text, the more of the words come back."""
    engine = ScriptedEngine({(WALK, "es"): [PASEO], (PASEO, "en"): [WALK]})
    ((only,),) = back_translate([WALK], engine, "es", alternatives=0)
    assert (only.degenerate, only.reason) == (False, None)


def test_a_degenerate_way_is_kept_on_record_with_its_reason():
    engine = ScriptedEngine(
        {
            (WALK, "es"): [PASEO],
            (PASEO, "en"): ["the the the the the the the the the the the the the the", WALK],
            (FARM, "es"): [FARM],
            (FARM, "en"): ["The farm by the lake sells plums and honey."],
        }
    )
    first, second = back_translate([WALK, FARM], engine, "es", alternatives=1)
    assert [each.degenerate for each in first] == [True, False]
    assert first[0].reason == "the way back repeats itself"
    assert first[1].reason is None
    assert {each.reason for each in second} == {"the way out copies the input"}


def test_a_second_attempt_is_on_record():
    engine = ScriptedEngine(
        {(WALK, "es"): ["el " * 20, PASEO], (PASEO, "en"): ["My uncle walks his two dogs by the river every morning."]}
    )
    ((only,),) = back_translate([WALK], engine, "es", alternatives=0)
    assert (only.degenerate, only.reason, only.retried) == (False, None, "the way out repeats itself")
    assert only.translation == PASEO


def test_what_did_not_come_back_is_on_record():
    text, pivot = "In 1941 they sailed from Lisbon.", "Entonces zarparon de Oporto."
    engine = ScriptedEngine({(text, "es"): [pivot], (pivot, "en"): ["Then they sailed from Porto."]})
    ((only,),) = back_translate([text], engine, "es", alternatives=0)
    assert only.lost == ("number 1941", "name Lisbon")


def test_the_texts_of_a_batch_are_translated_at_once():
    engine = ScriptedEngine({}, unknown="mark")
    made = back_translate(["Rain fell.", "", "The tide turned."], engine, "es", alternatives=2)
    assert len(engine.calls) == 2
    assert [len(each) for each in made] == [3, 3, 3]
    assert made[0][0].translation == "[es] Rain fell."
    assert made[0][0].round_trip == "[en] [es] Rain fell."
    assert made[1][0].round_trip == ""


def test_nothing_to_translate_is_no_round_trip():
    assert round_trip.back_translate([], ScriptedEngine({}), "es", alternatives=3) == []
