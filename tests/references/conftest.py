"""Files of the user's references, and a cache of their own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Path]:
    """Write a file into an empty folder; what is read from it is cached in that folder too."""
    monkeypatch.setenv("BACKSPEAK_CACHE", str(tmp_path / "cache"))

    def write_file(name: str, content: str | bytes) -> Path:
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
        return path

    return write_file


@pytest.fixture
def tmx(write) -> Callable[..., Path]:
    """A TMX of (source, English) pairs."""

    def make(*pairs: tuple[str, str], name: str = "approved.tmx", source_lang: str = "ru") -> Path:
        units = "".join(
            f'<tu tuid="u{number}"><tuv xml:lang="{source_lang}"><seg>{source}</seg></tuv>'
            f'<tuv xml:lang="en-GB"><seg>{english}</seg></tuv></tu>\n'
            for number, (source, english) in enumerate(pairs, start=1)
        )
        return write(name, f'<tmx version="1.4"><header srclang="{source_lang}"/><body>\n{units}</body></tmx>')

    return make
