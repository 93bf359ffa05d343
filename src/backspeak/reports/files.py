"""Writing results so that a full disk or a crash never leaves a file that looks finished and is not."""

from __future__ import annotations

import errno
import os
from pathlib import Path

from backspeak.errors import OutputError


def part_path(path: Path) -> Path:
    """Where `path` grows until it is finished."""
    return path.with_name(path.name + ".part")


def make_folder(path: Path) -> None:
    """Create the folder that `path` goes into."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise output_error(path, error) from error


def replace_file(path: Path, text: str) -> None:
    """Write `text` in UTF-8 to `path` as a whole or, with OutputError, not at all."""
    replace_bytes(path, text.encode("utf-8"))


def replace_bytes(path: Path, content: bytes) -> None:
    """Write `content` to `path` as a whole or, with OutputError, not at all."""
    make_folder(path)
    part = part_path(path)
    try:
        with open(part, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(part, path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise output_error(path, error) from error


def output_error(path: Path, error: OSError, kept: str = "") -> OutputError:
    """Name the file, the cause, what was kept and the mend."""
    cause = error.strerror or str(error)
    full = error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
    mend = "free some space, or choose another folder with --out" if full else "choose another folder with --out"
    return OutputError(f"{path}: could not be written ({cause}); {kept}{mend}")
