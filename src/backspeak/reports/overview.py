"""What a run looks like from above, gathered segment by segment, so that a run of any size streams through."""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from backspeak.data import CATEGORIES, SEVERITIES, TYPOGRAPHY, CheckedSegment
from backspeak.plural import counted
from backspeak.reports.explain import language_name

# Lower bounds of the score bands, by which sentences are coloured.
_BANDS = ((85.0, "clean"), (65.0, "slight"), (40.0, "doubtful"), (0.0, "poor"))

# Human news has a stray flag here and there; a text that went through a machine has them all over.
_MACHINE_SHARE = 0.2
_MACHINE_FLAGGED = 3

BIN_WIDTH = 5  # points of score a bar of the distribution
_WORST = 8  # sentences listed at once


@dataclass
class Group:
    """Segments that belong together: a document, a source language, a system, or all of them."""

    name: str
    statuses: Counter[str] = field(default_factory=Counter)
    with_errors: int = 0  # segments with a flag for their wording
    errors: Counter[str] = field(default_factory=Counter)  # those flags by severity
    severities: Counter[str] = field(default_factory=Counter)
    categories: Counter[str] = field(default_factory=Counter)
    stated_score: float | None = None  # what summary.json says, where it does
    _weighted: float = 0.0
    _weight: int = 0

    def add(self, checked: CheckedSegment) -> None:
        """Count one segment."""
        self.statuses[checked.status] += 1
        errors = [span.severity for span in checked.spans if span.category not in TYPOGRAPHY]
        self.with_errors += bool(errors)
        self.errors.update(errors)
        for span in checked.spans:
            self.severities[span.severity] += 1
            self.categories[span.category] += 1
        if checked.status == "ok" and checked.score is not None:
            words = max(1, len(checked.words))
            self._weighted += words * checked.score
            self._weight += words

    @property
    def score(self) -> float | None:
        """The mean score weighted by words, as in summary.json; None where nothing was scored."""
        if self.stated_score is not None:
            return self.stated_score
        return self._weighted / self._weight if self._weight else None

    @property
    def checked(self) -> int:
        """Segments that were judged."""
        return self.statuses["ok"]

    @property
    def band(self) -> str:
        """The band of the score."""
        return band(self.score)

    @property
    def verdict(self) -> str:
        """What the share of segments with likely errors says, in words."""
        return verdict(self.with_errors, self.checked, self.typography)

    @property
    def typography(self) -> int:
        """Flags for punctuation and the like, which are no errors of a translation."""
        return self.severities.total() - self.errors.total()

    @property
    def tally(self) -> str:
        """How many have likely errors, were skipped and failed, in words."""
        parts = []
        if self.checked:
            sentences = counted(self.checked, "sentence")
            of = f"likely translation errors in {self.with_errors:,} of {sentences}"
            parts.append(of if self.with_errors else f"{sentences} checked")
        parts += [f"{self.statuses[status]:,} {status}" for status in ("skipped", "failed") if self.statuses[status]]
        return ", ".join(parts)


@dataclass
class Overview:
    """A run from above. `documents`, `languages` and `systems` stand in the order of their first segments."""

    summary: Mapping[str, Any]
    total: Group = field(default_factory=lambda: Group(""))
    documents: dict[str, Group] = field(default_factory=dict)
    languages: dict[str, Group] = field(default_factory=dict)
    systems: dict[str, Group] = field(default_factory=dict)
    crossed: Counter[tuple[str, str]] = field(default_factory=Counter)  # (category, severity)
    bins: Counter[int] = field(default_factory=Counter)
    _worst: list[tuple[tuple[float, int], CheckedSegment]] = field(default_factory=list)
    _listed: set[tuple[str, float | None]] = field(default_factory=set)  # their texts and scores

    def __post_init__(self) -> None:
        self.total.stated_score = _number(self.summary.get("score"))
        self._stated = {
            each.get("document"): _number(each.get("score"))
            for each in self.summary.get("documents") or ()
            if isinstance(each, Mapping)
        }

    def add(self, checked: CheckedSegment) -> None:
        """Count one segment."""
        segment = checked.segment
        if segment.document not in self.documents:
            self.documents[segment.document] = Group(segment.document, stated_score=self._stated.get(segment.document))
        groups = [self.total, self.documents[segment.document]]
        if segment.source_lang:
            groups.append(self.languages.setdefault(segment.source_lang, Group(language_name(segment.source_lang))))
        if segment.system:
            groups.append(self.systems.setdefault(segment.system, Group(segment.system)))
        for group in groups:
            group.add(checked)
        errors = any(span.category not in TYPOGRAPHY for span in checked.spans)
        self.crossed.update((span.category, span.severity) for span in checked.spans)
        if checked.status == "ok" and checked.score is not None:
            self.bins[min(int(checked.score // BIN_WIDTH), 100 // BIN_WIDTH - 1)] += 1
            result = (segment.text, checked.score)
            if errors and result not in self._listed:
                # The number of the segment breaks ties, so that segments are never compared.
                key = (-checked.score, -self.total.statuses.total())
                heapq.heappush(self._worst, (key, checked))
                self._listed.add(result)
                if len(self._worst) > _WORST:
                    better = heapq.heappop(self._worst)[1]
                    self._listed.discard((better.segment.text, better.score))

    @property
    def worst(self) -> list[CheckedSegment]:
        """The segments with likely errors of the lowest scores, the worst first; the same text
        with the same score stands there once."""
        return [checked for _, checked in sorted(self._worst, key=lambda each: each[0], reverse=True)]

    @property
    def worst_documents(self) -> list[Group]:
        """The documents by score, unscored ones last."""
        return sorted(
            self.documents.values(), key=lambda group: (group.score is None, group.score or 0.0, -group.with_errors)
        )

    @property
    def categories(self) -> list[tuple[str, dict[str, int]]]:
        """Flags by category and severity, the commonest category first, those of typography last."""
        found = [name for name in CATEGORIES if self.total.categories[name]]
        return [
            (name, {severity: self.crossed[name, severity] for severity in reversed(SEVERITIES)})
            for name in sorted(found, key=lambda name: (name in TYPOGRAPHY, -self.total.categories[name]))
        ]

    @property
    def distribution(self) -> list[tuple[int, int, str]]:
        """(lower bound, segments, band) for each bar of the score distribution."""
        return [(low, self.bins[low // BIN_WIDTH], band(float(low))) for low in range(0, 100, BIN_WIDTH)]


def band(score: float | None) -> str:
    """The name of the band that a score lies in."""
    if score is None:
        return "none"
    return next((name for least, name in _BANDS if score >= least), "poor")


def verdict(with_errors: int, checked: int, typography: int = 0) -> str:
    """What the share of sentences with likely errors says about a text, in words."""
    if not checked:
        return "Nothing to judge"
    if not with_errors:
        return "Natural wording, with punctuation to check" if typography else "Nothing flagged"
    if with_errors >= _MACHINE_FLAGGED and with_errors >= _MACHINE_SHARE * checked:
        return "Likely machine-translated"
    return "Mostly natural, with passages to check"


def _number(value: Any) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
