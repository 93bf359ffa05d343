"""Writes a BERT of random weights with a vocabulary of English words, as all-MiniLM-L6-v2 is carried."""

from __future__ import annotations

import json
import string
from pathlib import Path

import numpy as np
from safetensors.numpy import save_file
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers

HIDDEN, LAYERS, HEADS, WIDE, POSITIONS = 64, 2, 4, 128, 512


def write(folder: Path, sentences: list[str], seed: int = 5) -> Path:
    """Write config.json, model.safetensors and tokenizer.json; the special tokens stand where BERT has them."""
    random = np.random.default_rng(seed)
    letters = string.ascii_lowercase + string.digits + string.punctuation
    words = sorted({word for text in sentences for word in text.lower().replace(".", " ").split()})
    pieces = ["[PAD]", *(f"[unused{n}]" for n in range(99)), "[UNK]", "[CLS]", "[SEP]"]
    pieces += [*letters, *(f"##{letter}" for letter in letters), *words]
    pieces = list(dict.fromkeys(pieces))
    tokenizer = Tokenizer(models.WordPiece({piece: n for n, piece in enumerate(pieces)}, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.save(str(folder / "tokenizer.json"))
    sizes = {"hidden_size": HIDDEN, "num_hidden_layers": LAYERS, "num_attention_heads": HEADS}
    (folder / "config.json").write_text(json.dumps(sizes))

    tensors: dict[str, np.ndarray] = {}

    def matrix(name: str, rows: int, columns: int, scale: float) -> None:
        tensors[name + ".weight"] = random.normal(0, scale, (rows, columns)).astype(np.float32)

    def linear(name: str, rows: int, columns: int) -> None:
        matrix(name, rows, columns, 0.2)
        tensors[name + ".bias"] = random.normal(0, 0.1, rows).astype(np.float32)

    def norm(name: str) -> None:
        tensors[name + ".weight"], tensors[name + ".bias"] = np.ones(HIDDEN, np.float32), np.zeros(HIDDEN, np.float32)

    matrix("embeddings.word_embeddings", len(pieces), HIDDEN, 1.0)
    matrix("embeddings.position_embeddings", POSITIONS, HIDDEN, 0.3)
    matrix("embeddings.token_type_embeddings", 2, HIDDEN, 0.3)
    norm("embeddings.LayerNorm")
    for layer in range(LAYERS):
        at = f"encoder.layer.{layer}."
        for name in ("query", "key", "value"):
            linear(f"{at}attention.self.{name}", HIDDEN, HIDDEN)
        linear(f"{at}attention.output.dense", HIDDEN, HIDDEN)
        linear(f"{at}intermediate.dense", WIDE, HIDDEN)
        linear(f"{at}output.dense", HIDDEN, WIDE)
        norm(f"{at}attention.output.LayerNorm")
        norm(f"{at}output.LayerNorm")
    save_file(tensors, folder / "model.safetensors")
    return folder
