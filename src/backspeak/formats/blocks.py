"""From the blocks of a prose document (paragraphs, headings, list items) to its Segments."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from backspeak.data import Segment
from backspeak.formats.furniture import furniture_reason, furniture_sentence_reason
from backspeak.formats.language import language_reason
from backspeak.formats.segmentation import MAX_LENGTH, sentence_spans


@dataclass(frozen=True)
class Block:
    """Text that no sentence runs out of. `places` says where it stands in the input: pairs of an
    offset into `text` and the location ("line 3") of what follows from there on, the first at 0.
    `skip` is set by a reader that knows the block is no prose (a table, a code block); `ignore` holds
    the rules whose flags an inline comment accepts in it."""

    text: str
    places: tuple[tuple[int, str], ...]
    skip: str | None = None
    ignore: tuple[str, ...] = ()

    def location(self, offset: int) -> str:
        return self.places[bisect_right(self.places, offset, key=lambda place: place[0]) - 1][1]


def lines_of(text: str) -> list[str]:
    """Lines as an editor counts them; `str.splitlines` also breaks at form feeds and the like."""
    return re.split(r"\r\n|\r|\n", text)


def segments_of(document: str, blocks: Iterable[Block]) -> list[Segment]:
    """The Segments of all blocks, as `segments_in` gives them."""
    return list(segments_in(document, blocks))


def segments_in(document: str, blocks: Iterable[Block]) -> Iterator[Segment]:
    """One Segment a sentence, with ids "1", "2", ... in reading order.

    A block that is page furniture, or marked by its reader, becomes one skipped Segment and is not
    cut into sentences, though cut to the length limit. One block ahead is read.
    """
    number = 0
    for before, block, after in _neighbours(block for block in blocks if block.text.strip()):
        for text, location, skip, ignore in _pieces(block, before, after):
            number += 1
            yield Segment(document, str(number), text, location=location, skip=skip, ignore=ignore)


def _neighbours(blocks: Iterable[Block]) -> Iterator[tuple[str | None, Block, str | None]]:
    """Each block between the texts of the one before and the one after it."""
    before, block = None, None
    for after in blocks:
        if block is not None:
            yield before, block, after.text
            before = block.text
        block = after
    if block is not None:
        yield before, block, None


def _pieces(
    block: Block, before: str | None, after: str | None
) -> Iterator[tuple[str, str, str | None, tuple[str, ...]]]:
    skip = block.skip or furniture_reason(block.text, before, after)
    if skip is not None:
        yield _shortened(block.text.strip()), block.location(0), skip, block.ignore
        return
    spans = sentence_spans(block.text)
    for start, end in spans:
        text = block.text[start:end]
        reason = furniture_sentence_reason(text) if len(spans) > 1 else None
        yield text, block.location(start), reason or language_reason(text), block.ignore


def _shortened(text: str) -> str:
    return text if len(text) <= MAX_LENGTH else text[: MAX_LENGTH - 2].rstrip() + " …"
