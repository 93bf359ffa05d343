"""`kill -9` at random moments, a full disk, a second process: nothing is lost and nothing is mixed.

KILLS in the environment sets how often a run is killed (20 in the measurements, fewer here).
"""

from __future__ import annotations

import json
import os
import random
import resource
import signal
import subprocess
import time
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from backspeak.batch import store

KILLS = int(os.environ.get("KILLS", "3"))
SEGMENTS = 400


def _events(error: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in error.splitlines() if line.startswith("{") and line.endswith("}")]


def _sum(events: list[dict[str, Any]], name: str) -> int:
    return sum(event["segments"] for event in events if event["event"] == name)


@pytest.mark.parametrize("jobs", [1, 2])
def test_killed_at_random_moments_a_run_ends_in_the_same_bytes(start, write_sentences, tmp_path, task_size, jobs):
    arguments = [
        "check", write_sentences(SEGMENTS), "--tier", "fast", "--jobs", str(jobs), "--no-reuse", "--progress", "json",
    ]  # fmt: skip
    whole = start(*arguments, "--out", tmp_path / "whole")
    _, error = whole.communicate()
    assert whole.returncode == 0, error
    expected = (tmp_path / "whole/segments.jsonl").read_bytes()
    lines = len(error.splitlines())

    draw, kills, rounds = random.Random(jobs), 0, 0
    while kills < KILLS:
        rounds += 1
        out = tmp_path / f"killed-{rounds}"
        runs: list[list[dict[str, Any]]] = []
        while not (out / "segments.jsonl").exists() or (out / store.NAME).exists():
            process = start(*arguments, "--out", out)
            moment = draw.randrange(lines) if kills < KILLS else None
            error = _killed(process, moment, draw.uniform(0, 0.2)) if moment is not None else process.communicate()[1]
            kills += process.returncode == -signal.SIGKILL
            assert process.returncode in (0, -signal.SIGKILL), error
            runs.append(_events(error))
        assert (out / "segments.jsonl").read_bytes() == expected
        assert not list(out.glob("run.sqlite*"))
        # A run begins with what the one before had finished: all that it had begun but what was in flight.
        finished = [next((event["finished"] for event in run if event["event"] == "begin"), None) for run in runs]
        for run, (before, after) in zip(runs, pairwise([*finished, SEGMENTS]), strict=True):
            if before is None or after is None:
                continue
            assert after - before >= _sum(run, "committed")
            assert _sum(run, "started") - (after - before) <= jobs * task_size
        assert sum(_sum(run, "committed") for run in runs) <= SEGMENTS


def _killed(process: subprocess.Popen[str], lines: int, delay: float) -> str:
    """Kill a process `delay` seconds after it has written so many lines; returns what it wrote."""
    read = [line for line, _ in zip(process.stderr, range(lines), strict=False)]
    time.sleep(delay)
    process.send_signal(signal.SIGKILL)
    return "".join(read) + process.communicate()[1]


def test_a_full_disk_keeps_what_was_finished(start, write_sentences, tmp_path):
    source = write_sentences(300)
    arguments = ["check", source, "--tier", "fast", "--jobs", "1", "--no-reuse", "--quiet"]

    def small_files() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (150_000, 150_000))

    full = start(*arguments, "--out", tmp_path / "full", preexec_fn=small_files)
    _, error = full.communicate()
    assert full.returncode == 2, error
    assert "run.sqlite" in error
    assert "the same command goes on" in error
    again = start(*arguments[:-1], "--progress", "json", "--out", tmp_path / "full")
    _, error = again.communicate()
    assert again.returncode == 0, error
    assert next(event for event in _events(error) if event["event"] == "begin")["finished"] > 0
    assert start(*arguments, "--out", tmp_path / "whole").wait() == 0
    assert (tmp_path / "full/segments.jsonl").read_bytes() == (tmp_path / "whole/segments.jsonl").read_bytes()


def test_a_second_process_on_a_folder_says_so_and_stops(start, write_sentences, tmp_path):
    arguments = ["check", write_sentences(SEGMENTS), "--tier", "fast", "--jobs", "1", "--no-reuse"]
    first = start(*arguments, "--progress", "json", "--out", tmp_path / "out")
    for line in first.stderr:
        if '"committed"' in line:
            break
    second = start(*arguments, "--quiet", "--out", tmp_path / "out")
    _, error = second.communicate()
    assert second.returncode == 2
    assert "is in use by another run" in error
    assert (tmp_path / "out" / store.NAME).exists()
    assert first.poll() is None
    first.communicate()
    assert first.returncode == 0


def test_an_interrupted_run_leaves_no_worker_behind(start, write_sentences, tmp_path):
    process = start(
        "check", write_sentences(SEGMENTS), "--tier", "fast", "--jobs", "2", "--no-reuse", "--progress", "json",
        "--out", tmp_path / "out",
    )  # fmt: skip
    for line in process.stderr:
        if '"committed"' in line:
            break
    workers = _children(process.pid)
    assert len(workers) >= 2
    process.send_signal(signal.SIGKILL)
    process.wait()
    deadline = time.monotonic() + 10
    while any(_alive(worker) for worker in workers) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not any(_alive(worker) for worker in workers)


def _children(pid: int) -> list[int]:
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                fields = (folder / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            if int(fields[1]) == pid:
                found.append(int(folder.name))
    return found


def _alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"
