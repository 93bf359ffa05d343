"""Whatever a file holds, it is read or refused with its name: never a crash, never half of it."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backspeak.errors import InputError
from backspeak.references.memory_files import TranslationUnit, read_units
from backspeak.references.termbase_files import Concept, read_concepts

MARKUP = [
    "<tmx>", "</tmx>", "<body>", "<tu>", "</tu>", '<tuv xml:lang="en">', '<tuv xml:lang="ru">', "</tuv>", "<seg>",
    "</seg>", "<xliff>", "</xliff>", '<file source-language="ru" target-language="en">', "</file>", "<trans-unit>",
    "</trans-unit>", "<source>", "</source>", "<target>", "</target>", "<martif>", "</martif>", "<termEntry>",
    "</termEntry>", '<langSet xml:lang="en">', "</langSet>", "<tig>", "</tig>", "<term>", "</term>", "<!DOCTYPE tmx>",
    "<!--", "-->", "<![CDATA[", "]]>", "&amp;", "&a;", "&#0;", "<?x?>", "ferry", "паром", "\\ufeff", "\\x00", "\\ud800",
    "\\n", "\\r", "\\t", ",", ";", '"', "|", "source", "term", "en", "ru", "forbidden",
]  # fmt: skip
contents = st.binary(max_size=60) | st.lists(st.sampled_from(MARKUP), max_size=25).map(
    lambda parts: "".join(parts).encode("utf-8", "surrogatepass")
)


@pytest.mark.parametrize(
    ("read", "kind", "extension"),
    [
        *((read_units, TranslationUnit, each) for each in (".tmx", ".xlf", ".tsv", ".csv")),
        *((read_concepts, Concept, each) for each in (".tbx", ".tsv", ".csv")),
    ],
)
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=contents)
def test_any_content(tmp_path: Path, read, kind, extension, content):
    path = tmp_path / f"any{extension}"
    path.write_bytes(content)
    try:
        found = list(read(path))
    except InputError as error:
        named = str(error).startswith(str(path))
    else:
        named = bool(found) and all(isinstance(each, kind) for each in found)
    assert named
