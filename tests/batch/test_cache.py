"""What was kept is found by its signature and text; a cache that cannot be used is told once and done without."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from backspeak.batch import cache as cache_module
from backspeak.batch.cache import NAME, EvidenceCache, key
from backspeak.data import Segment


@pytest.fixture
def said() -> list[str]:
    return []


def test_entries_are_found_again(tmp_path: Path, said: list[str]) -> None:
    first = EvidenceCache(tmp_path, said.append)
    first.put([(b"%d" % at, b"value %d" % at) for at in range(1200)])
    first.put({b"3": b"new"})
    first.close()
    again = EvidenceCache(tmp_path, said.append)
    found = again.get([b"%d" % at for at in range(0, 2400, 2)] + [b"3"])
    assert found == {b"%d" % at: b"value %d" % at for at in range(0, 1200, 2)} | {b"3": b"new"}
    assert said == []


def test_the_key_names_signature_text_and_source() -> None:
    segments = [
        ("s", Segment("d", "1", "Yes.")),
        ("t", Segment("d", "1", "Yes.")),
        ("s", Segment("d", "1", "Yes")),
        ("s", Segment("d", "1", "Yes.", source="Sí.")),
        ("s", Segment("d", "1", "Yes.", source="Sí.", source_lang="es")),
    ]
    assert len({key(signature, segment) for signature, segment in segments}) == 5
    assert key("s", Segment("d", "1", "Yes.")) == key("s", Segment("e", "2", "Yes.", location="line 4"))
    key("s", Segment("d", "1", "half a character \ud800"))


def test_a_cache_that_has_outgrown_its_limit_loses_what_was_longest_unused(
    tmp_path: Path, said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    limit = 400_000
    monkeypatch.setattr(cache_module.time, "time", lambda: 1 * 86_400.0)
    old = EvidenceCache(tmp_path, said.append, limit)
    old.put([(b"old %d" % at, bytes(1000)) for at in range(300)])
    old.close()
    old_left = EvidenceCache(tmp_path, said.append, limit).get([b"old %d" % at for at in range(300)])
    assert len(old_left) == 300
    monkeypatch.setattr(cache_module.time, "time", lambda: 2 * 86_400.0)
    new = EvidenceCache(tmp_path, said.append, limit)
    new.get(list(old_left)[:50])
    new.put([(b"new %d" % at, bytes(1000)) for at in range(150)])
    new.close()
    last = EvidenceCache(tmp_path, said.append, limit)
    assert len(last.get([b"new %d" % at for at in range(150)])) == 150
    assert set(list(old_left)[:50]) <= last.get(list(old_left)).keys()
    assert len(last.get(list(old_left))) < 200
    assert (tmp_path / NAME).stat().st_size <= limit
    assert said == []


def test_a_damaged_cache_is_told_once(tmp_path: Path, said: list[str]) -> None:
    (tmp_path / NAME).write_bytes(b"no database at all" * 100)
    cache = EvidenceCache(tmp_path, said.append)
    cache.put({b"a": b"b"})
    assert cache.get([b"a"]) == {}
    cache.close()
    (message,) = said
    assert NAME in message
    assert "going on without a cache" in message


def test_a_folder_that_cannot_be_made(tmp_path: Path, said: list[str]) -> None:
    (tmp_path / "file").write_text("")
    cache = EvidenceCache(tmp_path / "file" / "cache", said.append)
    assert cache.get([b"a"]) == {}
    assert len(said) == 1


def test_a_cache_that_fails_in_use_is_given_up(tmp_path: Path, said: list[str]) -> None:
    cache = EvidenceCache(tmp_path, said.append)
    other = sqlite3.connect(tmp_path / NAME)
    other.execute("DROP TABLE entries")
    other.commit()
    assert cache.get([b"a"]) == {}
    cache.put({b"a": b"b"})
    assert len(said) == 1
