"""GitHub annotations and the Markdown summary: what a text says is shown, never obeyed."""

from __future__ import annotations

from markdown_it import MarkdownIt

from backspeak import outputs
from backspeak.outputs import Run


def text(run: Run, name: str) -> str:
    (path,) = outputs.write(run.folder, [name])[name]
    return path.read_text(encoding="utf-8")


def test_annotations_the_gravest_first(run: Run) -> None:
    lines = text(run, "github").splitlines()
    assert lines[0] == (
        "::error file=news/a.txt,line=3,title=critical unidiomatic::unidiomatic: “made a photo”; better: “took a photo”"
    )
    assert [line.split(" ")[0] for line in lines] == ["::error", "::warning", "::warning", "::notice"]
    assert lines[1].startswith("::warning file=b%2C c%3Ad.txt,")


def test_a_text_cannot_start_a_command_or_a_property(run: Run) -> None:
    made = text(run, "github")
    assert len(made.splitlines()) == 4
    assert all(line.startswith(("::error file=", "::warning file=", "::notice file=")) for line in made.splitlines())


def test_the_summary_has_totals_documents_and_flags(run: Run) -> None:
    made = text(run, "markdown")
    assert "Score **61.3** of 100. Likely translation errors in 2 of 4 segments (1 critical, 1 major, 1 minor)" in made
    assert ", 1 flag for punctuation." in made
    assert made.index("52.0") < made.index("70.1")
    assert "| She **made a photo** of the old lamp. | took a photo |" in made


def test_the_summary_renders_to_text_without_markup_of_its_own(run: Run) -> None:
    tokens = MarkdownIt("commonmark", {"html": True}).enable("table").parse(text(run, "markdown"))
    inline = [child for token in tokens for child in token.children or []]
    assert {child.content for child in inline if child.type == "html_inline"} == {"<sub>", "</sub>"}
    assert not [child for child in inline if child.type in ("link_open", "image", "code_inline", "em_open")]
    shown = "".join(child.content for child in inline if child.type == "text")
    assert "::error:: *b*" in shown
    assert "&#64;all" not in shown
    assert "@all" in shown
    rows = [token for token in tokens if token.type == "tr_open"]
    assert len(rows) == 1 + 2 + 1 + 4
