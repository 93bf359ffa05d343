"""SRT and WebVTT: sentences that run over cues, each with the time of the cue in which it begins."""

from __future__ import annotations

import html
import io
import re
from collections.abc import Iterator

from backspeak.data import Document, InputProblem
from backspeak.errors import InputError
from backspeak.formats.blocks import Block, lines_of, segments_of
from backspeak.formats.encoding import decode

_PAUSE = 2.0  # seconds; after a longer one another sentence begins
_OVERRIDE = re.compile(r"\{\\[^{}]*\}")  # {\an8}: a position, in the SRT files of most players
_TAG = re.compile(r"</?(?:[biu]|font|ruby|rt|lang|c|v)(?:[\s.][^<>]*)?>|<\d[\d:.]*>", re.IGNORECASE)
_SPEAKER = re.compile(r"\s*(?:[-–—]\s*(?=\w)|>>\s*|♪)")
_SENTENCE_END = re.compile(r"[.!?…]['\"’”)\]♪]*$")


def read_srt(content: bytes, name: str, source_lang: str | None = None) -> Document:
    """Read SRT; Segment.location is the number and the time of the cue."""
    return _read(content, name, "srt")


def read_vtt(content: bytes, name: str, source_lang: str | None = None) -> Document:
    """Read WebVTT; Segment.location is the number and the time of the cue."""
    return _read(content, name, "vtt")


def looks_like_vtt(content: bytes) -> bool:
    return content.removeprefix(b"\xef\xbb\xbf").startswith(b"WEBVTT")


def _read(content: bytes, name: str, kind: str) -> Document:
    import webvtt

    # Another character that ends a line for the library would tear a cue apart.
    text = "\n".join(" ".join(line.split("\u2028")) for line in lines_of(decode(content, name))).lstrip("\n")
    try:
        captions = webvtt.from_buffer(io.StringIO(text), kind).captions
    except webvtt.errors.MalformedFileError as error:
        wanted = "the line WEBVTT" if kind == "vtt" else "a number and a line of times, 00:00:01,000 --> 00:00:02,500"
        raise InputError(
            f"is not {'WebVTT' if kind == 'vtt' else 'SRT'}: it does not begin with {wanted}", name, 1
        ) from error
    except Exception as error:  # what a library makes of a damaged file
        raise InputError(f"could not be read as subtitles ({error})", name) from error
    document = Document(name, segments_of(name, _blocks(captions)))
    unread = sum("-->" in line for line in text.split("\n")) - len(captions)
    if unread > 0:
        document.problems.append(InputProblem(name, f"{unread} cue(s) could not be read: see to their lines of times"))
    return document


def _blocks(captions: list) -> Iterator[Block]:
    """Cues joined as long as a sentence may run on: until it ends before a pause, or a speaker changes."""
    parts: list[str] = []
    places: list[tuple[int, str]] = []
    length = 0
    before = None
    for number, caption in enumerate(captions, start=1):
        where = f"cue {number}, {caption.start}"
        for line in _lines(caption.raw_text):
            speaker = _SPEAKER.match(line)
            start, pause = caption.start_in_seconds, 0.0
            if before is not None:
                pause = start - before.end_in_seconds
            ended = bool(parts) and _SENTENCE_END.search(parts[-1]) is not None
            if parts and (speaker or pause > _PAUSE or (ended and before is not caption)):
                yield Block("".join(parts), tuple(places))
                parts, places, length = [], [], 0
            if speaker and speaker.end() < len(line):
                line = line[speaker.end() :]
            if parts:
                parts.append(" ")
                length += 1
            places.append((length, where))
            parts.append(line)
            length += len(line)
            before = caption
    if parts:
        yield Block("".join(parts), tuple(places))


def _lines(raw: str) -> Iterator[str]:
    plain = html.unescape(_OVERRIDE.sub("", _TAG.sub("", raw)))
    for line in plain.split("\n"):
        if joined := " ".join(line.split()):
            yield joined
