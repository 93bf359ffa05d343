"""Settings of a run: options of the command line over `backspeak.toml` or `[tool.backspeak]`."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from backspeak.errors import SettingsError

ENGINES = ("bundled", "marian")
TIERS = ("fast", "full")


@dataclass(frozen=True)
class Settings:
    """What decides the result of a run, and how it is carried out."""

    pivot: tuple[str, ...] = ("es",)
    engine: str = "bundled"
    model: tuple[str, ...] = ()  # marian: "en-es=Helsinki-NLP/opus-mt-en-es" or a pattern
    tier: str = "full"
    source_lang: str | None = None
    disable: tuple[str, ...] = ()
    sensitive: bool = False
    fail_under: float | None = None
    jobs: int = 0  # threads of the inference engines, 0 for all cores
    offline: bool = False
    quiet: bool = False

    def __post_init__(self) -> None:
        if self.engine not in ENGINES:
            raise SettingsError(f"no engine {self.engine!r}; there is {', '.join(ENGINES)}")
        if self.tier not in TIERS:
            raise SettingsError(f"no tier {self.tier!r}; there is {', '.join(TIERS)}")
        if self.fail_under is not None and not 0 <= self.fail_under <= 100:
            raise SettingsError(f"fail-under is {self.fail_under}; scores go from 0 to 100")
        if self.jobs < 0:
            raise SettingsError("jobs must be 0 (all cores) or more")


# What a value of each annotation must be, and the check.
_KINDS: dict[str, tuple[str, Callable[[Any], bool]]] = {
    "str": ("a text", lambda value: isinstance(value, str)),
    "str | None": ("a text", lambda value: isinstance(value, str)),
    "int": ("a whole number", lambda value: type(value) is int),
    "float | None": ("a number", lambda value: type(value) in (int, float)),
    "bool": ("true or false", lambda value: isinstance(value, bool)),
    "tuple[str, ...]": (
        "a text or a list of texts",
        lambda value: isinstance(value, str) or (isinstance(value, list) and all(isinstance(x, str) for x in value)),
    ),
}


def read_file(path: Path) -> dict[str, Any]:
    """Values of a TOML file, keys with underscores; a pyproject.toml gives its [tool.backspeak]."""
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise SettingsError(f"{path}: there is no such file") from error
    except OSError as error:
        raise SettingsError(f"{path}: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path}: {error}") from error
    if path.name == "pyproject.toml":
        table = table.get("tool", {}).get("backspeak", {})
    known = {field.name: field for field in fields(Settings)}
    values = {}
    for key, value in table.items():
        name = key.replace("-", "_")
        if name not in known:
            raise SettingsError(f"{path}: no setting {key!r}; there is {', '.join(sorted(known))}")
        wanted, fits = _KINDS[str(known[name].type)]
        if not fits(value):
            raise SettingsError(f"{path}: {key} must be {wanted}")
        if isinstance(known[name].default, tuple):
            value = (value,) if isinstance(value, str) else tuple(value)
        values[name] = value
    return values


def find_file(folder: Path) -> Path | None:
    """`backspeak.toml`, or a `pyproject.toml` with [tool.backspeak], in the folder or above it."""
    for place in (folder, *folder.parents):
        if (place / "backspeak.toml").is_file():
            return place / "backspeak.toml"
        project = place / "pyproject.toml"
        if project.is_file() and "[tool.backspeak]" in project.read_text(encoding="utf-8", errors="replace"):
            return project
    return None
