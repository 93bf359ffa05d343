"""Reports: the record of a run, and everything that is rendered from it.

    record.py       CheckedSegment <-> segments.jsonl, and summary.json
    html.py         report.html: overview.py (from above) and view.py (a sentence), drawn by report.js
    comparison.py   comparison.html and comparison.json, drawn by comparison.js
      embed.py        data in a page
      explain.py      evidence in words
      difference.py   what a back-translation changed
      visible.py      characters that act made seen
    files.py        writing without leaving half a file

page.html.j2, page.js and report.css are what both pages share.
Rendering never loads a model.
"""

from __future__ import annotations

from backspeak.reports.html import render_html, write_html
from backspeak.reports.record import (
    from_json,
    from_line,
    json_line,
    read_segments,
    read_summary,
    to_json,
    to_line,
    write_lines,
    write_segments,
    write_summary,
)

__all__ = [
    "from_json",
    "from_line",
    "json_line",
    "read_segments",
    "read_summary",
    "render_html",
    "to_json",
    "to_line",
    "write_html",
    "write_lines",
    "write_segments",
    "write_summary",
]
