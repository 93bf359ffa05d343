"""Fits the decision of `evidence.unlisted`: the recipe of `models/unlisted/trees.safetensors` and `decision.json`.

No errors are: clean English that was not counted, set phrases from the counts that are hidden from the finder, and
the right wordings of what follows. Errors are: well attested pairs of words of which one or both gave way to
near-synonyms that are never seen side by side, the examples of the phrase bank, and the development half of the
tortured phrases, each found with substitutions that were counted from the other ones. The bias is then moved so that
a probability of one half, from which evidence is a flag, is reached at most CLEAN_ALARMS times in a
thousand words of human references, by trees that did not see them.

    python -m backspeak.training.unlisted DATA OUT
"""

from __future__ import annotations

import argparse
import json
import random
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from backspeak import resources
from backspeak.data import Findings, Segment
from backspeak.engines.bundled import BundledEngine
from backspeak.engines.decoder import Decoder
from backspeak.evidence import likelihood, rewriting
from backspeak.evidence.unlisted import (
    DECISION_FILE,
    FEATURES,
    TREES_FILE,
    Decision,
    UnlistedPhrases,
    Weighed,
    content_words,
)
from backspeak.evidence.words import word_offsets
from backspeak.phrasebank import PhraseBank
from backspeak.phrasebank.collocations import Collocations
from backspeak.phrasebank.continuations import Continuations
from backspeak.phrasebank.inflection import Inflector
from backspeak.phrasebank.neighbours import Neighbours
from backspeak.phrasebank.rewording import Rewording
from backspeak.phrasebank.substitutions import Substitutions
from backspeak.training.collocations import training_sentences
from backspeak.training.examples import part_of, references
from backspeak.training.judge import write_trees
from backspeak.training.substitutions import counted_table, phrases
from backspeak.training.substitutions import write as write_substitutions

CLEAN_ALARMS = 0.5  # a thousand words
MIN_PAIR_COUNT, MIN_WORD_COUNT = 6, 30
_FOLDS = 5  # of clean text, and of tortured phrases
# Of a tortured phrase and what was meant, beside any other place: there are few, and they are errors that were made.
# By folds of phrases 66% are found at 5% false alarms, 65% with 1: within noise.
PHRASE_WEIGHT = 3.0
_BAGS = 4  # fits to resampled places, averaged (Breiman 1996)
_RANKS = 40  # of the near-synonyms that errors are made with
_AT_ONCE = 60  # texts weighed together
# What makes an error likelier can only do that; a few hundred examples teach the opposite here and there.
_DIRECTIONS = {
    "gain": 1, "second_gain": 1, "third_gain": 1, "near_gain": 1, "mean_gain": 1, "surprise": 1, "association": -1,
    "strength": -1, "kept": -1, "spun": 1,
}  # fmt: skip
_CARRIERS = (
    "Most of the chapter deals with {} and its limits.",
    "The authors explain at length how {} was chosen.",
    "There is little agreement about {} so far.",
    "We compared {} with two older ones.",
)


def weigh(
    texts: Sequence[str], finder: UnlistedPhrases, language_model: Decoder, rewriter: Decoder | None
) -> list[list[Weighed]]:
    """Every place of each text with its numbers; texts without a place cost no reading."""
    findings = [Findings(Segment("", str(number), text), word_offsets(text)) for number, text in enumerate(texts)]
    asked = [each for each in findings if finder.places(each.segment.text)]
    done: dict[str, list[Weighed]] = {}
    for start in range(0, len(asked), _AT_ONCE):
        block = asked[start : start + _AT_ONCE]
        likelihood.add(block, language_model)
        if rewriter is not None:
            rewriting.add(block, rewriter)
        done |= zip((each.segment.id for each in block), finder.weigh(block, language_model), strict=True)
    return [done.get(each.segment.id, []) for each in findings]


@dataclass(frozen=True)
class Taught:
    """A place to learn from: whether it is an error, and how much it counts."""

    weighed: Weighed
    error: bool
    weight: float = 1.0


@dataclass(frozen=True)
class Marked:
    """A text of which start..end is an error, or what was meant instead of one."""

    text: str
    start: int
    end: int
    error: bool = True
    weight: float = 1.0


def taught(marked: Sequence[Marked], weighed: Sequence[Sequence[Weighed]]) -> list[Taught]:
    """The weighed places of each text that touch what is marked in it."""
    return [
        Taught(one, each.error, each.weight)
        for each, places in zip(marked, weighed, strict=True)
        for one in places
        if one.place.start < each.end and one.place.end > each.start
    ]


def listed(bank: PhraseBank) -> list[Marked]:
    """The example of each entry of the phrase bank, and the same with the first reference put in."""
    found = []
    for entry in bank.entries:
        match = next((each for each in bank.find(entry.example) if each.entry.rule == entry.rule), None)
        if match is None or not match.suggestions:
            continue
        text, wording = entry.example, match.suggestions[0]
        mended = text[: match.start] + wording + text[match.end :]
        found.append(Marked(text, match.start, match.end))
        found.append(Marked(mended, match.start, match.start + len(wording), error=False))
    return found


def tortured(pairs: Sequence[tuple[str, str]], generator: random.Random) -> list[Marked]:
    """Both phrases of each pair in one sentence of ours; none where they are the same."""
    found = []
    for phrase, meant in pairs:
        carrier = generator.choice(_CARRIERS)
        if phrase != meant:
            found += [_placed(phrase, carrier, weight=PHRASE_WEIGHT)]
            found += [_placed(meant, carrier, error=False, weight=PHRASE_WEIGHT)]
    return found


class Hiding(Rewording):
    """The tables without some pairs, so that a term which they hold looks as one that they lack."""

    hidden: frozenset[tuple[str, str]] = frozenset()

    def count(self, first: str, second: str) -> int:
        return 0 if (first, second) in self.hidden else super().count(first, second)

    def strength(self, first: str, second: str) -> float:
        return 0.0 if (first, second) in self.hidden else super().strength(first, second)


def corrupt(text: str, collocations: Collocations, neighbours: Neighbours, generator: random.Random) -> Marked | None:
    """The text with one pair of words made unusual; None where it has no pair to spoil."""
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
    made = spoilt(text[slice(*first)], text[slice(*second)], collocations, neighbours, generator)
    if made is None:
        return None
    return Marked(text[: first[0]] + made + text[second[1] :], first[0], first[0] + len(made))


def spoilt(
    first: str, second: str, collocations: Collocations, neighbours: Neighbours, generator: random.Random
) -> str | None:
    """Two words of which one or both gave way to near-synonyms that are never seen side by side."""
    sides = generator.choice(((True, False), (False, True), (True, True), (True, True)))
    for _ in range(12):
        chosen = []
        for word, change in zip((first, second), sides, strict=True):
            near = [other for other, _ in neighbours.of(word)[:_RANKS] if collocations.count([other]) >= MIN_WORD_COUNT]
            if change and not near:
                return None
            chosen.append(generator.choice(near) if change else word)
        if collocations.count(chosen) == 0:
            return " ".join(chosen)
    return None


def terms(collocations: Collocations, neighbours: Neighbours, generator: random.Random, most: int) -> list[str]:
    """Set phrases of two words from the counts, drawn at random: nothing but the counts tells that they are.

    None of those that the rewriter may have learned from (`training.terms`).
    """
    known = [word for word in collocations.words if len(word) > 3 and collocations.count([word]) >= 100]
    found: list[str] = []
    for first in generator.sample(known, len(known)):
        if len(found) == most:
            break
        if not content_words(first) or not neighbours.of(first):
            continue
        followers = [
            second
            for second, count in collocations.after(first)
            if count >= 8
            and content_words(second)
            and neighbours.of(second)
            and any(collocations.count([article, first, second]) for article in ("the", "a", "of"))
            and count * collocations.total >= 50 * collocations.count([first]) * collocations.count([second])
        ]
        followers = [second for second in followers if part_of(f"{first} {second}") != "train"]
        if followers:
            found.append(f"{first} {generator.choice(followers)}")
    return found


def _placed(phrase: str, carrier: str, error: bool = True, weight: float = 1.0) -> Marked:
    start = carrier.index("{}")
    return Marked(carrier.format(phrase), start, start + len(phrase), error, weight)


def fit(places: Sequence[Taught]) -> list[Any]:
    """Boosted trees, one model a bag, both classes weighed alike. A logistic regression found less (see the card)."""
    from sklearn.ensemble import HistGradientBoostingClassifier

    table = np.array([each.weighed.features for each in places], np.float32)
    error = np.array([each.error for each in places])
    weight = np.array([each.weight for each in places])
    weight[error] *= weight[~error].sum() / weight[error].sum()
    models = []
    for bag in range(_BAGS):
        drawn = np.random.default_rng(bag).exponential(size=len(places))  # Rubin 1981
        model = HistGradientBoostingClassifier(
            max_iter=120, learning_rate=0.06, max_leaf_nodes=8, min_samples_leaf=15, l2_regularization=1.0,
            early_stopping=False, random_state=bag, monotonic_cst=[_DIRECTIONS.get(name, 0) for name in FEATURES],
        )  # fmt: skip
        models.append(model.fit(table, error, sample_weight=weight * drawn))
    return models


def calibrated(scores: Sequence[float], words: int) -> float:
    """The bias at which clean text of so many words gets CLEAN_ALARMS flags in a thousand, or fewer."""
    ranked = sorted(scores, reverse=True)
    allowed = int(words * CLEAN_ALARMS / 1000)
    return 0.0 if allowed >= len(ranked) else -ranked[allowed] - 1e-6


def unseen_scores(places: Sequence[Taught], clean: Sequence[Sequence[Weighed]]) -> list[float]:
    """Log-odds of the places in each clean text, by trees that did not see it, where a flag could be raised."""
    found: list[float] = []
    for fold in range(_FOLDS):
        seen = [each for number, mine in enumerate(clean) if number % _FOLDS != fold for each in mine]
        models = fit([*places, *(Taught(each, error=False) for each in seen)])
        held = [each for mine in clean[fold::_FOLDS] for each in mine if not each.gains or max(each.gains) > 0]
        if held:
            table = np.array([each.features for each in held], np.float32)
            found += np.mean([model.decision_function(table) for model in models], axis=0).tolist()
    return found


def main() -> None:
    """Gather, fit, write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path, help="with parallel/, mt-outputs/ and tortured-phrases/development.jsonl")
    parser.add_argument("out", type=Path, help="folder for decision.json and trees.safetensors")
    parser.add_argument("--sentences", type=int, default=400)
    parser.add_argument("--terms", type=int, default=450)
    parser.add_argument("--references", type=int, default=2600, help="clean sentences for the threshold")
    parser.add_argument("--seed", type=int, default=7)
    arguments = parser.parse_args()
    generator = random.Random(arguments.seed)
    collocations, neighbours, bank = Collocations.load(), Neighbours.load(), PhraseBank.load()
    continuations, inflector = Continuations.load(), Inflector.load(resources.corpus_dir())
    engine = BundledEngine()
    models = engine.language_model(), engine.rewriter()

    def finder(substitutions: Substitutions, hidden: frozenset[tuple[str, str]] = frozenset()) -> UnlistedPhrases:
        rewording = Hiding(collocations, neighbours, continuations, inflector, substitutions)
        rewording.hidden = hidden
        return UnlistedPhrases(rewording, Decision(lambda table: table[:, 0], 0.0), bank)

    shipped = finder(Substitutions.load())
    # Not the part that was counted: there every pair is attested. Every 40th, so that all corpora have their share.
    pool = [
        text
        for number, text in enumerate(training_sentences(arguments.data, "dev"))
        if number % 40 == 0 and 8 <= len(text.split()) <= 30
    ]
    texts = generator.sample(pool, min(arguments.sentences, len(pool)))
    damaged = [made for text in texts if (made := corrupt(text, collocations, neighbours, generator)) is not None]
    damaged = damaged[: arguments.sentences // 2]
    drawn = terms(collocations, neighbours, generator, 2 * arguments.terms)
    kept, lost = drawn[: arguments.terms], drawn[arguments.terms :]
    whole = [_placed(term, generator.choice(_CARRIERS), error=False) for term in kept]
    damaged += [
        _placed(worse, generator.choice(_CARRIERS))
        for first, second in (term.split() for term in lost)
        if (worse := spoilt(first, second, collocations, neighbours, generator)) is not None
    ]
    damaged += listed(bank)
    places = [Taught(each, error=False) for mine in weigh(texts, shipped, *models) for each in mine]
    places += taught(damaged, weigh([each.text for each in damaged], shipped, *models))
    hiding = finder(Substitutions.load(), frozenset((first, second) for first, second in map(str.split, kept)))
    places += taught(whole, weigh([each.text for each in whole], hiding, *models))
    pairs = sorted(phrases(arguments.data))
    generator.shuffle(pairs)
    for fold in range(_FOLDS):
        # What a phrase itself taught would be found too well.
        others = [pair for number, pair in enumerate(pairs) if number % _FOLDS != fold]
        with TemporaryDirectory() as folder:
            path = Path(folder, "substitutions.safetensors")
            write_substitutions(path, counted_table(others, inflector, collocations))
            unknowing = finder(Substitutions.load(path))
        marked = tortured(pairs[fold::_FOLDS], generator)
        places += taught(marked, weigh([each.text for each in marked], unknowing, *models))
    texts = references(arguments.data, "dev")
    texts = generator.sample(texts, min(arguments.references, len(texts)))
    words = sum(len(text.split()) for text in texts)
    clean = weigh(texts, shipped, *models)
    bias = calibrated(unseen_scores(places, clean), words)
    fitted = fit([*places, *(Taught(each, error=False) for mine in clean for each in mine)])
    arguments.out.mkdir(parents=True, exist_ok=True)
    write_trees(fitted, arguments.out / TREES_FILE)
    stored = {"version": "6", "features": list(FEATURES), "bias": round(bias, 5)}
    (arguments.out / DECISION_FILE).write_text(json.dumps(stored, indent=1) + "\n", encoding="utf-8")
    errors = sum(each.error for each in places)
    print(
        f"{errors} places that are errors, {len(places) - errors} that are none, {sum(map(len, clean))} in clean text"
    )
    print(f"bias {bias:.3f} from {words} clean words")


if __name__ == "__main__":
    main()
