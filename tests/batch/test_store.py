"""A transaction is there as a whole or not at all; another run's folder is refused; order is the input's."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from backspeak.batch.store import NAME, Result, RunStore
from backspeak.errors import OutputError
from backspeak.scoring import Counts

PRINT = {"signature": "tier:fast", "input a.txt": "00ff"}


def _result(position: int, doubt: float | None = None, *, status: str = "ok", round_trip: bool = False) -> Result:
    line = f"line {position}{' again' if round_trip else ''}\n".encode()
    statistics = ((1.0, 2.0), (3.0,), (0.5, 4.0))
    counts = Counts("a.txt", status, 50.0, 3, ("minor",), ("grammar",), ("baseline",), statistics)  # type: ignore[arg-type]
    return Result(position, line, counts, doubt, round_trip)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "out"


def test_results_come_back_in_the_order_of_the_input(folder: Path) -> None:
    store = RunStore(folder, PRINT)
    store.commit([_result(2), _result(0)], seconds=1.5)
    store.commit([_result(1)], seconds=2.5)
    store.close()
    again = RunStore(folder, PRINT)
    assert list(again.lines()) == [b"line 0\n", b"line 1\n", b"line 2\n"]
    assert list(again.counts()) == [_result(0).counts] * 3
    assert again.finished(1, 9) == {1, 2}
    assert (again.count(), again.seconds) == (3, 2.5)


def test_a_task_that_cannot_be_committed_leaves_nothing(folder: Path) -> None:
    store = RunStore(folder, PRINT)
    store.commit([_result(0)])
    bad = Result(2, None, _result(2).counts)  # type: ignore[arg-type]
    with pytest.raises(OutputError, match="the same command goes on"):
        store.commit([_result(1), bad])
    assert store.finished(0, 9) == {0}
    store.commit([_result(1)])
    assert store.finished(0, 9) == {0, 1}


def test_another_fingerprint_is_refused_by_name_and_the_store_is_kept(folder: Path) -> None:
    store = RunStore(folder, PRINT)
    store.commit([_result(0)])
    store.close()
    with pytest.raises(OutputError, match=r"changed: input a\.txt, tier.*--fresh"):
        RunStore(folder, {"signature": "tier:fast", "input a.txt": "00fe", "tier": "full"})
    assert RunStore(folder, PRINT).count() == 1


def test_fresh_starts_anew(folder: Path) -> None:
    store = RunStore(folder, PRINT)
    store.commit([_result(0)])
    store.close()
    fresh = RunStore(folder, {"signature": "other"}, fresh=True)
    assert fresh.count() == 0
    fresh.commit([_result(5)])
    fresh.close()
    assert RunStore(folder, {"signature": "other"}).finished(0, 9) == {5}


def test_a_store_without_results_is_nobodys(folder: Path) -> None:
    store = RunStore(folder, PRINT)
    assert store.path.exists()
    store.close()
    assert not folder.exists()
    folder.mkdir()
    (folder / "notes.txt").write_text("mine")
    RunStore(folder, PRINT).close()
    assert [path.name for path in folder.iterdir()] == ["notes.txt"]


def test_a_finished_run_leaves_no_store(folder: Path) -> None:
    store = RunStore(folder, PRINT)
    store.commit([_result(0)])
    store.remove()
    assert list(folder.iterdir()) == []


def test_one_process_at_a_time(folder: Path) -> None:
    store = RunStore(folder, PRINT)
    program = (
        "import sys; from pathlib import Path; from backspeak.batch.store import RunStore\n"
        "try: RunStore(Path(sys.argv[1]), {})\n"
        "except Exception as error: print(type(error).__name__, error)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(folder)], capture_output=True, text=True, check=True,
        env={"PYTHONPATH": ":".join(filter(None, sys.path))},
    )  # fmt: skip
    assert done.stdout.startswith(f"OutputError {folder} is in use by another run")
    store.commit([_result(0)])
    store.close()
    assert "unfinished run" in subprocess.run(
        [sys.executable, "-c", program, str(folder)], capture_output=True, text=True, check=True,
        env={"PYTHONPATH": ":".join(filter(None, sys.path))},
    ).stdout  # fmt: skip


def test_a_damaged_store_is_named(folder: Path) -> None:
    folder.mkdir()
    (folder / NAME).write_bytes(b"this is no database, whatever its name says" * 50)
    with pytest.raises(OutputError, match=r"run\.sqlite is damaged .* delete it"):
        RunStore(folder, PRINT)


def test_the_most_doubtful_come_first_and_keep_their_place(folder: Path) -> None:
    store = RunStore(folder, PRINT)
    doubts = [3.0, 0.5, None, 0.5, 2.0, float("inf")]
    store.commit(
        [_result(at, doubt, status="ok" if doubt is not None else "skipped") for at, doubt in enumerate(doubts)]
    )
    seen = []
    for position, line, through in store.most_doubtful(None):
        assert line == f"line {position}\n".encode()
        assert not through
        seen.append(position)
        # What the round trip finds does not change the order, nor does a failure in it.
        store.commit([_result(position, None, status="failed", round_trip=True)])
    assert seen == [1, 3, 4, 0, 5]
    assert [(at, through) for at, _, through in store.most_doubtful(2)] == [(1, True), (3, True)]
    assert store.count(round_trip=True) == 5
    assert store.count(status="failed", round_trip=True) == 5
    assert list(store.lines())[1] == b"line 1 again\n"


def test_more_results_than_are_fetched_at_once(folder: Path) -> None:
    store = RunStore(folder, PRINT)
    store.commit([_result(at, float(at % 7)) for at in range(1000)])
    seen = [position for position, _, _ in store.most_doubtful(600)]
    assert seen == sorted(range(1000), key=lambda at: (at % 7, at))[:600]
