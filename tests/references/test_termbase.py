"""Terms in texts: forbidden ones in all their forms, required ones beside their source."""

from __future__ import annotations

import pytest

from backspeak.references import Termbase


@pytest.fixture
def termbase(write):
    def make(*rows: str, header: str = "ru\ten\tforbidden") -> Termbase:
        return Termbase.open(write("terms.tsv", "\n".join((header, *rows)) + "\n"))

    return make


DATABASE = "база данных\tdatabase|data store\tdata base|base of data"


def _forbidden(termbase, text, *source):
    return [(text[use.start : use.end], use.suggestions) for use in termbase.forbidden(text, *source)]


@pytest.mark.parametrize(
    ("text", "found", "suggestion"),
    [
        ("The data base is old.", "data base", "database"),
        ("Two data bases were merged.", "data bases", "databases"),
        ("Data bases were merged.", "Data bases", "Databases"),
        ("The base of data's owner left.", "base of data", "database"),
        ("The data-base is old.", "data-base", "database"),
    ],
)
def test_a_forbidden_term_is_found_in_its_forms(termbase, text, found, suggestion):
    ((words, suggestions),) = _forbidden(termbase(DATABASE), text)
    assert (words, suggestions[0]) == (found, suggestion)


@pytest.mark.parametrize(
    "text",
    ["The database is old.", "Data, base and store.", "See example.org/data-base now.", "They debased data.", ""],
)
def test_nothing_else_is_forbidden(termbase, text):
    assert _forbidden(termbase(DATABASE), text) == []


def test_verbs_and_irregular_forms(termbase):
    assert _forbidden(termbase("\tmake\tdo"), "She did it.") == [("did", ("made",))]
    assert _forbidden(termbase("\tperson\tman"), "Ten men came.") == [("men", ("people",))]


def test_the_article_goes_with_the_suggestion(termbase):
    ((words, suggestions),) = _forbidden(termbase("\tumbrella\tparasol"), "She had a parasol.")
    assert (words, suggestions) == ("a parasol", ("an umbrella",))


def test_a_part_of_an_allowed_term_is_allowed(termbase):
    bank = termbase("память переводов\ttranslation memory\tmemory")
    assert _forbidden(bank, "The translation memory is large.") == []
    assert _forbidden(bank, "The memory is large.") == [("memory", ("translation memory",))]


@pytest.mark.parametrize(
    ("row", "bad", "good"),
    [
        ("\tGitHub\tGithub", "It is on Github.", "It is on GitHub."),
        ("\tfront-end\tfront end", "The front end is new.", "The front-end is new."),
        ("\tC#\tC++", "She writes C++ all day.", "She writes C all day."),
        ("\tR&D\tR and D", "In R and D they wait.", "In R&D they wait."),
    ],
)
def test_terms_that_differ_by_signs_or_case_are_told_apart(termbase, row, bad, good):
    assert len(_forbidden(termbase(row), bad)) == 1
    assert _forbidden(termbase(row), good) == []


def test_beside_a_source_a_term_is_forbidden_for_its_meaning_only(termbase):
    bank = termbase("клавиша\tkey\tbutton")
    text = "Press the button."
    assert _forbidden(bank, text, "Нажмите клавишу.", "ru") == [("button", ("key",))]
    assert _forbidden(bank, text, "Нажмите кнопку.", "ru") == []
    # Nothing is known of the meaning from a source in another language.
    assert _forbidden(bank, text, "Drücken Sie den Knopf.", "de") == [("button", ("key",))]


def test_a_required_term_is_missing_when_only_the_source_has_it(termbase):
    bank = termbase(DATABASE, "паром\tferry\t")
    source = "Две базы данных на пароме."
    (use,) = bank.missing("Two stores on the ferry.", source, "ru-RU")
    assert (use.term, use.source_term, use.suggestions) == ("database", "база данных", ())
    assert use.start == use.end == len("Two stores on the ferry.")
    assert [each.term for each in bank.missing("Two.", source, "ru")] == ["database", "ferry"]


@pytest.mark.parametrize("text", ["Two databases.", "Two data stores.", "The DATABASE’s owner.", "Two data bases."])
def test_a_required_term_is_there_in_any_form_and_a_forbidden_one_is_not_counted_twice(termbase, text):
    assert termbase(DATABASE).missing(text, "Две базы данных.", "ru") == []


def test_a_term_listed_in_the_plural_may_be_used_in_the_singular(termbase):
    assert termbase("запросы\tqueries\t").missing("One query.", "Запросы приняты.", "ru") == []


@pytest.mark.parametrize(("source", "source_lang"), [("Две книги.", "ru"), ("Zwei Datenbanken.", "de"), ("", "ru")])
def test_nothing_is_missing_when_the_source_does_not_ask(termbase, source, source_lang):
    assert termbase(DATABASE).missing("Two things.", source, source_lang) == []


def test_a_concept_without_an_allowed_term_requires_nothing(termbase):
    assert termbase("пароход\t\tsteamer").missing("A ship.", "Пароход ушёл.", "ru") == []


def test_uses_do_not_overlap_and_stand_in_order(termbase):
    bank = termbase("\tship\tsteam boat|boat", "\tnine\tten")
    assert [words for words, _ in _forbidden(bank, "Ten men and a steam boat and a boat.")] == [
        "Ten",
        "steam boat",
        "boat",
    ]


def test_slugs_name_the_rules(termbase):
    assert termbase(DATABASE, "кафе\tcafé au lait\t").slugs == {
        "database",
        "data-base",
        "base-of-data",
        "cafe-au-lait",
    }
