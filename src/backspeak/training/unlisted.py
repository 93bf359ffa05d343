"""Fits the few weights of `evidence.unlisted`: the recipe of `models/unlisted/weights.json`.

Clean English that was not counted gives the places that are no errors. The errors are made from it: in
a well attested pair of words, one or both are replaced by near-synonyms that are never seen side by
side. The bias is then moved so that a probability of one half, from which evidence is a flag, is reached at most
CLEAN_ALARMS times in a thousand words of clean English that the weights were not fitted on.

    python -m backspeak.training.unlisted DATA OUT
"""

from __future__ import annotations

import argparse
import json
import random
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np

from backspeak.data import Findings, Segment
from backspeak.engines.bundled import BundledEngine
from backspeak.engines.decoder import Decoder
from backspeak.evidence import likelihood
from backspeak.evidence.unlisted import FEATURES, UnlistedPhrases, Weighed, Weights, content_words
from backspeak.evidence.words import word_offsets
from backspeak.phrasebank.collocations import Collocations
from backspeak.phrasebank.neighbours import Neighbours
from backspeak.training.collocations import training_sentences

CLEAN_ALARMS = 1.0  # a thousand words
MIN_PAIR_COUNT, MIN_WORD_COUNT = 6, 30
_RANKS = 24  # of the near-synonyms that errors are made with


def weigh(texts: Sequence[str], finder: UnlistedPhrases, language_model: Decoder) -> list[list[Weighed]]:
    """Every place of each text with its numbers; texts without a place cost no reading."""
    findings = [Findings(Segment("", str(number), text), word_offsets(text)) for number, text in enumerate(texts)]
    asked = [each for each in findings if finder.places(each.segment.text)]
    scores = language_model.token_scores([""] * len(asked), [each.segment.text for each in asked])
    for each, scored in zip(asked, scores, strict=True):
        totals = likelihood.by_word(each.words, scored, 0)["total"]
        each.likelihood["alone_total"] = np.asarray(totals)
    done = dict(zip((each.segment.id for each in asked), finder.weigh(asked, language_model), strict=True))
    return [done.get(each.segment.id, []) for each in findings]


def corrupt(
    text: str, collocations: Collocations, neighbours: Neighbours, generator: random.Random
) -> tuple[str, int, int] | None:
    """The text with one pair of words made unusual, and where; None where it has no pair to spoil."""
    words = content_words(text)
    pairs = [
        (first, second)
        for first, second in pairwise(words)
        if text[first[1] : second[0]] == " "
        and collocations.count([text[slice(*first)], text[slice(*second)]]) >= MIN_PAIR_COUNT
    ]
    if not pairs:
        return None
    first, second = generator.choice(pairs)
    sides = generator.choice(((True, False), (False, True), (True, True), (True, True)))
    for _ in range(12):
        chosen = []
        for (start, end), change in zip((first, second), sides, strict=True):
            near = [
                word
                for word, _ in neighbours.of(text[start:end])[:_RANKS]
                if collocations.count([word]) >= MIN_WORD_COUNT
            ]
            if change and not near:
                return None
            chosen.append(generator.choice(near) if change else text[start:end])
        if collocations.count(chosen) == 0:
            return text[: first[0]] + " ".join(chosen) + text[second[1] :], first[0], first[0] + len(" ".join(chosen))
    return None


def fit(good: Sequence[Weighed], bad: Sequence[Weighed]) -> Weights:
    """A logistic regression, both classes weighed alike."""
    from sklearn.linear_model import LogisticRegression

    rows = np.array([each.features for each in [*good, *bad]])
    mean, deviation = rows.mean(0), rows.std(0) + 1e-9
    model = LogisticRegression(class_weight="balanced", C=1.0)
    model.fit((rows - mean) / deviation, [0] * len(good) + [1] * len(bad))
    weights = model.coef_[0] / deviation
    return Weights(tuple(weights.tolist()), float(model.intercept_[0] - (weights * mean).sum()))


def calibrated(weights: Weights, clean: Sequence[Weighed], words: int) -> Weights:
    """The weights with the bias at which clean text gets CLEAN_ALARMS flags in a thousand words, or fewer."""
    scores = sorted((_score(weights, each) for each in clean if max(each.gains) > 0), reverse=True)
    allowed = int(words * CLEAN_ALARMS / 1000)
    if allowed >= len(scores):
        return weights
    return Weights(weights.weights, weights.bias - scores[allowed] - 1e-6)


def _score(weights: Weights, weighed: Weighed) -> float:
    return weights.bias + float(np.dot(weights.weights, weighed.features))


def main() -> None:
    """Gather, fit, write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path, help="the training data, with parallel/")
    parser.add_argument("out", type=Path, help="weights.json")
    parser.add_argument("--sentences", type=int, default=300)
    parser.add_argument("--seed", type=int, default=7)
    arguments = parser.parse_args()
    generator = random.Random(arguments.seed)
    collocations, neighbours = Collocations.load(), Neighbours.load()
    finder = UnlistedPhrases(collocations, neighbours, Weights((0.0,) * len(FEATURES), 0.0))
    language_model = BundledEngine().language_model()
    # Not the part that was counted: there every pair is attested. Every 40th, so that all corpora have their share.
    pool = [
        text
        for number, text in enumerate(training_sentences(arguments.data, "dev"))
        if number % 40 == 0 and 8 <= len(text.split()) <= 30
    ]
    texts = generator.sample(pool, min(arguments.sentences, len(pool)))
    clean = weigh(texts, finder, language_model)
    spoilt = [made for text in texts if (made := corrupt(text, collocations, neighbours, generator)) is not None]
    spoilt = spoilt[: arguments.sentences // 3]
    wrong = [
        each
        for (_, start, end), mine in zip(
            spoilt, weigh([made[0] for made in spoilt], finder, language_model), strict=True
        )
        for each in mine
        if each.place.start < end and each.place.end > start
    ]
    half = len(texts) // 2
    weights = fit([each for mine in clean[:half] for each in mine], wrong)
    unseen = [each for mine in clean[half:] for each in mine]
    weights = calibrated(weights, unseen, sum(len(text.split()) for text in texts[half:]))
    stored = {
        "version": "1",
        "features": list(FEATURES),
        "weights": [round(weight, 5) for weight in weights.weights],
        "bias": round(weights.bias, 5),
    }
    arguments.out.write_text(json.dumps(stored, indent=1) + "\n", encoding="utf-8")
    caught = sum(weights.probability(each.features) >= 0.5 and max(each.gains) > 0 for each in wrong)
    print(f"{len(texts)} clean sentences with {sum(map(len, clean))} places; {len(spoilt)} spoilt, {len(wrong)} places")
    print(f"at the shipped bias {caught} of {len(spoilt)} spoilt phrases are flagged")


if __name__ == "__main__":
    main()
