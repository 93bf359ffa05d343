"""What a table can do wrong though each of its lines is well formed: contradictions, and alarms on clean text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from backspeak.phrasebank.bank import Match, PhraseBank
from backspeak.phrasebank.tables import Entry


@dataclass(frozen=True)
class Alarm:
    """An entry found in text that is held to be clean; `line` counts from 1."""

    line: int
    text: str
    match: Match


def contradictions(bank: PhraseBank, entries: Iterable[Entry]) -> Iterator[tuple[Entry, str]]:
    """Entries that the bank's other entries override or call wrong, each with what to do about it."""
    for entry in entries:
        found = bank.find(entry.example)
        match = next((each for each in found if each.entry is entry), None)
        if match is None:
            others = ", ".join(each.entry.rule for each in found) or "a name"
            yield entry, f"in its example {others} is found instead; narrow the phrase, or delete one of the two"
            continue
        for suggestion in match.suggestions:
            mended = entry.example[: match.start] + suggestion + entry.example[match.end :]
            end = match.start + len(suggestion)
            again = next((each for each in bank.find(mended) if each.start < end and match.start < each.end), None)
            if again is not None:
                yield entry, f"its reference {suggestion!r} is called wrong by {again.entry.rule}; write another"


def alarms(bank: PhraseBank, lines: Iterable[str], tables: frozenset[str] | None = None) -> Iterator[Alarm]:
    """Every entry found in clean lines, of all tables or of the named paths."""
    for number, text in enumerate(lines, start=1):
        for match in bank.find(text):
            if tables is None or match.entry.path in tables:
                yield Alarm(number, text, match)
