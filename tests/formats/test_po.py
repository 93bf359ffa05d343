"""PO: the header decides, plural forms, lines, what polib must not be led to do."""

from __future__ import annotations

from pathlib import Path

import pytest

from backspeak.errors import InputError
from backspeak.formats.po import read_po


def po(body: str, *header: str) -> bytes:
    lines = "".join(f'"{line}\\n"\n' for line in ("Content-Type: text/plain; charset=UTF-8", *header))
    return f'msgid ""\nmsgstr ""\n{lines}\n{body}'.encode()


BODY = 'msgid "Лампа горит."\nmsgstr "The lamp burns."\n'
RU_EN = ("Language: en_GB", "X-Source-Language: ru")


def test_english_messages_with_their_source_and_line() -> None:
    (segment,) = read_po(po(BODY, *RU_EN), "a.po").segments
    assert (segment.id, segment.text, segment.source, segment.source_lang, segment.location) == (
        "1", "The lamp burns.", "Лампа горит.", "ru", "line 7",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("header", "source_lang", "expected"),
    [
        (("Language: en",), "ru", ("The lamp burns.", "Лампа горит.", "ru")),
        (("Language: en",), None, ("The lamp burns.", None, None)),
        (("Language: de",), None, ("Лампа горит.", None, None)),  # by convention the msgid is English
        ((), None, ("Лампа горит.", None, None)),
    ],
)
def test_which_side_is_english(header: tuple[str, ...], source_lang: str | None, expected: tuple) -> None:
    (segment,) = read_po(po(BODY, *header), "a.po", source_lang).segments
    assert (segment.text, segment.source, segment.source_lang) == expected


def test_no_english_side() -> None:
    with pytest.raises(InputError, match=r"^a\.po: has no English side \(Language: de, X-Source-Language: ru\)"):
        read_po(po(BODY, "Language: de", "X-Source-Language: ru"), "a.po")


def test_plural_forms_contexts_and_several_lines() -> None:
    body = (
        'msgctxt "sea"\nmsgid "%d лодка"\nmsgid_plural "%d лодок"\nmsgstr[0] "%d boat"\n'
        'msgstr[1] ""\n"%d "\n"boats"\n\n'
        'msgid "Да"\nmsgstr ""\n\n#~ msgid "Нет"\n#~ msgstr "No"\n'
    )
    segments = read_po(po(body, *RU_EN), "a.po").segments
    assert [(s.id, s.text, s.source, s.location, s.skip) for s in segments] == [
        ("1.0", "%d boat", "%d лодка", "line 7, form 0", None),
        ("1.1", "%d boats", "%d лодок", "line 7, form 1", None),
        ("2", "", "Да", "line 15", "not translated"),
        ("3", "No", "Нет", "line 18", "obsolete"),
    ]


def test_characters_that_end_a_line_elsewhere_stay_in_the_text() -> None:
    (segment,) = read_po(po('msgid "а"\nmsgstr "one\u2028two\x0bthree\x85"\n', *RU_EN), "a.po").segments
    assert segment.text == "one\u2028two\x0bthree\x85"


def test_a_declared_encoding() -> None:
    content = po('msgid "Да"\nmsgstr "caf\u00e9 et th\u00e9 d\u2019\u00e9t\u00e9 \u00e0 No\u00ebl"\n', "Language: en")
    content = content.decode().replace("Да", "x").replace("UTF-8", "cp1252").encode("cp1252")
    assert read_po(content, "a.po").segments[0].text == "café et thé d’été à Noël"


def test_a_file_that_is_only_a_path_opens_nothing(tmp_path: Path) -> None:
    secret = tmp_path / "secret.po"
    secret.write_bytes(po(BODY, *RU_EN))
    with pytest.raises(InputError, match="is not a PO file"):
        read_po(str(secret).encode(), "a.po")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty"),
        (b'msgid "a"b"\nmsgstr "c"\n', r"^a\.po:1: is not a PO file that can be read: unescaped"),
        (b"The lamp burns.\n", r"^a\.po:1: is not a PO file"),
        (b'msgid "\xff\xfe"\nmsgstr "\xc3("\n', "is not UTF-8"),
    ],
)
def test_damaged_files(content: bytes, message: str) -> None:
    with pytest.raises(InputError, match=message):
        read_po(content, "a.po")
