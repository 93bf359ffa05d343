"""Language: a confident no is skipped, everything doubtful stays."""

from __future__ import annotations

import time

import pytest

from backspeak.formats.language import NO_WORDS, language_reason

FOREIGN = {
    "Spanish": "El faro del cabo volvió a encenderse anoche después de once años de oscuridad.",
    "German": "Der Leuchtturm am Kap wurde gestern Abend nach elf Jahren wieder eingeschaltet.",
    "French": "Le phare du cap a été rallumé hier soir après onze ans d’obscurité.",
    "Italian": "Il faro del capo è stato riacceso ieri sera dopo undici anni di buio.",
    "Polish": "Latarnia morska na przylądku zaświeciła wczoraj po jedenastu latach ciemności.",
    "Turkish": "Burundaki deniz feneri on bir yıl sonra dün gece yeniden yakıldı.",
    "Russian": "Маяк на мысе снова зажгли вчера вечером после одиннадцати лет темноты.",
    "Chinese": "海角上的灯塔昨晚在十一年后再次点亮。",
    "Arabic": "أضيئت المنارة على الرأس مرة أخرى الليلة الماضية بعد أحد عشر عاما.",
}

ENGLISH = [
    "The lighthouse was lit.",
    "Goodbye.",
    "Okay then",
    "Ibrahimović scores again",
    "Borussia Mönchengladbach 2, Bayern München 1",
    "José Luis Rodríguez Zapatero, María Teresa Fernández de la Vega, Ángel Acebes",
    "He read “Cien años de soledad” in a night.",
    "Its name is El Faro del Cabo Norte.",
    "The word маяк means lighthouse.",
    "def lamp(x): return x + 1",
    "Lorem Ipsum GmbH & Co. KG",
    "Zürich",
    "5 km",
    "¿Qué?",
    "α and β particles",
    "LAMP LIT AGAIN AFTER ELEVEN YEARS",
    "Harbour gravely resurrected by years of neglect",
    "The lamp burned much badly and it the town was gladded of.",
]


@pytest.mark.parametrize(("language", "text"), FOREIGN.items())
def test_foreign_sentences(language: str, text: str) -> None:
    assert language_reason(text) == f"not English (looks like {language})"


@pytest.mark.parametrize("text", ENGLISH)
def test_english_and_what_cannot_be_told(text: str) -> None:
    assert language_reason(text) is None


def test_a_short_text_in_another_script_is_named_by_the_script() -> None:
    assert language_reason("ᏣᎳᎩ") == "not English (Cherokee script)"


@pytest.mark.parametrize("text", ["", "1.", "* * *", "2021–22", "😀", "__"])
def test_no_words(text: str) -> None:
    assert language_reason(text) == NO_WORDS


def test_speed() -> None:
    sentences = [f"{text} {number}" for number in range(100) for text in (*ENGLISH, *FOREIGN.values())]
    language_reason(FOREIGN["Spanish"])  # loads the model
    start = time.perf_counter()
    for sentence in sentences:
        language_reason(sentence)
    assert len(sentences) / (time.perf_counter() - start) > 1_000
