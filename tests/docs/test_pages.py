"""Links lead somewhere, examples compile, figures are those of the model cards."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import click
import pytest
import yaml

from backspeak import resources
from backspeak.cli import cli

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page):
    for target in re.findall(r"\]\(([^)#\s]+)", page.read_text(encoding="utf-8")):
        if not target.startswith(("http://", "https://")):
            assert (page.parent / target).exists(), target


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_page_can_be_reached_from_the_readme(page):
    reached, queue = set(), [ROOT / "README.md"]
    while queue:
        here = queue.pop()
        if here in reached:
            continue
        reached.add(here)
        links = re.findall(r"\]\(([^)#\s]+\.md)", here.read_text(encoding="utf-8"))
        queue += [(here.parent / link).resolve() for link in links if "://" not in link]
    assert page in reached


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_python_examples_compile(page):
    for block in re.findall(r"```python\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL):
        if not block.startswith("   "):
            compile(block, page.name, "exec")


def test_the_readme_fits_two_screens():
    lines = (ROOT / "README.md").read_text(encoding="utf-8").splitlines()
    assert len(lines) <= 80
    assert max(map(len, lines)) <= 120


def test_the_figures_are_those_of_the_judge_s_card():
    text = (ROOT / "docs" / "scores.md").read_text(encoding="utf-8")
    section = text[text.index("<!-- FIGURES") : text.index("## What follows")]
    card = (resources.models_dir() / "judge" / "card.md").read_text(encoding="utf-8")
    figures = re.findall(r"\d+\.\d+|\d+%|\d+ of \d+", section)
    assert len(figures) > 30
    missing = [figure for figure in figures if not re.search(rf"(?<![\d.]){re.escape(figure)}(?!\d)", card)]
    assert missing == [], "models/judge/card.md has other figures: renew the section FIGURES of docs/scores.md"


def test_the_examples_of_gates_are_yaml_and_their_commands_are_understood():
    page = (ROOT / "docs" / "ci.md").read_text(encoding="utf-8")
    blocks = [yaml.safe_load(block) for block in re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)]
    assert len(blocks) == 3
    lines = re.findall(r"(?:- run: |- |^    )(backspeak check .*)$", page, re.MULTILINE)
    assert len(lines) == 3
    for line in lines:
        _, name, *arguments = shlex.split(line)
        program = click.Context(cli, **cli.context_settings)
        command = cli.get_command(program, name)
        assert command is not None
        command.make_context(name, arguments, parent=program)
