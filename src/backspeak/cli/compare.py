"""`backspeak compare`: two checked outputs of the same source."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from backspeak.cli.progress import Reporter
from backspeak.plural import counted


@click.command("compare")
@click.argument("a", type=click.Path(path_type=Path), metavar="A")
@click.argument("b", type=click.Path(path_type=Path), metavar="B")
@click.option(
    "--out", type=click.Path(path_type=Path, file_okay=False), default=Path("backspeak-comparison"), show_default=True,
    help="Folder for comparison.json and comparison.html.",
)  # fmt: skip
@click.option("--seed", type=click.IntRange(min=0), default=12345, show_default=True, help="Seed of the resampling.")
@click.option("--fail-if-worse", is_flag=True, help="Exit 1 when B is worse than A by more than chance.")
@click.option("--quiet", is_flag=True, help="No progress on standard error.")
def command(a: Path, b: Path, out: Path, seed: int, fail_if_worse: bool, quiet: bool) -> int:
    """Compare two checked outputs of the same source: which is better, and is that more than chance?

    A and B are folders that backspeak check wrote, or their segments.jsonl: two MT systems, or a text
    before and after editing. Segments are paired by document and id, or by order where the documents
    have other names.
    """
    from backspeak.comparison import compare, pair, read_side
    from backspeak.comparison.report import is_worse, verdict
    from backspeak.reports.comparison import write_comparison

    reporter = Reporter(quiet=quiet)
    sides = read_side(a), read_side(b)
    pairs = pair(*sides)
    result = compare(*sides, pairs, seed=seed, progress=reporter.notice)
    write_comparison(out, pairs, result)
    _tell(result, verdict(result))
    click.echo(f"Comparison: {out / 'comparison.html'}")
    return 1 if fail_if_worse and is_worse(result) else 0


def _tell(result: dict[str, Any], verdict: str) -> None:
    if result["comparable"] is False:
        click.echo("backspeak: the two runs were made with different settings; their scores may not compare", err=True)
    click.echo(f"A  {result['a']['name']}  ({result['a']['path']})")
    click.echo(f"B  {result['b']['name']}  ({result['b']['path']})")
    click.echo(f"{'':8}{'A':>8}{'B':>8}{'B - A':>8}  {'95% interval':<18}{'p (bs)':>8}{'p (ar)':>8}")
    for figures in (result["score"], *result["metrics"]):
        interval = f"[{figures['low']:+.2f}, {figures['high']:+.2f}]"
        click.echo(
            f"{figures['name']:<8}{figures['a']:8.2f}{figures['b']:8.2f}{figures['difference']:+8.2f}"
            f"  {interval:<18}{figures['bootstrap_p']:8.4f}{figures['randomisation_p']:8.4f}"
        )
    left_out = result["segments"] - result["scored"]
    click.echo(
        f"B is better in {counted(result['b_better'], 'segment')}, A in {result['a_better']:,},"
        f" {result['ties']:,} {'is' if result['ties'] == 1 else 'are'} even"
        f"{f'; {left_out:,} were not scored on both sides' if left_out else ''}."
    )
    click.echo(verdict)
    click.echo(f"Signature: {result['signature']}")
    for figures in result["metrics"]:
        click.echo(f"  {figures['name']}: {figures['signature']}")
