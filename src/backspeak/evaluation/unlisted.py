"""How well unlisted phrases are found: on tortured phrases in carrier sentences, and on clean English.

A tortured phrase is a set phrase that a paraphrasing program has spoilt ("colossal information" for
"big data"). Each stands in carrier sentences of ours, the expected phrase in the same sentences is the
control. Recall is taken where at most 5% of the controls score as high.

    python -m backspeak.evaluation.unlisted DATA [--limit 200]
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from backspeak import resources
from backspeak.data import Evidence, Findings, Segment
from backspeak.engines.bundled import BundledEngine
from backspeak.engines.decoder import Decoder
from backspeak.evidence import likelihood, rewriting
from backspeak.evidence.unlisted import FEATURES, UnlistedPhrases
from backspeak.evidence.words import word_offsets
from backspeak.phrasebank import PhraseBank
from backspeak.phrasebank.inflection import Inflector
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

    counts: float
    language_model: float
    both: float
    flagged: bool
    suggestions: tuple[str, ...]


def score_phrases(
    phrases: Sequence[str], finder: UnlistedPhrases, language_model: Decoder, rewriter: Decoder | None = None
) -> list[list[Scored]]:
    """Every phrase in every carrier."""
    jobs = [(phrase, carrier) for phrase in phrases for carrier in CARRIERS]
    findings = [_findings(carrier.format(phrase)) for phrase, carrier in jobs]
    _read(findings, language_model, rewriter)
    weighed = finder.weigh(findings, language_model)
    scored = []
    for (phrase, carrier), each, numbers in zip(jobs, findings, weighed, strict=True):
        start = carrier.index("{}")
        end = start + len(phrase)
        inside = [i for i, (a, b) in enumerate(each.words) if a < end and b > start]
        touching = [one for one in finder.evidence(numbers) if one.start < end and one.end > start]
        places = [one for one in numbers if one.place.start < end and one.place.end > start]
        scored.append(
            Scored(
                max((one.features[_EXPECTED] for one in places), default=-99.0),
                -float(np.mean(each.likelihood["alone_total"][inside])),
                max((one.confidence or 0.0 for one in touching), default=0.0),
                any((one.confidence or 0.0) >= DECISIVE for one in touching),
                tuple(_applied(phrase, one, wording, start) for one in touching for wording in one.suggestions),
            )
        )
    return [scored[i : i + len(CARRIERS)] for i in range(0, len(scored), len(CARRIERS))]


def half_of(phrase: str) -> str:
    """Which half of the phrases one belongs to: what is looked at while working, or what is measured at the end."""
    return "final" if hashlib.blake2b(phrase.encode(), digest_size=8).digest()[0] & 1 else "development"


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


def _applied(phrase: str, evidence: Evidence, wording: str, shift: int) -> str:
    """The phrase, which begins at `shift`, with a suggestion put in."""
    return phrase[: max(0, evidence.start - shift)] + wording + phrase[max(0, evidence.end - shift) :]


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
    arguments = parser.parse_args()
    generator = random.Random(arguments.seed)
    finder, engine = UnlistedPhrases.load(PhraseBank.load()), BundledEngine()
    models = engine.language_model(), engine.rewriter()

    lines = (arguments.data / "tortured-phrases" / "development.jsonl").read_text(encoding="utf-8").splitlines()
    pairs = [pair for pair in map(json.loads, lines) if arguments.half in (None, half_of(pair["tortured"]))]
    pairs = generator.sample(pairs, min(arguments.limit or len(pairs), len(pairs)))
    tortured, controls = [], []
    for start in range(0, len(pairs), _PHRASES_AT_ONCE):
        block = pairs[start : start + _PHRASES_AT_ONCE]
        tortured += score_phrases([pair["tortured"] for pair in block], finder, *models)
        controls += score_phrases([pair["expected"] for pair in block], finder, *models)
    bad, good = ([one for each in group for one in each] for group in (tortured, controls))
    inflector = Inflector.load(resources.corpus_dir())
    wanted = [(one.suggestions, pair["expected"]) for pair, each in zip(pairs, tortured, strict=True) for one in each]
    figures = {
        "phrases": len(pairs),
        "texts": len(bad) + len(good),
        "recall at 5% false alarms, counts alone": recall([s.counts for s in bad], [s.counts for s in good]),
        "recall at 5% false alarms, language model alone": recall(
            [s.language_model for s in bad], [s.language_model for s in good]
        ),
        "recall at 5% false alarms, both": recall([s.both for s in bad], [s.both for s in good]),
        "expected among three, exact": float(np.mean([right in given for given, right in wanted])),
        "expected among three, up to inflection": float(
            np.mean([any(same_phrase(one, right, inflector) for one in given) for given, right in wanted])
        ),
        "recall as shipped": float(np.mean([s.flagged for s in bad])),
        "false alarms on controls as shipped": float(np.mean([s.flagged for s in good])),
    }
    texts = generator.sample(references(arguments.data, arguments.part), arguments.sentences)
    found = alarms(texts, finder, *models)
    words = sum(len(text.split()) for text in texts)
    figures |= {"clean words": words, "alarms a thousand clean words": 1000 * len(found) / words}
    for name, value in figures.items():
        print(f"{name}: {value:.3f}" if isinstance(value, float) else f"{name}: {value}")
    if arguments.show:
        for words_flagged, one in found:
            print(f"  {words_flagged} -> {', '.join(one.suggestions)} ({one.confidence})")


if __name__ == "__main__":
    main()
