"""Gemma 3 in torch, for training only: bfloat16 arithmetic over float32 weights.

A lean forward pass of our own, because on a CPU the generic one spends most of its time outside
the matrix products. Weights keep their GGUF names, so that a trained matrix and its base compare
by name. Sequences must be shorter than the sliding window; then local and global layers differ
only in the rotary base.
"""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import nn

from backspeak.engines.gemma import LOCAL_ROTARY_BASE, GgufModel, linear_names


def rotary_tables(length: int, head_dim: int, base: float) -> tuple[torch.Tensor, torch.Tensor]:
    """Cosine and sine of the rotary embedding, each of shape (length, head_dim)."""
    frequency = base ** (-torch.arange(0, head_dim, 2).float() / head_dim)
    angle = torch.outer(torch.arange(length).float(), frequency)
    angle = torch.cat((angle, angle), dim=-1)
    return angle.cos(), angle.sin()


def rotate(x: torch.Tensor, cos: torch.Tensor, sin: torch.Tensor) -> torch.Tensor:
    """Apply rotary positions to x of shape (batch, heads, length, head_dim)."""
    half = x.shape[-1] // 2
    return x * cos + torch.cat((-x[..., half:], x[..., :half]), dim=-1) * sin


class GemmaTrainer(nn.Module):
    """The decoder with trainable linear layers and a frozen, trimmed embedding."""

    embedding: torch.Tensor

    def __init__(self, base: GgufModel, ids: list[int], max_length: int) -> None:
        super().__init__()
        self.shape = base.shape
        self.linear = nn.ParameterDict(
            {key(name): nn.Parameter(torch.from_numpy(base.tensor(name).copy())) for name in linear_names(base.shape)}
        )
        for name in base.layer_names():
            if key(name) not in self.linear:
                self.register_buffer(key(name), torch.from_numpy(base.tensor(name).copy()).bfloat16())
        self.register_buffer("embedding", torch.from_numpy(base.embeddings(ids).copy()).bfloat16())
        for kind, rotary in (("global", base.shape.rotary_base), ("local", LOCAL_ROTARY_BASE)):
            cos, sin = rotary_tables(max_length, base.shape.head_dim, rotary)
            self.register_buffer(f"cos_{kind}", cos.bfloat16())
            self.register_buffer(f"sin_{kind}", sin.bfloat16())

    def norm(self, x: torch.Tensor, name: str) -> torch.Tensor:
        weight = getattr(self, key(name))
        return F.rms_norm(x, (x.shape[-1],), weight, self.shape.rms_epsilon)

    def project(self, x: torch.Tensor, name: str) -> torch.Tensor:
        return F.linear(x, self.linear[key(name)].bfloat16())

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        """Hidden states (batch, length, hidden) after the last norm; tokens are right-padded."""
        shape, (batch, length) = self.shape, tokens.shape
        x = F.embedding(tokens, self.embedding) * math.sqrt(shape.hidden)
        for index in range(shape.layers):
            blk, kind = f"blk.{index}.", "global" if shape.is_global(index) else "local"
            cos, sin = getattr(self, f"cos_{kind}")[:length], getattr(self, f"sin_{kind}")[:length]
            h = self.norm(x, blk + "attn_norm.weight")
            q = self.project(h, blk + "attn_q.weight").view(batch, length, shape.heads, shape.head_dim)
            k = self.project(h, blk + "attn_k.weight").view(batch, length, shape.heads_kv, shape.head_dim)
            v = self.project(h, blk + "attn_v.weight").view(batch, length, shape.heads_kv, shape.head_dim)
            q = rotate(self.norm(q, blk + "attn_q_norm.weight").transpose(1, 2), cos, sin)
            k = rotate(self.norm(k, blk + "attn_k_norm.weight").transpose(1, 2), cos, sin)
            repeat = shape.heads // shape.heads_kv
            k = k.expand(batch, shape.heads, length, shape.head_dim) if repeat == shape.heads else k
            v = v.transpose(1, 2).expand(batch, shape.heads, length, shape.head_dim)
            a = F.scaled_dot_product_attention(q, k, v, is_causal=True)
            a = a.transpose(1, 2).reshape(batch, length, shape.heads * shape.head_dim)
            a = self.project(a, blk + "attn_output.weight")
            x = x + self.norm(a, blk + "post_attention_norm.weight")
            h = self.norm(x, blk + "ffn_norm.weight")
            h = F.gelu(self.project(h, blk + "ffn_gate.weight"), approximate="tanh") * self.project(
                h, blk + "ffn_up.weight"
            )
            x = x + self.norm(self.project(h, blk + "ffn_down.weight"), blk + "post_ffw_norm.weight")
        return self.norm(x, "output_norm.weight")

    def loss(self, tokens: torch.Tensor, scored: torch.Tensor, smoothing: float = 0.0) -> torch.Tensor:
        """Mean cross-entropy (nats) of the tokens at the positions where `scored` is true."""
        hidden = self(tokens)[:, :-1][scored[:, 1:]]
        logits = F.linear(hidden, self.embedding)
        return F.cross_entropy(logits.float(), tokens[:, 1:][scored[:, 1:]], label_smoothing=smoothing)


def key(name: str) -> str:
    """A GGUF tensor name as a torch attribute name."""
    return name.replace(".", "_")
