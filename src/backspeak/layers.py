"""Where the value of a setting comes from: command line over environment over file over default.

The file is `--config FILE` or BACKSPEAK_CONFIG, or else the nearest `backspeak.toml`, or
`pyproject.toml` with a [tool.backspeak] table, from the working folder upward. Paths in it are
relative to its own folder.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from backspeak.config import OPTIONS, PREFIX, Settings
from backspeak.errors import SettingsError

CONFIG_VARIABLE = "BACKSPEAK_CONFIG"
OTHER_VARIABLES = {
    CONFIG_VARIABLE: "Settings file, as --config.",
    "BACKSPEAK_OUT": "Folder of the results of check, as --out.",
    "BACKSPEAK_ALSO": "Further results, as --also; several are separated by spaces.",
    "BACKSPEAK_TEXT_COLUMN": "Column to check, as --text-column.",
    "BACKSPEAK_SOURCE_COLUMN": "Column of its source, as --source-column.",
    "BACKSPEAK_REFERENCE_COLUMN": "Column of its reference, as --reference-column.",
    "BACKSPEAK_CACHE": "Folder for prepared models.",
    "BACKSPEAK_BASE_GGUF": "The base model's file, in place of the installed package.",
    "LIBRETRANSLATE_API_KEY": "Key of the server, where it wants one.",
    "HF_TOKEN": "The hub's own: a token for gated models; HF_HUB_OFFLINE, HF_HUB_CACHE and HF_ENDPOINT work too.",
}

DEFAULT = "default"


@dataclass(frozen=True)
class Resolved:
    """Settings, and where each came from: "--jobs", "BACKSPEAK_JOBS", "backspeak.toml:3" or "default"."""

    settings: Settings
    origins: dict[str, str]
    file: Path | None


def resolve(
    given: Mapping[str, Any],
    config_file: Path | None = None,
    *,
    environment: Mapping[str, str] = os.environ,
    folder: Path | None = None,
) -> Resolved:
    """Put the layers over each other; `given` holds what the command line says (None and () say nothing).

    `folder` is where the search for a file begins (default: the working folder). Raises SettingsError
    naming the place of a value that is not usable: file and line, or the variable.
    """
    named = environment.get(CONFIG_VARIABLE)
    path = config_file or (Path(named) if named else None) or find_file(folder or Path.cwd())
    values, origins = read_file(path) if path is not None else ({}, {})
    _refuse_misspelt(environment)
    for name, option in OPTIONS.items():
        if text := environment.get(option.variable):
            values[name] = option.from_text(text, option.variable)
            origins[name] = option.variable
    for name, value in given.items():
        if value not in (None, ()):
            values[name] = value
            origins[name] = OPTIONS[name].flag
    return Resolved(Settings(**values), {name: origins.get(name, DEFAULT) for name in OPTIONS}, path)


def find_file(folder: Path) -> Path | None:
    """`backspeak.toml`, or a `pyproject.toml` with [tool.backspeak], in the folder or above it."""
    for place in (folder, *folder.parents):
        if (place / "backspeak.toml").is_file():
            return place / "backspeak.toml"
        project = place / "pyproject.toml"
        # A project file without our table is another's business, broken or not.
        if _mentions_us(project) and _table(project, _load(project)) is not None:
            return project
    return None


def _mentions_us(project: Path) -> bool:
    try:
        return b"backspeak" in project.read_bytes()
    except OSError:
        return False


def read_file(path: Path) -> tuple[dict[str, Any], dict[str, str]]:
    """Values and origins ("file:line") of a TOML file by setting; a pyproject.toml gives its [tool.backspeak].

    Raises SettingsError naming file, line and key for a key that is not known or a value that does
    not fit, and for a file that cannot be read.
    """
    values: dict[str, Any] = {}
    origins: dict[str, str] = {}
    for key, value in (_table(path, _load(path)) or {}).items():
        line = _line_of(path, key)
        where = str(path) if line is None else f"{path}:{line}"
        name = key.replace("-", "_")
        if name not in OPTIONS:
            raise SettingsError(f"{where}: no setting {key!r}; {_nearest(key)}")
        if name in values:
            raise SettingsError(f"{where}: {key} is set twice, with - and with _; remove one")
        option = OPTIONS[name]
        fitting = option.checked(value, f"{where}: {key}")
        if option.kind is Path and fitting is not None:
            fitting = tuple(path.parent / each for each in fitting) if option.many else path.parent / fitting
        values[name] = fitting
        origins[name] = where
    return values, origins


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8-sig")  # some editors put a byte order mark first


def _load(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(_text(path))
    except FileNotFoundError as error:
        raise SettingsError(f"{path}: there is no such file") from error
    except OSError as error:
        raise SettingsError(f"{path}: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path}: {error}") from error


def _table(path: Path, content: dict[str, Any]) -> dict[str, Any] | None:
    """Our part of a parsed file; None when a pyproject.toml has none."""
    if path.name != "pyproject.toml":
        return content
    tool = content.get("tool")
    table = tool.get("backspeak") if isinstance(tool, dict) else None
    if table is not None and not isinstance(table, dict):
        raise SettingsError(f"{path}: tool.backspeak must be a table")
    return table


def _line_of(path: Path, key: str) -> int | None:
    """The line on which a key's value begins, which tomllib does not tell.

    It is the line before which the file parses without the key, and after which, with as many
    further lines as it takes, the file parses with it.
    """

    def has_key(lines: list[str]) -> bool | None:
        try:
            return key in (_table(path, tomllib.loads("\n".join(lines))) or {})
        except tomllib.TOMLDecodeError:
            return None

    lines = _text(path).split("\n")
    for start, line in enumerate(lines):
        if key in line and has_key(lines[:start]) is False:
            parsed = (has_key(lines[:end]) for end in range(start + 1, len(lines) + 1))
            if next((found for found in parsed if found is not None), False):
                return start + 1
    return None


def _nearest(key: str) -> str:
    keys = sorted(option.key for option in OPTIONS.values())
    close = get_close_matches(key.replace("_", "-"), keys, n=1)
    return f"did you mean {close[0]!r}?" if close else f"there is {', '.join(keys)}"


def _refuse_misspelt(environment: Mapping[str, str]) -> None:
    """An unknown variable may be another program's; one that is nearly a known one is a slip."""
    known = [*(option.variable for option in OPTIONS.values()), *OTHER_VARIABLES]
    for name in environment:
        if name.startswith(PREFIX) and name not in known:
            # Compared without what all of them share.
            close = get_close_matches(
                name.removeprefix(PREFIX), [each.removeprefix(PREFIX) for each in known], n=1, cutoff=0.8
            )
            if close:
                raise SettingsError(f"{name} is set, which is no setting; did you mean {PREFIX}{close[0]}?")
