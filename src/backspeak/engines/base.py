"""What every translation engine offers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

from backspeak.errors import SettingsError

LanguagePair = tuple[str, str]
"""Source and target language, ISO 639-1 codes."""


@runtime_checkable
class Engine(Protocol):
    """A machine-translation model behind one small interface.

    Same texts and same settings give the same translations, in whatever batches they come.
    """

    name: str  # "bundled", "marian", "scripted"

    def signature(self) -> str:
        """Name, weights revision and decoding settings in sacreBLEU's `key:value|key:value` form."""
        ...

    def supports(self, source_lang: str, target_lang: str) -> bool:
        """Whether this engine translates between the two ISO 639-1 codes."""
        ...

    def pairs(self) -> list[LanguagePair] | None:
        """Every pair that it translates, sorted; None when it takes any two codes it is given."""
        ...

    def translate(
        self, texts: Sequence[str], source_lang: str, target_lang: str, *, samples: int = 0
    ) -> list[list[str]]:
        """Translate each text: the best translation first, then `samples` sampled alternatives.

        Sampling is seeded by the text, so that the result does not depend on the batch. Empty
        texts give empty translations. Raises SettingsError for an unsupported pair.
        """
        ...


def unsupported(engine: Engine, source_lang: str, target_lang: str) -> SettingsError:
    """The error for a pair that an engine lacks; it names those that there are."""
    return SettingsError(f"the {engine.name} engine does not translate {source_lang}-{target_lang}{_there_is(engine)}")


def no_pivot(engine: Engine, pivot: str) -> SettingsError:
    """The error for a pivot between which and English an engine does not translate both ways."""
    pairs = set(engine.pairs() or ())
    known = sorted(source for source, target in pairs if target == "en" and ("en", source) in pairs)
    there_is = f"; it has {', '.join(known)}" if known else _there_is(engine)
    return SettingsError(f"the {engine.name} engine has no pivot {pivot!r}{there_is}")


def _there_is(engine: Engine) -> str:
    pairs = engine.pairs()
    if pairs is None:
        return ""
    languages = sorted({language for pair in pairs for language in pair})
    # An engine for many languages has thousands of pairs.
    if len(pairs) > 2 and len(pairs) == len(languages) * (len(languages) - 1):
        return f"; it translates between any two of {', '.join(languages)}"
    return "; it translates " + (", ".join(f"{source}-{target}" for source, target in pairs) or "nothing at all")
