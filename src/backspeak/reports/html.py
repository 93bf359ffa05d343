"""report.html: one self-contained page that fetches nothing.

The overview (for a batch) or the verdict (for one article) is written into the page, so that it stands
there before any script runs; sentences are data (`embed`) from which report.js draws the part in view.
Without scripts an article is still a text with its flags. All text is escaped by the template engine or
by `safe_json`, after `visible` has made acting characters seen.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any
from urllib.parse import quote

from jinja2 import Environment, FunctionLoader, StrictUndefined, Template
from markupsafe import Markup

from backspeak.data import CATEGORIES, SEVERITIES, TYPOGRAPHY, CheckedSegment
from backspeak.plural import counted
from backspeak.reports import view
from backspeak.reports.embed import BLOCK, Blocks
from backspeak.reports.files import replace_file
from backspeak.reports.overview import Overview, band
from backspeak.reports.visible import visible

# One document up to this many segments is an article: its whole text is one view. Where several systems
# translated it, its sentences are no running text, and the overview compares the systems.
ARTICLE = 400

_STATUSES = ("ok", "skipped", "failed")


def write_html(path: Path | str, checked: Iterable[CheckedSegment], summary: Mapping[str, Any]) -> None:
    """Render the report and write it as a whole; OutputError if it cannot be written."""
    replace_file(Path(path), render_html(checked, summary))


def render_html(checked: Iterable[CheckedSegment], summary: Mapping[str, Any]) -> str:
    """The page as text. The same input always gives the same page."""
    overview, blocks, columns = Overview(summary), Blocks(), _Columns()
    article: list[dict[str, Any]] = []
    for each in checked:
        overview.add(each)
        columns.add(each)
        sentence = view.sentence(each)
        blocks.add(sentence)
        if len(article) <= ARTICLE:
            article.append({**sentence, "status": each.status, "score": each.score, "paragraph": _paragraph(each)})
    is_article = len(overview.documents) == 1 and len(overview.systems) < 2 and len(article) <= ARTICLE
    return render_page(
        "report",
        overview=overview,
        worst=[{**view.sentence(each), "score": each.score, "segment": each.segment} for each in overview.worst],
        article=article if is_article else [],
        is_article=is_article,
        summary=summary,
        settings=_settings(summary.get("settings")),
        blocks=blocks.markup(columns.index(overview, is_article)),
    )


def render_page(name: str, **values: Any) -> str:
    """The template `name`.html.j2 with its style, and its script after the one that all pages share."""
    script = '"use strict";\n{\n' + _shipped("page.js") + "\n\n" + _shipped(f"{name}.js") + "\n}"
    style = _shipped("report.css")
    page = _template(f"{name}.html.j2").render(
        severities=tuple(reversed(SEVERITIES)),
        style=Markup(style),
        style_hash=_digest(style),
        script=Markup(script),
        script_hash=_digest(script),
        **values,
    )
    return page.lstrip() + "\n"


class _Columns:
    """What the page must know of every segment before it reads any: one list a field, in input order."""

    def __init__(self) -> None:
        self._digest = hashlib.sha256()
        self._numbers: dict[str, dict[str, int]] = {"document": {}, "language": {}, "system": {}}
        self._columns: dict[str, list[Any]] = {
            name: [] for name in ("document", "id", "score", "status", "paragraph", "flags", "language", "system")
        }
        self._last: tuple[str, str | None] | None = None
        self._paragraphs = 0

    def add(self, checked: CheckedSegment) -> None:
        segment = checked.segment
        for part in (segment.document, segment.id, segment.text):
            self._digest.update(part.encode("utf-8", "surrogatepass") + b"\0")
        place = (segment.document, _paragraph(checked))
        if place[1] is None or place != self._last:
            self._paragraphs += 1
        self._last = place
        row = {
            "document": self._number("document", segment.document),
            "id": segment.id,
            "score": None if checked.score is None else round(checked.score, 1),
            "status": _STATUSES.index(checked.status),
            "paragraph": self._paragraphs,
            "flags": [16 * SEVERITIES.index(span.severity) + CATEGORIES.index(span.category) for span in checked.spans],
            "language": self._number("language", segment.source_lang),
            "system": self._number("system", segment.system),
        }
        for name, value in row.items():
            self._columns[name].append(value)

    def _number(self, column: str, value: str | None) -> int:
        if value is None or (not value and column != "document"):
            return -1
        numbers = self._numbers[column]
        return numbers.setdefault(value, len(numbers))

    def index(self, overview: Overview, is_article: bool) -> dict[str, Any]:
        return {
            "key": self._digest.hexdigest()[:16],
            "article": is_article,
            "block": BLOCK,
            "severities": list(SEVERITIES),
            "categories": list(CATEGORIES),
            "typography": list(TYPOGRAPHY),
            "statuses": list(_STATUSES),
            "documents": [
                {
                    "name": name,
                    "score": None if group.score is None else round(group.score, 1),
                    "band": group.band,
                    "verdict": group.verdict,
                    "tally": group.tally,
                    "with_errors": group.with_errors,
                    "checked": group.checked,
                }
                for name, group in overview.documents.items()
            ],
            "languages": [group.name for group in overview.languages.values()],
            "systems": list(overview.systems),
            "columns": self._columns,
        }


def _paragraph(checked: CheckedSegment) -> str | None:
    """The sentences of "paragraph 3, sentence 1" and "paragraph 3, sentence 2" stand together."""
    location = checked.segment.location
    return None if location is None else location.split(",")[0]


def link(document: str, *parts: Any) -> str:
    """The deep link to a document, a segment of it, or a flag of that: #document/segment/flag."""
    return "#" + "/".join(quote(_well_formed(str(part)), safe="") for part in (document, *parts))


def _well_formed(text: str) -> str:
    return "".join("\ufffd" if "\ud800" <= character <= "\udfff" else character for character in text)


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


def _digest(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode("utf-8")).digest()).decode("ascii")


@cache
def _shipped(name: str) -> str:
    return (files("backspeak.reports") / name).read_text(encoding="utf-8").strip()


@cache
def _template(name: str) -> Template:
    environment = Environment(
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
        loader=FunctionLoader(_shipped),
        finalize=_shown,
    )
    environment.filters |= {
        "band": band,
        "by_gravity": view.by_gravity,
        "counted": counted,
        "sum_values": lambda numbers: sum(numbers.values()),
    }
    environment.globals |= {"link": link}
    return environment.get_template(name)


def _shown(value: Any) -> Any:
    return visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value
