"""The gate names what failed, and is open where nothing was asked."""

from __future__ import annotations

import pytest

from backspeak.config import Settings
from backspeak.gate import failed_conditions


def _failed(score=60.0, *, accepted=False, critical=0, major=0, minor=0, **settings):
    given = {"critical": critical, "major": major, "minor": minor}
    counted = {"score": score, "severities": {name: count for name, count in given.items() if count}}
    return failed_conditions(counted, Settings(**settings), all_accepted=accepted)


def test_findings_alone_do_not_fail():
    assert _failed(critical=5, major=5, minor=5) == []


@pytest.mark.parametrize(
    ("settings", "counts", "expected"),
    [
        ({"fail_under": 70}, {}, ["score 60.0 is below 70"]),
        ({"fail_under": 60}, {}, []),
        ({"fail_under": 70}, {"score": None}, []),
        ({"max_critical": 0}, {"critical": 1}, ["1 critical flag, 0 allowed"]),
        ({"max_critical": 2}, {"critical": 2, "major": 9}, []),
        ({"max_critical": 0}, {"major": 9}, []),
        ({"max_major": 1}, {"major": 2, "critical": 9}, ["2 major flags, 1 allowed"]),
        (
            {"max_critical": 0, "max_major": 0, "fail_under": 99.5},
            {"major": 1, "critical": 1},
            ["score 60.0 is below 99.5", "1 critical flag, 0 allowed", "1 major flag, 0 allowed"],
        ),
        ({"baseline": "b.jsonl"}, {"minor": 1, "major": 1}, ["2 flags not in the baseline"]),
        ({"baseline": "b.jsonl"}, {}, []),
        ({"baseline": "b.jsonl", "max_critical": 0}, {"minor": 3}, []),
        ({"baseline": "b.jsonl", "max_major": 0}, {"major": 1}, ["1 major flag, 0 allowed"]),
    ],
)
def test_conditions(settings, counts, expected):
    assert _failed(**counts, **settings) == expected


def test_what_was_just_written_to_a_baseline_is_accepted():
    settings = {"baseline": "b.jsonl", "max_critical": 0, "fail_under": 70}
    assert _failed(critical=3, accepted=True, **settings) == ["score 60.0 is below 70"]
