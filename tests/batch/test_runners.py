"""Lanes: every task comes out once, whatever dies; a text that kills its worker fails alone."""

from __future__ import annotations

import os
import signal
import threading
import time
from concurrent.futures import Future, ThreadPoolExecutor

import pytest

from backspeak.batch.cache import key
from backspeak.batch.composition import Task, items_of
from backspeak.batch.processes import ProcessLane, cores
from backspeak.batch.runners import InProcess, LaneDiedError, Lanes
from backspeak.batch.worker import Outcome, Worker
from backspeak.config import Settings
from backspeak.data import Segment
from backspeak.errors import ModelError
from backspeak.reports import from_line


def _tasks(*texts: list[str]) -> list[Task]:
    tasks, position = [], 0
    for number, some in enumerate(texts):
        placed = [(position + at, Segment("d", str(position + at), text)) for at, text in enumerate(some)]
        position += len(some)
        tasks.append(Task(number, tuple(items_of(placed, lambda segment: key("s", segment))), round_trip=False))
    return tasks


TEXTS = [[f"Boat {task} sails {at} times." for at in range(5)] for task in range(7)]


class ScriptedLane:
    """A worker in a thread that dies of some texts, each so many times."""

    def __init__(self, worker: Worker, deadly: dict[str, int]) -> None:
        self._worker = worker
        self._deadly = deadly
        self._pool = ThreadPoolExecutor(1)
        self.dead = False
        self.renewed = 0
        self.closed = False

    def submit(self, task: Task) -> Future[Outcome]:
        assert not self.dead
        return self._pool.submit(self._check, task)

    def _check(self, task: Task) -> Outcome:
        for item in task.items:
            if self._deadly.get(item.segment.text, 0) > 0:
                self._deadly[item.segment.text] -= 1
                self.dead = True
                raise LaneDiedError("killed")
        return self._worker.check(task)

    def renew(self) -> None:
        self.dead = False
        self.renewed += 1

    def close(self) -> None:
        self.closed = True
        self._pool.shutdown()


@pytest.fixture
def lanes(make_pipeline):
    def make(deadly: dict[str, int], count: int = 2) -> list[ScriptedLane]:
        return [ScriptedLane(Worker(make_pipeline(tier="fast")), deadly) for _ in range(count)]

    return make


def _checked(outcomes: list[Outcome]) -> dict[int, tuple[str, str]]:
    found = [(result.position, from_line(result.line)) for outcome in outcomes for result in outcome.results]
    assert len({position for position, _ in found}) == len(found)
    return {position: (each.segment.text, each.status) for position, each in found}


ALL_OK = {at: (text, "ok") for at, text in enumerate(text for some in TEXTS for text in some)}


@pytest.mark.parametrize("count", [1, 2, 5, 20])
def test_every_task_comes_out_once(lanes, count) -> None:
    started: list[int] = []
    runner = Lanes(mine := lanes({}, count), lambda message: None)
    outcomes = list(runner.run(iter(_tasks(*TEXTS)), lambda task: started.append(task.number)))
    assert _checked(outcomes) == ALL_OK
    assert started == list(range(7))
    runner.close()
    assert all(lane.closed for lane in mine)


def test_a_lane_that_dies_costs_only_its_task(lanes) -> None:
    said: list[str] = []
    runner = Lanes(mine := lanes({TEXTS[2][1]: 1}), said.append)
    started: list[int] = []
    outcomes = list(runner.run(iter(_tasks(*TEXTS)), lambda task: started.append(task.number)))
    assert _checked(outcomes) == ALL_OK
    assert sorted(started) == sorted([*range(7), 2])
    assert sum(lane.renewed for lane in mine) == 1
    assert said == ["a worker died (killed); the 5 segments it had are given out again"]


def test_a_text_that_kills_its_worker_fails_alone(lanes) -> None:
    runner = Lanes(lanes({TEXTS[2][1]: 99}), lambda message: None)
    outcomes = list(runner.run(iter(_tasks(*TEXTS)), lambda task: None))
    position = 11
    assert _checked(outcomes) == ALL_OK | {position: (TEXTS[2][1], "failed")}


def test_tasks_are_taken_as_there_is_room(lanes) -> None:
    taken = 0

    def source():
        nonlocal taken
        for task in _tasks(*TEXTS):
            taken += 1
            yield task

    outcomes = Lanes(lanes({}, 2), lambda message: None).run(source(), lambda task: None)
    next(outcomes)
    assert 3 <= taken <= 4  # one for each lane, one in advance, and one for the lane that is done


def test_an_error_of_ours_ends_the_run(lanes, monkeypatch) -> None:
    def missing(self, task):
        raise ModelError("the weights are missing")

    monkeypatch.setattr(Worker, "check", missing)
    with pytest.raises(ModelError, match="the weights are missing"):
        list(Lanes(lanes({}), lambda message: None).run(iter(_tasks(*TEXTS)), lambda task: None))


def test_in_this_process_tasks_go_one_by_one(make_pipeline) -> None:
    stages: list[str] = []
    runner = InProcess(Worker(make_pipeline(tier="full")), stages.append)
    tasks = [Task(task.number, task.items, round_trip=True) for task in _tasks(*TEXTS)]
    assert _checked(list(runner.run(tasks, lambda task: None))) == ALL_OK
    assert "round trip through Spanish" in stages


def test_a_process_lane_survives_the_death_of_its_process(tiny_cache, monkeypatch) -> None:
    monkeypatch.setenv("BACKSPEAK_CACHE", str(tiny_cache))
    lane = ProcessLane(Settings(tier="fast"))
    try:
        first, second = _tasks(*TEXTS[:2])
        before = lane.submit(first).result(timeout=300)
        assert len(before.results) == 5
        victim = lane._process.pid
        threading.Timer(0.05, os.kill, (victim, signal.SIGKILL)).start()
        time.sleep(0.5)
        with pytest.raises(LaneDiedError, match="exit code -9"):
            lane.submit(second).result(timeout=300)
        lane.renew()
        assert lane.submit(first).result(timeout=300) == before
    finally:
        lane.close()


def test_an_error_in_a_process_comes_back_as_it_is(monkeypatch, tmp_path) -> None:
    monkeypatch.setenv("BACKSPEAK_BASE_GGUF", str(tmp_path / "none.gguf"))
    monkeypatch.setenv("BACKSPEAK_CACHE", str(tmp_path))
    lane = ProcessLane(Settings(tier="full"))
    try:
        with pytest.raises(ModelError, match="BACKSPEAK_BASE_GGUF names"):
            lane.submit(_tasks(*TEXTS)[0]).result(timeout=300)
    finally:
        lane.close()


def test_cores_are_those_that_may_be_used() -> None:
    assert cores() == len(os.sched_getaffinity(0))
