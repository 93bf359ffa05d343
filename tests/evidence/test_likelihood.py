"""Token scores gathered by word: every token counts where its characters are."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backspeak.engines.decoder import TokenScores
from backspeak.evidence.likelihood import by_word
from backspeak.evidence.words import word_offsets


def _scores(*tokens: tuple[int, int, float, int, float]) -> TokenScores:
    starts, ends, log_probability, rank, entropy = (np.array(column) for column in zip(*tokens, strict=True))
    return TokenScores(starts, ends, log_probability, rank, entropy)


def test_the_tokens_of_a_word_are_summed():
    # "un|usual| rain|."
    scores = _scores((0, 2, -3.0, 40, 2.0), (2, 7, -1.0, 3, 0.5), (7, 12, -4.0, 9, 3.0), (12, 13, -0.5, 0, 1.0))
    words = word_offsets("unusual rain.")
    gathered = by_word(words, scores)
    np.testing.assert_allclose(gathered["total"], [-4.0, -4.0, -0.5])
    np.testing.assert_allclose(gathered["least"], [-3.0, -4.0, -0.5])
    np.testing.assert_allclose(gathered["rank"], np.log1p([40, 9, 0]))
    np.testing.assert_allclose(gathered["entropy"], [2.0, 3.0, 1.0])
    np.testing.assert_allclose(gathered["tokens"], [2, 1, 1])


def test_a_space_belongs_to_the_word_behind_it():
    """The token " rain" begins before its word and must not count for the word in front."""
    gathered = by_word([(0, 3), (4, 8)], _scores((0, 3, -1.0, 0, 1.0), (3, 8, -9.0, 7, 2.0)))
    np.testing.assert_allclose(gathered["total"], [-1.0, -9.0])


def test_a_token_over_two_words_counts_for_both():
    """SentencePiece may join a closing quote and a full stop."""
    gathered = by_word([(0, 1), (1, 2)], _scores((0, 2, -5.0, 1, 1.0)))
    np.testing.assert_allclose(gathered["total"], [-5.0, -5.0])


def test_the_bytes_of_a_character_count_for_its_word():
    # "字" in three bytes: two without width, then the one that completes it.
    gathered = by_word([(0, 1)], _scores((0, 0, -1.0, 5, 1.0), (0, 0, -2.0, 6, 2.0), (0, 1, -4.0, 7, 3.0)))
    np.testing.assert_allclose(gathered["total"], [-7.0])
    np.testing.assert_allclose(gathered["entropy"], [1.0])
    np.testing.assert_allclose(gathered["tokens"], [3])


def test_the_bytes_of_the_next_word_do_not_count_for_this_one():
    gathered = by_word([(0, 2), (2, 3)], _scores((0, 2, -1.0, 0, 1.0), (2, 2, -3.0, 5, 1.0), (2, 3, -4.0, 7, 3.0)))
    np.testing.assert_allclose(gathered["total"], [-1.0, -7.0])


def test_a_word_without_tokens_is_unknown():
    gathered = by_word([(0, 3), (4, 8)], _scores((0, 3, -1.0, 0, 1.0)))
    assert not np.isnan([values[0] for values in gathered.values()]).any()
    assert np.isnan([values[1] for values in gathered.values()]).all()


def test_nothing_is_known_of_an_empty_text():
    empty = np.zeros(0)
    for values in by_word([], TokenScores(empty, empty, empty, empty, empty)).values():
        assert values.shape == (0,)


def test_what_was_put_before_the_text_is_taken_off_again():
    words = [(0, 4), (4, 5)]  # "rain!", and " rain!" as it was scored
    plain = _scores((0, 4, -1.0, 0, 1.0), (4, 5, -2.0, 1, 2.0))
    shifted = _scores((0, 5, -1.0, 0, 1.0), (5, 6, -2.0, 1, 2.0))
    for name, values in by_word(words, plain).items():
        np.testing.assert_allclose(by_word(words, shifted, 1)[name], values)


@pytest.mark.parametrize(
    "text",
    ["The boats, the boats!", "Zoë’s café — 12 °C", "漢字 and 🙂 and e\u0301", "a well-known boat", "the\u2581boat"],
)
@pytest.mark.parametrize("lead", ["", " "])
def test_with_a_real_vocabulary_every_word_is_known(tiny_decoder, text, lead):
    (scores,) = tiny_decoder.token_scores([""], [lead + text])
    words = word_offsets(text)
    gathered = by_word(words, scores, len(lead))
    assert all(np.isfinite(values).all() for values in gathered.values())
    assert (gathered["least"] <= 0).all()
    # No token is lost, and only one that lies over two words counts twice.
    shared = len(words)
    assert len(scores.rank) - text.count(" ") * 2 - len(lead) <= gathered["tokens"].sum() <= len(scores.rank) + shared


# Emoji joined by zero-width joiners, flags, combining marks, both directions, scripts without spaces, odd spaces.
_PIECES = st.sampled_from(
    [
        *(
            "The boats",
            " rain",
            "’s",
            "café",
            "e\u0301\u0323",
            "👩\u200d👩\u200d👧",
            "🇫🇷",
            "👍🏽",
            "שלום",
            "\u202eمرحبا\u202c",
            "東京",
            "ไทย",
        ),
        *(
            "\u200b",
            "\u00ad",
            "\ufeff",
            "\u00a0",
            "\u2581",
            "\t",
            "\n",
            " ",
            "½",
            "𝒳",
            "ﷺ",
            "\x00",
            "…",
            "—",
            "1,200.50",
        ),
    ]
)
_ANY_TEXT = st.one_of(st.text(max_size=40), st.lists(_PIECES, max_size=12).map("".join))


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(_ANY_TEXT)
def test_tokens_of_any_text_do_not_drift_from_their_words(tiny_decoder, text):
    """Every token lies where its characters are, so that every word is known, and by its own tokens only."""
    ((scores,), words) = tiny_decoder.token_scores([""], [text]), word_offsets(text)
    if text:
        assert scores.starts[0] == 0
        assert scores.ends[-1] == len(text)
        assert (scores.starts[1:] == scores.ends[:-1]).all()
    gathered = by_word(words, scores)
    assert all(np.isfinite(values).all() for values in gathered.values())
    # Counted in bytes, which is what the pieces of a vocabulary are made of in the end.
    vocabulary, shown = tiny_decoder._text, text.replace("\u2581", "_")
    sizes = [
        1 if vocabulary.is_byte(token) else len(vocabulary.id_to_piece(token).replace("\u2581", " ").encode())
        for token in vocabulary.encode(shown)
    ]
    ends = np.cumsum(sizes)
    starts = ends - sizes
    owned = np.zeros(len(sizes), bool)
    for index, (start, end) in enumerate(words):
        low, high = len(shown[:start].encode()), len(shown[:end].encode())
        mine = (ends > low) & (starts < high)
        owned |= mine
        assert gathered["tokens"][index] == mine.sum()
        assert gathered["total"][index] == pytest.approx(scores.log_probability[mine].sum(), abs=1e-4)
    # What belongs to no word lies on spaces.
    characters = [character for character in shown for _ in character.encode()]
    for first, last in zip(starts[~owned], ends[~owned], strict=True):
        assert "".join(characters[first:last]).isspace()


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(_ANY_TEXT, min_size=2, max_size=6))
def test_the_likelihood_of_any_text_does_not_depend_on_its_company(tiny_decoder, texts):
    together = tiny_decoder.token_scores([""] * len(texts), texts)
    sums = tiny_decoder.log_probabilities([""] * len(texts), texts)
    for text, scores, total in zip(texts, together, sums, strict=True):
        (alone,) = tiny_decoder.token_scores([""], [text])
        np.testing.assert_allclose(scores.log_probability, alone.log_probability, atol=1e-3)
        np.testing.assert_array_equal(scores.starts, alone.starts)
        assert total == pytest.approx(tiny_decoder.log_probabilities([""], [text])[0], abs=1e-3)
