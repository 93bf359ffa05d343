"""Numbers that the judge sees: one row a word, one row a segment. NaN means nothing is known.

Nothing here tells the length of the text: by length alone the judge could tell one training set
from another, and found no error in long sentences.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from backspeak.data import Findings, Proposal
from backspeak.evidence.words import is_punctuation

WORD_FEATURES = (
    "encoder_alone",
    "encoder_source",
    "encoder_gap",
    "encoder_previous",
    "encoder_next",
    "encoder_error",
    "alone_total",
    "alone_least",
    "alone_rank",
    "alone_entropy",
    "given_total",
    "given_least",
    "given_rank",
    "given_entropy",
    "given_minus_alone",
    "tokens",
    "length",
    "is_punctuation",
    "is_capitalised",
    "has_digit",
    "has_hyphen",
    "from_source",
    "gain",
    "gain_a_word",
    "length_change",
    "pivot_gain",
    "guard",
    "agreement",
    "changed_share",
    "previous_alone",
    "previous_given",
    "next_alone",
    "next_given",
    "kept_total",
    "kept_least",
    "kept_rank",
    "kept_entropy",
    "previous_kept",
    "next_kept",
    "rewriting_gain",
    "rewriting_kept_gain",
)

SEGMENT_FEATURES = (
    "quality_alone",
    "quality_source",
    "edits_alone",
    "edits_source",
    "distance",
    "error_alone",
    "error_source",
    "alone_mean",
    "alone_low",
    "alone_lowest",
    "given_mean",
    "given_low",
    "given_lowest",
    "given_minus_alone",
    "from_source",
    "chrf",
    "best_gain",
    "changed_share",
    "kept_mean",
    "kept_low",
    "kept_lowest",
    "word_mean",
    "word_high",
    "word_highest",
    "word_share_over_half",
)

# `kept_gain` where the rewriter wrote nothing else (nats).
_UNWRITTEN = -6.0


def touching(findings: Findings, start: int, end: int, origin: str) -> list[Proposal]:
    """The proposals of this origin that touch start..end."""
    return [each for each in findings.proposals if each.origin == origin and each.start < end and each.end > start]


def best_proposal(proposals: Sequence[Proposal]) -> Proposal | None:
    """The proposal with the highest gain, both gains together."""
    return max(proposals, key=lambda each: (each.gain + each.pivot_gain, each.agreement), default=None)


def word_features(findings: Findings) -> np.ndarray:
    """Float32 array of shape (words, len(WORD_FEATURES))."""
    text, words, likelihood = findings.segment.text, findings.words, findings.likelihood
    unknown = np.full(len(words), np.nan)
    alone = {name: likelihood.get(f"alone_{name}", unknown) for name in ("total", "least", "rank", "entropy", "tokens")}
    given, kept = (
        {name: likelihood.get(f"{kind}_{name}", unknown) for name in ("total", "least", "rank", "entropy")}
        for kind in ("given", "kept")
    )
    usable = [each for each in findings.back_translations if not each.degenerate]
    rows = np.full((len(words), len(WORD_FEATURES)), np.nan, dtype=np.float32)
    column = {name: index for index, name in enumerate(WORD_FEATURES)}

    for name in ("total", "least", "rank", "entropy"):
        rows[:, column[f"alone_{name}"]] = alone[name]
        rows[:, column[f"given_{name}"]] = given[name]
        rows[:, column[f"kept_{name}"]] = kept[name]
    rows[:, column["given_minus_alone"]] = given["total"] - alone["total"]
    rows[:, column["tokens"]] = alone["tokens"]
    rows[:, column["from_source"]] = findings.mode == "source"
    for side, shift in (("previous", 1), ("next", -1)):
        for name, values in (("alone", alone["total"]), ("given", given["total"]), ("kept", kept["least"])):
            neighbour = np.roll(values, shift).astype(float)
            if len(neighbour):
                neighbour[0 if shift > 0 else -1] = np.nan
            rows[:, column[f"{side}_{name}"]] = neighbour

    opinions = findings.opinions
    for mode in ("alone", "source"):
        if mode in opinions:
            rows[:, column[f"encoder_{mode}"]] = opinions[mode].bad
    surest = opinions.get("source", opinions.get("alone"))
    if surest is not None and len(words):
        rows[:, column["encoder_gap"]] = surest.gap
        rows[:, column["encoder_error"]] = surest.error
        rows[1:, column["encoder_previous"]] = surest.bad[:-1]
        rows[:-1, column["encoder_next"]] = surest.bad[1:]

    for index, (start, end) in enumerate(words):
        word, row = text[start:end], rows[index]
        row[column["length"]] = end - start
        row[column["is_punctuation"]] = is_punctuation(word)
        row[column["is_capitalised"]] = word[0].isupper() and index > 0
        row[column["has_digit"]] = any(character.isdigit() for character in word)
        row[column["has_hyphen"]] = "-" in word[1:-1]
        if "kept_total" in likelihood:
            rewritten = touching(findings, start, end, "rewriting")
            row[column["rewriting_gain"]] = max((each.gain for each in rewritten), default=0.0)
            row[column["rewriting_kept_gain"]] = max((each.kept_gain for each in rewritten), default=_UNWRITTEN)
        if usable:
            changes = touching(findings, start, end, "round_trip")
            proposal = best_proposal(changes)
            row[column["changed_share"]] = min(1.0, sum(each.agreement for each in changes) / len(usable))
            if proposal is not None:
                replaced = max(1, len(text[proposal.start : proposal.end].split()))
                row[column["gain"]] = proposal.gain
                row[column["gain_a_word"]] = proposal.gain / replaced
                # A shorter text is likelier for its length alone.
                row[column["length_change"]] = len(proposal.replacement.split()) - replaced
                row[column["pivot_gain"]] = proposal.pivot_gain
                row[column["guard"]] = proposal.guard
                row[column["agreement"]] = proposal.agreement / proposal.round_trips
            else:
                for name in ("gain", "gain_a_word", "length_change", "pivot_gain", "agreement", "guard"):
                    row[column[name]] = 0.0
    return rows


def segment_features(findings: Findings, word_probability: np.ndarray) -> np.ndarray:
    """Float32 array of shape (len(SEGMENT_FEATURES),), from the findings and the word verdicts."""
    likelihood = findings.likelihood
    unknown = np.full(max(1, len(findings.words)), np.nan)
    alone = np.asarray(likelihood.get("alone_total", unknown), dtype=float)
    given = np.asarray(likelihood.get("given_total", unknown), dtype=float)
    kept = np.asarray(likelihood.get("kept_total", unknown), dtype=float)
    usable = [each for each in findings.back_translations if not each.degenerate]
    round_trips = [each for each in findings.proposals if each.origin == "round_trip"]
    probability = word_probability if len(word_probability) else np.zeros(1)
    opinions = [findings.opinions.get(mode) for mode in ("alone", "source")]
    surest = opinions[1] or opinions[0]
    changed = {
        index for index, (start, end) in enumerate(findings.words) if touching(findings, start, end, "round_trip")
    }
    return np.array(
        [
            *(np.nan if opinion is None else opinion.quality for opinion in opinions),
            *(np.nan if opinion is None else opinion.edits for opinion in opinions),
            np.nan if surest is None else surest.distance,
            *(np.nan if opinion is None else opinion.error for opinion in opinions),
            _mean(alone),
            _quantile(alone, 0.1),
            _quantile(alone, 0.0),
            _mean(given),
            _quantile(given, 0.1),
            _quantile(given, 0.0),
            _mean(given - alone),
            findings.mode == "source",
            usable[0].chrf if usable else np.nan,
            max((each.gain for each in round_trips), default=0.0) if usable else np.nan,
            len(changed) / max(1, len(findings.words)) if usable else np.nan,
            _mean(kept),
            _quantile(kept, 0.1),
            _quantile(kept, 0.0),
            probability.mean(),
            np.quantile(probability, 0.9),
            probability.max(),
            (probability > 0.5).mean(),
        ],
        dtype=np.float32,
    )


def _mean(values: np.ndarray) -> float:
    return float(np.nanmean(values)) if np.isfinite(values).any() else float("nan")


def _quantile(values: np.ndarray, share: float) -> float:
    return float(np.nanquantile(values, share)) if np.isfinite(values).any() else float("nan")
