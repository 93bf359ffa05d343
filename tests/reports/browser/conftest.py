"""Pages opened in a real Chromium, watched for complaints and requests, and read by axe-core."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]

WCAG_AA = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def _missing(what: str) -> None:
    if os.environ.get("CI"):
        pytest.fail(f"{what}, and CI must run the browser tests")
    pytest.skip(what)


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """Chromium, started once."""
    executable = shutil.which("chromium")
    if executable is None:
        _missing("chromium is not installed")
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        _missing("the Python package playwright is not installed")
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=executable, args=ARGUMENTS)
        yield running
        running.close()


class Watched:
    """A page that keeps what went wrong and what it asked the network for."""

    def __init__(self, page: Any) -> None:
        self.page = page
        self.complaints: list[str] = []
        self.requests: list[str] = []
        page.on("console", lambda message: self.complaints.append(message.text))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("request", lambda request: self.requests.append(request.url))


@pytest.fixture
def open_page(browser: Any) -> Iterator[Callable]:
    """Opens a file in a window; at the end there must have been no complaint and no request."""
    opened: list[tuple[Watched, str]] = []
    contexts: list[Any] = []

    def open_file(path: Path, width: int = 1280, height: int = 900, hash: str = "", **settings: Any) -> Any:
        context = browser.new_context(viewport={"width": width, "height": height}, **settings)
        contexts.append(context)
        watched = Watched(context.new_page())
        opened.append((watched, path.as_uri()))
        watched.page.goto(path.as_uri() + hash)
        if settings.get("java_script_enabled", True):
            watched.page.locator("html.ready").wait_for(state="attached", timeout=20_000)
        return watched.page

    yield open_file
    for watched, uri in opened:
        assert watched.complaints == []
        assert {url.split(":")[0] for url in watched.requests} <= {"file", "data", "blob"}
        assert {url.split("#")[0] for url in watched.requests if url.startswith("file")} == {uri}
    for context in contexts:
        context.close()


@pytest.fixture
def violations() -> Callable[[Any], list[str]]:
    """What axe-core has against a page by WCAG 2.2 AA and its best practices."""
    try:
        from axe_playwright_python.sync_playwright import Axe
    except ImportError:
        _missing("the Python package axe-playwright-python is not installed")
    axe = Axe()

    def check(page: Any) -> list[str]:
        found = axe.run(page, options={"runOnly": {"type": "tag", "values": WCAG_AA}})
        assert found.response["passes"], "axe-core has not looked"
        return [
            f"{each['id']}: {node['html'][:200]} {node['failureSummary']}"
            for each in found.response["violations"]
            for node in each["nodes"]
        ]

    return check
