"""PDF: pages to paragraphs, broken words, running heads, files without text."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from backspeak.errors import InputError
from backspeak.formats.pdf import read_pdf

LINES = [
    "The old lamp stood by the door of the house for many years and gave",
    "its light to everyone who came along the road, whether late or early, un-",
    "til the keeper grew tired of it. The well-known man from the next",
    "village took it away in the end, and nobody there was sorry about that.",
]


def test_lines_become_sentences_with_their_page_and_line(pdf_document: Callable[..., bytes]) -> None:
    document = read_pdf(pdf_document(LINES, ["The second page is short."]), "a.pdf")
    assert [(segment.text, segment.location) for segment in document.segments] == [
        (" ".join(LINES[:2])[:-3] + "until the keeper grew tired of it.", "page 1, line 1"),
        (
            "The well-known man from the next village took it away in the end, and nobody there was sorry about that.",
            "page 1, line 3",
        ),
        ("The second page is short.", "page 2, line 1"),
    ]


def test_a_word_that_has_its_hyphen_elsewhere_keeps_it(pdf_document: Callable[..., bytes]) -> None:
    lines = [line.replace("un-", "well-") for line in LINES]
    lines[2] = "known to the keeper, it went out. The well-known man from the next"
    assert "early, well-known to the keeper" in read_pdf(pdf_document(lines), "a.pdf").segments[0].text


def test_running_heads_are_set_aside(pdf_document: Callable[..., bytes]) -> None:
    said = ["The lamp burns again.", "Nobody looked up at all.", "It went out in the morning."]
    pages = [[f"The Harbour News {number}", "", line] for number, line in enumerate(said, start=1)]
    segments = read_pdf(pdf_document(*pages), "a.pdf").segments
    assert [(s.text, s.location) for s in segments if s.skip is None] == [
        ("The lamp burns again.", "page 1, line 2"),
        ("Nobody looked up at all.", "page 2, line 2"),
        ("It went out in the morning.", "page 3, line 2"),
    ]
    assert [(s.text, s.skip) for s in segments if s.skip is not None] == [
        (f"The Harbour News {number}", "page furniture: running head") for number in (1, 2, 3)
    ]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is not a PDF that can be read"),
        (b"%PDF-1.7\n%%EOF", "is not a PDF that can be read"),
        (b"The lamp burns.", "is not a PDF that can be read"),
    ],
)
def test_what_is_no_pdf(content: bytes, message: str) -> None:
    with pytest.raises(InputError, match=f"^a.pdf: {message}"):
        read_pdf(content, "a.pdf")


def test_a_scan_has_no_text(pdf_document: Callable[..., bytes]) -> None:
    with pytest.raises(InputError, match="has no text layer"):
        read_pdf(pdf_document([]), "a.pdf")


def test_an_encrypted_file_is_refused(pdf_document: Callable[..., bytes]) -> None:
    import io

    import pypdf

    writer = pypdf.PdfWriter(io.BytesIO(pdf_document(LINES)))
    writer.encrypt("secret", algorithm="RC4-128")
    made = io.BytesIO()
    writer.write(made)
    with pytest.raises(InputError, match="is encrypted"):
        read_pdf(made.getvalue(), "a.pdf")
