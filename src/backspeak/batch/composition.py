"""From a stream of segments to tasks: equal texts once, neighbours of like length, in shuffled order.

Texts of like length make good use of a model's batches. Taken from short to long they would make a
run ever slower and its forecast a lie, so the tasks of a window are shuffled, always in the same way.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, pairwise

from backspeak.data import Segment

# Segments looked at together: enough for tasks of one length, and a few megabytes of memory.
WINDOW = 4096

Placed = tuple[int, Segment]
"""A segment and its position in the input."""


@dataclass(frozen=True)
class Item:
    """One text to be examined, with every segment that has it; `known` is what the cache holds of it."""

    key: bytes
    members: tuple[Placed, ...]
    known: bytes | None = None

    @property
    def segment(self) -> Segment:
        """The segment that stands for all."""
        return self.members[0][1]


@dataclass(frozen=True)
class Task:
    """Texts that one worker examines at once. `number` is unique in the run of one process."""

    number: int
    items: tuple[Item, ...]
    round_trip: bool

    @property
    def segments(self) -> int:
        """How many segments it finishes."""
        return sum(len(item.members) for item in self.items)


def windows(segments: Iterable[Placed], size: int = WINDOW) -> Iterator[list[Placed]]:
    """The segments in portions of at most `size`."""
    source = iter(segments)
    while window := list(islice(source, size)):
        yield window
        del window  # or two would be held while the next one is read


def items_of(window: Sequence[Placed], key: Callable[[Segment], bytes]) -> list[Item]:
    """One item a distinct key, in the order of their first segments."""
    members: dict[bytes, list[Placed]] = {}
    for placed in window:
        members.setdefault(key(placed[1]), []).append(placed)
    return [Item(each, tuple(placed)) for each, placed in members.items()]


def portions(items: Sequence[Item], size: int, *, seed: int | None) -> list[list[Item]]:
    """Items of like length in portions of at most `size`, as even as can be.

    With a seed, from short to long and then shuffled by it, but for the shortest quarter, which comes last,
    so that all workers have something to do until the end; without, in the order given, and only sorted by
    length inside each portion.
    """
    ordered = list(items) if seed is None else sorted(items, key=_length)
    count = -(-len(ordered) // size)
    cuts = [len(ordered) * number // max(1, count) for number in range(count + 1)]
    made = [ordered[start:end] for start, end in pairwise(cuts)]
    if seed is None:
        return [sorted(portion, key=_length) for portion in made]
    short, long = made[: len(made) // 4], made[len(made) // 4 :]
    random.Random(seed).shuffle(long)
    return [*long, *reversed(short)]


def _length(item: Item) -> tuple[int, bytes]:
    return len(item.segment.text) + len(item.segment.source or ""), item.key
