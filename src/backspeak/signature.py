"""The signature of a run: every number names the versions and settings that made it."""

from __future__ import annotations

from collections.abc import Sequence

import backspeak


def run_signature(parts: Sequence[str]) -> str:
    """sacreBLEU's `key:value|key:value` form, the version last."""
    return "|".join([*(part for part in parts if part), f"version:{backspeak.__version__}"])
