"""Markdown: what a reader of the page sees, with the lines of the file."""

from __future__ import annotations

import time

import pytest

from backspeak.data import Segment
from backspeak.errors import InputError
from backspeak.formats.markdown import read_markdown

PAGE = """---
title: Lamp
---

# The lamp *burns* again

The [old lamp](https://example.com "title") was **lit** by
its keeper ![lamp](lamp.png). It burned all
night &amp; all day.

- Bring a lamp
  of your own.
- Come `early`.

| hour | lamp |
|------|------|
| nine | lit  |

```python
lamp = 1
```

<!-- nobody sees this -->

<div>A box.</div>

> “We are glad,” she
> said.

First verse\\
Second verse

1. See [the plan][1].

[1]: https://example.com
"""


def read(text: str) -> list[Segment]:
    return read_markdown(text.encode(), "a.md").segments


def test_the_visible_text_with_its_lines() -> None:
    visible = [(segment.text, segment.location) for segment in read(PAGE) if segment.skip is None]
    assert visible == [
        ("The lamp burns again", "line 5"),
        ("The old lamp was lit by its keeper.", "line 7"),
        ("It burned all night & all day.", "line 8"),
        ("Bring a lamp of your own.", "line 11"),
        ("Come early.", "line 13"),
        ("“We are glad,” she said.", "line 27"),
        ("First verse", "line 30"),
        ("Second verse", "line 31"),
        ("See the plan.", "line 33"),
    ]


def test_what_is_not_prose_is_skipped_with_its_kind() -> None:
    skipped = {segment.skip: (segment.text, segment.location) for segment in read(PAGE) if segment.skip}
    assert skipped == {
        "front matter": ("---\ntitle: Lamp\n---", "line 1"),
        "table": ("| hour | lamp |\n|------|------|\n| nine | lit  |", "line 15"),
        "code block": ("```python\nlamp = 1\n```", "line 19"),
        "HTML block": ("<div>A box.</div>", "line 25"),
    }


def test_a_ruled_line_at_the_top_is_not_front_matter() -> None:
    segments = read("---\nThe lamp burns.\n\n---\nThe town sleeps.\n")
    assert [segment.text for segment in segments if segment.skip is None] == ["The lamp burns.", "The town sleeps."]


def test_a_long_code_block_is_shortened() -> None:
    (segment,) = read("```\n" + "lamp = 1\n" * 1_000 + "```\n")
    assert segment.skip == "code block"
    assert len(segment.text) <= 2_000


def test_page_furniture_is_skipped() -> None:
    assert [segment.skip for segment in read("The lamp burns.\n\nShare this article\n")] == [
        None,
        "page furniture: share buttons",
    ]


def test_empty_files_are_refused() -> None:
    with pytest.raises(InputError, match=r"a\.md: is empty"):
        read_markdown(b"\n", "a.md")


@pytest.mark.parametrize("unit", ["tide ", "[", "*a ", "![a]("])
def test_enormous_lines_take_linear_time(unit: str) -> None:
    start = time.perf_counter()
    segments = read(unit * (200_000 // len(unit)))
    assert time.perf_counter() - start < 15
    assert {segment.location for segment in segments} == {"line 1"}
