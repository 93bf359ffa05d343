"""Rewrites corpus/manifest.json and the index after a table was edited: `python -m backspeak.phrasebank.manifest`.

The manifest is what lets a start trust the shipped tables without checking each example again, so
they are checked in full before their hashes are written.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from backspeak import resources
from backspeak.errors import BackspeakError
from backspeak.phrasebank import collocations
from backspeak.phrasebank.bank import INDEX_FILE, anchor_index
from backspeak.phrasebank.inflection import IRREGULAR_TABLE, Inflector
from backspeak.phrasebank.tables import check_entries, read_table, table_paths

LICENCE = "Apache-2.0"
SOURCE = "written by the authors of backspeak"


def build(folder: Path, version: str) -> dict[str, Any]:
    """The manifest of a folder of tables, every entry checked; writes their index beside them."""
    tables: dict[str, Any] = {}
    entries = []
    for path in table_paths(folder):
        rows = read_table(path)
        entries += rows
        tables[path.name] = {"sha256": resources.sha256(path), "entries": len(rows)}
    inflector = Inflector.load(folder)
    check_entries(entries, inflector)
    index = json.dumps(anchor_index(entries, inflector), ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    (folder / INDEX_FILE).write_text(index + "\n", encoding="utf-8")
    files = {
        path.name: {"sha256": resources.sha256(path)}
        for path in (folder / name for name in (IRREGULAR_TABLE, INDEX_FILE, "article.txt", collocations.FILE))
        if path.exists()
    }
    return {
        "version": version,
        "licence": LICENCE,
        "source": SOURCE,
        "entries": len(entries),
        "tables": tables,
        "files": files,
    }


def refresh(folder: Path) -> dict[str, Any]:
    """Check the tables and rewrite their manifest; the version stays as it was."""
    path = folder / "manifest.json"
    version = resources.manifest(folder)["version"] if path.exists() else "1"
    manifest = build(folder, version)
    path.write_text(json.dumps(manifest, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    return manifest


def main() -> int:
    """Refresh the shipped tables' manifest; exit code 2 when a table has a fault."""
    try:
        manifest = refresh(resources.corpus_dir())
    except BackspeakError as error:
        print(error, file=sys.stderr)
        return 2
    for name, table in manifest["tables"].items():
        print(f"{name}: {table['entries']} entries")
    return 0


if __name__ == "__main__":
    sys.exit(main())
