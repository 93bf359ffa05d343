"""Paths: files, folders, globs and standard input become a list of named inputs."""

from __future__ import annotations

from pathlib import Path

import pytest

from backspeak.errors import InputError
from backspeak.formats.discovery import FoundInput, find

EXTENSIONS = {".txt", ".md"}


@pytest.fixture
def news(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name in (
        "news/b.txt",
        "news/a.TXT",
        "news/sub/c.md",
        "news/.hidden.txt",
        "news/.git/d.txt",
        "news/e.pdf",
        "f.txt",
    ):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("The lamp burns.")
    (tmp_path / "none").mkdir()
    return tmp_path


def names(*paths: str | Path) -> list[str]:
    return [found.name for found in find(paths, EXTENSIONS)]


def test_a_folder_is_searched_in_order_without_hidden_and_unknown_files(news: Path) -> None:
    assert names("news") == ["news/a.TXT", "news/b.txt", "news/sub/c.md"]
    assert names(".")[0] == "f.txt"


@pytest.mark.parametrize("results", [("segments.jsonl", "summary.json"), ("comparison.json", "comparison.html")])
def test_results_of_an_earlier_run_are_no_input(news: Path, results: tuple[str, ...]) -> None:
    for name in (*results, "report.md", "annotated/g.txt"):
        path = news / "news" / "report" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("{}")
    assert names("news") == ["news/a.TXT", "news/b.txt", "news/sub/c.md"]
    assert names("news/report") == ["news/report/annotated/g.txt", "news/report/report.md"]  # where they are meant
    (news / "news" / "report" / results[0]).unlink()
    assert "news/report/report.md" in names("news")


def test_files_with_another_job_are_left_out_of_a_folder_only(news: Path) -> None:
    beside = [Path("news/sub/../b.txt"), Path("elsewhere.txt")]
    assert [found.name for found in find(["news"], EXTENSIONS, beside)] == ["news/a.TXT", "news/sub/c.md"]
    assert [found.name for found in find(["news/b.txt"], EXTENSIONS, beside)] == ["news/b.txt"]


def test_a_glob_is_expanded(news: Path) -> None:
    assert names("news/*.txt") == ["news/b.txt"]
    assert names("news/**/*") == ["news/a.TXT", "news/b.txt", "news/sub/c.md"]


def test_a_file_whose_name_looks_like_a_glob(news: Path) -> None:
    (news / "lamp[1].txt").write_text("The lamp burns.")
    assert names("lamp[1].txt") == ["lamp[1].txt"]


def test_files_keep_the_order_given_and_come_once(news: Path) -> None:
    assert names("f.txt", "news/b.txt", "./f.txt", "news") == ["f.txt", "news/b.txt", "news/a.TXT", "news/sub/c.md"]


def test_a_hidden_file_may_be_named(news: Path) -> None:
    assert names("news/.hidden.txt") == ["news/.hidden.txt"]


def test_standard_input(news: Path) -> None:
    assert find(["-", "-"], EXTENSIONS) == [FoundInput("stdin", None)]


def test_names_in_an_absolute_folder_are_short(news: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert names(news / "news") == ["news/a.TXT", "news/b.txt", "news/sub/c.md"]
    monkeypatch.chdir(news / "none")
    assert names(news / "news") == ["news/a.TXT", "news/b.txt", "news/sub/c.md"]


def test_names_are_unique(news: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for folder in ("x/lamp", "y/lamp"):
        (news / folder).mkdir(parents=True)
        (news / folder / "a.txt").write_text("The lamp burns.")
    monkeypatch.chdir(news / "none")
    found = names(news / "x/lamp", news / "y/lamp")
    assert len(set(found)) == 2


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("lamp.txt", r"^lamp\.txt: no such file or folder$"),
        ("none", r"^none: the folder has no file that can be read; known are \.md, \.txt$"),
        ("none/*.txt", r"^none/\*\.txt: the pattern matches no file that can be read; known are \.md, \.txt$"),
        (
            "news/e.pdf",
            r"^news/e\.pdf: a \.pdf file cannot be read; known are \.md, \.txt\. Rename .* check - < news/e\.pdf",
        ),
    ],
)
def test_paths_that_cannot_be_meant(news: Path, path: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        find(["f.txt", path], EXTENSIONS)


def test_no_paths_at_all() -> None:
    with pytest.raises(InputError, match="nothing to read"):
        find([], EXTENSIONS)
