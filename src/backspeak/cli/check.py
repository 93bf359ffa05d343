"""`backspeak check`: the main job."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from backspeak.cli import options, outputs
from backspeak.cli.config import print_example
from backspeak.cli.inputs import Inputs, with_inputs
from backspeak.cli.progress import Reporter
from backspeak.config import Settings
from backspeak.data import Document, InputProblem, Segment
from backspeak.errors import InputError


@click.command("check")
@click.argument("paths", nargs=-1, metavar="[PATH...]")
@with_inputs
@click.option(
    "--out", type=click.Path(path_type=Path, file_okay=False), default=Path("backspeak-report"), show_default=True,
    envvar="BACKSPEAK_OUT", help="Folder for segments.jsonl, summary.json and report.html.",
)  # fmt: skip
@options.with_settings_of("check")
@click.option(
    "--example", is_flag=True, is_eager=True, expose_value=False, callback=print_example,
    help="Print a commented settings file and the command that uses it.",
)  # fmt: skip
@outputs.with_outputs
@click.option(
    "--write-baseline", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE",
    help="Write all present findings to this baseline.",
)  # fmt: skip
def command(
    inputs: Inputs,
    out: Path,
    also: tuple[str, ...],
    write_baseline: Path | None,
    config_file: Path | None,
    **given: Any,
) -> int:
    """Check files, folders, globs or standard input (-).

    Reads .txt, .md, .html, .docx, .pdf, .srt, .vtt, .tsv, .csv, .jsonl, .xlf, .tmx, .po, and .hyp with
    the .src and .ref beside it. `-i hyp -s src -r ref` reads parallel files as sacreBLEU does.
    """
    return run(inputs, out, options.settings(config_file, **given), also, write_baseline)


def run(
    inputs: Inputs, out: Path, settings: Settings, also: Sequence[str] = (), write_baseline: Path | None = None
) -> int:
    """Check the inputs, write the results into `out`, say where they are; returns the exit code."""
    from backspeak import baseline, gate, reports, scoring
    from backspeak.cli import running

    began = time.monotonic()
    reporter = Reporter(quiet=settings.quiet)
    documents = inputs.documents(settings.source_lang)
    items: list[Segment | InputProblem] = []
    for document in documents:
        items += document.segments
        items += document.problems
    if settings.reference:
        from backspeak.references import attach_references

        items = list(attach_references(items, settings.reference))
    problems = [item for item in items if isinstance(item, InputProblem)]
    pipeline = running.loaded_pipeline(settings, reporter)
    loaded = time.monotonic()

    segments = [item for item in items if isinstance(item, Segment)]
    reports.write_segments(out / "segments.jsonl", running.checked(pipeline, segments, reporter))
    checked = list(reports.read_segments(out / "segments.jsonl"))
    counted = scoring.summarize(checked)
    if write_baseline is not None:
        accepted = baseline.write(write_baseline, checked)
        click.echo(f"Baseline: {accepted} findings in {write_baseline}")
    failed = gate.failed_conditions(counted, settings, all_accepted=write_baseline is not None)
    code = 2 if problems else 1 if failed else 0
    reason = f"{len(problems)} problem(s) in the input" if problems else "; ".join(failed) or "clean"
    summary = {
        "signature": pipeline.signature(),
        **counted,
        "problems": [str(problem) for problem in problems],
        "settings": {key: value for key, value in settings.to_json().items() if key not in ("quiet", "jobs")},
        "exit_reason": reason,
        "timings": {
            "load_seconds": round(loaded - began, 2),
            "check_seconds": round(time.monotonic() - loaded, 2),
        },
    }
    reports.write_summary(out / "summary.json", summary)
    reports.write_html(out / "report.html", checked, summary)
    for problem in problems:
        click.echo(f"backspeak: {problem}", err=True)
    _tell(counted, out, reason, settings)
    outputs.write(out, also, inputs.files() if also else None)
    return code


def _tell(counted: dict[str, Any], out: Path, reason: str, settings: Settings) -> None:
    if counted["score"] is None:
        click.echo("Nothing in the input is English text to check; the report says why, segment by segment.")
    else:
        ok = counted["segments"] - counted["skipped"] - counted["failed"]
        click.echo(
            f"Score {counted['score']:.1f} of 100. {counted['flagged']} of {ok} sentences flagged"
            f" ({', '.join(f'{n} {name}' for name, n in counted['severities'].items()) or 'no flags'}),"
            f" {counted['skipped']} skipped."
        )
    if counted["suppressed"]:
        names = {"inline": "ignored in the text", "baseline": "in the baseline", "memory": "in approved sentences"}
        parts = [f"{number} {names[by]}" for by, number in counted["suppressed"].items()]
        click.echo(f"Not raised: {', '.join(parts)}.")
    if metrics := counted.get("metrics"):
        shown = ", ".join(f"{name} {metric['score']:.1f}" for name, metric in metrics.items())
        click.echo(f"Against the reference: {shown}; signatures in summary.json.")
    if reason != "clean":
        click.echo(f"Exit: {reason}.")
    click.echo(f"Report: {out / 'report.html'}")


def read_or_fail(path: Path) -> Document:
    """One document from one file; its first problem as an error when it has no segment."""
    from backspeak import formats

    (document,) = formats.read([path])
    if not document.segments:
        raise InputError(str(document.problems[0]) if document.problems else f"{path}: nothing to read")
    return document
