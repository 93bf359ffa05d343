"""Two checked outputs of the same source, compared: before and after editing, or two MT systems.

    pairing.py        segments.jsonl x 2 -> Pairs
    significance.py   paired bootstrap and approximate randomisation
    metrics.py        BLEU, chrF and TER of both against the references
    report.py         all figures of a comparison, ready for JSON

No model is loaded: scores are those that `check` stored.
"""

from __future__ import annotations

from backspeak.comparison.pairing import Pair, Side, pair, read_side
from backspeak.comparison.report import compare

__all__ = ["Pair", "Side", "compare", "pair", "read_side"]
