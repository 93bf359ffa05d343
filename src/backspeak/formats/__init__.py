"""Reading inputs: every format becomes a Document of Segments.

    paths -> discovery.find            files, folders, globs, "-"
          -> a reader of READERS       one module a format: text, markdown, html, tsv, jsonl
               encoding.decode         bytes to text, or an InputError that names the mend
               blocks.segments_of      prose: furniture, sentences, language
               rows.RowReader          tables: one row is one segment, taken as it is
          -> Document                  with a problem for every part that could not be read

    streaming.InputStream  the same inputs as one stream of segments, for input of any size

A further format is a module with one reader function and one line in `reading.READERS`.
"""

from __future__ import annotations

from backspeak.formats.furniture import furniture_reason
from backspeak.formats.language import language_reason
from backspeak.formats.reading import READERS, read
from backspeak.formats.segmentation import sentence_spans, sentences
from backspeak.formats.streaming import InputStream

__all__ = ["READERS", "InputStream", "furniture_reason", "language_reason", "read", "sentence_spans", "sentences"]
