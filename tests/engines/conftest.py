"""A pair of tiny OPUS-MT models, trained here in seconds on sentences of our own."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest

SUBJECTS = [
    ("The old baker", "El viejo panadero"),
    ("My sister", "Mi hermana"),
    ("The quiet girl", "La niña callada"),
    ("Our captain", "Nuestro capitán"),
    ("The gardener", "La jardinera"),
]
ACTIONS = [
    ("sells warm bread", "vende pan caliente"),
    ("paints the blue gate", "pinta la verja azul"),
    ("counts the boats", "cuenta los barcos"),
    ("waits for the rain", "espera la lluvia"),
    ("mends a torn sail", "remienda una vela rota"),
    ("sings at night", "canta de noche"),
]
PAIRS = [(f"{subject} {action}.", f"{sujeto} {accion}.") for subject, sujeto in SUBJECTS for action, accion in ACTIONS]


@dataclass(frozen=True)
class TinyModels:
    """Folders as save_pretrained writes them, and the sentence pairs that they know by heart."""

    en_es: Path
    es_en: Path
    pairs: list[tuple[str, str]]


@pytest.fixture(scope="session")
def tiny_models(tmp_path_factory: pytest.TempPathFactory) -> TinyModels:
    torch = pytest.importorskip("torch")
    torch.set_num_threads(1)  # and left so: more of them only get in each other's way in models this small
    folder = tmp_path_factory.mktemp("opus-mt")
    tokenizer = _tokenizer(folder)
    # As in the original checkpoints one model's padding row is zero, as in fine-tuned ones the other's is not.
    _train(tokenizer, PAIRS, folder / "opus-mt-en-es", zero_padding=True)
    _train(tokenizer, [(es, en) for en, es in PAIRS], folder / "opus-mt-es-en", zero_padding=False)
    return TinyModels(folder / "opus-mt-en-es", folder / "opus-mt-es-en", PAIRS)


def _tokenizer(folder: Path):
    import sentencepiece
    from transformers import MarianTokenizer

    (folder / "text.txt").write_text("\n".join(side for pair in PAIRS for side in pair), encoding="utf-8")
    sentencepiece.SentencePieceTrainer.train(
        input=str(folder / "text.txt"),
        model_prefix=str(folder / "joint"),
        vocab_size=160,
        hard_vocab_limit=False,
        character_coverage=1.0,
        minloglevel=2,
        bos_id=-1,
        eos_id=0,
        unk_id=1,
    )
    processor = sentencepiece.SentencePieceProcessor(model_file=str(folder / "joint.model"))
    vocabulary = {processor.id_to_piece(index): index for index in range(processor.get_piece_size())}
    vocabulary["<pad>"] = len(vocabulary)
    (folder / "vocab.json").write_text(json.dumps(vocabulary), encoding="utf-8")
    for name in ("source.spm", "target.spm"):
        shutil.copyfile(folder / "joint.model", folder / name)
    return MarianTokenizer(*(str(folder / name) for name in ("source.spm", "target.spm", "vocab.json")))


def _train(tokenizer, pairs: list[tuple[str, str]], folder: Path, *, zero_padding: bool) -> None:
    import torch
    from transformers import MarianConfig, MarianMTModel

    torch.manual_seed(0)
    pad = tokenizer.pad_token_id
    config = MarianConfig(
        vocab_size=len(tokenizer),
        d_model=64,
        encoder_layers=2,
        decoder_layers=2,
        encoder_ffn_dim=128,
        decoder_ffn_dim=128,
        encoder_attention_heads=4,
        decoder_attention_heads=4,
        activation_function="swish",
        scale_embedding=True,
        pad_token_id=pad,
        decoder_start_token_id=pad,
        max_position_embeddings=64,
        dropout=0.0,
    )
    model = MarianMTModel(config).train()
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3)
    batch = tokenizer([a for a, _ in pairs], text_target=[b for _, b in pairs], return_tensors="pt", padding=True)
    batch["labels"][batch["labels"] == pad] = -100
    for _ in range(400):
        loss = model(**batch).loss
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
        if zero_padding:
            model.model.shared.weight.data[pad] = 0.0
        if loss.item() < 0.008:
            break
    model.eval().save_pretrained(folder)
    tokenizer.save_pretrained(folder)


@pytest.fixture(scope="session")
def known_pairs() -> list[tuple[str, str]]:
    """Sentences in English and Spanish that a tiny model can learn by heart."""
    return PAIRS
