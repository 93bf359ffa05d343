"""Findings and verdicts as bytes and back, exactly: what is read gives the same record as what was kept."""

from __future__ import annotations

import json
import zlib
from dataclasses import asdict
from typing import Any

import numpy as np

from backspeak.data import BackTranslation, Evidence, Findings, Proposal, Segment
from backspeak.judge import Verdict


def encode(findings: Findings, verdict: Verdict) -> bytes:
    """Everything but the segment, which is the key."""
    made = {
        "words": findings.words,
        "mode": findings.mode,
        "likelihood": {name: _array(values) for name, values in findings.likelihood.items()},
        "back_translations": [asdict(each) for each in findings.back_translations],
        "proposals": [asdict(each) for each in findings.proposals],
        "evidence": [asdict(each) for each in findings.evidence],
        "word_probability": _array(verdict.word_probability),
        "error_probability": verdict.error_probability,
        "quality": verdict.quality,
    }
    return zlib.compress(json.dumps(made, ensure_ascii=True, separators=(",", ":")).encode("ascii"), 1)


def decode(data: bytes, segment: Segment) -> tuple[Findings, Verdict]:
    """The findings and the verdict of a segment with the text that they were kept for.

    Raises ValueError, KeyError or TypeError for bytes that `encode` did not make.
    """
    made = json.loads(_inflated(data))
    findings = Findings(
        segment,
        [(start, end) for start, end in made["words"]],
        made["mode"],
        {name: _values(array) for name, array in made["likelihood"].items()},
        [BackTranslation(**{**each, "lost": tuple(each["lost"])}) for each in made["back_translations"]],
        [Proposal(**{**each, "pivots": tuple(each["pivots"])}) for each in made["proposals"]],
        [Evidence(**{**each, "suggestions": tuple(each["suggestions"])}) for each in made["evidence"]],
    )
    return findings, Verdict(_values(made["word_probability"]), made["error_probability"], made["quality"])


def _inflated(data: bytes) -> bytes:
    try:
        return zlib.decompress(data)
    except zlib.error as error:
        raise ValueError(f"damaged ({error})") from error


def _array(values: np.ndarray) -> list[Any]:
    """Type and numbers; a float's shortest form in JSON reads back as the same float, NaN included."""
    values = np.asarray(values)
    return [values.dtype.str, values.tolist()]


def _values(array: list[Any]) -> np.ndarray:
    kind, values = array
    return np.array(values, dtype=np.dtype(kind))
