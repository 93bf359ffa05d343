"""Progress: a bar on a terminal, lines in a log, objects for programs, nothing when quiet."""

from __future__ import annotations

import fcntl
import io
import json
import os
import pty
import struct
import subprocess
import sys
import termios

import pytest

from backspeak.cli import progress
from backspeak.cli.progress import Reporter


@pytest.fixture
def clock(monkeypatch) -> list[float]:
    now = [1000.0]
    monkeypatch.setattr(progress.time, "monotonic", lambda: now[0])
    return now


def _steps(reporter: Reporter, clock: list[float]) -> None:
    for done in range(0, 101, 10):
        reporter.step(done, 100 if done > 50 else 90, "checking sentences", estimated=done <= 50)
        clock[0] += 4.0
    reporter.close()


def test_lines_in_a_log_have_rate_and_time_left(clock, capsys):
    _steps(Reporter(quiet=False), clock)
    lines = capsys.readouterr().err.splitlines()
    assert lines[0] == "backspeak: checking sentences: 0 of about 90"
    assert "backspeak: checking sentences: 30 of about 90, 2.5 a second, 24 s left" in lines
    assert lines[-1] == "backspeak: checking sentences: 100 of 100"
    assert len(lines) < 8


def test_the_rate_counts_what_this_run_did(clock, capsys):
    reporter = Reporter(quiet=False)
    reporter.step(5000, 7000, "checking sentences")
    clock[0] += 20
    reporter.step(5100, 7000, "checking sentences")
    assert capsys.readouterr().err.splitlines()[-1].endswith("5,100 of 7,000, 5.0 a second, 6 min left")


def test_json_is_one_object_a_line(clock, capsys):
    reporter = Reporter(quiet=False, style="json")
    reporter.event("begin", finished=0)
    reporter.notice("the cached model is damaged")
    _steps(reporter, clock)
    events = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert events[0] == {"event": "begin", "finished": 0}
    assert events[1] == {"event": "notice", "message": "the cached model is damaged"}
    last = {"event": "progress", "what": "checking sentences", "done": 100, "total": 100, "estimated": False}
    assert events[-1] == {**last, "rate": 2.5, "eta": 0.0}
    assert [event["done"] for event in events[2:]] == list(range(0, 101, 10))


@pytest.mark.parametrize("style", ["auto", "json"])
def test_quiet_says_nothing(clock, capsys, style):
    reporter = Reporter(quiet=True, style=style)
    reporter.event("begin", finished=0)
    _steps(reporter, clock)
    if style == "auto":
        reporter.notice("something")
    assert capsys.readouterr().err == ""


def _on_terminal(**environment: str) -> str:
    program = (
        "from backspeak.cli.progress import Reporter; import time\n"
        "reporter = Reporter(quiet=False)\n"
        "for done in range(4):\n"
        "    reporter.step(done, 3, 'checking sentences'); reporter.stage('judging'); time.sleep(0.15)\n"
        "reporter.notice('a word'); reporter.close()"
    )
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 100, 0, 0))
    process = subprocess.Popen(
        [sys.executable, "-c", program],
        stderr=theirs,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path)), **environment},
    )
    os.close(theirs)
    written = io.BytesIO()
    while True:
        try:
            chunk = os.read(ours, 4096)
        except OSError:  # the other end is closed
            break
        if not chunk:
            break
        written.write(chunk)
    os.close(ours)
    assert process.wait() == 0
    return written.getvalue().decode()


def test_a_bar_on_a_terminal_without_colours():
    shown = _on_terminal(TERM="xterm-256color", NO_COLOR="1")
    assert "checking sentences:" in shown
    assert "3/3" in shown
    assert "judging" in shown
    assert "backspeak: a word" in shown
    assert "\x1b[3" not in shown


def test_a_terminal_that_cannot_move_its_cursor_gets_lines():
    shown = _on_terminal(TERM="dumb")
    assert "backspeak: checking sentences: 0 of 3\r\n" in shown
    assert "\x1b" not in shown
