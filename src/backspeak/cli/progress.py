"""Progress on standard error: a bar on a terminal, plain lines elsewhere, or JSON for programs.

Nothing is coloured, with or without NO_COLOR; a terminal that cannot move its cursor (TERM=dumb)
gets plain lines.
"""

from __future__ import annotations

import json
import os
import sys
import time
from typing import Any

import click
from tqdm import tqdm

# Seconds between plain lines, and between lines of JSON.
_PLAIN_INTERVAL = 10.0
_JSON_INTERVAL = 1.0

# From so many units on they are bytes.
_BYTES = 10_000_000


class Reporter:
    """Shows how far a run is; silent with `quiet`.

    `style` is "auto" or "json": one object a line, with `event` "progress" (what, done, total,
    estimated, rate in units a second, eta in seconds), "notice" (message) or another that `event`
    was told.
    """

    def __init__(self, *, quiet: bool, style: str = "auto") -> None:
        self._quiet = quiet
        self._json = style == "json"
        self._bars = not self._json and sys.stderr.isatty() and os.environ.get("TERM") != "dumb"
        self._bar: tqdm | None = None
        self._what = ""
        self._said = 0.0
        self._began = (0.0, 0)  # when, and with how many done
        self._last = (-1, -1)

    def notice(self, message: str) -> None:
        """A line that the user should see once."""
        if self._json:
            self.event("notice", message=message)
        elif not self._quiet:
            if self._bar is not None:
                self._bar.clear()
            click.echo(f"backspeak: {message}", err=True)

    def event(self, name: str, **facts: Any) -> None:
        """Something that a program may want to know: a line of JSON, and otherwise nothing."""
        if self._json and not self._quiet:
            click.echo(json.dumps({"event": name, **facts}), err=True)

    def step(self, done: int, total: int, what: str, *, estimated: bool = False) -> None:
        """`done` of `total` units of `what`; a new `what` begins a new bar. The total may be an estimate."""
        if self._quiet or (what == self._what and (done, total) == self._last):
            return
        self._last = (done, total)
        now, new = time.monotonic(), what != self._what
        if new:
            self.close()
            self._what, self._began, self._said = what, (now, done), 0.0
        if self._bars:
            self._show(done, total, what, estimated)
        elif self._due(now, done, total):
            self._said = now
            rate = (done - self._began[1]) / max(now - self._began[0], 1e-9)
            eta = (total - done) / rate if rate > 0 else None
            if self._json:
                shown = None if eta is None else round(eta, 1)
                self.event(
                    "progress", what=what, done=done, total=total, estimated=estimated, rate=round(rate, 2), eta=shown
                )
            else:
                self.notice(_line(done, total, what, estimated, rate, eta))

    def _due(self, now: float, done: int, total: int) -> bool:
        interval = _JSON_INTERVAL if self._json else _PLAIN_INTERVAL
        return now - self._said >= interval or done >= total

    def _show(self, done: int, total: int, what: str, estimated: bool) -> None:
        if self._bar is None:
            big = total >= _BYTES
            self._bar = tqdm(
                total=total, desc=what, file=sys.stderr, unit="B" if big else "", unit_scale=big, leave=False,
                initial=done,
            )  # fmt: skip
        self._bar.total = total
        self._bar.set_description_str(f"{what} (total estimated)" if estimated else what, refresh=False)
        self._bar.update(done - self._bar.n)

    def stage(self, name: str) -> None:
        """Name the stage of the batch in work beside the bar."""
        if self._bar is not None:
            self._bar.set_postfix_str(name)

    def close(self) -> None:
        """End the bar in view."""
        if self._bar is not None:
            self._bar.close()
            self._bar = None
        self._what = ""


def _line(done: int, total: int, what: str, estimated: bool, rate: float, eta: float | None) -> str:
    if total >= _BYTES:
        return f"{what}: {100 * done // total}%"
    line = f"{what}: {done:,} of {'about ' if estimated else ''}{total:,}"
    if eta is None or done >= total:
        return line
    return f"{line}, {rate:.1f} a second, {_duration(eta)} left"


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    if seconds < 5400:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} h"
