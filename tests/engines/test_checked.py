"""Checked translations: what is degenerate is tried once more, otherwise, and then given up with its reason."""

from __future__ import annotations

from backspeak.engines import checked
from backspeak.engines.scripted import ScriptedEngine

LOOP = "el el el el el el el el el el el el el el el el el el el el"
WALK = "My uncle walks his two dogs along the river every morning."
PASEO = "Mi tío pasea a sus dos perros por la orilla del río cada mañana."
LONG = (
    "My uncle walks his two dogs along the quiet river every single morning, "
    "because the doctor told him last winter that he ought to move about more."
)
FIRST, SECOND = LONG[: LONG.index("because")].strip(), LONG[LONG.index("because") :]


def test_what_is_well_is_asked_for_once():
    engine = ScriptedEngine({(WALK, "es"): [PASEO]})
    (made,) = checked.translate(engine, [WALK], "en", "es", samples=1)
    assert made == checked.CheckedTranslation((PASEO, PASEO), (None, None))
    assert made.usable
    assert len(engine.calls) == 1


def test_a_short_sentence_gets_the_best_of_a_wider_search():
    engine = ScriptedEngine({(WALK, "es"): [LOOP, LOOP, PASEO]})
    (made,) = checked.translate(engine, [WALK], "en", "es")
    assert (made.hypotheses, made.reasons, made.first_reason) == ((PASEO,), (None,), "repeats itself")
    assert [call.samples for call in engine.calls] == [0, checked.HYPOTHESES - 1]


def test_a_long_sentence_is_translated_clause_by_clause():
    engine = ScriptedEngine(
        {
            (LONG, "es"): [LOOP],
            (FIRST, "es"): ["Mi tío pasea a sus dos perros por el tranquilo río todas las mañanas."],
            (SECOND, "es"): ["Porque el médico le dijo el invierno pasado que debía moverse más."],
        }
    )
    (made,) = checked.translate(engine, [LONG], "en", "es")
    assert made.hypotheses == (
        "Mi tío pasea a sus dos perros por el tranquilo río todas las mañanas, "
        "porque el médico le dijo el invierno pasado que debía moverse más.",
    )
    assert made.first_reason == "repeats itself"


def test_what_stays_degenerate_is_given_up_after_one_more_attempt():
    engine = ScriptedEngine({(WALK, "es"): [LOOP]})
    (made,) = checked.translate(engine, [WALK], "en", "es")
    assert (made.usable, made.reasons, made.first_reason) == (False, ("repeats itself",), "repeats itself")
    assert made.hypotheses == (LOOP,)
    assert len(engine.calls) == 2


def test_only_the_broken_ones_are_tried_again():
    other = "The farm beside the lake sells plums and honey."
    granja = "La granja junto al lago vende ciruelas y miel."
    engine = ScriptedEngine({(WALK, "es"): [LOOP, PASEO], (other, "es"): [granja]})
    first, second = checked.translate(engine, [other, WALK], "en", "es")
    assert (first.hypotheses, second.hypotheses) == ((granja,), (PASEO,))
    assert engine.calls[1].texts == (WALK,)


def test_one_usable_hypothesis_is_enough():
    engine = ScriptedEngine({(WALK, "es"): [LOOP, PASEO]})
    (made,) = checked.translate(engine, [WALK], "en", "es", samples=1)
    assert (made.reasons, made.usable, made.first_reason) == (("repeats itself", None), True, None)
    assert len(engine.calls) == 1


def test_the_way_back_is_held_against_the_original():
    """Being the original is no fault there, and being too short for it is one."""
    engine = ScriptedEngine({(PASEO, "en"): [WALK]})
    (made,) = checked.translate(engine, [PASEO], "es", "en", originals=[WALK])
    assert made.usable
    short = ScriptedEngine({(PASEO, "en"): ["My uncle"]})
    (made,) = checked.translate(short, [PASEO], "es", "en", originals=[WALK])
    assert made.reasons == ("is far too short",)


def test_nothing_to_translate():
    assert checked.translate(ScriptedEngine({}), [], "en", "es") == []
    (made,) = checked.translate(ScriptedEngine({}), [""], "en", "es")
    assert made.usable
