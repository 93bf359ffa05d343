"""DOCX: what the reader of the finished document sees, and where."""

from __future__ import annotations

import io
from collections.abc import Callable

import docx
import pytest
from docx.oxml import parse_xml

from backspeak.errors import InputError
from backspeak.formats.docx import read_docx

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


def saved(document) -> bytes:
    made = io.BytesIO()
    document.save(made)
    return made.getvalue()


def found(content: bytes) -> list[tuple[str, str | None]]:
    return [(segment.text, segment.location) for segment in read_docx(content, "a.docx").segments]


def test_paragraphs_headings_lists_and_tables() -> None:
    document = docx.Document()
    document.add_heading("The Old Lamp", 1)
    document.add_paragraph("")
    document.add_paragraph("The lamp burns. Nobody looks.")
    document.add_paragraph("It is bright.", style="List Bullet")
    table = document.add_table(1, 2)
    table.cell(0, 0).text, table.cell(0, 1).text = "The first cell holds this.", "The second cell holds that."
    inner = table.cell(0, 1).add_table(1, 1)
    inner.cell(0, 0).text = "A table in a table."
    document.add_paragraph("The end has come.")
    assert found(saved(document)) == [
        ("The Old Lamp", "paragraph 1"),
        ("The lamp burns.", "paragraph 3"),
        ("Nobody looks.", "paragraph 3"),
        ("It is bright.", "paragraph 4"),
        ("The first cell holds this.", "table 1, row 1, cell 1"),
        ("The second cell holds that.", "table 1, row 1, cell 2"),
        ("A table in a table.", "table 1, row 1, cell 2, row 1, cell 1"),
        ("The end has come.", "paragraph 5"),
    ]


def test_runs_links_breaks_and_tracked_changes() -> None:
    document = docx.Document()
    body = (
        f"<w:p {W}><w:r><w:t>The la</w:t></w:r><w:hyperlink><w:r><w:t>mp</w:t></w:r></w:hyperlink>"
        '<w:r><w:tab/><w:t xml:space="preserve">is </w:t></w:r>'
        "<w:ins><w:r><w:t>bright</w:t></w:r></w:ins><w:del><w:r><w:delText>dark</w:delText></w:r></w:del>"
        "<w:moveFrom><w:r><w:t>gone</w:t></w:r></w:moveFrom><w:r><w:t>.</w:t></w:r></w:p>"
    )
    document.element.body.insert(0, parse_xml(body))
    control = f"<w:sdt {W}><w:sdtContent><w:p><w:r><w:t>Inside a control.</w:t></w:r></w:p></w:sdtContent></w:sdt>"
    document.element.body.insert(1, parse_xml(control))
    assert found(saved(document)) == [("The lamp is bright.", "paragraph 1"), ("Inside a control.", "paragraph 2")]


def test_footnotes(word_document: Callable[..., bytes], changed_docx: Callable[[bytes, str, bytes], bytes]) -> None:
    content = word_document("The lamp burns.")
    notes = (
        f'<w:footnotes {W}><w:footnote w:id="-1" w:type="separator"><w:p><w:r><w:t>x</w:t></w:r></w:p></w:footnote>'
        '<w:footnote w:id="1"><w:p><w:r><w:t>It burns oil.</w:t></w:r></w:p></w:footnote></w:footnotes>'
    )
    relations = (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        '<Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/footnotes"'
        ' Target="footnotes.xml"/></Relationships>'
    )
    content = changed_docx(content, "word/_rels/document.xml.rels", relations.encode())
    content = changed_docx(content, "word/footnotes.xml", notes.encode())
    assert found(content)[-1] == ("It burns oil.", "footnote 1")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is not a Word document"),
        (b"PK\x03\x04 nothing", "is not a Word document"),
        (b"The lamp burns.", "is not a Word document"),
    ],
)
def test_what_is_no_word_document(content: bytes, message: str) -> None:
    with pytest.raises(InputError, match=f"^a.docx: {message}"):
        read_docx(content, "a.docx")


def test_a_zip_without_a_document(zip_file: Callable[..., bytes]) -> None:
    with pytest.raises(InputError, match=r"^a\.docx: could not be read as a Word document"):
        read_docx(zip_file({"a.xml": b"<a/>"}), "a.docx")


def test_an_empty_document_has_no_segment(word_document: Callable[..., bytes]) -> None:
    assert read_docx(word_document(), "a.docx").segments == []
