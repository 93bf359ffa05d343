"""Settings of a run, each declared once: name, type, default, help and limits.

From the declaration come the option (`--fail-under`), the environment variable
(`BACKSPEAK_FAIL_UNDER`), the key of the configuration file (`fail-under`), the keyword argument of
`Checker`, the reference in docs/ and the checks. To add a setting, add a field to `Settings`; where
values come from is told in `layers.py`.
"""

from __future__ import annotations

import dataclasses
import types
import typing
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from backspeak.errors import SettingsError

PREFIX = "BACKSPEAK_"  # of the environment variables
TIERS = ("fast", "full")
RUNNERS = ("local", "ray")
PROGRESS = ("auto", "json")
# The commands that check a text; others that open the models only translate.
CHECKING = ("check", "demo", "evaluate")

Choices = Sequence[str] | Callable[[], Sequence[str]]


def setting(
    default: Any,
    help: str,
    *,
    metavar: str | None = None,
    choices: Choices | None = None,
    low: float | None = None,
    high: float | None = None,
    commands: Sequence[str] = (),
    show_default: str | None = None,
    example: Any = None,
) -> Any:
    """Declare a field of Settings.

    `help` is one sentence; `choices` are the values there are (a function where they depend on what
    is installed); a number lies between `low` and `high`. `commands` are the commands that have the
    option, all that open the models when it is empty. `show_default` says the default in words; `example`
    is a value as one may be, for a setting that has none by default.
    """
    declared = {
        "help": help,
        "metavar": metavar,
        "choices": choices,
        "low": low,
        "high": high,
        "commands": tuple(commands),
        "show_default": show_default,
        "example": example,
    }
    return dataclasses.field(default=default, metadata=declared)


def _engines() -> Sequence[str]:
    from backspeak.engines import registry

    return registry.names()


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What decides the result of a run, and how it is carried out.

    A field may be a str, int, float, bool or Path, one of these or None, or a tuple of str or Path.
    Raises SettingsError for a value of another kind, out of its limits or not among its choices. A
    single text or path stands for a tuple of one, a list for a tuple.
    """

    pivot: tuple[str, ...] = setting(
        (),
        "Pivot language (repeatable, or several with commas between).",
        metavar="LANG",
        show_default="the best by docs/pivots.md",
        example=["es"],
        commands=CHECKING,
    )
    engine: str = setting("bundled", "Translation engine.", metavar="NAME", choices=_engines)
    model: tuple[str, ...] = setting(
        (),
        "Model of the engine: en-es=NAME for marian (repeatable), NAME for nllb and m2m100, a server's address for "
        "libretranslate; a NAME is a hub name or a folder.",
        metavar="NAME",
        example=["en-de=Helsinki-NLP/opus-mt-en-de", "de-en=Helsinki-NLP/opus-mt-de-en"],
    )
    requests_per_minute: float | None = setting(
        None, "Ask an engine that is a server no more often than this.", metavar="N", low=0.1, high=100_000, example=60
    )
    tier: str = setting("full", "fast leaves the round trip out.", choices=TIERS, commands=CHECKING)
    source_lang: str | None = setting(
        None, "Language of the sources, where the input does not say.", metavar="LANG", example="ru", commands=CHECKING
    )
    disable: tuple[str, ...] = setting(
        (),
        "Switch off a rule or a family of rules (repeatable).",
        metavar="RULE",
        example=["typography"],
        commands=CHECKING,
    )
    phrases: tuple[Path, ...] = setting(
        (), "Your own phrase table (repeatable).", metavar="FILE", example=["phrases.tsv"], commands=CHECKING
    )
    sensitive: bool = setting(False, "More finds, more false alarms.", commands=CHECKING)
    memory: tuple[Path, ...] = setting(
        (),
        "Approved English: .tmx, .xlf, .tsv or .csv (repeatable).",
        metavar="FILE",
        example=["approved.tmx"],
        commands=CHECKING,
    )
    glossary: tuple[Path, ...] = setting(
        (),
        "Required and forbidden terms: .tbx, .tsv or .csv (repeatable).",
        metavar="FILE",
        example=["terms.tbx"],
        commands=CHECKING,
    )
    reference: tuple[Path, ...] = setting(
        (),
        "A human translation, line by line or .jsonl (one for each input, in order).",
        metavar="FILE",
        example=["human.txt"],
        commands=["check"],
    )
    baseline: Path | None = setting(
        None,
        "Accepted findings, not raised again. Exit 1 with any other flag, unless --max-critical or --max-major is set.",
        metavar="FILE",
        example="accepted.jsonl",
        commands=["check"],
    )
    inline_ignores: bool = setting(True, "Follow the ignores in the text.", show_default="yes", commands=["check"])
    fail_under: float | None = setting(
        None,
        "Exit 1 when the score in all is below this, 2 when there is none.",
        metavar="SCORE",
        low=0,
        high=100,
        commands=["check"],
        example=80,
    )
    max_critical: int | None = setting(
        None, "Exit 1 with more critical flags than this.", metavar="N", low=0, commands=["check"], example=0
    )
    max_major: int | None = setting(
        None, "Exit 1 with more major flags than this.", metavar="N", low=0, commands=["check"], example=0
    )
    pivot_budget: int | None = setting(
        None,
        "Send at most N sentences through the round trip, the most doubtful first.",
        metavar="N",
        low=0,
        commands=["check"],
        example=1000,
    )
    max_seconds: float | None = setting(
        None,
        "Begin no more round trips after S seconds of work; the most doubtful sentences come first.",
        metavar="S",
        low=0,
        commands=["check"],
        example=600,
    )
    jobs: int = setting(0, "Cores to work on, 0 for all.", metavar="N", low=0, show_default="0")
    runner: str = setting("local", "Where to work: on this machine, or on Ray.", choices=RUNNERS, commands=["check"])
    ray_address: str | None = setting(
        None,
        "Ray cluster to use, in place of one started on this machine.",
        metavar="ADDRESS",
        commands=["check"],
        example="ray://head:10001",
    )
    reuse: bool = setting(
        True, "Reuse what earlier runs found, and keep what this one finds.", commands=["check"], show_default="--reuse"
    )
    progress: str = setting(
        "auto", "How to show progress; json is one object a line.", choices=PROGRESS, commands=["check"]
    )
    offline: bool = setting(False, "Never use the network.")
    quiet: bool = setting(False, "No progress on standard error.")

    def __post_init__(self) -> None:
        for option in OPTIONS.values():
            object.__setattr__(self, option.name, option.checked(getattr(self, option.name), option.name))

    def to_json(self) -> dict[str, Any]:
        """The settings as JSON has them: lists for tuples, texts for paths."""
        values = {name: getattr(self, name) for name in OPTIONS}
        return {
            name: [str(item) for item in value]
            if isinstance(value, tuple)
            else str(value)
            if isinstance(value, Path)
            else value
            for name, value in values.items()
        }


_WANTED = {str: "a text", int: "a whole number", float: "a number", bool: "true or false", Path: "a path"}
_TRUTH = {"1": True, "true": True, "yes": True, "on": True, "0": False, "false": False, "no": False, "off": False}


@dataclass(frozen=True)
class Option:
    """A field of Settings as the outside sees it."""

    name: str  # "fail_under"
    kind: type  # of one value: str, int, float, bool or Path
    many: bool  # a tuple of them
    optional: bool  # may be None
    default: Any
    help: str
    metavar: str | None
    choices: Choices | None
    low: float | None
    high: float | None
    commands: tuple[str, ...]
    show_default: str | None
    example: Any

    @property
    def key(self) -> str:
        """Its key in a configuration file."""
        return self.name.replace("_", "-")

    @property
    def flag(self) -> str:
        """Its option on the command line."""
        return f"--{self.key}"

    @property
    def variable(self) -> str:
        """Its environment variable."""
        return PREFIX + self.name.upper()

    @property
    def known(self) -> Sequence[str] | None:
        """The values there are, if they can be listed."""
        return self.choices() if callable(self.choices) else self.choices

    @property
    def default_text(self) -> str | None:
        """The default in words; None where nothing is the default."""
        if self.show_default is not None or self.default is None or self.default == ():
            return self.show_default
        if self.kind is bool:
            return "on" if self.default else None
        return ", ".join(map(str, self.default)) if self.many else str(self.default)

    def checked(self, value: Any, label: str) -> Any:
        """The value as Settings keeps it; SettingsError, with `label` for its name, if it cannot be one."""
        if self.many:
            values = value if isinstance(value, list | tuple) else [value]
            if all(self._fits(each) for each in values):
                return tuple(self._one(each, label) for each in values)
        elif value is None and self.optional:
            return None
        elif self._fits(value):
            return self._one(value, label)
        wanted = _WANTED[self.kind] + (f" or a list of {_WANTED[self.kind][2:]}s" if self.many else "")
        raise SettingsError(f"{label} must be {wanted}, not {value!r}")

    def from_text(self, text: str, label: str) -> Any:
        """The value that an environment variable spells; commas stand between several."""
        values = [self._parsed(part.strip(), label) for part in (text.split(",") if self.many else [text])]
        return self.checked(values if self.many else values[0], label)

    def _parsed(self, text: str, label: str) -> Any:
        try:
            return _TRUTH[text.lower()] if self.kind is bool else self.kind(text)
        except (ValueError, KeyError):
            raise SettingsError(f"{label} must be {_WANTED[self.kind]}, not {text!r}") from None

    def _fits(self, value: Any) -> bool:
        allowed: dict[type, tuple[type, ...]] = {float: (int, float), Path: (str, Path)}
        # True is an int to Python and never meant as one.
        return isinstance(value, allowed.get(self.kind, (self.kind,))) and (
            self.kind is bool or not isinstance(value, bool)
        )

    def _one(self, value: Any, label: str) -> Any:
        value = self.kind(value)
        # Asking what is installed takes a moment, and the default always is.
        if self.choices is not None and value != self.default and value not in (known := self.known or ()):
            raise SettingsError(f"{label} is {value!r}; there is {', '.join(known)}")
        if self.low is not None or self.high is not None:
            low = float("-inf") if self.low is None else self.low
            high = float("inf") if self.high is None else self.high
            if not low <= value <= high:  # not a number is neither
                limits = f"{low:g} or more" if self.high is None else f"from {low:g} to {high:g}"
                raise SettingsError(f"{label} is {value}; it must be {limits}")
        return value


def _options() -> dict[str, Option]:
    hints = typing.get_type_hints(Settings)
    options = {}
    for field in dataclasses.fields(Settings):
        hint = hints[field.name]
        many = typing.get_origin(hint) is tuple
        optional = isinstance(hint, types.UnionType)
        kinds = [kind for kind in typing.get_args(hint) if kind not in (types.NoneType, ...)]
        kind = kinds[0] if many or optional else hint
        options[field.name] = Option(field.name, kind, many, optional, field.default, **field.metadata)
    return options


OPTIONS: dict[str, Option] = _options()
"""Every setting by name, in the order of Settings."""
