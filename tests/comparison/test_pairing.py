"""Which segment belongs to which, and what is refused by name."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import pytest

from backspeak.comparison import pair, read_side
from backspeak.errors import InputError


@pytest.fixture
def paired(run: Callable) -> Callable:
    def made(a: list, b: list) -> list[tuple[str, str]]:
        pairs = pair(read_side(run("a", a)), read_side(run("b", b)))
        return [(each.a.segment.text, each.b.segment.text) for each in pairs]

    return made


def test_a_run_is_a_folder_or_its_record(run: Callable, a_segment: Callable) -> None:
    folder = run("alpha", [a_segment(1)], "version:1")
    by_folder, by_file = read_side(folder), read_side(folder / "segments.jsonl")
    assert by_folder == by_file
    assert (by_folder.name, by_folder.signature) == ("alpha", "version:1")
    other = (folder / "segments.jsonl").rename(folder / "beta.jsonl")
    assert (read_side(other).name, read_side(other).signature) == ("beta", None)


def test_missing_and_empty_runs_are_named(run: Callable, tmp_path) -> None:
    with pytest.raises(InputError, match=r"none.*backspeak check"):
        read_side(tmp_path / "none")
    with pytest.raises(InputError, match=r"segments\.jsonl: holds no segments"):
        read_side(run("empty", []))


def test_by_document_and_id_whatever_the_order(paired: Callable, a_segment: Callable) -> None:
    a = [a_segment(1, "one"), a_segment(2, "two"), a_segment(1, "other", document="z")]
    b = [a_segment(1, "OTHER", document="z"), a_segment(2, "TWO"), a_segment(1, "ONE")]
    assert paired(a, b) == [("one", "ONE"), ("two", "TWO"), ("other", "OTHER")]


def test_by_order_where_the_documents_have_other_names(paired: Callable, a_segment: Callable) -> None:
    a = [a_segment(1, "one", document="x", id="p", source="Раз."), a_segment(2, "two", document="x")]
    b = [a_segment(1, "ONE", document="y", id="q", source="Раз."), a_segment(2, "TWO", document="y")]
    assert paired(a, b) == [("one", "ONE"), ("two", "TWO")]


@pytest.mark.parametrize(
    ("change_b", "message"),
    [
        (lambda b, make: b[:2], r"a/segments\.jsonl:3: segment '3' of 'doc\.txt' is not in .*b/segments\.jsonl"),
        (lambda b, make: [*b, make(4)], r"b/segments\.jsonl:4: segment '4' of 'doc\.txt' is not in .*a/segments"),
        (lambda b, make: [*b, make(2)], r"b/segments\.jsonl:4: segment '2' .* is already on line 2"),
        (lambda b, make: [b[0], make(2, source="Три."), b[2]], r"b/.*:2: the source is 'Три\.', but .*:2 has 'Два\.'"),
        (lambda b, make: [b[0], make(2, reference="x"), b[2]], r"b/.*:2: the reference is 'x', but .*:2 has 'Two\.'"),
    ],
)  # fmt: skip
def test_the_first_line_that_differs_is_named(paired: Callable, a_segment: Callable, change_b, message: str) -> None:
    a = [a_segment(1), a_segment(2, source="Два.", reference="Two."), a_segment(3)]
    with pytest.raises(InputError, match=message):
        paired(a, change_b(a, a_segment))


def test_an_id_twice_in_a_is_refused(paired: Callable, a_segment: Callable) -> None:
    with pytest.raises(InputError, match=r"a/segments\.jsonl:2: segment '1' of 'doc\.txt' is there twice"):
        paired([a_segment(1), a_segment(1)], [a_segment(1)])


@pytest.mark.parametrize(
    ("change_b", "message"),
    [
        (lambda b: b[:1], r"a/segments\.jsonl:2: segment '2' of 'doc\.txt' has no partner: .*jsonl ends at line 1"),
        (lambda b: [*b, b[1]], r"b/segments\.jsonl:3: segment '2' of 'y' has no partner"),
        (lambda b: [b[1], b[0]], r"b/segments\.jsonl:1: id '2' stands where .*a/segments\.jsonl:1 has '1'"),
    ],
)  # fmt: skip
def test_by_order_the_first_line_that_differs_is_named(
    paired: Callable, a_segment: Callable, change_b, message: str
) -> None:
    a = [a_segment(1), a_segment(2)]
    b = [dataclasses.replace(each, segment=dataclasses.replace(each.segment, document="y")) for each in a]
    with pytest.raises(InputError, match=message):
        paired(a, change_b(b))
