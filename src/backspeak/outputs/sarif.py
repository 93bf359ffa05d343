"""report.sarif: SARIF 2.1.0, one result a flag, for code scanning and editors."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any
from urllib.parse import quote

import backspeak
from backspeak.data import CheckedSegment, ErrorSpan
from backspeak.outputs import Run
from backspeak.outputs.wording import line_of, message, one_line, shortened
from backspeak.reports.files import replace_file

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
LEVELS = {"critical": "error", "major": "warning", "minor": "note"}


def write(run: Run) -> list[Path]:
    """Write report.sarif. Places are lines where the input has lines, and always the segment's location."""
    path = run.folder / "report.sarif"
    replace_file(path, json.dumps(log(run), indent=1) + "\n")
    return [path]


def log(run: Run) -> dict[str, Any]:
    """The SARIF log as JSON."""
    flags = [(each, span) for each in run.checked for span in each.spans]
    rules = sorted({span.rule for _, span in flags})
    problems = [str(problem) for problem in run.summary.get("problems", [])]
    invocation: dict[str, Any] = {"executionSuccessful": not problems}
    if problems:
        invocation["toolExecutionNotifications"] = [
            {"level": "error", "message": {"text": one_line(problem)}} for problem in problems
        ]
    return {
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "backspeak",
                        "semanticVersion": backspeak.__version__,
                        "rules": [{"id": rule, "name": rule} for rule in rules],
                    }
                },
                "columnKind": "unicodeCodePoints",
                "invocations": [invocation],
                "properties": {"signature": str(run.summary.get("signature", "")), "score": run.summary.get("score")},
                "results": [_result(each, span, rules.index(span.rule)) for each, span in flags],
            }
        ],
    }


def _result(checked: CheckedSegment, span: ErrorSpan, rule: int) -> dict[str, Any]:
    segment = checked.segment
    physical: dict[str, Any] = {"artifactLocation": {"uri": quote(segment.document.replace("\\", "/"), safe="/")}}
    line = line_of(segment)
    if line is not None:
        physical["region"] = {"startLine": line, "snippet": {"text": shortened(one_line(segment.text))}}
    where = f"segment {segment.id}" + (f" ({segment.location})" if segment.location else "")
    return {
        "ruleId": span.rule,
        "ruleIndex": rule,
        "level": LEVELS[span.severity],
        "message": {"text": message(span)},
        "locations": [
            {
                "physicalLocation": physical,
                "logicalLocations": [
                    {"name": one_line(segment.id), "fullyQualifiedName": one_line(where), "kind": "segment"}
                ],
            }
        ],
        "partialFingerprints": {"flag/v1": _fingerprint(checked, span)},
        "properties": {
            "category": span.category,
            "severity": span.severity,
            "confidence": span.confidence,
            "suggestions": list(span.suggestions),
            "start": span.start,
            "end": span.end,
            "text": segment.text,
        },
    }


def _fingerprint(checked: CheckedSegment, span: ErrorSpan) -> str:
    """The same for the same words in the same sentence, wherever in the document it has moved to."""
    parts = (checked.segment.document, checked.segment.text, span.text, str(span.start), span.rule)
    return hashlib.sha256("\x00".join(parts).encode("utf-8", "replace")).hexdigest()[:32]
