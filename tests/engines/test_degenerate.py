"""Broken translations are recognised, odd but sound ones are left alone."""

from __future__ import annotations

import time

import pytest

from backspeak.engines.degenerate import degenerate_reason

SOURCE = "The mayor promised that the old swimming pool would open again before the summer holidays."
SPANISH = "La alcaldesa prometió que la vieja piscina volvería a abrir antes de las vacaciones de verano."
TRANSLATIONS = {
    "es": SPANISH,
    "de": "Die Bürgermeisterin versprach, dass das alte Schwimmbad noch vor den Sommerferien wieder öffnen werde.",
    "fr": "La maire a promis que la vieille piscine rouvrirait ses portes avant les grandes vacances.",
    "it": "La sindaca ha promesso che la vecchia piscina avrebbe riaperto prima delle vacanze estive.",
    "pt": "A prefeita prometeu que a velha piscina voltaria a abrir antes das férias de verão.",
    "ru": "Мэр пообещала, что старый бассейн снова откроется до начала летних каникул.",
    "uk": "Мерка пообіцяла, що старий басейн знову відкриється до початку літніх канікул.",
    "zh": "市长承诺，旧游泳池将在暑假前重新开放。",
    "ar": "وعدت رئيسة البلدية بأن المسبح القديم سيفتح من جديد قبل العطلة الصيفية.",
}


@pytest.mark.parametrize("lang", TRANSLATIONS)
def test_a_sound_translation_passes_in_both_directions(lang):
    assert degenerate_reason(TRANSLATIONS[lang], SOURCE, lang) is None
    assert degenerate_reason(SOURCE, TRANSLATIONS[lang], "en") is None
    assert degenerate_reason(SOURCE, TRANSLATIONS[lang], "en", source_lang=lang) is None


class TestEmpty:
    @pytest.mark.parametrize("text", ["", "  \n", "...", "— ?"])
    def test_nothing_to_read(self, text):
        assert degenerate_reason(text, SOURCE, "es") == "is empty"

    @pytest.mark.parametrize("source", ["", "* * *", "—"])
    def test_nothing_from_nothing_is_no_fault(self, source):
        assert degenerate_reason(source, source, "es") is None


class TestLoops:
    @pytest.mark.parametrize(
        "text",
        [
            SPANISH + " " + SPANISH,
            "La alcaldesa prometió que la vieja piscina, la vieja piscina, la vieja piscina, la vieja piscina.",
            "La alcaldesa dijo que que que que que la piscina abriría antes de las vacaciones de verano.",
            "La alcaldesa prometió que la piscina volvería a abrirrrrrrrrrrrrrrrrrrr.",
            "La alcaldesa prometió que la piscina jajajajajajajajajaja volvería a abrir antes del verano.",
            "La alcaldesa prometió que la piscina - - - - - - - - - - - - - - - -",
            "La alcaldesa prometió abrir la piscina, el gimnasio prometió abrir la piscina, el alcalde prometió "
            "abrir la piscina, la escuela prometió abrir la piscina, el barrio prometió abrir la piscina, el club "
            "prometió abrir la piscina, la banda prometió abrir la piscina.",
            "La alcaldesa prometió que la vieja piscina del barrio volvería a abrir, y que la vieja piscina del barrio "
            "sería más grande.",
        ],
    )
    def test_words_and_syllables(self, text):
        assert degenerate_reason(text, SOURCE, "es") == "repeats itself"

    @pytest.mark.parametrize(
        "text", ["市长承诺的的的的的的的的", "市长承诺，旧游泳池旧游泳池旧游泳池旧游泳池旧游泳池将重新开放。"]
    )
    def test_without_spaces(self, text):
        assert degenerate_reason(text, SOURCE, "zh") == "repeats itself"

    @pytest.mark.parametrize(
        ("text", "source"),
        [
            ("Nunca, nunca, nunca, nunca te rindas.", "Never, never, never, never give up."),
            (
                "Libros, libros, libros: por todas partes hay libros.",
                "Books, books, books: there are books everywhere.",
            ),
            ("Prometió una piscina, y una piscina muy grande.", "She promised a pool, and a very big pool."),
            (
                "El alcalde de la ciudad vieja saludó al juez, y el alcalde de la ciudad vieja se fue.",
                "The mayor of the old town greeted the judge, and the mayor of the old town left.",
            ),
            ("Ja, ja, ja, dijo la alcaldesa.", "Ha, ha, ha, said the mayor."),
            ("Capítulo 3 .............. 41", "Chapter 3 .............. 41"),
            ("¡Noooooooooooo!", "Noooooooooooo!"),
        ],
    )
    def test_what_the_source_repeats_may_be_repeated(self, text, source):
        assert degenerate_reason(text, source, "es") is None


class TestCopies:
    @pytest.mark.parametrize(
        "text",
        [
            SOURCE,
            SOURCE.upper(),
            SOURCE.rstrip("."),
            "La alcaldesa promised that the old swimming pool would open again before the summer holidays.",
            f"{SOURCE} {SPANISH}",
        ],
    )
    def test_an_untranslated_sentence(self, text):
        assert degenerate_reason(text, SOURCE, "es") == "copies the input"

    def test_an_untranslated_headline(self):
        headline = "Mayor Promises New Pool for Every Village"
        assert degenerate_reason(headline, headline, "de") == "copies the input"

    @pytest.mark.parametrize(
        "text",
        ["BBC 2012", "Marta Ruiz, Tomás Vega", "no", "Hotel Central", "www.piscina.example/abierta", "12-7 (6-4)"],
    )
    def test_names_and_numbers_stay_as_they_are(self, text):
        assert degenerate_reason(text, text, "es") is None

    def test_a_perfect_round_trip_is_good(self):
        assert degenerate_reason(SOURCE, SOURCE, "en", is_round_trip=True) is None

    def test_a_round_trip_that_never_came_back(self):
        assert degenerate_reason(SPANISH, SOURCE, "en", is_round_trip=True) == "is not English"


class TestLanguage:
    @pytest.mark.parametrize("lang", ["de", "fr", "it", "pt", "ru", "zh", "ar"])
    def test_another_language_than_asked_for(self, lang):
        assert degenerate_reason(TRANSLATIONS[lang], SOURCE, "es") == "is not Spanish"

    def test_neighbours_in_one_script(self):
        assert degenerate_reason(TRANSLATIONS["uk"], SOURCE, "ru") == "is not Russian"
        assert degenerate_reason(TRANSLATIONS["ru"], SOURCE, "uk") == "is not Ukrainian"

    def test_letters_of_two_scripts_in_one_word(self):
        assert degenerate_reason("La Пiscina abrió.", "The pool opened.", "es") == "is not Spanish"
        assert (
            degenerate_reason("The Piсцina opened.", "The pool opened.", "en", is_round_trip=True) == "is not English"
        )
        assert degenerate_reason("Лампа USB-типа: 5 Вт.", "A lamp of USB type: 5 W.", "ru") is None
        assert degenerate_reason("El Пiscina abrió.", "The Пiscina opened.", "es") is None

    def test_too_short_to_tell(self):
        assert degenerate_reason("Guten Tag", "Good day", "es") is None

    @pytest.mark.parametrize(
        ("text", "source", "lang"),
        [
            ("BBC, CNN и New York Times", "BBC, CNN and the New York Times", "ru"),
            (
                "Компания Open Harbour Systems купила Lantern Games.",
                "The company Open Harbour Systems has bought Lantern Games.",
                "ru",
            ),
            (
                "Sie blieb in der Tür der Bäckerei stehen, sang „nobody told me it would rain“ und ging.",
                "She stopped in the door of the bakery, sang “nobody told me it would rain” and left.",
                "de",
            ),
        ],
    )
    def test_foreign_names_and_quotations_are_no_fault(self, text, source, lang):
        assert degenerate_reason(text, source, lang) is None

    def test_a_language_that_the_identifier_does_not_know(self):
        assert degenerate_reason("Gure etxea", "Our house", "zz") is None


class TestLength:
    def test_too_long(self):
        tail = (
            " Los vecinos celebraron la noticia con una fiesta en la plaza. El presupuesto se aprobará en marzo. "
            "Nadie sabe todavía cuánto costará arreglar el tejado, y el concejal prefirió no dar una cifra."
        )
        assert degenerate_reason(SPANISH + tail, SOURCE, "es") == "is far too long"

    @pytest.mark.parametrize(("text", "lang"), [("La alcaldesa.", "es"), ("市长。", "zh"), ("Мэр пообещала", "ru")])
    def test_too_short(self, text, lang):
        assert degenerate_reason(text, SOURCE, lang) == "is far too short"

    def test_broken_off(self):
        assert degenerate_reason("La alcaldesa prometió que la vieja piscina", SOURCE, "es") == "breaks off"

    @pytest.mark.parametrize(
        ("text", "source", "lang"),
        [
            ("Sí.", "Yes.", "es"),
            ("Ayuntamiento", "Town hall", "es"),
            ("Geschwindigkeitsbegrenzung", "Speed limit", "de"),
            ("谢谢", "Thank you so much!", "zh"),
            ("Das Freibad öffnet wieder", "The open-air swimming pool opens again", "de"),
        ],
    )
    def test_short_texts_have_room(self, text, source, lang):
        assert degenerate_reason(text, source, lang) is None


def test_thousands_a_second():
    degenerate_reason(SPANISH, SOURCE, "es")  # loads the language identifier
    start = time.process_time()
    for _ in range(300):
        degenerate_reason(SPANISH, SOURCE, "es")
    assert (time.process_time() - start) / 300 < 0.002  # four times what it takes


def test_hostile_text_takes_no_longer():
    texts = ["a b " * 5_000, " ".join(f"w{n % 700}" for n in range(10_000)), "x y z " * 3_000]
    start = time.process_time()
    for text in texts:
        degenerate_reason(text, text, "en", is_round_trip=True)
    assert time.process_time() - start < 20
