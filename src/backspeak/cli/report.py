"""`backspeak report`: render again, no model loaded."""

from __future__ import annotations

from pathlib import Path

import click

from backspeak import reports
from backspeak.cli import outputs
from backspeak.errors import InputError


@click.command("report")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False), metavar="DIR")
@outputs.with_outputs
def command(folder: Path, also: tuple[str, ...]) -> None:
    """Write DIR/report.html again from DIR/segments.jsonl and DIR/summary.json."""
    record = folder / "segments.jsonl"
    if not record.is_file():
        raise InputError("there is no segments.jsonl; run backspeak check --out on this folder first", str(folder))
    summary = reports.read_summary(folder / "summary.json")
    reports.write_html(folder / "report.html", reports.read_segments(record), summary)
    click.echo(f"Report: {folder / 'report.html'}")
    outputs.write(folder, also)
