"""The manifest vouches for the shipped tables, so it has to be theirs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from backspeak import resources
from backspeak.errors import InputError
from backspeak.phrasebank import manifest


def copy_corpus(folder: Path) -> Path:
    for path in resources.corpus_dir().iterdir():
        (folder / path.name).write_bytes(path.read_bytes())
    return folder


def test_the_shipped_manifest_matches_the_shipped_tables() -> None:
    shipped = resources.manifest(resources.corpus_dir())
    assert shipped == manifest.build(resources.corpus_dir(), shipped["version"]), (
        "a table was edited: run python -m backspeak.phrasebank.manifest"
    )
    assert shipped["licence"] == "Apache-2.0"
    assert shipped["entries"] == sum(table["entries"] for table in shipped["tables"].values())


def test_refresh_rewrites_the_hash_of_an_edited_table(tmp_path: Path) -> None:
    copy_corpus(tmp_path)
    table = tmp_path / "names.tsv"
    lines = table.read_text(encoding="utf-8").splitlines()
    table.write_text("\n".join(lines[:-1]) + "\n", encoding="utf-8")
    before = json.loads((tmp_path / "manifest.json").read_text())
    after = manifest.refresh(tmp_path)
    assert after == json.loads((tmp_path / "manifest.json").read_text())
    assert after["tables"]["names.tsv"]["entries"] == before["tables"]["names.tsv"]["entries"] - 1
    changed = {name for name in after["tables"] if after["tables"][name] != before["tables"][name]}
    assert changed == {"names.tsv"}


def test_a_faulty_table_is_not_vouched_for(tmp_path: Path) -> None:
    copy_corpus(tmp_path)
    table = tmp_path / "names.tsv"
    table.write_text(table.read_text(encoding="utf-8").replace("\tspelling\t", "\tspeling\t", 1), encoding="utf-8")
    before = (tmp_path / "manifest.json").read_bytes()
    with pytest.raises(InputError, match=r"names\.tsv:\d+: unknown category 'speling'"):
        manifest.refresh(tmp_path)
    assert (tmp_path / "manifest.json").read_bytes() == before
