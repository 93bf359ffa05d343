"""report.html: self-contained, the same every time, and nothing in a text can act on the page."""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import json
import re
import subprocess
import sys
from html.parser import HTMLParser
from importlib.resources import files
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest

from backspeak.data import BackTranslation, CheckedSegment, ErrorSpan, Evidence, Segment
from backspeak.errors import OutputError
from backspeak.reports import files as report_files
from backspeak.reports.html import render_html, write_html
from backspeak.reports.visible import visible

VOID = {"meta", "link", "input", "br", "hr", "img"}


class Page(HTMLParser):
    """Tags with the names of their attributes, the attributes, the text, scripts and data, as a browser reads them."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, tuple[str, ...]]] = []
        self.attributes: list[tuple[str, str, str | None]] = []
        self.open: list[str] = []
        self.text = ""
        self.scripts: list[str] = []
        self.blocks: dict[str, Any] = {}
        self.comments: list[str] = []
        self._block: str | None = None
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, tuple(name for name, _ in attrs)))
        self.attributes += [(tag, name, value) for name, value in attrs]
        if tag not in VOID:
            self.open.append(tag)
        self._block = dict(attrs).get("id") if dict(attrs).get("type") == "application/json" else None

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] == "script":
            if self._block is None:
                self.scripts.append(data)
            else:
                self.blocks[self._block] = json.loads(data)
        elif not self.open or self.open[-1] != "style":
            self.text += data

    def handle_comment(self, data: str) -> None:
        self.comments.append(data)

    @property
    def index(self) -> dict[str, Any]:
        return self.blocks["index"]

    @property
    def items(self) -> list[dict[str, Any]]:
        return [item for name, block in self.blocks.items() if name != "index" for item in block]


def texts_in(value: Any) -> list[str]:
    """Every text in a value of JSON, keys excepted."""
    if isinstance(value, str):
        return [value]
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [text for each in inner for text in texts_in(each)]


def in_documents(checked: list[CheckedSegment], *names: str) -> list[CheckedSegment]:
    """The same segments as several documents."""
    return [
        dataclasses.replace(each, segment=dataclasses.replace(each.segment, document=name))
        for name in names
        for each in checked
    ]


@pytest.mark.parametrize("names", [["ferry.txt"], ["a/b c.txt", "d.txt"]])
def test_it_is_one_well_formed_page_with_working_links(
    checked: list[CheckedSegment], summary: dict[str, Any], names: list[str]
) -> None:
    page = Page(render_html(in_documents(checked, *names), summary))
    assert page.open == []
    assert page.comments == []
    anchors = [value for _, name, value in page.attributes if name == "id"]
    assert len(anchors) == len(set(anchors))
    described = {value for _, name, value in page.attributes if name in ("aria-labelledby", "aria-controls")}
    assert {part for value in described for part in (value or "").split()} <= set(anchors)
    places = {(each.segment.document, each.segment.id): len(each.spans) for each in in_documents(checked, *names)}
    links = [value for tag, name, value in page.attributes if tag == "a" and name == "href" and value]
    for link in links:
        if link[1] not in "/@":
            document, *place = [unquote(part) for part in link[1:].split("/")]
            assert document in names
            if place:
                assert int(place[1]) <= places[document, place[0]] if place[1:] else (document, place[0]) in places
    assert (len(links) > 5) == (len(names) > 1)


def test_it_fetches_nothing_and_allows_only_its_own_script_and_style(
    checked: list[CheckedSegment], summary: dict[str, Any]
) -> None:
    html = render_html(checked, summary)
    page = Page(html)
    assert not [value for _, name, value in page.attributes if name in ("src", "srcset", "action", "data", "poster")]
    assert not [value for _, name, value in page.attributes if name == "style" or name.startswith("on")]
    assert [value for tag, name, value in page.attributes if tag == "link" and name == "href"] == ["data:,"]
    (script,) = page.scripts
    (style,) = re.findall("<style>(.*?)</style>", html, re.DOTALL)

    def digest(text: str) -> str:
        return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()

    (policy,) = [value for _, name, value in page.attributes if name == "content" and value and "default-src" in value]
    assert policy == (
        f"default-src 'none'; style-src 'sha256-{digest(style)}'; script-src 'sha256-{digest(script)}'; "
        "img-src data:; base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'"
    )


@pytest.mark.parametrize("name", ["report.css", "page.js", "report.js", "comparison.js"])
def test_style_and_script_may_stand_in_a_page(name: str) -> None:
    source = (files("backspeak.reports") / name).read_text(encoding="utf-8")
    for never in ("</", "<!--", "url(", "innerHTML", "insertAdjacentHTML", "document.write", "eval(", "fetch("):
        assert never not in source, never


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
    assert page.tags == harmless.tags
    assert page.scripts == harmless.scripts
    assert page.comments == []
    ours = {(name, value) for _, name, value in harmless.attributes}
    links = {value for _, name, value in page.attributes if name == "href"}
    assert all(value == "data:," or value.startswith("#") for value in links if value)
    values = {(name, value) for _, name, value in page.attributes if name not in ("content", "href")} - ours
    assert values <= {("value", visible(hostile)), ("class", "sample minor marks")}
    assert squeezed(page.text).count(squeezed(visible(hostile)).strip()) >= 5
    shown = " ".join(texts_in(page.items))
    assert shown.count(visible(hostile).strip()) >= 20


@pytest.mark.parametrize("hostile", HOSTILE)
def test_no_character_acts_on_the_page(hostile: str) -> None:
    html = render_html(*everywhere(hostile))
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]", html)
    assert not re.search("[\u2028\u2029]", html[html.index('<script type="application/json"') :])


@pytest.mark.parametrize("hostile", HOSTILE)
def test_the_texts_themselves_are_in_the_data(hostile: str) -> None:
    checked, summary = everywhere(hostile)
    page = Page(render_html(checked, summary))
    item = page.items[0]
    text = "".join(piece if isinstance(piece, str) else piece[0] for piece in item["text"])
    assert item.get("raw", text) == hostile
    assert item["flags"][0]["suggestions"][0].get("raw", item["flags"][0]["suggestions"][0]["shown"]) == hostile
    assert page.index["documents"][0]["name"] == hostile


def test_a_language_code_reaches_an_attribute_only_if_it_is_one(checked: list[CheckedSegment]) -> None:
    item = dataclasses.replace(
        checked[1], segment=dataclasses.replace(checked[1].segment, source="x", source_lang="a b"), back_translations=()
    )
    assert "lang" not in Page(render_html([item], {})).items[0]["context"][0]


def test_two_renders_are_equal_and_show_no_timings(checked: list[CheckedSegment], summary: dict[str, Any]) -> None:
    html = render_html(checked, summary)
    assert html == render_html(iter(checked), {**summary, "timings": {"total": 999.25}})
    assert "12.75" not in html


def test_what_an_editor_reads_at_once(checked: list[CheckedSegment], summary: dict[str, Any]) -> None:
    text = squeezed(Page(render_html(checked, summary)).text)
    assert "ferry.txt" in text
    assert "58 of 100" in text
    assert "Mostly natural, with passages to check" in text
    assert "Likely translation errors in 2 of 4 sentences, 2 skipped, 1 failed. critical 1, major 1." in text
    assert "Apart from that, 1 flag for punctuation" in text
    assert "backspeak|v:1|pivots:es,de" in text
    assert "pivotses, de" in text
    assert "seed0" in text
    assert "fail_under" not in text


def test_without_scripts_an_article_is_a_text_with_its_flags(
    checked: list[CheckedSegment], summary: dict[str, Any]
) -> None:
    html = render_html(checked, summary)
    text = squeezed(Page(html[html.index("<noscript>") : html.index("</noscript>") + 11]).text)
    assert "accepted a decision → decided major, unidiomatic" in text
    assert "skipped: not English" in text
    assert "failed: the engine returned nothing" in text
    assert text.index("The Last Ferry") < text.index("The boat had run") < text.index("The lights went out.")


def test_a_batch_shows_the_lowest_scores_with_the_natural_wording_first(checked: list[CheckedSegment]) -> None:
    several = in_documents(checked, "good.txt", "unscored.txt", "bad.txt")
    scores = [{"document": "good.txt", "score": 90.0}, {"document": "bad.txt", "score": 20.0}]
    text = squeezed(Page(render_html(several, {"score": 55.0, "documents": scores})).text)
    assert text.index("Lowest scores") < text.index("a slap in the face for") < text.index("Scores of the sentences")
    table = text[text.index("Documents, the lowest score first") :]
    assert table.index("bad.txt 20") < table.index("good.txt 90")


def test_a_large_document_is_a_batch(checked: list[CheckedSegment]) -> None:
    few, many = render_html(checked, {}), render_html(checked * 60, {})
    assert Page(few).index["article"] is True
    assert Page(many).index["article"] is False
    assert "Flags by category and severity" in Page(many).text


def test_systems_and_source_languages_are_compared_if_given(checked: list[CheckedSegment]) -> None:
    given = [
        dataclasses.replace(
            each, segment=dataclasses.replace(each.segment, document=name, system=system, source_lang=lang, source="x")
        )
        for name, system, lang in (("a", "one", "ru"), ("b", "two", "de"))
        for each in checked
    ]
    page = Page(render_html(given, {}))
    assert "Systems" in page.text
    assert {"Russian", "German"} <= set(page.text.split())
    assert page.index["systems"] == ["one", "two"]
    assert set(page.index["columns"]["language"]) == {0, 1}
    assert "Systems" not in Page(render_html(in_documents(checked, "a", "b"), {})).text


def test_one_file_of_several_systems_is_a_batch(checked: list[CheckedSegment]) -> None:
    def made_by(*systems: str) -> list[CheckedSegment]:
        return [
            dataclasses.replace(each, segment=dataclasses.replace(each.segment, system=systems[at % len(systems)]))
            for at, each in enumerate(checked)
        ]

    assert Page(render_html(made_by("one"), {})).index["article"] is True
    several = Page(render_html(made_by("one", "two"), {}))
    assert several.index["article"] is False
    assert "Systems" in several.text
    assert "Source languages" not in several.text


def test_charts_have_a_text(checked: list[CheckedSegment]) -> None:
    html = render_html(in_documents(checked, "a", "b"), {})
    drawn = re.findall(r"<svg[^>]*>", html)
    assert len(drawn) >= 4
    assert all('role="img"' in each and ("aria-label=" in each or "aria-labelledby=" in each) for each in drawn)
    assert "2 from 20 to 25, 2 from 40 to 45, 2 from 90 to 95, 2 from 95 to 100." in squeezed(Page(html).text)


def test_an_empty_run_is_a_page_too() -> None:
    assert "No segments." in Page(render_html([], {})).text


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
