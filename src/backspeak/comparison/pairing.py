"""Which segment of one run belongs to which of the other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn

from backspeak.data import CheckedSegment
from backspeak.errors import InputError
from backspeak.reports.record import read_segments, read_summary


@dataclass(frozen=True)
class Side:
    """One of the two runs: its record, and its summary where there is one."""

    name: str
    path: Path  # of segments.jsonl
    segments: Sequence[CheckedSegment]
    summary: Mapping[str, Any] = field(default_factory=dict)

    @property
    def signature(self) -> str | None:
        """The signature of the run that made the scores, if known."""
        signature = self.summary.get("signature")
        return signature if isinstance(signature, str) else None


@dataclass(frozen=True)
class Pair:
    """The same segment of both runs."""

    a: CheckedSegment
    b: CheckedSegment

    @property
    def is_scored(self) -> bool:
        """Whether both sides have a score to compare."""
        return all(each.status == "ok" and each.score is not None for each in (self.a, self.b))

    @property
    def difference(self) -> float:
        """Score of B minus score of A, in points; only of a scored pair."""
        if self.a.score is None or self.b.score is None:
            raise ValueError("a pair that was not scored has no difference")
        return round(self.b.score - self.a.score, 1)


def read_side(path: Path) -> Side:
    """A run from its folder or its segments.jsonl; InputError where that is missing or damaged."""
    record = path / "segments.jsonl" if path.is_dir() else path
    segments = list(read_segments(record))
    if not segments:
        raise InputError("holds no segments; there is nothing to compare", str(record))
    beside = record.with_name("summary.json")
    is_run = record.name == "segments.jsonl"
    summary = read_summary(beside) if is_run and beside.is_file() else {}
    name = record.resolve().parent.name if is_run else record.stem
    return Side(name, record, segments, summary)


def pair(a: Side, b: Side) -> list[Pair]:
    """Pairs in the order of `a`.

    By (document, id) where the runs share a document name; else by order, for the outputs of two
    systems carry the names of two files. Paired segments must have the same source where both have
    one; in order and without sources, the same id. InputError names the first line that differs.
    """
    documents = {each.segment.document for each in a.segments}
    has_shared = any(each.segment.document in documents for each in b.segments)
    return _by_key(a, b) if has_shared else _by_order(a, b)


def _by_key(a: Side, b: Side) -> list[Pair]:
    lines: dict[tuple[str, str], int] = {}
    for line, each in enumerate(b.segments, start=1):
        first = lines.setdefault(_key(each), line)
        if first != line:
            _fail(b, line, f"{_named(each)} is already on line {first}; ids of a document must differ")
    pairs, taken = [], set()
    for line, each in enumerate(a.segments, start=1):
        other = lines.get(_key(each))
        if other is None:
            _fail(a, line, f"{_named(each)} is not in {b.path}; compare two outputs of the same source")
        if other in taken:
            _fail(a, line, f"{_named(each)} is there twice; ids of a document must differ")
        taken.add(other)
        _check_source(a, line, each, b, other, b.segments[other - 1])
        pairs.append(Pair(each, b.segments[other - 1]))
    for line, each in enumerate(b.segments, start=1):
        if line not in taken:
            _fail(b, line, f"{_named(each)} is not in {a.path}; compare two outputs of the same source")
    return pairs


def _by_order(a: Side, b: Side) -> list[Pair]:
    pairs = []
    for line, (mine, other) in enumerate(zip(a.segments, b.segments, strict=False), start=1):
        _check_source(a, line, mine, b, line, other)
        has_sources = mine.segment.source is not None and other.segment.source is not None
        if not has_sources and mine.segment.id != other.segment.id:
            _fail(b, line, f"id {other.segment.id!r} stands where {a.path}:{line} has {mine.segment.id!r}")
        pairs.append(Pair(mine, other))
    longer, shorter = (a, b) if len(a.segments) > len(b.segments) else (b, a)
    if len(longer.segments) != len(shorter.segments):
        line = len(shorter.segments) + 1
        extra = longer.segments[line - 1]
        _fail(longer, line, f"{_named(extra)} has no partner: {shorter.path} ends at line {line - 1}")
    return pairs


def _check_source(a: Side, line_a: int, mine: CheckedSegment, b: Side, line_b: int, other: CheckedSegment) -> None:
    sources = mine.segment.source, other.segment.source
    if None not in sources and sources[0] != sources[1]:
        _fail(b, line_b, f"the source is {_short(sources[1])}, but {a.path}:{line_a} has {_short(sources[0])}")
    references = mine.segment.reference, other.segment.reference
    if None not in references and references[0] != references[1]:
        _fail(b, line_b, f"the reference is {_short(references[1])}, but {a.path}:{line_a} has {_short(references[0])}")


def _key(checked: CheckedSegment) -> tuple[str, str]:
    return checked.segment.document, checked.segment.id


def _named(checked: CheckedSegment) -> str:
    return f"segment {checked.segment.id!r} of {checked.segment.document!r}"


def _short(text: str | None) -> str:
    return repr(text if text is None or len(text) <= 60 else text[:57] + "...")


def _fail(side: Side, line: int, message: str) -> NoReturn:
    raise InputError(message, str(side.path), line)
