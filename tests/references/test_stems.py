"""Terms of the source in their inflected forms."""

from __future__ import annotations

import pytest

from backspeak import resources
from backspeak.phrasebank.inflection import Inflector
from backspeak.references.stems import base_forms, holds_term, language_code, term_keys, text_keys


@pytest.mark.parametrize(
    ("code", "term", "text"),
    [
        ("ru", "база данных", "Мы слили две базы данных."),
        ("ru", "ещё", "Еще раз."),
        ("uk", "паром", "На паромі було двадцять людей."),
        ("de", "Datenbank", "Beide Datenbanken wurden verbunden."),
        ("es", "copia de seguridad", "Haga copias de seguridad."),
        ("fr", "base de données", "Les bases de données sont liées."),
        ("ru", "паром", "На пароме двадцать человек."),
        ("uk", "порт", "Усі порти закриті."),
        ("pl", "prom", "Jedziemy promem."),
        ("tr", "köprü", "Köprüler kapalı."),
        ("ar", "قاعدة", "هذه القاعدة قديمة"),
        ("zh", "数据库", "两个数据库已合并。"),
        ("ja", "橋", "古い橋を渡る。"),
        ("", "паром", "На пароме двадцать человек."),
        ("ru", "C++", "Он пишет на C++."),
    ],
)
def test_a_term_is_found_in_another_form(code, term, text):
    assert holds_term(text, term, code)
    assert term_keys(term, code) & text_keys(text, code)


@pytest.mark.parametrize(
    ("code", "term", "text"),
    [
        ("ru", "база данных", "Данных о базе нет."),
        ("ru", "паром", "Парк открыт."),
        ("uk", "порт", "Портрет висить."),
        ("zh", "数据库", "数据在仓库里。"),
        ("", "лес", "Лестница."),
        ("de", "Bank", ""),
    ],
)
def test_other_words_are_other_words(code, term, text):
    assert not holds_term(text, term, code)


@pytest.mark.parametrize(("given", "code"), [("pt-BR", "pt"), ("zh_Hans", "zh"), ("RU", "ru"), (None, "")])
def test_codes(given, code):
    assert language_code(given) == code


def test_base_forms():
    inflector = Inflector.load(resources.corpus_dir())
    assert "query" in base_forms("queries", inflector)
    assert base_forms("boxes", inflector)[0] == "box"
    assert base_forms("ferry", inflector) == []
