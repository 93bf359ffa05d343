"""comparison.html and comparison.json: the figures, the pairs, and nothing in a text can act."""

from __future__ import annotations

import dataclasses
import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from backspeak.comparison import Pair, Side, compare
from backspeak.data import CheckedSegment
from backspeak.reports.comparison import render_comparison, write_comparison


def side(name: str, segments: list[CheckedSegment]) -> Side:
    return Side(name, Path(name) / "segments.jsonl", segments, {"signature": f"{name}|v:1"})


@pytest.fixture
def compared(checked: list[CheckedSegment]) -> tuple[list[Pair], dict[str, Any]]:
    """The ferry text before and after the editing of its second sentence."""
    second = checked[1]
    edited = dataclasses.replace(
        second,
        segment=dataclasses.replace(second.segment, text="On Tuesday the council decided to stop the ferry."),
        score=93.0,
        spans=(),
    )
    pairs = [Pair(each, edited if at == 1 else each) for at, each in enumerate(checked)]
    result = compare(side("before", [p.a for p in pairs]), side("after", [p.b for p in pairs]), pairs)
    return pairs, result


def data_of(html: str) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    blocks = dict(re.findall(r'<script type="application/json" id="([\w-]+)">(.*?)</script>', html, re.DOTALL))
    index = json.loads(blocks.pop("index"))
    return index, [item for block in blocks.values() for item in json.loads(block)]


def test_the_pairs_are_in_the_data(compared: tuple[list[Pair], dict[str, Any]]) -> None:
    index, items = data_of(render_comparison(*compared))
    assert index["names"] == ["before", "after"]
    outcomes = [index["outcomes"][each] for each in index["columns"]["outcome"]]
    assert outcomes == ["unscored", "b", "tie", "tie", "unscored", "unscored", "tie"]
    assert index["columns"]["same"] == [1, 0, 1, 1, 1, 1, 1]
    edited = items[1]
    assert ["accepted a decision", "changed"] in edited["a"]["runs"]
    assert ["decided", "changed"] in edited["b"]["runs"]
    assert edited["a"]["flags"][0]["better"] == "decided"
    assert "flags" not in edited["b"]
    assert items[0]["a"]["reason"] == "skipped: heading"
    assert items[5]["b"]["reason"] == "failed: the engine returned nothing"


def test_the_figures_stand_in_the_page(compared: tuple[list[Pair], dict[str, Any]]) -> None:
    html = render_comparison(*compared)
    text = re.sub(r"\s+", " ", re.sub(r"<(style|script).*?</\1>|<[^>]+>", " ", html, flags=re.DOTALL))
    assert "B is better in 1 segment, A in 0; 3 are even (less than 1 point apart), 3 with the same text" in text
    assert "3 not scored on both sides" in text
    assert "made with different settings" in text
    assert "No significant difference between the two." in text
    assert compared[1]["signature"] in text
    assert "1 at +45 or more." in text


def test_both_files_are_written_and_the_same_every_time(
    compared: tuple[list[Pair], dict[str, Any]], tmp_path: Path
) -> None:
    write_comparison(tmp_path / "one", *compared)
    write_comparison(tmp_path / "two", *compared)
    assert json.loads((tmp_path / "one/comparison.json").read_text("utf-8")) == compared[1]
    for name in ("comparison.json", "comparison.html"):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


@pytest.mark.parametrize(
    "hostile",
    ["</script><script>alert(1)</script>", "<b>&amp;", "\u202e\u2028\ud800\x00", '" onclick="x', "{{ 7 * 7 }}"],
)
def test_hostile_text_is_only_ever_text(hostile: str, checked: list[CheckedSegment]) -> None:
    class Tags(HTMLParser):
        def __init__(self, html: str) -> None:
            super().__init__()
            self.found: list[tuple[str, tuple[str, ...]]] = []
            self.feed(html)

        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            self.found.append((tag, tuple(name for name, _ in attrs)))

    def page(text: str) -> str:
        (span,) = checked[1].spans
        span = dataclasses.replace(span, text=text, rule=text, suggestions=(text,), start=0, end=len(text))
        segment = dataclasses.replace(
            checked[1].segment, document=text, id=text, text=text, source=text, source_lang=text, reference=text
        )
        each = dataclasses.replace(checked[1], segment=segment, spans=(span,), reason=text)
        sides = side(text, [each]), side(text, [each])
        pairs = [Pair(each, each)]
        return render_comparison(pairs, compare(*sides, pairs))

    html = page(hostile)
    html.encode("utf-8")
    assert Tags(html).found == Tags(page("harmless")).found
    assert not re.search("[\x00\u202e\u2066-\u2069\ud800-\udfff]", html)
