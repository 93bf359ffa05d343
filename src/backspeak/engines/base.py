"""What every translation engine offers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, runtime_checkable


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

    def translate(
        self, texts: Sequence[str], source_lang: str, target_lang: str, *, samples: int = 0
    ) -> list[list[str]]:
        """Translate each text: the best translation first, then `samples` sampled alternatives.

        Sampling is seeded by the text, so that the result does not depend on the batch. Empty
        texts give empty translations. Raises SettingsError for an unsupported pair.
        """
        ...
