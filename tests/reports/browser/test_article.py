"""The report of one article in a real browser: every control used, links, paper, no scripts."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from backspeak.data import CheckedSegment, Segment
from backspeak.reports.html import write_html

pytestmark = pytest.mark.browser


@pytest.fixture
def opened(open_page: Callable, tmp_path: Path, checked: list[CheckedSegment], summary: dict[str, Any]) -> Callable:
    path = tmp_path / "report.html"
    write_html(path, checked, summary)
    return lambda **settings: open_page(path, **settings)


def flag(page: Any, words: str) -> Any:
    return page.locator("#sentences a.flag", has_text=words).first


def evidence(page: Any) -> str:
    return page.locator("#evidence").inner_text()


def shows(page: Any, words: str) -> None:
    """Wait for evidence, which may have to be read first."""
    page.locator("#evidence", has_text=words).wait_for(timeout=5000)


def says(page: Any, id: str, words: str) -> None:
    page.locator(f"#{id}", has_text=words).wait_for(timeout=5000)


def test_the_text_is_as_it_was_with_scores_in_the_margin(opened: Callable) -> None:
    page = opened()
    paragraphs = page.locator(".paragraph .text").all()
    assert len(paragraphs) == 4
    scores = [score.inner_text() for score in page.locator(".score").all()]
    assert scores == ["–", "41", "96", "22", "–", "!", "94"]
    flows = paragraphs[1].locator("bdi").all_inner_texts()
    assert flows == ["The boat had run for thirty years.", "It is a spit in the soul of every nurse”, she said."]
    left = [score.bounding_box()["x"] for score in page.locator(".sentence .score").all()]
    text = page.locator(".sentence bdi").first.bounding_box()["x"]
    assert max(left) < text
    boxes = [score.bounding_box() for score in page.locator(".sentence .score").all()]
    for at, one in enumerate(boxes):
        for other in boxes[at + 1 :]:
            apart = one["x"] + one["width"] <= other["x"] or other["x"] + other["width"] <= one["x"]
            assert apart or abs(one["y"] - other["y"]) >= 12


def test_short_sentences_on_one_line_keep_their_scores_in_order(open_page: Callable, tmp_path: Path) -> None:
    texts = ("No.", "Never.", "Not on the last ferry.", "The lights went out.")
    segments = [
        CheckedSegment(Segment("d", str(at), text, location="paragraph 1"), "ok", score=50.0 + at)
        for at, text in enumerate(texts)
    ]
    write_html(tmp_path / "short.html", segments, {})
    page = open_page(tmp_path / "short.html")
    inline, beside, last = (page.locator(f"a.score:text-is('{score}')") for score in (51, 52, 53))
    assert beside.bounding_box()["x"] + beside.bounding_box()["width"] <= last.bounding_box()["x"]
    assert last.bounding_box()["x"] < page.locator(".sentence bdi").first.bounding_box()["x"]
    never = page.locator(".sentence bdi", has_text="Never.").bounding_box()
    assert inline.bounding_box()["x"] + inline.bounding_box()["width"] <= never["x"]
    page.set_viewport_size({"width": 400, "height": 800})
    page.wait_for_timeout(100)
    assert all(score.is_visible() for score in page.locator(".sentence .score").all())
    assert page.evaluate("document.documentElement.scrollWidth") == 400


def test_the_gravest_flags_stand_first_with_the_natural_wording(opened: Callable) -> None:
    page = opened()
    rows = page.locator("#gravest .note").all_inner_texts()
    assert [row.split(" → ")[0] for row in rows] == ["a spit in the soul of", "accepted a decision", "nurse”, she"]
    assert rows[2] == "nurse”, she → nurse,” she"
    assert "a slap in the face for" in rows[0]
    page.locator("#gravest a").first.click()
    shows(page, "An idiom taken word for word.")


def test_a_click_on_a_flag_shows_the_evidence(opened: Callable) -> None:
    page = opened()
    flag(page, "accepted a decision").click()
    shows(page, "came back as “decided”")
    shown = evidence(page)
    assert "accepted a decision → decided" in shown
    assert "or took a decision" in shown
    assert "about a thousand times likelier" in shown
    assert "nats" not in shown
    assert page.url.endswith("#ferry.txt/2/1")
    page.locator("#evidence summary", has_text="Details").click()
    assert "+7.2 nats" in evidence(page)
    page.locator("#evidence summary", has_text="its 2 back-translations").click()
    assert "not used: repetition" in evidence(page)


def test_keys_go_from_flag_to_flag_and_close(opened: Callable) -> None:
    page = opened()
    for key, position in zip("nnnnp", (1, 2, 3, 1, 3), strict=True):
        page.keyboard.press(key)
        says(page, "position", f"Flag {position} of 3")
    page.wait_for_timeout(50)
    assert page.evaluate("document.activeElement.textContent") == "”,"
    assert "The comma comes first here." in evidence(page)
    page.keyboard.press("Escape")
    assert evidence(page) == ""
    assert page.locator("#sentences .active").count() == 0
    assert page.evaluate("document.activeElement.textContent") == "”,"


def test_the_buttons_do_what_the_keys_do(opened: Callable) -> None:
    page = opened()
    flag(page, "accepted a decision").click()
    page.get_by_role("button", name="Next", exact=True).click()
    says(page, "position", "Flag 2 of 3")
    page.get_by_role("button", name="Previous", exact=True).click()
    says(page, "position", "Flag 1 of 3")
    page.get_by_role("button", name="Close").click()
    assert evidence(page) == ""


def test_enter_opens_a_flag_and_moves_into_the_panel(opened: Callable) -> None:
    page = opened()
    flag(page, "spit in the soul").focus()
    page.keyboard.press("Enter")
    shows(page, "a slap in the face for")
    assert page.evaluate("document.activeElement.id") == "evidence"
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.textContent") == "a spit in the soul of"


def test_flags_and_scores_say_what_they_are(opened: Callable) -> None:
    page = opened()
    page.get_by_role("link", name="a spit in the soul of, critical: mistranslation").first.wait_for()
    page.get_by_role("link", name="Sentence 4, score 22 of 100, 2 flags. Show the evidence.").wait_for()
    page.get_by_role("img", name="Sentence 5, skipped: not English").wait_for()


def test_the_score_of_a_sentence_shows_all_its_evidence(opened: Callable) -> None:
    page = opened()
    page.locator("a.score", has_text="22").click()
    shows(page, "Sentence 4")
    shown = evidence(page)
    assert "a slap in the face for" in shown
    assert "chance of an error 95%" in shown
    page.locator("#evidence a", has_text="”,").click()
    shows(page, "The comma comes first here.")


def test_filters_hide_flags_from_the_eye_and_the_keys(opened: Callable) -> None:
    page = opened()
    flag(page, "accepted a decision").click()
    page.get_by_role("button", name="Filter and order").click()
    page.locator("[value=major]").uncheck()
    page.locator("a.flag", has_text="accepted a decision").wait_for(state="detached")
    assert evidence(page) == ""
    says(page, "found", "2 flags in 1 of 7 sentences")
    assert "On Tuesday the council accepted a decision" in page.locator("#sentences").inner_text()
    page.locator("[value=major]").check()
    page.locator("#category").select_option("punctuation")
    says(page, "found", "1 flag in 1 of 7 sentences")
    page.get_by_role("button", name="Reset").click()
    says(page, "found", "3 flags in 2 of 7 sentences")
    page.locator("#show").select_option("flagged")
    says(page, "found", "2 sentences, 3 flags")
    assert page.locator("#sentences .item").count() == 2


def test_order_and_search_make_a_list(opened: Callable) -> None:
    page = opened()
    page.get_by_role("button", name="Filter and order").click()
    page.locator("#order").select_option("worst")
    page.locator(".item").first.wait_for()
    assert [score.inner_text() for score in page.locator(".item .score").all()][:4] == ["22", "41", "94", "96"]
    page.locator("#order").select_option("best")
    page.locator(".item .score", has_text="96").first.wait_for()
    says(page, "found", "7 sentences")
    assert page.locator(".item .score").first.inner_text() == "96"
    page.keyboard.press("Tab")
    page.keyboard.press("/")
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "find"
    page.keyboard.type("THE FERRY")
    says(page, "found", "1 sentence, 1 flag")
    page.locator(".item .in-context").click()
    page.locator(".sentence.active").wait_for()
    assert page.locator("#find").input_value() == ""


def test_a_link_leads_to_its_place(opened: Callable) -> None:
    page = opened(hash="#ferry.txt/4")
    shows(page, "a slap in the face for")
    assert "spit in the soul" in page.locator(".sentence.active").inner_text()
    page = opened(hash="#ferry.txt/4/2")
    says(page, "position", "Flag 3 of 3")
    page.evaluate("location.hash = '#ferry.txt/2/1'")
    shows(page, "came back as “decided”")
    page = opened(hash="#nowhere.txt/4")
    says(page, "done", "There is no such place")
    page = opened(hash="#ferry.txt/5")
    page.locator(".sentence.active", has_text="Паром").wait_for()
    assert evidence(page) == ""


def test_the_skip_link_goes_to_the_text(opened: Callable) -> None:
    page = opened()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_timeout(100)
    assert page.evaluate("document.activeElement.id") == "@text"


def test_decisions_are_kept_and_saved_as_a_baseline(opened: Callable, tmp_path: Path) -> None:
    page = opened(accept_downloads=True)
    save = page.get_by_role("button", name="Save baseline")
    assert save.is_disabled()
    flag(page, "accepted a decision").click()
    page.get_by_role("button", name="Accept").click()
    says(page, "done", "Accepted.")
    assert save.is_disabled()
    for key, said in (("n", None), ("d", "Dismissed."), ("n", None), ("a", "Accepted."), ("d", "Dismissed.")):
        page.keyboard.press(key)
        if said:
            says(page, "done", said)
        page.wait_for_timeout(50)
    assert save.inner_text() == "Save baseline (2 dismissed)"
    page.reload()
    page.locator("html.ready").wait_for(state="attached")
    assert flag(page, "spit in the soul").get_attribute("data-decision") == "dismissed"
    assert flag(page, "accepted a decision").get_attribute("data-decision") == "accepted"
    with page.expect_download() as download:
        page.get_by_role("button", name="Save baseline").click()
    assert download.value.suggested_filename == "baseline.jsonl"
    download.value.save_as(tmp_path / "baseline.jsonl")
    lines = [json.loads(line) for line in (tmp_path / "baseline.jsonl").read_text("utf-8").splitlines()]
    context = "It is a spit in the soul of every nurse”, she said."
    assert lines == [
        {"rule": "phrase-bank", "text": "a spit in the soul of", "context": context, "document": "ferry.txt"},
        {"rule": "typography", "text": "”,", "context": context, "document": "ferry.txt"},
    ]
    says(page, "done", "check --baseline")
    page.get_by_role("button", name="Filter and order").click()
    for decision, number in (("dismissed", 2), ("accepted", 1), ("open", 0)):
        page.locator("#decision").select_option(decision)
        says(page, "found", f"{number} flag")
    page.locator("#decision").select_option("dismissed")
    says(page, "found", "2 flags")
    flag(page, "spit in the soul").click()
    page.keyboard.press("d")
    says(page, "done", "Undecided again.")
    assert page.get_by_role("button", name="Save baseline").inner_text() == "Save baseline (1 dismissed)"


def test_a_suggestion_is_copied(opened: Callable) -> None:
    page = opened()
    flag(page, "accepted a decision").click()
    page.get_by_role("button", name="Copy took a decision").click()
    says(page, "done", "Copied “took a decision”.")
    page.get_by_role("button", name="Filter and order").click()
    page.locator("#find").focus()
    page.keyboard.press("Control+v")
    assert page.locator("#find").input_value() == "took a decision"
    page.get_by_role("button", name="Reset").click()
    flag(page, "accepted a decision").click()
    page.keyboard.press("c")
    says(page, "done", "Copied “decided”.")
    page.locator("#find").focus()
    page.keyboard.press("Control+v")
    assert page.locator("#find").input_value() == "decided"


def test_help_names_the_keys_and_switches_them_off(opened: Callable) -> None:
    page = opened()
    page.keyboard.press("?")
    assert "next flag" in page.get_by_role("dialog").inner_text()
    page.get_by_label("Single keys are on").uncheck()
    page.get_by_role("dialog").get_by_role("button", name="Close").click()
    page.keyboard.press("n")
    page.wait_for_timeout(100)
    assert evidence(page) == ""
    page.reload()
    page.locator("html.ready").wait_for(state="attached")
    page.get_by_role("button", name="Keys").click()
    assert not page.get_by_label("Single keys are on").is_checked()
    page.get_by_label("Single keys are on").check()
    page.keyboard.press("Escape")
    page.keyboard.press("n")
    says(page, "position", "Flag 1 of 3")


def test_the_strip_shows_the_worst_sentence_and_leads_to_it(opened: Callable) -> None:
    page = opened()
    strip = page.locator("#strip svg")
    assert "2 of 7 sentences score below 65" in strip.get_attribute("aria-label")
    assert strip.locator("rect").count() == 7
    box = strip.bounding_box()
    strip.click(position={"x": box["width"] * 3.5 / 7, "y": box["height"] - 5})
    shows(page, "a slap in the face for")


def test_on_a_narrow_screen_the_sheet_leaves_the_flag_in_sight(opened: Callable) -> None:
    page = opened(width=400, height=640)
    assert page.evaluate("document.documentElement.scrollWidth") == 400
    assert page.locator("#gravest").is_visible()
    for words in ("accepted a decision", "spit in the soul", "”,"):
        flag(page, words).click()
        page.locator("#sentences a.flag.active", has_text=words).wait_for()
        page.wait_for_timeout(50)
        box, sheet = flag(page, words).bounding_box(), page.locator("#panel").bounding_box()
        assert box["y"] >= 0
        assert box["y"] + box["height"] <= sheet["y"]
        assert sheet["x"] == 0
        assert sheet["width"] == 400
        assert sheet["y"] + sheet["height"] == 640
    page.get_by_role("button", name="Close").click()
    assert page.evaluate("document.documentElement.scrollWidth") == 400


def test_on_a_wide_screen_the_panel_stands_beside_the_text(opened: Callable) -> None:
    page = opened()
    flag(page, "accepted a decision").click()
    shows(page, "decided")
    panel = page.locator("#panel").bounding_box()
    widest = max(box["x"] + box["width"] for box in (each.bounding_box() for each in page.locator(".text").all()))
    assert widest <= panel["x"]
    assert panel["y"] + panel["height"] <= 900


def test_dark_mode_turns_the_page_dark(opened: Callable) -> None:
    brightness = "() => getComputedStyle(document.body).backgroundColor.match(/\\d+/g).map(Number)[0]"
    assert opened(color_scheme="light").evaluate(brightness) > 200
    assert opened(color_scheme="dark").evaluate(brightness) < 50


def test_paper_shows_the_wording_and_no_controls(opened: Callable) -> None:
    page = opened(color_scheme="dark")
    page.emulate_media(media="print")
    notes = page.locator(".paper .note").all()
    assert [note.is_visible() for note in notes] == [True] * 3
    assert "accepted a decision → decided" in notes[0].inner_text()
    for control in ("#panel", "#filters", "#save", "#open-filters", "dialog"):
        assert not page.locator(control).is_visible()
    assert page.evaluate("getComputedStyle(document.body).color") == "rgb(31, 30, 27)"


def test_without_scripts_everything_can_be_read(opened: Callable) -> None:
    page = opened(java_script_enabled=False)
    assert not page.locator("#panel").is_visible()
    assert not page.locator("#filters").is_visible()
    text = page.locator(".plain-text").inner_text()
    assert "accepted a decision → decided" in text
    assert "skipped: not English" in text
    assert page.locator(".plain-text .score").first.is_visible()


@pytest.mark.parametrize("settings", [{}, {"color_scheme": "dark"}, {"width": 400, "height": 800}])
def test_axe_finds_nothing(opened: Callable, violations: Callable, settings: dict[str, Any]) -> None:
    page = opened(**settings)
    assert violations(page) == []
    flag(page, "spit in the soul").click()
    shows(page, "a slap in the face for")
    page.keyboard.press("d")
    for summary in page.locator("#evidence summary").all():
        summary.click()
    page.get_by_role("button", name="Filter and order").click()
    assert violations(page) == []
    page.locator("#order").select_option("worst")
    page.locator(".item").first.wait_for()
    assert violations(page) == []
    page.keyboard.press("Escape")
    page.locator("h1").click()
    page.keyboard.press("?")
    assert violations(page) == []
