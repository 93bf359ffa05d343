"""Put trained weights into `models/`: files, checksums, manifest."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from backspeak import resources


def write_entry(models: Path, entry: dict[str, Any]) -> None:
    """Add or replace an entry of manifest.json; sizes and checksums are read from its folder.

    Cards and recipes in the folder are documentation and carry no checksum.
    """
    folder = models / entry["name"]
    entry["files"] = {
        path.name: {"sha256": resources.sha256(path), "bytes": path.stat().st_size}
        for path in sorted(folder.iterdir())
        if path.name not in ("card.md", "recipe.json", "encoder-recipe.json") and path.suffix != ".svg"
    }
    path = models / "manifest.json"
    manifest: dict[str, Any] = {"version": "1", "models": []}
    if path.exists():
        manifest = json.loads(path.read_text(encoding="utf-8"))
    others = [other for other in manifest["models"] if other["name"] != entry["name"]]
    manifest["models"] = sorted([*others, entry], key=lambda each: each["name"])
    path.write_text(json.dumps(manifest, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
