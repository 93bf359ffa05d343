"""A tiny packed encoder, and a data folder of a few sentences of ours in the form of the real one."""

from __future__ import annotations

import importlib.util
import json
import lzma
from pathlib import Path

import pytest

ENGLISH = [
    "The lighthouse keeper counts the boats every evening.",
    "My grandmother bakes bread with walnuts on Sunday.",
    "A tired teacher waits for the last bus in the rain.",
    "Nobody in the village knew who had painted the blue door.",
    "The children carry wooden boxes up the steep hill.",
    "Our neighbour Margaret sold her old boat to a fisherman from Dover.",
    "In spring the river floods the meadows behind the mill.",
    "He promised to repair the roof before the winter storms.",
]
RUSSIAN = [
    "Смотритель маяка каждый вечер считает лодки.",
    "Бабушка печёт хлеб с орехами в воскресенье.",
    "Усталый учитель ждёт последний автобус под дождём.",
    "Никто в деревне не знал, кто покрасил синюю дверь.",
    "Дети несут деревянные ящики вверх по холму.",
    "Соседка Маргарет продала старую лодку рыбаку.",
    "Весной река заливает луга за мельницей.",
    "Он обещал починить крышу до зимних бурь.",
]
WEAK = [
    "The beacon watcher considers boats every evening.",
    "Grandmother bakes the bread with nuts in Sunday.",
    "A weary teacher waits the last bus under rain.",
    "Nobody in village not knew who painted the blue door.",
    "Children carry the wooden boxes upwards on hill.",
    "The neighbour Margaret sold old boat to the fisher.",
    "By spring the river pours meadows behind of the mill.",
    "He promised to mend a roof until winter storms.",
]


def _write(path: Path, records: list[dict]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with lzma.open(path, "wt", encoding="utf-8") as file:
        for record in records:
            file.write(json.dumps(record, ensure_ascii=False) + "\n")


@pytest.fixture(scope="session")
def data_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("data")
    for pair in ("ro", "et", "ne", "si", "ru"):
        for split in ("train", "dev"):
            rows = []
            for number, (source, weak, english) in enumerate(zip(RUSSIAN, WEAK, ENGLISH, strict=True)):
                tokens = weak.replace(".", " .").split()
                tags = ["OK" if token in english.split() or token == "." else "BAD" for token in tokens]
                rows.append(
                    {
                        "source": source,
                        "translation": weak,
                        "tokens": tokens,
                        "word_tags": tags,
                        "gap_tags": ["OK"] * len(tokens) + ["BAD"],
                        "post_edit": english,
                        "hter": tags.count("BAD") / len(tags),
                        "da_mean": 40.0 + 5 * number,
                        "da_z": number / 4 - 1,
                    }
                )
            _write(folder / "mlqe-pe" / f"{pair}-en.{split}.jsonl.xz", rows)
    _write(
        folder / "mt-outputs" / "into-english.jsonl.xz",
        [
            {
                "pair": "ru-en", "set": name, "source": source, "reference": english,
                "outputs": {"opusmt": weak, "google": english.replace("the ", "a ")},
            }
            for name in ("flores-dev", "wmt18")
            for source, english, weak in zip(RUSSIAN, ENGLISH, WEAK, strict=True)
        ],
    )  # fmt: skip
    _write(
        folder / "parallel" / "en-ru.jsonl.xz",
        [
            {"set": "wmt18", "source": english + " Then it rained.", "targets": {"human": source}}
            for english, source in zip(ENGLISH, RUSSIAN, strict=True)
        ],
    )
    return folder


@pytest.fixture(scope="session")
def wordnet_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three synsets in the form of WordNet's data files."""
    folder = tmp_path_factory.mktemp("wordnet")
    line = "  1 a licence line\n{:08d} 00 n {:02x} {} 000 | a gloss\n"
    entries = {"noun": ["boat", "vessel", "craft"], "verb": ["carry", "haul"], "adj": ["last", "final", "ultimate"]}
    entries["adv"] = ["slowly", "leisurely"]
    for part, words in entries.items():
        text = line.format(1, len(words), " ".join(f"{word} 0" for word in words))
        (folder / f"data.{part}").write_text(text, encoding="latin-1")
    return folder


def _writer(name: str):
    # Test folders are no packages: a writer beside this file is loaded by its path.
    spec = importlib.util.spec_from_file_location(name, Path(__file__).parent / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def packed_e5(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pytest.importorskip("torch")
    return _writer("packed_e5").write(tmp_path_factory.mktemp("e5") / "packed.bin", [*ENGLISH, *RUSSIAN, *WEAK] * 3)


@pytest.fixture(scope="session")
def minilm_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny network of English, as `transformers` saves it."""
    return _writer("tiny_minilm").write(tmp_path_factory.mktemp("minilm"), [*ENGLISH, *WEAK])
