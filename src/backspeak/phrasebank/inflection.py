"""English inflection by rule, with a table for what no rule covers.

Nothing is lemmatised: the forms of a *pattern* word are generated once, and a word of the text
matches when it is one of them. That is faster than guessing the lemma of every word read, and a
wrong guess ("thing" as a form of "the") cannot happen.

Forms carry tags in the Penn treebank's spelling: `VB` base, `VBZ`/`NNS` the s-form, `VBD` past,
`VBN` participle, `VBG` ing-form.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from backspeak import resources
from backspeak.errors import InputError

IRREGULAR_TABLE = "irregular_forms.tsv"
_COLUMNS = ["base", "kind", "forms"]
_VERB_TAGS = ("VBD", "VBN")


def word_set(words: str) -> frozenset[str]:
    """The words of a space-separated list."""
    return frozenset(words.split())


# Closed-class words have no inflected forms; without this list "us" would generate "uses".
_UNINFLECTED = word_set(
    "a an the and or but nor if as at by for from in into of off on onto out over to under up with about after "
    "against before between during near since through till until upon without within than that this these those "
    "i you he she it we they me him her us them my your his its our their who whom whose which what when where why "
    "how not no yes so too very also there here then now all any both each every few many more most much some such "
    "am is are was were been being has had does did can could may might must shall should will would"
)
_VOWELS = "aeiou"
_ENDINGS = (("s", "NNS"), ("es", "NNS"), ("ies", "NNS"), ("ed", "VBD"), ("d", "VBD"), ("ied", "VBD"), ("ing", "VBG"))
_DOUBLING = re.compile(r"^(?:[^aeiou]*|qu)[aeiou][bdfgklmnprt]$")
# Verbs of more than one syllable with a stressed last one, or doubled by British spelling.
_DOUBLED = word_set(
    "admit begin cancel commit compel control distil enrol equip excel expel forget format fulfil handicap instil "
    "kidnap label level model occur omit "
    "patrol permit prefer program propel quarrel rebel refer regret signal transfer travel submit upset worship"
)


def _s_form(word: str) -> str:
    if word.endswith(("s", "x", "z", "ch", "sh")):
        return word + "es"
    if word.endswith("y") and len(word) > 1 and word[-2] not in _VOWELS:
        return word[:-1] + "ies"
    if word in ("go", "do", "hero", "echo", "veto", "potato", "tomato"):
        return word + "es"
    return word + "s"


def _doubles(word: str) -> bool:
    return word in _DOUBLED or bool(_DOUBLING.match(word))


def _ed_form(word: str) -> str:
    if word.endswith("e"):
        return word + "d"
    if word.endswith("y") and word[-2] not in _VOWELS:
        return word[:-1] + "ied"
    return word + word[-1] + "ed" if _doubles(word) else word + "ed"


def _ing_form(word: str) -> str:
    if word.endswith("ie"):
        return word[:-2] + "ying"
    if word.endswith("e") and not word.endswith(("ee", "oe", "ye")) and word != "be":
        return word[:-1] + "ing"
    return word + word[-1] + "ing" if _doubles(word) else word + "ing"


def spelling_variants(word: str) -> set[str]:
    """The word in British and American spelling, where a rule tells them apart."""
    variants = {word}
    if len(word) > 5:
        for ending, other in (("ise", "ize"), ("ize", "ise"), ("yse", "yze"), ("yze", "yse")):
            if word.endswith(ending):
                variants.add(word.removesuffix(ending) + other)
        if "our" in word[2:]:
            variants.add(word[:2] + word[2:].replace("our", "or", 1))
    return variants


class Inflector:
    """Generates and recognises the inflected forms of English words."""

    def __init__(
        self,
        verbs: dict[str, dict[str, tuple[str, ...]]] | None = None,
        plurals: dict[str, tuple[str, ...]] | None = None,
    ) -> None:
        self._verbs = verbs or {}
        self._plurals = plurals or {}
        self._paradigms: dict[str, dict[str, tuple[str, ...]]] = {}
        self._forms: dict[str, frozenset[str]] = {}

    @classmethod
    def load(cls, folder: Path) -> Inflector:
        """Read the irregular forms beside the phrase tables, or the shipped ones where there are none."""
        path = folder / IRREGULAR_TABLE
        if not path.exists():
            path = resources.corpus_dir() / IRREGULAR_TABLE
        verbs: dict[str, dict[str, tuple[str, ...]]] = {}
        plurals: dict[str, tuple[str, ...]] = {}
        lines = path.read_text(encoding="utf-8").splitlines()
        if not lines or lines[0].split("\t") != _COLUMNS:
            raise InputError(f"the first line must name the columns {' '.join(_COLUMNS)}", str(path), 1)
        for number, line in enumerate(lines[1:], start=2):
            base, kind, forms = [*line.split("\t"), "", ""][:3]
            parts = [tuple(part.split("/")) for part in forms.split()]
            if kind == "verb" and len(parts) in (2, 3):
                verbs[base] = dict(zip((*_VERB_TAGS, "VBZ"), parts, strict=False))
            elif kind == "noun" and len(parts) == 1:
                plurals[base] = parts[0]
            else:
                message = "a verb needs its past and its participle (and a third person), a noun its plural"
                raise InputError(message, str(path), number)
        return cls(verbs, plurals)

    def paradigm(self, word: str) -> dict[str, tuple[str, ...]]:
        """Every tag's forms of a base form, the preferred one first."""
        known = self._paradigms.get(word)
        if known is None:
            known = self._paradigms[word] = self._build(word)
        return known

    def _build(self, word: str) -> dict[str, tuple[str, ...]]:
        if word in _UNINFLECTED or not word.isalpha() or (len(word) < 3 and word not in ("be", "do", "go")):
            return {"VB": (word,)}
        if word == "be":
            return {
                "VB": ("be", "am", "are"),
                "VBZ": ("is",),
                "VBD": ("was", "were"),
                "VBN": ("been",),
                "VBG": ("being",),
            }
        regular = _ed_form(word)
        irregular = self._verbs.get(word, {})
        third = irregular.get("VBZ", (_s_form(word),))
        return {
            "VB": (word,),
            "VBZ": third,
            "NNS": self._plurals.get(word, (_s_form(word),)),
            "VBD": irregular.get("VBD", (regular,)),
            "VBN": irregular.get("VBN", (regular,)),
            "VBG": (_ing_form(word),),
        }

    def forms(self, word: str) -> frozenset[str]:
        """Every form that stands for the word, in either spelling; an inflected word has only itself."""
        known = self._forms.get(word)
        if known is None:
            known = self._forms[word] = frozenset(
                form
                for variant in spelling_variants(word)
                for forms in self.paradigm(variant).values()
                for form in forms
            )
        return known

    def bases(self, form: str) -> list[tuple[str, str]]:
        """What a regular form may be a form of: (base, tag), such as pinnacle, NNS for "pinnacles"."""
        found = []
        for ending, tag in _ENDINGS:
            if not form.endswith(ending):
                continue
            stem = form.removesuffix(ending)
            for base in (stem, stem + "e", stem + "y", stem[:-1], stem + "ie"):
                if len(base) > 2 and form in self.paradigm(base).get(tag, ()) and (base, tag) not in found:
                    found.append((base, tag))
        return found

    def tag(self, word: str, form: str, after_auxiliary: bool = False) -> str:
        """Which form of the base `word` this is; past and participle are told apart by the auxiliary."""
        tags = {
            tag for variant in spelling_variants(word) for tag, forms in self.paradigm(variant).items() if form in forms
        }
        order: Iterable[str] = ("VB", "VBZ", "NNS", "VBG", "VBD", "VBN")
        if after_auxiliary and "VBN" in tags:
            return "VBN"
        return next((tag for tag in order if tag in tags), "VB")

    def inflect(self, word: str, tag: str) -> str:
        """The form of a base `word` with this tag; the word itself where there is none."""
        return self.paradigm(word).get(tag, (word,))[0]

    def is_irregular_verb(self, word: str) -> bool:
        """Whether the table lists the word as a verb."""
        return word in self._verbs
