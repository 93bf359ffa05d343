"""Checkpoints on disk: found in a folder or on the hub, converted once for CTranslate2, kept verified.

    <cache>/<family>/<name>-<key>/  model.bin config.json *_vocabulary.json   CTranslate2's own
                                    the tokenizer's files
                                    manifest.json   origin, revision and sha256 of each file

A cached model is used as it is and needs no network, no torch and no hub library. Its key names
what it was made from: the contents of a local folder, or the name and revision asked of the hub.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from backspeak import resources
from backspeak.engines import hub, prepared
from backspeak.engines.transformer_weights import QUANTIZATION
from backspeak.errors import ModelError

Notice = Callable[[str], None]

WEIGHT_FILES = ("model.safetensors", "pytorch_model.bin")


class CheckpointFiles(Protocol):
    """The files of one checkpoint, wherever it is."""

    def get(self, *names: str) -> Path:
        """The path of the first of `names` that the checkpoint has."""
        ...


@dataclass(frozen=True)
class Family:
    """A kind of checkpoint: which files it consists of and how it is converted."""

    name: str  # of its folder in the cache
    kind: str  # as users know it
    example: str  # a hub name
    conversion: str  # raise when new code converts the same checkpoint differently
    collect: Callable[[CheckpointFiles], dict[str, Path]]
    """The needed files by role, the weights last."""
    convert: Callable[[Mapping[str, Path], Path], dict[str, Any]]
    """Writes the converted model into an empty folder; returns what to note about it."""


@dataclass(frozen=True)
class StoredModel:
    """A converted model, verified: its folder, where it came from, and what its conversion noted."""

    folder: Path
    origin: str
    revision: str
    facts: dict[str, Any]


class _LocalFiles:
    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.missing: list[str] = []

    def get(self, *names: str) -> Path:
        found = next((self._folder / name for name in names if (self._folder / name).is_file()), None)
        if found is None:
            self.missing.append(" or ".join(names))
        return found or self._folder / names[0]


def prepare(model: str, family: Family, *, revision: str | None, offline: bool, notice: Notice) -> StoredModel:
    """The converted form of `model`, a local folder or a hub name ("org/name" or "org/name@revision").

    Converts it on first use and again when the cached copy is damaged; `notice` hears about both.
    Raises ModelError or OfflineError, naming the model, the cause and the mend.
    """
    local = Path(model).expanduser()
    if local.is_dir():
        files = _local_files(local, family)
        # The folder's name alone: the origin is printed in signatures, which travel.
        origin, asked = local.resolve().name, _content_hash(files)
        target = _cache_folder(family, origin, asked)
    elif hub.is_name(model):
        origin, _, pinned = model.partition("@")
        files, asked = None, pinned or revision or "main"
        target = _cache_folder(family, origin, f"{origin}@{asked}")
    else:
        raise ModelError(
            f"{model}: there is no such folder, and it is no hub name either (those look like {family.example})"
        )

    if target.exists():
        damage = prepared.damage(target)
        if damage is None:
            return _stored(target)
        notice(f"the cached model {origin} is damaged ({damage}); it is made again from its source")
    if files is None:
        files, asked = hub.fetch(origin, asked, family.kind, family.collect, offline=offline, notice=notice)
    notice(f"converting {origin} for CTranslate2 ({QUANTIZATION}), once")
    noted = {"origin": origin, "revision": asked, "quantization": QUANTIZATION}
    prepared.build(target, origin, lambda folder: noted | family.convert(files, folder))
    return _stored(target)


def _local_files(folder: Path, family: Family) -> dict[str, Path]:
    """The checkpoint's files by role; ModelError lists what is missing."""
    found = _LocalFiles(folder)
    files = family.collect(found)
    if found.missing:
        raise ModelError(
            f"{folder} is no complete {family.kind} model: {', '.join(found.missing)} missing; "
            "save it there with save_pretrained of both the model and its tokenizer"
        )
    return files


def _content_hash(files: dict[str, Path]) -> str:
    digest = hashlib.sha256()
    for role in sorted(files):
        digest.update(f"{role}:{resources.sha256(files[role])}\n".encode())
    return digest.hexdigest()[:12]


def _cache_folder(family: Family, name: str, identity: str) -> Path:
    return prepared.place(family.name, name, identity, QUANTIZATION, family.conversion)


def _stored(folder: Path) -> StoredModel:
    facts = prepared.facts(folder)
    return StoredModel(folder, facts["origin"], facts["revision"], facts)
