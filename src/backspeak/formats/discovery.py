"""Which files a list of paths means: files, folders, globs and standard input."""

from __future__ import annotations

import glob
import os
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from backspeak.errors import InputError

# By which files a folder is known for the results of an earlier run, which are no text of an author.
_RESULTS = (frozenset({"segments.jsonl", "summary.json"}), frozenset({"comparison.json", "comparison.html"}))

STDIN = "-"
STDIN_NAME = "stdin"


@dataclass(frozen=True)
class FoundInput:
    """One input to read. `name` is what reports call it; `path` is None for standard input."""

    name: str
    path: Path | None


def find(
    paths: Sequence[str | Path], extensions: Collection[str], leave_out: Collection[Path] = ()
) -> list[FoundInput]:
    """Expand `paths` to inputs, in the order given and sorted inside folders, each file once.

    `extensions` are the known ones, lower case with their dot. Folders below a named one that hold results
    of backspeak are passed over, and so are the files to `leave_out`. Raises InputError for a path that
    does not exist, a named file of another extension, and a folder or glob without readable files:
    such a slip of the keyboard should stop a job before it starts.
    """
    if not paths:
        raise InputError("nothing to read: name a file, a folder, a glob or - for standard input")
    inputs: dict[object, FoundInput] = {}
    left_out = {path.resolve() for path in leave_out}
    for path in paths:
        for found in _expand(path, extensions, left_out):
            inputs.setdefault(STDIN if found.path is None else found.path.resolve(), found)
    return _with_unique_names(list(inputs.values()))


def _expand(given: str | Path, extensions: Collection[str], left_out: Collection[Path]) -> Iterator[FoundInput]:
    if str(given) == STDIN:
        yield FoundInput(STDIN_NAME, None)
        return
    path = Path(given)
    if path.is_dir():
        inside = _in_folder(path, extensions, left_out)
        yield from _expect_some(inside, given, "the folder has no file", extensions)
    elif path.exists():
        if path.suffix.lower() not in extensions:
            raise InputError(
                f"{_kind(path)} cannot be read; known are {_listed(extensions)}. "
                f"Rename the file, or pipe plain text in: backspeak check - < {path}",
                str(given),
            )
        yield FoundInput(path.as_posix(), path)
    elif glob.has_magic(str(given)):
        matches = sorted(Path(match) for match in glob.glob(str(given), recursive=True))
        files = (FoundInput(match.as_posix(), match) for match in matches if _is_readable_kind(match, extensions))
        yield from _expect_some(files, given, "the pattern matches no file", extensions)
    else:
        raise InputError("no such file or folder", str(given))


def _expect_some(
    found: Iterator[FoundInput], given: str | Path, complaint: str, extensions: Collection[str]
) -> list[FoundInput]:
    inputs = list(found)
    if not inputs:
        raise InputError(f"{complaint} that can be read; known are {_listed(extensions)}", str(given))
    return inputs


def _in_folder(folder: Path, extensions: Collection[str], left_out: Collection[Path]) -> Iterator[FoundInput]:
    """Files below `folder`, hidden ones left out; a folder that cannot be listed stays in as itself,
    so that reading it records why."""
    closed: list[Path] = []
    found: list[Path] = []
    for parent, folders, files in os.walk(folder, onerror=lambda error: closed.append(Path(error.filename))):
        if Path(parent) != folder and any(known <= set(files) for known in _RESULTS):
            folders.clear()
            continue
        folders[:] = [name for name in folders if not name.startswith(".")]
        visible = (Path(parent, name) for name in files if not name.startswith("."))
        found.extend(path for path in visible if _is_readable_kind(path, extensions))
    for path in sorted(found + closed):
        if path.resolve() in left_out:
            continue
        yield FoundInput(_name_in_folder(path, folder), path)


def _name_in_folder(path: Path, folder: Path) -> str:
    """A relative path stays as it is, for it opens from here; an absolute one is cut down to what
    the reader knows: relative to the working folder, else to the parent of the folder given."""
    if not path.is_absolute():
        return path.as_posix()
    for base in (Path.cwd(), folder.parent):
        if path.is_relative_to(base):
            return path.relative_to(base).as_posix()
    return path.as_posix()


def _is_readable_kind(path: Path, extensions: Collection[str]) -> bool:
    return path.suffix.lower() in extensions and path.is_file()


def _with_unique_names(inputs: list[FoundInput]) -> list[FoundInput]:
    """Two folders of the same name give the same names: those inputs go by their whole path."""
    uses = Counter(found.name for found in inputs)
    return [
        replace(found, name=found.path.as_posix()) if found.path is not None and uses[found.name] > 1 else found
        for found in inputs
    ]


def _kind(path: Path) -> str:
    return f"a {path.suffix} file" if path.suffix else "a file without an extension"


def _listed(extensions: Collection[str]) -> str:
    return ", ".join(sorted(extensions))
