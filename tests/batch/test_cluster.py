"""A real Ray on this machine with two workers, one of them killed: the same bytes, and only its task again."""

from __future__ import annotations

import json
import os
import signal
import time
from pathlib import Path

import pytest

pytest.importorskip("ray")


def _actors(environment_mark: str) -> list[int]:
    """Processes of Ray's actors that were started with our cache folder."""
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                if b"ray::RayWorker" in (folder / "cmdline").read_bytes() and (
                    environment_mark.encode() in (folder / "environ").read_bytes()
                ):
                    found.append(int(folder.name))
            except OSError:
                continue
    return found


def test_one_of_two_workers_killed(start, write_sentences, tiny_cache, tmp_path) -> None:
    arguments = [
        "check", write_sentences(240), "--tier", "fast", "--jobs", "2", "--no-reuse", "--progress", "json", "--runner",
    ]  # fmt: skip
    local = start(*arguments, "local", "--out", tmp_path / "local")
    local.communicate()
    assert local.returncode == 0

    process = start(*arguments, "ray", "--out", tmp_path / "ray")
    events = []
    killed = False
    for line in process.stderr:
        if line.startswith("{"):
            events.append(json.loads(line))
        if not killed and sum(event["event"] == "committed" for event in events) == 3:
            workers = _actors(str(tiny_cache))
            assert len(workers) == 2
            os.kill(workers[0], signal.SIGKILL)
            killed = True
    process.communicate()
    assert process.returncode == 0
    assert killed
    deaths = [event["message"] for event in events if "worker died" in event.get("message", "")]
    assert len(deaths) == 1, deaths
    started = [event["task"] for event in events if event["event"] == "started"]
    assert len(started) == len(set(started)) + 1
    assert (tmp_path / "ray/segments.jsonl").read_bytes() == (tmp_path / "local/segments.jsonl").read_bytes()
    deadline = time.monotonic() + 20
    while _actors(str(tiny_cache)) and time.monotonic() < deadline:
        time.sleep(0.2)
    assert not _actors(str(tiny_cache))


def test_a_cluster_that_cannot_be_reached_is_an_error(start, write_sentences, tmp_path) -> None:
    process = start(
        "check", write_sentences(30), "--tier", "fast", "--no-reuse", "--quiet",
        "--runner", "ray", "--ray-address", "ray://127.0.0.1:9", "--out", tmp_path / "out",
    )  # fmt: skip
    _, error = process.communicate()
    assert process.returncode == 2, error
    assert "Ray cannot be reached at ray://127.0.0.1:9" in error
