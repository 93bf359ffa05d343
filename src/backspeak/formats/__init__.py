"""Reading inputs: every format becomes a Document of Segments.

    paths -> discovery.find            files, folders, globs, "-"
          -> a reader of READERS       one module a format
               encoding.decode         bytes to text, or an InputError that names the mend
               xml, archive            what a hostile file could do, refused in one place
               blocks.segments_of      prose (text, markdown, html, docx, pdf, subtitles):
                                       furniture, sentences, language
               rows.RowReader          tables (tsv, csv, jsonl, parallel): a row is a segment as it is
               inline, sides           translation files (xliff, tmx, po): codes left out, which side is English
          -> Document                  with a problem for every part that could not be read

    streaming.InputStream  the same inputs as one stream of segments, for input of any size
             ParallelStream  parallel files in the same way

A further format is a module with one reader function and one line in `reading.READERS`.
"""

from __future__ import annotations

from backspeak.formats.columns import Columns
from backspeak.formats.furniture import furniture_reason
from backspeak.formats.language import language_reason
from backspeak.formats.reading import READERS, input_paths, read, read_files
from backspeak.formats.segmentation import sentence_spans, sentences
from backspeak.formats.streaming import InputStream, ParallelStream

__all__ = [
    "READERS",
    "Columns",
    "InputStream",
    "ParallelStream",
    "furniture_reason",
    "input_paths",
    "language_reason",
    "read",
    "read_files",
    "sentence_spans",
    "sentences",
]
