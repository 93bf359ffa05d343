"""What is imported when: a light package, and a command line that helps at once."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = ("torch", "transformers", "ctranslate2", "sentencepiece", "sacrebleu", "trafilatura", "numpy")


def _run(program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", program, *arguments], capture_output=True, text=True, check=False, timeout=120
    )


def test_importing_the_package_is_quick():
    """In processor time, which other work on the machine does not stretch."""
    program = """
import time
began = time.process_time()
import backspeak
backspeak.Checker
print(time.process_time() - began)
"""
    assert min(float(_run(program).stdout) for _ in range(5)) < 0.150


LIGHT = ("config", "layers", "checker", "data", "errors", "cli", "cli.config", "engines.registry")


@pytest.mark.parametrize("module", ["backspeak", *(f"backspeak.{name}" for name in LIGHT)])
def test_a_light_module_imports_nothing_heavy(module):
    done = _run(f"import sys, {module}; print(sorted(set({HEAVY}) & set(sys.modules)))")
    assert done.stdout.strip() == "[]", done.stderr


COMMANDS = ("check", "demo", "translate", "evaluate", "compare", "report", "config", "models", "train")

HELP = f"""
import sys
from backspeak.cli import cli
try:
    cli(sys.argv[1:], prog_name="backspeak")
finally:
    print(sorted(set({HEAVY}) & set(sys.modules)), file=sys.stderr)
"""


def test_help_lists_the_commands_and_imports_nothing_heavy():
    done = _run(HELP, "--help")
    assert done.returncode == 0
    for command in COMMANDS:
        assert f"  {command} " in done.stdout
    assert done.stderr.strip() == "[]"


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_helps_without_torch(command):
    done = _run(HELP, command, "--help")
    assert done.returncode == 0, done.stderr
    assert "Usage: backspeak" in done.stdout
    imported = done.stderr.strip().splitlines()[-1]
    assert "torch" not in imported
    assert "transformers" not in imported


def test_the_pipeline_needs_no_torch():
    done = _run("import sys, backspeak.pipeline; print(sorted({'torch', 'transformers'} & set(sys.modules)))")
    assert done.stdout.strip() == "[]", done.stderr
