"""`backspeak check`: the main job."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from backspeak.cli import options, outputs
from backspeak.cli.config import print_example
from backspeak.cli.inputs import Inputs, with_inputs
from backspeak.cli.progress import Reporter
from backspeak.config import Settings
from backspeak.data import Document
from backspeak.errors import InputError
from backspeak.plural import counted

# Settings that say nothing about the result.
_NOT_SHOWN = ("quiet", "jobs", "runner", "ray_address", "reuse", "progress")


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
@click.option("--fresh", is_flag=True, help="Start anew where the folder holds an unfinished run.")
def command(
    inputs: Inputs,
    out: Path,
    also: tuple[str, ...],
    write_baseline: Path | None,
    fresh: bool,
    config_file: Path | None,
    **given: Any,
) -> int:
    """Check files, folders, globs or standard input (-).

    Reads .txt, .md, .html, .docx, .pdf, .srt, .vtt, .tsv, .csv, .jsonl, .xlf, .tmx, .po, and .hyp with
    the .src and .ref beside it. `-i hyp -s src -r ref` reads parallel files as sacreBLEU does. A run that
    was stopped goes on with the same command.
    """
    return run(inputs, out, options.settings(config_file, **given), also, write_baseline, fresh=fresh)


def run(
    inputs: Inputs,
    out: Path,
    settings: Settings,
    also: Sequence[str] = (),
    write_baseline: Path | None = None,
    *,
    fresh: bool = False,
) -> int:
    """Check the inputs, write the results into `out`, say where they are; returns the exit code."""
    from backspeak import baseline, gate, reports
    from backspeak.batch.job import Job
    from backspeak.cli import running

    began = time.monotonic()
    reporter = Reporter(quiet=settings.quiet, style=settings.progress)
    # A baseline or a memory in the folder that is checked is none of its texts.
    beside = [*settings.memory, *settings.glossary, *settings.reference, *settings.phrases]
    beside += [path for path in (settings.baseline, write_baseline) if path is not None]
    stream = inputs.stream(settings.source_lang, beside)
    pipeline = running.opened_pipeline(settings, reporter)
    if pipeline.missing_pivots:
        reporter.notice(
            f"no pivot {', '.join(pipeline.missing_pivots)} in the {settings.engine} engine; "
            f"going on with {', '.join(pipeline.pivots)}"
        )
    record = out / "segments.jsonl"
    with Job(stream, out, settings, pipeline, reporter, fresh=fresh) as job:
        job.run()
        reporter.close()
        finished = time.monotonic()
        reports.write_lines(record, job.lines())
        totals = job.totals()
        if write_baseline is not None:
            accepted = baseline.write(write_baseline, reports.read_segments(record))
            click.echo(f"Baseline: {counted(accepted, 'finding')} in {write_baseline}")
        missing = _missing(totals, job.problem_count, settings)
        failed = gate.failed_conditions(totals, settings, all_accepted=write_baseline is not None)
        code = 2 if missing else 1 if failed else 0
        reason = missing or "; ".join(failed) or ("nothing to check" if totals["score"] is None else "clean")
        summary = {
            "signature": pipeline.signature(),
            **totals,
            "pivots": {"used": pipeline.pivots, "missing": pipeline.missing_pivots},
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
        reports.write_html(out / "report.html", reports.read_segments(record), summary)
        job.finish()
    for problem in job.problems:
        click.echo(f"backspeak: {problem}", err=True)
    if job.problem_count > len(job.problems):
        click.echo(f"backspeak: and {job.problem_count - len(job.problems):,} more problems", err=True)
    _tell(totals, summary["round_trip"], out, code, reason)
    outputs.write(out, also, inputs.files() if also else None)
    return code


def _missing(totals: dict[str, Any], problems: int, settings: Settings) -> str:
    """What could not be read, checked or scored, which no gate can pass over; empty where nothing is missing."""
    if problems:
        return f"{counted(problems, 'problem')} in the input"
    if totals["failed"]:
        return f"{counted(totals['failed'], 'segment')} could not be checked"
    if settings.fail_under is not None and totals["score"] is None:
        return f"nothing in the input is English text, so there is no score for --fail-under {settings.fail_under:g}"
    return ""


def _tell(totals: dict[str, Any], round_trip: dict[str, Any] | None, out: Path, code: int, reason: str) -> None:
    if totals["score"] is None:
        click.echo("Nothing in the input is English text to check; the report says why, segment by segment.")
    else:
        ok = totals["segments"] - totals["skipped"] - totals["failed"]
        failed = f", {totals['failed']} failed" if totals["failed"] else ""
        click.echo(f"Score {totals['score']:.1f} of 100. {_flags(totals, ok)}, {totals['skipped']} skipped{failed}.")
    if round_trip is not None and round_trip["left_out"]:
        click.echo(
            f"Round trips: {round_trip['sentences']} of the most doubtful sentences, {round_trip['left_out']} left out"
            f" for {round_trip['reason']}{'; the result depends on time' if round_trip['depends_on_time'] else ''}."
        )
    if totals["suppressed"]:
        names = {"inline": "ignored in the text", "baseline": "in the baseline", "memory": "in approved sentences"}
        parts = [f"{number} {names[by]}" for by, number in totals["suppressed"].items()]
        click.echo(f"Not raised: {', '.join(parts)}.")
    if metrics := totals.get("metrics"):
        shown = ", ".join(f"{name} {metric['score']:.1f}" for name, metric in metrics.items())
        click.echo(f"Against the reference: {shown}; signatures in summary.json.")
    if code:
        click.echo(f"Exit {code}: {reason}.")
    click.echo(f"Report: {out / 'report.html'}")


def _flags(totals: dict[str, Any], ok: int) -> str:
    """Likely translation errors, and apart from them what is a matter of typography."""
    errors, typography = totals["translation_errors"], totals["typography"]
    severities = ", ".join(f"{number} {name}" for name, number in errors["severities"].items())
    if errors["segments"]:
        said = f"Likely translation errors in {errors['segments']} of {counted(ok, 'sentence')} ({severities})"
    else:
        said = f"No likely translation errors in {counted(ok, 'sentence')}"
    return said + (f", {counted(typography, 'flag')} for punctuation" if typography else "")


def read_or_fail(path: Path) -> Document:
    """One document from one file; its first problem as an error when it has no segment."""
    from backspeak import formats

    (document,) = formats.read([path])
    if not document.segments:
        raise InputError(str(document.problems[0]) if document.problems else f"{path}: nothing to read")
    return document
