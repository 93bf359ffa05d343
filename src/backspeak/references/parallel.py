"""A human translation laid beside the segments under test.

Line N of a text file belongs to line N (or paragraph N) of the document; where a line of the document was
cut into sentences, the sentences of the reference line are shared out among them. A JSONL file goes by
`id`, or by order where it has none.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import groupby
from pathlib import Path

from rapidfuzz import fuzz

from backspeak.data import InputProblem, Segment
from backspeak.errors import InputError, SettingsError, unopened
from backspeak.formats.blocks import lines_of
from backspeak.formats.encoding import decode
from backspeak.formats.segmentation import sentence_spans

_PLACE = re.compile(r"(?:line|paragraph) (\d+)\b")


Item = Segment | InputProblem


def attach_references(items: Iterable[Item], paths: Sequence[str | Path]) -> Iterator[Item]:
    """The items of a run's inputs, their segments with the references of `paths`: one file an input, in order.

    One input at a time is in memory. References that the input brought along are replaced. Raises
    SettingsError when the numbers of inputs and files differ, InputError when a file is malformed or does
    not fit its input.
    """
    if not paths:
        yield from items
        return
    left = list(paths)
    names: list[str] = []
    for name, group in groupby(items, key=_document):
        names.append(name)
        if not left:
            refuse_other_number(names, paths)
        mine = list(group)
        segments = [item for item in mine if isinstance(item, Segment)]
        references = _references(name, segments, Path(left.pop(0)))
        yield from (
            replace(item, reference=references.get(item.id)) if isinstance(item, Segment) else item for item in mine
        )
    refuse_other_number(names, paths)


def refuse_other_number(names: Sequence[str], paths: Sequence[str | Path]) -> None:
    """Raise SettingsError where there are `paths`, but not as many as inputs with these `names`."""
    if paths and len(names) > len(paths):
        raise SettingsError(f"{names[len(paths)]} is input {len(paths) + 1} and has no --reference file; {_EACH}")
    if len(paths) > len(names):
        raise SettingsError(f"the --reference file {paths[len(names)]} has no input; {_EACH}")


_EACH = "name one file for each input, in order"


def _document(item: Item) -> str:
    return item.document if isinstance(item, Segment) else item.path


def _references(name: str, segments: list[Segment], path: Path) -> dict[str, str]:
    """Reference by segment id."""
    try:
        text = decode(path.read_bytes(), str(path))
    except OSError as error:
        raise unopened(path, error) from error
    of_kind = _by_id if path.suffix.lower() == ".jsonl" else _by_line
    return of_kind(name, segments, lines_of(text), path) if segments else {}


def _by_id(name: str, segments: list[Segment], lines: list[str], path: Path) -> dict[str, str]:
    """References by segment id, from objects {"reference", "id"?}."""
    rows = [(number, _row(line, path, number)) for number, line in enumerate(lines, start=1) if line.strip()]
    with_id = [number for number, row in rows if row.get("id") is not None]
    if with_id and len(with_id) < len(rows):
        number = next(number for number, row in rows if row.get("id") is None)
        raise InputError('has no "id" here but has ids elsewhere; give every line one, or none', str(path), number)
    if not with_id:
        if len(rows) != len(segments):
            raise InputError(_counts(len(rows), "object", name, segments), str(path))
        return {each.id: row["reference"] for each, (_, row) in zip(segments, rows, strict=True)}
    known = {each.id for each in segments}
    found: dict[str, str] = {}
    for number, row in rows:
        identifier = str(row["id"])
        if identifier not in known:
            raise InputError(f'the id "{identifier}" is not in {name}', str(path), number)
        if identifier in found:
            raise InputError(f'the id "{identifier}" is there twice', str(path), number)
        found[identifier] = row["reference"]
    return found


def _row(line: str, path: Path, number: int) -> dict:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise InputError(f"is not valid JSON: {error}", str(path), number) from error
    if not isinstance(row, dict) or not isinstance(row.get("reference"), str):
        raise InputError('is no object with a "reference" that is a text', str(path), number)
    if not isinstance(row.get("id"), str | int | None) or isinstance(row.get("id"), bool):
        raise InputError('"id" must be a string or a whole number', str(path), number)
    return row


def _by_line(name: str, segments: list[Segment], lines: list[str], path: Path) -> dict[str, str]:
    """References by segment id, from lines that stand beside those of the document."""
    while lines and not lines[-1].strip():
        lines = lines[:-1]
    placed = [(_line_number(each), each) for each in segments]
    numbers = {number for number, _ in placed}
    written = {number for number, line in enumerate(lines, start=1) if line.strip()}
    if None not in numbers and numbers == written:
        found: dict[str, str] = {}
        for number, group in groupby(placed, key=lambda pair: pair[0]):
            assert number is not None
            found |= _shared_out([each for _, each in group], lines[number - 1])
        return found
    if len(lines) == len(segments):
        return {each.id: line.strip() for each, line in zip(segments, lines, strict=True) if line.strip()}
    raise InputError(_counts(len(lines), "line", name, segments), str(path), _first_apart(numbers, written))


def _line_number(segment: Segment) -> int | None:
    found = _PLACE.match(segment.location or "")
    return int(found[1]) if found else None


def _first_apart(numbers: set[int | None], written: set[int]) -> int | None:
    apart = written.symmetric_difference(number for number in numbers if number is not None)
    return min(apart, default=None)


def _counts(count: int, what: str, name: str, segments: list[Segment]) -> str:
    return (
        f"has {count} {what}(s), which do not stand beside the {len(segments)} segment(s) of {name}; "
        "write the reference of each line of the text on the same line"
    )


def _shared_out(segments: list[Segment], reference: str) -> dict[str, str]:
    """The sentences of a reference line given to the segments of that line, in order, so that they fit best."""
    if len(segments) == 1:
        return {segments[0].id: reference.strip()}
    sentences = [reference[start:end] for start, end in sentence_spans(reference)]
    # best[i][j]: the first j sentences shared out among the first i segments, as (fit, where the last begins).
    best: list[list[tuple[float, int]]] = [[(0.0 if j == 0 else float("-inf"), 0) for j in range(len(sentences) + 1)]]
    for segment in segments:
        row = []
        for j in range(len(sentences) + 1):
            options = []
            for k in range(j + 1):
                mine = " ".join(sentences[k:j])
                # Weighed by length: a long sentence in the wrong place costs more than a short one.
                fit = fuzz.ratio(segment.text, mine) * (len(segment.text) + len(mine)) if mine else 0.0
                options.append((best[-1][k][0] + fit, k))
            row.append(max(options))
        best.append(row)
    found, end = {}, len(sentences)
    for i in range(len(segments), 0, -1):
        begin = best[i][end][1]
        if begin < end:
            found[segments[i - 1].id] = " ".join(sentences[begin:end])
        end = begin
    return found
