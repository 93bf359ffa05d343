"""`backspeak models`: what is installed, licences, checksums."""

from __future__ import annotations

import click

from backspeak import resources
from backspeak.cli.progress import Reporter
from backspeak.engines import bundled


@click.group("models")
def command() -> None:
    """List, fetch and verify the models."""


@command.command("list")
def list_models() -> None:
    """Every model with its size, licence and source."""
    for entry in resources.manifest(resources.models_dir())["models"]:
        size = entry.get("bytes") or sum(file["bytes"] for file in entry["files"].values())
        click.echo(f"{entry['name']:<12} {size / 1e6:8.1f} MB  {entry['licence']}")
        click.echo(f"{'':<12} {entry['description']}")
        click.echo(f"{'':<12} {entry['source']}")


@command.command("fetch")
@click.option("--quiet", is_flag=True, help="No progress on standard error.")
def fetch(quiet: bool) -> None:
    """Prepare every bundled model now, so that later runs need no waiting."""
    reporter = Reporter(quiet=quiet)
    preparation = bundled.Preparation(reporter.step, reporter.notice)
    folders = [preparation.language_model(), *(preparation.pivot(pivot) for pivot in bundled.pivots())]
    reporter.close()
    for folder in folders:
        click.echo(f"ready: {folder}")


@command.command("verify")
def verify() -> int:
    """Compare every shipped file and the base model with its checksum; exit 2 on a difference."""
    damaged = 0
    for entry in resources.manifest(resources.models_dir())["models"]:
        for name, expected in entry["files"].items():
            path = resources.models_dir() / entry["name"] / name
            good = path.is_file() and resources.sha256(path) == expected["sha256"]
            damaged += not good
            click.echo(f"{'ok     ' if good else 'DAMAGED'} {entry['name']}/{name}")
        if "package" in entry:
            good = bundled.base_checksum() == entry["sha256"]
            damaged += not good
            click.echo(f"{'ok     ' if good else 'DAMAGED'} {entry['package']}")
    if damaged:
        click.echo(f"backspeak: {damaged} file(s) are not as shipped; reinstall backspeak", err=True)
    return 2 if damaged else 0
