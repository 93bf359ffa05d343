"""`backspeak phrases`: look a phrase up, add one's own, test a table, count what there is."""

from __future__ import annotations

import os
import tempfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from backspeak import resources
from backspeak.data import CATEGORIES, SEVERITIES
from backspeak.errors import InputError, OutputError, SettingsError

if TYPE_CHECKING:
    from backspeak.phrasebank import Entry, PhraseBank

_CONTEXT = 40  # characters shown on either side of an alarm


@click.group("phrases")
def command() -> None:
    """Look phrases up, add your own, and test a table."""


def _own_tables(tables: Sequence[Path]) -> list[Path]:
    """The tables that were named, or those of the settings file."""
    from backspeak.cli import options

    return list(tables or options.settings(None).phrases)


_TABLES = click.option(
    "--table",
    "tables",
    multiple=True,
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    help="Your own table beside the shipped ones (repeatable). Default: `phrases` of the settings file.",
)


@command.command("lookup")
@click.argument("text")
@_TABLES
def lookup(text: str, tables: tuple[Path, ...]) -> None:
    """Show the entries for a phrase or a rule id, or those found in a sentence."""
    from backspeak.phrasebank import PhraseBank
    from backspeak.phrasebank.collocations import Collocations, words_of

    bank = PhraseBank.load(own=_own_tables(tables))
    entries = bank.lookup(text) or list(dict.fromkeys(match.entry for match in bank.find(text)))
    for entry in entries:
        click.echo(_described(entry))
    if not entries:
        click.echo("not listed")
    words = words_of(text)
    if 1 <= len(words) <= 3 and all(words):
        counts = Collocations.load()
        click.echo(f"attested: {counts.count(words):,} times in {counts.total:,} words of English")


def _described(entry: Entry) -> str:
    return (
        f"{entry.rule}\n"
        f"  {entry.shown_phrase} -> {' | '.join(entry.shown_references)}\n"
        f"  {entry.category}, {entry.severity}, from {', '.join(entry.source_langs)}, confidence {entry.confidence:g}\n"
        f"  {entry.example}\n"
        f"  {entry.note}"
    )


@command.command("add")
@click.argument("phrase")
@click.argument("reference")
@click.option("--example", required=True, help="A sentence that holds the phrase.")
@click.option("--source-lang", "source_langs", multiple=True, metavar="LANG", help="Where it comes from (repeatable).")
@click.option("--category", type=click.Choice(CATEGORIES), default="unidiomatic", show_default=True)
@click.option("--severity", type=click.Choice(SEVERITIES), default="minor", show_default=True)
@click.option("--confidence", type=click.FloatRange(0, 1, min_open=True), default=0.9, show_default=True)
@click.option("--note", default="Own entry.", show_default=True, help="Why it is wrong, one sentence.")
@click.option(
    "--table",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Your table; made if it is not there. Default: the first of `phrases` in the settings file.",
)
def add(phrase: str, reference: str, table: Path | None, source_langs: tuple[str, ...], **cells: str | float) -> None:
    """Add PHRASE (a pattern, docs/extending.md) with its natural wording REFERENCE ("a|b" for two) to your table."""
    from backspeak.phrasebank import PhraseBank, checking
    from backspeak.phrasebank.tables import COLUMNS

    table = table or next(iter(_own_tables(())), None)
    if table is None:
        raise SettingsError("no table to add to: give --table FILE, or name one as `phrases` in backspeak.toml")
    row = {"phrase": phrase, "reference": reference, "source_langs": ",".join(source_langs), **cells}
    values = [str(row[column]).strip() for column in COLUMNS]
    if any(mark in value for value in values for mark in "\t\r\n"):
        raise SettingsError("an entry is one line: no value may hold a tab or a line break")
    try:
        before = table.read_text(encoding="utf-8") if table.exists() else ""
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"cannot be read as UTF-8 text ({error})", str(table)) from error
    header = before.splitlines()[0].split("\t") if before else list(COLUMNS)
    if missing := [column for column in COLUMNS if column not in header]:
        raise InputError(f"no column {', '.join(missing)}; the first line must name {' '.join(COLUMNS)}", str(table), 1)
    cell = dict(zip(COLUMNS, values, strict=True))
    kept = before if not before or before.endswith("\n") else before + "\n"
    text = (kept or "\t".join(COLUMNS) + "\n") + "\t".join(cell.get(column, "") for column in header) + "\n"
    with tempfile.TemporaryDirectory() as folder:
        trial = Path(folder) / table.name
        trial.write_text(text, encoding="utf-8")
        try:
            bank = PhraseBank.load(own=[trial])
        except InputError as error:
            raise InputError(error.message, str(table), error.line) from error
        entry = bank.entries[-1]
        for _, problem in checking.contradictions(bank, [entry]):
            raise InputError(f"{phrase!r} was not added: {problem}", str(table), entry.line)
    _replace(table, text)
    click.echo(f"added to {table}:{entry.line}\n{_described(entry)}")


def _replace(path: Path, text: str) -> None:
    """Write a file whole or not at all."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_name(path.name + ".partial")
        partial.write_text(text, encoding="utf-8")
        os.replace(partial, path)
    except OSError as error:
        raise OutputError(f"{path}: {error.strerror}") from error


@command.command("check")
@click.argument("table", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@click.option(
    "--clean",
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    help="Text by native writers, a sentence or paragraph a line: what the table finds there are false alarms.",
)
@click.option("--max-alarms", type=float, metavar="RATE", help="Exit 1 if more alarms than this per 1,000 clean words.")
def check(table: Path, clean: Path | None, max_alarms: float | None) -> int:
    """Test a table for faults, duplicates, contradictions, and alarms on clean text."""
    from backspeak.phrasebank import PhraseBank, checking

    shipped = table.resolve().parent == resources.corpus_dir().resolve()
    bank = PhraseBank.load(own=[] if shipped else [table])
    entries = [entry for entry in bank.entries if Path(entry.path).resolve() == table.resolve()]
    faults = list(checking.contradictions(bank, entries))
    for entry, problem in faults:
        click.echo(f"{table}:{entry.line}: {entry.shown_phrase!r}: {problem}")
    click.echo(f"{len(entries)} entries, {len(faults)} contradictions")
    rate = _report_alarms(bank, frozenset(entry.path for entry in entries), clean) if clean else 0.0
    if faults:
        return 2
    return 1 if max_alarms is not None and rate > max_alarms else 0


def _report_alarms(bank: PhraseBank, paths: frozenset[str], clean: Path) -> float:
    """Print what the tables find in a clean text; alarms per 1,000 words."""
    from backspeak.phrasebank import checking

    try:
        lines = clean.read_text(encoding="utf-8").splitlines()
    except UnicodeDecodeError as error:
        raise InputError("not UTF-8; save the text as UTF-8", str(clean)) from error
    words = sum(len(line.split()) for line in lines)
    if not words:
        raise InputError("no words to test on", str(clean))
    found = list(checking.alarms(bank, lines, paths))
    for alarm in found:
        match, text = alarm.match, alarm.text
        before = text[max(0, match.start - _CONTEXT) : match.start]
        after = text[match.end : match.end + _CONTEXT]
        click.echo(f"{clean}:{alarm.line}: {before}[{text[match.start : match.end]}]{after}  {match.entry.rule}")
    rate = 1000 * len(found) / words
    click.echo(f"{len(found)} alarms in {words:,} clean words: {rate:.3f} per 1,000")
    return rate


@command.command("stats")
@_TABLES
def stats(tables: tuple[Path, ...]) -> None:
    """Count the entries by table, category, severity and source language."""
    from backspeak.phrasebank import PhraseBank
    from backspeak.phrasebank.collocations import Collocations

    bank = PhraseBank.load(own=_own_tables(tables))
    click.echo(f"phrase bank {bank.version}: {len(bank.entries):,} entries")
    for title, values in (
        ("table", [entry.table for entry in bank.entries]),
        ("category", [entry.category for entry in bank.entries]),
        ("severity", [entry.severity for entry in bank.entries]),
        ("source language", [lang for entry in bank.entries for lang in entry.source_langs]),
    ):
        counts = sorted(Counter(values).items(), key=lambda pair: (-pair[1], pair[0]))
        click.echo(f"by {title}: " + ", ".join(f"{name} {count:,}" for name, count in counts))
    click.echo(f"collocation counts: from {Collocations.load().total:,} words of English")
