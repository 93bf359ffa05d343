"""OPUS-MT checkpoints on disk: found in a folder or on the hub, converted once, kept verified.

    <cache>/marian/<name>-<key>/    model.bin config.json *_vocabulary.json   CTranslate2's own
                                    source.spm target.spm
                                    manifest.json   origin, revision and sha256 of each file

A cached model is used as it is and needs no network, no torch and no hub library. Its key names
what it was made from: the contents of a local folder, or the name and revision asked of the hub.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from backspeak import resources
from backspeak.engines import marian_convert, marian_hub, prepared
from backspeak.errors import ModelError

Notice = Callable[[str], None]

# Raise when a new version of this code converts the same checkpoint differently.
_CONVERSION = "1"

_WEIGHT_FILES = ("model.safetensors", "pytorch_model.bin")


@dataclass(frozen=True)
class StoredModel:
    """A converted model, verified: its folder, where it came from and how many positions it has."""

    folder: Path
    origin: str
    revision: str
    positions: int


def prepare(model: str, *, revision: str | None, offline: bool, notice: Notice) -> StoredModel:
    """The converted form of `model`, a local folder or a hub name ("org/name" or "org/name@revision").

    Converts it on first use and again when the cached copy is damaged; `notice` hears about both.
    Raises ModelError or OfflineError, naming the model, the cause and the mend.
    """
    local = Path(model).expanduser()
    if local.is_dir():
        files = _local_files(local)
        # The folder's name alone: the origin is printed in signatures, which travel.
        origin, asked = local.resolve().name, _content_hash(files)
        target = _cache_folder(origin, asked)
    elif marian_hub.is_name(model):
        origin, _, pinned = model.partition("@")
        files, asked = None, pinned or revision or "main"
        target = _cache_folder(origin, f"{origin}@{asked}")
    else:
        raise ModelError(
            f"{model}: there is no such folder, and it is no hub name either "
            "(those look like Helsinki-NLP/opus-mt-en-es)"
        )

    if target.exists():
        damage = prepared.damage(target)
        if damage is None:
            return _stored(target)
        notice(f"the cached model {origin} is damaged ({damage}); it is made again from its source")
    if files is None:
        files, asked = marian_hub.fetch(origin, asked, offline=offline, notice=notice)
    notice(f"converting {origin} for CTranslate2 ({marian_convert.QUANTIZATION}), once")
    prepared.build(target, origin, lambda folder: _fill(folder, files, origin=origin, revision=asked))
    return _stored(target)


def _local_files(folder: Path) -> dict[str, Path]:
    """The checkpoint's files by role; ModelError lists what is missing."""
    names = ["config.json", "vocab.json", "source.spm", "target.spm"]
    if (folder / "config.json").is_file():
        config = marian_convert.read_config(folder / "config.json")
        if not marian_convert.shares_vocabulary(config):
            names.append("target_vocab.json")
    weights = next((folder / name for name in _WEIGHT_FILES if (folder / name).is_file()), None)
    missing = [name for name in names if not (folder / name).is_file()]
    if weights is None:
        missing.append(" or ".join(_WEIGHT_FILES))
    if missing or weights is None:
        raise ModelError(
            f"{folder} is no complete OPUS-MT model: {', '.join(missing)} missing; "
            "save it there with save_pretrained of both the model and its tokenizer"
        )
    return {name: folder / name for name in names} | {"weights": weights}


def _content_hash(files: dict[str, Path]) -> str:
    digest = hashlib.sha256()
    for role in sorted(files):
        digest.update(f"{role}:{resources.sha256(files[role])}\n".encode())
    return digest.hexdigest()[:12]


def _cache_folder(name: str, identity: str) -> Path:
    return prepared.place("marian", name, identity, marian_convert.QUANTIZATION, _CONVERSION)


def _stored(folder: Path) -> StoredModel:
    facts = prepared.facts(folder)
    return StoredModel(folder, facts["origin"], facts["revision"], facts["positions"])


def _fill(folder: Path, files: dict[str, Path], *, origin: str, revision: str) -> dict[str, Any]:
    """Convert into an empty folder; returns what the manifest notes."""
    marian_convert.convert(files, folder)
    for name in ("source.spm", "target.spm"):
        shutil.copyfile(files[name], folder / name)
    return {
        "origin": origin,
        "revision": revision,
        "positions": marian_convert.read_config(files["config.json"])["max_position_embeddings"],
        "quantization": marian_convert.QUANTIZATION,
    }
