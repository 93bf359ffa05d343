"""How well unlisted phrases are found: on tortured phrases in carrier sentences, and on clean English.

A tortured phrase is a set phrase that a paraphrasing program has spoilt ("colossal information" for
"big data"). Each stands in carrier sentences of ours, the expected phrase in the same sentences is the
control. Recall is taken where at most 5% of the controls score as high. By the finder alone, or with
`--check` by the whole check, as a reader meets it: there judge and finder both speak, and a suggestion
counts only where there is a flag.

    python -m backspeak.evaluation.unlisted DATA [--limit 200] [--check]
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from backspeak import resources
from backspeak.config import Settings
from backspeak.data import Evidence, Findings, Segment
from backspeak.engines.bundled import BundledEngine
from backspeak.engines.decoder import Decoder
from backspeak.evidence import likelihood, rewriting
from backspeak.evidence.unlisted import FEATURES, UnlistedPhrases
from backspeak.evidence.words import word_offsets
from backspeak.phrasebank import PhraseBank
from backspeak.phrasebank.inflection import Inflector
from backspeak.pipeline import Pipeline
from backspeak.spans import DECISIVE
from backspeak.training.examples import references

CARRIERS = (
    "The next section gives a short account of {} in more detail.",
    "Several groups have worked on {} in recent years.",
    "In this part of the report we look at {} and its use.",
)
FALSE_ALARMS = 0.05
_PHRASES_AT_ONCE = 20
_EXPECTED = FEATURES.index("expected")


@dataclass(frozen=True)
class Scored:
    """One phrase in one carrier: what each method thinks of it, and the suggested wordings of the phrase."""

    scores: Mapping[str, float]
    flagged: bool
    suggestions: tuple[str, ...]


@dataclass(frozen=True)
class Carried:
    """A phrase at start..end of a carrier sentence."""

    phrase: str
    text: str
    start: int

    @property
    def end(self) -> int:
        """Where the phrase ends."""
        return self.start + len(self.phrase)

    def touches(self, start: int, end: int) -> bool:
        """Whether start..end lies on the phrase, in part at least."""
        return start < self.end and end > self.start

    def applied(self, start: int, end: int, wording: str) -> str:
        """The phrase with a wording put in for start..end of the sentence."""
        return self.phrase[: max(0, start - self.start)] + wording + self.phrase[max(0, end - self.start) :]


def carried(phrase: str) -> list[Carried]:
    """The phrase in every carrier."""
    return [Carried(phrase, carrier.format(phrase), carrier.index("{}")) for carrier in CARRIERS]


def score_phrases(
    phrases: Sequence[str], finder: UnlistedPhrases, language_model: Decoder, rewriter: Decoder | None = None
) -> list[list[Scored]]:
    """Every phrase in every carrier, by the finder alone: counts, the language model, and both."""
    jobs = [each for phrase in phrases for each in carried(phrase)]
    findings = [_findings(each.text) for each in jobs]
    _read(findings, language_model, rewriter)
    weighed = finder.weigh(findings, language_model)
    scored = []
    for job, each, numbers in zip(jobs, findings, weighed, strict=True):
        inside = [i for i, span in enumerate(each.words) if job.touches(*span)]
        touching = [one for one in finder.evidence(numbers) if job.touches(one.start, one.end)]
        places = [one for one in numbers if job.touches(one.place.start, one.place.end)]
        scores = {
            "counts alone": max((one.features[_EXPECTED] for one in places), default=-99.0),
            "language model alone": -float(np.mean(each.likelihood["alone_total"][inside])),
            "both": max((one.confidence or 0.0 for one in touching), default=0.0),
        }
        suggested = [job.applied(one.start, one.end, wording) for one in touching for wording in one.suggestions]
        scored.append(Scored(scores, scores["both"] >= DECISIVE, tuple(suggested)))
    return _by_phrase(scored)


def check_phrases(phrases: Sequence[str], pipeline: Pipeline) -> list[list[Scored]]:
    """Every phrase in every carrier, by the whole check: the judge's worst word, the surest finding, and both."""
    jobs = [each for phrase in phrases for each in carried(phrase)]
    segments = [Segment("carriers", str(number), job.text) for number, job in enumerate(jobs)]
    scored = []
    for job, segment, examined in zip(jobs, segments, pipeline.examine(segments), strict=True):
        checked = pipeline.checked(segment, examined)
        flags = [flag for flag in checked.spans if job.touches(flag.start, flag.end)]
        evidence = examined.findings.evidence if examined.findings is not None else []
        judged = [word.error_probability for word in checked.words if job.touches(word.start, word.end)]
        found = [one.confidence or 0.0 for one in evidence if job.touches(one.start, one.end)]
        scores = {
            "judge alone": max(judged, default=0.0),
            "findings alone": max(found, default=0.0),
            "both": max(judged + found, default=0.0),
        }
        suggested = [job.applied(flag.start, flag.end, wording) for flag in flags for wording in flag.suggestions]
        scored.append(Scored(scores, bool(flags), tuple(suggested)))
    return _by_phrase(scored)


def _by_phrase(scored: list[Scored]) -> list[list[Scored]]:
    return [scored[i : i + len(CARRIERS)] for i in range(0, len(scored), len(CARRIERS))]


def half_of(phrase: str) -> str:
    """Which half of the phrases one belongs to: what is looked at while working, or what is measured at the end."""
    return "final" if hashlib.blake2b(phrase.encode(), digest_size=8).digest()[0] & 1 else "development"


def phrase_pairs(data: Path, half: str | None = None) -> list[dict[str, str]]:
    """The pairs of a `tortured` and an `expected` phrase in a data folder, of one half (see `half_of`) or all."""
    lines = (data / "tortured-phrases" / "development.jsonl").read_text(encoding="utf-8").splitlines()
    return [pair for pair in map(json.loads, lines) if half in (None, half_of(pair["tortured"]))]


def recall(tortured: Sequence[float], controls: Sequence[float]) -> float:
    """Share of the first that score higher than all but FALSE_ALARMS of the second."""
    threshold = sorted(controls)[int(len(controls) * (1 - FALSE_ALARMS))]
    return float(np.mean([score > threshold for score in tortured]))


def same_phrase(one: str, other: str, inflector: Inflector) -> bool:
    """Whether two phrases differ by the inflection of their words at most."""
    ours, theirs = one.lower().split(), other.lower().split()
    return len(ours) == len(theirs) and all(
        a == b or b in inflector.forms(a) or a in inflector.forms(b) for a, b in zip(ours, theirs, strict=True)
    )


def alarms(
    texts: Sequence[str], finder: UnlistedPhrases, language_model: Decoder, rewriter: Decoder | None = None
) -> list[tuple[str, Evidence]]:
    """The flags in texts of human English, with the flagged words."""
    findings = [_findings(text) for text in texts]
    asked = [each for each in findings if finder.places(each.segment.text)]
    _read(asked, language_model, rewriter)
    return [
        (each.segment.text[one.start : one.end], one)
        for each, mine in zip(asked, finder.collect(asked, language_model), strict=True)
        for one in mine
        if (one.confidence or 0.0) >= DECISIVE
    ]


def _findings(text: str) -> Findings:
    return Findings(Segment("", "", text), word_offsets(text))


def _read(findings: Sequence[Findings], language_model: Decoder, rewriter: Decoder | None) -> None:
    likelihood.add(findings, language_model)
    if rewriter is not None:
        rewriting.add(findings, rewriter)


def main() -> None:
    """Print the figures of a random part of the data."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path, help="with tortured-phrases/development.jsonl and mt-outputs/")
    parser.add_argument("--limit", type=int, help="only so many phrases")
    parser.add_argument("--half", choices=("development", "final"), help="only this half of the phrases")
    parser.add_argument("--part", default="dev", choices=("train", "dev", "test"), help="part of the references")
    parser.add_argument("--sentences", type=int, default=500, help="clean sentences")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--show", action="store_true", help="print the alarms on clean text")
    parser.add_argument("--check", action="store_true", help="the whole check instead of the finder")
    arguments = parser.parse_args()
    generator = random.Random(arguments.seed)
    finder, engine = UnlistedPhrases.load(PhraseBank.load()), BundledEngine()
    models = engine.language_model(), engine.rewriter()
    pipeline = Pipeline(Settings(), embedded=engine) if arguments.check else None

    def scored(phrases: Sequence[str]) -> list[list[Scored]]:
        if pipeline is not None:
            return check_phrases(phrases, pipeline)
        return score_phrases(phrases, finder, *models)

    pairs = phrase_pairs(arguments.data, arguments.half)
    pairs = generator.sample(pairs, min(arguments.limit or len(pairs), len(pairs)))
    tortured, controls = [], []
    for start in range(0, len(pairs), _PHRASES_AT_ONCE):
        block = pairs[start : start + _PHRASES_AT_ONCE]
        tortured += scored([pair["tortured"] for pair in block])
        controls += scored([pair["expected"] for pair in block])
    bad, good = ([one for each in group for one in each] for group in (tortured, controls))
    inflector = Inflector.load(resources.corpus_dir())
    wanted = [(one.suggestions, pair["expected"]) for pair, each in zip(pairs, tortured, strict=True) for one in each]
    figures: dict[str, float] = {"phrases": len(pairs), "texts": len(bad) + len(good)}
    for name in bad[0].scores:
        figures[f"recall at 5% false alarms, {name}"] = recall(
            [one.scores[name] for one in bad], [one.scores[name] for one in good]
        )
    figures |= {
        "expected among three, exact": float(np.mean([right in given for given, right in wanted])),
        "expected among three, up to inflection": float(
            np.mean([any(same_phrase(one, right, inflector) for one in given) for given, right in wanted])
        ),
        "recall as shipped": float(np.mean([s.flagged for s in bad])),
        "false alarms on controls as shipped": float(np.mean([s.flagged for s in good])),
    }
    if pipeline is None:
        texts = generator.sample(references(arguments.data, arguments.part), arguments.sentences)
        found = alarms(texts, finder, *models)
        words = sum(len(text.split()) for text in texts)
        figures |= {"clean words": words, "alarms a thousand clean words": 1000 * len(found) / words}
    for name, value in figures.items():
        print(f"{name}: {value:.3f}" if isinstance(value, float) else f"{name}: {value}")
    if arguments.show and pipeline is None:
        for words_flagged, one in found:
            print(f"  {words_flagged} -> {', '.join(one.suggestions)} ({one.confidence})")


if __name__ == "__main__":
    main()
