"""PDF: the text of the pages, lines put together to paragraphs, running heads set aside."""

from __future__ import annotations

import io
import logging
import re
from collections import Counter
from collections.abc import Iterator

from backspeak.data import Document, InputProblem
from backspeak.errors import InputError
from backspeak.formats.blocks import Block, segments_of
from backspeak.formats.text import NumberedLine, text_blocks

MAX_PAGES = 5_000
_MAX_TEXT = 64 << 20  # characters, all pages
_FEWEST_PAGES = 3  # that show a running head to be one
_RUNNING_HEAD = "page furniture: running head"
_BROKEN_WORD = re.compile(r"(\w+)-$")


def read_pdf(content: bytes, name: str, source_lang: str | None = None) -> Document:
    """Read the text layer of a PDF; Segment.location is the page and the line on it.

    A word broken at the end of a line is put together again. Lines that most pages begin or end with
    become skipped segments. A page that cannot be read is a problem. Raises InputError for what is no
    PDF, is encrypted, or has no text (a scan).
    """
    pages, problems = _pages(content, name)
    if not any(line.strip() for page in pages for line in page):
        raise InputError("has no text layer (a scan?); recognise its text first, then save it as .txt", name)
    heads = _running_heads(pages)
    lines: list[str] = []
    places: list[str] = []
    set_aside: list[Block] = []
    for number, page in enumerate(pages, start=1):
        for at, line in enumerate(page, start=1):
            place = f"page {number}, line {at}"
            if at in _edges(page) and _pattern(line) in heads:
                set_aside.append(Block(line, ((0, place),), _RUNNING_HEAD))
            else:
                lines.append(line)
                places.append(place)
    blocks = text_blocks(list(_mended(lines)), lambda number: places[number - 1])
    return Document(name, segments_of(name, [*blocks, *set_aside]), problems)


def looks_like_pdf(content: bytes) -> bool:
    return content.startswith(b"%PDF-")


def _pages(content: bytes, name: str) -> tuple[list[list[str]], list[InputProblem]]:
    """The lines of each page."""
    import pypdf

    logging.getLogger("pypdf").setLevel(logging.CRITICAL)  # what it finds odd is not for our reader
    pages: list[list[str]] = []
    problems: list[InputProblem] = []
    try:
        reader = pypdf.PdfReader(io.BytesIO(content))
        if reader.is_encrypted and not reader.decrypt(""):
            raise InputError("is encrypted; save it without a password", name)
        count = len(reader.pages)
    except InputError:
        raise
    except (Exception, RecursionError) as error:  # pypdf raises whatever a damaged file leads it to
        raise InputError(f"is not a PDF that can be read ({_cause(error)}); save it again", name) from error
    if count > MAX_PAGES:
        raise InputError(f"has {count:,} pages, over the limit of {MAX_PAGES:,}; split it", name)
    total = 0
    for number in range(count):
        try:
            text = reader.pages[number].extract_text()
        except (Exception, RecursionError) as error:
            problems.append(InputProblem(name, f"page {number + 1} cannot be read ({_cause(error)})"))
            text = ""
        total += len(text)
        if total > _MAX_TEXT:
            raise InputError(f"has more than {_MAX_TEXT >> 20} million characters; split it", name)
        pages.append([" ".join(line.split()) for line in text.translate(_NO_TEXT).split("\n")])
    if problems and not any(map(any, pages)):
        raise InputError(problems[0].message, name)
    return pages, problems


# Fonts without a table of characters give control characters and halves of surrogates.
_NO_TEXT = {code: " " for code in [*range(9), *range(11, 32), 0x7F, *range(0xD800, 0xE000)]} | {0xAD: "-"}


def _cause(error: BaseException) -> str:
    return (str(error) or type(error).__name__)[:200]


def _edges(page: list[str]) -> tuple[int, ...]:
    """Numbers of the first and the last line with text."""
    filled = [at for at, line in enumerate(page, start=1) if line]
    return (filled[0], filled[-1]) if filled else ()


def _running_heads(pages: list[list[str]]) -> set[str]:
    edges = Counter(pattern for page in pages for pattern in {_pattern(page[at - 1]) for at in _edges(page)})
    return {pattern for pattern, count in edges.items() if count >= max(_FEWEST_PAGES, len(pages) / 2)}


def _pattern(line: str) -> str:
    """A line without its numbers: "12 The Harbour" is the head that "14 The Harbour" is."""
    return re.sub(r"\d+", "#", line)


def _mended(lines: list[str]) -> Iterator[NumberedLine]:
    """Numbered lines, with words that were broken at a line's end whole on its first line.

    The hyphen goes unless the word is written with it elsewhere in the document.
    """
    hyphenated = set(re.findall(r"\w+-\w+", "\n".join(lines).lower()))
    carried = ""
    for number, line in enumerate(lines, start=1):
        rest = line.removeprefix(carried).lstrip() if carried else line
        carried = ""
        broken = _BROKEN_WORD.search(rest)
        following = re.match(r"[^\W\d_][\w’']*[^\w\s]*", lines[number]) if number < len(lines) else None
        if broken and following and following[0][0].islower():
            word = re.match(r"\w+", following[0])
            assert word is not None, "it begins with a letter"
            kept = f"{broken[1]}-{word[0]}".lower() in hyphenated
            carried = following[0]
            rest = rest[: -1 if not kept else None] + carried
        yield number, rest
