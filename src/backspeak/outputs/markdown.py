"""summary.md: the run on one screen, for a pull request or a step summary."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from backspeak.data import SEVERITIES, TYPOGRAPHY, CheckedSegment, ErrorSpan
from backspeak.outputs import Run
from backspeak.outputs.wording import one_line, shortened
from backspeak.plural import counted
from backspeak.reports.files import replace_file

_MOST_FLAGS = 20
_MOST_DOCUMENTS = 50
# What GitHub's Markdown gives a meaning, mentions and references included.
_ACTING = re.compile(r"([\\`*_{}\[\]()#+!|~:-])")
_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "@": "&#64;"}


def write(run: Run) -> list[Path]:
    """Write summary.md: totals, documents, and the surest of the gravest flags."""
    path = run.folder / "summary.md"
    replace_file(path, "\n".join(_lines(run)) + "\n")
    return [path]


def _lines(run: Run) -> Iterator[str]:
    checked = [each for each in run.checked if each.status == "ok"]
    flags = [(each, span) for each in checked for span in each.spans]
    errors = [(each, span) for each, span in flags if span.category not in TYPOGRAPHY]
    severities = Counter(span.severity for _, span in errors)
    score = run.summary.get("score")
    yield "## backspeak"
    yield ""
    said = f"Score **{score:.1f}** of 100. " if isinstance(score, int | float) else "Nothing was scored. "
    counts = ", ".join(f"{severities[name]} {name}" for name in reversed(SEVERITIES) if severities[name])
    said += f"Likely translation errors in {len({id(each) for each, _ in errors})} of {len(checked)} segments"
    said += f" ({counts})" if counts else ""
    typography = len(flags) - len(errors)
    yield said + (f", {counted(typography, 'flag')} for punctuation." if typography else ".")
    yield ""
    for problem in run.summary.get("problems", []):
        yield f"- problem: {_escaped(str(problem))}"
    yield ""
    documents = run.summary.get("documents")
    if isinstance(documents, list) and len(documents) > 1:
        yield from _documents(documents)
    if flags:
        yield from _flags(flags)
    yield f"<sub>{_escaped(str(run.summary.get('signature', '')))}</sub>"


def _documents(documents: list) -> Iterator[str]:
    scored = [each for each in documents if isinstance(each, dict) and isinstance(each.get("score"), int | float)]
    scored.sort(key=lambda each: each["score"])
    yield "| document | score |"
    yield "| --- | ---: |"
    for each in scored[:_MOST_DOCUMENTS]:
        yield f"| {_escaped(str(each.get('document', '')))} | {each['score']:.1f} |"
    if len(scored) > _MOST_DOCUMENTS:
        yield f"| and {len(scored) - _MOST_DOCUMENTS} better ones | |"
    yield ""


def _flags(flags: list[tuple[CheckedSegment, ErrorSpan]]) -> Iterator[str]:
    worst = sorted(flags, key=lambda flag: (-SEVERITIES.index(flag[1].severity), -flag[1].confidence))
    yield "| where | severity | in the text | better |"
    yield "| --- | --- | --- | --- |"
    for each, span in worst[:_MOST_FLAGS]:
        where = f"{each.segment.document}, {each.segment.location or each.segment.id}"
        text = each.segment.text
        before, after = text[max(0, span.start - 40) : span.start], text[span.end : span.end + 40]
        shown = f"{_escaped(before)}**{_escaped(span.text) or '(missing)'}**{_escaped(after)}"
        better = " or ".join(_escaped(each) or "(leave out)" for each in span.suggestions)
        yield f"| {_escaped(where)} | {span.severity} {span.category} | {shown} | {better} |"
    if len(worst) > _MOST_FLAGS:
        yield ""
        yield f"and {len(worst) - _MOST_FLAGS} more in the report."
    yield ""


def _escaped(text: str) -> str:
    """Text that shows as itself. A space at either end stays, so that words do not run together."""
    plain = one_line(shortened(text))
    made = "".join(_ENTITIES.get(char, char) for char in _ACTING.sub(r"\\\1", plain))
    return (" " if text[:1].isspace() else "") + made + (" " if plain and text[-1:].isspace() else "")
