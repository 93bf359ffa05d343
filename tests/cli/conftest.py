"""The program as a test runs it."""

from __future__ import annotations

import sys

import pytest

from backspeak import cli


@pytest.fixture
def backspeak(monkeypatch, capsys, tmp_path):
    """Run the program in an empty folder; returns (exit code, stdout, stderr)."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["backspeak", *arguments])
        with pytest.raises(SystemExit) as stop:
            cli.main()
        out, err = capsys.readouterr()
        return int(stop.value.code or 0), out, err

    return run
