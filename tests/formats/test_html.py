"""HTML: the main text of a page, and nothing a hostile page may ask for."""

from __future__ import annotations

import pytest

from backspeak.data import Segment
from backspeak.errors import InputError
from backspeak.formats.html import looks_like_html, read_html

PAGE = """<!DOCTYPE html>
<html><head><title>The lamp burns again - The Cape Lamp</title><style>p {color: red}</style></head><body>
<nav><a href="/">Home</a> <a href="/news">News</a></nav>
<article><h1>The lamp burns again</h1>
<p>The <b>old</b> <a href="/lamp">lamp</a> on the cape was lit again last night &amp; burned until
the morning. Hundreds of people came to see it, and many had brought lamps of their own.</p>
<h2>What comes next</h2>
<ul><li>The pier will be rebuilt in the spring.</li><li>A ferry may follow if there is money.</li></ul>
<p>The keeper is ninety.<br>He pulled the lever himself.</p>
<table><tr><td>nine</td><td>lit</td></tr></table>
<script>alert("never seen")</script>
<p>Photo: Nils Berg</p>
</article><footer>All rights reserved</footer></body></html>
"""


def read(page: str | bytes) -> list[Segment]:
    return read_html(page.encode() if isinstance(page, str) else page, "a.html").segments


def test_the_main_text_in_sentences() -> None:
    assert [segment.text for segment in read(PAGE) if segment.skip is None] == [
        "The lamp burns again",
        "The old lamp on the cape was lit again last night & burned until the morning.",
        "Hundreds of people came to see it, and many had brought lamps of their own.",
        "What comes next",
        "The pier will be rebuilt in the spring.",
        "A ferry may follow if there is money.",
        "The keeper is ninety.",
        "He pulled the lever himself.",
    ]


def test_sentences_of_a_paragraph_share_its_location() -> None:
    assert [segment.location for segment in read(PAGE)][:4] == [
        "paragraph 1",
        "paragraph 2",
        "paragraph 2",
        "paragraph 3",
    ]


def test_tables_and_furniture_are_skipped() -> None:
    assert {segment.skip for segment in read(PAGE)} == {None, "table", "page furniture: photo credit"}


def test_a_fragment_without_html_and_body() -> None:
    assert [segment.text for segment in read("<p>The lamp burns.</p><p>The town sleeps.</p>")] == [
        "The lamp burns.",
        "The town sleeps.",
    ]


def test_the_encoding_that_the_page_declares() -> None:
    page = '<html><head><meta charset="windows-1251"></head><body><p>The word маяк stands for a lamp.</p></body></html>'
    assert [segment.text for segment in read(page.encode("cp1251"))] == ["The word маяк stands for a lamp."]


def test_entities_of_a_hostile_page_are_not_resolved() -> None:
    page = (
        '<!DOCTYPE html [<!ENTITY file SYSTEM "file:///etc/passwd">]><html><body>'
        "<p>The lamp says &file; to everyone who climbs the stairs of the tower at night.</p></body></html>"
    )
    try:
        text = " ".join(segment.text for segment in read(page))
    except InputError:
        return
    assert "root:" not in text


@pytest.mark.parametrize(
    "page",
    [
        "<html><body></body></html>",
        "<html><body><script>lamp()</script></body></html>",
        "<html><body>" + "<div>" * 50_000,
    ],
    ids=["empty", "script", "deep"],
)
def test_pages_without_text_are_refused(page: str) -> None:
    with pytest.raises(InputError, match=r"a\.html: has no text that a reader would see"):
        read(page)


def test_empty_files_are_refused() -> None:
    with pytest.raises(InputError, match=r"a\.html: is empty"):
        read(b"")


def test_recognition_by_the_first_characters() -> None:
    assert looks_like_html(b"\xef\xbb\xbf\n<!DOCTYPE HTML>")
    assert looks_like_html(b"<html lang='en'>")
    assert not looks_like_html(b"The <html> tag comes first.")
