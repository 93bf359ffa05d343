"""The report in a real browser: clicks, keys, filter, links, paper and no scripts."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from backspeak.data import CheckedSegment
from backspeak.reports.html import write_html

pytestmark = pytest.mark.browser

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


def _missing(what: str) -> None:
    if os.environ.get("CI"):
        pytest.fail(f"{what}, and CI must run the browser tests")
    pytest.skip(what)


@pytest.fixture(scope="module")
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
def opened(browser: Any, tmp_path: Path, checked: list[CheckedSegment], summary: dict[str, Any]) -> Iterator[Callable]:
    """Opens the report in a window; at the end there must have been no complaint and no request."""
    path = tmp_path / "report.html"
    write_html(path, checked, summary)
    contexts: list[Any] = []
    pages: list[Watched] = []

    def open_report(width: int = 1280, height: int = 900, hash: str = "", **settings: Any) -> Any:
        context = browser.new_context(viewport={"width": width, "height": height}, **settings)
        contexts.append(context)
        watched = Watched(context.new_page())
        pages.append(watched)
        watched.page.goto(path.as_uri() + hash)
        return watched.page

    yield open_report
    for watched in pages:
        assert watched.complaints == []
        assert {url.split(":")[0] for url in watched.requests} <= {"file", "data"}
        assert [url.split("#")[0] for url in watched.requests if url.startswith("file")] == [path.as_uri()]
    for context in contexts:
        context.close()


def flag(page: Any, words: str) -> Any:
    return page.locator("a.flag", has_text=words).first


def evidence(page: Any) -> str:
    return page.locator("#evidence").inner_text()


def wait_for_evidence(page: Any, words: str) -> None:
    """After a link, which the browser follows in its own time."""
    page.locator("#evidence", has_text=words).wait_for(timeout=5000)


def test_a_click_on_a_flag_shows_the_evidence(opened: Callable) -> None:
    page = opened()
    assert "Choose an underlined passage" in page.locator("#panel").inner_text()
    flag(page, "accepted a decision").click()
    shown = evidence(page)
    assert "accepted a decision → decided" in shown
    assert "came back as “decided”" in shown
    assert "about a thousand times likelier" in shown
    assert "nats" not in shown
    assert "not used: repetition" in shown
    assert page.url.endswith("#s2-e1")
    page.locator("#evidence summary").first.click()
    assert "+7.2 nats" in evidence(page)


def test_keys_go_from_flag_to_flag_and_close(opened: Callable) -> None:
    page = opened()
    position = page.locator("#position")
    seen = []
    for key in "nnnnp":
        page.keyboard.press(key)
        seen.append(position.inner_text())
    assert seen == ["Flag 1 of 3", "Flag 2 of 3", "Flag 3 of 3", "Flag 1 of 3", "Flag 3 of 3"]
    assert page.evaluate("document.activeElement.textContent") == "”,"
    assert "The comma comes first here." in evidence(page)
    page.keyboard.press("Escape")
    assert evidence(page) == ""
    assert page.locator(".active").count() == 0
    assert page.evaluate("document.activeElement.textContent") == "”,"


def test_enter_opens_a_flag_and_moves_into_the_panel(opened: Callable) -> None:
    page = opened()
    flag(page, "spit in the soul").focus()
    page.keyboard.press("Enter")
    assert "a slap in the face for" in evidence(page)
    assert page.evaluate("document.activeElement.id") == "evidence"
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.textContent") == "a spit in the soul of"


def test_the_score_of_a_sentence_shows_all_its_evidence(opened: Callable) -> None:
    page = opened()
    page.locator("#s4 a.score").click()
    shown = evidence(page)
    assert "a slap in the face for" in shown
    assert "The comma comes first here." in shown
    assert "chance of an error 95%" in shown


def test_the_filter_hides_flags_from_the_eye_and_the_keys(opened: Callable) -> None:
    page = opened()
    flag(page, "accepted a decision").click()
    page.get_by_label("major").uncheck()
    assert evidence(page) == ""
    decoration = "element => getComputedStyle(element).textDecorationLine"
    assert flag(page, "accepted a decision").evaluate(decoration) == "none"
    assert flag(page, "spit in the soul").evaluate(decoration) == "underline"
    page.keyboard.press("n")
    assert page.locator("#position").inner_text() in ("Flag 1 of 2", "Flag 2 of 2")
    page.get_by_label("major").check()
    assert page.locator("#position").inner_text().endswith("of 3")


def test_a_link_leads_to_its_sentence(opened: Callable) -> None:
    page = opened(hash="#s4")
    assert "active" in page.locator("#s4").get_attribute("class")
    assert "a slap in the face for" in evidence(page)
    page.locator("a.bar").nth(1).click()
    wait_for_evidence(page, "came back as “decided”")
    page = opened(hash="#s4-e2")
    assert page.locator("#position").inner_text() == "Flag 3 of 3"


def test_the_strip_is_one_tab_stop_with_arrow_keys(opened: Callable) -> None:
    page = opened()
    assert page.locator("a.bar[tabindex='0']").count() == 1
    page.locator("a.bar").first.focus()
    page.keyboard.press("ArrowRight")
    assert page.evaluate("document.activeElement.getAttribute('aria-label')") == "Sentence 2, score 41 of 100, 1 flag"
    page.keyboard.press("Enter")
    wait_for_evidence(page, "came back as “decided”")


def test_on_a_narrow_screen_the_sheet_leaves_the_flag_in_sight(opened: Callable) -> None:
    page = opened(width=400, height=640)
    assert page.evaluate("document.documentElement.scrollWidth") == 400
    assert not page.locator("#panel").is_visible()
    for words in ("accepted a decision", "spit in the soul", "”,"):
        flag(page, words).click()
        box, sheet = flag(page, words).bounding_box(), page.locator("#panel").bounding_box()
        assert box["y"] >= 0
        assert box["y"] + box["height"] <= sheet["y"]
        assert sheet["x"] == 0
        assert sheet["width"] == 400
        assert sheet["y"] + sheet["height"] == 640
    page.get_by_role("button", name="Close").click()
    assert not page.locator("#panel").is_visible()


@pytest.mark.parametrize("times", [14, 60])
def test_many_sentences_fit_a_narrow_screen(
    browser: Any, tmp_path: Path, checked: list[CheckedSegment], times: int
) -> None:
    write_html(tmp_path / "long.html", checked * times, {})
    page = browser.new_page(viewport={"width": 400, "height": 640})
    page.goto((tmp_path / "long.html").as_uri())
    assert page.evaluate("document.documentElement.scrollWidth") == 400
    painted = "() => Math.min(...[...document.querySelectorAll('a.bar')].map((bar) => bar.clientWidth ? "
    painted += "parseFloat(getComputedStyle(bar, '::before').width) : 0))"
    assert page.evaluate(painted) >= 1
    page.close()


def test_on_a_wide_screen_the_panel_stands_beside_the_text(opened: Callable) -> None:
    page = opened()
    flag(page, "accepted a decision").click()
    panel = page.locator("#panel").bounding_box()
    widest = max(box["x"] + box["width"] for box in (each.bounding_box() for each in page.locator(".segment").all()))
    assert widest <= panel["x"]
    assert panel["y"] + panel["height"] <= 900


def test_dark_mode_turns_the_page_dark(opened: Callable) -> None:
    brightness = "() => getComputedStyle(document.body).backgroundColor.match(/\\d+/g).map(Number)[0]"
    assert opened(color_scheme="light").evaluate(brightness) > 200
    assert opened(color_scheme="dark").evaluate(brightness) < 50


def test_paper_shows_the_evidence_and_no_controls(opened: Callable) -> None:
    page = opened(color_scheme="dark")
    page.emulate_media(media="print")
    assert page.locator("#s2-e1").is_visible()
    assert page.locator("#s2-e1 .wording").bounding_box()["height"] > 0
    assert not page.locator("#panel").is_visible()
    assert not page.locator("#legend input").first.is_visible()
    assert page.locator("#legend .sample").first.is_visible()
    assert page.evaluate("getComputedStyle(document.body).color") == "rgb(31, 30, 27)"


def test_without_scripts_everything_can_be_read(opened: Callable) -> None:
    page = opened(java_script_enabled=False)
    assert not page.locator("#panel").is_visible()
    assert not page.locator("#legend input").first.is_visible()
    assert not page.locator("#s2-e1").is_visible()
    page.locator("#s2 summary").first.click()
    assert "came back as “decided”" in page.locator("#s2-e1").inner_text()
    flag(page, "spit in the soul").click()
    assert page.locator("#s4-e1").is_visible()
