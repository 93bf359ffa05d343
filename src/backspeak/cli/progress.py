"""Progress on standard error: a bar with rate and ETA on a terminal, plain lines elsewhere."""

from __future__ import annotations

import sys
import time

import click
from tqdm import tqdm

# Seconds between plain lines.
_PLAIN_INTERVAL = 10.0


class Reporter:
    """Shows how far a run is; silent with `quiet`."""

    def __init__(self, *, quiet: bool) -> None:
        self._quiet = quiet
        self._terminal = sys.stderr.isatty()
        self._bar: tqdm | None = None
        self._what = ""
        self._said = 0.0

    def notice(self, message: str) -> None:
        """A line that the user should see once."""
        if not self._quiet:
            click.echo(f"backspeak: {message}", err=True)

    def step(self, done: int, total: int, what: str) -> None:
        """`done` of `total` units of `what`; a new `what` begins a new bar."""
        if self._quiet:
            return
        if not self._terminal:
            now = time.monotonic()
            if what != self._what or now - self._said > _PLAIN_INTERVAL:
                self.notice(f"{what}: {done}/{total}" if total < 100_000 else f"{what}: {100 * done // total}%")
                self._what, self._said = what, now
            return
        if what != self._what:
            self.close()
            big = total >= 100_000
            self._bar = tqdm(
                total=total, desc=what, file=sys.stderr, unit="B" if big else "", unit_scale=big, leave=False
            )
            self._what = what
        if self._bar is not None:
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
