"""Every segment is in one task, equal texts share an item, and the same input gives the same tasks."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from backspeak.batch.cache import key
from backspeak.batch.composition import items_of, portions, windows
from backspeak.data import Segment


def _placed(texts: list[str]) -> list[tuple[int, Segment]]:
    return [(at, Segment("d", str(at), text)) for at, text in enumerate(texts)]


def _key(segment: Segment) -> bytes:
    return key("signature", segment)


TEXTS = st.lists(st.text(max_size=30), max_size=60)


@given(TEXTS, st.integers(1, 20), st.one_of(st.none(), st.integers(0, 99)))
def test_every_segment_is_in_one_portion(texts: list[str], size: int, seed: int | None) -> None:
    made = portions(items_of(_placed(texts), _key), size, seed=seed)
    assert sorted(at for portion in made for item in portion for at, _ in item.members) == list(range(len(texts)))
    assert all(1 <= len(portion) <= size for portion in made)
    assert sum(len(portion) for portion in made) == len(set(texts))
    assert made == portions(items_of(_placed(texts), _key), size, seed=seed)


def test_portions_are_of_like_length_and_in_shuffled_order() -> None:
    items = items_of(_placed(["x" * (37 * at % 101) for at in range(101)]), _key)
    made = portions(items, 10, seed=3)
    ranges = [(len(portion[0].segment.text), len(portion[-1].segment.text)) for portion in made]
    assert all(last - first < 10 for first, last in ranges)
    assert ranges != sorted(ranges)
    assert max(map(len, made)) - min(map(len, made)) <= 1


def test_the_shortest_portions_come_last_and_the_very_shortest_at_the_end() -> None:
    """So that no worker is in the middle of a long task when the others are done."""
    items = items_of(_placed(["x" * (37 * at % 101) for at in range(101)]), _key)
    longest = [len(portion[-1].segment.text) for portion in portions(items, 5, seed=3)]
    quarter = len(longest) // 4
    assert longest[-quarter:] == sorted(longest)[:quarter][::-1]


def test_without_a_seed_portions_keep_the_order_given() -> None:
    items = items_of(_placed(["long text", "b", "middle", "a", "longer text"]), _key)
    made = portions(items, 2, seed=None)
    assert [{item.segment.text for item in portion} for portion in made] == [
        {"long text"}, {"b", "middle"}, {"a", "longer text"},
    ]  # fmt: skip


def test_equal_texts_with_another_source_are_not_equal() -> None:
    segments = [
        Segment("d", "1", "Yes."),
        Segment("e", "9", "Yes.", reference="Indeed."),
        Segment("d", "2", "Yes.", source="Sí.", source_lang="es"),
        Segment("d", "3", "Yes.", source="Sí.", source_lang="it"),
    ]
    items = items_of(list(enumerate(segments)), _key)
    assert [[at for at, _ in item.members] for item in items] == [[0, 1], [2], [3]]


def test_windows_read_no_further_than_they_must() -> None:
    read = []

    def source():
        for placed in _placed(["a"] * 10):
            read.append(placed[0])
            yield placed

    made = windows(source(), 4)
    assert len(next(made)) == 4
    assert read == [0, 1, 2, 3]
    assert [len(window) for window in made] == [4, 2]
