"""Translation memories as files: which side is English, what is approved, what is refused."""

from __future__ import annotations

import pytest

from backspeak.errors import InputError
from backspeak.references.memory_files import TranslationUnit, read_units


def _units(path):
    return list(read_units(path))


def test_tmx(tmx):
    path = tmx(("Мост открыт.", "The bridge is open."), ("Мост закрыт.", "The bridge is closed."))
    assert _units(path) == [
        TranslationUnit("The bridge is open.", "Мост открыт.", "ru", "u1"),
        TranslationUnit("The bridge is closed.", "Мост закрыт.", "ru", "u2"),
    ]


def test_tmx_of_several_languages_gives_every_english_variant(write):
    path = write(
        "a.tmx",
        '<tmx><body><tu><note>n</note><tuv lang="EN-US"><seg>Color.</seg></tuv>'
        '<tuv lang="en-gb"><seg>Colour.</seg></tuv>'
        '<tuv lang="de"><seg>Farbe.</seg></tuv><tuv lang="fr"><seg>Couleur.</seg></tuv></tu>'
        '<tu><tuv lang="de"><seg>Nur deutsch.</seg></tuv></tu></body></tmx>',
    )
    assert [(unit.text, unit.source, unit.source_lang) for unit in _units(path)] == [
        ("Color.", "Farbe.", "de"),
        ("Colour.", "Farbe.", "de"),
    ]


XLIFF_12 = """<xliff version="1.2" xmlns="urn:oasis:names:tc:xliff:document:1.2">
<file source-language="{source}" target-language="{target}" original="a.txt" datatype="plaintext"><body><group>
<trans-unit id="1"><source>Мост <g id="1">открыт</g>.</source>
<target state="final">The bridge is open.</target></trans-unit>
<trans-unit id="2" approved="no"><source>Раз.</source><target>One.</target></trans-unit>
<trans-unit id="3"><source>Два.</source><target state="needs-review-translation">Two.</target></trans-unit>
<trans-unit id="4"><source>Три.</source></trans-unit>
</group></body></file></xliff>"""


def test_xliff_12_gives_what_is_approved(write):
    assert _units(write("a.xlf", XLIFF_12.format(source="ru-RU", target="en"))) == [
        TranslationUnit("The bridge is open.", "Мост открыт.", "ru-ru", "1")
    ]


def test_an_english_source_is_approved_english(write):
    units = _units(write("a.xliff", XLIFF_12.format(source="en-US", target="ru")))
    assert [(unit.text, unit.source) for unit in units][:2] == [("Мост открыт.", None), ("Раз.", None)]


def test_xliff_2(write):
    path = write(
        "a.xliff",
        '<xliff version="2.0" srcLang="de" trgLang="en" xmlns="urn:oasis:names:tc:xliff:document:2.0"><file id="f">'
        '<unit id="u7"><segment state="translated"><source>Die <pc id="1">Brücke</pc>.</source>'
        "<target>The bridge.</target></segment>"
        '<segment state="initial"><source>Neu.</source><target>New.</target></segment></unit></file></xliff>',
    )
    assert _units(path) == [TranslationUnit("The bridge.", "Die Brücke.", "de", "u7")]


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("a.tsv", "source\ttarget\tid\nМост.\tThe bridge.\t7\n", ("The bridge.", "Мост.", None, "7")),
        ("a.tsv", "ru\ten-GB\nМост.\tThe bridge.\n", ("The bridge.", "Мост.", "ru", None)),
        ("a.tsv", "Мост.\tThe  bridge.\n", ("The bridge.", "Мост.", None, None)),
        ("a.tsv", "\ufeffThe bridge.\r\n", ("The bridge.", None, None, None)),
        ("a.csv", 'source,target\n"Мост, да.","The ""old"" bridge."\n', ('The "old" bridge.', "Мост, да.", None, None)),
        ("a.csv", "de;en\nBrücke, ja;The bridge, yes\n", ("The bridge, yes", "Brücke, ja", "de", None)),
    ],
)
def test_tables(write, name, content, expected):
    assert _units(write(name, content)) == [TranslationUnit(*expected)]


def test_a_table_in_utf16_as_spreadsheets_write_it(write):
    path = write("a.tsv", "source\ttarget\nМост.\tThe bridge.\n".encode("utf-16"))
    assert [unit.text for unit in _units(path)] == ["The bridge."]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.tmx", "<tmx><tu><tuv><seg>x</seg></tuv></tu></tmx>", r"a\.tmx:1: has a <tuv> without xml:lang"),
        ("a.tmx", '<tmx>\n<tu><tuv xml:lang="en"/></tu></tmx>', r"a\.tmx:2: has a <tuv> without a <seg>"),
        (
            "a.tmx",
            '<tmx><tu><tuv xml:lang="de"><seg>x</seg></tuv></tu></tmx>',
            "has no English sentences; its languages are de",
        ),
        ("a.tmx", "<tmx><body/></tmx>", "has no English sentences; it holds no unit"),
        ("a.xlf", "<xliff><trans-unit><target>x</target></trans-unit></xliff>", "does not say its languages"),
        ("a.xlf", XLIFF_12.format(source="ru", target="de"), "has no English sentences; its languages are de, ru"),
        ("a.tsv", "a\tb\tc\n", r"a\.tsv:1: has 3 columns and no header; name the columns"),
        ("a.tsv", "source\ttarget\nx\ty\nz\n", r"a\.tsv:3: has 1 cells, the first row has 2"),
        ("a.tsv", b"source\ttarget\nx\ty\nz\t\xff\xfe\n", r"a\.tsv:\d: is not UTF-8"),
        ("a.tsv", b"source\ttarget\0\n", "is a binary file"),
        ("a.tsv", "", r"a\.tsv: is empty"),
        ("a.csv", 'source,target\n"x,y\n', r"a\.csv:2: is not valid CSV"),
        ("a.tsv", "source\ttarget\nМост.\t\n", "holds no approved English sentence"),
        ("a.csv", ",\n", "has no row with a word in it"),
        ("a.docx", "x", "is no translation memory that can be read; known are .csv, .tmx, .tsv, .xlf, .xliff"),
    ],
)
def test_what_cannot_be_read_is_refused_with_the_mend(write, name, content, message):
    with pytest.raises(InputError, match=message):
        _units(write(name, content))


def test_a_missing_file(tmp_path):
    for name in ("none.tmx", "none.tsv"):
        with pytest.raises(InputError, match=rf"{name}: there is no such file"):
            _units(tmp_path / name)
