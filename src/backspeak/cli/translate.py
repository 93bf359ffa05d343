"""`backspeak translate`: one engine, line by line."""

from __future__ import annotations

import sys
from itertools import islice
from pathlib import Path
from typing import Any, TextIO

import click

from backspeak.cli import options
from backspeak.cli.progress import Reporter
from backspeak.errors import SettingsError

_LINES_AT_ONCE = 64


@click.command("translate")
@click.option("--from", "from_lang", required=True, metavar="LANG", help="Language of the input.")
@click.option("--to", "to_lang", required=True, metavar="LANG", help="Language of the output.")
@click.argument("file", type=click.File("r", encoding="utf-8"), default="-")
@options.with_settings
def command(from_lang: str, to_lang: str, file: TextIO, config_file: Path | None, **given: Any) -> None:
    """Translate FILE (standard input by default), one line at a time, to standard output."""
    from backspeak.cli import running
    from backspeak.engines.base import unsupported
    from backspeak.engines.registry import open_engine

    settings = options.settings(config_file, **given)
    reporter = Reporter(quiet=settings.quiet)
    engine = open_engine(settings, running.embedded_engine(settings, reporter))
    if not engine.supports(from_lang, to_lang):
        raise unsupported(engine, from_lang, to_lang)
    try:
        while lines := [line.rstrip("\n") for line in islice(file, _LINES_AT_ONCE)]:
            for translated in engine.translate(lines, from_lang, to_lang):
                click.echo(translated[0])
            sys.stdout.flush()
    except UnicodeDecodeError as error:
        raise SettingsError(f"{file.name}: not UTF-8 ({error.reason} at byte {error.start})") from error
