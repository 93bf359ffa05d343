"""Encodings: what is read, what is refused, and what the refusal says."""

from __future__ import annotations

import codecs

import pytest

from backspeak.errors import InputError
from backspeak.formats.encoding import decode

ENGLISH = (
    "The café’s owner – a Dane – said “it isn’t ready”. "
    "He wants £5 for the naïve façade, and so far nobody on the council has agreed to pay for it.\n"
)
RUSSIAN = (
    "Маяк на северном мысе снова зажгли после одиннадцати лет темноты. Сотни людей поднялись на холм, "
    "чтобы увидеть первый луч над заливом. Смотрителю девяносто лет.\n"
)
GERMAN = "Der Leuchtturm leuchtet wieder. Über hundert Menschen hörten, wie der Wächter die Tür öffnete.\n"
POLISH = "Latarnia znów świeci po jedenastu latach. Setki ludzi weszły na wzgórze, żeby zobaczyć pierwszy błysk.\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_unicode_encodings(encoding: str) -> None:
    assert decode((ENGLISH + RUSSIAN).encode(encoding), "a.txt") == ENGLISH + RUSSIAN


def test_big_endian_utf_16_with_its_mark() -> None:
    assert decode(codecs.BOM_UTF16_BE + ENGLISH.encode("utf-16-be"), "a.txt") == ENGLISH


@pytest.mark.parametrize(
    ("text", "encoding"),
    [(ENGLISH, "cp1252"), (ENGLISH * 2_000, "cp1252"), (RUSSIAN, "cp1251"), (RUSSIAN, "koi8_r"), (GERMAN, "cp1252")],
    ids=["english", "long", "russian", "koi8", "german"],
)
def test_older_encodings_that_leave_no_doubt(text: str, encoding: str) -> None:
    assert decode(text.encode(encoding), "a.txt") == text


def test_an_encoding_that_leaves_doubt_is_refused() -> None:
    with pytest.raises(InputError, match="is not UTF-8"):
        decode(POLISH.encode("cp1250"), "a.txt")


def test_a_declared_encoding_settles_the_doubt() -> None:
    assert decode(POLISH.encode("cp1250"), "a.html", declared="windows-1250") == POLISH


@pytest.mark.parametrize("declared", ["no-such-encoding", "ascii", "base64"])
def test_a_declared_encoding_that_does_not_work_is_passed_over(declared: str) -> None:
    assert decode(GERMAN.encode("cp1252"), "a.html", declared=declared) == GERMAN


@pytest.mark.parametrize(
    ("content", "line", "offset"),
    [
        (b"The lamp was lit.\nIt burned \xff all night.\n", 2, 28),
        ("The café is shut.\nThe na".encode() + b"\xc3 ve fa\xc3\xa7ade.", 2, 25),
        ("Über den Dächern".encode()[:-6], 1, 11),
    ],
    ids=["stray byte", "damaged UTF-8", "cut in the middle of a letter"],
)
def test_invalid_utf8_names_line_offset_and_mend(content: bytes, line: int, offset: int) -> None:
    with pytest.raises(InputError, match=r"iconv -f .* -t UTF-8") as caught:
        decode(content, "notes/a.txt")
    assert caught.value.line == line
    assert str(caught.value).startswith(f"notes/a.txt:{line}: is not UTF-8: byte 0x")
    assert f"at offset {offset};" in str(caught.value)


def test_damaged_utf16() -> None:
    with pytest.raises(InputError, match="UTF-16-LE but is damaged"):
        decode(codecs.BOM_UTF16_LE + ENGLISH.encode("utf-16-le")[:-1], "a.txt")


def test_nul_bytes_mean_a_binary_file() -> None:
    with pytest.raises(InputError, match=r"a\.txt:2: holds a NUL byte at byte 9: a binary file"):
        decode(b"The lamp\n\x00\x01\x02", "a.txt")


@pytest.mark.parametrize("content", [b"%PDF-1.7 \xe2\xe3", b"PK\x03\x04\x14\x00", b"\x89PNG\r\n"])
def test_well_known_binary_files_are_named(content: bytes) -> None:
    with pytest.raises(InputError, match="not text; export its text first"):
        decode(content, "a.txt")


@pytest.mark.parametrize("content", [b"", b"\n \t", "\u00a0\u2003".encode(), codecs.BOM_UTF8, codecs.BOM_UTF16_LE])
def test_nothing_but_white_space_is_empty(content: bytes) -> None:
    with pytest.raises(InputError, match="is empty"):
        decode(content, "a.txt")
