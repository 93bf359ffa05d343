"""The phrase bank: tables of translated-sounding phrases and the natural wording for each."""

from __future__ import annotations

from backspeak.phrasebank.bank import Match, PhraseBank
from backspeak.phrasebank.tables import Entry

__all__ = ["Entry", "Match", "PhraseBank"]
