"""The stream gives what `read` gives, of any size in constant memory."""

from __future__ import annotations

import io
import json
import tracemalloc
from pathlib import Path

import pytest

from backspeak.data import InputProblem, Segment
from backspeak.errors import InputError
from backspeak.formats import Columns, InputStream, ParallelStream, read, read_files
from backspeak.formats import lines as lines_module
from backspeak.formats import text as text_module
from backspeak.formats import xml as xml_module
from backspeak.formats.lines import Lines

WRAPPED = """The harbour office opens at eight in the morning and closes at five in the
afternoon, but nobody has seen the clerk since the storm took away the
bridge.

• A ferry
• A lighthouse

The keeper counts the boats."""
FILES = {
    "a.txt": WRAPPED.encode(),
    "b.jsonl": b'{"text": "The lamp burns.", "score": 3}\n\n{"text": 5}\n{"id": "2", "text": "It rains."}\nnot json\n'
    b'{"text": "It rained.", "id": "2"}\r\n',
    "c.tsv": "translation\tsource\nThe lamp burns.\tLa lámpara arde.\ntoo\tmany\tfields\n\nIt rains.\t\n".encode(),
    "d.md": b"# Ferries\n\nThe ferry left.\n",
    "e.txt": b"\xff\xfeT\x00h\x00e\x00 \x00l\x00a\x00m\x00p\x00.\x00",
    "f.txt": "\ufeffThe café is open.\r\nIt closes at five.\r".encode(),
    "g.txt": b"\x00\x01",
    "h.txt": b"",
    "i.txt": b"caf\xe9 and more caf\xe9s in the village near the harbour\n",
    "j.jsonl": b"[1, 2]",
    "k.tsv": b"source\ttranslation\n",
    "l.txt": b"%PDF-1.7 and so on",
    "m.txt": b"<!-- backspeak-ignore: typography -->\nThe lamp burns.\nIt rains.\n\n"
    b"<!-- backspeak-disable -->\nThe ferry left.\n\nIt came back.\n<!-- backspeak-enable -->\n\nNobody saw it.\n",
    "n.hyp": b"The lamp burns.\nIt rains.\n",
    "n.src": "La lámpara arde.\nLlueve.\n".encode(),
    "o.hyp": b"The lamp burns.\n",
    "o.ref": b"The lamp is lit.\nIt rains.\n",
    "p.csv": b'text,source\n"The lamp, it burns.",La\n',
    "q.tmx": (
        b'<tmx version="1.4"><header srclang="es"/><body><tu><tuv xml:lang="es"><seg>Llueve.</seg></tuv>'
        b'<tuv xml:lang="en"><seg>It rains.</seg></tuv></tu><tu><tuv xml:lang="es"><seg>No.</seg></tuv></tu>'
        b"</body></tmx>"
    ),
}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name, content in FILES.items():
        (tmp_path / name).write_bytes(content)
    return tmp_path


def _split(items: list[Segment | InputProblem]) -> tuple[list[Segment], set[InputProblem]]:
    return (
        [item for item in items if isinstance(item, Segment)],
        {item for item in items if isinstance(item, InputProblem)},
    )


def test_the_stream_gives_what_read_gives(folder: Path) -> None:
    documents = list(read(["."], source_lang="es"))
    segments, problems = _split(list(InputStream(["."], source_lang="es")))
    assert segments == [segment for document in documents for segment in document.segments]
    assert problems == {problem for document in documents for problem in document.problems}
    assert {segment.document for segment in segments} == {
        "a.txt",
        "b.jsonl",
        "c.tsv",
        "d.md",
        "e.txt",
        "f.txt",
        "i.txt",
        "m.txt",
        "n.hyp",
        "p.csv",
        "q.tmx",
    }
    assert [segment.ignore for segment in segments if segment.document == "m.txt"] == [
        ("typography",),
        (),
        ("*",),
        ("*",),
        (),
    ]
    assert InputProblem("o.ref", "has 2 lines, but o.hyp has 1; the two go side by side, line by line") in problems


@pytest.mark.parametrize("name", sorted(FILES))
def test_standard_input_is_read_as_read_reads_it(name: str) -> None:
    def outcome(reader) -> tuple[list[Segment], set[InputProblem]] | str:
        try:
            return _split(list(reader()))
        except InputError as error:
            return str(error)

    def items_of_read():
        for document in read(["-"], stdin=io.BytesIO(FILES[name])):
            yield from document.segments
            yield from document.problems

    assert outcome(lambda: InputStream(["-"], stdin=io.BytesIO(FILES[name]))) == outcome(items_of_read)


def test_chosen_columns_are_streamed_and_part_of_the_fingerprint(folder: Path) -> None:
    (folder / "z.tsv").write_text("one\ttwo\nThe lamp burns.\tIt rains.\n")
    stream = InputStream(["z.tsv"], columns=Columns(text="two", source="one"))
    (segment,) = stream
    assert (segment.text, segment.source) == ("It rains.", "The lamp burns.")
    assert stream.fingerprint() != InputStream(["z.tsv"], columns=Columns(text="one")).fingerprint()


def test_what_is_read_beside_a_hypothesis_is_part_of_the_fingerprint(folder: Path) -> None:
    before = InputStream(["n.hyp"]).fingerprint()
    (folder / "n.src").write_text("La lámpara arde.\nNieva.\n")
    after = InputStream(["n.hyp"]).fingerprint()
    assert before["n.hyp"] == after["n.hyp"]
    assert before != after


@pytest.mark.parametrize("hypothesis", ["n.hyp", "-"])
def test_parallel_files_are_read_as_read_files_reads_them(folder: Path, hypothesis: str) -> None:
    def stdin() -> io.BytesIO:
        return io.BytesIO(FILES["n.hyp"])

    stream = ParallelStream(hypothesis, source="n.src", reference="o.ref", source_lang="es", stdin=stdin())
    document = read_files(hypothesis, source="n.src", reference="o.ref", source_lang="es", stdin=stdin())
    assert len(stream.fingerprint()) == 3
    other = ParallelStream(hypothesis, source="o.ref", reference="n.src", stdin=stdin())
    assert stream.fingerprint() != other.fingerprint()
    assert list(stream) == document.segments
    assert stream.names == [document.name]
    assert stream.read_bytes == stream.total_bytes


def test_parallel_files_of_other_lengths_are_refused(folder: Path) -> None:
    with pytest.raises(InputError, match=r"o\.ref: has 2 lines, but a\.txt has"):
        list(ParallelStream("a.txt", reference="o.ref"))


def test_a_long_first_row_on_standard_input_is_still_a_row() -> None:
    row = json.dumps({"note": "x" * 200_000, "text": "The lamp burns."}).encode() + b"\n"
    (segment,) = InputStream(["-"], stdin=io.BytesIO(row))
    assert (segment.text, segment.location) == ("The lamp burns.", "line 1")


def test_the_fingerprint_follows_the_content(folder: Path) -> None:
    before = InputStream(["a.txt", "d.md"]).fingerprint()
    assert before == InputStream(["a.txt", "d.md"]).fingerprint()
    (folder / "d.md").write_text("# Ferries\n\nThe ferry stayed.\n")
    after = InputStream(["a.txt", "d.md"]).fingerprint()
    assert [name for name in before if before[name] != after[name]] == ["d.md"]
    stream = InputStream(["-"], stdin=io.BytesIO(b"The ferry left."))
    assert stream.fingerprint() == InputStream(["-"], stdin=io.BytesIO(b"The ferry left.")).fingerprint()
    assert len(list(stream)) == 1


def test_nothing_readable_is_an_error_at_the_end(folder: Path) -> None:
    with pytest.raises(InputError, match=r"^g\.txt:1: holds a NUL"):
        list(InputStream(["g.txt", "h.txt"]))


def test_reading_says_how_far_it_is(folder: Path) -> None:
    (folder / "big.jsonl").write_text('{"text": "The lamp burns in the window of the house."}\n' * 1500)
    stream = InputStream(["a.txt", "big.jsonl"])
    shares = [stream.read_bytes / stream.total_bytes for _ in stream]
    assert shares == sorted(shares)
    assert 0.4 < shares[len(shares) // 2] < 0.6
    assert stream.read_bytes == stream.total_bytes


@pytest.mark.parametrize("name", ["big.jsonl", "big.txt", "big.tsv", "big.tmx"])
def test_memory_does_not_grow_with_the_input(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setattr(lines_module, "_CHUNK", 1 << 14)
    monkeypatch.setattr(xml_module, "_CHUNK", 1 << 14)
    monkeypatch.setattr(text_module, "_MOST_LINES", 100)
    line = "The keeper counts the boats and writes the number in a book." * 8
    unit = f'<tu><tuv xml:lang="en"><seg>{line}</seg></tuv></tu>'
    made = {"big.jsonl": json.dumps({"text": line}), "big.txt": line, "big.tsv": line, "big.tmx": unit}[name] + "\n"
    before = {"big.tsv": "text\n", "big.tmx": '<tmx version="1.4"><header/><body>'}.get(name, "")
    after = "</body></tmx>" if name == "big.tmx" else ""

    def peak(lines: int) -> int:
        (tmp_path / name).write_text(before + made * lines + after)
        stream = InputStream([tmp_path / name])
        tracemalloc.start()
        count = sum(1 for _ in stream)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert count >= lines
        return peak

    peak(10)  # what is loaded once
    small, large = peak(500), peak(3_000)
    assert large < 1.25 * small + 50_000


def test_lines_can_be_read_again_and_the_file_stays_open() -> None:
    file = io.BytesIO(b"one\r\ntwo\rthree\n")
    lines = Lines(file, "x")
    assert list(lines) == list(lines) == ["one", "two", "three"]
    assert next(iter(lines)) == "one"
    assert not file.closed


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("\ufeffone\n".encode(), ["one"]),
        ("one\x0ctwo\u2028three".encode(), ["one\x0ctwo\u2028three"]),
        ("żółw".encode("utf-16"), ["żółw"]),
    ],
)
def test_lines_of_other_kinds(content: bytes, expected: list[str]) -> None:
    assert list(Lines(io.BytesIO(content), "x")) == expected


def test_a_run_of_very_many_lines_is_cut_after_a_sentence(tmp_path: Path) -> None:
    text = "The boat sails on over the grey sea towards the harbour and\nthe keeper counts it again today.\n"
    (tmp_path / "long.txt").write_text(text * 2101)
    segments = list(InputStream([tmp_path / "long.txt"]))
    assert len(segments) == 2101
    assert len({segment.text for segment in segments}) == 1
