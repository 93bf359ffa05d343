"""SRT and WebVTT: sentences over cues, times, tags, broken cues."""

from __future__ import annotations

import pytest

from backspeak.errors import InputError
from backspeak.formats.subtitles import read_srt, read_vtt

SRT = """1
00:00:01,000 --> 00:00:02,500
<i>The lamp</i> that stood

2
00:00:02,600 --> 00:00:04,000
{\\an8}by the door &amp; the window
went out. Nobody saw it.

3
00:00:09,000 --> 00:00:10,000
- Who was there? {asks}
- I was.
"""
VTT = """WEBVTT

NOTE a remark

STYLE
::cue { color: red }

first
00:01.000 --> 00:02.500 align:start
<v Anna>The lamp <b>that</b> stood

00:00:02.600 --> 00:00:04.000
by the door <00:00:03.000>&lt;here&gt;.
"""


def found(content: str, read=read_srt) -> list[tuple[str, str | None]]:
    return [(segment.text, segment.location) for segment in read(content.encode(), "a.srt").segments]


def test_a_sentence_runs_over_cues_and_keeps_the_time_of_its_first() -> None:
    assert found(SRT) == [
        ("The lamp that stood by the door & the window went out.", "cue 1, 00:00:01.000"),
        ("Nobody saw it.", "cue 2, 00:00:02.600"),
        ("Who was there? {asks}", "cue 3, 00:00:09.000"),
        ("I was.", "cue 3, 00:00:09.000"),
    ]


def test_vtt_without_its_notes_styles_and_tags() -> None:
    assert found(VTT, read_vtt) == [("The lamp that stood by the door <here>.", "cue 1, 00:00:01.000")]


def test_a_pause_ends_a_sentence() -> None:
    assert [text for text, _ in found(SRT.replace("00:00:02,600", "00:00:05,600"))][:2] == [
        "The lamp that stood",
        "by the door & the window went out.",
    ]


def test_windows_line_ends_and_a_mark() -> None:
    content = ("\ufeff" + SRT.replace("\n", "\r\n")).encode()
    assert len(read_srt(content, "a.srt").segments) == 4


def test_a_cue_with_broken_times_is_a_problem() -> None:
    document = read_srt(SRT.replace("00:00:09,000 -->", "00:09 -->").encode(), "a.srt")
    assert [problem.message for problem in document.problems] == [
        "1 cue(s) could not be read: see to their lines of times"
    ]
    assert document.segments[0].text.startswith("The lamp")


@pytest.mark.parametrize(
    ("read", "content", "message"),
    [
        (read_srt, b"The lamp burns.\n", "is not SRT: it does not begin with a number"),
        (read_vtt, SRT.encode(), "is not WebVTT: it does not begin with the line WEBVTT"),
        (read_srt, b"", "is empty"),
        (read_srt, b"1\n\x00", "NUL"),
    ],
)
def test_what_is_not_subtitles(read, content: bytes, message: str) -> None:
    with pytest.raises(InputError, match=message):
        read(content, "a.srt")
