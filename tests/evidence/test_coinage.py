"""Coined negations: only lost compounds with a clear gain are evidence."""

from __future__ import annotations

import pytest

from backspeak.data import BackTranslation, Findings, Proposal, Segment
from backspeak.evidence import coinage
from backspeak.evidence.words import word_offsets

TEXT = "The council ended its non-road-mending campaign in spring."
KEPT = "El consejo terminó su campaña de no reparar caminos."


def _findings(round_trips=("The council ended its campaign.",) * 2, gain=9.0, degenerate=False) -> Findings:
    start = TEXT.index("non-")
    proposal = Proposal(start, TEXT.index("campaign"), "", "es", 2, 2, gain=gain)
    back = [BackTranslation("es", KEPT, text, 50.0, degenerate) for text in round_trips]
    return Findings(Segment("d", "1", TEXT), word_offsets(TEXT), back_translations=back, proposals=[proposal])


def test_a_compound_that_no_round_trip_gives_back_is_evidence():
    (found,) = coinage.collect(_findings())
    assert TEXT[found.start : found.end] == "non-road-mending"
    assert (found.severity, found.rule) == ("major", "coinage.negation")


@pytest.mark.parametrize(
    "findings",
    [
        _findings(round_trips=("It ended its non-road-mending campaign.", "It ended its campaign.")),
        _findings(round_trips=("It ended its campaign.",)),
        _findings(gain=2.0),
        _findings(degenerate=True),
    ],
    ids=["kept once", "one round trip only", "no clear gain", "unusable round trips"],
)
def test_anything_less_is_no_evidence(findings):
    assert coinage.collect(findings) == []
