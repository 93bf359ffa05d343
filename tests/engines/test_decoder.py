"""Scores and continuations of a decoder do not depend on their company, and their offsets fit the text."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from backspeak.engines import decoder as decoder_module
from backspeak.engines.decoder import Decoder

TEXTS = [
    "The lighthouse keeper counts the boats.",
    "Nobody knew who had painted the blue door.",
    "bread",
    "My grandmother counts the wooden boxes, and the rain falls.",
    "The tired teacher writes the number in a green book.",
    "rain.",
    "the boats of the village and the boats of the hill",
]
# What is in no vocabulary goes through bytes.
ODD_TEXTS = [
    "Zoë’s café — 12 °C",
    "a 🙂 b",
    "🧑‍🚀",
    "漢字と仮名",
    "the\u2581boat",
    " two  spaces ",
    "line\nline\n",
    "e\u0301\u0301",
    "\u2581",
    "x" * 40,
]
PROMPT = "English: The children carry bread.\nSpanish:"


def _sums(decoder, prompts, texts) -> np.ndarray:
    return np.array([each.log_probability.sum() for each in decoder.token_scores(prompts, texts)])


@pytest.mark.parametrize("prompt", ["", PROMPT])
@pytest.mark.parametrize("measure", [lambda d, p, t: d.log_probabilities(p, t), _sums], ids=["text", "tokens"])
def test_a_score_does_not_depend_on_the_batch(tiny_decoder, measure, prompt):
    texts = TEXTS + ODD_TEXTS
    together = measure(tiny_decoder, [prompt] * len(texts), texts)
    backwards = measure(tiny_decoder, [prompt] * len(texts), texts[::-1])[::-1]
    alone = np.array([measure(tiny_decoder, [prompt], [text])[0] for text in texts])
    np.testing.assert_allclose(together, alone, atol=1e-3)
    np.testing.assert_allclose(backwards, alone, atol=1e-3)
    assert len({round(value, 3) for value in alone}) == len(texts)


def test_batches_of_one_length_are_cut_without_loss(tiny_decoder, monkeypatch):
    texts = [f"{word} boats" for word in ("green", "blue", "empty", "wooden", "tired")] * 3
    whole = _sums(tiny_decoder, [""] * 15, texts)
    monkeypatch.setattr(decoder_module, "_SCORED_TOKENS_AT_ONCE", 9)
    np.testing.assert_allclose(_sums(tiny_decoder, [""] * 15, texts), whole, atol=1e-3)


def test_a_group_is_scored_together_and_does_not_depend_on_other_groups(tiny_decoder):
    prompts, texts = ["", PROMPT] * 5, [f"The {word} boats." for word in ("green", "blue", "empty", "old", "new")] * 2
    groups = [0, 1] * 5
    together = tiny_decoder.log_probabilities(prompts, texts, groups)
    for group in (0, 1):
        mine = tiny_decoder.log_probabilities(prompts[group::2], texts[group::2], [7] * 5)
        np.testing.assert_array_equal(together[group::2], mine)
    # Eight-bit arithmetic is not the same where a text stands elsewhere in the tree.
    np.testing.assert_allclose(together, tiny_decoder.log_probabilities(prompts, texts), rtol=0.02, atol=0.05)


@pytest.mark.parametrize("prompt", ["", PROMPT])
def test_a_text_is_as_likely_as_its_tokens_together(tiny_decoder, prompt):
    texts = TEXTS + ODD_TEXTS
    whole = tiny_decoder.log_probabilities([prompt] * len(texts), texts)
    # Eight-bit arithmetic is not the same in the two passes, which differ by one position.
    np.testing.assert_allclose(_sums(tiny_decoder, [prompt] * len(texts), texts), whole, rtol=0.02, atol=0.05)


def test_the_prompt_counts_and_is_not_counted(tiny_decoder):
    (alone,), (after,) = tiny_decoder.token_scores([""], ["bread"]), tiny_decoder.token_scores([PROMPT], ["bread"])
    assert len(alone.log_probability) == len(after.log_probability)
    assert abs(alone.log_probability.sum() - after.log_probability.sum()) > 0.1


def test_a_prompt_may_be_in_a_language_that_is_only_read(tiny_decoder):
    russian, other = "Бабушка печёт хлеб.\nEnglish:", "Смотритель считает лодки.\nEnglish:"
    assert len(tiny_decoder._prompt.encode(russian)) < len(tiny_decoder._text.encode(russian))
    one, two = tiny_decoder.token_scores([russian, other], [" My grandmother bakes bread."] * 2)
    assert np.isfinite(one.log_probability).all()
    assert abs(one.log_probability.sum() - two.log_probability.sum()) > 0.01


def test_scores_are_a_distribution(tiny_decoder):
    (scores,) = tiny_decoder.token_scores([""], [TEXTS[3]])
    size = tiny_decoder._text.get_piece_size()
    assert (scores.log_probability < 0).all()
    assert (scores.rank >= 0).all()
    assert (scores.rank < size).all()
    assert (scores.entropy > 0).all()
    assert (scores.entropy <= np.log(size) + 1e-5).all()
    # The likeliest token is no less likely than an average one.
    first = scores.rank == 0
    assert (scores.log_probability[first] >= -scores.entropy[first] - 1e-5).all()


def test_the_token_of_rank_zero_is_what_the_decoder_says_next(tiny_decoder):
    pieces = [
        tiny_decoder._text.id_to_piece(index).replace("\u2581", " ")
        for index in range(tiny_decoder._text.get_piece_size())
    ]
    pieces = [piece for piece in pieces if tiny_decoder.count_tokens(piece) == 1]
    compared = 0
    for start in (*TEXTS, "My", "the boats of the", "A tired teacher", "rain falls"):
        scores = tiny_decoder.token_scores([start] * len(pieces), pieces)
        likeliest = [piece for piece, each in zip(pieces, scores, strict=True) if each.rank[0] == 0]
        said = tiny_decoder.continuations([start], max_tokens=[1], beam_size=1, hypotheses=1)
        if likeliest:
            assert said == [[likeliest[0].strip()]]
            compared += 1
    assert compared >= 3


@pytest.mark.parametrize("text", TEXTS + ODD_TEXTS)
def test_offsets_cover_the_text(tiny_decoder, text):
    (scores,) = tiny_decoder.token_scores([""], [text])
    assert scores.starts[0] == 0
    assert scores.ends[-1] == len(text)
    assert (scores.starts[1:] == scores.ends[:-1]).all()
    assert (scores.ends >= scores.starts).all()
    assert len(scores.starts) == len(scores.ends) == len(scores.log_probability) == len(scores.rank)


@pytest.mark.parametrize("text", TEXTS)
def test_offsets_are_those_of_the_pieces(tiny_decoder, text):
    (scores,) = tiny_decoder.token_scores([""], [text])
    pieces = tiny_decoder._text.encode(text, out_type=str)
    cut = [text[start:end] for start, end in zip(scores.starts, scores.ends, strict=True)]
    assert cut == [piece.replace("\u2581", " ") for piece in pieces]


def test_a_character_cut_into_bytes_belongs_to_its_last_byte(tiny_decoder):
    (scores,) = tiny_decoder.token_scores([""], ["🙂字"])
    assert list(zip(scores.starts, scores.ends, strict=True)) == [(0, 0)] * 3 + [(0, 1)] + [(1, 1)] * 2 + [(1, 2)]


def test_the_sign_for_a_space_is_not_taken_for_a_space(tiny_decoder):
    """SentencePiece would read U+2581 as a space: a text could then say what it does not show."""
    sign, space = tiny_decoder.log_probabilities(["", ""], ["the\u2581boats", "the boats"])
    assert sign != pytest.approx(space, abs=0.1)
    (scores,) = tiny_decoder.token_scores([""], ["the\u2581boats"])
    assert scores.ends[-1] == len("the\u2581boats")


def test_an_empty_text_has_no_tokens(tiny_decoder):
    assert list(tiny_decoder.log_probabilities(["", PROMPT], ["", ""])) == [0.0, 0.0]
    for scores in tiny_decoder.token_scores(["", PROMPT], ["", ""]):
        lengths = {len(getattr(scores, name)) for name in ("starts", "ends", "log_probability", "rank", "entropy")}
        assert lengths == {0}


def test_nothing_asked_is_nothing_answered(tiny_decoder):
    assert len(tiny_decoder.log_probabilities([], [])) == 0
    assert tiny_decoder.token_scores([], []) == []
    assert tiny_decoder.continuations([], max_tokens=[], beam_size=2, hypotheses=1) == []


def test_tokens_are_counted_as_they_are_scored(tiny_decoder):
    for text in TEXTS + ODD_TEXTS:
        assert tiny_decoder.count_tokens(text) == len(tiny_decoder.token_scores([""], [text])[0].rank)


def test_progress_counts_every_text(tiny_decoder):
    seen: list[int] = []
    tiny_decoder.token_scores([""] * len(TEXTS), TEXTS, seen.append)
    assert sum(seen) == len(TEXTS)
    assert len(seen) > 1


# --- text longer than the window ---


@pytest.fixture(scope="module")
def narrow(tiny_gemma, tmp_path_factory) -> Decoder:
    """The tiny Gemma with a window of 16 tokens."""
    folder = tmp_path_factory.mktemp("narrow") / "model"
    small = replace(tiny_gemma, shape=replace(tiny_gemma.shape, sliding_window=16))
    small.write(folder, output_tokens=small.text_tokens)
    return Decoder(folder, threads=1)


LONG = " ".join([TEXTS[3], *TEXTS] * 3)


@pytest.mark.parametrize("prompt", ["", "English:", PROMPT])
def test_a_text_longer_than_the_window_is_scored(narrow, monkeypatch, prompt):
    monkeypatch.setattr(decoder_module, "_WINDOW", 16)
    assert narrow.count_tokens(LONG) > 10 * 16
    texts = [LONG, "bread", LONG[: len(LONG) // 2], ""]
    scores = narrow.token_scores([prompt] * 4, texts)
    assert [len(each.log_probability) for each in scores] == [narrow.count_tokens(text) for text in texts]
    assert all(np.isfinite(each.log_probability).all() for each in scores)
    sums = [each.log_probability.sum() for each in scores]
    np.testing.assert_allclose(narrow.log_probabilities([prompt] * 4, texts), sums, rtol=0.02, atol=0.05)


def test_every_token_of_a_long_text_sees_what_goes_before_it(narrow, monkeypatch):
    """Each is scored as it is with half a window, or more, of the text in front of it."""
    monkeypatch.setattr(decoder_module, "_WINDOW", 16)
    (scores,) = narrow.token_scores([""], [LONG])
    tokens = narrow._text.encode(LONG)
    for place in (3, 8, 9, 20, 31, len(tokens) - 1):
        matches = []
        for context in range(min(place, 7), min(place, 14) + 1):
            ids = [2, *tokens[place - context : place + 1]]
            logits = narrow._scorer.logits(np.array([ids]), [1])[0][0]
            matches.append(logits[tokens[place]] - np.log(np.exp(logits).sum()))
        assert min(abs(scores.log_probability[place] - match) for match in matches) < 0.05, place


def test_a_window_more_or_less_changes_nothing_for_a_short_text(narrow, monkeypatch):
    text = "The lighthouse keeper"
    assert narrow.count_tokens(text) < 15
    before = narrow.log_probabilities([""], [text])[0]
    monkeypatch.setattr(decoder_module, "_WINDOW", 16)
    assert narrow.log_probabilities([""], [text])[0] == pytest.approx(before, abs=1e-3)


# --- continuations ---


def _continued(decoder, prompts, limits, *, beam_size=3, hypotheses=2) -> list[list[str]]:
    return decoder.continuations(prompts, max_tokens=limits, beam_size=beam_size, hypotheses=hypotheses)


PROMPTS = [
    f"{first} {second}" for first in ("The", "My", "A", "Nobody") for second in ("boats", "bread", "rain", "door")
]


def test_continuations_do_not_depend_on_the_batch(tiny_decoder):
    """Prompts of another length are no company: with padding, eight-bit sums come out otherwise."""
    limits = [9] * len(PROMPTS)
    alone = [_continued(tiny_decoder, [prompt], [9])[0] for prompt in PROMPTS]
    assert _continued(tiny_decoder, PROMPTS, limits) == alone
    assert _continued(tiny_decoder, PROMPTS[::-1], limits)[::-1] == alone
    assert len({tuple(each) for each in alone}) > 4


def test_continuations_do_not_depend_on_the_limits_of_their_neighbours(tiny_decoder):
    """A search that may go on for longer may prefer another beginning."""
    limits = [2 + 3 * (index % 5) for index in range(len(PROMPTS))]
    alone = [_continued(tiny_decoder, [prompt], [limit])[0] for prompt, limit in zip(PROMPTS, limits, strict=True)]
    assert _continued(tiny_decoder, PROMPTS, limits) == alone


def test_continuations_stay_within_their_limits(tiny_decoder):
    for limit, (best, *_) in zip((1, 4, 9), _continued(tiny_decoder, ["The boats"] * 3, [1, 4, 9]), strict=True):
        assert 0 < len(tiny_decoder._text.encode(best)) <= 2 * limit
        assert best == best.strip()


def test_there_are_as_many_hypotheses_as_asked_for_and_they_differ(tiny_decoder):
    (found,) = _continued(tiny_decoder, ["The boats"], [6], beam_size=4, hypotheses=4)
    assert len(found) == len(set(found)) == 4
    assert _continued(tiny_decoder, ["The boats"], [6], beam_size=4, hypotheses=2) == [found[:2]]


def test_a_decoder_without_a_prompt_vocabulary_reads_with_the_other(tiny_gemma, tiny_decoder, tmp_path):
    tiny_gemma.write(tmp_path / "model", output_tokens=tiny_gemma.text_tokens)
    (tmp_path / "model" / "prompt.model").unlink()
    plain = Decoder(tmp_path / "model", threads=1)
    assert plain.log_probabilities([PROMPT], TEXTS[:1]) == pytest.approx(
        tiny_decoder.log_probabilities([PROMPT], TEXTS[:1]), abs=1e-3
    )
    assert np.isfinite(plain.token_scores(["Бабушка печёт хлеб."], TEXTS[:1])[0].log_probability).all()
