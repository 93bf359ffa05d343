"""Writes docs/pivots.md from the recorded scores (`models/pivot-*/scores.json`): `python docs/make_pivots.py`.

A test compares the file with what this module says.
"""

from __future__ import annotations

from pathlib import Path

from backspeak.engines import pivot_scores

PAGE = Path(__file__).with_name("pivots.md")

_HEAD = """\
# Pivots of the bundled engine

Written by `python docs/make_pivots.py` from `models/pivot-*/scores.json`, which
`backspeak train score-pivot --pivot LANG --data DATA --record` writes.

Corpus scores on FLORES-dev. A translation counts as degenerate when it loops, copies, breaks off or is in
another language, after the second attempt that a check makes too (`backspeak.engines.checked`). A pivot that
has also learned to rewrite English has met some of the English sides on the way; it is scored on the others
(`--held-out`).

"""

_TAIL = f"""
Where `--pivot` is not given, a check goes through the pivot that helps the judge most or, where that was not
measured, the one whose weaker way has the best chrF, among those with at most {pivot_scores.MOST_DEGENERATE:.0f}%
degenerate translations; a further pivot, which costs as much time again, is added only where it was measured
to help (`backspeak.engines.pivot_scores.default_pivots`).
"""


def page() -> str:
    """The whole of docs/pivots.md."""
    return _HEAD + pivot_scores.table(pivot_scores.recorded()) + _TAIL


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    print(f"written: {PAGE}")
