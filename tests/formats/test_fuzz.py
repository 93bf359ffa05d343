"""Any bytes at all, and files that are nearly right: segments and problems, or an InputError, and nothing else."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backspeak.data import CheckedSegment, Document, ErrorSpan
from backspeak.errors import InputError
from backspeak.formats import READERS
from backspeak.formats.csv import read_csv
from backspeak.formats.docx import read_docx
from backspeak.formats.pdf import read_pdf
from backspeak.formats.xliff import read_xliff
from backspeak.outputs.xliff import annotated

PIECES = {
    ".xlf": [
        '<xliff version="1.2">', '<xliff version="2.0" srcLang="ru" trgLang="en">', '<file id="f" source-language="ru" '
        'target-language="en">', "<body>", '<unit id="u">', "<segment>", '<trans-unit id="1">', "<source>", "<target>",
        '<mrk mtype="seg" mid="1">', '<g id="1">', "<x/>", "<![CDATA[", "]]>", "&amp;", "&#1;", "&e;", "The lamp",
        "</g>", "</mrk>", "</target>", "</source>", "</trans-unit>", "</segment>", "</unit>", "</body>", "</file>",
        "</xliff>", "<!--", "-->", "<?x?>", '<cp hex="D800"/>', 'xml:space="preserve"', "<!DOCTYPE x [", "]>", "\x0b",
    ],
    ".tmx": [
        "<tmx>", "<body>", '<header srclang="*all*"/>', '<tu tuid="1">', '<tuv xml:lang="en">', '<tuv xml:lang="de">',
        "<seg>", "The lamp burns.", "</seg>", "</tuv>", "</tu>", "</body>", "</tmx>", "<ph>", "</ph>", "&lt;",
    ],
    ".po": [
        'msgid ""\nmsgstr "Language: en\\n"\n', 'msgid "a"\n', 'msgid_plural "b"\n', 'msgstr[0] "c"\n', 'msgstr "d"\n',
        'msgctxt "e"\n', '"f\\q\\"\n', "#~ ", "#, fuzzy\n", "#| ", "#: a:1\n", "\n", "msgstr[x]", "\u2028", "\\",
    ],
    ".srt": ["1\n", "00:00:01,000 --> 00:00:02,000\n", "-->", "\n", "The lamp\n", "<i>", "{\\an8}", "99:99:99,9", "- "],
    ".vtt": ["WEBVTT", "\n", "00:01.000 --> 00:02.000\n", "NOTE ", "STYLE\n", "<v A>", "<00:01.0>", "&amp;"],
    ".csv": ["text", "source", ",", ";", '"', '""', "\n", "\r", "The lamp", "\x85", "id"],
    ".tsv": ["text", "source", "\t", "\n", "\r", "The lamp", "id", '"'],
    ".jsonl": ["{", "}", '"text"', ":", '"a"', ",", "\n", "[", "1e999", "\\ud800", '{"text": "a", "id": 1}'],
    ".hyp": ["The lamp", "\n", "\r", "\x0c"],
    ".txt": ["The lamp", "\n", ". ", "- ", "\t", "“", "...", "\u202e"],
    ".md": ["# ", "* ", "\n", "```", "|", "---\n", "<b>", "[a](b)", "The lamp. ", "![", "> "],
    ".html": ["<html>", "<body>", "<p>", "The lamp burns all night long. ", "</p>", "<table>", "<br>", "<!--", "&e;"],
}  # fmt: skip
QUICK = settings(deadline=None, max_examples=60, derandomize=True, suppress_health_check=list(HealthCheck))


def outcome(read: Callable, content: bytes) -> None:
    try:
        document = read(content, "a", "ru")
    except InputError as refused:
        said = refused.path
    else:
        said = "a"
        _sound(document)
    assert said == "a"


def _sound(document: Document) -> None:
    ids = [segment.id for segment in document.segments]
    assert len(set(ids)) == len(ids)
    for segment in document.segments:
        segment.text.encode("utf-8")
    assert all(problem.path == "a" for problem in document.problems)


@pytest.mark.parametrize("extension", sorted(set(READERS) - {".htm", ".xliff", ".markdown"}))
@QUICK
@given(content=st.binary(max_size=200))
def test_any_bytes(extension: str, content: bytes) -> None:
    outcome(READERS[extension], content)


@pytest.mark.parametrize("extension", sorted(PIECES))
@QUICK
@given(data=st.data())
def test_pieces_of_the_format_in_any_order(extension: str, data: st.DataObject) -> None:
    pieces = st.one_of(st.sampled_from(PIECES[extension]), st.text(max_size=4))
    text = "".join(data.draw(st.lists(pieces, max_size=40)))
    encoding = data.draw(st.sampled_from(["utf-8", "utf-16", "utf-8-sig", "cp1251"]))
    outcome(READERS[extension], text.encode(encoding, "replace"))


@QUICK
@given(data=st.data())
def test_a_damaged_word_document(data: st.DataObject, word_document: Callable[..., bytes]) -> None:
    outcome(read_docx, _damaged(word_document("The lamp burns."), data))


@QUICK
@given(data=st.data())
def test_a_word_document_of_any_body(
    data: st.DataObject, word_document: Callable[..., bytes], changed_docx: Callable[[bytes, str, bytes], bytes]
) -> None:
    tags = st.sampled_from(["p", "r", "t", "tbl", "tr", "tc", "ins", "sdt", "sdtContent", "br", "footnote"])
    body = st.recursive(
        st.text(st.characters(exclude_categories=["C"]), max_size=5).map(
            lambda text: text.translate({38: None, 60: None})
        ),
        lambda inner: st.tuples(tags, st.lists(inner, max_size=3)).map(
            lambda made: f"<w:{made[0]}>{''.join(made[1])}</w:{made[0]}>"
        ),
    )
    w = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
    content = f"<w:document {w}><w:body>{data.draw(body)}{data.draw(body)}</w:body></w:document>".encode()
    outcome(read_docx, changed_docx(word_document("x"), "word/document.xml", content))


@QUICK
@given(data=st.data())
def test_a_damaged_pdf(data: st.DataObject, pdf_document: Callable[..., bytes]) -> None:
    outcome(read_pdf, _damaged(pdf_document(["The lamp burns."], ["It is bright."]), data))


def _damaged(content: bytes, data: st.DataObject) -> bytes:
    made = bytearray(content)
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(0, len(made) - 1))
        length = data.draw(st.integers(0, 8))
        made[at : at + length] = data.draw(st.binary(max_size=8))
    return bytes(made[: data.draw(st.integers(0, len(made)))]) if data.draw(st.booleans()) else bytes(made)


TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=12)


@QUICK
@given(rows=st.lists(st.tuples(TEXT, TEXT), min_size=1, max_size=5))
def test_what_the_library_writes_is_read_back(rows: list[tuple[str, str]]) -> None:
    import csv
    import io

    made = io.StringIO(newline="")
    csv.writer(made).writerows([("source", "text"), *rows])
    document = read_csv(made.getvalue().encode(), "a")
    wanted = [text for source, text in rows if source.strip() or text.strip()]
    assert [segment.text for segment in document.segments] == wanted


@st.composite
def inline(draw: st.DrawFn, depth: int = 3) -> str:
    """The content of a target: text, references, CDATA, codes and elements in each other."""
    made = []
    for _ in range(draw(st.integers(0, 4))):
        kind = draw(st.sampled_from(["text", "text", "reference", "cdata", "code", "element"]))
        if kind == "text":
            made.append(draw(TEXT).replace("&", "").replace("<", "").replace("]]>", ""))
        elif kind == "reference":
            made.append(draw(st.sampled_from(["&amp;", "&#65;", "&#x2028;", "&lt;", "\r\n", "\n", "&#13;"])))
        elif kind == "cdata":
            made.append(f"<![CDATA[{draw(TEXT).replace(']]>', '')}]]>")
        elif kind == "code":
            made.append(
                draw(st.sampled_from(['<x id="1"/>', '<ph id="1">code</ph>', '<x id="1" ctype="lb"/>', "<!-- c -->"]))
            )
        elif depth:
            made.append(f'<g id="1">{draw(inline(depth - 1))}</g>')
    return "".join(made)


@settings(QUICK, max_examples=200)
@given(data=st.data(), content=inline(), preserve=st.booleans())
def test_any_target_comes_back_with_its_marks_and_its_text(data: st.DataObject, content: str, preserve: bool) -> None:
    given_file = (
        '<xliff version="1.2"><file source-language="ru" target-language="en"><body><trans-unit id="1"'
        f"{' xml:space=' + chr(34) + 'preserve' + chr(34) if preserve else ''}><source>a</source>"
        f"<target>{content}</target></trans-unit></body></file></xliff>"
    ).encode()
    (segment,) = read_xliff(given_file, "a").segments
    cuts = sorted(data.draw(st.lists(st.integers(0, len(segment.text)), max_size=6)))
    spans = tuple(
        ErrorSpan(start, end, segment.text[start:end], "grammar", "minor", 0.5, "r", (), ())
        for start, end in zip(cuts[::2], cuts[1::2], strict=False)
    )
    made = annotated(given_file, "a", [CheckedSegment(segment, "ok", spans=spans if segment.text else ())])
    assert read_xliff(made, "a").segments == [segment]
    assert len(made) >= len(given_file)
    marked = made.count(b"locQualityIssueType=")
    assert marked == (len(spans) if segment.text else 0)
