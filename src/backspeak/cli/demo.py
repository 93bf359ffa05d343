"""`backspeak demo`: the main job on an article of our own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from backspeak import resources
from backspeak.cli import check, options
from backspeak.cli.inputs import Inputs


@click.command("demo")
@click.option(
    "--out", type=click.Path(path_type=Path, file_okay=False), default=Path("backspeak-demo"), show_default=True,
    help="Folder for the results.",
)  # fmt: skip
@options.with_settings_of("demo")
def command(out: Path, config_file: Path | None, **given: Any) -> int:
    """Check the bundled article and write the report."""
    article = resources.corpus_dir() / "article.txt"
    # Where the package is installed says nothing to the reader of the report.
    return check.run(Inputs([str(article)], name=article.name), out, options.settings(config_file, **given))
