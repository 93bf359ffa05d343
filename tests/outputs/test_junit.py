"""JUnit XML: valid by Jenkins' schema, read by a JUnit library, counts that add up."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from lxml import etree

from backspeak import outputs
from backspeak.data import CheckedSegment, ErrorSpan, Segment
from backspeak.outputs import Run
from backspeak.reports import write_segments


def written(run: Run) -> etree._Element:
    (path,) = outputs.write(run.folder, ["junit"])["junit"]
    return etree.fromstring(path.read_bytes())


def test_it_is_valid(run: Run, schema_file: Callable[[str], Path]) -> None:
    schema = etree.XMLSchema(etree.parse(schema_file("jenkins-junit.xsd")))
    made = written(run)
    schema.assertValid(made)
    made[0].set("colour", "green")
    assert not schema.validate(made)


def test_a_flagged_segment_fails_and_the_counts_add_up(run: Run) -> None:
    suites = written(run)
    assert [dict(suite.attrib) for suite in suites] == [
        {"name": "news/a.txt", "tests": "3", "failures": "1", "errors": "0", "skipped": "1"},
        {"name": "b, c:d.txt", "tests": "3", "failures": "2", "errors": "1", "skipped": "0"},
    ]
    case = suites[0][0]
    assert case.get("name") == "line 3: She made a photo of the old lamp."
    (failure,) = case
    assert (failure.get("type"), failure.get("message")) == (
        "critical", "critical: unidiomatic: “made a photo”; better: “took a photo” (and 1 more)",
    )  # fmt: skip
    assert failure.text.split("\n")[1:] == [
        "critical: unidiomatic: “made a photo”; better: “took a photo”",
        "minor: terminology: “lamp”; better: “lantern” or “light”",
    ]


def test_a_library_reads_it(run: Run) -> None:
    junitparser = pytest.importorskip("junitparser")
    written(run)
    suites = junitparser.JUnitXml.fromfile(str(run.folder / "junit.xml"))
    assert [(suite.tests, suite.failures, suite.errors, suite.skipped) for suite in suites] == [
        (3, 1, 0, 1),
        (3, 2, 1, 0),
    ]


def test_any_text_makes_xml(run: Run) -> None:
    hostile = "a\x00b \x1b[31m \u202e \ufffe\uffff \ud800 ]]> &lt; </failure> \u2028"
    span = ErrorSpan(0, len(hostile), hostile, "grammar", "major", 0.9, "r", (hostile,), ())
    segment = Segment(hostile, hostile, hostile, location=hostile)
    write_segments(run.folder / "segments.jsonl", [CheckedSegment(segment, "ok", spans=(span,))])
    (failure,) = written(run).iter("failure")
    assert failure.text.startswith("a␀b ␛[31m ⟨RLO⟩ �� � ]]> &lt; </failure>")
