"""Files made to harm: each is refused with a clear error, or read as the harmless text that it is."""

from __future__ import annotations

import io
import struct
import time
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from backspeak.errors import InputError
from backspeak.formats import READERS, read, xml
from backspeak.formats.archive import unpacked
from backspeak.formats.docx import read_docx
from backspeak.formats.inline import flatten
from backspeak.formats.pdf import read_pdf
from backspeak.formats.tmx import read_tmx
from backspeak.formats.xliff import read_xliff

SECRET = "the key under the mat"
WRAPPED = {
    "xliff": (
        read_xliff,
        '<xliff version="1.2"><file source-language="ru" target-language="en"><body><trans-unit id="1">'
        "<source>x</source><target>{}</target></trans-unit></body></file></xliff>",
    ),
    "xliff 2": (
        read_xliff,
        '<xliff version="2.0" srcLang="ru" trgLang="en"><file id="f"><unit id="u"><segment><source>x</source>'
        "<target>{}</target></segment></unit></file></xliff>",
    ),
    "tmx": (
        read_tmx,
        '<tmx version="1.4"><header srclang="ru"/><body><tu><tuv xml:lang="en"><seg>{}</seg></tuv></tu></body></tmx>',
    ),
}
BOMB = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 10))
DOCTYPES = {
    "external entity": '<!DOCTYPE x [<!ENTITY e SYSTEM "file://{path}">]>',
    "internal entity": '<!DOCTYPE x [<!ENTITY e "yes">]>',
    "parameter entity": '<!DOCTYPE x [<!ENTITY % p SYSTEM "file://{path}"> %p;]>',
    "entity bomb": f'<!DOCTYPE x [<!ENTITY e0 "ha">{BOMB}<!ENTITY e "&e9;">]>',
    "quadratic bomb": f'<!DOCTYPE x [<!ENTITY e "{"a" * 50_000}">]>',
    "unparsed entity": '<!DOCTYPE x [<!NOTATION n SYSTEM "n"><!ENTITY e SYSTEM "file://{path}" NDATA n>]>',
}


MEGABYTES = (pytest.param(0.2, 20), pytest.param(10, 200, marks=pytest.mark.slow))


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    path = tmp_path / "secret"
    path.write_text(SECRET)
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
@pytest.mark.parametrize("doctype", DOCTYPES)
@pytest.mark.parametrize("kind", WRAPPED)
def test_entities_are_refused_and_nothing_is_opened(kind: str, doctype: str, encoding: str, secret: Path) -> None:
    reader, body = WRAPPED[kind]
    content = DOCTYPES[doctype].replace("{path}", str(secret)) + body.format("&e;" * 1000)
    began = time.process_time()
    with pytest.raises(InputError, match=r"^a:1: declares entities of its own"):
        reader(content.encode(encoding), "a")
    assert time.process_time() - began < 1


@pytest.mark.parametrize("kind", WRAPPED)
@pytest.mark.parametrize(
    "doctype", ["", '<!DOCTYPE x SYSTEM "file://{path}">', '<!DOCTYPE x PUBLIC "-//x//y" "http://localhost/x.dtd">']
)
def test_an_entity_from_a_document_type_elsewhere_is_refused(kind: str, doctype: str, secret: Path) -> None:
    reader, body = WRAPPED[kind]
    content = doctype.replace("{path}", str(secret)) + body.format("a &e; b")
    with pytest.raises(InputError, match=r"uses the entity &e; that it does not declare|undefined entity"):
        reader(content.encode(), "a")


@pytest.mark.parametrize("kind", WRAPPED)
def test_a_document_type_alone_does_no_harm(kind: str, secret: Path) -> None:
    reader, body = WRAPPED[kind]
    document = reader(f'<!DOCTYPE x SYSTEM "file://{secret}">{body.format("The lamp burns.")}'.encode(), "a")
    assert [segment.text for segment in document.segments] == ["The lamp burns."]


def test_inclusions_are_text_elements_like_others(secret: Path) -> None:
    include = f'<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="{secret}" parse="text"/>'
    document = read_xliff(WRAPPED["xliff"][1].format(f"The lamp {include}burns.").encode(), "a")
    assert document.segments[0].text == "The lamp burns."


@pytest.mark.parametrize("kind", WRAPPED)
def test_deep_nesting_is_refused(kind: str) -> None:
    reader, body = WRAPPED[kind]
    content = body.format("<g>" * 100_000 + "x" + "</g>" * 100_000)
    with pytest.raises(InputError, match="is nested deeper than 256 elements"):
        reader(content.encode(), "a")


@pytest.mark.parametrize("kind", WRAPPED)
@pytest.mark.parametrize(("megabytes", "seconds"), MEGABYTES)
def test_an_enormous_text_is_skipped_not_judged(kind: str, megabytes: float, seconds: float) -> None:
    reader, body = WRAPPED[kind]
    began = time.process_time()
    (segment,) = reader(body.format("word " * int(megabytes * 200_000)).encode(), "a").segments
    assert segment.skip == "longer than 20,000 characters"
    assert time.process_time() - began < seconds


def test_a_tag_without_end_and_a_unit_without_end_are_refused() -> None:
    start = b"<tmx><body><tu>"
    with pytest.raises(InputError, match="has a tag or a comment of more than 16 MB"):
        list(xml.stream(io.BytesIO(start + b"<!--" + b"x" * (20 << 20)), "a", ("tu",)))
    with pytest.raises(InputError, match="has a unit of more than 16 million characters"):
        list(xml.stream(io.BytesIO(start + b"x" * (20 << 20)), "a", ("tu",)))
    with pytest.raises(InputError, match="has more than 20,000 elements and lines in one unit"):
        list(xml.stream(io.BytesIO(start + b"<a/>" * 30_000), "a", ("tu",)))


def test_more_nodes_than_memory_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xml, "MAX_NODES", 1_000)
    with pytest.raises(InputError, match="has more than 1,000 elements and lines in one file; split it"):
        xml.parse(b"<x>" + b"<a/>" * 1_001 + b"</x>", "a")


@pytest.mark.parametrize(
    "codec", ["idna", "punycode", "unicode_escape", "raw_unicode_escape", "utf_7", "zlib", "rot13", "utf-16"]
)
def test_a_file_may_not_choose_an_odd_codec(codec: str) -> None:
    content = f'<?xml version="1.0" encoding="{codec}"?>' + WRAPPED["xliff"][1].format("a\\u0041 +AEE-")
    assert read_xliff(content.encode(), "a").segments[0].text == "a\\u0041 +AEE-"


# Zip files


def test_a_zip_bomb_is_refused_without_unpacking(
    word_document: Callable[..., bytes], changed_docx: Callable[[bytes, str, bytes], bytes]
) -> None:
    content = changed_docx(word_document("The lamp burns."), "word/media/a.xml", b" " * (100 << 20))
    tracemalloc.start()
    with pytest.raises(InputError, match=r"^a\.docx: would unpack to \d+ times its size: a zip bomb"):
        read_docx(content, "a.docx")
    assert tracemalloc.get_traced_memory()[1] < 4 << 20
    tracemalloc.stop()


def test_a_zip_that_lies_about_its_sizes_gives_no_more_than_it_says(zip_file: Callable[..., bytes]) -> None:
    content = bytearray(zip_file({"word/document.xml": b"<x/>" + b" " * (64 << 20)}))
    for signature, offset in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        at = content.rindex(signature)
        struct.pack_into("<I", content, at + offset, 100)
    tracemalloc.start()
    with pytest.raises(InputError, match=r"^a\.docx: "):
        read_docx(bytes(content), "a.docx")
    assert tracemalloc.get_traced_memory()[1] < 8 << 20
    tracemalloc.stop()


def test_a_zip_too_large_in_all_is_refused(zip_file: Callable[..., bytes], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("backspeak.formats.archive.MAX_TOTAL", 1 << 20)
    with pytest.raises(InputError, match="would unpack to 1 MB, over the limit"):
        unpacked(zip_file({str(n): bytes(1 << 18) for n in range(6)}, zipfile.ZIP_STORED), "a", "a zip", ())


def test_too_many_members_are_refused(zip_file: Callable[..., bytes]) -> None:
    with pytest.raises(InputError, match="holds 5,001 files"):
        unpacked(zip_file({str(n): b"" for n in range(5_001)}, zipfile.ZIP_STORED), "a", "a zip", ())


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_packing_that_cannot_be_bounded_is_refused(zip_file: Callable[..., bytes], method: int) -> None:
    with pytest.raises(InputError, match=f"is packed in a way that a zip is not \\(method {method}\\)"):
        unpacked(zip_file({"a.xml": b"x"}, method), "a", "a zip", (".xml",))


@pytest.mark.parametrize(
    "path", ["../x.xml", "word/../../x.xml", "/etc/x.xml", "C:\\x.xml", "..\\x.xml", "\\\\host\\x"]
)
def test_members_that_leave_the_folder_are_refused(
    path: str, word_document: Callable[..., bytes], changed_docx: Callable[[bytes, str, bytes], bytes]
) -> None:
    with pytest.raises(InputError, match="holds a file that would leave its folder"):
        read_docx(changed_docx(word_document("The lamp burns."), path, b"<x/>"), "a.docx")


def test_an_encrypted_zip_is_refused(word_document: Callable[..., bytes]) -> None:
    content = bytearray(word_document("The lamp burns."))
    content[content.rindex(b"PK\x01\x02") + 8] |= 1
    with pytest.raises(InputError, match="is encrypted"):
        read_docx(bytes(content), "a.docx")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
@pytest.mark.parametrize("part", ["word/document.xml", "word/styles.xml", "[Content_Types].xml", "_rels/.rels"])
def test_entities_in_a_part_are_refused(
    part: str,
    encoding: str,
    word_document: Callable[..., bytes],
    changed_docx: Callable[[bytes, str, bytes], bytes],
    secret: Path,
) -> None:
    doctype = DOCTYPES["external entity"].replace("{path}", str(secret))
    body = f'<?xml version="1.0" encoding="{encoding}"?>{doctype}<x>&e;</x>'.encode(encoding)
    with pytest.raises(InputError, match="declares a document type or entities in") as error:
        read_docx(changed_docx(word_document("The lamp burns."), part, body), "a.docx")
    assert SECRET not in str(error.value)


def test_deep_nesting_in_a_word_document(
    word_document: Callable[..., bytes], changed_docx: Callable[[bytes, str, bytes], bytes]
) -> None:
    w = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
    deep = f"<w:document {w}><w:body>" + "<w:sdt>" * 50_000 + "</w:sdt>" * 50_000 + "</w:body></w:document>"
    with pytest.raises(InputError, match="could not be read as a Word document"):
        read_docx(changed_docx(word_document("x"), "word/document.xml", deep.encode()), "a.docx")


# Everything


@pytest.mark.parametrize(("megabytes", "seconds"), MEGABYTES)
@pytest.mark.parametrize("extension", sorted(set(READERS) - {".docx", ".pdf", ".markdown", ".htm", ".xliff"}))
def test_an_enormous_line(
    extension: str, megabytes: float, seconds: float, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Segments or a clear error, in time that grows with the line: there is none that a reader hangs on."""
    monkeypatch.chdir(tmp_path)
    before = {".srt": b"1\n00:00:01,000 --> 00:00:02,000\n", ".vtt": b"WEBVTT\n\n00:01.000 --> 00:02.000\n"}
    name = f"a{extension}"
    began = time.process_time()
    size = int(megabytes * 1_000_000)
    for line in (b"a" * size, b"word " * (size // 5), b"<" * size, b'"' * size):
        Path(name).write_bytes(before.get(extension, b"") + line)
        try:
            (document,) = read([name])
        except InputError as refused:
            said = refused.path
        else:
            said = name if document.segments or document.problems else None
        assert said == name
    assert time.process_time() - began < seconds


@pytest.mark.parametrize("extension", sorted(READERS))
@pytest.mark.parametrize(
    "content", [b"\xff\xfe\x00", b"\xef\xbb\xbf", b"\x00" * 100, b"\xc3\x28" * 50, b"\xfe\xff\xd8\x00"]
)
def test_damaged_encodings(extension: str, content: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    name = f"a{extension}"
    Path(name).write_bytes(content)
    with pytest.raises(InputError, match=f"^{name}"):
        list(read([name]))


def test_a_pdf_stream_that_unpacks_to_gigabytes_is_refused(pdf_document: Callable[..., bytes]) -> None:
    import zlib

    packed = zlib.compress(b" " * (400 << 20), 9)
    content = pdf_document(["x"])
    stream = content[content.index(b"<< /Length") : content.index(b"endstream")]
    made = content.replace(stream, b"<< /Filter /FlateDecode /Length %d >>\nstream\n%s\n" % (len(packed), packed), 1)
    began = time.process_time()
    with pytest.raises(InputError, match=r"^a\.pdf: "):
        read_pdf(made, "a.pdf")
    assert time.process_time() - began < 20


def test_a_page_tree_that_bites_its_tail_is_refused(pdf_document: Callable[..., bytes]) -> None:
    content = pdf_document(["x"]).replace(b"/Kids [5 0 R]", b"/Kids [2 0 R]")
    with pytest.raises(InputError, match=r"^a\.pdf: "):
        read_pdf(content, "a.pdf")


def test_no_hidden_copy_of_the_text_is_read() -> None:
    """A flat text has one place a character, so that a mark can never point outside its element."""
    tree = xml.parse(WRAPPED["xliff"][1].format("a<g>b</g>&amp;<![CDATA[c]]>").encode(), "a")
    target = next(each for each in tree.root.descendants() if each.name == "target")
    flat = flatten(target, ())
    assert flat.text == "ab&c"
    assert [flat.place(at).parent.name for at in range(4)] == ["target", "g", "target", "target"]
