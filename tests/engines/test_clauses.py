"""Clauses: cut where a clause begins and nowhere else, and joined without loss."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backspeak.engines.clauses import clauses, rejoin


def _words(text: str) -> int:
    return len(text.split())


def _cut(text: str, longest: int = 8, language: str = "en") -> list[str]:
    return [text[start:end].strip() for start, end in clauses(text, language, _words, longest)]


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        (
            "The ferry was late again this morning, because the captain had lost his only key.",
            ["The ferry was late again this morning,", "because the captain had lost his only key."],
        ),
        (
            "We waited for the boat at the pier but nobody came to open the gate.",
            ["We waited for the boat at the pier", "but nobody came to open the gate."],
        ),
        (
            "The mill burned down in the spring; the baker moved to another town.",
            ["The mill burned down in the spring;", "the baker moved to another town."],
        ),
        (
            "Nobody knew the answer to the question. The teacher wrote it on the board.",
            ["Nobody knew the answer to the question.", "The teacher wrote it on the board."],
        ),
    ],
)
def test_a_sentence_is_cut_where_a_clause_begins(text, parts):
    assert _cut(text) == parts


@pytest.mark.parametrize(
    "text",
    [
        "The captain said “we will leave at noon, because the wind is turning, but not before” to us all.",
        'The captain said "we will leave at noon, because the wind is turning, but not before" to us all.',
        "The old ferry (it was built in the north, which few people know, but everybody ought to) was sold.",
        "The town sold 1,200,300,400 litres of milk and 3,500,600 eggs of hens to people of other towns",
        "The letter came from Mr. Hollis of St. Ives to Mrs. Quill of Lower Marsh in old Dover town",
        "The road goes through Dover, Kent and Ashford, Kent and Hythe, Kent and Deal, Kent to London",
        "one two three four five six seven eight nine ten eleven twelve",
    ],
)
def test_quotes_brackets_numbers_and_names_are_not_cut(text):
    assert _cut(text) == [text]


def test_an_open_quotation_mark_protects_nothing():
    assert len(_cut('The captain said "we will leave at noon, because the wind is turning to the north.')) == 2


def test_a_short_sentence_stays_whole():
    assert _cut("It rained, and we stayed at home.") == ["It rained, and we stayed at home."]


def test_no_part_is_a_crumb():
    parts = _cut("Well, and so, but then, because, which the old ferry had never once done before in that harbour.", 8)
    assert all(_words(part) >= 2 for part in parts)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("es", "El barco llegó tarde al puerto esta mañana, porque el capitán había perdido la llave del faro."),
        ("fr", "Le bateau est arrivé en retard ce matin, parce que le capitaine avait perdu sa seule clé."),
        ("de", "Das Schiff kam heute Morgen schon wieder zu spät, weil der Kapitän seinen Schlüssel verloren hatte."),
        ("ru", "Сегодня утром паром снова пришёл слишком поздно, потому что капитан потерял свой единственный ключ."),
        ("tr", "Gemi bu sabah limana yine çok geç geldi, çünkü kaptan tek anahtarını dün akşam kaybetmişti."),
    ],
)
def test_other_languages_have_their_own_conjunctions(language, text):
    first, second = _cut(text, 9, language)
    assert first.endswith(",")
    assert f"{first} {second}" == text


def test_chinese_is_cut_without_spaces():
    text = "今天早上船又来晚了，因为船长把唯一的钥匙弄丢了。大家在码头等了三个小时，谁也没有说话。"
    parts = [text[start:end] for start, end in clauses(text, "zh", len, 24)]
    assert "".join(parts) == text
    assert parts[0].endswith("。")


_PIECES = st.sampled_from(
    [
        *("The boat", " sank", ", and", ", ", ". ", "; ", " — ", "“", "”", '"', "(", ")", "1,200", " 3. 4", "。", "，"),
        *("字", " but", " because it", "\n", "👩\u200d👧", "e\u0301", "שלום ", "’", "‘", "..."),
    ]
)


@given(st.one_of(st.text(max_size=80), st.lists(_PIECES, max_size=40).map("".join)), st.integers(1, 12))
def test_nothing_is_lost_or_doubled(text, longest):
    spans = clauses(text, "en", _words, longest)
    assert "".join(text[start:end] for start, end in spans) == text
    assert all(first[1] == second[0] for first, second in pairwise(spans))
    parts = [text[start:end] for start, end in spans]
    assert all(part.strip() for part in parts) or len(parts) == 1
    # Translated by what changes nothing, they are the text again, but for the white space between them.
    joined = rejoin(parts, [part.strip() for part in parts], "en")
    assert joined.split() == text.split() or len(parts) == 1


def test_hostile_text_is_cut_in_good_time():
    for text in ("(" * 20_000 + ")" * 20_000, "a, and " * 8_000, "“" * 20_000, "x" * 50_000 + ", and y"):
        parts = [text[start:end] for start, end in clauses(text, "en", len, 40_000)]
        assert "".join(parts) == text


# --- joining ---


def test_a_stop_and_a_capital_that_the_model_added_go():
    parts = ["When the rain stopped, ", "the children went out."]
    assert rejoin(parts, ["Cuando dejó de llover.", "Los niños salieron."], "es") == (
        "Cuando dejó de llover, los niños salieron."
    )


def test_names_nouns_and_new_sentences_keep_their_capital():
    assert rejoin(["Rain fell. ", "the boat sank."], ["Llovía.", "El barco se hundió."], "es") == (
        "Llovía. El barco se hundió."
    )
    assert rejoin(["cuando llovía, ", "en inglés no."], ["when it rained,", "English no."], "en") == (
        "when it rained, English no."
    )
    assert rejoin(["cuando llovía, ", "los niños dormían."], ["when it rained,", "The children slept."], "en") == (
        "when it rained, the children slept."
    )
    assert rejoin(["when it rained, ", "houses fell."], ["als es regnete,", "Häuser fielen ein."], "de") == (
        "als es regnete, Häuser fielen ein."
    )
    assert rejoin(["it rained, ", "and BBC men came."], ["llovía,", "BBC vino."], "es") == "llovía, BBC vino."


def test_chinese_and_arabic_have_their_own_commas():
    assert rejoin(["When it rained, ", "we slept."], ["下雨时。", "我们睡觉。"], "zh") == "下雨时，我们睡觉。"
    assert rejoin(["When it rained, ", "we slept."], ["عندما أمطرت.", "نمنا."], "ar") == "عندما أمطرت، نمنا."


def test_one_part_is_left_as_it_is():
    assert rejoin(["it rained"], [" Llovía. "], "es") == " Llovía. "
