"""Inline ignores: what a comment accepts, in each format that has comments."""

from __future__ import annotations

import json
import time

import pytest

from backspeak.formats.directives import ALL, Directive, Ignores, directives, marked, only_directives
from backspeak.formats.html import read_html
from backspeak.formats.jsonl import read_jsonl
from backspeak.formats.markdown import read_markdown
from backspeak.formats.text import read_text
from backspeak.formats.tsv import read_tsv

FIRST = "The ferry left the island before noon on Tuesday."
SECOND = "Nobody on the quay had seen it go out to sea."
THIRD = "The gardener waters the roses in the evening."


def _ignored(document) -> dict[str, tuple[str, ...]]:
    return {each.text: each.ignore for each in document.segments if each.skip is None}


@pytest.mark.parametrize(
    ("comment", "expected"),
    [
        ("<!-- backspeak-ignore -->", Directive("ignore", (ALL,))),
        ("<!--backspeak-ignore-->", Directive("ignore", (ALL,))),
        ("<!-- backspeak-ignore: typography -->", Directive("ignore", ("typography",))),
        ("<!-- backspeak-disable typography, round-trip -->", Directive("disable", ("typography", "round-trip"))),
        (
            "<!-- backspeak-enable:\n phrase-bank.false_friends.x -->",
            Directive("enable", ("phrase-bank.false_friends.x",)),
        ),
        (
            "<!-- backspeak-ignore: typography -- a letter, as it was -->",
            Directive("ignore", ("typography",)),
        ),
        ("<!-- backspeak-ignore -- quoted -->", Directive("ignore", (ALL,))),
    ],
)
def test_comments(comment, expected):
    assert directives(comment) == [expected]
    assert only_directives(f"  {comment} ")


@pytest.mark.parametrize(
    "text",
    [
        "<!-- backspeak-ignored -->",
        "<!-- ignore -->",
        "<!-- backspeak-ignore: a; b -->",
        "backspeak-ignore",
        "",
        "word",
    ],
)
def test_other_comments_are_none(text):
    assert directives(text) == []
    assert not only_directives(text)


def test_words_beside_a_comment_are_text():
    assert not only_directives("Rain. <!-- backspeak-ignore -->")


def _run(*verbs: str) -> list[tuple[str, ...]]:
    """`.` is a block, everything else a directive."""
    ignores, blocks = Ignores(), []
    for verb in verbs:
        if verb == ".":
            blocks.append(ignores.block())
        else:
            ignores.take(directives(f"<!-- backspeak-{verb} -->"))
    return blocks


def test_an_ignore_holds_for_one_block_and_a_region_until_it_ends():
    assert _run(".", "ignore: a", ".", ".") == [(), ("a",), ()]
    assert _run("disable: a b", ".", ".", "enable: a", ".", "enable", ".") == [("a", "b"), ("a", "b"), ("b",), ()]
    assert _run("disable", "ignore: a", ".", ".") == [(ALL, "a"), (ALL,)]
    assert _run("enable", ".") == [()]


def test_plain_text():
    text = (
        f"{FIRST}\n\n<!-- backspeak-ignore: typography -->\n{SECOND} {FIRST}\n{THIRD}\n\n"
        f"<!-- backspeak-disable -->\n\n{FIRST[:-1]} again.\n\n<!-- backspeak-enable -->\n{THIRD[:-1]} too.\n"
    )
    document = read_text(text.encode(), "a.txt")
    assert [(each.text, each.ignore, each.location) for each in document.segments] == [
        (FIRST, (), "line 1"),
        (SECOND, ("typography",), "line 4"),
        (FIRST, ("typography",), "line 4"),
        (THIRD, (), "line 5"),
        (f"{FIRST[:-1]} again.", (ALL,), "line 9"),
        (f"{THIRD[:-1]} too.", (), "line 12"),
    ]


def test_markdown():
    text = (
        f"# The last ferry of the year\n\n{FIRST}\n\n<!-- backspeak-ignore: round-trip -->\n\n{SECOND}\n\n{THIRD}\n\n"
        f"<!-- backspeak-disable: typography -->\n- {FIRST[:-1]} again.\n- {SECOND[:-1]} again.\n\n"
        f"<!-- backspeak-enable -->\n\n{THIRD[:-1]} <!-- backspeak-ignore --> once more.\n\n"
        "That was all there was to say.\n"
    )
    assert _ignored(read_markdown(text.encode(), "a.md")) == {
        "The last ferry of the year": (),
        FIRST: (),
        SECOND: ("round-trip",),
        THIRD: (),
        f"{FIRST[:-1]} again.": ("typography",),
        f"{SECOND[:-1]} again.": ("typography",),
        f"{THIRD[:-1]} once more.": (ALL,),
        "That was all there was to say.": (),
    }


PAGE = """<!DOCTYPE html><html><head><title>Ferry</title><script>var a = "<!-- backspeak-disable -->";</script></head>
<body><article><h1>The last ferry of the year</h1>
<p>{first}</p>
<!-- backspeak-ignore: round-trip -->
<script>track("visit");</script>
<p>{second}</p><p>{third}</p>
<!-- backspeak-disable: typography --><div><p>{first2}</p>
<p>{second2}</p></div><!-- backspeak-enable -->
<p>That was <b>all</b><!-- backspeak-ignore --> there was to say that evening.</p>
<p>The lights went out one by one along the empty quay.</p></article></body></html>"""


def test_html():
    page = PAGE.format(
        first=FIRST, second=SECOND, third=THIRD, first2=f"{FIRST[:-1]} again.", second2=f"{SECOND[:-1]} again."
    )
    found = _ignored(read_html(page.encode(), "a.html"))
    assert {text: ignore for text, ignore in found.items() if not text.startswith("The last")} == {
        FIRST: (),
        SECOND: ("round-trip",),
        THIRD: (),
        f"{FIRST[:-1]} again.": ("typography",),
        f"{SECOND[:-1]} again.": ("typography",),
        "That was all there was to say that evening.": (ALL,),
        "The lights went out one by one along the empty quay.": (),
    }


@pytest.mark.parametrize(
    "hostile", ["<!--", "<script>", "<", "<!-- backspeak-ignore" + " " * 1000, "-->", "<p", "<!-->"]
)
def test_no_page_is_slow(hostile):
    """A second for a million characters would be a hundred times too long."""
    page = f"<!-- backspeak-ignore -->{FIRST}" + hostile * (1_000_000 // len(hostile))
    began = time.perf_counter()
    mark, key = marked(page)
    assert mark.startswith(f"{key}ignore *⟧{FIRST}")
    assert not only_directives(page)
    assert time.perf_counter() - began < 10


def test_a_page_cannot_write_the_mark_itself():
    page = PAGE.format(
        first="⟦backspeak0:disable *⟧ " + FIRST, second=SECOND, third=THIRD, first2=FIRST, second2=SECOND
    )
    document = read_html(page.encode(), "a.html")
    assert any("⟦backspeak0:disable *⟧" in each.text and each.ignore == () for each in document.segments)


@pytest.mark.parametrize(
    ("value", "expected"),
    [(["typography", "round-trip"], ("typography", "round-trip")), (True, (ALL,)), (False, ()), ([], ()), (None, ())],
)
def test_jsonl(value, expected):
    document = read_jsonl(json.dumps({"text": FIRST, "ignore": value}).encode(), "a.jsonl")
    assert _ignored(document) == {FIRST: expected}
    assert document.labels == {}


@pytest.mark.parametrize("value", [5, {"rule": "x"}, [1]])
def test_an_ignore_that_is_no_list_is_a_problem(value):
    document = read_jsonl(json.dumps({"text": FIRST, "ignore": value}).encode(), "a.jsonl")
    assert [str(each) for each in document.problems] == ['a.jsonl:1: "ignore" must be a list of rules, or true for all']


def test_tsv_has_a_column_for_it():
    document = read_tsv(f"text\tignore\n{FIRST}\ttypography, round-trip\n{SECOND}\t\n".encode(), "a.tsv")
    assert _ignored(document) == {FIRST: ("typography", "round-trip"), SECOND: ()}
