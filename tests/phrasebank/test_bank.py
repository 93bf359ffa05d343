"""The shipped phrase bank: what it finds, what it offers, and what it leaves to the rest of the product."""

from __future__ import annotations

import csv
import json
import re
import time
from collections import Counter
from pathlib import Path

import pytest

from backspeak import resources
from backspeak.data import CATEGORIES, SEVERITIES
from backspeak.errors import InputError
from backspeak.phrasebank import Match, PhraseBank
from backspeak.phrasebank.bank import INDEX_FILE, anchor_index
from backspeak.phrasebank.checking import contradictions
from backspeak.phrasebank.inflection import Inflector
from backspeak.phrasebank.tables import COLUMNS

PAIRS = Path(__file__).parents[1] / "pairs"
LANGUAGES = {"ru", "uk", "es", "fr", "de", "it", "pt", "pl", "zh", "ar", "tr"}
LEAST_ENTRIES = {
    "calques": 220,
    "collocations": 280,
    "false_friends": 170,
    "idioms": 340,
    "names": 520,
    "terminology": 230,
}

# Plain English that holds the words of entries without their meaning.
CLEAN = [
    "We made photo albums for the whole family and put them on the shelf.",
    "Children get an idea of how the fabric is woven in the old chocolate shop.",
    "Her parents sat in a park bench's shade, and the cat slept in a bag of wool.",
    "Since two years ago the bank has paid attention to small firms.",
    "Depending, of course, on the weather, the match will be played on Monday.",
    "He has reason to believe that the police found the papers in the car.",
    "There was a white crow on the roof of the all-day breakfast bar.",
    "In Monday's paper the minister answered the question about organs of the body.",
    "The decade of the twenties was a golden age for the town's cinemas.",
    "She asked whether the drop in the sea level would harm the harbour.",
    "The hotel is in the second half of the street, on the side of the road.",
    "They carried losses forward and depended on the goodwill of the bank.",
]


@pytest.fixture(scope="module")
def bank() -> PhraseBank:
    return PhraseBank.load()


def only(bank: PhraseBank, text: str) -> tuple[str, Match]:
    (match,) = bank.find(text)
    return text[match.start : match.end], match


def test_every_example_holds_its_entry_and_gets_a_usable_suggestion(bank: PhraseBank) -> None:
    faults = []
    for entry in bank.entries:
        match = next((match for match in bank.find(entry.example) if match.entry is entry), None)
        if match is None:
            faults.append(f"{entry.table}:{entry.line} another entry wins in its example")
            continue
        wording = entry.example[match.start : match.end]
        for suggestion in match.suggestions:
            doubled = re.search(r"\b(\w+) \1\b", suggestion)
            if not suggestion or "$" in suggestion or "  " in suggestion or doubled or suggestion == wording:
                faults.append(f"{entry.table}:{entry.line} offers {suggestion!r}")
    assert faults == []


def test_entries_are_complete(bank: PhraseBank) -> None:
    counts = Counter(entry.table for entry in bank.entries)
    assert {table: least for table, least in LEAST_ENTRIES.items() if counts[table] < least} == {}
    assert {lang for entry in bank.entries for lang in entry.source_langs} >= LANGUAGES
    for entry in bank.entries:
        assert entry.category in CATEGORIES
        assert entry.severity in SEVERITIES
        assert entry.note.endswith("."), entry.phrase
        assert re.fullmatch(r"[A-Z].*[.!?]", entry.example), entry.example
        assert re.fullmatch(r"phrase-bank\.[a-z_]+\.[a-z0-9-]+", entry.rule), entry.rule


@pytest.mark.parametrize("text", CLEAN)
def test_clean_english_is_left_alone(bank: PhraseBank, text: str) -> None:
    assert [match.entry.rule for match in bank.find(text)] == []


def pairs(name: str) -> list[dict[str, str]]:
    with (PAIRS / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


@pytest.mark.parametrize("name", ["pairs.tsv", "held-out.tsv"])
def test_good_sentences_of_the_pairs_are_left_alone(bank: PhraseBank, name: str) -> None:
    found = {row["id"]: bank.find(row["good"]) for row in pairs(name)}
    assert {key: matches for key, matches in found.items() if matches} == {}


def test_hardly_a_held_out_phrase_is_listed(bank: PhraseBank) -> None:
    """The held-out pairs measure above all what the product finds without a list."""
    rows = pairs("held-out.tsv")
    assert len(rows) >= 110
    assert sum(bool(bank.find(row["bad"])) for row in rows) <= len(rows) * 0.15


@pytest.mark.parametrize(
    ("text", "wording", "suggestion"),
    [
        ("Tourists made a photo.", "made a photo", "took a photo"),
        ("They have made many photos.", "made many photos", "taken many photos"),
        ("Making photos is banned.", "Making photos", "Taking photos"),
        ("She makes photos.", "makes photos", "takes photos"),
        ("It was an actual topic.", "an actual topic", "a topical issue"),
        ("Clowns will take participation.", "take participation", "take part"),
        ("The law is under a big question.", "is under a big question", "is in serious doubt"),
        ("All main concurrents left.", "main concurrents", "main competitors"),
        ("He put his feet in the dish.", "put his feet in the dish", "put his foot in it"),
        ("Fans of Mikelandzhelo’s art came.", "Mikelandzhelo", "Michelangelo"),
        ("The crew of Khezbolla's ship.", "Khezbolla", "Hezbollah"),
        ("A half finalist fell.", "half finalist", "semi-finalist"),
        ("It is an informatic system.", "an informatic system", "a computer system"),
        ("He left without to say a word.", "without to say", "without saying"),
        ("She looks forward to meet you.", "looks forward to meet", "looks forward to meeting"),
        ("I have written to them yesterday.", "have written to them yesterday", "wrote to them yesterday"),
    ],
)
def test_suggestions_fit_the_sentence(bank: PhraseBank, text: str, wording: str, suggestion: str) -> None:
    found, match = only(bank, text)
    assert (found, match.suggestions[0]) == (wording, suggestion)


def test_of_overlapping_entries_the_longest_is_kept(bank: PhraseBank) -> None:
    text = "The papers quote Uoll Strit Dzhornal."
    assert [match.suggestions for match in bank.find(text)] == [("Wall Street Journal",)]


def test_capitals_in_mid_sentence_are_a_name(bank: PhraseBank) -> None:
    assert bank.find("She sang in the film A Genial Idea.") == []
    assert bank.find("It was a genial idea.") != []


@pytest.mark.parametrize(
    "key", ["make a photo", "making photos", "make-a-photo", "phrase-bank.calques.make-a-photo", " made a photo "]
)
def test_lookup(bank: PhraseBank, key: str) -> None:
    assert [entry.slug for entry in bank.lookup(key)] == ["make-a-photo"]


def test_lookup_of_an_unknown_phrase(bank: PhraseBank) -> None:
    assert bank.lookup("take a photo") == []


def test_version_tells_edited_tables_from_shipped_ones(bank: PhraseBank, tmp_path: Path) -> None:
    assert bank.version == resources.manifest(resources.corpus_dir())["version"]
    for path in resources.corpus_dir().iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    assert PhraseBank.load(tmp_path).version == bank.version
    table = tmp_path / "calques.tsv"
    table.write_text("\n".join(table.read_text(encoding="utf-8").splitlines()[:-1]), encoding="utf-8")
    assert re.fullmatch(r"local-[0-9a-f]{8}", PhraseBank.load(tmp_path).version)


def test_the_shipped_index_is_that_of_the_tables(bank: PhraseBank) -> None:
    """A change of the pattern language or the inflection needs `python -m backspeak.phrasebank.manifest`."""
    folder = resources.corpus_dir()
    shipped = json.loads((folder / INDEX_FILE).read_text(encoding="utf-8"))
    assert shipped == anchor_index(bank.entries, Inflector.load(folder))


def test_no_entry_contradicts_another(bank: PhraseBank) -> None:
    assert [(entry.rule, problem) for entry, problem in contradictions(bank, bank.entries)] == []


def test_own_tables_join_the_shipped_ones(bank: PhraseBank, tmp_path: Path) -> None:
    table = tmp_path / "mine.tsv"
    row = (
        "drink $det soup of tears",
        "weep",
        "unidiomatic",
        "minor",
        "uk",
        "0.9",
        "She drank the soup of tears.",
        "X.",
    )
    table.write_text("\t".join(COLUMNS) + "\n" + "\t".join(row) + "\n", encoding="utf-8")
    both = PhraseBank.load(own=[table])
    assert len(both.entries) == len(bank.entries) + 1
    assert both.version.startswith(f"{bank.version}+local-")
    text = "They drank a soup of tears and made a photo."
    assert [match.entry.table for match in both.find(text)] == ["mine", "calques"]
    table.write_text("\t".join(COLUMNS) + "\nmake a photo\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"mine\.tsv:2: 1 cells instead of 8"):
        PhraseBank.load(own=[table])


def test_a_start_takes_milliseconds(bank: PhraseBank) -> None:
    """The aim is 30 ms on an idle core (6 ms measured); twice that here, for busy machines."""
    taken = []
    for _ in range(5):
        start = time.process_time()
        PhraseBank.load()
        taken.append(time.process_time() - start)
    assert min(taken) < 0.06


def test_speed(bank: PhraseBank) -> None:
    """The floor is 2,000 sentences a second on an idle core; half of it here, for busy machines."""
    sentences = [entry.example + " " + clean for entry in bank.entries for clean in CLEAN[:2]]
    start = time.process_time()
    for sentence in sentences:
        bank.find(sentence)
    assert len(sentences) / (time.process_time() - start) > 1_000
