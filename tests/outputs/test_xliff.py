"""Annotated XLIFF: valid, the flags where they were, and not a byte changed but for the marks."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from lxml import etree

from backspeak import outputs
from backspeak.data import CATEGORIES, SEVERITIES, CheckedSegment, ErrorSpan
from backspeak.errors import InputError
from backspeak.formats.xliff import open_xliff, read_xliff
from backspeak.outputs import Run
from backspeak.outputs.xliff import ISSUE_TYPES, annotated, write
from backspeak.reports import write_segments, write_summary

ITS = "{http://www.w3.org/2005/11/its}"
ONE = """<?xml version='1.0' encoding="utf-8" ?>\r
<!-- a remark --><?tool keep="this"?>
<xliff version = '1.2' xmlns="urn:oasis:names:tc:xliff:document:1.2" xmlns:x="urn:x">
  <file original="a &amp; b.html" datatype='html' source-language="ru" target-language="en-GB" x:more="1">
    <body >
      <trans-unit id="1" resname="&#x41;"><source>Лампа горит.</source>
        <target>The lamp <g id="1">burns very <g id='2'>brightly</g> and</g> long<x id="3"/>, friend.</target>
        <note>A note.</note></trans-unit>
      <trans-unit id="2"><source>a</source><target><![CDATA[Two <b> lamps]]> &amp; more&#33; Yes
        it is.</target></trans-unit>
      <trans-unit id="3"><source>Да. Нет.</source>
        <seg-source><mrk mtype="seg" mid="0">Да.</mrk> <mrk mtype="seg" mid="1">Нет.</mrk></seg-source>
        <target><mrk mtype="seg" mid="0">Yes to it.</mrk> <mrk mtype="seg" mid="1">No to it.</mrk></target></trans-unit>
      <trans-unit id="4"><source>b</source><target/></trans-unit>
    </body>
  </file>
</xliff>
"""
TWO = """<xliff xmlns="urn:oasis:names:tc:xliff:document:2.0" version="2.0" srcLang="ru" trgLang="en">
 <file id="f">
  <unit id="u1">
   <originalData><data id="d1">&lt;br/></data></originalData>
   <segment id="s1"><source>Лампа горит.</source>
    <target>The lamp <pc id="1">burns very <pc id="2">brightly</pc> and</pc> long<ph
      id="3" dataRef="d1"/>, friend.</target></segment>
   <segment id="s2"><source>Да.</source><target>Yes to <mrk id="backspeak1" type="term">it</mrk>.</target></segment>
  </unit>
 </file>
</xliff>
"""


def with_flags(content: bytes, *words: str, category: str = "grammar") -> list[CheckedSegment]:
    """The segments of a file, these words flagged wherever they stand; "" flags the place after "lamp "."""
    checked = []
    for segment in read_xliff(content, "a.xlf").segments:
        spans = []
        for word in words:
            for found in re.finditer(re.escape(word) if word else r"(?<=lamp )", segment.text):
                span = ErrorSpan(
                    *found.span(), found[0], category, "major", 0.9, "round-trip", ("so & so", 'a "b" <c>'), ()
                )
                spans.append(span)
        checked.append(CheckedSegment(segment, "ok", spans=tuple(spans)))
    return checked


def without_marks(content: bytes) -> bytes:
    """The file as it would be had nothing been put in: by regular expression, no parser of ours involved."""
    opened = re.compile(rb"<(?:x:)?mrk (?:mtype=\"x-its\"|id=\"backspeak\d+\" type=\"its:generic\") its2?:[^<>]*?(/?)>")
    made, depth_at = content, 0
    while found := opened.search(made, depth_at):
        start, end = found.span()
        if found[1]:
            made = _cut(made, start, end)
            continue
        level, at = 1, end
        while level:
            tag = re.compile(rb"<(/?)(?:x:)?mrk\b(?:[^<>\"]|\"[^\"]*\")*?(/?)>").search(made, at)
            assert tag is not None
            level += 0 if tag[2] else -1 if tag[1] else 1
            at = tag.end()
        made = _cut(made, tag.start(), tag.end())
        made = _cut(made, start, end)
    for pattern in (
        rb"<(?:sm id=\"backspeak\d+\" |em startRef=\"backspeak)[^<>]*/>",
        rb"<its2?:locQualityIssues .*?</its2?:locQualityIssues>",
    ):
        while found := re.search(pattern, made):
            made = _cut(made, *found.span())
    declared = rb' xmlns:its2?="http://www\.w3\.org/2005/11/its"(?= )| its2?:version="2.0"'
    return re.sub(declared, b"", made, count=2)


def _cut(content: bytes, start: int, end: int) -> bytes:
    """Without a mark, and without the CDATA ends that it was put between."""
    if content[:start].endswith(b"]]>") and content[end:].startswith(b"<![CDATA["):
        start, end = start - 3, end + 9
    return content[:start] + content[end:]


EVERYTHING = ("lamp", "burns very brightly", "long, friend", "<b> lamps & more! Y", "it", "", "to")


@pytest.mark.parametrize("content", [ONE, TWO])
@pytest.mark.parametrize("words", [("lamp",), ("burns very brightly and",), ("<b> lamps & more!",), ("",), EVERYTHING])
def test_nothing_is_changed_but_for_the_marks(content: str, words: tuple[str, ...]) -> None:
    given = content.encode()
    checked = with_flags(given, *words)
    made = annotated(given, "a.xlf", checked)
    assert (made != given) == any(each.spans for each in checked)
    assert without_marks(made) == given


NASTY = {
    # Elements with a prefix, comments and instructions inside words, CDATA beside CDATA, prefixes that change
    # their meaning, tags with odd spaces, native code, other suggestions.
    "utf-16": """<?xml version="1.0" encoding="utf-16"?>\r
<!DOCTYPE x:xliff>\r
<?tool a="]]>"?>\r
<x:xliff xmlns:x="urn:oasis:names:tc:xliff:document:1.2" version="1.2">\r
<x:file original="a" source-language="ru" target-language="en" datatype="x" xmlns:its="urn:other"><x:body>\r
<x:group><x:trans-unit id="1" its:foo="1" xmlns:its="urn:third"><x:source>Лампа.</x:source>\r
<x:target>A la<!-- lamp -->mp and a l&#x61;mp, <?p lamp?>la<?p ?>mp 😀 lamp&amp;&quot;lamp&quot;\r
\t two\tlamps <x:x id="1"/><![CDATA[<lamp>\r
lamp]]><![CDATA[]]>.</x:target><x:alt-trans><x:target>Lamp of old.</x:target></x:alt-trans></x:trans-unit></x:group>\r
<x:trans-unit id="2" xml:space="preserve"><x:source>b</x:source><x:target state='a>b'>  A  lamp  \r
 of \u00a0 it  </x:target  ></x:trans-unit>\r
<x:trans-unit id="3"><x:source>b</x:source><x:target><x:g id="1"/>lamp<x:g id="2">lamp<x:g id="3"></x:g></x:g><x:bpt\r
 id="4">&lt;b lamp></x:bpt>lamp<x:ept id="4">lamp</x:ept><x:ph id="5"><x:sub>lamp</x:sub></x:ph></x:target>\r
</x:trans-unit></x:body></x:file></x:xliff>\r
<!-- end -->\r
""",
    # Matches of a memory, text between segments, a character that XML lacks, an annotation with ">" in it.
    "iso-8859-1": """<?xml version="1.0" encoding="iso-8859-1"?>
<xliff xmlns="urn:oasis:names:tc:xliff:document:2.1" version="2.1" srcLang="fr" trgLang="en" xmlns:its="urn:mine"
 xmlns:mtc="urn:oasis:names:tc:xliff:matches:2.0"><file id="f"><group id="g"><unit id="u1" xml:space="preserve">
<mtc:matches><mtc:match ref="#s1"><source>La lampe.</source><target>The lamp.</target></mtc:match></mtc:matches>
<notes><note id="n">lamp</note></notes><ignorable><source> lamp </source><target> lamp </target></ignorable>
<segment id="s1"><source>La lampe brûle.</source><target>A café la<cp hex="0003"/>mp <sc id="1"/>lamp<ec
 startRef="1"/> <mrk id="m1" translate="no">lamp burns</mrk> very<pc id="2"> <mrk id="m2" type="comment"
 value="x>y">brightly</mrk></pc> and.</target></segment>
<segment id="s2" state="final"><source>a</source></segment></unit></group></file></xliff>
""",
    # No namespace, a mark order, an issue of another tool, an id twice, joined and combining characters.
    "utf-8-sig": """<xliff version="1.2"><file original="a" source-language="ru" datatype="plaintext"
 target-language="en"><body><trans-unit id="1"><source>a</source><target xml:lang="en"><mrk mtype="x-its"
 xmlns:its="http://www.w3.org/2005/11/its" its:locQualityIssueType="style">lamp</mrk> of the <mrk mtype="seg"
 mid="9">lamp long, friend</mrk></target></trans-unit><trans-unit id="1"><source>a</source><target
 xml:lang="en">lamp\u2028lamp\u0301 \U0001f469\u200d\U0001f467 lamp</target></trans-unit></body></file></xliff>""",
}


@pytest.mark.parametrize("encoding", NASTY)
@pytest.mark.parametrize("words", [("lamp",), (*EVERYTHING, "mp and", "brightly and", "lamp\nof", "lamp of")])
def test_the_worst_files_are_changed_by_nothing_but_marks(encoding: str, words: tuple[str, ...]) -> None:
    given = NASTY[encoding].encode(encoding)
    checked = with_flags(given, *words)
    made = annotated(given, "a.xlf", checked)
    assert made != given
    assert without_marks(made.decode(encoding).encode()) == NASTY[encoding].encode()
    assert [each.text for each in read_xliff(made, "a.xlf").segments] == [each.segment.text for each in checked]
    issues = [key for each in etree.fromstring(made).iter("{*}mrk") for key in each.attrib if "locQuality" in key]
    assert issues
    assert all(key.startswith(ITS) for key in issues)


@pytest.mark.parametrize("content", [ONE, TWO])
def test_without_flags_the_copy_is_the_file(content: str) -> None:
    assert annotated(content.encode(), "a.xlf", with_flags(content.encode())) == content.encode()


@pytest.mark.parametrize("content", [ONE, TWO])
def test_the_copy_has_the_same_segments_in_the_same_places(content: str) -> None:
    given = content.encode()
    made = annotated(given, "a.xlf", with_flags(given, *EVERYTHING))
    before, after = read_xliff(given, "a.xlf").segments, read_xliff(made, "a.xlf").segments
    assert before == after


@pytest.mark.parametrize("content", [ONE, TWO])
def test_a_copy_can_be_annotated_again(content: str) -> None:
    once = annotated(content.encode(), "a.xlf", with_flags(content.encode(), "lamp"))
    twice = annotated(once, "a.xlf", with_flags(once, "lamp", "burns"))
    etree.fromstring(twice)
    assert twice.count(b'its:version="2.0"') == 1
    assert len(re.findall(rb"locQualityIssueType=", twice)) > len(re.findall(rb"locQualityIssueType=", once))


@pytest.mark.parametrize(("content", "schema"), [(ONE, "xliff-core-1.2-strict.xsd"), (TWO, "xliff-core-2.0.xsd")])
def test_the_copy_is_valid(content: str, schema: str, schema_file: Callable[[str], Path]) -> None:
    validator = _schema(schema_file(schema))
    # Attributes of strangers are checked strictly in 1.2, against a schema that is not there.
    given = content.replace(' x:more="1"', "").encode()
    validator.assertValid(etree.fromstring(given))
    validator.assertValid(etree.fromstring(annotated(given, "a.xlf", with_flags(given, *EVERYTHING))))
    assert not validator.validate(etree.fromstring(given.replace(b"<target", b"<goal").replace(b"</target", b"</goal")))


def _schema(path: Path) -> etree.XMLSchema:
    """The schema, with the markup of other namespaces (ITS) let through unchecked: no package carries its schema."""
    text = path.read_bytes().replace(b'processContents="strict"', b'processContents="lax"')
    text = re.sub(rb'schemaLocation="[^"]*xml\.xsd"', b'schemaLocation="xml.xsd"', text)
    return etree.XMLSchema(etree.fromstring(text, base_url=str(path)))


def marks_of(content: str, *words: str) -> list[etree._Element]:
    made = etree.fromstring(annotated(content.encode(), "a.xlf", with_flags(content.encode(), *words)))
    return [each for each in made.iter() if f"{ITS}locQualityIssueType" in each.attrib]


def test_a_flag_in_version_1_is_a_mark_with_its_issue() -> None:
    (mark,) = marks_of(ONE, "The lamp")
    assert etree.QName(mark).localname == "mrk"
    assert dict(mark.attrib) == {
        "mtype": "x-its",
        f"{ITS}locQualityIssueType": "grammar",
        f"{ITS}locQualityIssueComment": 'grammar: “The lamp”; better: “so & so” or “a "b" <c>”',
        f"{ITS}locQualityIssueSeverity": "50",
    }
    assert mark.text == "The lamp"


def test_a_flag_through_elements_shares_one_issue_in_version_1() -> None:
    made = etree.fromstring(annotated(ONE.encode(), "a.xlf", with_flags(ONE.encode(), "lamp burns very brightly")))
    pieces = [each for each in made.iter() if f"{ITS}locQualityIssuesRef" in each.attrib]
    assert ["".join(piece.itertext()) for piece in pieces] == ["lamp ", "burns very ", "brightly"]
    (issues,) = made.iter(f"{ITS}locQualityIssues")
    assert {piece.get(f"{ITS}locQualityIssuesRef") for piece in pieces} == {
        "#" + issues.get("{http://www.w3.org/XML/1998/namespace}id")
    }
    assert etree.QName(issues.getparent()).localname == "trans-unit"
    assert issues[0].get("locQualityIssueType") == "grammar"


def test_a_flag_through_elements_is_a_pair_in_version_2() -> None:
    (start,) = marks_of(TWO, "lamp burns")
    assert etree.QName(start).localname == "sm"
    assert start.get("type") == "its:generic"
    assert start.get("id") == "backspeak2"  # the unit has a backspeak1 already
    (end,) = start.getroottree().getroot().iter("{*}em")
    assert end.get("startRef") == "backspeak2"


def test_a_flag_around_whole_elements_is_one_mark() -> None:
    (mark,) = marks_of(TWO, "lamp burns very brightly and long")
    assert etree.QName(mark).localname == "mrk"
    assert "".join(mark.itertext()) == "lamp burns very brightly and long"


def test_inside_cdata_the_section_is_opened_again() -> None:
    made = annotated(ONE.encode(), "a.xlf", with_flags(ONE.encode(), "<b>"))
    assert b"<![CDATA[Two ]]><mrk " in made
    assert b"><![CDATA[<b>]]></mrk><![CDATA[ lamps]]>" in made


def test_an_omission_is_an_empty_mark() -> None:
    (first, *_) = marks_of(ONE, "")
    assert (first.text, first.tail) == (None, "burns very ")


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "iso-8859-5", "cp1251"])
def test_the_encoding_stays(encoding: str) -> None:
    declared = "utf-8" if encoding == "utf-8-sig" else encoding
    given = ONE.replace('encoding="utf-8"', f'encoding="{declared}"').encode(encoding)
    made = annotated(given, "a.xlf", with_flags(given, "lamp"))
    assert made[:2] == given[:2]
    assert open_xliff(made, "a.xlf").tree.encoding == open_xliff(given, "a.xlf").tree.encoding
    assert without_marks(made.decode(encoding).encode()) == ONE.replace("utf-8", declared, 1).encode()
    comments = [each.get(f"{ITS}locQualityIssueComment") for each in etree.fromstring(made).iter("{*}mrk")]
    assert 'grammar: “lamp”; better: “so & so” or “a "b" <c>”' in comments  # by references where need be


def test_prefixes_of_the_file_are_respected() -> None:
    given = (
        b'<x:xliff version="1.2" xmlns:x="urn:oasis:names:tc:xliff:document:1.2" xmlns:its="urn:other"><x:file '
        b'source-language="ru" target-language="en"><x:body><x:trans-unit id="1"><x:source>a</x:source>'
        b"<x:target>The lamp.</x:target></x:trans-unit></x:body></x:file></x:xliff>"
    )
    made = annotated(given, "a.xlf", with_flags(given, "lamp"))
    (mark,) = etree.fromstring(made).iter("{urn:oasis:names:tc:xliff:document:1.2}mrk")
    assert mark.get(f"{ITS}locQualityIssueType") == "grammar"


def test_english_that_was_the_source_is_marked_in_the_source() -> None:
    given = TWO.replace('srcLang="ru" trgLang="en"', 'srcLang="en" trgLang="ru"').replace("Лампа горит.", "The lamp.")
    made = etree.fromstring(annotated(given.encode(), "a.xlf", with_flags(given.encode(), "lamp")))
    (mark,) = (each for each in made.iter() if f"{ITS}locQualityIssueType" in each.attrib)
    assert etree.QName(mark.getparent()).localname == "source"


def test_flags_that_overlap_do_not_break_the_file() -> None:
    given = ONE.encode()
    (first, *others) = with_flags(given)
    spans = [
        ErrorSpan(s, e, first.segment.text[s:e], "grammar", "minor", 0.5, "r", (), ())
        for s, e in ((0, 12), (4, 20), (6, 8))
    ]
    made = annotated(given, "a.xlf", [CheckedSegment(first.segment, "ok", spans=tuple(spans)), *others])
    assert without_marks(made) == given
    etree.fromstring(made)


def test_another_file_is_refused() -> None:
    checked = with_flags(ONE.encode(), "lamp")
    with pytest.raises(InputError, match=r"^a\.xlf: is not the file that was checked \(line 7, trans-unit 1\)"):
        annotated(ONE.replace("The lamp", "A lamp").encode(), "a.xlf", checked)


def test_every_category_has_a_type_and_every_severity_a_number() -> None:
    from backspeak.outputs.xliff import SEVERITIES as NUMBERS

    assert set(ISSUE_TYPES) == set(CATEGORIES)
    assert set(NUMBERS) == set(SEVERITIES)


@pytest.mark.parametrize(
    ("document", "copy"),
    [("a.xlf", "a.xlf"), ("news/a.xliff", "news/a.xliff"), ("../../a.xlf", "a.xlf"), ("/tmp/x/a.xlf", "tmp/x/a.xlf")],
)
def test_copies_stay_in_their_folder(document: str, copy: str, tmp_path: Path) -> None:
    source = tmp_path / "in.xlf"
    source.write_text(ONE)
    folder = tmp_path / "report"
    segments = [
        replace(each, segment=replace(each.segment, document=document)) for each in with_flags(ONE.encode(), "lamp")
    ]
    write_segments(folder / "segments.jsonl", segments)
    write_summary(folder / "summary.json", {})
    (written,) = outputs.write(folder, ["xliff"], inputs={document: source})["xliff"]
    assert written == folder / "annotated" / copy
    assert without_marks(written.read_bytes()) == ONE.encode()


def test_two_inputs_never_share_a_copy_and_other_documents_are_passed_over(tmp_path: Path, run: Run) -> None:
    source = tmp_path / "in.xlf"
    source.write_text(ONE)
    segments = [
        replace(each, segment=replace(each.segment, document=document))
        for document in ("../a.xlf", "a.xlf")
        for each in with_flags(ONE.encode())
    ]
    inputs = {"../a.xlf": source, "a.xlf": source}
    written = write(Run(tmp_path, [*run.checked, *segments], {}, inputs))
    assert [path.name for path in written] == ["a.xlf", "a-2.xlf"]


def test_an_input_that_is_gone_is_named(tmp_path: Path) -> None:
    checked = [CheckedSegment(each.segment, "ok") for each in with_flags(ONE.encode())]
    with pytest.raises(InputError, match=r"^a\.xlf: cannot be opened to be annotated \(No such file"):
        write(Run(tmp_path, checked, {}))
