"""Data in a page: what is read back is what was put in, and nothing of it reaches the HTML parser."""

from __future__ import annotations

import base64
import json
import re
import zlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backspeak.reports import embed
from backspeak.reports.embed import BLOCK, Blocks, safe_json

_UNPAIRED = st.characters(min_codepoint=0xD800, max_codepoint=0xDFFF)


def read(markup: str) -> tuple[Any, list[Any]]:
    """Index and items, as the page reads them."""
    found = re.findall(r'<script type="application/(json|zlib)" id="([\w-]+)">(.*?)</script>', markup, re.DOTALL)
    blocks = {}
    for kind, name, text in found:
        if kind == "zlib":
            text = zlib.decompress(base64.b64decode(text)).decode("utf-8")
        blocks[name] = json.loads(text)
    index = blocks.pop("index")
    assert list(blocks) == [f"block-{at}" for at in range(len(blocks))]
    return index, [item for block in blocks.values() for item in block]


@given(st.recursive(st.text(st.one_of(st.characters(), _UNPAIRED)), lambda inner: st.lists(inner, max_size=3)))
def test_any_text_survives_as_plain_characters(value: Any) -> None:
    written = safe_json(value)
    assert json.loads(written) == value
    assert not set("<>&\u2028\u2029\u202e") & set(written)
    written.encode("utf-8")


@pytest.mark.parametrize("text", ["</script><script>", "<!--<script>", "]]>", "\u2028\u2029", "\ud800", "\u202e\u200f"])
def test_what_would_end_a_script_or_act_is_written_as_an_escape(text: str) -> None:
    assert re.fullmatch(r'"[\x20-\x7e]*"', safe_json(text))
    assert not re.search("[<>&]", safe_json(text))


@pytest.mark.parametrize("number", [0, 1, BLOCK, BLOCK + 1, 3 * BLOCK])
@pytest.mark.parametrize("limit", [10**9, 0, 1500])
def test_items_come_back_in_order(monkeypatch: pytest.MonkeyPatch, number: int, limit: int) -> None:
    monkeypatch.setattr(embed, "_COMPRESSED_FROM", limit)
    blocks = Blocks()
    items = [{"text": f"</script> {at} \ud800"} for at in range(number)]
    for item in items:
        blocks.add(item)
    markup = str(blocks.markup({"a": [1, None]}))
    assert read(markup) == ({"a": [1, None]}, items)
    if number:
        assert ("zlib" in markup) == (limit == 0 or (limit == 1500 and number > 40))
    assert "json" not in markup or "zlib" not in markup
