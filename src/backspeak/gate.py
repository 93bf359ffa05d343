"""The gate: which conditions that the user set a run does not meet."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from backspeak.config import Settings


def failed_conditions(counted: Mapping[str, Any], settings: Settings, *, all_accepted: bool = False) -> list[str]:
    """Each failed condition in words, from the counts of `scoring.summarize`; empty where the gate is open.

    A baseline alone allows no flag that is not in it; `max_critical` and `max_major` say otherwise.
    `all_accepted`: the flags of this run have just been written to a baseline, so only the score counts.
    """
    failed = []
    score = counted["score"]
    if settings.fail_under is not None and score is not None and score < settings.fail_under:
        failed.append(f"score {score} is below {settings.fail_under:g}")
    if all_accepted:
        return failed
    severities = counted["severities"]
    for severity, allowed in (("critical", settings.max_critical), ("major", settings.max_major)):
        if allowed is not None and severities.get(severity, 0) > allowed:
            failed.append(f"{_flags(severities[severity], severity)}, {allowed} allowed")
    if settings.baseline is not None and settings.max_critical is None and settings.max_major is None:
        new = sum(severities.values())
        if new:
            failed.append(f"{_flags(new)} not in the baseline")
    return failed


def _flags(count: int, severity: str = "") -> str:
    return " ".join(part for part in (str(count), severity, "flag" if count == 1 else "flags") if part)
