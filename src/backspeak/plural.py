"""Numbers with their nouns, as messages and reports say them."""

from __future__ import annotations


def counted(number: int, noun: str) -> str:
    """A number and its noun: "1 flag", "1,200 flags"."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
