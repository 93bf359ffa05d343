"""The store of a run: which segments are finished, and with what result.

    DIR/run.sqlite   while the run is unfinished; SQLite in WAL mode, one transaction a task

A transaction is there as a whole or not at all, after `kill -9` and power loss too. The database
stays locked as long as its run lives, so that a second process on the folder notices; the lock ends
with the process. A finished run leaves no store behind.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import astuple, dataclass
from pathlib import Path

from backspeak.errors import OutputError
from backspeak.scoring import Counts

NAME = "run.sqlite"
_FORMAT = "2"

_TABLES = """
CREATE TABLE IF NOT EXISTS facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS results (
    position INTEGER PRIMARY KEY,
    round_trip INTEGER NOT NULL,
    status TEXT NOT NULL,
    doubt REAL,
    counts TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS lines (position INTEGER PRIMARY KEY, line BLOB NOT NULL);
"""  # the lines apart: what is asked often stays small
_DROPPED = "DROP TABLE IF EXISTS lines; DROP TABLE IF EXISTS results; DROP TABLE IF EXISTS facts;"


@dataclass(frozen=True)
class Result:
    """One finished segment: its place in the input, its line of segments.jsonl and what that counts.

    `doubt` is None where no verdict can be in doubt, since there is none.
    """

    position: int
    line: bytes
    counts: Counts
    doubt: float | None = None
    round_trip: bool = False


class RunStore:
    """Results by position, for one folder and one fingerprint."""

    def __init__(self, folder: Path, fingerprint: Mapping[str, str], *, fresh: bool = False) -> None:
        """Open or create the store.

        `fingerprint` names everything that decides the results. Raises OutputError when another
        process has the folder, when the folder holds an unfinished run with another fingerprint
        (unless `fresh`, which drops it), and when the store cannot be read or written.
        """
        self.path = folder / NAME
        self._made_folder = not folder.exists()
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise OutputError(
                f"{folder}: cannot be made ({error.strerror}); choose another folder with --out"
            ) from error
        try:
            self._open()
            self._claim(fingerprint, fresh=fresh)
        except sqlite3.Error as error:
            raise self._error(error) from error

    def _open(self) -> None:
        while True:
            self._rows = sqlite3.connect(self.path, timeout=0.2, isolation_level=None)
            # Locked from the first statement on until the connection ends, without shared memory.
            self._rows.execute("PRAGMA locking_mode = EXCLUSIVE")
            self._rows.execute("PRAGMA journal_mode = WAL")
            self._rows.execute("PRAGMA synchronous = FULL")
            self._rows.execute("BEGIN IMMEDIATE")
            self._rows.execute("COMMIT")
            if self.path.exists():
                return
            self._rows.close()  # the run that held the lock has finished and taken its store away

    def _claim(self, fingerprint: Mapping[str, str], *, fresh: bool) -> None:
        self._rows.executescript((_DROPPED if fresh else "") + _TABLES)
        ours = {"format": _FORMAT, **fingerprint}
        kept = self._fact("fingerprint")
        theirs = ours if kept is None else json.loads(kept)
        if theirs != ours and self.count() > 0:
            changed = ", ".join(sorted(name for name in {*ours, *theirs} if ours.get(name) != theirs.get(name)))
            self._rows.close()
            raise OutputError(
                f"{self.path.parent} holds an unfinished run with other settings or input (changed: {changed}); "
                "go on with it by its own command, start anew with --fresh, or choose another folder with --out"
            )
        self._set_fact("fingerprint", json.dumps(ours))

    def _fact(self, name: str) -> str | None:
        found = self._rows.execute("SELECT value FROM facts WHERE name = ?", (name,)).fetchone()
        return None if found is None else str(found[0])

    def _set_fact(self, name: str, value: str) -> None:
        self._rows.execute("INSERT OR REPLACE INTO facts VALUES (?, ?)", (name, value))

    def commit(self, results: Iterable[Result], seconds: float = 0.0) -> None:
        """Keep the results, all of them or, with OutputError, none; `seconds` is the run's age so far."""
        results = list(results)
        rows = [
            (each.position, each.round_trip, each.counts.status, each.doubt, json.dumps(astuple(each.counts)))
            for each in results
        ]
        try:
            self._rows.execute("BEGIN IMMEDIATE")
            try:
                # The doubt of the first verdict stays: by it the segments for the round trip were chosen.
                self._rows.executemany(
                    "INSERT INTO results VALUES (?, ?, ?, ?, ?) ON CONFLICT (position) DO UPDATE SET"
                    " round_trip = excluded.round_trip, status = excluded.status, counts = excluded.counts",
                    rows,
                )
                self._rows.executemany(
                    "INSERT OR REPLACE INTO lines VALUES (?, ?)", [(each.position, each.line) for each in results]
                )
                self._set_fact("seconds", repr(seconds))
                self._rows.execute("COMMIT")
            except BaseException:
                if self._rows.in_transaction:
                    self._rows.execute("ROLLBACK")
                raise
        except sqlite3.Error as error:
            raise self._error(error) from error

    @property
    def seconds(self) -> float:
        """How long the run had worked at its last commit, over all its processes."""
        return float(self._fact("seconds") or 0.0)

    def finished(self, first: int, last: int) -> set[int]:
        """Positions from `first` to `last` that have a result."""
        rows = self._rows.execute("SELECT position FROM results WHERE position BETWEEN ? AND ?", (first, last))
        return {position for (position,) in rows}

    def count(self, *, round_trip: bool | None = None, status: str | None = None) -> int:
        """Number of results, of those that went through a pivot or did not, of one status."""
        where, values = ["1"], []
        for column, value in (("round_trip", round_trip), ("status", status)):
            if value is not None:
                where.append(f"{column} = ?")
                values.append(value)
        return int(
            self._rows.execute(f"SELECT COUNT(*) FROM results WHERE {' AND '.join(where)}", values).fetchone()[0]
        )

    def most_doubtful(self, limit: int | None) -> Iterator[tuple[int, bytes, bool]]:
        """(position, line, whether it went through a pivot) of judged segments, the most doubtful first.

        The store may be written to between two of them.
        """
        self._rows.execute("CREATE INDEX IF NOT EXISTS by_doubt ON results (doubt, position)")
        doubt, position, left = -1.0, -1, limit
        while left is None or left > 0:
            rows = self._rows.execute(
                "SELECT doubt, position, line, round_trip FROM results JOIN lines USING (position)"
                " WHERE (doubt, position) > (?, ?) ORDER BY doubt, position LIMIT ?",
                (doubt, position, 256 if left is None else min(left, 256)),
            ).fetchall()
            if not rows:
                return
            left = None if left is None else left - len(rows)
            doubt, position = rows[-1][:2]
            for _, at, line, round_trip in rows:
                yield at, line, bool(round_trip)

    def lines(self) -> Iterator[bytes]:
        """The lines of all results in the order of the input."""
        for (line,) in self._rows.execute("SELECT line FROM lines ORDER BY position"):
            yield line

    def counts(self) -> Iterator[Counts]:
        """What the results count, in the order of the input."""
        for (row,) in self._rows.execute("SELECT counts FROM results ORDER BY position"):
            document, status, score, words, severities, categories, suppressed, statistics = json.loads(row)
            yield Counts(
                document,
                status,
                score,
                words,
                tuple(severities),
                tuple(categories),
                tuple(suppressed),
                tuple(map(tuple, statistics)),
            )

    def close(self) -> None:
        """Let go of the folder; the results stay, and a store without any goes."""
        try:
            if self.count() == 0:
                self.remove()
                if self._made_folder:
                    self.path.parent.rmdir()
        except (sqlite3.Error, OSError):
            pass  # closed already, or there is something else in the folder
        self._rows.close()

    def remove(self) -> None:
        """Delete the store: its run is finished."""
        self._rows.execute("PRAGMA journal_mode = DELETE")  # a log left behind would be read into the next store
        # Unlinked while locked: who waits for the lock must not begin on a store that is about to go.
        self.path.unlink(missing_ok=True)
        self._rows.close()

    def _error(self, error: sqlite3.Error) -> OutputError:
        folder, text = self.path.parent, str(error)
        if "locked" in text:
            return OutputError(f"{folder} is in use by another run; wait for it, or choose another folder with --out")
        if "not a database" in text or "malformed" in text:
            return OutputError(f"{self.path} is damaged ({text}); delete it to start anew")
        return OutputError(
            f"{self.path}: could not be written ({text}); finished segments are kept: free some space, or see to the "
            "folder, and the same command goes on"
        )
