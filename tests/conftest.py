"""Models that several test modules share: a tiny Gemma of random weights, stand-ins, and the embedded model itself."""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import sentencepiece
from sentencepiece import sentencepiece_model_pb2 as protobuf

from backspeak import resources
from backspeak.engines.bundled import BundledEngine, Preparation
from backspeak.engines.decoder import Decoder, TokenScores
from backspeak.engines.gemma import GemmaShape, Piece
from backspeak.engines.gemma_onnx import write_onnx
from backspeak.engines.scripted import Script, ScriptedEngine
from backspeak.engines.vocabulary import sentencepiece_model, trimmed_ids
from backspeak.phrasebank import PhraseBank
from backspeak.phrasebank.inflection import Inflector

ENGLISH = """
The lighthouse keeper counts the boats every evening and writes the number in a green book.
My grandmother bakes bread with walnuts, and the whole street smells of it on Sunday.
A tired teacher waits for the last bus while the rain falls on the empty square.
Nobody in the village knew who had painted the blue door of the bakery.
English: The children carry wooden boxes up the hill. Spanish:
"""
SPANISH = """
El guardián del faro cuenta los barcos cada tarde y escribe el número en un libro verde.
Mi abuela hornea pan con nueces, y toda la calle huele a pan el domingo.
Un maestro cansado espera el último autobús mientras la lluvia cae sobre la plaza vacía.
"""
RUSSIAN = """
Смотритель маяка каждый вечер считает лодки и записывает число в зелёную тетрадь.
Бабушка печёт хлеб с орехами, и в воскресенье вся улица пахнет хлебом.
"""


@dataclass(frozen=True)
class TinyGemma:
    """A Gemma 3 of six small layers, one of them global, with a vocabulary trained on the sentences above.

    `pieces` is the whole vocabulary, its rows are those of `embedding`; the first `text_tokens` ones
    can be written, the rest (for Russian) only be read.
    """

    shape: GemmaShape
    weights: dict[str, np.ndarray]
    embedding: np.ndarray
    pieces: list[Piece]
    text_tokens: int

    def write(self, folder: Path, *, output_tokens: int | None = None) -> None:
        """Convert it, with its vocabularies beside the weights as a prepared model has them."""
        write_onnx(self.shape, lambda name: self.weights[name], self.embedding, folder, output_tokens=output_tokens)
        everything = range(len(self.pieces))
        (folder / "text.model").write_bytes(sentencepiece_model(self.pieces, everything[: self.text_tokens]))
        (folder / "prompt.model").write_bytes(sentencepiece_model(self.pieces, everything))


def _vocabulary() -> tuple[list[Piece], int]:
    """Pieces in the order of a prepared model, and how many of them can be written."""
    trained = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter((ENGLISH + SPANISH + RUSSIAN).split("\n")),
        model_writer=trained,
        model_type="bpe",
        vocab_size=640,
        byte_fallback=True,
        normalization_rule_name="identity",
        add_dummy_prefix=False,
        remove_extra_whitespaces=False,
        user_defined_symbols=["\n"],
        pad_id=0,
        eos_id=1,
        bos_id=2,
        unk_id=3,
        pad_piece="<pad>",
        eos_piece="<eos>",
        bos_piece="<bos>",
        unk_piece="<unk>",
        minloglevel=2,
    )
    model = protobuf.ModelProto.FromString(trained.getvalue())
    full = [Piece(each.piece, each.score, each.type) for each in model.pieces]
    processor = sentencepiece.SentencePieceProcessor(model_proto=trained.getvalue())
    text = trimmed_ids(full, processor.encode(ENGLISH + SPANISH))
    read = trimmed_ids(full, processor.encode(RUSSIAN))
    return [full[index] for index in [*text, *sorted(set(read) - set(text))]], len(text)


def _random_gemma(shape: GemmaShape, pieces: list[Piece], text_tokens: int) -> TinyGemma:
    generator = np.random.default_rng(7)

    def random(*size: int, mean: float = 0.0, deviation: float = 0.1) -> np.ndarray:
        return generator.normal(mean, deviation, size).astype(np.float32)

    weights = {"output_norm.weight": random(shape.hidden, mean=4.0, deviation=1.0)}
    for layer in range(shape.layers):
        sizes = {
            "attn_q": (shape.heads * shape.head_dim, shape.hidden),
            "attn_k": (shape.heads_kv * shape.head_dim, shape.hidden),
            "attn_v": (shape.heads_kv * shape.head_dim, shape.hidden),
            "attn_output": (shape.hidden, shape.heads * shape.head_dim),
            "ffn_gate": (shape.feed_forward, shape.hidden),
            "ffn_up": (shape.feed_forward, shape.hidden),
            "ffn_down": (shape.hidden, shape.feed_forward),
        }
        weights |= {f"blk.{layer}.{name}.weight": random(*size) for name, size in sizes.items()}
        for name in ("attn_norm", "post_attention_norm", "ffn_norm", "post_ffw_norm"):
            weights[f"blk.{layer}.{name}.weight"] = random(shape.hidden, mean=1.0, deviation=0.3)
        for name in ("attn_q_norm", "attn_k_norm"):
            weights[f"blk.{layer}.{name}.weight"] = random(shape.head_dim, mean=2.0, deviation=0.3)
    return TinyGemma(shape, weights, random(len(pieces), shape.hidden, deviation=0.05), pieces, text_tokens)


@pytest.fixture(scope="session")
def tiny_gemma() -> TinyGemma:
    shape = GemmaShape(
        layers=6,
        hidden=64,
        feed_forward=128,
        heads=4,
        heads_kv=1,
        head_dim=16,
        rotary_base=1_000_000.0,
        sliding_window=512,
        rms_epsilon=1e-6,
    )
    return _random_gemma(shape, *_vocabulary())


@pytest.fixture(scope="session")
def tiny_folder(tiny_gemma: TinyGemma, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny Gemma as a prepared model."""
    folder = tmp_path_factory.mktemp("tiny-gemma") / "model"
    tiny_gemma.write(folder, output_tokens=tiny_gemma.text_tokens)
    return folder


@pytest.fixture(scope="session")
def tiny_decoder(tiny_folder: Path) -> Decoder:
    return Decoder(tiny_folder, threads=1)


class RuleDecoder:
    """Stands in for a Decoder: the log-probability of a text is what a rule says of (prompt, text)."""

    def __init__(self, rule: Callable[[str, str], float]) -> None:
        self._rule = rule
        self.asked: list[tuple[str, str]] = []

    def log_probabilities(
        self, prompts: Sequence[str], texts: Sequence[str], groups: Sequence[int] | None = None
    ) -> np.ndarray:
        self.asked += zip(prompts, texts, strict=True)
        return np.array([self._rule(prompt, text) for prompt, text in zip(prompts, texts, strict=True)], dtype=float)


@pytest.fixture
def rule_decoder() -> Callable[[Callable[[str, str], float]], RuleDecoder]:
    return RuleDecoder


class CharacterModel:
    """Stands in for a Decoder: one token a character, each the less likely the longer the prompt is.

    A text as a whole is likely when it holds the word "put".
    """

    def __init__(self) -> None:
        self.scored: list[tuple[str, str]] = []

    def token_scores(self, prompts: Sequence[str], texts: Sequence[str]) -> list[TokenScores]:
        self.scored += zip(prompts, texts, strict=True)
        return [
            TokenScores(
                np.arange(len(text)),
                np.arange(1, len(text) + 1),
                np.full(len(text), -1.0 - len(prompt)),
                np.zeros(len(text)),
                np.ones(len(text)),
            )
            for prompt, text in zip(prompts, texts, strict=True)
        ]

    def log_probabilities(
        self, prompts: Sequence[str], texts: Sequence[str], groups: Sequence[int] | None = None
    ) -> np.ndarray:
        return np.array([float("put" in text) for text in texts])


class ScriptedEmbedded(ScriptedEngine):
    """Stands in for the embedded engine: translations by script, likelihoods by character."""

    name = "bundled"

    def __init__(self, script: Script, **options: Any) -> None:
        super().__init__(script, **options)
        self.lm, self.mt = CharacterModel(), CharacterModel()
        self.rewriting: Any = None

    def prepare(self, pivots: Sequence[str], *, language_model: bool) -> None:
        """There is nothing to prepare."""

    def language_model(self) -> CharacterModel:
        return self.lm

    def translator(self, pivot: str) -> CharacterModel:
        return self.mt

    def prepare_rewriter(self) -> None:
        """There is nothing to prepare."""

    def rewriter(self) -> Any:
        """Nothing rewrites here unless a test says so (`rewriting`)."""
        return self.rewriting


@pytest.fixture(scope="session")
def empty_bank() -> PhraseBank:
    """A phrase bank without a phrase."""
    return PhraseBank([], Inflector.load(resources.corpus_dir()), "empty")


@pytest.fixture
def scripted_embedded() -> type[ScriptedEmbedded]:
    return ScriptedEmbedded


@pytest.fixture(scope="session")
def prepared_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The cache folder of the session: whatever is prepared first is there for every later test."""
    folder = tmp_path_factory.mktemp("cache")
    before = os.environ.get("BACKSPEAK_CACHE")
    os.environ["BACKSPEAK_CACHE"] = str(folder)
    yield folder
    if before is None:
        del os.environ["BACKSPEAK_CACHE"]
    else:
        os.environ["BACKSPEAK_CACHE"] = before


@pytest.fixture(scope="session")
def embedded(prepared_cache: Path) -> BundledEngine:
    """The embedded engine over that cache; its models are prepared when they are first asked for."""
    return BundledEngine(Preparation(), threads=1)
