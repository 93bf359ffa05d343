"""The records that travel through the pipeline: one small set of dataclasses, no behaviour.

Offsets are Unicode code points into `Segment.text`; probabilities are 0 to 1; log-probabilities
are natural logarithms.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

Severity = Literal["minor", "major", "critical"]
Status = Literal["ok", "skipped", "failed"]
Suppression = Literal["inline", "baseline", "memory"]

SEVERITIES: tuple[Severity, ...] = ("minor", "major", "critical")
CATEGORIES = (
    "mistranslation",
    "addition",
    "omission",
    "untranslated",
    "terminology",
    "grammar",
    "spelling",
    "punctuation",
    "unidiomatic",
    "register",
    "locale",
)
TYPOGRAPHY: tuple[str, ...] = ("punctuation", "locale")
"""The categories that say nothing of the wording: whoever wrote the text may have slipped there."""


@dataclass(frozen=True)
class Segment:
    """One piece of text under test, as a reader made it. `skip` says why it is not to be scored."""

    document: str
    id: str
    text: str
    source: str | None = None
    source_lang: str | None = None
    reference: str | None = None
    location: str | None = None  # "line 12", "paragraph 3": where an editor finds it
    skip: str | None = None
    ignore: tuple[str, ...] = ()  # rules whose flags the text's author accepts here; "*" stands for all
    system: str | None = None  # which MT system made the text, where the input says so


@dataclass(frozen=True)
class InputProblem:
    """A part of the input that could not be read; the rest of it still is."""

    path: str
    message: str
    line: int | None = None

    def __str__(self) -> str:
        where = self.path if self.line is None else f"{self.path}:{self.line}"
        return f"{where}: {self.message}"


@dataclass
class Document:
    """The segments of one input, in reading order. `labels` holds the extra fields of a JSONL line."""

    name: str
    segments: list[Segment] = field(default_factory=list)
    problems: list[InputProblem] = field(default_factory=list)
    labels: dict[str, dict[str, Any]] = field(default_factory=dict)


@dataclass(frozen=True)
class BackTranslation:
    """English to the pivot language and back. A degenerate one is kept on record, never used.

    `retried` says what was wrong with a first attempt that this one stands for. `lost` names the numbers,
    names, addresses and marks of the text that did not come back ("number 40", "name Lisbon").
    """

    pivot: str
    translation: str
    round_trip: str
    chrf: float
    degenerate: bool = False
    reason: str | None = None
    retried: str | None = None
    lost: tuple[str, ...] = ()


@dataclass(frozen=True)
class Evidence:
    """One observation about the characters start..end of the text.

    `confidence` is the probability that the observation alone marks a real error, where its maker
    knows it (typography, phrase bank); None makes no flag but supports one that lies there. `details`
    is what the reader is shown, ready for JSON.
    """

    kind: str  # "round_trip", "phrase_bank", "typography", "memory", "glossary", "reference"
    rule: str  # stable id, can be disabled: "typography.quote-side"
    start: int
    end: int
    category: str
    severity: Severity
    suggestions: tuple[str, ...] = ()
    confidence: float | None = None
    details: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Proposal:
    """Another wording of the characters start..end, with nothing else of the text changed.

    `gain` is how much likelier the text becomes under the language model, `pivot_gain` the same
    under the back-translator given the pivot, `guard` what the pivot's own likelihood given the
    text gains (a changed meaning loses it); all in nats, the latter two on average over the pivots.
    `agreement` counts the round trips that say so, out of `round_trips`; `pivots` are the languages
    that they went through, `pivot` the first of them. `offered` says whether the reader may be shown
    it as advice (`evidence.offers`); as evidence it counts either way. `category` is what would then be
    wrong with the original words. A proposal of the rewriter (`origin`) has no pivot, and `kept_gain`: how
    much likelier the rewriter writes it than the original words.
    """

    start: int
    end: int
    replacement: str
    pivot: str
    agreement: int
    round_trips: int
    gain: float = 0.0
    pivot_gain: float = 0.0
    guard: float = 0.0
    pivots: tuple[str, ...] = ()
    offered: bool = False
    category: str = "mistranslation"
    origin: Literal["round_trip", "rewriting"] = "round_trip"
    kept_gain: float = 0.0


@dataclass(frozen=True)
class MemoryMatch:
    """The approved sentence of a translation memory that is nearest to a text.

    `similarity` is 0 to 1, by words; 1 only where the two are the same but for white space.
    """

    text: str
    similarity: float
    source: str | None
    same_source: bool  # whether it translates the very source of the segment
    origin: str  # name of the memory
    unit_id: str | None

    @property
    def exact(self) -> bool:
        """Whether the text is the approved sentence itself."""
        return self.similarity == 1.0


@dataclass
class Findings:
    """All that is known of one segment before it is judged.

    `words` are (start, end) offsets. `likelihood` holds word features by name, each an array of
    len(words) floats, NaN where nothing is known. `opinions` holds what the judge's encoder read in
    the text alone ("alone") and with its source ("source"). `mode` says what stood behind the
    conditional likelihood: "source", "pivot" or None. `failed_pivots` says why a pivot took no part.
    """

    segment: Segment
    words: list[tuple[int, int]]
    mode: Literal["source", "pivot"] | None = None
    likelihood: dict[str, Any] = field(default_factory=dict)
    back_translations: list[BackTranslation] = field(default_factory=list)
    proposals: list[Proposal] = field(default_factory=list)
    evidence: list[Evidence] = field(default_factory=list)
    memory: MemoryMatch | None = None
    opinions: dict[str, Any] = field(default_factory=dict)
    failed_pivots: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Word:
    """A word of the text and how likely it is wrong; `bad` is the decision at the operating point."""

    start: int
    end: int
    error_probability: float
    bad: bool


@dataclass(frozen=True)
class ErrorSpan:
    """A flag: what is wrong from start to end, why we think so, and the natural wording."""

    start: int
    end: int
    text: str
    category: str
    severity: Severity
    confidence: float
    rule: str
    suggestions: tuple[str, ...]
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True)
class SuppressedSpan:
    """A flag that is on record but not raised: "inline" (an ignore in the text), "baseline" (a finding
    accepted before) or "memory" (the sentence is an approved one)."""

    span: ErrorSpan
    by: Suppression


@dataclass(frozen=True)
class CheckedSegment:
    """A segment with its verdict: one line of segments.jsonl."""

    segment: Segment
    status: Status
    reason: str | None = None
    score: float | None = None
    error_probability: float | None = None
    words: tuple[Word, ...] = ()
    spans: tuple[ErrorSpan, ...] = ()
    back_translations: tuple[BackTranslation, ...] = ()
    metrics: dict[str, float] = field(default_factory=dict)
    memory: MemoryMatch | None = None
    suppressed: tuple[SuppressedSpan, ...] = ()
