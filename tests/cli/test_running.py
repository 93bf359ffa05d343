"""What commands share that run the models."""

from __future__ import annotations

from backspeak.cli import running
from backspeak.cli.progress import Reporter
from backspeak.config import Settings


def test_who_waits_for_the_models_is_told_once_that_it_is_the_first_time_only(monkeypatch, capsys):
    given = []
    monkeypatch.setattr(running, "Preparation", lambda *callbacks: given.append(callbacks))
    monkeypatch.setattr(running, "BundledEngine", lambda preparation, threads: None)
    running.embedded_engine(Settings(), Reporter(quiet=False))
    ((step, _),) = given
    assert capsys.readouterr().err == ""
    for done in (1, 18):
        step(done, 18, "preparing pivot-es")
    lines = capsys.readouterr().err.splitlines()
    assert lines == [
        "backspeak: making the models ready, once on this machine; about a minute",
        "backspeak: preparing pivot-es: 1 of 18",
        "backspeak: preparing pivot-es: 18 of 18",
    ]
