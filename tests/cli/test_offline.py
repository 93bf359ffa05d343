"""--offline: no network at all, for any engine; shown with every way out blocked."""

from __future__ import annotations

import socket
import sys
from collections.abc import Callable
from typing import Any

import pytest

from backspeak import cli
from backspeak.reports import read_segments

TEXT = "The harbour office opens at eight and closes at five on weekdays.\n"


@pytest.fixture
def attempts(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every way out fails as on an unplugged machine; the attempts are listed."""
    made: list[str] = []

    def refuse(*args: Any, **kwargs: Any) -> None:
        made.append(str(args))
        raise socket.gaierror(-2, "Name or service not known")

    for owner, name in (
        (socket, "getaddrinfo"),
        (socket, "create_connection"),
        (socket.socket, "connect"),
        (socket.socket, "connect_ex"),
        (socket.socket, "sendto"),
    ):
        monkeypatch.setattr(owner, name, refuse)
    return made


@pytest.fixture
def check(monkeypatch, capsys, tmp_path) -> Callable[..., tuple[int, str]]:
    """Run `backspeak check a.txt` with more arguments; returns (exit code, stderr)."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.txt").write_text(TEXT)

    def run(*arguments: str) -> tuple[int, str]:
        monkeypatch.setattr(sys, "argv", ["backspeak", "check", "a.txt", "--quiet", "--out", "r", *arguments])
        with pytest.raises(SystemExit) as stop:
            cli.main()
        return int(stop.value.code or 0), capsys.readouterr().err

    return run


def test_blocking_blocks(attempts):
    with pytest.raises(OSError, match="Name or service"):
        socket.create_connection(("127.0.0.1", 80))
    assert len(attempts) == 1


@pytest.mark.slow
@pytest.mark.usefixtures("prepared_cache")
def test_the_main_job_needs_no_network(attempts, check, tmp_path):
    assert check("--offline") == (0, "")
    (checked,) = read_segments(tmp_path / "r" / "segments.jsonl")
    assert checked.back_translations
    assert attempts == []


@pytest.mark.slow
@pytest.mark.usefixtures("prepared_cache")
def test_nor_without_the_option(attempts, check):
    assert check("--tier", "fast") == (0, "")
    assert attempts == []


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--engine", "marian", "--model", "en-es=Lantern/opus", "--model", "es-en=Lantern/opus"], "--offline is set"),
        (["--engine", "nllb"], "facebook/nllb-200-distilled-600M is not on this machine and --offline is set"),
        (["--engine", "m2m100"], "facebook/m2m100_418M is not on this machine and --offline is set"),
        (["--engine", "libretranslate", "--model", "http://127.0.0.1:5000"], "is a server on the network"),
    ],
)
def test_what_would_need_it_is_refused(attempts, check, monkeypatch, tmp_path, arguments, message):
    constants = pytest.importorskip("huggingface_hub.constants")
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.setenv("BACKSPEAK_CACHE", str(tmp_path / "cache"))
    code, err = check("--offline", *arguments)
    assert code == 2
    assert message in err
    assert attempts == []


def test_the_offline_setting_may_come_from_the_environment(attempts, check, monkeypatch):
    monkeypatch.setenv("BACKSPEAK_OFFLINE", "1")
    code, err = check("--engine", "libretranslate", "--model", "http://127.0.0.1:5000")
    assert (code, "--offline is set" in err) == (2, True)
    assert attempts == []
