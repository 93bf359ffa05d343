"""Zip files from strangers: bombs and members that reach outside are refused, the rest is copied safely."""

from __future__ import annotations

import io
import zipfile

from backspeak.errors import InputError

MAX_MEMBERS = 5_000
MAX_TOTAL = 256 << 20  # bytes, all members unpacked
MAX_RATIO = 150  # of the sizes unpacked and packed; office documents have 3 to 20
_HARMLESS = 8 << 20  # bytes unpacked that need no look at their ratio
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)  # zipfile unpacks the others without a limit


def unpacked(content: bytes, name: str, what: str, wanted: tuple[str, ...]) -> dict[str, bytes]:
    """The members of an archive, those that end in `wanted` with their content, the others empty.

    `what` is the kind of document it should be ("a Word document"). Raises InputError for what is no
    zip, is encrypted, would unpack to more than the limits, or holds a path that leaves its folder.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = archive.infolist()
            _refuse_bombs(members, len(content), name, what)
            return {
                member.filename: _content(archive, member) if member.filename.lower().endswith(wanted) else b""
                for member in members
                if not member.is_dir()
            }
    except InputError:
        raise
    except Exception as error:  # zipfile and zlib raise some ten kinds of errors over a damaged archive
        raise InputError(f"is not {what}, or is damaged ({error}); save it again", name) from error


def packed(members: dict[str, bytes]) -> io.BytesIO:
    """An archive of these members, uncompressed: what a library that trusts its input may open."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_STORED) as archive:
        for path, content in members.items():
            archive.writestr(path, content)
    made.seek(0)
    return made


def _content(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> bytes:
    """One member. Asked for all there is, zipfile would unpack more than the archive declares."""
    with archive.open(member) as file:
        return file.read(member.file_size)


def _refuse_bombs(members: list[zipfile.ZipInfo], size: int, name: str, what: str) -> None:
    if len(members) > MAX_MEMBERS:
        raise InputError(f"holds {len(members):,} files, more than {what} has", name)
    total = sum(member.file_size for member in members)
    if total > MAX_TOTAL:
        raise InputError(f"would unpack to {total >> 20:,} MB, over the limit of {MAX_TOTAL >> 20} MB", name)
    # Members may share bytes of the archive, so their packed sizes alone say too little.
    small = max(1, min(size, sum(member.compress_size for member in members)))
    if total > _HARMLESS and total > MAX_RATIO * small:
        raise InputError(f"would unpack to {total // small} times its size: a zip bomb", name)
    for member in members:
        if member.flag_bits & 1:
            raise InputError("is encrypted; save it without a password", name)
        if member.compress_type not in _METHODS:
            raise InputError(f"is packed in a way that {what} is not (method {member.compress_type})", name)
        if _leaves_the_folder(member.orig_filename):
            raise InputError(f"holds a file that would leave its folder ({member.orig_filename!r:.80})", name)


def _leaves_the_folder(path: str) -> bool:
    parts = path.replace("\\", "/").split("/")
    return path.startswith(("/", "\\")) or ".." in parts or (len(parts[0]) > 1 and parts[0][1] == ":")
