"""Coverage-guided fuzzing of every reader, and of writing XLIFF back. See README.md."""

from __future__ import annotations

import io
import os
import sys
import tempfile
import zipfile
from pathlib import Path

import atheris
import docx
import pypdf

# The two large libraries are not instrumented: that takes longer than the run finds in them.
with atheris.instrument_imports(include=["backspeak.formats", "backspeak.outputs", "polib", "webvtt"]):
    import polib  # noqa: F401  instrumented before a reader imports it
    import webvtt  # noqa: F401

    from backspeak.data import CheckedSegment, ErrorSpan
    from backspeak.errors import InputError
    from backspeak.formats import READERS, xml
    from backspeak.outputs import xliff

EXTENSIONS = sorted(extension for extension in READERS if extension not in (".htm", ".html", ".markdown", ".xliff"))
XLIFF = (
    '<?xml version="1.0" encoding="UTF-8"?><xliff version="1.2" xmlns="urn:oasis:names:tc:xliff:document:1.2"><file '
    'original="a" datatype="x" source-language="ru" target-language="en"><body><trans-unit id="1"><source>Да</source>'
    '<target>Yes <g id="1">it &amp; <![CDATA[is]]></g> <x id="2"/>so.</target></trans-unit></body></file></xliff>'
)
XLIFF_2 = (
    '<xliff version="2.1" xmlns="urn:oasis:names:tc:xliff:document:2.0" srcLang="ru" trgLang="en"><file id="f"><unit '
    'id="u"><segment><source>Да</source><target>Yes <pc id="1">it</pc> is<cp hex="21"/></target></segment></unit>'
    "</file></xliff>"
)
TMX = (
    '<!DOCTYPE tmx SYSTEM "tmx14.dtd"><tmx version="1.4"><header srclang="ru"/><body><tu tuid="1"><tuv xml:lang="ru">'
    '<seg>Да</seg></tuv><tuv xml:lang="en"><seg>Yes<ph/></seg></tuv></tu></body></tmx>'
)
SEEDS = {
    ".xlf": [XLIFF, XLIFF_2],
    ".tmx": [TMX],
    ".po": [
        'msgid ""\nmsgstr "Language: en\\n"\n\n#, fuzzy\nmsgctxt "c"\nmsgid "a"\nmsgid_plural "b"\nmsgstr[0] "One."\n'
    ],
    ".srt": [
        "1\n00:00:01,000 --> 00:00:02,000\n<i>The lamp</i>\nburns.\n\n2\n00:00:03,000 --> 00:00:04,000\n- It is.\n"
    ],
    ".vtt": ["WEBVTT\n\nNOTE x\n\nid\n00:01.000 --> 00:02.000 align:start\n<v Ann>The lamp &amp; burns.\n"],
    ".csv": ['source,text\n"a ""b""",The lamp burns.\n'],
    ".tsv": ["source\ttext\na\tThe lamp burns.\n"],
    ".jsonl": ['{"id": 1, "text": "The lamp burns.", "source": "a"}\n'],
    ".txt": ["The lamp burns. It is\nbright.\n\n- one\n- two\n"],
    ".md": ["# Lamp\n\nThe *lamp* [burns](x).\n\n```\ncode\n```\n"],
    ".hyp": ["The lamp burns.\n"],
}


def _seeds(folder: Path) -> None:
    document = docx.Document()
    document.add_paragraph("The lamp burns.")
    document.add_table(1, 1).cell(0, 0).text = "It is bright."
    made = io.BytesIO()
    document.save(made)
    with zipfile.ZipFile(made) as archive:
        small = {
            name: archive.read(name) for name in archive.namelist() if "theme" not in name and "docProps" not in name
        }
    stored = io.BytesIO()
    with zipfile.ZipFile(stored, "w", zipfile.ZIP_STORED) as archive:
        for name, content in small.items():
            archive.writestr(name, b"<w:styles xmlns:w='x'/>" if "styles" in name else content)
    seeds = {extension: [text.encode() for text in texts] for extension, texts in SEEDS.items()}
    writer = pypdf.PdfWriter()
    writer.add_blank_page(100, 100)
    blank = io.BytesIO()
    writer.write(blank)
    text = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj 2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj " + (
        b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/Contents 4 0 R/Resources<</Font<</F 5 0 R>>>>>>endobj "
        b"4 0 obj<</Length 30>>stream\nBT /F 9 Tf (The lamp.) Tj ET  \nendstream endobj "
        b"5 0 obj<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>endobj trailer<</Root 1 0 R/Size 6>>\n%%EOF"
    )
    seeds |= {".docx": [made.getvalue(), stored.getvalue()], ".pdf": [blank.getvalue(), text]}
    for extension, contents in seeds.items():
        for number, content in enumerate(contents):
            (folder / f"{extension[1:]}-{number}").write_bytes(bytes([EXTENSIONS.index(extension)]) + content)


def one_input(data: bytes) -> None:
    if not data:
        return
    extension, content = EXTENSIONS[data[0] % len(EXTENSIONS)], data[1:]
    try:
        document = READERS[extension](content, "a", "ru")
    except InputError:
        return
    ids = [segment.id for segment in document.segments]
    if len(set(ids)) < len(ids):
        raise AssertionError(f"an id is used twice: {ids}")
    if extension == ".xlf":
        _write_back(content, document.segments)


def _write_back(content: bytes, segments: list) -> None:
    """Every other word flagged: the copy must be well-formed, with the same texts in the same places."""
    checked = []
    for segment in segments:
        half = len(segment.text) // 2
        spans = [
            ErrorSpan(start, end, segment.text[start:end], "grammar", "minor", 0.5, "fuzz", (), ())
            for start, end in ((0, half // 2), (half, half), (half, len(segment.text)))
        ]
        checked.append(CheckedSegment(segment, "ok", spans=tuple(spans) if segment.text else ()))
    made = xliff.annotated(content, "a", checked)
    before = [(segment.id, segment.text, segment.source) for segment in segments]
    after = [(each.id, each.text, each.source) for each in READERS[".xlf"](made, "a", None).segments]
    if before != after:
        raise AssertionError(f"the annotated copy says something else: {before} {after}")
    if xml.parse(made, "a").encoding != xml.parse(content, "a").encoding:
        raise AssertionError("the annotated copy is in another encoding")


def main() -> None:
    corpus = Path(os.environ.get("FUZZ_CORPUS") or tempfile.mkdtemp(prefix="fuzz-corpus-"))
    corpus.mkdir(parents=True, exist_ok=True)
    _seeds(corpus)
    for seed in sorted(corpus.iterdir()):  # the language model and the libraries are loaded outside of the clock
        one_input(seed.read_bytes())
    atheris.Setup(
        [*sys.argv, *([] if any(not each.startswith("-") for each in sys.argv[1:]) else [str(corpus)])], one_input
    )
    atheris.Fuzz()


if __name__ == "__main__":
    main()
