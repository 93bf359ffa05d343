"""What a back-translation changed, as runs of words that stayed and runs that are new."""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import lru_cache
from typing import Literal

Change = Literal["same", "changed", "restored"]

_TOKEN = re.compile(r"\w+(?:['’]\w+)*|\s+|[^\w\s]")
_LONGEST = 400  # tokens; matching is quadratic, and nobody reads a marked difference that long


@dataclass(frozen=True)
class Run:
    """Characters of a text that are shown alike."""

    text: str
    change: Change = "same"


def marked(original: str, other: str, restored: str = "") -> tuple[Run, ...]:
    """`other` cut into runs: same as in `original`, changed, and the `restored` wording itself."""
    tokens = _TOKEN.findall(other)
    changes: list[Change] = ["same"] * len(tokens)
    for at in _changed(original, other):
        changes[at] = "changed"
    for start, end in _places(tokens, _TOKEN.findall(restored)):
        changes[start:end] = ["restored"] * (end - start)
    return _joined(tokens, changes)


@lru_cache(maxsize=32)  # the same round trip is shown as evidence and among the back-translations
def _changed(original: str, other: str) -> tuple[int, ...]:
    """Places of the tokens of `other` that are not in `original`, in order."""
    tokens = _TOKEN.findall(other)
    if len(tokens) > _LONGEST:
        return ()
    # Without the spaces, which match each other everywhere and take most of the time.
    solid = [at for at, token in enumerate(tokens) if not token.isspace()]
    before = [token.casefold() for token in _TOKEN.findall(original)[:_LONGEST] if not token.isspace()]
    matcher = SequenceMatcher(None, before, [tokens[at].casefold() for at in solid], autojunk=False)
    return tuple(
        at
        for operation, _, _, start, end in matcher.get_opcodes()
        if operation in ("replace", "insert")
        for at in solid[start:end]
    )


def _places(tokens: list[str], wanted: list[str]) -> list[tuple[int, int]]:
    """The first place of the restored wording, as whole words whatever their case."""
    folded = [token.casefold() for token in wanted]
    if folded:
        for start in range(len(tokens) - len(folded) + 1):
            if [token.casefold() for token in tokens[start : start + len(folded)]] == folded:
                return [(start, start + len(folded))]
    return []


def _joined(tokens: list[str], changes: list[Change]) -> tuple[Run, ...]:
    # A space between two changed words belongs to the change; one at its edge does not.
    for at, token in enumerate(tokens):
        if token.isspace() and changes[at] != "restored":
            beside = {changes[max(at - 1, 0)], changes[min(at + 1, len(tokens) - 1)]}
            changes[at] = "changed" if beside == {"changed"} else "same"
    runs: list[Run] = []
    for token, change in zip(tokens, changes, strict=True):
        if runs and runs[-1].change == change:
            runs[-1] = Run(runs[-1].text + token, change)
        else:
            runs.append(Run(token, change))
    return tuple(runs)
