"""Writes a packed encoder of random weights, in the form in which multilingual-e5-small is carried."""

from __future__ import annotations

import io
import struct
from pathlib import Path

import numpy as np
import sentencepiece
from gguf import GGMLQuantizationType
from gguf.quants import quantize
from sentencepiece import sentencepiece_model_pb2 as protobuf

HIDDEN, LAYERS, HEADS, WIDE, POSITIONS = 64, 2, 4, 128, 512
SPECIAL = ["<s>", "<pad>", "</s>", "<unk>"]


def pieces_of(sentences: list[str], size: int) -> tuple[list[str], list[float]]:
    """Unigram pieces learned from a few sentences, the special ones first and <mask> last, as XLM-R has them."""
    trained = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(sentences), model_writer=trained, vocab_size=size, hard_vocab_limit=False, minloglevel=2
    )
    model = protobuf.ModelProto()
    model.ParseFromString(trained.getvalue())
    normal = [piece for piece in model.pieces if piece.type == piece.NORMAL]
    return (
        [*SPECIAL, *(piece.piece for piece in normal), "<mask>"],
        [0.0] * 4 + [piece.score for piece in normal] + [0.0],
    )


def write(path: Path, sentences: list[str], seed: int = 3) -> Path:
    """Write the packed file and return its path."""
    random = np.random.default_rng(seed)
    pieces, scores = pieces_of(sentences, 260)
    encoded = [piece.encode() for piece in pieces]
    tensors: list[tuple[str, bytes, int, int]] = []

    def matrix(name: str, rows: int, columns: int, scale: float) -> None:
        blocks = quantize(random.normal(0, scale, (rows, columns)).astype(np.float32), GGMLQuantizationType.Q4_0)
        tensors.append((name, blocks.tobytes(), 1, rows * columns))

    def floats(name: str, values: np.ndarray) -> None:
        tensors.append((name, values.astype("<f4").tobytes(), 0, values.size))

    matrix("emb.word", len(pieces), HIDDEN, 1.0)
    floats("emb.pos", random.normal(0, 0.3, (POSITIONS, HIDDEN)))
    floats("emb.type", random.normal(0, 0.3, (2, HIDDEN)))
    floats("emb.ln.w", np.ones(HIDDEN))
    floats("emb.ln.b", np.zeros(HIDDEN))
    for layer in range(LAYERS):
        for name, rows, columns in (
            ("q", HIDDEN, HIDDEN), ("k", HIDDEN, HIDDEN), ("v", HIDDEN, HIDDEN), ("ao", HIDDEN, HIDDEN),
            ("fi", WIDE, HIDDEN), ("fo", HIDDEN, WIDE),
        ):  # fmt: skip
            matrix(f"l{layer}.{name}.w", rows, columns, 0.2)
            floats(f"l{layer}.{name}.b", random.normal(0, 0.1, rows))
        for name in ("aln", "oln"):
            floats(f"l{layer}.{name}.w", np.ones(HIDDEN))
            floats(f"l{layer}.{name}.b", np.zeros(HIDDEN))
    head = b"E5S1" + struct.pack("<I", 1)
    head += struct.pack("<7ifi", HIDDEN, LAYERS, HEADS, WIDE, len(pieces), POSITIONS, 2, 1e-12, 32)
    head += struct.pack("<5i", len(pieces), 0, 2, 1, 3) + struct.pack("<Q", sum(map(len, encoded)))
    head += np.cumsum([0, *map(len, encoded)]).astype("<u4").tobytes() + np.array(scores, "<f4").tobytes()
    head += b"".join(encoded) + struct.pack("<iI", 0, 0) + struct.pack("<i", len(tensors))
    at = len(head) + sum(2 + len(name) + 1 + 4 + 8 + 8 for name, *_ in tensors)
    body = b""
    for name, data, kind, values in tensors:
        head += struct.pack("<H", len(name)) + name.encode()
        head += struct.pack("<BIQQ", kind, values, at + len(body), len(data))
        body += data
    path.write_bytes(head + body)
    return path
