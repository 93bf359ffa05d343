"""Models made ready once and kept: written beside their place, renamed whole, verified by checksum.

    <cache>/<family>/<name>-<key>/   the files of one model
                                     manifest.json   facts of its maker, sha256 of each file

The key names everything the model was made from, so that a changed ingredient makes a new folder.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from backspeak import resources
from backspeak.errors import ModelError


def place(family: str, name: str, *ingredients: str) -> Path:
    """The cache folder of a model made from `ingredients` (checksums, settings, format versions)."""
    safe = re.sub(r"[^A-Za-z0-9._-]+", "--", name)
    key = hashlib.sha256("|".join(ingredients).encode()).hexdigest()[:12]
    return resources.cache_dir() / family / f"{safe}-{key}"


def facts(folder: Path) -> dict[str, Any]:
    """What the maker of a prepared model noted about it."""
    return json.loads((folder / "manifest.json").read_text(encoding="utf-8"))


def damage(folder: Path) -> str | None:
    """What is wrong with a prepared model, or None when every file has the checksum it was made with."""
    try:
        files = facts(folder)["files"]
        if "model.bin" not in files:
            return "manifest.json names no model.bin"
        for name, expected in files.items():
            if resources.sha256(folder / name) != expected:
                return f"{name} has changed"
    except FileNotFoundError as error:
        return f"{Path(error.filename).name} is missing"
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return "manifest.json cannot be read"
    return None


def build(target: Path, name: str, fill: Callable[[Path], dict[str, Any]]) -> None:
    """Have `fill` write the model's files into a folder and return its facts; then rename into place.

    A reader sees all of the model or nothing. Raises ModelError when the cache cannot be written.
    """
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        workspace = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
    except OSError as error:
        raise ModelError(
            f"{target.parent} cannot be written ({error.strerror}); set BACKSPEAK_CACHE to another folder"
        ) from error
    try:
        fresh = workspace / "model"
        fresh.mkdir()
        manifest = fill(fresh)
        manifest["files"] = {path.name: resources.sha256(path) for path in sorted(fresh.iterdir())}
        (fresh / "manifest.json").write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")
        if target.exists():
            os.replace(target, workspace / "damaged")
        _publish(fresh, target)
    except OSError as error:
        raise ModelError(f"{name} could not be prepared in {target.parent}: {error}") from error
    finally:
        shutil.rmtree(workspace, ignore_errors=True)


def _publish(fresh: Path, target: Path) -> None:
    """Rename into place; another process that was faster has left the same files, which serve as well."""
    try:
        os.replace(fresh, target)
    except OSError:
        if not target.is_dir() or damage(target) is not None:
            raise
