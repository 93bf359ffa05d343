"""Baselines: findings that were accepted once and are not raised again.

One JSON object a line: {"rule": str, "text": the flagged words, "context": the text of the segment,
"document": name or null}. A finding is recognised by rule, flagged words and context, whatever the white
space and wherever it stands; `document` is for the reader.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from backspeak import resources
from backspeak.data import CheckedSegment, ErrorSpan
from backspeak.errors import InputError, unopened

_TEXT_FIELDS = ("rule", "text", "context")
_LONGEST_LINE = 1_000_000  # bytes

Key = tuple[str, str, str]


class Baseline:
    """The accepted findings of a file."""

    def __init__(self, accepted: Iterable[Key], signature: str) -> None:
        self._accepted = frozenset(accepted)
        self.signature = signature

    def __len__(self) -> int:
        return len(self._accepted)

    @classmethod
    def load(cls, path: Path) -> Baseline:
        """Read a baseline. Raises InputError with the line that is no accepted finding."""
        accepted = list(_read(path))
        return cls(accepted, resources.sha256(path)[:8])

    def accepts(self, span: ErrorSpan, context: str) -> bool:
        """Whether the flag on a segment with the text `context` was accepted."""
        return _key(span.rule, span.text, context) in self._accepted


def _read(path: Path) -> Iterator[Key]:
    try:
        file = path.open("rb")
    except OSError as error:
        raise unopened(path, error, "make it with --write-baseline") from error
    with file:
        number = 0
        while line := file.readline(_LONGEST_LINE):
            number += 1
            if not line.strip():
                continue
            try:
                finding = json.loads(line.decode("utf-8-sig"))
            except (ValueError, RecursionError) as error:
                message = f"is not a JSON object ({error}); delete the line or write the baseline anew"
                raise InputError(message, str(path), number) from error
            complaint = _complaint(finding)
            if complaint is not None:
                raise InputError(f"{complaint}; delete the line or write the baseline anew", str(path), number)
            yield _key(*(finding[name] for name in _TEXT_FIELDS))


def _complaint(finding: Any) -> str | None:
    if not isinstance(finding, dict):
        return "is not a JSON object"
    for name in _TEXT_FIELDS:
        if not isinstance(finding.get(name), str):
            return f'has no "{name}" that is a text'
    if not isinstance(finding.get("document"), str | None):
        return '"document" must be a text or null'
    return None


def findings(checked: Iterable[CheckedSegment]) -> Iterator[dict[str, str]]:
    """Every present finding as a baseline has it, in order and each once: raised ones, and those that a
    baseline accepted already. What an inline ignore or a memory accepts needs no baseline."""
    seen: set[Key] = set()
    for each in checked:
        text = each.segment.text
        present = [*each.spans, *(one.span for one in each.suppressed if one.by == "baseline")]
        for span in sorted(present, key=lambda span: (span.start, span.end)):
            key = _key(span.rule, span.text, text)
            if key not in seen:
                seen.add(key)
                yield {"rule": span.rule, "text": span.text, "context": text, "document": each.segment.document}


def write(path: Path, checked: Iterable[CheckedSegment]) -> int:
    """Write all present findings to `path`, as a whole; returns how many there are."""
    from backspeak.reports.files import replace_file

    lines = [json.dumps(each, ensure_ascii=False) for each in findings(checked)]
    replace_file(path, "".join(f"{line}\n" for line in lines))
    return len(lines)


def _key(rule: str, text: str, context: str) -> Key:
    return rule, _plain(text), _plain(context)


def _plain(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).split())
