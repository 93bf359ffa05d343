"""What the user brought is added to findings, which themselves stay as they were kept."""

from __future__ import annotations

import pytest

from backspeak.data import Evidence, Findings, Segment
from backspeak.errors import InputError
from backspeak.evidence.user_references import UserReferences
from backspeak.evidence.words import word_offsets

TEXT = "The ferry departs tomorrow at noon."


@pytest.fixture
def references(tmp_path, monkeypatch) -> UserReferences:
    monkeypatch.setenv("BACKSPEAK_CACHE", str(tmp_path / "cache"))
    (tmp_path / "tm.tsv").write_text("The ferry leaves tomorrow at noon.\n", encoding="utf-8")
    (tmp_path / "terms.tsv").write_text("term\tforbidden\nship\tferry\n", encoding="utf-8")
    return UserReferences.open([tmp_path / "tm.tsv"], [tmp_path / "terms.tsv"])


def _findings(**fields) -> Findings:
    slip = Evidence("typography", "typography.x", 0, 3, "punctuation", "minor", (), 0.9)
    return Findings(Segment("a.txt", "1", TEXT, **fields), word_offsets(TEXT), evidence=[slip])


def test_every_kind_is_added_behind_what_is_there(references):
    findings = _findings(reference="The ferry goes tomorrow at noon.")
    added = references.added(findings)
    assert [(each.kind, TEXT[each.start : each.end]) for each in added.evidence] == [
        ("typography", "The"),
        ("glossary", "ferry"),
        ("memory", "departs"),
        ("reference", "departs"),
    ]
    assert added.memory is not None
    assert (len(findings.evidence), findings.memory) == (1, None)


def test_nothing_brought_changes_nothing():
    findings = _findings()
    assert UserReferences().added(findings) == findings
    assert UserReferences().signature() == []


def test_the_signature_names_contents(references, tmp_path):
    (tmp_path / "same.tsv").write_bytes((tmp_path / "terms.tsv").read_bytes())
    again = UserReferences.open((), [tmp_path / "same.tsv"])
    memory, glossary = references.signature()
    assert again.signature() == [glossary]
    assert memory.startswith("memory:")
    assert glossary.startswith("glossary:")


def test_a_malformed_file_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"none\.tsv: there is no such file"):
        UserReferences.open([tmp_path / "none.tsv"])
    with pytest.raises(InputError, match=r"none\.tbx: there is no such file"):
        UserReferences.open([], [tmp_path / "none.tbx"])
