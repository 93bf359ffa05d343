"""Evidence from termbases: ids, places and what the reader is told."""

from __future__ import annotations

import json

import pytest

from backspeak.data import Segment
from backspeak.evidence import glossary
from backspeak.references import Termbase


@pytest.fixture
def termbase(tmp_path):
    path = tmp_path / "terms.tsv"
    path.write_text(
        "ru\ten\tforbidden\tnote\nбаза данных\tdatabase\tdata base\tOne word.\nпаром\tferry\t\t\n", encoding="utf-8"
    )
    return Termbase.open(path)


def _collect(termbase, text, source=None):
    return glossary.collect(Segment("a.txt", "1", text, source=source, source_lang=source and "ru"), [termbase])


def test_a_forbidden_term(termbase):
    text = "Two data bases were merged."
    (evidence,) = _collect(termbase, text)
    assert (evidence.kind, evidence.rule) == ("glossary", "glossary.forbidden.data-base")
    assert text[evidence.start : evidence.end] == "data bases"
    assert (evidence.category, evidence.severity, evidence.suggestions) == ("terminology", "major", ("databases",))
    assert evidence.details == {
        "terms": ["database"],
        "termbase": "terms.tsv",
        "forbidden": "data base",
        "note": "One word.",
    }
    assert json.loads(json.dumps(evidence.details)) == evidence.details


def test_a_missing_term_is_an_empty_place_at_the_end(termbase):
    (evidence,) = _collect(termbase, "Two stores on the ferry.", "Две базы данных на пароме.")
    assert (evidence.rule, evidence.start, evidence.end) == ("glossary.required.database", 24, 24)
    assert evidence.suggestions == ()
    assert evidence.details["source_term"] == "база данных"
    assert evidence.confidence >= 0.5


def test_nothing_is_required_without_a_source(termbase):
    assert _collect(termbase, "Two stores of rows.") == []


def test_several_termbases_speak(termbase):
    assert len(glossary.collect(Segment("a", "1", "A data base."), [termbase, termbase])) == 2
    assert glossary.collect(Segment("a", "1", "A data base."), []) == []


def test_every_id_that_can_be_made_is_listed(termbase):
    listed = set(glossary.rules([termbase]))
    made = {each.rule for each in _collect(termbase, "A data base.")}
    made |= {each.rule for each in _collect(termbase, "Nothing.", "Базы данных и паромы.")}
    assert made == {"glossary.forbidden.data-base", "glossary.required.database", "glossary.required.ferry"}
    assert made <= listed
