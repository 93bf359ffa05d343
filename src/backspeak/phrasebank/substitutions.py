"""What a spoilt word stood for: `models/unlisted/substitutions.safetensors`, made by `training.substitutions`.

Synonym spinners draw on thesauri of their own, which call learning "preparing" and a network "organization".
A file of `word_rows`:

meant        numbers of the words that the word was put for, the likeliest first
sureness     255 times how often it was, where it stood for another at all
"""

from __future__ import annotations

from backspeak.phrasebank.word_rows import RowFormat, WordRows


class Substitutions(WordRows):
    """Words that spinners put, with those that they put them for and how sure that is (0 to 1)."""

    FORMAT = RowFormat(
        name="substitutions",
        file="substitutions.safetensors",
        others="meant",
        weights="sureness",
        scale=255,
        licence="figures computed from the tortured phrases of the Problematic Paper Screener (CC BY 4.0)",
    )
