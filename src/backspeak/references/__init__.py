"""The user's own references: translation memories, termbases, and human translations of the text.

    memory.py          TranslationMemory: the approved sentence nearest to a text
      memory_files.py    TMX, XLIFF, TSV and CSV, streamed
    termbase.py        Termbase: required and forbidden terms found in a text
      termbase_files.py  TBX, TSV and CSV
      stems.py           inflected forms of source languages and of English
    parallel.py        a human translation laid beside the segments under test
    untrusted_xml.py   XML that may be hostile, as a stream
    tables.py          TSV and CSV with a header or without

What they say about a text becomes evidence in `evidence/`. A malformed file is refused with its name,
the line and the mend: half a termbase would be worse than none.
"""

from __future__ import annotations

from backspeak.references.memory import TranslationMemory
from backspeak.references.parallel import attach_references, refuse_other_number
from backspeak.references.termbase import Termbase

__all__ = ["Termbase", "TranslationMemory", "attach_references", "refuse_other_number"]
