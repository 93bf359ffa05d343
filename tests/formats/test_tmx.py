"""TMX: units one at a time, the English side by its language, flat memory."""

from __future__ import annotations

import io
import subprocess
import sys
import tracemalloc
from collections.abc import Iterator

import pytest

from backspeak.errors import InputError
from backspeak.formats.tmx import read_tmx, segments

HEADER = '<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE tmx SYSTEM "tmx14.dtd">\n<tmx version="1.4">'


def tmx(body: str, srclang: str = "ru") -> bytes:
    return f'{HEADER}\n<header srclang="{srclang}" adminlang="en"/>\n<body>\n{body}\n</body></tmx>'.encode()


def tu(*variants: tuple[str, str], attributes: str = "") -> str:
    return (
        f"<tu{attributes}>"
        + "".join(f'<tuv xml:lang="{lang}"><seg>{seg}</seg></tuv>' for lang, seg in variants)
        + "</tu>"
    )


RU, EN, DE = ("ru", "Лампа горит."), ("EN-us", "The lamp burns."), ("de", "Die Lampe brennt.")


def test_a_unit_with_its_source_and_its_place() -> None:
    (segment,) = read_tmx(tmx(tu(RU, EN, attributes=' tuid="x9"')), "a.tmx").segments
    assert (segment.id, segment.text, segment.source, segment.source_lang, segment.location) == (
        "1", "The lamp burns.", "Лампа горит.", "ru", "line 6, unit x9",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("srclang", "variants", "source_lang", "expected"),
    [
        ("ru-RU", (RU, EN), None, ("Лампа горит.", "ru")),
        ("*all*", (EN, DE, RU), None, ("Die Lampe brennt.", "de")),
        ("*all*", (EN, DE, RU), "ru", ("Лампа горит.", "ru")),
        ("en", (EN, DE), None, (None, None)),
    ],
)
def test_which_variant_is_the_source(srclang: str, variants: tuple, source_lang: str | None, expected: tuple) -> None:
    (segment,) = read_tmx(tmx(tu(*variants), srclang), "a.tmx", source_lang).segments
    assert (segment.text, segment.source, segment.source_lang) == ("The lamp burns.", *expected)


def test_a_unit_may_name_its_own_source_language() -> None:
    (segment,) = read_tmx(tmx(tu(RU, DE, EN, attributes=' srclang="de"')), "a.tmx").segments
    assert segment.source_lang == "de"


def test_english_made_from_english_is_checked_by_itself() -> None:
    (segment,) = read_tmx(tmx(tu(("en-US", "The color."), ("en-GB", "The colour.")), "en-US"), "a.tmx").segments
    assert (segment.text, segment.source) == ("The colour.", None)


def test_codes_are_no_text_and_old_files_say_lang() -> None:
    seg = '<bpt i="1">{b}</bpt>Yes<ept i="1"/> <ph/>, <hi>it is</hi>.'
    body = f'<tu><tuv lang="ru"><seg>Да</seg></tuv><tuv lang="en"><seg>{seg}</seg></tuv></tu>'
    assert read_tmx(tmx(body), "a.tmx").segments[0].text == "Yes, it is."


def test_units_without_english_are_counted() -> None:
    document = read_tmx(tmx(tu(RU, EN) + tu(RU, DE)), "a.tmx")
    assert [segment.id for segment in document.segments] == ["1"]
    assert [problem.message for problem in document.problems] == ["1 of 2 units have no English side"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (tmx(tu(RU, DE)), "has no English side"),
        (tmx(""), "has no translation unit"),
        (b"", "is empty"),
        (b"hello", "is not well-formed XML"),
    ],
)
def test_unusable_content(content: bytes, message: str) -> None:
    with pytest.raises(InputError, match=f"^a.tmx.*{message}"):
        read_tmx(content, "a.tmx")


def test_a_file_that_breaks_off_keeps_what_was_read() -> None:
    document = read_tmx(tmx(tu(RU, EN) + "\n" + tu(RU, EN))[:-60], "a.tmx")
    assert len(document.segments) == 1
    assert "is not well-formed XML: unclosed token" in document.problems[0].message
    assert document.problems[0].line == 7


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le"])
def test_encodings(encoding: str) -> None:
    content = tmx(tu(RU, EN)).decode().replace("UTF-8", "UTF-16" if "16" in encoding else "UTF-8")
    made = ("\ufeff" if encoding == "utf-16-le" else "") + content
    assert read_tmx(made.encode(encoding), "a.tmx").segments[0].source == "Лампа горит."


def test_a_stream_in_the_wrong_encoding_is_a_problem_after_its_segments() -> None:
    content = tmx(tu(RU, EN) * 5000)[:-20] + b"\xff" + b" " * 300
    document = read_tmx(content, "a.tmx")
    assert len(document.segments) > 1000
    assert "is not UTF-8" in document.problems[0].message


class Generated(io.RawIOBase):
    """A TMX of a given number of units that is never in memory as a whole."""

    def __init__(self, units: int) -> None:
        self.size = 0
        self._pieces = self._made(units)
        self._rest = b""

    def _made(self, units: int) -> Iterator[bytes]:
        yield tmx("").removesuffix(b"\n</body></tmx>")
        for number in range(units):
            yield tu(
                ("ru", f"Лампа номер {number} горит."), ("en", f"Lamp number {number} burns the whole night.")
            ).encode()
        yield b"</body></tmx>"

    def read(self, size: int = -1) -> bytes:
        while len(self._rest) < size and (piece := next(self._pieces, b"")):
            self._rest += piece
        given, self._rest = self._rest[:size], self._rest[size:]
        self.size += len(given)
        return given


def _peak(units: int) -> tuple[int, int]:
    file = Generated(units)
    tracemalloc.start()
    count = sum(segment is not None for segment in segments(file, "a.tmx"))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count == units
    return peak, file.size


def test_memory_does_not_grow_with_the_file() -> None:
    few, small = _peak(4_000)
    many, large = _peak(24_000)
    assert large > 5 * small
    assert many < 1.5 * few
    assert many < 16 << 20


@pytest.mark.slow
def test_three_hundred_megabytes_in_flat_memory() -> None:
    """In a process of its own, by what the system says it held at most."""
    program = f"""
import importlib.util, resource
spec = importlib.util.spec_from_file_location("made", {__file__!r})
made = importlib.util.module_from_spec(spec)
spec.loader.exec_module(made)
from backspeak.formats.tmx import segments
next(segments(made.Generated(10), "a.tmx"))
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
file = made.Generated(2_000_000)
count = sum(1 for _ in segments(file, "a.tmx"))
print(count, file.size, before, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    count, size, before, after = map(int, done.stdout.split())
    assert count == 2_000_000
    assert size > 300 << 20
    assert after - before < 32 << 10  # kilobytes
