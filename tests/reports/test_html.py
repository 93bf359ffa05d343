"""report.html: self-contained, the same every time, and nothing in a text can act on the page."""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import re
import subprocess
import sys
from html.parser import HTMLParser
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from backspeak.data import BackTranslation, CheckedSegment, ErrorSpan, Evidence, Segment
from backspeak.errors import OutputError
from backspeak.reports import files as report_files
from backspeak.reports.html import render_html, write_html
from backspeak.reports.visible import visible

VOID = {"meta", "link", "input", "br", "hr", "img"}


class Page(HTMLParser):
    """Tags with the names of their attributes, the attributes themselves, and the text, as a browser reads them."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, tuple[str, ...]]] = []
        self.attributes: list[tuple[str, str, str | None]] = []
        self.open: list[str] = []
        self.text = ""
        self.scripts: list[str] = []
        self.comments: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, tuple(name for name, _ in attrs)))
        self.attributes += [(tag, name, value) for name, value in attrs]
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] == "script":
            self.scripts.append(data)
        elif not self.open or self.open[-1] != "style":
            self.text += data

    def handle_comment(self, data: str) -> None:
        self.comments.append(data)


def test_it_is_one_well_formed_page_with_working_links(checked: list[CheckedSegment], summary: dict[str, Any]) -> None:
    page = Page(render_html(checked, summary))
    assert page.open == []
    assert page.comments == []
    anchors = [value for _, name, value in page.attributes if name == "id"]
    assert len(anchors) == len(set(anchors))
    links = {value for tag, name, value in page.attributes if name == "href" and tag == "a"}
    assert {f"#{anchor}" for anchor in anchors} >= links


def test_it_fetches_nothing_and_allows_only_its_own_script(
    checked: list[CheckedSegment], summary: dict[str, Any]
) -> None:
    page = Page(render_html(checked, summary))
    assert not [value for _, name, value in page.attributes if name in ("src", "srcset", "action", "data", "poster")]
    assert [value for tag, name, value in page.attributes if tag == "link" and name == "href"] == ["data:,"]
    (script,) = page.scripts
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    (policy,) = [value for _, name, value in page.attributes if name == "content" and value and "default-src" in value]
    assert policy == (
        f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{digest}'; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )


@pytest.mark.parametrize("name", ["report.css", "report.js"])
def test_style_and_script_may_stand_in_a_page(name: str) -> None:
    source = (files("backspeak.reports") / name).read_text(encoding="utf-8")
    assert "</" not in source
    assert "<!--" not in source
    assert "url(" not in source
    assert "innerHTML" not in source


HOSTILE = [
    "<b>bold</b> <img src=x onerror=alert(1)>",
    "</script><script>alert(1)</script>",
    "</style></title></textarea><!-- <svg/onload=alert(1)>",
    '" onmouseover="alert(1)" x=\'',
    "' onfocus='alert(1)' autofocus='",
    "{{ 7 * 7 }}{% for x in [] %}{# no #}{{ self }}",
    "a \u202eright to left\u202c b \u2066 c \u2069\u2069 \u200f d",
    "nul \x00 escape \x1b bell \x07 del \x7f c1 \x9b",
    "lone \ud800 surrogate \udfff",
    "😀👩‍👩‍👧 é e\u0301 \u2028 \u2029",
    "&lt;b&gt; &amp;amp; &#60;b&#62; &quot",
    "javascript:alert(1)",
    "]]> --> <![CDATA[ <?php ?>",
]


def everywhere(text: str) -> tuple[list[CheckedSegment], dict[str, Any]]:
    """A run in which `text` stands in every field that can hold it."""
    details = {
        "round_trip": ["translation", "round_trip", "original", "restored"],
        "phrase_bank": ["entry", "phrase", "note", "example"],
        "typography": ["message"],
        "unheard_of": ["one", "two"],
    }
    evidence = tuple(
        Evidence(kind, text, 0, len(text), "grammar", "minor", (text,), 0.5, {
            **dict.fromkeys(names, text),
            "source_langs": [text],
            "more": {text: [text]},
        })
        for kind, names in details.items()
    )  # fmt: skip
    unknown = Evidence(text, text, 0, 1, "grammar", "minor", (), None, {text: text})
    span = ErrorSpan(0, 1, text, "grammar", "minor", 0.5, text, (text, text), (*evidence, unknown))
    segment = Segment(text, text, text, text, text, text, text)
    checked = CheckedSegment(
        segment,
        "ok",
        score=50.0,
        error_probability=0.5,
        spans=(span, dataclasses.replace(span, start=0, end=0)),
        back_translations=(BackTranslation(text, text, text, 1.0, True, text),),
        metrics={text: 1.0},
    )
    skipped = CheckedSegment(dataclasses.replace(segment, document="other"), "skipped", text)
    failed = CheckedSegment(dataclasses.replace(segment, document="other"), "failed", text)
    summary = {"signature": text, "exit_reason": text, "settings": {text: text, "list": [text]}, "score": 1.0}
    return [checked, skipped, failed], summary


def squeezed(text: str) -> str:
    return re.sub(r"\s+", " ", text)


@pytest.mark.parametrize("hostile", HOSTILE)
def test_hostile_text_is_only_ever_text(hostile: str) -> None:
    html = render_html(*everywhere(hostile))
    html.encode("utf-8")
    page = Page(html)
    harmless = Page(render_html(*everywhere("harmless words; here: are some more of them")))
    # What is marked as changed may differ from text to text; every other tag and attribute is ours.
    ours = [tag for tag in page.tags if tag != ("span", ("class",))]
    assert ours == [tag for tag in harmless.tags if tag != ("span", ("class",))]
    assert page.scripts == harmless.scripts
    assert page.comments == []
    values = {(name, value) for _, name, value in page.attributes if name != "content"}
    known = {(name, value) for _, name, value in harmless.attributes}
    assert values - known <= {("class", "changed"), ("class", "original"), ("class", "original marks")}
    assert squeezed(page.text).count(squeezed(visible(hostile)).strip()) >= 20


@pytest.mark.parametrize("hostile", HOSTILE)
def test_no_character_acts_on_the_page(hostile: str) -> None:
    html = render_html(*everywhere(hostile))
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]", html)


def test_a_language_code_reaches_an_attribute_only_if_it_is_one(checked: list[CheckedSegment]) -> None:
    page = Page(render_html(checked, {}))
    assert {value for _, name, value in page.attributes if name == "lang"} == {"en", "es", "de"}


def test_two_renders_are_equal_and_show_no_timings(checked: list[CheckedSegment], summary: dict[str, Any]) -> None:
    html = render_html(checked, summary)
    assert html == render_html(checked, {**summary, "timings": {"total": 999.25}})
    assert "12.75" not in html


def test_what_an_editor_reads(checked: list[CheckedSegment], summary: dict[str, Any]) -> None:
    text = squeezed(Page(render_html(checked, summary)).text)
    assert "ferry.txt" in text
    assert "58 of 100" in text
    assert "Mostly natural, with passages to check: 2 of 4 sentences flagged, 2 skipped, 1 failed" in text
    assert "accepted a decision → decided or took a decision" in text
    assert "major unidiomatic almost certain, 93%" in text
    assert "skipped: not English" in text
    assert "failed: the engine returned nothing" in text
    assert "Back from German not used: repetition" in text
    assert "backspeak|v:1|pivots:es,de" in text
    assert "pivotses, de" in text
    assert "seed0" in text
    assert "fail_under" not in text


def test_documents_are_listed_worst_first(checked: list[CheckedSegment]) -> None:
    names = ["good.txt", "unscored.txt", "bad.txt"]
    several = [
        dataclasses.replace(each, segment=dataclasses.replace(each.segment, document=name))
        for name in names
        for each in checked
    ]
    scores = [{"document": "good.txt", "score": 90.0}, {"document": "bad.txt", "score": 20.0}]
    text = squeezed(Page(render_html(several, {"score": 55.0, "documents": scores})).text)
    table = text[text.index("worst first") : text.index("good.txt", text.index("good.txt") + 1)]
    assert table.index("bad.txt 20") < table.index("good.txt 90") < table.index("unscored.txt –")


def test_an_empty_run_is_a_page_too() -> None:
    assert "No segments." in Page(render_html([], {})).text


def test_an_invisible_original_is_made_visible() -> None:
    text = "two  spaces"
    span = ErrorSpan(3, 5, "  ", "punctuation", "minor", 0.9, "r", (" ", ""), ())
    page = Page(render_html([CheckedSegment(Segment("d", "1", text), "ok", spans=(span,))], {}))
    assert "␣␣ → ␣ or (leave out)" in squeezed(page.text)


def test_a_full_disk_leaves_the_old_report(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, checked: list[CheckedSegment]
) -> None:
    path = tmp_path / "out" / "report.html"
    write_html(path, checked, {})
    before = path.read_bytes()

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(report_files.os, "fsync", full)
    with pytest.raises(OutputError, match=r"report\.html: could not be written .*free some space"):
        write_html(path, checked[:1], {})
    assert path.read_bytes() == before
    assert [file.name for file in path.parent.iterdir()] == ["report.html"]


def test_rendering_loads_no_model() -> None:
    program = "import sys, backspeak.reports; print(*sys.modules)"
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    loaded = set(run.stdout.split())
    assert not loaded & {"torch", "transformers", "ctranslate2", "onnxruntime", "gguf", "numpy"}


def _colours(css: str) -> dict[str, str]:
    return dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", css))


def _luminance(colour: str) -> float:
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4 for each in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _contrast(one: str, other: str) -> float:
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_colours_are_readable(mode: str) -> None:
    """WCAG 2.2 AA: 4.5 to 1 for text, 3 to 1 for what only has to be seen."""
    css = (files("backspeak.reports") / "report.css").read_text(encoding="utf-8")
    at = css.index("@media screen and (prefers-color-scheme: dark)")
    colours = _colours(css[:at]) | (_colours(css[at:]) if mode == "dark" else {})
    for ground in ("paper", "raised"):
        for text in ("ink", "quiet", "link", "critical", "major", "minor", "good"):
            assert _contrast(colours[text], colours[ground]) >= 4.5, (text, ground)
        for mark in ("clean", "slight", "doubtful", "poor"):
            assert _contrast(colours[mark], colours[ground]) >= 3, (mark, ground)
            assert _contrast(colours[f"{mark}-text"], colours[ground]) >= 4.5, (mark, ground)
    for severity in ("critical", "major", "minor"):
        assert _contrast(colours["ink"], colours[f"{severity}-tint"]) >= 4.5, severity
        assert _contrast(colours[severity], colours[f"{severity}-tint"]) >= 3, severity
