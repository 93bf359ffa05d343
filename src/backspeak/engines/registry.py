"""Which engines there are: our own, and those that installed packages add.

A package adds one by an entry point of the group `backspeak.engines`, whose name is the engine's
name for --engine and whose value is a function

    def open_engine(settings: backspeak.config.Settings) -> backspeak.engines.base.Engine

It is called once a run and obeys `settings.offline`. Nothing of the package is imported before.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib.metadata import EntryPoint, entry_points
from typing import TYPE_CHECKING

from backspeak.errors import SettingsError

if TYPE_CHECKING:
    from backspeak.config import Settings
    from backspeak.engines.base import Engine
    from backspeak.engines.bundled import BundledEngine

GROUP = "backspeak.engines"

_OWN = {
    "marian": "backspeak.engines.marian:open_engine",
    "nllb": "backspeak.engines.multilingual:open_nllb",
    "m2m100": "backspeak.engines.multilingual:open_m2m100",
    "libretranslate": "backspeak.engines.libretranslate:open_engine",
}


def names() -> list[str]:
    """Names of all engines, our own first; a package cannot take one of those."""
    own = ["bundled", *_OWN]
    return own + sorted({point.name for point in entry_points(group=GROUP)} - set(own))


def open_engine(settings: Settings, embedded: BundledEngine) -> Engine:
    """The engine that the settings name; "bundled" is the embedded one itself.

    Raises SettingsError when there is none of that name, or when a package's does not load.
    """
    name = settings.engine
    if name == "bundled":
        return embedded
    if name in _OWN:
        return EntryPoint(name, _OWN[name], GROUP).load()(settings)
    found = entry_points(group=GROUP, name=name)
    if not found:
        raise SettingsError(f"no engine {name!r}; there is {', '.join(names())}")
    (point, *others) = found
    if others:
        raise SettingsError(
            f"several installed packages add an engine {name!r}: {_packages(found)}; remove all but one"
        )
    try:
        make: Callable[[Settings], Engine] = point.load()
    except Exception as error:  # whatever a package raises while it is imported
        raise SettingsError(f"the engine {name!r} of {_packages(found)} does not load: {error}") from error
    return make(settings)


def _packages(points) -> str:
    return ", ".join(sorted({point.dist.name if point.dist else point.value for point in points}))
