"""SARIF: valid by its schema, and what a code scanner needs."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from backspeak import outputs
from backspeak.outputs import Run
from backspeak.outputs.sarif import log


def written(run: Run) -> dict[str, Any]:
    (path,) = outputs.write(run.folder, ["sarif"])["sarif"]
    return json.loads(path.read_text())


def test_it_is_valid(run: Run, schema_file: Callable[[str], Path]) -> None:
    jsonschema = pytest.importorskip("jsonschema")
    schema = json.loads(schema_file("sarif-2.1.0.json").read_text(encoding="utf-8-sig"))
    validator = jsonschema.Draft4Validator(schema)
    assert [error.message for error in validator.iter_errors(written(run))] == []
    broken = written(run)
    broken["runs"][0]["results"][0]["level"] = "grave"
    assert not validator.is_valid(broken)


def test_a_result_a_flag_with_its_place(run: Run) -> None:
    (made,) = written(run)["runs"]
    assert [(each["ruleId"], each["level"]) for each in made["results"]] == [
        ("round-trip", "error"), ("round-trip", "note"), ("likelihood", "warning"), ("round-trip", "warning"),
    ]  # fmt: skip
    first, _, third, _ = made["results"]
    assert first["message"]["text"] == "unidiomatic: “made a photo”; better: “took a photo”"
    place = first["locations"][0]["physicalLocation"]
    assert (place["artifactLocation"]["uri"], place["region"]["startLine"]) == ("news/a.txt", 3)
    assert third["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "b%2C%20c%3Ad.txt"
    assert [rule["id"] for rule in made["tool"]["driver"]["rules"]] == ["likelihood", "round-trip"]
    assert all(made["tool"]["driver"]["rules"][each["ruleIndex"]]["id"] == each["ruleId"] for each in made["results"])


def test_a_fingerprint_outlives_a_move_within_the_document(run: Run) -> None:
    moved = [
        replace(each, segment=replace(each.segment, id=f"{each.segment.id}0", location="line 99"))
        for each in run.checked
    ]
    before = [each["partialFingerprints"] for each in log(run)["runs"][0]["results"]]
    after = [each["partialFingerprints"] for each in log(Run(run.folder, moved, run.summary))["runs"][0]["results"]]
    assert before == after
    assert len({json.dumps(each) for each in before}) == len(before)


def test_problems_in_the_input_are_told(run: Run) -> None:
    (invocation,) = written(run)["runs"][0]["invocations"]
    assert invocation["executionSuccessful"] is False
    assert invocation["toolExecutionNotifications"][0]["message"]["text"] == "x.txt:3: is not UTF-8"
