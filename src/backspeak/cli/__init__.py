"""The command line: one module a command, errors in one line, exit codes as the contract says.

0 clean, 1 findings beyond the threshold that the user set, 2 usage or input error.
"""

from __future__ import annotations

import importlib
import os
import sys

import click

import backspeak

# Command -> module attribute; modules are imported when their command runs, so that --help is quick.
COMMANDS = {
    "check": "Check texts and write scores, flags and an HTML report.",
    "demo": "Check the bundled article and write the report.",
    "translate": "Translate standard input line by line.",
    "evaluate": "Score a labelled data set against human judgements.",
    "compare": "Compare two checked outputs of the same source.",
    "report": "Render the report again from segments.jsonl.",
    "config": "Show the settings and where they come from.",
    "phrases": "Look phrases up, add your own, test a table.",
    "models": "List, fetch and verify the models.",
    "train": "Rebuild the shipped weights from a recipe.",
}


class LazyGroup(click.Group):
    """A group whose commands are imported on use."""

    def list_commands(self, context: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS:
            return None
        return importlib.import_module(f"backspeak.cli.{name}").command

    def format_commands(self, context: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(backspeak.__version__, prog_name="backspeak")
def cli() -> None:
    """Find machine-translation errors in English text by back-translation.

    `backspeak check article.txt --out DIR` checks a text; `backspeak demo` shows what comes out.
    """


def main() -> None:
    """Entry point of the `backspeak` program."""
    from backspeak.errors import BackspeakError

    # Read when numpy is imported. Its products are small, and threads that wait for them in a loop tripled the CPU
    # time of the fast tier; the engines have threads of their own.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    try:
        sys.exit(cli(standalone_mode=False) or 0)
    except click.exceptions.Abort:
        click.echo("backspeak: stopped", err=True)
        sys.exit(130)
    except click.ClickException as error:
        error.show()
        sys.exit(2)
    except BackspeakError as error:
        click.echo(f"backspeak: {error}", err=True)
        sys.exit(2)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(2)
