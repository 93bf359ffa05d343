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

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice

from backspeak import spans, suppression
from backspeak.baseline import Baseline
from backspeak.config import Settings
from backspeak.data import CheckedSegment, Findings, Segment
from backspeak.engines.base import Engine, no_pivot
from backspeak.engines.bundled import BundledEngine, Preparation
from backspeak.engines.registry import open_engine
from backspeak.evidence import glossary, memory, reference
from backspeak.evidence.collector import Collector
from backspeak.evidence.rule_ids import known_rules
from backspeak.evidence.unlisted import UnlistedPhrases
from backspeak.evidence.user_references import UserReferences
from backspeak.judge import Judge, Verdict
from backspeak.phrasebank import PhraseBank
from backspeak.rules import check_disabled
from backspeak.scoring import reference_metrics, segment_score
from backspeak.signature import run_signature

# Segments computed together. Models take texts of equal length at once, so a larger batch is faster
# (256 sentences: 103 s in batches of 64, 67 s in one of 256, one core), a smaller one loses less.
BATCH = 256

Progress = Callable[[int, str], None]
FileProgress = Callable[[int, int, str], None]


class Pipeline:
    """All stages with their models loaded, for one set of settings."""

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
        self._pivots = list(dict.fromkeys(settings.pivot)) if settings.tier == "full" else []
        for pivot in self._pivots:
            if not (self._engine.supports("en", pivot) and self._engine.supports(pivot, "en")):
                raise no_pivot(self._engine, pivot)
        self._judge = judge or Judge(threads=settings.jobs)
        self._point = self._judge.operating_point(sensitive=settings.sensitive)
        self._unlisted = UnlistedPhrases.load(self._bank) if settings.tier == "full" else None
        self._collector = Collector(self._bank, self._embedded, self._engine, self._pivots, self._unlisted)

    def signature(self) -> str:
        """Settings and versions behind every number of the run."""
        return run_signature(
            [
                f"tier:{self.settings.tier}",
                f"pivots:{'+'.join(self._pivots) or 'none'}",
                self._engine.signature() if self._pivots else self._embedded.signature(),
                f"phrases:{self._bank.version}",
                self._unlisted.signature() if self._unlisted is not None else "",
                self._judge.signature(),
                *self._references.signature(),
                f"baseline:{self._baseline.signature}" if self._baseline is not None else "",
                f"point:{'sensitive' if self.settings.sensitive else 'default'}",
                f"disabled:{'+'.join(sorted(self.settings.disable))}" if self.settings.disable else "",
            ]
        )

    def load(self) -> None:
        """Prepare and load every model now, so that the first batch is not the slow one."""
        self._judge.load()
        self._embedded.language_model()
        if self._engine is self._embedded:
            for pivot in self._pivots:
                self._embedded.translator(pivot)

    def check(self, segments: Iterable[Segment], progress: Progress | None = None) -> Iterator[CheckedSegment]:
        """Check segments in batches, yielding them in input order; `progress` gets (segments done, stage)."""
        source = iter(segments)
        while batch := list(islice(source, BATCH)):
            yield from self._check_batch(batch, progress or (lambda done, stage: None))

    def _check_batch(self, batch: Sequence[Segment], progress: Progress) -> list[CheckedSegment]:
        wanted = [segment for segment in batch if segment.skip is None]
        findings = self.collect(wanted, lambda stage: progress(0, stage))
        verdicts = self.judge(findings)
        checked = iter([self.conclude(each, verdict) for each, verdict in zip(findings, verdicts, strict=True)])
        progress(len(batch), "judged")
        return [
            next(checked) if segment.skip is None else CheckedSegment(segment, "skipped", segment.skip)
            for segment in batch
        ]

    def collect(self, segments: Sequence[Segment], progress: Callable[[str], None] | None = None) -> list[Findings]:
        """Stages 1 and 2."""
        return self._collector.collect(segments, progress)

    def judge(self, findings: Sequence[Findings]) -> list[Verdict]:
        """Stage 3."""
        return self._judge.judge(findings)

    def conclude(self, findings: Findings, verdict: Verdict) -> CheckedSegment:
        """Stages 4 and 5, after what the user's references have to say. They move the verdict too: a human
        reference before the flags are made, an approved sentence after they are withdrawn."""
        findings = self._references.added(findings)
        segment = findings.segment
        verdict = reference.weighed(findings, verdict)
        flagged, suppressed = suppression.divide(
            spans.error_spans(findings, verdict, self._point, self.settings.disable),
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
            spans.words(findings, verdict, self._point),
            flagged,
            tuple(findings.back_translations),
            reference_metrics(segment.text, segment.reference) if segment.reference else {},
            findings.memory,
            suppressed,
        )
