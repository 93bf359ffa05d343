"""backspeak: find machine-translation errors in English text by back-translation.

    from backspeak import Checker

    with Checker() as checker:
        for sentence in checker.check("They made a photo of the ferry."):
            print(sentence.score, [span.text for span in sentence.spans])

Everything named in `__all__` is the stable interface; it is imported when it is first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from backspeak.checker import Checker as Checker
    from backspeak.config import Settings as Settings
    from backspeak.data import BackTranslation as BackTranslation
    from backspeak.data import CheckedSegment as CheckedSegment
    from backspeak.data import ErrorSpan as ErrorSpan
    from backspeak.data import Evidence as Evidence
    from backspeak.data import Segment as Segment
    from backspeak.data import Word as Word
    from backspeak.errors import BackspeakError as BackspeakError
    from backspeak.errors import ModelError as ModelError
    from backspeak.errors import SettingsError as SettingsError

__version__ = "0.1.0"

_HOMES = {
    "Checker": "checker",
    "Settings": "config",
    "BackTranslation": "data",
    "CheckedSegment": "data",
    "ErrorSpan": "data",
    "Evidence": "data",
    "Segment": "data",
    "Word": "data",
    "BackspeakError": "errors",
    "ModelError": "errors",
    "SettingsError": "errors",
}

__all__ = [*_HOMES, "__version__"]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOMES])
