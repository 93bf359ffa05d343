"""Writes docs/report.png: `python docs/make_picture.py [REPORT.html]`.

Without a report, the demo's article is checked first. Wants the extra `test` (playwright) and Chromium
(Debian's package `chromium`).
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from backspeak import resources

PICTURE = Path(__file__).with_name("report.png")
SIZE = {"width": 1280, "height": 860}
FLAGS = 4  # how many flags to walk before the picture is taken: the fourth has suggestions in words


def take(report: Path, picture: Path) -> None:
    """Photograph the top of `report`, a flag opened, into `picture`."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None:
        sys.exit("Chromium is not installed; apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page(viewport=SIZE, reduced_motion="reduce")
        page.goto(report.resolve().as_uri())
        page.locator("html.ready").wait_for(state="attached")
        for _ in range(FLAGS):
            page.keyboard.press("n")
        page.locator("#evidence article").wait_for()
        page.evaluate("window.scrollTo(0, 0)")
        page.screenshot(path=picture)
        browser.close()


def main() -> None:
    """Take the picture of the report that was named, or of the demo's."""
    if len(sys.argv) > 1:
        take(Path(sys.argv[1]), PICTURE)
    else:
        with tempfile.TemporaryDirectory() as folder:
            # As `demo` does, from the article's own folder, so that no path of this machine is in the picture.
            command = [sys.executable, "-c", "from backspeak.cli import main; main()", "check", "article.txt"]
            subprocess.run([*command, "--out", folder], cwd=resources.corpus_dir(), check=True)
            take(Path(folder) / "report.html", PICTURE)
    print(f"written: {PICTURE}")


if __name__ == "__main__":
    main()
