"""mqm.tsv: error spans in the columns of the WMT MQM data, the span between <v> and </v>."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from backspeak.data import CheckedSegment, ErrorSpan
from backspeak.outputs import Run
from backspeak.outputs.wording import one_line
from backspeak.reports.files import replace_file

COLUMNS = ("system", "doc", "doc_id", "seg_id", "rater", "source", "target", "category", "severity")
RATER = "backspeak"
NO_ERROR = ("No-error", "no-error")

# MQM's categories under the names that the WMT annotations use for them.
CATEGORIES = {
    "mistranslation": "Accuracy/Mistranslation",
    "addition": "Accuracy/Addition",
    "omission": "Accuracy/Omission",
    "untranslated": "Accuracy/Untranslated text",
    "terminology": "Terminology/Inappropriate for context",
    "grammar": "Fluency/Grammar",
    "spelling": "Fluency/Spelling",
    "punctuation": "Fluency/Punctuation",
    "unidiomatic": "Style/Unnatural or awkward",
    "register": "Fluency/Register",
    "locale": "Locale convention/Other",
}


def write(run: Run) -> list[Path]:
    """Write mqm.tsv: a row a flag, and one row of No-error for a checked segment without flags.

    Skipped and failed segments are left out, as a rater would leave them. `doc_id` counts the segments
    of a document, `seg_id` those of the run; `system` is always "text".
    """
    lines = ["\t".join(COLUMNS), *("\t".join(row) for row in _rows(run))]
    path = run.folder / "mqm.tsv"
    replace_file(path, "\n".join(lines) + "\n")
    return [path]


def _rows(run: Run) -> Iterator[tuple[str, ...]]:
    counted: dict[str, int] = {}
    for number, each in enumerate(run.checked, start=1):
        segment = each.segment
        counted[segment.document] = counted.get(segment.document, 0) + 1
        if each.status != "ok":
            continue
        before = ("text", _field(segment.document), str(counted[segment.document]), str(number), RATER)
        source = _field(segment.source or "")
        for span in each.spans:
            kind = (CATEGORIES[span.category], span.severity.capitalize())
            yield (*before, source, _marked(each, span), *kind)
        if not each.spans:
            yield (*before, source, _field(segment.text), *NO_ERROR)


def _marked(checked: CheckedSegment, span: ErrorSpan) -> str:
    text = checked.segment.text
    pieces = (
        _field(text[: span.start], ends=False),
        _field(text[span.start : span.end], ends=False),
        _field(text[span.end :], ends=False),
    )
    return f"{pieces[0]}<v>{pieces[1]}</v>{pieces[2]}".strip()


def _field(text: str, *, ends: bool = True) -> str:
    """A field that keeps to its column: no tabs, no line breaks, no marks but ours."""
    plain = text.replace("<v>", "‹v›").replace("</v>", "‹/v›")
    if ends:
        return one_line(plain)
    return (
        (" " if plain[:1].isspace() else "") + one_line(plain) + (" " if plain.strip() and plain[-1:].isspace() else "")
    )
