"""Translation memory: for a text, the approved English sentence that is nearest to it.

A memory is read once into an SQLite database in the cache, named by the content of the file, so a
memory of gigabytes costs no more working memory than a small one and runs side by side share it.

A sentence of n words that is at least t alike (1 - word edits / longer length) misses at most
n(1-t)/t of them, so one more of the rarest words than that must be in the match: only those words are
looked up, and nothing above the threshold is overlooked.
"""

from __future__ import annotations

import os
import re
import sqlite3
import tempfile
import unicodedata
from collections.abc import Callable, Iterable
from functools import lru_cache
from hashlib import blake2b
from pathlib import Path

from rapidfuzz.distance import Levenshtein

from backspeak import resources
from backspeak.data import MemoryMatch
from backspeak.errors import InputError, unopened
from backspeak.references.memory_files import TranslationUnit, read_units

# The similarity from which a match is shown; memory tools commonly begin at 70 to 75%.
MIN_SIMILARITY = 0.7
# How much nearer in similarity another sentence must be than the approved translation of the same source.
SAME_SOURCE_LEAD = 0.1
# Longer texts are not sentences; the memory holds none like them.
_MAX_WORDS = 400
# Units compared with one text. Only sentences made of nothing but very common words come near it.
_MAX_CANDIDATES = 3000
# Part of the name of a database: raise it when the tables or the words change.
_FORMAT = 1

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_INSERT = "INSERT INTO units VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
_COMPARED = "u.position, u.folded, u.text_key, u.source_key"


class TranslationMemory:
    """The units of one file, ready for fuzzy matching."""

    def __init__(self, path: Path, database: Path, digest: str) -> None:
        self.name = path.name
        self.signature = digest[:8]
        # Nothing writes to it, so that threads may share the connection.
        self._database = sqlite3.connect(f"{database.as_uri()}?mode=ro", uri=True, check_same_thread=False)
        self._frequency = lru_cache(maxsize=200_000)(self._count_units)

    @classmethod
    def open(cls, path: Path, progress: Callable[[int, int, str], None] | None = None) -> TranslationMemory:
        """Open the memory at `path`, reading it in at first use. Raises InputError for a malformed file.

        `progress` gets (bytes done, bytes in all, what is being done).
        """
        try:
            size = path.stat().st_size
            digest = resources.sha256(path)
        except OSError as error:
            raise unopened(path, error) from error
        # The extension decides how the content is read, so it belongs to the name.
        name = f"{digest[:32]}-{path.suffix.lower().strip('.')}-{_FORMAT}.sqlite"
        database = resources.cache_dir() / "memory" / name
        if not _is_complete(database):
            done = 0

            def count(read: int) -> None:
                nonlocal done
                done += read
                if progress is not None:
                    progress(min(done, size), size, f"reading {path.name}")

            _build(database, read_units(path, count), path)
        return cls(path, database, digest)

    def best_match(self, text: str, source: str | None = None) -> MemoryMatch | None:
        """The nearest approved sentence at MIN_SIMILARITY or above, or the approved translation of the very
        same source however near; None without either."""
        words = _words(text)
        if not words or len(words) > _MAX_WORDS:
            return None
        text_key, source_key = _key(text), None if source is None else _key(source)
        best = None
        for position, folded, its_text_key, its_source_key in self._candidates(words, text_key, source_key):
            same_source = source_key is not None and its_source_key == source_key
            similarity = Levenshtein.normalized_similarity(words, folded.split(" "), score_cutoff=MIN_SIMILARITY)
            if not similarity and not same_source:
                continue
            exact = its_text_key == text_key
            # Sentences that differ in case or punctuation only are not quite the same.
            similarity = 1.0 if exact else min(similarity, 0.99)
            rank = (exact, similarity + SAME_SOURCE_LEAD * same_source, -position)
            if best is None or rank > best[0]:
                best = rank, similarity, same_source
        if best is None:
            return None
        (*_, position), similarity, same_source = best
        approved, its_source, unit_id = self._database.execute(
            "SELECT text, source, unit_id FROM units WHERE position = ?", (-position,)
        ).fetchone()
        return MemoryMatch(approved, round(similarity, 4), its_source, same_source, self.name, unit_id)

    def _candidates(self, words: list[str], text_key: int, source_key: int | None) -> Iterable[tuple]:
        execute = self._database.execute
        yield from execute(f"SELECT {_COMPARED} FROM units u WHERE text_key = ? LIMIT 50", (text_key,))
        if source_key is not None:
            yield from execute(f"SELECT {_COMPARED} FROM units u WHERE source_key = ? LIMIT 50", (source_key,))
        distinct = sorted({_indexed(word) for word in words}, key=lambda word: (self._frequency(word), word))
        needed = int(len(words) * (1 - MIN_SIMILARITY) / MIN_SIMILARITY + 1e-9) + 1
        known = [word for word in distinct[:needed] if self._frequency(word)]
        if known:
            yield from execute(
                f"SELECT {_COMPARED} FROM index_of_words w JOIN units u ON u.position = w.rowid "
                "WHERE index_of_words MATCH ? AND u.words BETWEEN ? AND ? LIMIT ?",
                (
                    " OR ".join(f'"{word}"' for word in known),
                    int(len(words) * MIN_SIMILARITY),
                    int(len(words) / MIN_SIMILARITY) + 1,
                    _MAX_CANDIDATES,
                ),
            )

    def _count_units(self, word: str) -> int:
        found = self._database.execute("SELECT doc FROM vocabulary WHERE term = ?", (word,)).fetchone()
        return found[0] if found else 0


def _build(database: Path, units: Iterable[TranslationUnit], path: Path) -> None:
    """Write the database as a whole: a run that is stopped, or two at once, leave nothing half done."""
    database.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=database.parent, suffix=".part")
    os.close(handle)
    part = Path(name)
    try:
        connection = sqlite3.connect(part)
        with connection:
            connection.executescript(
                """
                PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;
                CREATE TABLE units (text TEXT, folded TEXT, source TEXT, source_lang TEXT, unit_id TEXT, words INTEGER,
                                    text_key INTEGER, source_key INTEGER, position INTEGER PRIMARY KEY);
                CREATE VIRTUAL TABLE index_of_words
                    USING fts5(words, content = '', detail = none, tokenize = "unicode61 remove_diacritics 0");
                CREATE VIRTUAL TABLE vocabulary USING fts5vocab(index_of_words, row);
                """
            )
            for position, unit in enumerate(units, start=1):
                words = _words(unit.text)
                if not words or len(words) > _MAX_WORDS:
                    continue
                source_key = None if unit.source is None else _key(unit.source)
                connection.execute(
                    _INSERT,
                    (
                        unit.text,
                        " ".join(words),
                        unit.source,
                        unit.source_lang,
                        unit.id,
                        len(words),
                        _key(unit.text),
                        source_key,
                        position,
                    ),
                )
                connection.execute(
                    "INSERT INTO index_of_words (rowid, words) VALUES (?, ?)",
                    (position, " ".join(map(_indexed, words))),
                )
            connection.execute("CREATE INDEX by_text ON units (text_key)")
            connection.execute("CREATE INDEX by_source ON units (source_key)")
            connection.execute("PRAGMA user_version = 1")
        connection.close()
        os.replace(part, database)
    except sqlite3.Error as error:
        raise InputError(f"could not be read into {database.parent} ({error}); free some space", str(path)) from error
    finally:
        part.unlink(missing_ok=True)


def _is_complete(database: Path) -> bool:
    if not database.is_file():
        return False
    try:
        connection = sqlite3.connect(f"{database.as_uri()}?mode=ro", uri=True)
        try:
            return connection.execute("PRAGMA user_version").fetchone() == (1,)
        finally:
            connection.close()
    except sqlite3.Error:
        return False


def _words(text: str) -> list[str]:
    """The words as they are compared: without case and punctuation."""
    return [word.replace("’", "'") for word in _WORD.findall(unicodedata.normalize("NFC", text).casefold())]


def _indexed(word: str) -> str:
    return word.replace("'", "")


def _normalised(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).split())


def _key(text: str) -> int:
    """A number by which equal texts are found again; signed, as SQLite has them."""
    return int.from_bytes(
        blake2b(_normalised(text).encode("utf-8", "surrogatepass"), digest_size=8).digest(), signed=True
    )
