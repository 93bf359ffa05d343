"""Collects the findings of segments: calls every kind of evidence, cheap ones first."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from backspeak.data import Findings, Proposal, Segment
from backspeak.engines.base import Engine
from backspeak.engines.bundled import BundledEngine
from backspeak.engines.translation import LANGUAGE_NAMES, prompt
from backspeak.errors import BackspeakError
from backspeak.evidence import (
    contrast,
    likelihood,
    phrase_bank,
    preservation,
    rewriting,
    round_trip,
    typography,
    untranslated,
)
from backspeak.evidence.coinage import Coinages
from backspeak.evidence.offers import VOUCHED, Offers, weigh_listed
from backspeak.evidence.rechecking import Finder, Recheck
from backspeak.evidence.words import word_offsets
from backspeak.phrasebank import PhraseBank

# Alternatives to the best way back. More add proposals and cost time in proportion.
ALTERNATIVES = 2


class Collector:
    """Collects the findings of segments, cheap evidence first.

    `pivots` may be empty (the fast tier): then no text is translated. The embedded base is the language model of
    every engine; it is asked for the round trip, and with `likelihood` always. `finders` look for what no table
    lists; without `offers`, no wording of a round trip is advice, and without `coinages` no negation is coined.
    """

    def __init__(
        self,
        bank: PhraseBank,
        embedded: BundledEngine,
        engine: Engine,
        pivots: Sequence[str],
        finders: Sequence[Finder] = (),
        offers: Offers | None = None,
        coinages: Coinages | None = None,
        *,
        likelihood: bool = True,
    ) -> None:
        self._bank = bank
        self._embedded = embedded
        self._engine = engine
        self._pivots = list(pivots)
        self._finders = tuple(finders)
        self._recheck = Recheck(bank, finders)
        self._offers = offers
        self._coinages = coinages
        self._likelihood_wanted = likelihood

    def collect(
        self, segments: Sequence[Segment], progress: Callable[[str], None] | None = None, *, round_trip: bool = True
    ) -> list[Findings]:
        """Findings of each segment, in order, computed for all of them at once.

        Without `round_trip` the pivots are left out. The findings of a segment do not depend on the
        others.
        """
        say = progress or (lambda stage: None)
        found = [Findings(segment, word_offsets(segment.text)) for segment in segments]
        for each in found:
            each.evidence += untranslated.collect(each.segment)
            each.evidence += typography.collect(each.segment.text)
            each.evidence += phrase_bank.collect(each.segment.text, self._bank)
        pivots = self._pivots if round_trip else []
        rewriter = self._embedded.rewriter() if pivots else None
        likelihood_wanted = self._likelihood_wanted or bool(pivots)
        if likelihood_wanted:
            say("likelihood")
            language_model = self._embedded.language_model()
            likelihood.add(found, language_model)
            if self._offers is not None:
                weigh_listed(found, language_model)
            if rewriter is not None:
                say("rewriting")
                rewriting.add(found, rewriter)
            for finder in self._finders:
                say("unlisted phrases")
                for each, evidence in zip(found, finder.collect(found, language_model), strict=True):
                    each.evidence += evidence
        self._round_trips(found, pivots, say)
        if likelihood_wanted and self._offers is not None:
            self._recheck.keep_quiet_ones(found, self._embedded.language_model(), rewriter)
        if self._coinages is not None:
            for each in found:
                each.evidence += self._coinages.collect(each)
        if likelihood_wanted:
            self._given_source(found)
        return found

    def _with_offer(self, text: str, proposal: Proposal) -> Proposal:
        if self._offers is None or proposal.gain <= 0:
            return proposal
        start, end, wording = proposal.start, proposal.end, proposal.replacement
        if not self._offers.accepts(text, start, end, wording, vouched=proposal.kept_gain >= VOUCHED):
            return proposal
        category = self._offers.category(text[start:end], wording)
        return replace(proposal, offered=True, category=category)

    def _given_source(self, found: list[Findings]) -> None:
        sourced, prompts = [], []
        for each in found:
            source, source_lang = each.segment.source, each.segment.source_lang
            if source and source_lang in LANGUAGE_NAMES:
                sourced.append(each)
                prompts.append(prompt(source_lang, source, "en"))
        likelihood.add(sourced, self._embedded.language_model(), "given", prompts)
        for each in sourced:
            each.mode = "source"

    def _round_trips(self, found: list[Findings], pivots: Sequence[str], say: Callable[[str], None]) -> None:
        """Through every pivot and back, then all proposals weighed together, those of the rewriter as well."""
        if not pivots:
            return
        texts = [each.segment.text for each in found]
        behind: list[contrast.PivotTexts] = []
        failure: Exception | None = None
        for pivot in pivots:
            say(f"round trip through {LANGUAGE_NAMES.get(pivot, pivot)}")
            try:
                translated = round_trip.back_translate(texts, self._engine, pivot, alternatives=ALTERNATIVES)
                translator = self._embedded.translator(pivot) if self._engine is self._embedded else None
            except Exception as error:
                # Other errors than our own may be of one text: they are raised until it is found.
                if len(pivots) == 1 or not (isinstance(error, BackspeakError) or len(found) == 1):
                    raise
                for each in found:
                    each.failed_pivots[pivot] = f"{type(error).__name__}: {error}"[:300]
                failure = error
                continue
            for each, ours in zip(found, translated, strict=True):
                each.back_translations += ours
            behind.append(contrast.PivotTexts.of(pivot, translated, translator))
        if failure is not None and not behind:
            raise failure
        proposed = [
            [*round_trip.proposals(each.segment.text, each.back_translations), *each.proposals] for each in found
        ]
        weighed = contrast.weigh(texts, proposed, self._embedded.language_model(), behind)
        for each, proposals in zip(found, weighed, strict=True):
            each.proposals = [self._with_offer(each.segment.text, proposal) for proposal in proposals]
        for texts_behind in behind:
            self._given_pivot(found, texts_behind)

    def _given_pivot(self, found: list[Findings], behind: contrast.PivotTexts) -> None:
        """Word likelihoods given the pivot, for texts that no pivot stands behind yet."""
        pivot = behind.pivot
        known = [
            (each, pivot_text)
            for each, pivot_text in zip(found, behind.texts, strict=True)
            # The embedded base can weigh a translation only from a language that it can name.
            if pivot_text is not None and each.mode is None and pivot in LANGUAGE_NAMES
        ]
        likelihood.add(
            [each for each, _ in known],
            behind.translator or self._embedded.language_model(),
            "given",
            [prompt(pivot, pivot_text, "en") for _, pivot_text in known],
        )
        for each, pivot_text in known:
            each.mode = "pivot"
            _forgive_losses(each, pivot, pivot_text)


def _forgive_losses(findings: Findings, pivot: str, pivot_text: str) -> None:
    """Forget how likely numbers, names and addresses are given a pivot text that has lost them."""
    best = next(each for each in findings.back_translations if each.pivot == pivot and not each.degenerate)
    if not best.lost:
        return
    text = findings.segment.text
    gone = preservation.unknown_to(pivot_text, preservation.lost(text, best.round_trip))
    words = [
        index
        for index, (start, end) in enumerate(findings.words)
        if any(item.start < end and item.end > start for item in gone)
    ]
    for name, values in findings.likelihood.items():
        if name.startswith("given_"):
            values[words] = np.nan
