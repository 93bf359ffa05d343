"""An engine that says what it was told to: for tests and demonstrations, with no model behind it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import cycle, islice
from typing import Literal

from backspeak.engines.base import LanguagePair, unsupported

Script = Mapping[tuple[str, str], Sequence[str]] | Callable[[str, str, str], Sequence[str]]


class UnscriptedTextError(LookupError):
    """A text was to be translated that the script does not hold."""


@dataclass(frozen=True)
class Call:
    """One call of `translate`, as it came."""

    texts: tuple[str, ...]
    source_lang: str
    target_lang: str
    samples: int


class ScriptedEngine:
    """The `Engine` protocol over a table or a function.

    The table maps (text, target language) to its translations, the best first; the function gets
    (text, source language, target language) and returns the same. One string counts as one
    translation. When fewer are given than asked for, they come again from the first.

    `unknown` says what becomes of a text that the table does not hold: "raise" raises
    UnscriptedTextError, "mark" returns it behind its target language, as in "[es] text". `pairs`
    limits the language pairs (default: any). Every call is kept in `calls`.
    """

    name = "scripted"

    def __init__(
        self,
        translations: Script,
        *,
        pairs: Collection[LanguagePair] | None = None,
        unknown: Literal["raise", "mark"] = "raise",
    ) -> None:
        self._script = translations
        self._pairs = pairs
        self._unknown = unknown
        self.calls: list[Call] = []

    def signature(self) -> str:
        """Always the same: a script has no weights and no settings."""
        return f"engine:{self.name}"

    def supports(self, source_lang: str, target_lang: str) -> bool:
        """Whether the pair is among `pairs`, or any pair of two languages without them."""
        return source_lang != target_lang if self._pairs is None else (source_lang, target_lang) in self._pairs

    def pairs(self) -> list[LanguagePair] | None:
        """The pairs that were named, if any were."""
        return None if self._pairs is None else sorted(self._pairs)

    def translate(
        self, texts: Sequence[str], source_lang: str, target_lang: str, *, samples: int = 0
    ) -> list[list[str]]:
        """The scripted translations of each text, 1 + `samples` of them.

        Raises SettingsError for an unsupported pair and UnscriptedTextError for an unknown text.
        """
        self.calls.append(Call(tuple(texts), source_lang, target_lang, samples))
        if not self.supports(source_lang, target_lang):
            raise unsupported(self, source_lang, target_lang)
        return [list(islice(cycle(self._lookup(text, source_lang, target_lang)), 1 + samples)) for text in texts]

    def _lookup(self, text: str, source_lang: str, target_lang: str) -> Sequence[str]:
        if not text.strip():
            return [""]
        if isinstance(self._script, Mapping):
            found = self._script.get((text, target_lang))
        else:
            found = self._script(text, source_lang, target_lang)
        if isinstance(found, str):
            return [found]
        if found:
            return found
        if self._unknown == "mark":
            return [f"[{target_lang}] {text}"]
        raise UnscriptedTextError(f"no translation into {target_lang} is scripted for {text!r}")
