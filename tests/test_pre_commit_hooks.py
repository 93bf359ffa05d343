"""The pre-commit hook calls a command that there is, with options that it has."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest
import yaml

from backspeak.cli.check import command

HOOKS = Path(__file__).parents[1] / ".pre-commit-hooks.yaml"


@pytest.mark.skipif(not HOOKS.exists(), reason="the hooks are in a checkout only")
def test_the_hook_can_be_called():
    (hook,) = yaml.safe_load(HOOKS.read_text(encoding="utf-8"))
    program, name, *options = [*shlex.split(hook["entry"]), *hook["args"]]
    assert (hook["language"], program, name) == ("python", "backspeak", "check")
    with command.make_context(name, [*options, "a.md", "b.txt"]) as context:
        assert context.params["paths"] == ("a.md", "b.txt")
        assert context.params["max_critical"] == 0
        assert context.params["tier"] == "fast"
    assert hook["require_serial"] is True
