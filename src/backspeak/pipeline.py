"""The pipeline, told once. `check`, the report, evaluation and every later runner call this.

    path -> formats.read -> Document of Segments
         1. engines        add BackTranslations   (English -> pivot language -> English)
         2. evidence       compares text, back-translation and reference phrasings
         3. judge          one error probability a word, one a segment
         4. spans          Evidence + words -> ErrorSpans
         5. scoring        ErrorSpans + calibration -> scores
         -> reports        JSONL is the record; HTML and the rest render from it

Stages 1 and 2 are `evidence.collector.Collector`, which asks the engine for what it compares.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from backspeak import spans, suppression
from backspeak.baseline import Baseline
from backspeak.config import Settings
from backspeak.data import CheckedSegment, ErrorSpan, Findings, Segment
from backspeak.engines.base import Engine, no_pivot
from backspeak.engines.bundled import BundledEngine, Preparation
from backspeak.engines.pivot_scores import default_pivots
from backspeak.engines.registry import open_engine
from backspeak.errors import BackspeakError
from backspeak.evidence import glossary, memory, reference, typography
from backspeak.evidence.coinage import Coinages
from backspeak.evidence.collector import Collector
from backspeak.evidence.offers import Offers
from backspeak.evidence.prepositions import Prepositions
from backspeak.evidence.rechecking import Change, withdraw
from backspeak.evidence.rule_ids import known_rules
from backspeak.evidence.unlisted import UnlistedPhrases
from backspeak.evidence.user_references import UserReferences
from backspeak.judge import Judge, Verdict
from backspeak.phrasebank import PhraseBank
from backspeak.rules import check_disabled, is_named
from backspeak.scoring import reference_metrics, segment_score
from backspeak.signature import code_digest, run_signature

# Segments computed together. Models take texts of equal length at once, so a larger batch is faster
# (256 sentences: 103 s in batches of 64, 67 s in one of 256, one core), a smaller one loses less.
BATCH = 256
# Characters of a segment whose suggestions are tried. Each costs another check of all of it: what is not one
# sentence but a chapter would take the square of its length.
_LONGEST_TRIED = 1000

Progress = Callable[[int, str], None]
FileProgress = Callable[[int, int, str], None]


@dataclass(frozen=True)
class Examined:
    """A text after stages 1 to 3: findings and verdict, or why there are none."""

    findings: Findings | None = None
    verdict: Verdict | None = None
    failure: str | None = None


class Pipeline:
    """All stages, for one set of settings; `settings.jobs` is the number of threads of its engines.

    A model is loaded when it is first needed, or by `load`. The fast tier needs the embedded language
    model only if the judge reads likelihoods.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        embedded: BundledEngine | None = None,
        engine: Engine | None = None,
        bank: PhraseBank | None = None,
        judge: Judge | None = None,
        progress: FileProgress | None = None,
    ) -> None:
        """`progress` gets (done, total, what) while a large translation memory is read in."""
        self.settings = settings
        # The user's files first: a mistake in one should not wait for the models.
        self._references = UserReferences.open(settings.memory, settings.glossary, progress)
        self._baseline = Baseline.load(settings.baseline) if settings.baseline is not None else None
        self._bank = bank or PhraseBank.load(own=settings.phrases)
        check_disabled(
            settings.disable,
            known_rules(self._bank, self._references.termbases),
            open_families=() if settings.glossary else (glossary.FAMILY,),
        )
        self._embedded = embedded or BundledEngine(Preparation(), threads=settings.jobs)
        self._engine = engine or open_engine(settings, self._embedded)
        self._pivots, self._missing_pivots = self._chosen_pivots() if settings.tier == "full" else ([], [])
        self._judge = judge or Judge(threads=settings.jobs)
        self._point = self._judge.operating_point(sensitive=settings.sensitive)
        self._unlisted = UnlistedPhrases.load(self._bank) if settings.tier == "full" else None
        self._collector = Collector(
            self._bank,
            self._embedded,
            self._engine,
            self._pivots,
            [self._unlisted, Prepositions.load()] if self._unlisted is not None else [],
            Offers.load(self._bank) if self._unlisted is not None else None,
            Coinages.load() if self._pivots else None,
            likelihood=self._judge.reads_likelihood,
        )

    @property
    def pivots(self) -> list[str]:
        """Pivot languages of the round trip; none in the fast tier."""
        return list(self._pivots)

    @property
    def missing_pivots(self) -> list[str]:
        """Pivot languages that were asked for and that the engine lacks."""
        return list(self._missing_pivots)

    def _chosen_pivots(self) -> tuple[list[str], list[str]]:
        """Pivots to use, and those that the engine lacks; SettingsError where it has none of them."""
        named = [code.strip() for each in self.settings.pivot for code in each.split(",") if code.strip()]
        asked = list(dict.fromkeys(named)) or default_pivots()
        usable = [each for each in asked if self._engine.supports("en", each) and self._engine.supports(each, "en")]
        missing = [each for each in asked if each not in usable]
        if missing and not usable:
            raise no_pivot(self._engine, missing[0])
        return usable, missing

    def signature(self) -> str:
        """Settings and versions behind every number of the run."""
        return run_signature(
            [
                f"tier:{self.settings.tier}",
                f"pivots:{'+'.join(self._pivots) or 'none'}",
                self._engines_signature(),
                f"phrases:{self._bank.version}",
                self._unlisted.signature() if self._unlisted is not None else "",
                self._judge.signature(),
                *self._references.signature(),
                f"baseline:{self._baseline.signature}" if self._baseline is not None else "",
                f"point:{'sensitive' if self.settings.sensitive else 'default'}",
                f"disabled:{'+'.join(sorted(self.settings.disable))}" if self.settings.disable else "",
            ]
        )

    def evidence_signature(self, *, round_trip: bool = True) -> str:
        """What findings and verdicts depend on beside the text: models, phrases and code, but no threshold."""
        pivots = self._pivots if round_trip else []
        return run_signature(
            [
                f"pivots:{'+'.join(pivots) or 'none'}",
                self._engine.signature() if pivots else "",
                self._embedded.signature() if self._asks_language_model(pivots) else "",
                self._unlisted.signature() if self._unlisted is not None and pivots else "",
                f"phrases:{self._bank.version}",
                self._judge.signature(),
                f"code:{code_digest()}",
            ]
        )

    def _engines_signature(self) -> str:
        if self._pivots:
            return self._engine.signature()
        return self._embedded.signature() if self._asks_language_model([]) else ""

    def _asks_language_model(self, pivots: Sequence[str]) -> bool:
        return bool(pivots) or self._judge.reads_likelihood

    def prepare(self) -> None:
        """Make every model ready on disk, so that several processes may load them."""
        self._judge.load()
        self._embedded.prepare([], language_model=self._asks_language_model(self._pivots))
        if self._engine is self._embedded:
            self._each_pivot(lambda pivot: self._embedded.prepare([pivot], language_model=False))
        if self._pivots:
            self._embedded.prepare_rewriter()

    def _each_pivot(self, ready: Callable[[str], object]) -> None:
        """Make every pivot ready; one that fails is left to the collector, which goes on with the others."""
        failures = []
        for pivot in self._pivots:
            try:
                ready(pivot)
            except BackspeakError as error:
                failures.append(error)
        if failures and len(failures) == len(self._pivots):
            raise failures[0]

    def load(self) -> None:
        """Prepare and load every model now, so that the first batch is not the slow one."""
        self._judge.load()
        if self._asks_language_model(self._pivots):
            self._embedded.language_model()
        if self._engine is self._embedded:
            self._each_pivot(self._embedded.translator)
        if self._pivots:
            self._embedded.rewriter()

    def check(self, segments: Iterable[Segment], progress: Progress | None = None) -> Iterator[CheckedSegment]:
        """Check segments in batches, yielding them in input order; `progress` gets (segments done, stage)."""
        source = iter(segments)
        while batch := list(islice(source, BATCH)):
            yield from self._check_batch(batch, progress or (lambda done, stage: None))

    def _check_batch(self, batch: Sequence[Segment], progress: Progress) -> list[CheckedSegment]:
        wanted = [segment for segment in batch if segment.skip is None]
        examined = iter(self.examine(wanted, lambda stage: progress(0, stage)))
        checked = [
            self.checked(segment, next(examined)) if segment.skip is None else skipped(segment) for segment in batch
        ]
        progress(len(batch), "judged")
        return checked

    def examine(
        self, segments: Sequence[Segment], progress: Callable[[str], None] | None = None, *, round_trip: bool = True
    ) -> list[Examined]:
        """Stages 1 to 3 for each segment, in order; without `round_trip`, as the fast tier has them.

        In the full tier suggestions are tried: a first one that brings a new flag of its own is withdrawn.
        When a stage fails, the segments it fails on are found by halving, and the rest goes on. An
        error of our own kind (a model is missing) would meet every segment and is raised.
        """
        made = self._examine(segments, progress, round_trip)
        if round_trip and self._pivots:
            self._try_suggestions(segments, made, progress)
        return made

    def _examine(
        self, segments: Sequence[Segment], progress: Callable[[str], None] | None, round_trip: bool
    ) -> list[Examined]:
        if not segments:
            return []
        try:
            findings = self.collect(segments, progress, round_trip=round_trip)
            verdicts = self.judge(findings)
        except BackspeakError:
            raise
        except Exception as error:
            if len(segments) == 1:
                return [Examined(failure=_reason(error))]
            middle = len(segments) // 2
            return [
                *self._examine(segments[:middle], progress, round_trip),
                *self._examine(segments[middle:], progress, round_trip),
            ]
        return [Examined(each, verdict) for each, verdict in zip(findings, verdicts, strict=True)]

    def collect(
        self, segments: Sequence[Segment], progress: Callable[[str], None] | None = None, *, round_trip: bool = True
    ) -> list[Findings]:
        """Stages 1 and 2."""
        return self._collector.collect(segments, progress, round_trip=round_trip)

    def judge(self, findings: Sequence[Findings]) -> list[Verdict]:
        """Stage 3."""
        return self._judge.judge(findings)

    def _try_suggestions(
        self, segments: Sequence[Segment], examined: Sequence[Examined], progress: Callable[[str], None] | None
    ) -> None:
        """Put the first suggestion of each flag in, check the sentence once more, and withdraw those that bring a new
        flag; what takes their place is tried as well.

        At the default operating point whatever the settings, for findings are cached without thresholds. Punctuation
        is left alone, and so is a sentence that is very long or that cannot be checked with the suggestion in it.
        """
        tried: set[tuple[int, Change]] = set()
        noisy = [index for index, each in enumerate(segments) if len(each.text) <= _LONGEST_TRIED]
        while noisy:
            flags = {index: self._default_flags(examined[index]) for index in noisy}
            asked = [
                (index, Change(segments[index].text, flag.start, flag.end, flag.suggestions[0]))
                for index, mine in flags.items()
                for flag in mine
                if flag.suggestions and not is_named(flag.rule, (typography.FAMILY,))
            ]
            asked = [each for each in asked if each not in tried]
            tried |= set(asked)
            if asked and progress is not None:
                progress("suggestions")
            again = self._examine([replace(segments[i], text=change.changed) for i, change in asked], None, True)
            noisy = []
            for (index, change), made in zip(asked, again, strict=True):
                findings = examined[index].findings
                if findings is not None and change.new(flags[index], self._default_flags(made)):
                    withdraw(findings, change.changed)
                    noisy.append(index)
            noisy = sorted(set(noisy))

    def _default_flags(self, examined: Examined) -> tuple[ErrorSpan, ...]:
        if examined.findings is None or examined.verdict is None:
            return ()
        point = self._judge.operating_point().of(examined.findings.segment.source_lang)
        return spans.error_spans(examined.findings, examined.verdict, point)

    def checked(self, segment: Segment, examined: Examined) -> CheckedSegment:
        """Stages 4 and 5 for a segment whose text was examined; failed where that failed or this does."""
        if examined.findings is None or examined.verdict is None:
            return CheckedSegment(segment, "failed", examined.failure)
        try:
            return self.conclude(replace(examined.findings, segment=segment), examined.verdict)
        except Exception as error:
            return CheckedSegment(segment, "failed", _reason(error))

    def doubt(self, checked: CheckedSegment) -> float:
        """How far the worst word is from the threshold, in log-odds: the nearer, the easier the verdict turns."""
        if not checked.words:
            return math.inf
        point = self._point.of(checked.segment.source_lang)
        return abs(_log_odds(max(word.error_probability for word in checked.words)) - _log_odds(point.minor))

    def conclude(self, findings: Findings, verdict: Verdict) -> CheckedSegment:
        """Stages 4 and 5, after what the user's references have to say. They move the verdict too: a human
        reference before the flags are made, an approved sentence after they are withdrawn."""
        findings = self._references.added(findings)
        segment = findings.segment
        point = self._point.of(segment.source_lang)
        verdict = reference.weighed(findings, verdict)
        flagged, suppressed = suppression.divide(
            spans.error_spans(findings, verdict, point, self.settings.disable),
            segment,
            baseline=self._baseline,
            memory=findings.memory,
            inline=self.settings.inline_ignores,
        )
        verdict = memory.weighed(findings, verdict)
        score, error_probability = segment_score(verdict, flagged)
        unread = segment.source and not self._judge.reads(segment.source_lang)
        return CheckedSegment(
            segment,
            "ok",
            f"judged without its source: {segment.source_lang!r} is no source language of the judge"
            if unread
            else None,
            score,
            error_probability,
            spans.words(findings, verdict, point),
            flagged,
            tuple(findings.back_translations),
            reference_metrics(segment.text, segment.reference) if segment.reference else {},
            findings.memory,
            suppressed,
        )


def skipped(segment: Segment) -> CheckedSegment:
    """The record of a segment that its reader set aside."""
    return CheckedSegment(segment, "skipped", segment.skip)


def _reason(error: Exception) -> str:
    first = (str(error).strip().splitlines() or [""])[0]
    return f"{type(error).__name__}: {first}"[:300].rstrip(": ")


def _log_odds(probability: float) -> float:
    inside = min(max(probability, 1e-6), 1 - 1e-6)
    return math.log(inside / (1 - inside))
