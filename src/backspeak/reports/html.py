"""report.html: one self-contained page that fetches nothing and reads well without scripts.

All text is escaped by the template engine, after `visible` has made acting characters seen.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from jinja2 import Environment, FunctionLoader, StrictUndefined, Template
from markupsafe import Markup

from backspeak.data import SEVERITIES, CheckedSegment
from backspeak.reports.files import replace_file
from backspeak.reports.view import documents_of
from backspeak.reports.visible import visible


def write_html(path: Path | str, checked: Sequence[CheckedSegment], summary: Mapping[str, Any]) -> None:
    """Render the report and write it as a whole; OutputError if it cannot be written."""
    replace_file(Path(path), render_html(checked, summary))


def render_html(checked: Sequence[CheckedSegment], summary: Mapping[str, Any]) -> str:
    """The page as text. The same input always gives the same page."""
    documents = documents_of(checked, summary)
    script = _shipped("report.js")
    page = _template().render(
        documents=documents,
        worst_first=sorted(documents, key=lambda document: (document.score is None, document.score or 0.0)),
        summary=summary,
        settings=_settings(summary.get("settings")),
        severities=tuple(reversed(SEVERITIES)),
        severity_totals={
            severity: sum(dict(document.severities)[severity] for document in documents) for severity in SEVERITIES
        },
        style=Markup(_shipped("report.css")),
        script=Markup(script),
        script_hash=base64.b64encode(hashlib.sha256(script.encode("utf-8")).digest()).decode("ascii"),
    )
    return page.lstrip()


def _settings(settings: Any) -> list[tuple[str, str]]:
    """The settings that were set, lists joined."""
    shown = []
    for name, value in (settings or {}).items():
        if isinstance(value, list | tuple):
            value = ", ".join(str(item) for item in value)
        if value is None or value is False or value == "":
            continue
        shown.append((str(name), "yes" if value is True else str(value)))
    return shown


@cache
def _shipped(name: str) -> str:
    return (files("backspeak.reports") / name).read_text(encoding="utf-8").strip()


@cache
def _template() -> Template:
    environment = Environment(
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
        loader=FunctionLoader(_shipped),
        finalize=_shown,
    )
    environment.filters["seen"] = _seen
    return environment.get_template("report.html.j2")


def _shown(value: Any) -> Any:
    return visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _seen(wording: str) -> str:
    """An original or a suggestion that an editor could not see: nothing at all, or spaces only."""
    if not wording:
        return "(leave out)"
    return wording if wording.strip() else wording.replace(" ", "␣")
