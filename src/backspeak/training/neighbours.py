"""Near-synonyms of English words: the recipe of `models/unlisted/neighbours.safetensors`.

The nearest words of each word by the cosine of their input embeddings in the embedded base. Only
words that are one token there have an embedding of their own. Chosen over a thesaurus after a look at
both: the free ones either carry no licence, or are pickled, or fail to install on Python 3.

    python -m backspeak.training.neighbours WORK OUT
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from backspeak import resources
from backspeak.phrasebank.collocations import Collocations
from backspeak.phrasebank.inflection import Inflector, word_set
from backspeak.phrasebank.neighbours import write

NEIGHBOURS = 36  # a file of 3 MB
# Rarer words are as often names or code as they are words.
MIN_COUNT, MIN_NEIGHBOUR_COUNT = 12, 60
_SPACE = "\u2581"
_ROWS_AT_ONCE = 512

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


def nearest(
    words: list[str], vectors: np.ndarray, counts: np.ndarray, inflector: Inflector
) -> tuple[np.ndarray, np.ndarray]:
    """Arrays of (words, NEIGHBOURS): numbers of the nearest words that are frequent enough, and their cosines.

    A word's own forms and its opposites are no neighbours. Rows that end early hold 0 with cosine 0.
    """
    opposites = _opposites()
    vectors = vectors - vectors.mean(0)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    frequent = np.flatnonzero(counts >= MIN_NEIGHBOUR_COUNT)
    found = np.zeros((len(words), NEIGHBOURS), np.uint16)
    cosines = np.zeros((len(words), NEIGHBOURS), np.float32)
    spare = min(2 * NEIGHBOURS, len(frequent))
    for start in range(0, len(words), _ROWS_AT_ONCE):
        block = range(start, min(start + _ROWS_AT_ONCE, len(words)))
        cosine = vectors[block.start : block.stop] @ vectors[frequent].T
        best = np.argpartition(-cosine, spare - 1, axis=1)[:, :spare]
        for offset, (row, places) in enumerate(zip(block, best, strict=True)):
            word, taken = words[row], 0
            for place in places[np.argsort(-cosine[offset, places], kind="stable")]:
                other = words[frequent[place]]
                if _same_word(word, other, inflector) or (word, other) in opposites or _negated(word, other):
                    continue
                found[row, taken] = frequent[place]
                cosines[row, taken] = cosine[offset, place]
                taken += 1
                if taken == NEIGHBOURS:
                    break
    return found, cosines


def _same_word(word: str, other: str, inflector: Inflector) -> bool:
    return word == other or other in inflector.forms(word) or word in inflector.forms(other)


def _negated(word: str, other: str) -> bool:
    return any(word == prefix + other or other == prefix + word for prefix in _NEGATIONS)


def main() -> None:
    """Read the embeddings and write the table."""
    from backspeak.engines import bundled
    from backspeak.engines.gemma import GgufModel

    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("work", type=Path, help="a folder for the base model as one file")
    parser.add_argument("out", type=Path)
    arguments = parser.parse_args()
    base, _, _ = bundled.training_base(arguments.work)
    model = GgufModel(base)
    collocations = Collocations.load()
    ids = {piece.text: index for index, piece in enumerate(model.pieces)}
    words = [
        word
        for word in collocations.words
        if len(word) > 2 and word.isalpha() and _SPACE + word in ids and collocations.count([word]) >= MIN_COUNT
    ]
    counts = np.array([collocations.count([word]) for word in words])
    vectors = model.embeddings([ids[_SPACE + word] for word in words])
    found, cosines = nearest(words, vectors, counts, Inflector.load(resources.corpus_dir()))
    write(arguments.out, words, found, cosines)
    print(f"{len(words):,} words, {arguments.out.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
