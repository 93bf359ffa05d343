"""Put trained weights into `models/`: files, checksums, manifest."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from backspeak import resources

# Documentation: it changes no result, and may change without the model being prepared again.
_UNCHECKED = ("card.md", "recipe.json", "encoder-recipe.json", "english-recipe.json", "scores.json", "entry.json")


def checksums(folder: Path) -> dict[str, dict[str, Any]]:
    """Checksum and size of each file of a model but its documentation."""
    return {
        path.name: {"sha256": resources.sha256(path), "bytes": path.stat().st_size}
        for path in sorted(folder.iterdir())
        if path.name not in _UNCHECKED and path.suffix != ".svg"
    }


def describe(folder: Path, entry: dict[str, Any]) -> None:
    """Have the model in `folder` describe itself: placed in `models/`, it is found without the manifest."""
    entry = {"name": folder.name, **entry, "files": checksums(folder)}
    (folder / "entry.json").write_text(json.dumps(entry, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def write_entry(models: Path, entry: dict[str, Any]) -> None:
    """Add or replace an entry of manifest.json; sizes and checksums are read from its folder.

    Cards, recipes and scores in the folder are documentation and carry no checksum.
    """
    entry["files"] = checksums(models / entry["name"])
    path = models / "manifest.json"
    manifest: dict[str, Any] = {"version": "1", "models": []}
    if path.exists():
        manifest = json.loads(path.read_text(encoding="utf-8"))
    others = [other for other in manifest["models"] if other["name"] != entry["name"]]
    manifest["models"] = sorted([*others, entry], key=lambda each: each["name"])
    path.write_text(json.dumps(manifest, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
