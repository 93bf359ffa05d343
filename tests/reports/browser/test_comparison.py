"""The comparison in a real browser: wins and losses browsed, every control used."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from backspeak.comparison import Pair, Side, compare
from backspeak.data import CheckedSegment
from backspeak.reports.comparison import write_comparison

pytestmark = pytest.mark.browser


@pytest.fixture
def opened(open_page: Callable, tmp_path: Path, checked: list[CheckedSegment]) -> Callable:
    """Sixty pairs that were scored and more that were not, in two documents; `</script>` is part of one text."""
    pairs = []
    scored = [each for each in checked if each.status == "ok"]
    for at in range(60):
        mine = scored[at % 4]
        text = mine.segment.text.replace("council", f"town {at} </script>")
        segment = dataclasses.replace(
            mine.segment, id=str(at), document=f"{at // 30}.txt", source=f"Паром {at}.", reference="The ferry."
        )
        a = dataclasses.replace(mine, segment=segment, score=50.0)
        b_segment = dataclasses.replace(segment, text=text if at % 4 == 0 else mine.segment.text)
        b = dataclasses.replace(mine, segment=b_segment, score=50.0 + (at % 3 - 1) * (2 + at / 2))
        pairs.append(Pair(a, b))
    skipped = dataclasses.replace(checked[0], segment=dataclasses.replace(checked[0].segment, document="0.txt", id="h"))
    pairs.append(Pair(skipped, skipped))
    sides = Side("alpha", Path("alpha"), [p.a for p in pairs]), Side("beta", Path("beta"), [p.b for p in pairs])
    write_comparison(tmp_path, pairs, compare(*sides, pairs))
    return lambda **settings: open_page(tmp_path / "comparison.html", **settings)


def finds(page: Any, words: str) -> None:
    page.locator("#found", has_text=words).wait_for(timeout=5000)


def outcomes(page: Any) -> list[str]:
    return page.locator(".outcome").all_inner_texts()


def test_the_largest_gain_of_b_is_first(opened: Callable) -> None:
    page = opened()
    finds(page, "61 segments")
    assert outcomes(page)[0] == "B is better by 31.5 points"
    page.locator("#order").select_option("loss")
    page.locator(".pair:first-child .outcome", has_text="A is better by 30.5 points").wait_for()
    page.locator("#order").select_option("text")
    page.locator(".pair:first-child .outcome", has_text="A is better by 2.0 points").wait_for()
    assert "accepted a decision" in page.locator(".pair").first.inner_text()
    assert "Паром 0." in page.locator(".pair").first.inner_text()


def test_wins_losses_ties_and_changes_are_filtered(opened: Callable) -> None:
    page = opened()
    for value, number, said in (("b", 20, "B is better"), ("a", 20, "A is better"), ("tie", 20, "Even")):
        page.locator("#outcome").select_option(value)
        finds(page, f"{number} segments")
        page.locator(".pair:first-child .outcome", has_text=said).wait_for()
        assert all(each.startswith(said) for each in outcomes(page))
    page.locator("#outcome").select_option("unscored")
    finds(page, "1 segment")
    assert "skipped: heading" in page.locator(".pair").inner_text()
    page.locator("#outcome").select_option("changed")
    finds(page, "15 segments")
    assert page.locator(".side.b .changed").first.inner_text().startswith("town")
    page.locator("#document").fill("1.TXT")
    finds(page, "7 segments")
    page.locator("#find").fill("town 32 </script>")
    finds(page, "1 segment")


def test_keys_and_buttons_go_from_segment_to_segment_and_page_to_page(opened: Callable) -> None:
    page = opened()
    page.keyboard.press("n")
    page.locator(".pair.active").wait_for()
    page.get_by_role("button", name="Next", exact=True).click()
    page.locator(".pair:nth-child(2).active").wait_for()
    page.keyboard.press("p")
    page.locator(".pair:nth-child(1).active").wait_for()
    page.get_by_role("button", name="Previous", exact=True).click()
    assert page.locator(".pair.active").count() == 1
    address = page.url
    page.get_by_role("button", name="Next page").click()
    page.locator("#page-position", has_text="51 to 61 of 61 segments").wait_for()
    page.keyboard.press("n")
    page.locator(".pair:nth-child(1).active").wait_for()
    assert page.url != address
    page.get_by_role("button", name="Previous page").click()
    page.locator("#page-position", has_text="1 to 50").wait_for()
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "find"
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("?")
    assert "next segment" in page.get_by_role("dialog").inner_text()
    page.get_by_role("dialog").get_by_role("button", name="Close").click()
    page.get_by_role("button", name="Keys").click()
    page.keyboard.press("Escape")


def test_a_link_leads_to_its_segment(opened: Callable) -> None:
    page = opened(hash="#1.txt/37")
    page.locator(".pair.active", has_text="Паром 37.").wait_for()
    page.locator("#outcome").select_option("unscored")
    finds(page, "1 segment")
    page.evaluate("location.hash = '#0.txt/3'")
    page.locator(".pair.active", has_text="Паром 3.").wait_for()


def test_without_scripts_the_figures_stand(opened: Callable) -> None:
    page = opened(java_script_enabled=False)
    assert page.locator("tbody tr").count() == 4
    assert page.locator("svg rect").count() > 3


@pytest.mark.parametrize("settings", [{}, {"color_scheme": "dark"}, {"width": 400, "height": 800}])
def test_axe_finds_nothing(opened: Callable, violations: Callable, settings: dict[str, Any]) -> None:
    page = opened(**settings)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.locator("#outcome").select_option("changed")
    finds(page, "15 segments")
    page.keyboard.press("n")
    page.locator(".pair.active").wait_for()
    assert violations(page) == []
