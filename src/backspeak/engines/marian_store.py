"""OPUS-MT checkpoints on disk: found in a folder or on the hub, converted once, kept verified.

    <cache>/marian/<name>-<key>/    model.bin config.json *_vocabulary.json   CTranslate2's own
                                    source.spm target.spm
                                    manifest.json   origin, revision and sha256 of each file

A cached model is used as it is and needs no network, no torch and no hub library. Its key names
what it was made from: the contents of a local folder, or the name and revision asked of the hub.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from backspeak import resources
from backspeak.engines import marian_convert, marian_hub
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
        damage = _damage(target)
        if damage is None:
            return _stored(target)
        notice(f"the cached model {origin} is damaged ({damage}); it is made again from its source")
    if files is None:
        files, asked = marian_hub.fetch(origin, asked, offline=offline, notice=notice)
    notice(f"converting {origin} for CTranslate2 ({marian_convert.QUANTIZATION}), once")
    _build(files, target, origin=origin, revision=asked)
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
    safe = re.sub(r"[^A-Za-z0-9._-]+", "--", name)
    key = hashlib.sha256(f"{identity}|{marian_convert.QUANTIZATION}|{_CONVERSION}".encode()).hexdigest()[:12]
    return resources.cache_dir() / "marian" / f"{safe}-{key}"


def _damage(folder: Path) -> str | None:
    """What is wrong with a cached model, or None when every file has the checksum it was made with."""
    try:
        manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        files = manifest["files"]
        if "model.bin" not in files:
            return "manifest.json names no model.bin"
        for name, sha256 in files.items():
            if resources.sha256(folder / name) != sha256:
                return f"{name} has changed"
    except FileNotFoundError as error:
        return f"{Path(error.filename).name} is missing"
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return "manifest.json cannot be read"
    return None


def _stored(folder: Path) -> StoredModel:
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    return StoredModel(folder, manifest["origin"], manifest["revision"], manifest["positions"])


def _build(files: dict[str, Path], target: Path, *, origin: str, revision: str) -> None:
    """Convert into a folder beside `target`, then rename: a reader sees all of it or nothing."""
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        workspace = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
    except OSError as error:
        raise ModelError(
            f"{target.parent} cannot be written ({error.strerror}); set BACKSPEAK_CACHE to another folder"
        ) from error
    try:
        fresh = workspace / "model"
        fresh.mkdir()
        marian_convert.convert(files, fresh)
        for name in ("source.spm", "target.spm"):
            shutil.copyfile(files[name], fresh / name)
        manifest = {
            "origin": origin,
            "revision": revision,
            "positions": marian_convert.read_config(files["config.json"])["max_position_embeddings"],
            "quantization": marian_convert.QUANTIZATION,
            "files": {path.name: resources.sha256(path) for path in sorted(fresh.iterdir())},
        }
        (fresh / "manifest.json").write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")
        if target.exists():
            os.replace(target, workspace / "damaged")
        _publish(fresh, target)
    except OSError as error:
        raise ModelError(f"{origin} could not be converted into {target.parent}: {error}") from error
    finally:
        shutil.rmtree(workspace, ignore_errors=True)


def _publish(fresh: Path, target: Path) -> None:
    """Rename into place; another process that was faster has left the same files, which serve as well."""
    try:
        os.replace(fresh, target)
    except OSError:
        if not target.is_dir() or _damage(target) is not None:
            raise
