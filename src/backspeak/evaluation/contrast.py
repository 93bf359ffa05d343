"""What the contrast alone finds: proposals of the round trip, flagged by their gain, their guard, or both.

On pairs of a sentence with an error and its natural wording: a proposal is right when it shares a character
with the wrong words of the bad side; on the good side, and on clean text, every proposal is a false alarm.
Per pivot, and with the pivots together.

    python -m backspeak.evaluation.contrast tests/pairs/pairs.tsv --pivot es [--pairs 40] [--clean FILE]
"""

from __future__ import annotations

import argparse
import csv
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from backspeak.data import Proposal
from backspeak.engines.base import Engine
from backspeak.engines.bundled import BundledEngine
from backspeak.errors import InputError
from backspeak.evaluation import average_precision
from backspeak.evidence import contrast, round_trip
from backspeak.evidence.collector import ALTERNATIVES

Range = tuple[int, int]
Rule = Callable[[Proposal], bool]

GAINS = (0.0, 2.0, 4.0, 6.0)
GUARDS = (-4.0, 0.0, 2.0)
# Of the two together.
BOTH = ((2.0, -2.0), (4.0, -2.0), (4.0, 0.0))


@dataclass(frozen=True)
class Text:
    """A sentence with the places of its errors, none in a clean one, and what the round trips propose for it."""

    text: str
    errors: tuple[Range, ...] = ()
    proposals: tuple[Proposal, ...] = ()

    def right(self, proposal: Proposal) -> bool:
        """Whether the proposal touches an error."""
        return any(start < proposal.end and end > proposal.start for start, end in self.errors)


def read_pairs(path: Path, limit: int | None = None) -> tuple[list[Text], list[Text]]:
    """The bad sides with their errors, and the good sides, of a table with the columns bad, good and bad_words."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    if not rows or not {"bad", "good", "bad_words"} <= set(rows[0]):
        raise InputError("a table of pairs has the columns bad, good and bad_words", str(path))
    # Spread over the table, which is sorted by language.
    step = max(1, len(rows) // limit) if limit else 1
    chosen = rows[::step][:limit]
    bad = [Text(row["bad"], tuple(_places(row["bad"], row["bad_words"]))) for row in chosen]
    return bad, [Text(row["good"]) for row in chosen]


def _places(text: str, words: str) -> list[Range]:
    return [(text.index(each), text.index(each) + len(each)) for each in words.split("|") if each and each in text]


def weighed(
    texts: Sequence[Text], engine: Engine, pivots: Sequence[str], embedded: BundledEngine
) -> dict[str, list[Text]]:
    """The texts with their proposals, weighed, by pivot; with several, those of all under "all" as well."""
    plain = [each.text for each in texts]
    back = {pivot: round_trip.back_translate(plain, engine, pivot, alternatives=ALTERNATIVES) for pivot in pivots}
    groups = {pivot: [pivot] for pivot in pivots} | ({"all": list(pivots)} if len(pivots) > 1 else {})
    result = {}
    for name, members in groups.items():
        trips = [[one for pivot in members for one in back[pivot][n]] for n in range(len(plain))]
        behind = [
            contrast.PivotTexts.of(pivot, back[pivot], embedded.translator(pivot) if engine is embedded else None)
            for pivot in members
        ]
        made = contrast.weigh(
            plain,
            [round_trip.proposals(text, mine) for text, mine in zip(plain, trips, strict=True)],
            embedded.language_model(),
            behind,
            guard_all=True,
        )
        result[name] = [Text(each.text, each.errors, tuple(mine)) for each, mine in zip(texts, made, strict=True)]
    return result


def figures(bad: Sequence[Text], clean: Sequence[Text]) -> dict[str, Any]:
    """Ranking by gain, guard and agreement, and what each threshold finds.

    `precision` is the share of the flagged proposals on the bad sides that touch an error, `recall` the
    share of the errors that a flagged proposal touches, `clean_per_1000_words` flags on clean text.
    """
    pool = [(text.right(each), each) for text in [*bad, *clean] for each in text.proposals]
    truth = np.array([right for right, _ in pool], bool)
    words = sum(len(text.text.split()) for text in clean)
    ranking = {
        name: _rounded(average_precision(truth, np.array([value(each) for _, each in pool]))) if pool else None
        for name, value in _SIGNALS.items()
    }
    rules: dict[str, Rule] = {f"gain >= {least:g}": _at_least("gain", least) for least in GAINS}
    rules |= {f"guard >= {least:g}": _at_least("guard", least) for least in GUARDS}
    for gain, guard in BOTH:
        rules[f"gain >= {gain:g}, guard >= {guard:g}"] = _both(_at_least("gain", gain), _at_least("guard", guard))
    return {
        "texts": len(bad),
        "errors": sum(len(text.errors) for text in bad),
        "clean_words": words,
        "proposals": len(pool),
        "on_an_error": _rounded(float(truth.mean())) if pool else None,
        "average_precision": ranking,
        "rules": {name: _counted(bad, clean, words, rule) for name, rule in rules.items()},
    }


_SIGNALS: dict[str, Callable[[Proposal], float]] = {
    "gain": lambda each: each.gain,
    "guard": lambda each: each.guard,
    "pivot_gain": lambda each: each.pivot_gain,
    "gain + guard": lambda each: each.gain + each.guard,
    "agreement": lambda each: each.agreement / each.round_trips,
}


def _at_least(name: str, least: float) -> Rule:
    return lambda each: getattr(each, name) >= least


def _both(first: Rule, second: Rule) -> Rule:
    return lambda each: first(each) and second(each)


def _counted(bad: Sequence[Text], clean: Sequence[Text], words: int, rule: Rule) -> dict[str, float | None]:
    flags = [(text, each) for text in bad for each in text.proposals if rule(each)]
    right = sum(text.right(each) for text, each in flags)
    errors = [(text, place) for text in bad for place in text.errors]
    found = sum(
        any(rule(each) and each.start < place[1] and each.end > place[0] for each in text.proposals)
        for text, place in errors
    )
    alarms = sum(rule(each) for text in clean for each in text.proposals)
    return {
        "precision": _rounded(right / len(flags)) if flags else None,
        "recall": _rounded(found / len(errors)) if errors else None,
        "clean_per_1000_words": round(1000 * alarms / max(1, words), 1),
    }


def _rounded(value: float) -> float | None:
    return round(value, 3) if np.isfinite(value) else None


def main() -> None:
    """Print the figures as JSON, one object a pivot."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("table", type=Path, help="pairs, such as tests/pairs/pairs.tsv")
    parser.add_argument("--pivot", action="append", help="pivot language (repeatable)", required=True)
    parser.add_argument("--pairs", type=int, help="only so many, spread over the table")
    parser.add_argument("--clean", type=Path, help="further clean sentences, one a line")
    arguments = parser.parse_args()
    bad, clean = read_pairs(arguments.table, arguments.pairs)
    if arguments.clean is not None:
        lines = arguments.clean.read_text(encoding="utf-8").splitlines()
        clean += [Text(line.strip()) for line in lines if line.strip()]
    embedded = BundledEngine()
    everything = weighed([*bad, *clean], embedded, arguments.pivot, embedded)
    for name, texts in everything.items():
        print(json.dumps({"pivot": name, **figures(texts[: len(bad)], texts[len(bad) :])}, indent=1))


if __name__ == "__main__":
    main()
