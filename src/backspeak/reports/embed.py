"""The data of a page as script blocks that no browser runs: JSON, and for large runs compressed JSON.

`block-0`, `block-1`... hold lists of BLOCK items each; `index` holds what the page needs of all of them.
A run of 5,000 segments has some 7 MB of JSON, one of 100,000 some 140 MB; compressed they are a fifth of
it (measured on an article), and the page inflates only the blocks that it shows.
"""

from __future__ import annotations

import base64
import json
import re
import zlib
from typing import Any

from markupsafe import Markup

BLOCK = 100  # items a block

# Beyond this many characters of JSON the blocks are compressed: below, a page is easier to look into.
_COMPRESSED_FROM = 4_000_000

# What could end the block, is not text to an HTML parser, acts on the reader, or has no form in UTF-8.
_UNSAFE = re.compile("[<>&\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufeff]")


def safe_json(value: Any) -> str:
    """`value` as JSON that may stand in a script element: unsafe characters are JSON escapes."""
    written = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return _UNSAFE.sub(lambda found: f"\\u{ord(found[0]):04x}", written)


class Blocks:
    """Collects items and writes them as script elements."""

    def __init__(self) -> None:
        self._open: list[str] = []
        self._plain: list[str] = []
        self._packed: list[str] = []
        self._size = 0

    def add(self, item: Any) -> None:
        """Append one item, an object of JSON."""
        self._open.append(safe_json(item))
        if len(self._open) == BLOCK:
            self._close_block()

    def _close_block(self) -> None:
        if not self._open:
            return
        block = "[" + ",\n".join(self._open) + "]"
        self._open = []
        self._size += len(block)
        if self._size <= _COMPRESSED_FROM:
            self._plain.append(block)
            return
        # What came before the limit was reached is compressed too, so that a page has one kind of block.
        self._packed += [_packed(each) for each in (*self._plain, block)]
        self._plain = []

    def markup(self, index: Any) -> Markup:
        """All blocks, the index first."""
        self._close_block()
        written = safe_json(index)
        compressed = bool(self._packed)
        blocks = [("index", _packed(written) if compressed else written)]
        blocks += [(f"block-{at}", block) for at, block in enumerate(self._packed or self._plain)]
        kind = "application/zlib" if compressed else "application/json"
        return Markup("\n").join(
            # Both JSON made safe and base64 hold no character that HTML would read.
            Markup('<script type="{}" id="{}">{}</script>').format(kind, name, Markup(block))
            for name, block in blocks
        )


def _packed(block: str) -> str:
    return base64.b64encode(zlib.compress(block.encode("utf-8"), 6)).decode("ascii")
