"""Termbase: which forbidden terms a text uses, and which required ones it lacks beside its source."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from backspeak import resources
from backspeak.phrasebank.inflection import Inflector
from backspeak.phrasebank.rendering import article_clashes, with_article
from backspeak.phrasebank.tokens import Token, tokenise
from backspeak.references.stems import base_forms, holds_term, language_code, term_keys, text_keys
from backspeak.references.termbase_files import Concept, read_concepts

# What a term may hold and still be compared word by word: "C++" and "R&D" are compared as they stand.
_WORDS_ONLY = re.compile(r"[^\W_]+(?:(?:['’.\-\u2010\u2011]|\s+)[^\W_]+)*\.?")


@dataclass(frozen=True)
class TermUse:
    """A term of a concept at start..end of a text; `start == end` where a required term is missing.

    `suggestions` replace exactly these characters. `source_term` is what the source says.
    """

    concept: Concept
    term: str
    start: int
    end: int
    suggestions: tuple[str, ...]
    source_term: str | None


@dataclass(frozen=True)
class _Term:
    """An English term ready for matching: the forms of each word, or a pattern for the term as it stands."""

    concept: int
    text: str
    forbidden: bool
    words: tuple[str, ...]
    forms: tuple[frozenset[str], ...]
    literal: re.Pattern[str] | None


class Termbase:
    """The concepts of one file, indexed by a word of each term."""

    def __init__(self, concepts: Sequence[Concept], name: str, signature: str, inflector: Inflector) -> None:
        self.name = name
        self.signature = signature
        self._concepts = concepts
        self._inflector = inflector
        self._index: dict[str, list[_Term]] = defaultdict(list)
        for number, concept in enumerate(concepts):
            for text in concept.terms:
                self._file(self._term(number, text, forbidden=False))
            for text in concept.forbidden:
                self._file(self._term(number, text, forbidden=True))
        self._source_indexes: dict[str, dict[str, list[tuple[int, str]]]] = {}

    @classmethod
    def open(cls, path: Path) -> Termbase:
        """Read the termbase at `path`. Raises InputError for a malformed file."""
        concepts = read_concepts(path)
        return cls(concepts, path.name, resources.sha256(path)[:8], Inflector.load(resources.corpus_dir()))

    @cached_property
    def slugs(self) -> frozenset[str]:
        """The last parts of the rule ids of this termbase."""
        return frozenset(slug(term) for each in self._concepts for term in (*each.terms[:1], *each.forbidden))

    def forbidden(self, text: str, source: str | None = None, source_lang: str | None = None) -> list[TermUse]:
        """The forbidden terms of a text, in order.

        A concept with source terms forbids only where the source speaks of it: the same English word may
        be right for another meaning. Without a source, or without source terms, it forbids everywhere.
        """
        tokens = tokenise(text)
        found = list(self._find(text, tokens))
        allowed = [(start, end) for term, start, end in found if not term.forbidden]
        meant = None if source is None else dict(self._meant(source, language_code(source_lang)))
        uses = []
        for term, start, end in found:
            if not term.forbidden or _in_address(text, start, end):
                continue
            # "memory" may be forbidden while "translation memory" is the term.
            if any(low <= start and end <= high and high - low > end - start for low, high in allowed):
                continue
            concept = self._concepts[term.concept]
            source_term = None if meant is None else meant.get(term.concept)
            if meant is not None and source_term is None and self._speaks(concept, source_lang):
                continue
            uses.append(self._use(concept, term, text, start, end, source_term, tokens))
        return _without_nested(uses)

    def missing(self, text: str, source: str, source_lang: str | None = None) -> list[TermUse]:
        """The concepts that the source speaks of and the text has no term for, allowed or forbidden."""
        present = {term.concept for term, _, _ in self._find(text, tokenise(text))}
        return [
            TermUse(self._concepts[number], self._concepts[number].terms[0], len(text), len(text), (), source_term)
            for number, source_term in self._meant(source, language_code(source_lang))
            if number not in present and self._concepts[number].terms
        ]

    # English

    def _term(self, number: int, text: str, *, forbidden: bool) -> _Term:
        words = tuple(token.lower for token in tokenise(text))
        literal = None
        concept = self._concepts[number]
        as_it_stands = not _WORDS_ONLY.fullmatch(text) or (
            forbidden and any(_same_words(text, allowed) for allowed in concept.terms)
        )
        if as_it_stands:
            plural = "(?:s|es)?" if text[-1].isalpha() else ""
            literal = re.compile(rf"(?<![\w-]){re.escape(text)}{plural}(?![\w-])")
        forms = tuple(self._inflector.forms(word) if forbidden else self._any_form(word) for word in words)
        return _Term(number, text, forbidden, words, forms, literal)

    def _any_form(self, word: str) -> frozenset[str]:
        """All forms of a word that may itself be an inflected one: a term listed in the plural is used in
        the singular too. For forbidden terms that would be too much ("news" and "new")."""
        bases = base_forms(word, self._inflector)
        return self._inflector.forms(word).union(*(self._inflector.forms(base) for base in bases))

    def _file(self, term: _Term) -> None:
        if not term.words:
            self._index[""].append(term)
            return
        longest = max(range(len(term.words)), key=lambda at: len(term.words[at]))
        for form in term.forms[longest] | {term.words[longest]}:
            self._index[form].append(term)

    def _find(self, text: str, tokens: list[Token]) -> Iterator[tuple[_Term, int, int]]:
        """Every use of every English term as (term, start, end), each once."""
        candidates: dict[int, _Term] = {}
        for word in ("", *(word for token in tokens for word in (token.lower, token.stem))):
            for term in self._index.get(word, ()):
                candidates[id(term)] = term
        for term in candidates.values():
            if term.literal is not None:
                for found in term.literal.finditer(text):
                    yield term, *found.span()
                continue
            for at in range(len(tokens) - len(term.forms) + 1):
                window = tokens[at : at + len(term.forms)]
                if all(token.joined for token in window[1:]) and all(
                    token.lower in forms or token.stem in forms for token, forms in zip(window, term.forms, strict=True)
                ):
                    last = window[-1]
                    end = last.end if last.lower in term.forms[-1] else last.stem_end
                    yield term, window[0].start, end

    def _use(
        self,
        concept: Concept,
        term: _Term,
        text: str,
        start: int,
        end: int,
        source_term: str | None,
        tokens: list[Token],
    ) -> TermUse:
        inside = [token for token in tokens if start <= token.start < end]
        suggestions = [self._inflected(each, term, inside) for each in concept.terms]
        if text[start].isupper() and not term.text[0].isupper():
            suggestions = [each[0].upper() + each[1:] for each in suggestions]
        article = next((token for token in tokens if token.end == start - 1 and token.lower in ("a", "an")), None)
        if article is not None and any(article_clashes(article.lower, each) for each in suggestions):
            start = article.start
            suggestions = [with_article(each, article.text[0].isupper()) for each in suggestions]
        return TermUse(concept, term.text, start, end, tuple(dict.fromkeys(suggestions)), source_term)

    def _inflected(self, allowed: str, term: _Term, used: list[Token]) -> str:
        """An allowed term in the form in which the forbidden one was used: "data bases" -> "databases"."""
        if term.literal is not None or len(used) != len(term.words):
            return allowed
        for at in (len(used) - 1, 0):
            word, form = term.words[at], used[at].stem if used[at].lower not in term.forms[at] else used[at].lower
            if form == word:
                continue
            parts = allowed.split(" ")
            target = -1 if at else 0
            if len(used) == 1:
                target = -1
            if not parts[target].isalpha():
                return allowed
            tag = self._inflector.tag(word, form)
            # A noun and a verb have the same s-form; a regular plural may be an irregular one here.
            tag = "NNS" if tag == "VBZ" else tag
            parts[target] = self._inflector.inflect(parts[target], tag)
            return " ".join(parts)
        return allowed

    # Sources

    def _speaks(self, concept: Concept, source_lang: str | None) -> bool:
        """Whether the concept has a term in the language of the source."""
        code = language_code(source_lang)
        return any(language is None or not code or language_code(language) == code for language, _ in concept.sources)

    def _meant(self, source: str, code: str) -> list[tuple[int, str]]:
        """The concepts that a source speaks of, by number, with the term that says so."""
        index = self._source_indexes.get(code)
        if index is None:
            index = self._source_indexes[code] = defaultdict(list)
            for number, concept in enumerate(self._concepts):
                for language, term in concept.sources:
                    if language is None or not code or language_code(language) == code:
                        for key in term_keys(term, code):
                            index[key].append((number, term))
        found: dict[int, str] = {}
        for key in sorted(text_keys(source, code)):
            for number, term in index.get(key, ()):
                if number not in found and holds_term(source, term, code):
                    found[number] = term
        return sorted(found.items())


def slug(term: str) -> str:
    """A term as the last part of a rule id."""
    plain = unicodedata.normalize("NFKD", term.lower()).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-") or "term"


def _same_words(first: str, second: str) -> bool:
    return [token.lower for token in tokenise(first)] == [token.lower for token in tokenise(second)]


def _in_address(text: str, start: int, end: int) -> bool:
    return text[max(0, start - 1) : start] in ("/", "@", "#", ".", "_") or text[end : end + 1] in ("@", "/", "_")


def _without_nested(uses: list[TermUse]) -> list[TermUse]:
    """In reading order; of overlapping uses the longest."""
    kept: list[TermUse] = []
    for use in sorted(uses, key=lambda each: (each.start - each.end, each.start)):
        if not any(use.start < other.end and other.start < use.end for other in kept):
            kept.append(use)
    return sorted(kept, key=lambda each: each.start)
