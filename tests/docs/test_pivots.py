"""docs/pivots.md says what was recorded."""

from __future__ import annotations


def test_the_page_is_up_to_date(make_pivots):
    assert make_pivots.PAGE.read_text(encoding="utf-8") == make_pivots.page(), "run: python docs/make_pivots.py"
