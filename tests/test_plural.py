"""Numbers with their nouns."""

from backspeak.plural import counted


def test_counted():
    assert (counted(1, "flag"), counted(0, "flag"), counted(1200, "flag")) == ("1 flag", "0 flags", "1,200 flags")
