"""Prepared models appear whole or not at all, and damage to them is found."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from backspeak.engines import prepared
from backspeak.errors import ModelError


@pytest.fixture
def cache(tmp_path, monkeypatch) -> Path:
    monkeypatch.setenv("BACKSPEAK_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def _fill(folder: Path) -> dict[str, str]:
    (folder / "model.bin").write_bytes(b"weights of a kind")
    (folder / "vocabulary.txt").write_text("tea\ncup\n", encoding="utf-8")
    return {"name": "teapot"}


def _leftovers(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_built_model_has_its_files_and_its_facts(cache):
    target = prepared.place("bundled", "teapot", "1")
    prepared.build(target, "teapot", _fill)
    assert (target / "model.bin").read_bytes() == b"weights of a kind"
    assert prepared.facts(target)["name"] == "teapot"
    assert sorted(prepared.facts(target)["files"]) == ["model.bin", "vocabulary.txt"]
    assert prepared.damage(target) is None
    assert _leftovers(target.parent) == [target.name]


def test_a_build_that_fails_leaves_nothing(cache):
    target = prepared.place("bundled", "teapot", "1")

    def fail(folder: Path) -> dict[str, str]:
        _fill(folder)
        assert not target.exists()
        raise RuntimeError("out of tea")

    with pytest.raises(RuntimeError, match="out of tea"):
        prepared.build(target, "teapot", fail)
    assert _leftovers(target.parent) == []


def test_a_build_that_fails_leaves_the_model_that_was_there(cache):
    target = prepared.place("bundled", "teapot", "1")
    prepared.build(target, "teapot", _fill)

    def fail(folder: Path) -> dict[str, str]:
        raise KeyError("lid")

    with pytest.raises(KeyError):
        prepared.build(target, "teapot", fail)
    assert prepared.damage(target) is None
    assert _leftovers(target.parent) == [target.name]


def test_a_full_disk_is_a_model_error_that_says_where(cache):
    target = prepared.place("bundled", "teapot", "1")

    def fail(folder: Path) -> dict[str, str]:
        raise OSError(28, "No space left on device")

    with pytest.raises(ModelError, match=r"teapot could not be prepared in .*bundled: .*No space left"):
        prepared.build(target, "teapot", fail)
    assert _leftovers(target.parent) == []


def test_a_damaged_model_is_replaced_as_a_whole(cache):
    target = prepared.place("bundled", "teapot", "1")
    prepared.build(target, "teapot", _fill)
    (target / "model.bin").write_bytes(b"weights of a kinD")
    (target / "stray").touch()
    prepared.build(target, "teapot", _fill)
    assert prepared.damage(target) is None
    assert _leftovers(target) == ["manifest.json", "model.bin", "vocabulary.txt"]
    assert _leftovers(target.parent) == [target.name]


def test_the_model_of_a_faster_process_serves_as_well(cache):
    target = prepared.place("bundled", "teapot", "1")

    def slow(folder: Path) -> dict[str, str]:
        prepared.build(target, "teapot", _fill)
        return _fill(folder)

    prepared.build(target, "teapot", slow)
    assert prepared.damage(target) is None
    assert _leftovers(target.parent) == [target.name]


def test_a_faster_process_that_left_damage_is_no_help(cache, monkeypatch):
    target = prepared.place("bundled", "teapot", "1")
    rename = os.replace

    def interrupted(source, destination) -> None:
        if Path(destination) == target and Path(source).name == "model":
            target.mkdir()
            (target / "manifest.json").write_text("{", encoding="utf-8")
        rename(source, destination)

    monkeypatch.setattr(os, "replace", interrupted)
    with pytest.raises(ModelError, match="teapot could not be prepared"):
        prepared.build(target, "teapot", _fill)


@pytest.mark.parametrize("name", ["model.bin", "vocabulary.txt"])
def test_a_changed_file_is_damage(cache, name):
    target = prepared.place("bundled", "teapot", "1")
    prepared.build(target, "teapot", _fill)
    content = bytearray((target / name).read_bytes())
    content[-2] ^= 1
    (target / name).write_bytes(content)
    assert prepared.damage(target) == f"{name} has changed"


def test_a_missing_file_is_damage(cache):
    target = prepared.place("bundled", "teapot", "1")
    prepared.build(target, "teapot", _fill)
    (target / "vocabulary.txt").unlink()
    assert prepared.damage(target) == "vocabulary.txt is missing"
    (target / "manifest.json").unlink()
    assert prepared.damage(target) == "manifest.json is missing"


@pytest.mark.parametrize(
    "manifest", [b"", b"{", b"[]", b"7", b"{}", b'{"files": null}', b"\xff\xfe", b'{"files": {"a": 1']
)
def test_an_unreadable_manifest_is_damage(cache, manifest):
    target = prepared.place("bundled", "teapot", "1")
    prepared.build(target, "teapot", _fill)
    (target / "manifest.json").write_bytes(manifest)
    assert prepared.damage(target) == "manifest.json cannot be read"


def test_a_manifest_that_vouches_for_no_weights_is_damage(cache):
    target = prepared.place("bundled", "teapot", "1")
    prepared.build(target, "teapot", _fill)
    (target / "manifest.json").write_text('{"files": {}}', encoding="utf-8")
    assert prepared.damage(target) == "manifest.json names no model.bin"


def test_a_cache_that_cannot_be_written_is_an_error_with_the_mend(tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    monkeypatch.setenv("BACKSPEAK_CACHE", str(tmp_path / "file"))
    with pytest.raises(ModelError, match=r"file.* cannot be written \(.+\); set BACKSPEAK_CACHE to another folder"):
        prepared.build(prepared.place("bundled", "teapot", "1"), "teapot", _fill)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write everywhere")
def test_a_read_only_cache_is_an_error_with_the_mend(cache):
    cache.mkdir()
    cache.chmod(0o555)
    with pytest.raises(ModelError, match="set BACKSPEAK_CACHE"):
        prepared.build(prepared.place("bundled", "teapot", "1"), "teapot", _fill)


def test_every_ingredient_has_a_part_in_the_place(cache):
    places = [
        prepared.place("bundled", "teapot", *ingredients)
        for ingredients in (("a", "b"), ("a", "c"), ("x", "b"), ("b", "a"), ("a",), ("a", "b", "c"))
    ]
    places += [prepared.place("marian", "teapot", "a", "b"), prepared.place("bundled", "kettle", "a", "b")]
    assert len(set(places)) == len(places)
    assert prepared.place("bundled", "teapot", "a", "b") == places[0]
    assert all(cache in place.parents for place in places)


def test_a_name_with_slashes_makes_one_folder(cache):
    place = prepared.place("marian", "Tea/Pots: en-es", "a")
    assert place.parent == cache / "marian"
    assert place.name.startswith("Tea--Pots--en-es-")


def test_the_manifest_is_json_that_a_person_can_read(cache):
    target = prepared.place("bundled", "teapot", "1")
    prepared.build(target, "teapot", _fill)
    text = (target / "manifest.json").read_text(encoding="utf-8")
    assert json.loads(text) == prepared.facts(target)
    assert text.count("\n") > 3
