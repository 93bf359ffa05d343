"""Hostile XML: nothing is expanded, fetched or kept, and what is refused is named with its line."""

from __future__ import annotations

import subprocess
import sys

import pytest

from backspeak.errors import InputError
from backspeak.references.untrusted_xml import text_of, units

BODY = '<body><tu><tuv xml:lang="en"><seg>The bridge is open.</seg></tuv></tu></body>'


def _texts(path):
    return [text_of(next(unit.iter("seg"))) for unit in units(path, {"tu"}, ("tmx",))]


@pytest.mark.parametrize(
    "prolog",
    [
        "",
        '<?xml version="1.0" encoding="UTF-8"?>\n',
        '<?xml version="1.0"?>\n<!-- made by hand -->\n<!DOCTYPE tmx SYSTEM "tmx14.dtd">\n',
        '<!DOCTYPE tmx PUBLIC "-//LISA OSCAR:1998//DTD for Translation Memory eXchange//EN" "tmx14.dtd">',
        "<?xml-stylesheet href='none.xsl'?>",
    ],
)
def test_a_plain_prolog_passes_and_nothing_is_fetched(write, prolog):
    assert _texts(write("a.tmx", f"{prolog}<tmx>{BODY}</tmx>")) == ["The bridge is open."]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "iso-8859-1", "utf-8-sig"])
def test_declared_encodings_are_read(write, encoding):
    declared = {"utf-16-le": "utf-16", "utf-8-sig": "utf-8"}.get(encoding, encoding)
    text = f'<?xml version="1.0" encoding="{declared}"?><tmx>{BODY.replace("open", "café")}</tmx>'
    mark = b"\xff\xfe" if encoding == "utf-16-le" else b""
    assert _texts(write("a.tmx", mark + text.encode(encoding))) == ["The bridge is café."]


BOMB = '<!DOCTYPE tmx [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>'


@pytest.mark.parametrize(
    "doctype",
    [
        BOMB,
        '<!DOCTYPE tmx SYSTEM "x.dtd" [<!ENTITY % p SYSTEM "file:///etc/hostname">%p;]>',
        "<!DOCTYPE tmx [<!ELEMENT tmx ANY>]>",
        "<!-- > --><?pi >?>\n" + BOMB,
        '<!DOCTYPE tmx SYSTEM "a>[b" [<!ENTITY a "ha">]>',
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_document_type_with_declarations_is_refused(write, doctype, encoding):
    path = write("bomb.tmx", f"{doctype}<tmx>{BODY}</tmx>".encode(encoding))
    with pytest.raises(InputError, match=r"bomb\.tmx:\d+: declares .* delete the <!DOCTYPE") as refused:
        _texts(path)
    assert refused.value.line == doctype.split("<!DOCTYPE")[0].count("\n") + 1


def test_an_encoding_that_could_hide_something_is_refused(write):
    path = write("a.tmx", f'<?xml version="1.0" encoding="UTF-7"?><tmx>{BODY}</tmx>')
    with pytest.raises(InputError, match=r"a\.tmx:1: is in the encoding UTF-7; save it again as UTF-8"):
        _texts(path)


@pytest.mark.parametrize("doctype", ["", '<!DOCTYPE tmx SYSTEM "http://localhost:9/tmx14.dtd">'])
def test_an_undeclared_entity_is_refused(write, doctype):
    path = write("a.tmx", f"{doctype}<tmx>\n{BODY.replace('open', '&secret;')}</tmx>")
    with pytest.raises(InputError, match=r"a\.tmx:2: .*secret"):
        _texts(path)


def test_character_references_and_the_five_entities_are_text(write):
    path = write("a.tmx", f"<tmx>{BODY.replace('open', '&lt;b&gt; &amp; &#233;')}</tmx>")
    assert _texts(path) == ["The bridge is <b> & é."]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("<tmx>\n<body>\n<tu></body></tmx>", r"a\.tmx:3: is not well-formed XML: .*tu.*; export it again"),
        ("<tmx><body>", r"a\.tmx:1: is not well-formed XML"),
        ("", r"a\.tmx: is empty"),
        (" \n", r"a\.tmx: is empty"),
        ("The bridge is open.", r"a\.tmx:1: is not XML"),
        ("<html><body>Hello</body></html>", r"a\.tmx:1: has the root element <html>; expected is <tmx>"),
        (b"<tmx>\xff\xff</tmx>", r"a\.tmx:1: is not well-formed XML"),
    ],
)
def test_what_is_no_such_file_is_named_with_its_line(write, content, message):
    with pytest.raises(InputError, match=message):
        _texts(write("a.tmx", content))


def test_deep_nesting_is_refused(write):
    depth = 100_000
    path = write("deep.tmx", "<tmx><tu>" + "<hi>" * depth + "x" + "</hi>" * depth + "</tu></tmx>")
    with pytest.raises(InputError, match=r"deep\.tmx:1: .*depth"):
        _texts(path)


def test_one_unit_without_end_is_refused(write):
    path = write("wide.tmx", "<tmx><tu>" + "<tuv/>" * 30_000 + "</tu></tmx>")
    with pytest.raises(InputError, match=r"wide\.tmx:1: one <tu> holds more than 20,000 elements"):
        _texts(path)


PEAK = """
import resource, sys
from pathlib import Path
from backspeak.references.untrusted_xml import units
print(sum(1 for _ in units(Path(sys.argv[1]), {"tu"}, ("tmx",))), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def test_working_memory_does_not_grow_with_the_file(write):
    """What is not asked for is forgotten too. A tree of the larger file would take some 100 MB."""
    unit = '<tu><tuv xml:lang="en"><seg>The bridge is open again today.</seg></tuv></tu><junk a="b">text</junk>\n'

    def peak(count: int) -> int:
        """KiB."""
        path = write("long.tmx", f"<tmx><body>{unit * count}</body></tmx>")
        done = subprocess.run([sys.executable, "-c", PEAK, str(path)], capture_output=True, text=True, check=True)
        found, size = map(int, done.stdout.split())
        assert found == count
        return size

    assert peak(100_000) < peak(100) + 10_000


def test_inline_codes_are_no_text_and_emphasis_is(write):
    segment = (
        'Press <bpt i="1">&lt;b&gt;</bpt>the <hi>red</hi><ept i="1">&lt;/b&gt;</ept> '
        '<ph><sub>never</sub></ph>button<g id="1"> now<x id="2"/></g>.'
    )
    path = write("a.tmx", f"<tmx><tu><seg>{segment}</seg></tu></tmx>")
    assert _texts(path) == ["Press the red button now."]


def test_progress_tells_every_byte(write):
    path = write("a.tmx", f"<tmx>{BODY * 100}</tmx>")
    read: list[int] = []
    assert sum(1 for _ in units(path, {"tu"}, ("tmx",), read.append)) == 100
    assert sum(read) == path.stat().st_size
