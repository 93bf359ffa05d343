"""Findings and verdicts kept from run to run: a second run with other thresholds computes nothing.

One SQLite file in the cache folder. An entry is found by the signature of everything that made it
and by its text, so a changed model, phrase table or version finds nothing and makes new ones. When
the file has outgrown its limit, the entries that were longest unused go. The cache is a convenience:
when it cannot be used, the run goes on without.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from backspeak.data import Segment

NAME = "evidence.sqlite"
LIMIT = 2 << 30  # bytes
_AFTER_PRUNING = 0.8
_ASKED_AT_ONCE = 500  # SQLite takes at most 999 parameters in old builds


def key(signature: str, segment: Segment) -> bytes:
    """What the findings of a segment depend on, as 16 bytes: the signature, its text and its source."""
    parts = [signature, segment.text, segment.source, segment.source_lang]
    return hashlib.blake2b(json.dumps(parts).encode("ascii"), digest_size=16).digest()


class EvidenceCache:
    """Bytes by key, in `folder`; `notice` is told once when the cache cannot be used."""

    def __init__(self, folder: Path, notice: Callable[[str], None], limit: int = LIMIT) -> None:
        self._path = folder / NAME
        self._notice = notice
        self._limit = limit
        self._rows: sqlite3.Connection | None = None
        self._day = int(time.time()) // 86_400
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._rows = self._opened()
        except (OSError, sqlite3.Error) as error:
            self._give_up(error)

    def _opened(self) -> sqlite3.Connection:
        rows = sqlite3.connect(self._path, timeout=10, isolation_level=None)
        rows.execute("PRAGMA auto_vacuum = INCREMENTAL")
        rows.execute("PRAGMA journal_mode = WAL")
        # A lost entry is computed again.
        rows.execute("PRAGMA synchronous = OFF")
        rows.execute(
            "CREATE TABLE IF NOT EXISTS entries (key BLOB PRIMARY KEY, value BLOB NOT NULL, used INTEGER NOT NULL)"
        )
        return rows

    def get(self, keys: Sequence[bytes]) -> dict[bytes, bytes]:
        """The values that are known, by key."""
        found: dict[bytes, bytes] = {}
        if self._rows is None:
            return found
        try:
            for start in range(0, len(keys), _ASKED_AT_ONCE):
                some = list(keys[start : start + _ASKED_AT_ONCE])
                places = ",".join("?" * len(some))
                found.update(self._rows.execute(f"SELECT key, value FROM entries WHERE key IN ({places})", some))
                self._rows.execute(
                    f"UPDATE entries SET used = ? WHERE used < ? AND key IN ({places})", [self._day, self._day, *some]
                )
        except sqlite3.Error as error:
            self._give_up(error)
        return found

    def put(self, entries: Mapping[bytes, bytes] | Iterable[tuple[bytes, bytes]]) -> None:
        """Keep the entries."""
        if self._rows is None:
            return
        rows = [(each, value, self._day) for each, value in dict(entries).items()]
        try:
            self._rows.execute("BEGIN IMMEDIATE")
            try:
                self._rows.executemany("INSERT OR REPLACE INTO entries VALUES (?, ?, ?)", rows)
                self._rows.execute("COMMIT")
            except BaseException:
                if self._rows.in_transaction:
                    self._rows.execute("ROLLBACK")
                raise
        except sqlite3.Error as error:
            self._give_up(error)

    def close(self) -> None:
        """Prune and let go."""
        if self._rows is None:
            return
        try:
            self._prune(self._rows)
            self._rows.close()
        except sqlite3.Error as error:
            self._give_up(error)
        self._rows = None

    def _prune(self, rows: sqlite3.Connection) -> None:
        def pragma(name: str) -> int:
            return int(rows.execute(f"PRAGMA {name}").fetchone()[0])

        used = (pragma("page_count") - pragma("freelist_count")) * pragma("page_size")
        if used <= self._limit:
            return
        total = rows.execute("SELECT COUNT(*) FROM entries").fetchone()[0]
        going = int(total * (1 - _AFTER_PRUNING * self._limit / used)) + 1
        rows.execute(
            "DELETE FROM entries WHERE key IN (SELECT key FROM entries ORDER BY used, rowid LIMIT ?)", (going,)
        )
        rows.execute("PRAGMA incremental_vacuum").fetchall()

    def _give_up(self, error: Exception) -> None:
        self._rows = None
        self._notice(f"{self._path} cannot be used ({error}); going on without a cache (delete it if it is damaged)")
