"""Recorded scores of the shipped pivots (`models/pivot-*/scores.json`), and the default pivots chosen from them.

{"directions": [what `evaluation.translation.score` returned, one for each way],
 "untrained": [the same of the base with four examples],
 "judge_help": {"value": number, "measure": "what it is"} or null where it was not measured}
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from backspeak import resources
from backspeak.errors import ModelError

FILE = "scores.json"
# A pivot with more degenerate translations than this, in percent, is no default while there is another.
MOST_DEGENERATE = 1.0
_NEEDED = ("bleu", "chrf", "degenerate_percent", "words_per_second")


@dataclass(frozen=True)
class PivotScores:
    """The scores of one pivot; `out` is from English, `back` into it, None where it was not scored."""

    pivot: str
    out: dict[str, Any] | None
    back: dict[str, Any] | None
    untrained: tuple[dict[str, Any], ...] = ()
    judge_help: float | None = None
    judge_measure: str | None = None

    @property
    def sound(self) -> bool:
        """Whether both ways were scored and few of their translations are degenerate."""
        return all(way is not None and way["degenerate_percent"] <= MOST_DEGENERATE for way in (self.out, self.back))

    @property
    def chrf(self) -> float:
        """chrF of the weaker way, which bounds what a round trip can carry; 0 where one was not scored."""
        return min((way["chrf"] if way else 0.0) for way in (self.out, self.back))


def recorded(models: Path | None = None) -> list[PivotScores]:
    """The scores of every pivot in `models/`, in the order of its manifest."""
    folder = models or resources.models_dir()
    return [
        _read(folder / entry["name"] / FILE, entry["pivot"])
        for entry in resources.manifest(folder)["models"]
        if "pivot" in entry
    ]


def default_pivots(scores: list[PivotScores] | None = None) -> list[str]:
    """The pivots that are used where none is named.

    The one that helps the judge most or, where that was not measured, whose weaker way has the best chrF,
    among those with few degenerate translations. A further one, which costs as much time again, only where
    it was measured to help the judge.
    """
    known = recorded() if scores is None else scores
    ranked = sorted(known, key=lambda each: (not each.sound, -(each.judge_help or 0.0), -each.chrf))
    return [each.pivot for n, each in enumerate(ranked) if n == 0 or (each.sound and (each.judge_help or 0.0) > 0)]


def record(folder: Path, changes: dict[str, Any]) -> None:
    """Write scores into the folder of a pivot, over those of the same name that it has."""
    path = folder / FILE
    known = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    path.write_text(json.dumps({**known, **changes}, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def _read(path: Path, pivot: str) -> PivotScores:
    if not path.exists():
        return PivotScores(pivot, None, None)
    try:
        made = json.loads(path.read_text(encoding="utf-8"))
        ways = {way["direction"]: way for way in made.get("directions", ())}
        if not all(isinstance(way[name], int | float) for way in ways.values() for name in _NEEDED):
            raise ValueError("a score is no number")
        helped = made.get("judge_help") or {}
        return PivotScores(
            pivot,
            ways.get(f"en-{pivot}"),
            ways.get(f"{pivot}-en"),
            tuple(made.get("untrained", ())),
            helped.get("value"),
            helped.get("measure"),
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ModelError(f"{path} holds no scores of a pivot ({error}); score it again or remove the file") from error


def table(scores: list[PivotScores]) -> str:
    """The scores as a Markdown table, one row a direction, with the signatures of the metrics below."""
    chosen = default_pivots(scores)
    rows = [
        "| direction | sentences | BLEU | chrF | base, four examples: BLEU / chrF | degenerate | words a second "
        "| help to the judge | default |",
        "| --- | --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    signatures: dict[str, None] = {}
    for each in sorted(scores, key=lambda each: each.pivot):
        before = {way["direction"]: way for way in each.untrained}
        for direction, way in ((f"en-{each.pivot}", each.out), (f"{each.pivot}-en", each.back)):
            base = before.get(direction)
            cells = ["not measured"] * 5
            if way is not None:
                signatures |= dict.fromkeys([f"BLEU {way['bleu_signature']}", f"chrF {way['chrf_signature']}"])
                cells = [
                    str(way["sentences"]),
                    f"{way['bleu']:.1f}",
                    f"{way['chrf']:.1f}",
                    f"{way['degenerate_percent']:.1f}%",
                    f"{way['words_per_second']:.0f}",
                ]
            untrained = "not measured"
            if base is not None:
                untrained = f"{base['bleu']:.1f} / {base['chrf']:.1f} ({base['sentences']} sentences)"
            helped = "not measured" if each.judge_help is None else f"{each.judge_help:+.3f} {each.judge_measure or ''}"
            cells = [
                direction,
                *cells[:3],
                untrained,
                *cells[3:],
                helped.strip(),
                "yes" if each.pivot in chosen else "",
            ]
            rows.append(f"| {' | '.join(cells)} |")
    return "\n".join([*rows, "", *(f"- `{signature}`" for signature in signatures)]) + "\n"
