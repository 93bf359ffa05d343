"""Where shipped files and caches are: the only module that knows paths."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import platformdirs

from backspeak.errors import ModelError

_PACKAGE = Path(__file__).parent


def _shipped(name: str) -> Path:
    """`models` or `corpus`: inside the installed wheel, or at the top of a checkout."""
    installed = _PACKAGE / "_shipped" / name
    return installed if installed.is_dir() else _PACKAGE.parents[1] / name


def models_dir() -> Path:
    """Folder of the shipped weights, with manifest.json."""
    return _shipped("models")


def corpus_dir() -> Path:
    """Folder of the shipped phrase-bank tables, with manifest.json."""
    return _shipped("corpus")


def cache_dir() -> Path:
    """Folder for prepared models; BACKSPEAK_CACHE overrides the platform's own place."""
    override = os.environ.get("BACKSPEAK_CACHE")
    return Path(override) if override else Path(platformdirs.user_cache_dir("backspeak"))


def manifest(folder: Path) -> dict[str, Any]:
    """The parsed manifest.json of `models/` or `corpus/`.

    A model that was trained here and put into `models/` describes itself (`models/NAME/entry.json`) and
    comes after those that manifest.json lists. Raises ModelError for what is missing or no JSON.
    """
    parsed = _json(folder / "manifest.json", "reinstall backspeak")
    listed = {entry["name"] for entry in parsed.get("models", ())}
    for path in sorted(folder.glob("*/entry.json")):
        if path.parent.name not in listed:
            entry = _json(path, "train it again or remove the folder")
            if not isinstance(entry.get("files"), dict) or entry.get("name") != path.parent.name:
                raise ModelError(f"{path} does not describe its folder; train it again or remove the folder")
            parsed["models"].append(entry)
    return parsed


def model_entry(name: str) -> dict[str, Any]:
    """What is written of one model in `models/`; ModelError where it is not listed."""
    for entry in manifest(models_dir())["models"]:
        if entry["name"] == name:
            return entry
    raise ModelError(f"{name} is not listed in {models_dir() / 'manifest.json'}; reinstall backspeak")


def _json(path: Path, mend: str) -> dict[str, Any]:
    try:
        parsed = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise ModelError(f"{path} is missing; {mend}") from error
    except ValueError as error:
        raise ModelError(f"{path} is no JSON ({error}); {mend}") from error
    if not isinstance(parsed, dict):
        raise ModelError(f"{path} holds no JSON object; {mend}")
    return parsed


def sha256(path: Path, progress: Callable[[int], None] | None = None) -> str:
    """Hex SHA-256 of a file; `progress` gets the bytes read since its last call."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
            if progress is not None:
                progress(len(block))
    return digest.hexdigest()
