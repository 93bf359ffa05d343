"""Bytes to text: UTF-8 and UTF-16, other encodings only when there is no doubt about them."""

from __future__ import annotations

import codecs
import re

from backspeak.errors import InputError

_MARKS = (  # the longer mark first: UTF-16's is a prefix of UTF-32's
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# Codecs that a file may not choose for itself: no encodings of files, and some take quadratic time.
_NO_FILE_CODECS = {"idna", "punycode", "unicode-escape", "raw-unicode-escape", "undefined", "utf-7"}
_SIGNATURES = (
    (b"%PDF", "a PDF document"),
    (b"PK\x03\x04", "a zip archive or an office document"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"\xfd7zXZ", "an xz archive"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"\xd0\xcf\x11\xe0", "an old office document"),
)
_CANDIDATES = [
    *("cp1250", "cp1251", "cp1252", "cp1253", "cp1254", "cp1255", "cp1256", "koi8_r"),
    *("shift_jis", "euc_jp", "gb18030", "big5", "euc_kr"),
]
_SAMPLE = 100_000  # bytes shown to the detector: enough to decide, and quick for any file
_MESS_LIMIT = 0.05  # charset-normalizer's "chaos"; clean text of the right encoding scores 0 to 0.04
_COHERENCE_LEAD = 0.2  # by which the best reading must beat one that gives another text
_FOREIGN_SHARE = 0.03  # English with a few foreign names stays below; Polish or Czech does not


def decode(content: bytes, name: str, declared: str | None = None) -> str:
    """The text of a file, without its byte order mark.

    `declared` is the encoding that the file itself names (HTML), believed only where the text is not
    UTF-8. Raises InputError for empty and binary content, and for an encoding that cannot be told
    for sure, with the line and offset of the first byte that is not UTF-8.
    """
    if not content.strip():
        raise InputError("is empty", name)
    text = _marked(content, name)
    if text is None:
        _refuse_binary(content, name)
        text = _unmarked(content, name, declared)
    if "\x00" in text:
        raise InputError(f"holds a NUL character on line {_line_of(text)}: not a text file", name)
    if not text.strip():
        raise InputError("is empty: it holds nothing but white space", name)
    return text


def is_refused(head: bytes) -> bool:
    """Whether a file that begins like this is no text, whatever its bytes."""
    return any(head.startswith(signature) for signature, _ in _SIGNATURES)


def byte_order_mark(content: bytes) -> bytes:
    """The byte order mark that `content` starts with, or nothing."""
    return next((mark for mark, _ in _MARKS if content.startswith(mark)), b"")


def codec_of(given: bytes) -> str | None:
    """The codec that a byte order mark stands for, or that a file names as its own; None for no usable one."""
    for mark, encoding in _MARKS:
        if given == mark:
            return encoding
    try:
        codec = codecs.lookup(given.decode("ascii"))
        b" ".decode(codec.name, "replace")  # a LookupError for codecs that are not of text
    except (LookupError, UnicodeError, ValueError):
        return None
    return None if codec.name in _NO_FILE_CODECS or codec.name.startswith(("utf-16", "utf-32")) else codec.name


def _marked(content: bytes, name: str) -> str | None:
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            try:
                return content[len(mark) :].decode(encoding)
            except UnicodeDecodeError as error:
                offset = len(mark) + error.start
                line = content.count("\n".encode(encoding), 0, offset) + 1
                raise InputError(
                    f"starts with a byte order mark of {encoding.upper()} but is damaged at byte {offset}; "
                    "save it again as UTF-8",
                    name,
                    line,
                ) from error
    return None


def _refuse_binary(content: bytes, name: str) -> None:
    for signature, kind in _SIGNATURES:
        if content.startswith(signature):
            raise InputError(f"is {kind}, not text; export its text first", name)
    offset = content.find(b"\x00")
    if offset >= 0:
        raise InputError(
            f"holds a NUL byte at byte {offset}: a binary file, or UTF-16 without a byte order mark "
            "(then convert it: iconv -f UTF-16LE -t UTF-8)",
            name,
            content.count(b"\n", 0, offset) + 1,
        )


def _unmarked(content: bytes, name: str, declared: str | None) -> str:
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        offset = error.start
    text, guess = None, "ENCODING"
    if not _is_damaged_utf8(content[max(0, offset - _SAMPLE) : offset + _SAMPLE]):
        named = codec_of(declared.encode("ascii", "replace")) if declared else None
        for encoding in (named, _detected(_sample(content, offset))):
            text = text or _decoded(content, encoding)
            guess = encoding or guess
    if text is None:
        raise InputError(
            f"is not UTF-8: byte 0x{content[offset]:02x} at offset {offset}; convert it: iconv -f {guess} -t UTF-8",
            name,
            content.count(b"\n", 0, offset) + 1,
        )
    return text


def _sample(content: bytes, offset: int) -> bytes:
    """Whole lines around the first byte that is not ASCII, so that no character is cut in two."""
    start = content.rfind(b"\n", 0, offset) + 1
    end = content.find(b"\n", start + _SAMPLE)
    return content[start : end if 0 <= end < start + 2 * _SAMPLE else start + _SAMPLE]


def _is_damaged_utf8(sample: bytes) -> bool:
    """Well-formed sequences beside the bad byte: another encoding would turn them into mojibake."""
    text = sample.decode("utf-8", errors="replace")
    bad = text.count("\ufffd")
    good = sum(char > "\x7f" for char in text) - bad
    return good >= bad


def _decoded(content: bytes, encoding: str | None) -> str | None:
    if encoding is None:
        return None
    try:
        text = content.decode(encoding)
    except (LookupError, UnicodeError):
        return None
    # Control characters of the C1 block are what Latin-1 makes of bytes that mean something else.
    return None if re.search("[\x80-\x84\x86-\x9f]", text) else text


def _detected(sample: bytes) -> str | None:
    """The encoding of a sample, or None when two readings of it are both credible."""
    western = _decoded(sample, "cp1252")
    if western is not None and _is_english_with_accents(western):
        return "cp1252"

    from charset_normalizer import from_bytes  # slow to import, rarely needed

    readings = [match for match in from_bytes(sample, cp_isolation=_CANDIDATES) if match.chaos <= _MESS_LIMIT]
    if not readings:
        return None
    best = max(readings, key=lambda match: match.coherence)
    for other in readings:
        if str(other) != str(best) and best.coherence - other.coherence < _COHERENCE_LEAD:
            return None
    return best.encoding


def _is_english_with_accents(text: str) -> bool:
    """Whether a Windows-1252 reading looks like English with typographic marks and a few names.

    Other encodings betray themselves by letters standing alone, capitals inside words and symbols
    between letters.
    """
    letters = sum(char.isalpha() for char in text)
    foreign = 0
    for match in re.finditer(r"[^\x00-\x7f]", text):
        char, before, after = match[0], text[match.start() - 1 : match.start()], text[match.end() : match.end() + 1]
        if char.isalpha():
            foreign += 1
            if not (before.isalpha() or after.isalpha() or char in "àÀ") or char == "ÿ":
                return False
            if char.isupper() and before.islower():
                return False
        elif before.isalpha() and after.isalpha() and char not in "’‘–—…·":
            return False
    return foreign <= max(3, _FOREIGN_SHARE * letters)


def _line_of(text: str) -> int:
    return text.count("\n", 0, text.index("\x00")) + 1
