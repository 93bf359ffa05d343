"""segments.jsonl and summary.json: the record of a run, from which every report is rendered.

A line of segments.jsonl is a CheckedSegment. The fields are those of the contract, in its order;
these are written only where they say something that the others do not:

    reference, location, system, ignore, memory, suppressed
                          of a segment that has them; a suppressed flag is a span with "suppressed_by"
    skip                  where it differs from the reason of a skipped segment
    category, severity, suggestions
                          of a piece of evidence, where they differ from those of its span
    details               of a piece of evidence, for details named like one of its own fields;
                          all others stand beside the fields
    confidence, reason    where they are known

Numbers are rounded, so a record equals what is read back if it is rounded already. Details must be
made of what JSON can hold (lists, not tuples).
"""

from __future__ import annotations

import io
import json
import math
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, get_args

from backspeak.data import (
    CATEGORIES,
    SEVERITIES,
    BackTranslation,
    CheckedSegment,
    ErrorSpan,
    Evidence,
    MemoryMatch,
    Segment,
    Status,
    SuppressedSpan,
    Suppression,
    Word,
)
from backspeak.errors import InputError, OutputError
from backspeak.reports.files import make_folder, output_error, part_path, replace_file

_SCORE_DIGITS = 1
_PROBABILITY_DIGITS = 4
_METRIC_DIGITS = 2
_DETAIL_DIGITS = 4
_TOO_LARGE = 1e9

_STATUSES: tuple[str, ...] = get_args(Status)
_SUPPRESSIONS: tuple[str, ...] = get_args(Suppression)
_EVIDENCE_FIELDS = frozenset(
    {"kind", "rule", "start", "end", "category", "severity", "suggestions", "details", "confidence"}
)
_SURROGATE = re.compile("[\ud800-\udfff]")


# Records to JSON


def to_json(checked: CheckedSegment) -> dict[str, Any]:
    """The object that stands for `checked` in segments.jsonl."""
    segment = checked.segment
    made: dict[str, Any] = {
        "document": segment.document,
        "id": segment.id,
        "text": segment.text,
        "source": segment.source,
        "source_lang": segment.source_lang,
    }
    if segment.reference is not None:
        made["reference"] = segment.reference
    if segment.location is not None:
        made["location"] = segment.location
    if segment.ignore:
        made["ignore"] = list(segment.ignore)
    if segment.system is not None:
        made["system"] = segment.system
    if segment.skip != _implied_skip(checked.status, checked.reason):
        made["skip"] = segment.skip
    made |= {
        "score": _rounded(checked.score, _SCORE_DIGITS),
        "error_probability": _rounded(checked.error_probability, _PROBABILITY_DIGITS),
        "words": [_word_to_json(word) for word in checked.words],
        "spans": [_span_to_json(span) for span in checked.spans],
        "back_translations": [_back_translation_to_json(back) for back in checked.back_translations],
    }
    if checked.metrics:
        made["metrics"] = {name: _rounded(value, _METRIC_DIGITS) for name, value in checked.metrics.items()}
    if checked.memory is not None:
        made["memory"] = asdict(checked.memory)
    if checked.suppressed:
        made["suppressed"] = [{**_span_to_json(each.span), "suppressed_by": each.by} for each in checked.suppressed]
    made |= {"status": checked.status, "reason": checked.reason}
    return made


def _implied_skip(status: str, reason: str | None) -> str | None:
    return reason if status == "skipped" else None


def _rounded(value: float | None, digits: int) -> float | None:
    if value is None:
        return None
    if not math.isfinite(value):
        raise ValueError(f"{value} is not a score")
    return round(float(value), digits) + 0.0  # + 0.0 turns -0.0 into 0.0


def _word_to_json(word: Word) -> dict[str, Any]:
    return {
        "start": word.start,
        "end": word.end,
        "error_probability": _rounded(word.error_probability, _PROBABILITY_DIGITS),
        "bad": bool(word.bad),
    }


def _span_to_json(span: ErrorSpan) -> dict[str, Any]:
    return {
        "start": span.start,
        "end": span.end,
        "text": span.text,
        "category": span.category,
        "severity": span.severity,
        "confidence": _rounded(span.confidence, _PROBABILITY_DIGITS),
        "rule": span.rule,
        "suggestions": list(span.suggestions),
        "evidence": [_evidence_to_json(evidence, span) for evidence in span.evidence],
    }


def _evidence_to_json(evidence: Evidence, span: ErrorSpan) -> dict[str, Any]:
    made: dict[str, Any] = {
        "kind": evidence.kind,
        "rule": evidence.rule,
        "start": evidence.start,
        "end": evidence.end,
    }
    if evidence.category != span.category:
        made["category"] = evidence.category
    if evidence.severity != span.severity:
        made["severity"] = evidence.severity
    if evidence.suggestions != span.suggestions:
        made["suggestions"] = list(evidence.suggestions)
    named_alike: dict[str, Any] = {}
    for name, value in evidence.details.items():
        (named_alike if name in _EVIDENCE_FIELDS else made)[name] = _detail(value)
    if named_alike:
        made["details"] = named_alike
    if evidence.confidence is not None:
        made["confidence"] = _rounded(evidence.confidence, _PROBABILITY_DIGITS)
    return made


def _detail(value: Any) -> Any:
    """Round every number; a guard of minus infinity is real but JSON has no word for it, so null."""
    if isinstance(value, float):
        return _rounded(value, _DETAIL_DIGITS) if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {str(name): _detail(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_detail(inner) for inner in value]
    return value


def _back_translation_to_json(back: BackTranslation) -> dict[str, Any]:
    made: dict[str, Any] = {
        "pivot": back.pivot,
        "translation": back.translation,
        "round_trip": back.round_trip,
        "chrf": _rounded(back.chrf, _SCORE_DIGITS),
        "degenerate": bool(back.degenerate),
    }
    if back.reason is not None:
        made["reason"] = back.reason
    if back.retried is not None:
        made["retried"] = back.retried
    if back.lost:
        made["lost"] = list(back.lost)
    return made


# JSON to records


def from_json(made: Mapping[str, Any]) -> CheckedSegment:
    """The record that `made` stands for; ValueError says which field is missing or wrong."""
    if not isinstance(made, Mapping):
        raise ValueError("a segment is a JSON object")
    text = _field(made, "text", str)
    status = _one_of(made, "status", _STATUSES)
    reason = _optional(made, "reason", str)
    segment = Segment(
        document=_field(made, "document", str),
        id=_field(made, "id", str),
        text=text,
        source=_optional(made, "source", str),
        source_lang=_optional(made, "source_lang", str),
        reference=_optional(made, "reference", str),
        location=_optional(made, "location", str),
        system=_optional(made, "system", str),
        skip=_optional(made, "skip", str) if "skip" in made else _implied_skip(status, reason),
        ignore=tuple(_typed(rule, "ignore", str) for rule in _list(made, "ignore")),
    )
    return CheckedSegment(
        segment=segment,
        status=status,  # type: ignore[arg-type]
        reason=reason,
        score=_optional(made, "score", float),
        error_probability=_optional(made, "error_probability", float),
        words=tuple(_word_from_json(word, len(text)) for word in _list(made, "words")),
        spans=tuple(_span_from_json(span, len(text)) for span in _list(made, "spans")),
        back_translations=tuple(_back_translation_from_json(back) for back in _list(made, "back_translations")),
        metrics={name: _typed(value, name, float) for name, value in _object(made.get("metrics", {})).items()},
        memory=None if made.get("memory") is None else _memory_from_json(made["memory"]),
        suppressed=tuple(
            SuppressedSpan(
                _span_from_json(span, len(text)),
                _one_of(span, "suppressed_by", _SUPPRESSIONS),  # type: ignore[arg-type]
            )
            for span in _list(made, "suppressed")
        ),
    )


def _memory_from_json(made: Mapping[str, Any]) -> MemoryMatch:
    return MemoryMatch(
        text=_field(made, "text", str),
        similarity=_field(made, "similarity", float),
        source=_optional(made, "source", str),
        same_source=_field(made, "same_source", bool),
        origin=_field(made, "origin", str),
        unit_id=_optional(made, "unit_id", str),
    )


def _word_from_json(made: Mapping[str, Any], length: int) -> Word:
    # Most of a record is words: one that is plainly right is not asked field by field, which takes six times as long.
    if type(made) is dict:
        start, end, probability, bad = map(made.get, ("start", "end", "error_probability", "bad"))
        if (
            type(start) is type(end) is int
            and 0 <= start <= end <= length
            and type(probability) is float
            and -_TOO_LARGE < probability < _TOO_LARGE
            and type(bad) is bool
        ):
            return Word(start, end, probability, bad)
    start, end = _offsets(made, length)
    return Word(start, end, _field(made, "error_probability", float), _field(made, "bad", bool))


def _span_from_json(made: Mapping[str, Any], length: int) -> ErrorSpan:
    start, end = _offsets(made, length)
    category = _one_of(made, "category", CATEGORIES)
    severity = _one_of(made, "severity", SEVERITIES)
    suggestions = tuple(_typed(each, "suggestions", str) for each in _list(made, "suggestions"))
    return ErrorSpan(
        start=start,
        end=end,
        text=_field(made, "text", str),
        category=category,
        severity=severity,  # type: ignore[arg-type]
        confidence=_field(made, "confidence", float),
        rule=_field(made, "rule", str),
        suggestions=suggestions,
        evidence=tuple(
            _evidence_from_json(
                {"category": category, "severity": severity, "suggestions": list(suggestions), **_object(each)}, length
            )
            for each in _list(made, "evidence")
        ),
    )


def _evidence_from_json(made: Mapping[str, Any], length: int) -> Evidence:
    start, end = _offsets(made, length)
    details = {name: value for name, value in made.items() if name not in _EVIDENCE_FIELDS}
    return Evidence(
        kind=_field(made, "kind", str),
        rule=_field(made, "rule", str),
        start=start,
        end=end,
        category=_one_of(made, "category", CATEGORIES),
        severity=_one_of(made, "severity", SEVERITIES),  # type: ignore[arg-type]
        suggestions=tuple(_typed(each, "suggestions", str) for each in _list(made, "suggestions")),
        confidence=_optional(made, "confidence", float),
        details=details | dict(_object(made.get("details", {}))),
    )


def _back_translation_from_json(made: Mapping[str, Any]) -> BackTranslation:
    return BackTranslation(
        pivot=_field(_object(made), "pivot", str),
        translation=_field(made, "translation", str),
        round_trip=_field(made, "round_trip", str),
        chrf=_field(made, "chrf", float),
        degenerate=_field(made, "degenerate", bool),
        reason=_optional(made, "reason", str),
        retried=_optional(made, "retried", str),
        lost=tuple(_typed(each, "lost", str) for each in _list(made, "lost")),
    )


def _object(value: Any) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise ValueError(f"{value!r:.40} should be a JSON object")
    return value


def _typed(value: Any, name: str, kind: type) -> Any:
    fits = isinstance(value, int | float if kind is float else kind) and (kind is bool or not isinstance(value, bool))
    if kind is float and fits and not abs(value) < _TOO_LARGE:  # the reader of JSON takes NaN and Infinity
        fits = False
    if not fits:
        raise ValueError(f"{name!r} should be of type {kind.__name__}, not {value!r:.40}")
    return float(value) if kind is float else value


def _field(made: Mapping[str, Any], name: str, kind: type) -> Any:
    if name not in _object(made):
        raise ValueError(f"{name!r} is missing")
    return _typed(made[name], name, kind)


def _optional(made: Mapping[str, Any], name: str, kind: type) -> Any:
    value = made.get(name)
    return None if value is None else _typed(value, name, kind)


def _list(made: Mapping[str, Any], name: str) -> list[Any]:
    value: list[Any] = _typed(made.get(name, []), name, list)
    return value


def _one_of(made: Mapping[str, Any], name: str, allowed: tuple[str, ...]) -> str:
    value: str = _field(made, name, str)
    if value not in allowed:
        raise ValueError(f"{name!r} is {value!r:.40}, not one of {', '.join(allowed)}")
    return value


def _offsets(made: Mapping[str, Any], length: int) -> tuple[int, int]:
    start, end = _field(made, "start", int), _field(made, "end", int)
    if not 0 <= start <= end <= length:
        raise ValueError(f"the offsets {start} to {end} lie outside the text of {length} characters")
    return start, end


# Files


def write_segments(path: Path | str, checked: Iterable[CheckedSegment]) -> int:
    """Write one line per segment as it comes, as `write_lines` does, and return their number."""
    return write_lines(path, map(to_line, checked))


def write_lines(path: Path | str, lines: Iterable[bytes]) -> int:
    """Write the lines of `to_line` as they come, and return their number.

    The lines grow in `segments.jsonl.part`, which becomes `path` at the end. Whatever stops the run,
    a full disk included, the part file holds the finished segments and no half line.
    """
    path = Path(path)
    part = part_path(path)
    make_folder(path)
    try:
        # Unbuffered: closing a buffered file after a failed write would write the rest of its line.
        file = open(part, "wb", buffering=0)  # noqa: SIM115
    except OSError as error:
        raise output_error(path, error) from error
    written = finished_bytes = 0
    with file:
        for line in lines:
            try:
                _write_all(file, line)
            except OSError as error:
                raise _stopped(path, error, file, written, finished_bytes) from error
            written += 1
            finished_bytes += len(line)
        try:
            os.fsync(file.fileno())  # some disks say only here that they are full
        except OSError as error:
            raise _stopped(path, error, file, written, finished_bytes) from error
    try:
        os.replace(part, path)
    except OSError as error:
        raise output_error(path, error, f"all {written} segments are in {part.name}; ") from error
    return written


def to_line(checked: CheckedSegment) -> bytes:
    """The line of segments.jsonl that stands for `checked`; ValueError for a number that is none."""
    return json_line(to_json(checked))


def json_line(made: Mapping[str, Any]) -> bytes:
    """An object of `to_json` as its line of segments.jsonl."""
    line = json.dumps(made, ensure_ascii=False, allow_nan=False, separators=(", ", ": "))
    return _escape_surrogates(line).encode("utf-8") + b"\n"


def from_line(line: bytes) -> CheckedSegment:
    """The record that a line stands for; ValueError says what is wrong with it."""
    return from_json(json.loads(line.decode("utf-8")))


def _escape_surrogates(made: str) -> str:
    """UTF-8 has no form for a lone surrogate, which a JSON escape in the input can bring in."""
    return _SURROGATE.sub(lambda found: f"\\u{ord(found[0]):04x}", made)


def _write_all(file: io.FileIO, data: bytes) -> None:
    """A nearly full disk takes the first part of a write without complaint."""
    while data:
        data = data[file.write(data) :]


def _stopped(path: Path, error: OSError, file: io.FileIO, written: int, finished_bytes: int) -> OutputError:
    part = part_path(path)
    finished = f"{written} finished segment{'' if written == 1 else 's'}"
    try:
        file.truncate(finished_bytes)
    except OSError:
        return output_error(path, error, f"{part.name} holds {finished} and perhaps half a line after them; ")
    return output_error(path, error, f"{part.name} holds {finished}; ")


def read_segments(path: Path | str) -> Iterator[CheckedSegment]:
    """Read a segments.jsonl line by line; InputError names a damaged line and the mend."""
    path = Path(path)
    try:
        file = open(path, "rb")  # noqa: SIM115
    except FileNotFoundError as error:
        mend = "make it with `backspeak check`"
        if part_path(path).is_file():
            mend = f"its run did not finish; rename {part_path(path).name} to see what was done, or check again"
        raise InputError(f"there is no such file; {mend}", str(path)) from error
    except OSError as error:
        raise InputError(f"could not be read ({error.strerror})", str(path)) from error
    with file:
        # Bytes, because text files also end lines at characters that a JSON string may hold.
        for number, line in enumerate(file, start=1):
            if not line.strip():
                continue
            try:
                yield from_line(line)
            except (ValueError, RecursionError) as error:
                message = f"damaged line ({_cause(error)}); delete it, or check the text again"
                raise InputError(message, str(path), number) from error


def _cause(error: Exception) -> str:
    if isinstance(error, UnicodeDecodeError):
        return "not UTF-8"
    if isinstance(error, json.JSONDecodeError):
        return f"not JSON: {error.msg} at character {error.colno}"
    if isinstance(error, RecursionError):
        return "too deeply nested"
    return str(error)


def write_summary(path: Path | str, summary: Mapping[str, Any]) -> None:
    """Write summary.json as a whole."""
    text = json.dumps(summary, ensure_ascii=False, allow_nan=False, indent=2)
    replace_file(Path(path), _escape_surrogates(text) + "\n")


def read_summary(path: Path | str) -> dict[str, Any]:
    """Read summary.json; InputError says what is wrong with it."""
    try:
        summary = json.loads(Path(path).read_bytes().decode("utf-8"))
    except FileNotFoundError as error:
        raise InputError("there is no such file; make it with `backspeak check`", str(path)) from error
    except OSError as error:
        raise InputError(f"could not be read ({error.strerror})", str(path)) from error
    except (ValueError, RecursionError) as error:
        raise InputError(f"damaged ({_cause(error)}); check the text again", str(path)) from error
    if not isinstance(summary, dict):
        raise InputError("damaged (not a JSON object); check the text again", str(path))
    return summary
