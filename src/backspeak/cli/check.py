"""`backspeak check`: the main job."""

from __future__ import annotations

import sys
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from backspeak.cli import options
from backspeak.cli.config import print_example
from backspeak.cli.progress import Reporter
from backspeak.config import Settings
from backspeak.data import Document
from backspeak.errors import InputError

# Settings that say nothing about the result.
_NOT_SHOWN = ("quiet", "jobs", "runner", "ray_address", "reuse", "progress")


@click.command("check")
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@click.option(
    "--out", type=click.Path(path_type=Path, file_okay=False), default=Path("backspeak-report"), show_default=True,
    envvar="BACKSPEAK_OUT", help="Folder for segments.jsonl, summary.json and report.html.",
)  # fmt: skip
@options.with_settings_of("check")
@click.option(
    "--example", is_flag=True, is_eager=True, expose_value=False, callback=print_example,
    help="Print a commented settings file and the command that uses it.",
)  # fmt: skip
@click.option("--fresh", is_flag=True, help="Start anew where the folder holds an unfinished run.")
def command(paths: tuple[str, ...], out: Path, fresh: bool, config_file: Path | None, **given: Any) -> int:
    """Check files, folders, globs or standard input (-).

    Reads .txt, .md, .html, .tsv and .jsonl. A run that was stopped goes on with the same command.
    """
    return run(list(paths), out, options.settings(config_file, **given), fresh=fresh)


def run(paths: list[str], out: Path, settings: Settings, *, fresh: bool = False) -> int:
    """Check the paths, write the three files into `out`, say where they are; returns the exit code."""
    from backspeak import formats, reports
    from backspeak.batch.job import Job
    from backspeak.cli import running

    began = time.monotonic()
    reporter = Reporter(quiet=settings.quiet, style=settings.progress)
    inputs = formats.InputStream(paths, source_lang=settings.source_lang, stdin=sys.stdin.buffer)
    pipeline = running.opened_pipeline(settings, reporter)
    with Job(inputs, out, settings, pipeline, reporter, fresh=fresh) as job:
        job.run()
        reporter.close()
        finished = time.monotonic()
        reports.write_lines(out / "segments.jsonl", job.lines())
        counted = job.totals()
        code, reason = _verdict(counted, job.problem_count, settings)
        summary = {
            "signature": pipeline.signature(),
            **counted,
            "round_trip": job.left_out(),
            "problems": [str(problem) for problem in job.problems],
            "problem_count": job.problem_count,
            "settings": {key: value for key, value in settings.to_json().items() if key not in _NOT_SHOWN},
            "exit_reason": reason,
            "work": asdict(job.work),
            "timings": {
                "check_seconds": round(finished - began, 2),
                "record_seconds": round(time.monotonic() - finished, 2),
            },
        }
        reports.write_summary(out / "summary.json", summary)
        reports.write_html(out / "report.html", list(reports.read_segments(out / "segments.jsonl")), summary)
        job.finish()
    for problem in job.problems:
        click.echo(f"backspeak: {problem}", err=True)
    if job.problem_count > len(job.problems):
        click.echo(f"backspeak: and {job.problem_count - len(job.problems):,} more problems", err=True)
    _tell(counted, summary["round_trip"], out, reason)
    return code


def _verdict(counted: dict[str, Any], problems: int, settings: Settings) -> tuple[int, str]:
    """Exit code and reason of a run."""
    if problems:
        return 2, f"{problems} problem(s) in the input"
    if counted["failed"]:
        return 2, f"{counted['failed']} segment(s) could not be checked"
    if settings.fail_under is not None and counted["score"] is not None and counted["score"] < settings.fail_under:
        return 1, f"score {counted['score']} is below {settings.fail_under}"
    return 0, "clean"


def _tell(counted: dict[str, Any], round_trip: dict[str, Any] | None, out: Path, reason: str) -> None:
    if counted["score"] is None:
        click.echo("Nothing in the input is English text to check; the report says why, segment by segment.")
    else:
        ok = counted["segments"] - counted["skipped"] - counted["failed"]
        failed = f", {counted['failed']} failed" if counted["failed"] else ""
        click.echo(
            f"Score {counted['score']:.1f} of 100. {counted['flagged']} of {ok} sentences flagged"
            f" ({', '.join(f'{n} {name}' for name, n in counted['severities'].items()) or 'no flags'}),"
            f" {counted['skipped']} skipped{failed}."
        )
    if round_trip is not None and round_trip["left_out"]:
        click.echo(
            f"Round trips: {round_trip['sentences']} of the most doubtful sentences, {round_trip['left_out']} left out"
            f" for {round_trip['reason']}{'; the result depends on time' if round_trip['depends_on_time'] else ''}."
        )
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
