"""Near-synonyms of English words: the recipe of `models/unlisted/neighbours.safetensors`.

Three sources, each of which misses what the others have: the cosine of the input embeddings of the
embedded base (only words that are one token there have one), WordNet and the Moby Thesaurus. How sure
they are together is one less the product of their doubts. Thesauri list base forms; each form of a
word gets the same form of its synonyms.

    python -m backspeak.training.neighbours WORK WORDNET MOBY OUT
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from backspeak import resources
from backspeak.phrasebank.collocations import Collocations
from backspeak.phrasebank.inflection import Inflector, word_set
from backspeak.phrasebank.neighbours import write
from backspeak.training import thesauri
from backspeak.training.collocations import frequent_words

NEAREST = 48  # by embedding
MOST = 80  # of one word in all
# Rarer words are as often names or code as they are words.
MIN_COUNT, MIN_NEIGHBOUR_COUNT = 8, 40
# An unrelated word has a cosine of about 0.1, a form of the same one 0.7.
_LEAST_COSINE, _LEAST_LIKENESS = 0.2, 0.15
_SPACE = "\u2581"
_ROWS_AT_ONCE = 512
_TAGS = ("NNS", "VBZ", "VBD", "VBN", "VBG")

# Opposites stand in the same places and so are near each other; none of them may replace the other.
_OPPOSITES = (
    ("big large great huge vast high tall long much many", "small little tiny slight low short few minor"),
    ("wide broad thick deep", "narrow thin slim tight shallow"),
    ("good better best positive right correct true", "bad worse worst negative wrong incorrect false poor"),
    ("strong hard heavy tough rough", "weak soft light easy gentle smooth mild"),
    ("hot warm", "cold cool chilly"),
    ("fast quick rapid early", "slow gradual late"),
    ("old ancient past former previous", "new modern young future next later recent"),
    ("first beginning start initial", "last end final finish"),
    ("up above over upper top upward", "down below under lower bottom downward"),
    ("in inside inner internal indoor", "out outside outer external outdoor"),
    ("more increase rise growth gain expand", "less decrease fall decline loss reduction reduce shrink"),
    ("open public", "closed private secret"),
    ("rich expensive", "poor cheap"),
    ("left east north", "right west south"),
    ("man male father boy son brother husband king he", "woman female mother girl daughter sister wife queen she"),
    ("dry", "wet"),
    ("full complete", "empty partial incomplete"),
    ("win victory success", "lose defeat failure"),
    ("buy import", "sell export"),
    ("black dark", "white bright light"),
    ("rural", "urban"),
    ("minimum minimal", "maximum maximal"),
    ("simple easy", "complex difficult complicated"),
    ("active", "passive"),
    ("local domestic national", "foreign global international"),
    ("always often", "never rarely"),
    ("before", "after"),
    ("input", "output"),
    ("day morning", "night evening"),
    ("life birth", "death"),
    ("ally friend", "enemy"),
)
_NEGATIONS = ("un", "in", "im", "ir", "il", "dis", "non", "anti", "a")


def _opposites() -> set[tuple[str, str]]:
    pairs = set()
    for ours, theirs in _OPPOSITES:
        for one in word_set(ours):
            for other in word_set(theirs):
                pairs |= {(one, other), (other, one)}
    return pairs


def by_embedding(words: Sequence[str], vectors: np.ndarray) -> thesauri.Relations:
    """The NEAREST words of each by the cosine of their rows in `vectors`, both ways."""
    vectors = vectors - vectors.mean(0)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    found: thesauri.Relations = defaultdict(dict)
    most = min(NEAREST + 1, len(words))
    for start in range(0, len(words), _ROWS_AT_ONCE):
        cosine = vectors[start : start + _ROWS_AT_ONCE] @ vectors.T
        best = np.argpartition(-cosine, most - 1, axis=1)[:, :most]
        for row, places in enumerate(best):
            for place in places:
                if place != start + row and cosine[row, place] >= _LEAST_COSINE:
                    one, other = words[start + row], words[place]
                    found[one][other] = found[other][one] = float(cosine[row, place])
    return found


def inflected(
    relations: Mapping[str, Mapping[str, float]], inflector: Inflector, known: set[str]
) -> thesauri.Relations:
    """The relations of base forms, and of each other form of a word to the same form of the other."""
    found: thesauri.Relations = defaultdict(dict)
    for one, others in relations.items():
        for tag in ("VB", *_TAGS):
            form = inflector.inflect(one, tag)
            if form not in known:
                continue
            for other, sureness in others.items():
                same = inflector.inflect(other, tag)
                if same in known:
                    found[form][same] = max(sureness, found[form].get(same, 0.0))
    return found


def joined(sources: Sequence[thesauri.Relations], word: str) -> dict[str, float]:
    """How sure all sources together are of each near-synonym of a word."""
    doubts: dict[str, float] = {}
    for relations in sources:
        for other, sureness in relations.get(word, {}).items():
            doubts[other] = doubts.get(other, 1.0) * (1.0 - sureness)
    return {other: 1.0 - doubt for other, doubt in doubts.items()}


def _same_word(word: str, other: str, inflector: Inflector) -> bool:
    return word == other or other in inflector.forms(word) or word in inflector.forms(other)


def _negated(word: str, other: str) -> bool:
    return any(word == prefix + other or other == prefix + word for prefix in _NEGATIONS)


def main() -> None:
    """Read the embeddings and the thesauri, and write the table."""
    from backspeak.engines import bundled
    from backspeak.engines.gemma import GgufModel

    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("work", type=Path, help="a folder for the base model as one file")
    parser.add_argument("wordnet", type=Path, help="the folder with data.noun and the others")
    parser.add_argument("moby", type=Path, help="words.txt")
    parser.add_argument("out", type=Path)
    arguments = parser.parse_args()
    base, _ = bundled.training_base(arguments.work)
    model = GgufModel(base)
    collocations = Collocations.load()
    ids = {piece.text: index for index, piece in enumerate(model.pieces)}
    words = frequent_words(collocations, MIN_COUNT)
    embedded = [word for word in words if _SPACE + word in ids]
    known, inflector = set(words), Inflector.load(resources.corpus_dir())
    from_wordnet, opposites = thesauri.wordnet(arguments.wordnet)
    opposites |= _opposites()
    sources = [
        by_embedding(embedded, model.embeddings([ids[_SPACE + word] for word in embedded])),
        inflected(from_wordnet, inflector, known),
        inflected(thesauri.moby(arguments.moby), inflector, known),
    ]
    numbers = {word: number for number, word in enumerate(words)}
    near = []
    for word in words:
        ranked = sorted(
            (-likeness, other)
            for other, likeness in joined(sources, word).items()
            if likeness >= _LEAST_LIKENESS
            and collocations.count([other]) >= MIN_NEIGHBOUR_COUNT
            and (word, other) not in opposites
            and not _same_word(word, other, inflector)
            and not _negated(word, other)
        )
        near.append([(numbers[other], -doubt) for doubt, other in ranked[:MOST]])
    write(arguments.out, words, near)
    print(f"{len(words):,} words, {sum(map(len, near)):,} near-synonyms, {arguments.out.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
