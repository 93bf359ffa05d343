"""The signature of a run: every number names the versions and settings that made it."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import backspeak


def run_signature(parts: Sequence[str]) -> str:
    """sacreBLEU's `key:value|key:value` form, the version last."""
    return "|".join([*(part for part in parts if part), f"version:{backspeak.__version__}"])


@cache
def code_digest() -> str:
    """Eight hex digits that change with the package's Python code: what it computed may be kept under them."""
    folder = Path(__file__).parent
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*.py")):
        digest.update(path.relative_to(folder).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:8]
