"""Which words synonym spinners put for which: the recipe of `models/unlisted/substitutions.safetensors`.

From pairs of a tortured phrase and the expected one (Cabanac, Labbé and Magazinov 2021, arXiv:2107.06751) with as
many words: words in the same place that are not forms of each other, counted. A form of a word stands for the same
form of the other. Only the development half of the phrases is read (`evaluation.unlisted.half_of`); no phrase
as such is kept.

    python -m backspeak.training.substitutions DATA OUT
"""

from __future__ import annotations

import argparse
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from backspeak import resources
from backspeak.evaluation.unlisted import phrase_pairs
from backspeak.evidence.unlisted import FUNCTION_WORDS
from backspeak.phrasebank.collocations import Collocations
from backspeak.phrasebank.inflection import Inflector
from backspeak.phrasebank.substitutions import Substitutions
from backspeak.training.collocations import frequent_words

# A word that was seen once may have been put for another one: it counts as seen this much oftener.
_DOUBT = 0.7
_OTHER_FORM = 0.8  # as sure as the form that was seen
_MIN_COUNT = 8  # in reference English, of a form that was not seen
_WORD = re.compile("[a-z]{3,}")
_ABBREVIATION = re.compile(r" *\([^)]*\)")
_TAGS = ("VB", "NNS", "VBZ", "VBD", "VBN", "VBG")

Counts = dict[str, Counter[str]]


def phrases(data: Path) -> Iterator[tuple[str, str]]:
    """(tortured, expected) of the development half."""
    for pair in phrase_pairs(data, "development"):
        yield pair["tortured"], pair["expected"]


def counted(pairs: Iterable[tuple[str, str]], inflector: Inflector) -> Counts:
    """How often each word was put for which, over phrases of as many words on both sides."""
    found: Counts = defaultdict(Counter)
    for tortured, expected in sorted({(one.lower(), other.lower()) for one, other in pairs}):
        ours, theirs = (re.split("[ -]", _ABBREVIATION.sub("", each)) for each in (tortured, expected))
        if len(ours) != len(theirs):
            continue
        for word, meant in zip(ours, theirs, strict=True):
            usable = all(_WORD.fullmatch(each) and each not in FUNCTION_WORDS for each in (word, meant))
            if usable and meant not in inflector.forms(word) and word not in inflector.forms(meant):
                found[word][meant] += 1
    return found


def sure(counts: Counts, known: set[str], inflector: Inflector) -> Mapping[str, Mapping[str, float]]:
    """How sure each word, and each other form of it that is `known`, stands for which."""
    found: dict[str, dict[str, float]] = defaultdict(dict)

    def add(word: str, meant: str, sureness: float) -> None:
        if word != meant:
            found[word][meant] = max(sureness, found[word].get(meant, 0.0))

    for word, others in counts.items():
        for meant, count in others.items():
            sureness = count / (others.total() + _DOUBT)
            add(word, meant, sureness)
            for base, other in _bases(word, meant, inflector):
                for tag in _TAGS:
                    form, same = inflector.inflect(base, tag), inflector.inflect(other, tag)
                    if form in known and same in known:
                        add(form, same, _OTHER_FORM * sureness)
    return found


def _bases(word: str, meant: str, inflector: Inflector) -> Iterator[tuple[str, str]]:
    """Both words as they are, and what both may be the same form of."""
    yield word, meant
    for base, tag in inflector.bases(word):
        for other, same in inflector.bases(meant):
            if tag == same:
                yield base, other


def counted_table(
    pairs: Iterable[tuple[str, str]], inflector: Inflector, collocations: Collocations
) -> Mapping[str, Mapping[str, float]]:
    """The table of (tortured, expected) pairs: each word, what it was put for, and how sure that is."""
    return sure(counted(pairs, inflector), set(frequent_words(collocations, _MIN_COUNT)), inflector)


def write(path: Path, found: Mapping[str, Mapping[str, float]]) -> None:
    """Write the table."""
    words = sorted({*found, *(meant for others in found.values() for meant in others)})
    numbers = {word: number for number, word in enumerate(words)}
    rows = [
        sorted(
            ((numbers[meant], sureness) for meant, sureness in found.get(word, {}).items()),
            key=lambda each: (-each[1], each[0]),
        )
        for word in words
    ]
    Substitutions.FORMAT.write(path, words, rows)


def main() -> None:
    """Read the phrases, write the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path, help="with tortured-phrases/development.jsonl")
    parser.add_argument("out", type=Path)
    arguments = parser.parse_args()
    found = counted_table(phrases(arguments.data), Inflector.load(resources.corpus_dir()), Collocations.load())
    write(arguments.out, found)
    pairs = sum(map(len, found.values()))
    print(f"{len(found):,} words for {pairs:,} others, {arguments.out.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
