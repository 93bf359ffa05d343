"""XLIFF 1.2 and 2.x: which side is English, what is text, where it stands."""

from __future__ import annotations

import pytest

from backspeak.errors import InputError
from backspeak.formats.xliff import read_xliff

X12 = 'xmlns="urn:oasis:names:tc:xliff:document:1.2" version="1.2"'
X20 = 'xmlns="urn:oasis:names:tc:xliff:document:2.0" version="2.0"'


def xliff_1(body: str, languages: str = 'source-language="ru" target-language="en-GB"') -> bytes:
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<xliff {X12}>\n'
        f'<file original="a.html" datatype="html" {languages}>\n<body>\n{body}\n</body>\n</file>\n</xliff>\n'
    ).encode()


def xliff_2(body: str, languages: str = 'srcLang="ru" trgLang="en"') -> bytes:
    return f'<xliff {X20} {languages}>\n<file id="f">\n{body}\n</file>\n</xliff>\n'.encode()


def unit(target: str, source: str = "Лампа горит.") -> str:
    return f'<trans-unit id="7"><source>{source}</source><target>{target}</target></trans-unit>'


def texts(content: bytes) -> list[str]:
    return [segment.text for segment in read_xliff(content, "a.xlf").segments]


def test_a_unit_with_its_source_and_its_place() -> None:
    (segment,) = read_xliff(xliff_1(unit("The lamp burns.")), "a.xlf").segments
    assert (segment.id, segment.text, segment.source, segment.source_lang, segment.location, segment.skip) == (
        "7", "The lamp burns.", "Лампа горит.", "ru", "line 5, trans-unit 7", None,
    )  # fmt: skip


def test_version_2_with_its_source_and_its_place() -> None:
    body = (
        '<group id="g"><unit id="u1"><segment id="s1"><source>Лампа.</source><target>The lamp.</target></segment>'
        "<ignorable><source> </source></ignorable>\n"
        "<segment><source>Горит.</source><target>It burns.</target></segment></unit></group>"
    )
    segments = read_xliff(xliff_2(body), "a.xlf").segments
    assert [(s.id, s.text, s.source, s.location) for s in segments] == [
        ("u1/s1", "The lamp.", "Лампа.", "line 3, unit u1, segment s1"),
        ("u1/2", "It burns.", "Горит.", "line 4, unit u1, segment 2"),
    ]


@pytest.mark.parametrize("version", ["2.0", "2.1", "2.2"])
def test_every_minor_version_of_2(version: str) -> None:
    content = xliff_2('<unit id="u"><segment><source>Да.</source><target>Yes.</target></segment></unit>')
    assert texts(content.replace(b"2.0", version.encode())) == ["Yes."]


@pytest.mark.parametrize(
    ("languages", "expected"),
    [
        ('source-language="ru" target-language="EN_us"', [("The lamp burns.", "Лампа горит.", "ru")]),
        ('source-language="en" target-language="de"', [("Лампа горит.", None, None)]),
        ('source-language="en-US" target-language="en-GB"', [("The lamp burns.", None, None)]),
        ('source-language="en"', [("Лампа горит.", None, None)]),
    ],
)
def test_the_language_attributes_decide(languages: str, expected: list) -> None:
    segments = read_xliff(xliff_1(unit("The lamp burns."), languages), "a.xlf").segments
    assert [(s.text, s.source, s.source_lang) for s in segments] == expected


def test_the_language_of_the_target_counts_where_the_file_does_not_name_it() -> None:
    body = '<trans-unit id="1"><source>Да.</source><target xml:lang="en">Yes.</target></trans-unit>'
    assert texts(xliff_1(body, 'source-language="ru"')) == ["Yes."]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (
            xliff_1(unit("Ja."), 'source-language="ru" target-language="de"'),
            'source-language="ru", target-language="de"',
        ),
        (xliff_1(unit("Ja."), 'source-language="ru"'), 'source-language="ru", no target-language'),
        (
            xliff_2('<unit id="u"><segment><source>a</source></segment></unit>', 'srcLang="ru" trgLang="enm"'),
            'trgLang="enm"',
        ),
    ],
)
def test_a_file_without_an_english_side_is_refused(content: bytes, said: str) -> None:
    with pytest.raises(InputError, match=r"^a\.xlf:\d+: has no English side") as error:
        read_xliff(content, "a.xlf")
    assert said in str(error.value)


def test_of_several_files_those_without_english_are_problems() -> None:
    good = xliff_1(unit("The lamp burns.")).decode()
    bad = '<file original="b" datatype="x" source-language="fr" target-language="de"><body></body></file></xliff>'
    document = read_xliff(good.replace("</xliff>", bad).encode(), "a.xlf")
    assert len(document.segments) == 1
    assert "has no English side" in document.problems[0].message
    assert document.problems[0].line == 8


@pytest.mark.parametrize(
    ("target", "text"),
    [
        ("The <g id='1'>old <g id='2'>lamp</g></g> burns.", "The old lamp burns."),
        ("The <bpt id='1'>&lt;b></bpt>lamp<ept id='1'>&lt;/b></ept> burns.", "The lamp burns."),
        ("Dear <x id='1'/>, the lamp burns.", "Dear, the lamp burns."),
        ("The <ph id='1'>%s</ph> lamp burns.", "The lamp burns."),
        ("The lamp<x id='1' ctype='lb'/>burns.", "The lamp burns."),
        ("\n   The lamp\n   burns.\n", "The lamp burns."),
        ("The lamp &lt;burns&gt; &amp; &#115;hines<![CDATA[ <brightly>]]>.", "The lamp <burns> & shines <brightly>."),
        ("The <mrk mtype='protected'>lamp</mrk> burns.", "The lamp burns."),
        ("The lamp\u00a0burns\u2009!", "The lamp\u00a0burns\u2009!"),
    ],
)
def test_inline_codes_are_no_text(target: str, text: str) -> None:
    assert texts(xliff_1(unit(target))) == [text]


def test_inline_codes_of_version_2() -> None:
    target = 'The <pc id="1">lamp</pc> <ph id="2"/> <sc id="3"/>burns<ec startRef="3"/><cp hex="0007"/><cp hex="21"/>'
    body = f'<unit id="u"><segment><source>Да</source><target>{target}</target></segment></unit>'
    assert texts(xliff_2(body)) == ["The lamp burns!"]


def test_white_space_is_kept_where_the_file_says_so() -> None:
    body = '<trans-unit id="1" xml:space="preserve"><source>Да.</source><target>One\n  two </target></trans-unit>'
    assert texts(xliff_1(body)) == ["One\n  two"]


def test_segments_of_a_segmented_unit_meet_their_sources() -> None:
    body = (
        '<trans-unit id="7"><source>Да. Нет.</source>'
        '<seg-source><mrk mtype="seg" mid="0">Да.</mrk> <mrk mtype="seg" mid="1">Нет.</mrk></seg-source>'
        '<target><g id="1"><mrk mtype="seg" mid="1">No.</mrk> <mrk mtype="seg" mid="0">Yes.</mrk></g></target>'
        "</trans-unit>"
    )
    segments = read_xliff(xliff_1(body), "a.xlf").segments
    assert [(s.id, s.text, s.source) for s in segments] == [("7/1", "No.", "Нет."), ("7/0", "Yes.", "Да.")]


def test_what_is_not_to_be_checked_says_why() -> None:
    body = (
        '<trans-unit id="1"><source>Да.</source></trans-unit>'
        '<trans-unit id="2" translate="no"><source>x</source><target>Yes, it is.</target></trans-unit>'
        '<trans-unit id="3"><source>Да.</source><target> </target>'
        "<alt-trans><target>Not this one.</target></alt-trans></trans-unit>"
    )
    assert [(s.id, s.text, s.skip) for s in read_xliff(xliff_1(body), "a.xlf").segments] == [
        ("1", "", "not translated"),
        ("2", "Yes, it is.", "marked as not to be translated"),
        ("3", "", "not translated"),
    ]


def test_translate_no_is_inherited_in_version_2() -> None:
    unit = '<unit id="u"><segment><source>a</source><target>b c</target></segment></unit>'
    body = f'<group id="g" translate="no">{unit}</group>'
    (segment,) = read_xliff(xliff_2(body), "a.xlf").segments
    assert segment.skip == "marked as not to be translated"


def test_repeated_ids_are_told_apart() -> None:
    segments = read_xliff(xliff_1(unit("One.") + unit("Two.") + unit("Three.")), "a.xlf").segments
    assert [s.id for s in segments] == ["7", "7#2", "7#3"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1251", "iso-8859-5"])
def test_encodings(encoding: str) -> None:
    declared = {"utf-8-sig": "utf-8"}.get(encoding, encoding)
    content = xliff_1(unit("The lamp burns.")).decode().replace("UTF-8", declared).encode(encoding)
    (segment,) = read_xliff(content, "a.xlf").segments
    assert segment.source == "Лампа горит."


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"<xliff", r"^a\.xlf:1: is not well-formed XML: unclosed token"),
        (b"<xliff><file></xliff>", "mismatched tag"),
        (b"<tmx/>", "is not XLIFF 1.2 or 2.x: its root is <tmx>"),
        (b'<xliff version="3.0"/>', "root is <xliff> of version 3.0"),
        (b"", "is empty"),
        (b"The lamp burns.", "is not well-formed XML"),
        (xliff_1(unit("ok")).replace(b"ok", b"\xff"), "is not UTF-8"),
    ],
)
def test_what_is_no_xliff(content: bytes, message: str) -> None:
    with pytest.raises(InputError, match=message):
        read_xliff(content, "a.xlf")
