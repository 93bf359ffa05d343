"""The phrase bank: what a translator writes and a native writer would not, with what they would write."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from backspeak import resources
from backspeak.errors import InputError
from backspeak.phrasebank.inflection import IRREGULAR_TABLE, Inflector
from backspeak.phrasebank.pattern import Pattern, PatternError, PatternMatch
from backspeak.phrasebank.rendering import article_clashes, render, with_article
from backspeak.phrasebank.tables import Entry, Rows, check_entries, table_paths
from backspeak.phrasebank.tokens import Token, tokenise

# Which entries each word form may begin, so that a start compiles no pattern; `phrasebank.manifest` writes it.
INDEX_FILE = "phrase_index.json"


@dataclass(frozen=True)
class Match:
    """An entry found at start..end of a text; the suggestions replace exactly these characters."""

    entry: Entry
    start: int
    end: int
    suggestions: tuple[str, ...]


class PhraseBank:
    """All entries, indexed by the rarest word of each; a pattern is compiled when a text first holds that word."""

    def __init__(
        self,
        entries: Sequence[Entry],
        inflector: Inflector,
        version: str,
        index: Mapping[str, Sequence[int]] | None = None,
    ) -> None:
        self.entries = entries
        self.version = version
        self._inflector = inflector
        self._patterns: dict[int, Pattern] = {}
        self._index = anchor_index(entries, inflector) if index is None else index

    @classmethod
    def load(cls, folder: Path | None = None, own: Sequence[Path] = ()) -> PhraseBank:
        """Read the shipped tables, or those of a folder, and a user's own ones after them.

        Tables that differ from the manifest, and own ones, are checked in full; InputError names the line.
        """
        folder = folder or resources.corpus_dir()
        paths = table_paths(folder)
        if not paths:
            raise InputError("no phrase tables (*.tsv) here", str(folder))
        inflector = Inflector.load(folder)
        version, known = _version(folder, [*paths, folder / IRREGULAR_TABLE, folder / INDEX_FILE], own)
        entries = Rows([*paths, *own])
        if not known:
            check_entries(entries, inflector)
            return cls(entries, inflector, version)
        index = json.loads((folder / INDEX_FILE).read_text(encoding="utf-8"))
        if own:
            shipped = len(Rows(paths))
            check_entries(entries, inflector, trusted=shipped)
            for form, numbers in anchor_index(entries[shipped:], inflector).items():
                index[form] = [*index.get(form, ()), *(shipped + number for number in numbers)]
        return cls(entries, inflector, version, index)

    def find(self, text: str) -> list[Match]:
        """The entries that occur in the text, in order; of overlapping ones the longest, then the surest."""
        tokens = tokenise(text)
        found: list[tuple[int, PatternMatch]] = []
        for position, token in enumerate(tokens):
            numbers = self._index.get(token.lower)
            if numbers is None and token.stem != token.lower:
                numbers = self._index.get(token.stem)
            for number in numbers or ():
                pattern = self._pattern(number)
                match = pattern.match_at(tokens, position)
                if match is not None and not _is_name(tokens, match, pattern, text):
                    found.append((number, match))
        found.sort(key=lambda pair: (pair[1].first - pair[1].last, -self.entries[pair[0]].confidence))
        taken: set[int] = set()
        kept = []
        for number, match in found:
            words = range(match.first, match.last)
            if taken.isdisjoint(words):
                taken.update(words)
                kept.append(self._match(number, match, tokens, text))
        return sorted(kept, key=lambda match: match.start)

    def finds_at(self, text: str, start: int, end: int) -> bool:
        """Whether an entry occurs in the text that shares a character with start..end."""
        return any(match.start < end and match.end > start for match in self.find(text))

    def lookup(self, phrase: str) -> list[Entry]:
        """The entries for a phrase: by its pattern, its rule id, or because it is matched as a whole."""
        exact = [
            entry for entry in self.entries if phrase in (entry.phrase, entry.slug, entry.rule, entry.shown_phrase)
        ]
        if exact:
            return exact
        stripped = phrase.strip()
        return [match.entry for match in self.find(stripped) if match.end - match.start == len(stripped)]

    def _pattern(self, number: int) -> Pattern:
        pattern = self._patterns.get(number)
        if pattern is None:
            pattern = self._patterns[number] = Pattern(self.entries[number].phrase, self._inflector)
        return pattern

    def _match(self, number: int, match: PatternMatch, tokens: list[Token], text: str) -> Match:
        entry, pattern = self.entries[number], self._pattern(number)
        start = tokens[match.first].start
        last = tokens[match.last - 1]
        item = next(item for item, span in zip(pattern.items, match.ranges, strict=True) if span[1] == match.last)
        end = last.end if item.kind != "word" or last.lower in item.forms else last.stem_end
        suggestions = [render(reference, pattern, match, tokens, self._inflector) for reference in entry.references]
        article = tokens[match.first - 1] if match.first and tokens[match.first].joined else None
        if (
            article is not None
            and article.lower in ("a", "an")
            and any(article_clashes(article.lower, suggestion) for suggestion in suggestions)
        ):
            start = article.start
            suggestions = [with_article(suggestion, article.text[0].isupper()) for suggestion in suggestions]
        return Match(entry, start, end, tuple(dict.fromkeys(suggestions)))


def _is_name(tokens: list[Token], match: PatternMatch, pattern: Pattern, text: str) -> bool:
    """Whether capitals in mid-sentence say that the words are a name or a title, not running text."""
    if any(item.capital for item in pattern.items):
        return False
    words = [token for token in tokens[match.first : match.last] if len(token.text) > 3]
    if not words or not all(token.text[0].isupper() for token in words):
        return False
    if any(token.text[0].islower() for token in tokens[match.first : match.last]) and len(words) == 1:
        return False
    opening = not any(character.isalnum() for character in text[: tokens[match.first].start])
    return not (opening and len(words) == 1)


def anchor_index(entries: Sequence[Entry], inflector: Inflector) -> dict[str, list[int]]:
    """The numbers of the entries that each word form anchors; InputError for a phrase that is no pattern."""
    index: dict[str, list[int]] = defaultdict(list)
    for number, entry in enumerate(entries):
        try:
            pattern = Pattern(entry.phrase, inflector)
        except PatternError as error:
            raise InputError(f"the phrase {entry.phrase!r}: {error}", entry.path, entry.line) from error
        for form in sorted(pattern.anchors):
            index[form].append(number)
    return dict(index)


def _version(folder: Path, paths: Sequence[Path], own: Sequence[Path]) -> tuple[str, bool]:
    """The bank's version for signatures, and whether its files are the ones the manifest knows."""
    digests = {path.name: resources.sha256(path) for path in paths if path.exists()}
    version, known = "", False
    if (folder / "manifest.json").exists():
        manifest = resources.manifest(folder)
        recorded = {**manifest.get("tables", {}), **manifest.get("files", {})}
        if all(recorded.get(path.name, {}).get("sha256") == digests.get(path.name) for path in paths):
            version, known = str(manifest["version"]), True
    if known and not own:
        return version, True
    joint = hashlib.sha256("".join(digests[name] for name in sorted(digests)).encode())
    for path in own:
        joint.update(path.read_bytes() if path.is_file() else b"")
    return f"{version}+local-{joint.hexdigest()[:8]}".lstrip("+"), known
