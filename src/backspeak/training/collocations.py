"""Counts the words, word pairs and triples of English text: the recipe of `corpus/collocations.safetensors`.

The text is free documentation, dictionaries and game prose as Debian packages it, and the human
English of the training corpora; only figures leave this module, no sentence does. Ready-made pair
counts were looked at and left out: the bigram lists of symspellpy and wordsegment are both figures
of Google's Web 1T corpus (the former times 64), which its distributor does not let others pass on.

    apt-get download PACKAGE ...   (the packages are named in the file's own metadata)
    dpkg-deb -x PACKAGE.deb SOURCES/PACKAGE
    python -m backspeak.training.collocations SOURCES [--data DATA] OUT
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import re
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path

import numpy as np
from lxml import etree, html

from backspeak.phrasebank.collocations import SEPARATOR, Collocations, encode_count, triple_key, words_of, write
from backspeak.phrasebank.inflection import word_set
from backspeak.training.examples import part_of, records

MAX_VOCABULARY = 65_000  # ids fit in 16 bits
MIN_WORD, MIN_PAIR, MIN_TRIPLE = 4, 2, 7  # what a 6 MB file has room for

_HTML = {".html", ".htm", ".page", ".xml", ".xhtml"}
_TEXT = {"", ".txt", ".pod", ".rst", ".des", ".dz", ".en", ".1", ".7", ".8"}
_GLOSSES = {"data.noun", "data.verb", "data.adj", "data.adv"}
_PARAGRAPHS = ("{*}p", "{*}li", "{*}dd", "{*}para", "{*}title", "{*}h1", "{*}h2")
_QUOTED = re.compile(r'_\s*"([^"]+)"')
_BLANK = re.compile(r"\n[ \t]*\.?[ \t]*\n")
_MARKUP = re.compile(r"[A-Z]<+[^<>]*>+|[`*_{}|=]+|https?://\S+")
# The share of these in running English is about a half; other languages and code stay far below.
_FUNCTION_WORDS = word_set(
    "the of and to a in is it that for on with as be are this by not or from at an you can if which was have has will "
    "he his they their we your but all one when there were been its may who more she her had would so what do"
)
_MIN_WORDS, _MIN_FUNCTION_WORDS, _MIN_LETTERS = 5, 0.22, 0.8


def paragraphs(path: Path) -> Iterator[str]:
    """The paragraphs of one file, by its kind; nothing for kinds that hold no prose."""
    name = path.name.removesuffix(".gz")
    suffix = Path(name).suffix.lower()
    if not (suffix in _HTML or suffix in _TEXT or suffix == ".cfg" or name in _GLOSSES) or path.is_symlink():
        return
    data = path.read_bytes()
    if data[:2] == b"\x1f\x8b":
        data = gzip.decompress(data)
    if b"\0" in data[:1000]:
        return
    if suffix in _HTML:
        try:
            parser = html.HTMLParser(encoding="utf-8") if suffix in (".html", ".htm") else etree.XMLParser(recover=True)
            root = etree.fromstring(data, parser)
        except etree.XMLSyntaxError:
            return
        if root is not None:
            for element in root.iter(*_PARAGRAPHS):
                yield " ".join("".join(element.itertext()).split())
        return
    text = data.decode("utf-8", "replace")
    if suffix == ".cfg":
        yield from _QUOTED.findall(text)
    elif name in _GLOSSES:
        yield from (line.partition("| ")[2] for line in text.splitlines())
    else:
        yield from _BLANK.split(text)


def frequent_words(collocations: Collocations, least: int) -> list[str]:
    """The words of three letters or more that were counted at least so often, in the order of their numbers."""
    return [
        word for word in collocations.words if len(word) > 2 and word.isalpha() and collocations.count([word]) >= least
    ]


def is_prose(words: list[str], text: str) -> bool:
    """Whether a paragraph is running English rather than code, a table or another language."""
    plain = [word for word in words if word != SEPARATOR]
    if len(plain) < _MIN_WORDS or sum(map(len, plain)) < _MIN_LETTERS * len("".join(text.split())):
        return False
    return sum(word in _FUNCTION_WORDS for word in plain) >= _MIN_FUNCTION_WORDS * len(plain)


def training_sentences(data: Path, part: str = "train") -> Iterator[str]:
    """Human English of the parallel corpora, of one part (see `examples.part_of`): by default not what is measured."""
    for path in sorted((data / "parallel").glob("*en*.jsonl.xz")):
        for record in records(path):
            text = record["source"] if path.name.startswith("en-") else record["targets"].get("human", "")
            if part_of(text.strip()) == part:
                yield text


def prose(sources: Path, names: Collection[str]) -> Iterator[str]:
    """The paragraphs of running English in the named folders or files of `sources`, none twice in one folder."""
    for name in sorted(names):
        package, seen = sources / name, set()
        for path in sorted(package.rglob("*")) if package.is_dir() else [package]:
            for text, _ in _running_english(paragraphs(path) if path.is_file() else ()):
                if text not in seen:
                    seen.add(text)
                    yield text


def _running_english(texts: Iterable[str]) -> Iterator[tuple[str, list[str]]]:
    """Those that are prose, without their markup, and their words."""
    for text in texts:
        text = _MARKUP.sub(" ", text)
        words = words_of(text)
        if is_prose(words, text):
            yield text, words


def count(sources: Path, data: Path | None, log=print) -> tuple[dict[str, np.ndarray], list[str], int]:
    """The tables of the file (see `phrasebank.collocations`), the words by id, and how many words were read."""
    numbers: dict[str, int] = {SEPARATOR: 0}
    stream: list[np.ndarray] = []
    seen: set[bytes] = set()

    def read(texts: Iterator[str]) -> int:
        taken = 0
        for _, words in _running_english(texts):
            digest = hashlib.blake2b(" ".join(words).encode(), digest_size=8).digest()
            if digest in seen:
                continue
            seen.add(digest)
            stream.append(np.fromiter((numbers.setdefault(word, len(numbers)) for word in words), np.int32, len(words)))
            stream.append(np.zeros(1, np.int32))
            taken += len(words)
        return taken

    for package in sorted(sources.iterdir()):
        files = sorted(package.rglob("*")) if package.is_dir() else [package]
        log(f"{package.name}: {sum(read(paragraphs(path)) for path in files if path.is_file()):,} words")
    if data is not None:
        log(f"parallel: {read(training_sentences(data)):,} words")
    ids = np.concatenate(stream)
    names = np.array(list(numbers))
    tables, words = tabulate(ids, names)
    return tables, words, int((ids > 0).sum())


def tabulate(ids: np.ndarray, names: np.ndarray) -> tuple[dict[str, np.ndarray], list[str]]:
    """Word ids of a text (0 where a sentence or clause ends) as the sorted tables of the file."""
    frequency = np.bincount(ids, minlength=len(names))
    frequency[0] = 0
    kept = np.flatnonzero(frequency >= MIN_WORD)
    kept = kept[np.argsort(-frequency[kept], kind="stable")][:MAX_VOCABULARY]
    kept = kept[np.argsort(names[kept], kind="stable")]
    number = np.zeros(len(names), np.int64)
    number[kept] = np.arange(1, len(kept) + 1)
    ids = number[ids]
    size = len(kept) + 1
    tables = {"word_counts": encode_count(np.concatenate([[0], frequency[kept]]))}
    pairs, pair_counts = _frequent([ids[:-1], ids[1:]], MIN_PAIR)
    first, second = np.divmod(pairs, 1 << 16)
    tables["pair_rows"] = np.searchsorted(first, np.arange(size + 1)).astype(np.uint32)
    tables["pair_words"] = second.astype(np.uint16)
    tables["pair_counts"] = encode_count(pair_counts)
    triples, triple_counts = _frequent([ids[:-2], ids[1:-1], ids[2:]], MIN_TRIPLE)
    row, mark = triple_key(triples >> 32, (triples >> 16) & 0xFFFF, triples & 0xFFFF)
    order = np.lexsort((mark, row))
    tables["triple_rows"] = np.searchsorted(row[order], np.arange((1 << 16) + 1)).astype(np.uint32)
    tables["triple_marks"] = mark[order].astype(np.uint16)
    tables["triple_counts"] = encode_count(triple_counts[order])
    return tables, ["", *names[kept].tolist()]


def _frequent(columns: list[np.ndarray], least: int) -> tuple[np.ndarray, np.ndarray]:
    """The neighbours that occur often enough, as sorted keys of 16 bits a word, with their counts."""
    whole = np.logical_and.reduce([column > 0 for column in columns])
    keys = np.zeros(int(whole.sum()), np.int64)
    for column in columns:
        keys = (keys << 16) | column[whole]
    unique, counts = np.unique(keys, return_counts=True)
    return unique[counts >= least], counts[counts >= least]


def main() -> None:
    """Count the sources and write the file."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("sources", type=Path, help="a folder with one unpacked package a folder")
    parser.add_argument("out", type=Path)
    parser.add_argument("--data", type=Path, help="the training data, with parallel/")
    arguments = parser.parse_args()
    tables, words, total = count(arguments.sources, arguments.data)
    packages = ", ".join(sorted(path.name for path in arguments.sources.iterdir()))
    write(arguments.out, tables, words, total, packages)
    print(f"{total:,} words read; {arguments.out.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
