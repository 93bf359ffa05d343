"""junit.xml: a document is a test suite, a segment a test case that fails when it is flagged."""

from __future__ import annotations

from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

from backspeak.data import SEVERITIES, CheckedSegment
from backspeak.outputs import Run
from backspeak.outputs.wording import message, one_line, shortened
from backspeak.reports.files import replace_file
from backspeak.reports.visible import visible


def write(run: Run) -> list[Path]:
    """Write junit.xml: flagged segments fail (type: the gravest severity), skipped ones are skipped."""
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', '<testsuites name="backspeak">']
    for document, checked in run.documents().items():
        failures = sum(each.status == "ok" and bool(each.spans) for each in checked)
        errors = sum(each.status == "failed" for each in checked)
        skipped = sum(each.status == "skipped" for each in checked)
        lines.append(
            f' <testsuite name={_attribute(document)} tests="{len(checked)}" failures="{failures}"'
            f' errors="{errors}" skipped="{skipped}">'
        )
        lines += [_case(each) for each in checked]
        lines.append(" </testsuite>")
    lines.append("</testsuites>")
    path = run.folder / "junit.xml"
    replace_file(path, "\n".join(lines) + "\n")
    return [path]


def _case(checked: CheckedSegment) -> str:
    segment = checked.segment
    name = f"{segment.location or f'segment {segment.id}'}: {shortened(one_line(segment.text), 80)}"
    start = f"  <testcase classname={_attribute(segment.document)} name={_attribute(name)}"
    reason = one_line(checked.reason or "no reason given")
    if checked.status == "skipped":
        return f"{start}><skipped>{escape(reason)}</skipped></testcase>"
    if checked.status == "failed":
        return f'{start}><error type="failed" message={_attribute(reason)}/></testcase>'
    if not checked.spans:
        return f"{start}/>"
    gravest = max((span.severity for span in checked.spans), key=SEVERITIES.index)
    told = [f"{span.severity}: {message(span)}" for span in checked.spans]
    body = escape("\n".join([visible(segment.text), *told]))
    first = _attribute(told[0] + (f" (and {len(told) - 1} more)" if len(told) > 1 else ""))
    return f'{start}><failure type="{gravest}" message={first}>{body}</failure></testcase>'


def _attribute(text: str) -> str:
    return quoteattr(one_line(text))
