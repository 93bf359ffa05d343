"""`config show`, `check --example` and shell completion, as a user's shell calls them."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from backspeak.config import OPTIONS, Settings
from backspeak.layers import read_file


def _origins(shown: str) -> dict[str, str]:
    """The key of each line of `config show` and what it says after the last #."""
    return {line.split()[0 if line[0] != "#" else 1]: line.rsplit("# ", 1)[1] for line in shown.splitlines()[1:]}


def test_show_says_where_each_value_comes_from(backspeak, tmp_path, monkeypatch):
    (tmp_path / "backspeak.toml").write_text('jobs = 1\ntier = "fast"\nsource-lang = "ru"\n')
    monkeypatch.setenv("BACKSPEAK_TIER", "full")
    code, out, _ = backspeak("config", "show", "--source-lang", "uk", "--no-quiet")
    assert code == 0
    assert out.splitlines()[0] == f"# settings file: {tmp_path / 'backspeak.toml'}"
    origins = _origins(out)
    assert list(origins) == [option.key for option in OPTIONS.values()]
    assert origins["jobs"] == f"{tmp_path / 'backspeak.toml'}:1"
    assert (origins["tier"], origins["source-lang"], origins["quiet"]) == ("BACKSPEAK_TIER", "--source-lang", "--quiet")
    assert origins["pivot"] == origins["fail-under"] == "default"
    values = tomllib.loads(out)
    assert (values["jobs"], values["tier"], values["source-lang"], values["pivot"]) == (1, "full", "uk", [])


def test_what_show_prints_is_a_settings_file_that_says_the_same(backspeak, tmp_path):
    arguments = ["--disable", 'a "quoted" \\ 日本\U0001f680', "--fail-under", "70", "--sensitive"]
    _, out, _ = backspeak("config", "show", *arguments)
    (tmp_path / "again.toml").write_text(out, encoding="utf-8")
    values, _ = read_file(tmp_path / "again.toml")
    assert Settings(**values) == Settings(disable=('a "quoted" \\ 日本\U0001f680',), fail_under=70, sensitive=True)


def test_a_slip_in_the_file_is_one_line_and_exit_2(backspeak, tmp_path):
    (tmp_path / "backspeak.toml").write_text("# mine\nfail_umder = 70\n")
    code, out, err = backspeak("config", "show")
    assert (code, out) == (2, "")
    place = tmp_path / "backspeak.toml"
    assert err == f"backspeak: {place}:2: no setting 'fail_umder'; did you mean 'fail-under'?\n"


def test_the_example_is_a_settings_file_of_the_defaults(backspeak, tmp_path):
    code, out, _ = backspeak("check", "--example")
    assert code == 0
    (tmp_path / "backspeak.toml").write_text(out)
    values, _ = read_file(tmp_path / "backspeak.toml")
    assert Settings(**values) == Settings()
    for option in OPTIONS.values():
        assert f"\n{option.key} = " in out or f"\n# {option.key} = " in out
        assert option.help in out
    (command,) = [line for line in out.splitlines() if line.startswith("#     backspeak")]
    assert command.split()[1:3] == ["backspeak", "check"]


def test_the_example_is_still_a_settings_file_with_every_line_in_use(backspeak, tmp_path):
    _, out, _ = backspeak("check", "--example")
    used = [line.removeprefix("# ") for line in out.splitlines() if " = " in line]
    (tmp_path / "backspeak.toml").write_text("\n".join(used))
    values, _ = read_file(tmp_path / "backspeak.toml")
    assert set(values) == set(OPTIONS)
    assert (values["fail_under"], values["max_critical"]) == (80, 0)
    Settings(**values)


def _ask(folder: Path, **environment: str) -> str:
    """What the program answers to a shell."""
    program = "import sys; sys.argv[0] = 'backspeak'; from backspeak.cli import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", program],
        env=os.environ | environment,
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""
    return done.stdout


def _complete(shell: str, line: str, folder: Path) -> str:
    """The completions of the last word of `line`."""
    words = line.split(" ")
    # Bash and zsh say which word it is, fish the word itself.
    current = words[-1] if shell == "fish" else str(len(words) - 1)
    return _ask(folder, _BACKSPEAK_COMPLETE=f"{shell}_complete", COMP_WORDS=line, COMP_CWORD=current)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("backspeak che", ["check"]),
        ("backspeak config ", ["show"]),
        ("backspeak check --fail", ["--fail-under"]),
        ("backspeak check --no-o", ["--no-offline"]),
        ("backspeak check --tier f", ["fast", "full"]),
        ("backspeak demo --engine mar", ["marian"]),
    ],
)
def test_bash_completes(tmp_path, line, expected):
    found = _complete("bash", line, tmp_path).splitlines()
    assert [each.split(",")[1] for each in found] == expected


def test_zsh_and_fish_complete_with_the_help(tmp_path):
    assert "Never use the network." in _complete("zsh", "backspeak check --off", tmp_path)
    assert "fast" in _complete("fish", "backspeak check --tier f", tmp_path)


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script_for_a_shell_is_printed(tmp_path, shell):
    assert "_BACKSPEAK_COMPLETE" in _ask(tmp_path, _BACKSPEAK_COMPLETE=f"{shell}_source")
