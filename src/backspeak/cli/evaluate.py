"""`backspeak evaluate`: score against human labels."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from backspeak.cli import options
from backspeak.cli.check import read_or_fail
from backspeak.cli.progress import Reporter
from backspeak.errors import InputError


@click.command("evaluate")
@click.argument("data", type=click.Path(path_type=Path), metavar="DATA.jsonl")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="Write the figures to this JSON file.")
@click.option("--clean", is_flag=True, help="Take every line as clean text: each flag is a false alarm.")
@click.option("--limit", type=click.IntRange(min=1), metavar="N", help="Only the first N lines.")
@click.option(
    "--ignore-source", is_flag=True, help="Leave the sources out, not their languages: measure the source-free mode."
)
@options.with_settings_of("evaluate")
def command(
    data: Path,
    out: Path | None,
    clean: bool,
    limit: int | None,
    ignore_source: bool,
    config_file: Path | None,
    **given: Any,
) -> int:
    """Score DATA.jsonl and compare with its labels.

    Labels are extra keys of a line: score, human_score, da_z or da_mean (higher is better); tokens
    and word_tags (OK or BAD); spans (start and end of each real error); has_error; pair and good
    (which pair of sentences, and whether this is its good side); clean (text without errors).
    """
    from dataclasses import replace

    from backspeak import evaluation, formats
    from backspeak.cli import running

    settings = options.settings(config_file, **given)
    if settings.source_lang:
        (document,) = formats.read([data], source_lang=settings.source_lang)
    else:
        document = read_or_fail(data)
    segments = document.segments[:limit]
    if ignore_source:
        segments = [replace(segment, source=None) for segment in segments]
    # A reference beside the text would tell the judge what it is measured on.
    segments = [replace(segment, reference=None) for segment in segments]
    reporter = Reporter(quiet=settings.quiet)
    pipeline = running.loaded_pipeline(settings, reporter)
    items = []
    for checked in running.checked(pipeline, segments, reporter):
        labels = {"clean": clean, **document.labels.get(checked.segment.id, {})}
        try:
            items.append(evaluation.labelled(checked, labels))
        except (ValueError, TypeError) as error:
            raise InputError(f"segment {checked.segment.id}: {error}", str(data)) from error
    result = {"data": data.name, "signature": pipeline.signature(), **evaluation.evaluate(items)}
    if out is not None:
        out.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    for name, value in result.items():
        if isinstance(value, dict):
            figures = ["-" if value[key] is None else f"{value[key]:.4f}" for key in ("value", "low", "high")]
            click.echo(f"{name:<32} {figures[0]:>8}  [{figures[1]}, {figures[2]}]  n={value['segments']}")
        else:
            click.echo(f"{name:<32} {value}")
    for problem in document.problems:
        click.echo(f"backspeak: {problem}", err=True)
    return 2 if document.problems else 0
