"""Between text and the pieces of an OPUS-MT vocabulary: punctuation, language tag, cutting, joining."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path

import sentencepiece

from backspeak.engines.cutting import cut, join
from backspeak.errors import ModelError, SettingsError

END = "</s>"

# The part of OPUS-MT's own pre-processing (preprocess.sh: Moses normalize-punctuation and full-width
# forms) that matters to a reader: a character on the left is unknown to many of the models.
_PLAIN = {
    "“": '"', "”": '"', "„": '"', "«": '"', "»": '"', "‘": "'", "’": "'", "‚": "'", "′": "'", "″": '"',
    "–": "-", "—": "-", "−": "-", "‐": "-", "‑": "-", "…": "...", "\u00a0": " ", "\u202f": " ", "\u2009": " ",
    "，": ",", "、": ",", "。": ".", "：": ":", "；": ";", "？": "?", "！": "!", "（": "(", "）": ")",
    "《": '"', "》": '"', "「": '"', "」": '"',
}  # fmt: skip

# Models with several target languages are told which by a first token: OPUS-MT's own are named by
# two letters, those of the Tatoeba challenge by three (ISO 639-3), some with the script.
_TAGS = {
    "ar": ("ara",), "cs": ("ces",), "de": ("deu",), "en": ("eng",), "es": ("spa",), "et": ("est",), "fr": ("fra",),
    "it": ("ita",), "ne": ("npi", "nep"), "pl": ("pol",), "pt": ("por",), "ro": ("ron",), "ru": ("rus",),
    "si": ("sin",), "tr": ("tur",), "uk": ("ukr",), "zh": ("cmn_Hans", "cmn", "zho", "zh_cn"),
}  # fmt: skip


class PieceVocabulary:
    """The tokenizer of one OPUS-MT model: the same pieces as transformers' `MarianTokenizer`.

    Two differences are meant: punctuation that the vocabulary lacks is written plainly, as in the
    models' training data, and a text cannot smuggle in special tokens ("</s>", ">>fr<<").
    Raises SettingsError when the model has several target languages but not `target_lang`, ModelError
    for files that are not SentencePiece's.
    """

    def __init__(self, folder: Path, target_lang: str) -> None:
        self._source = load_sentencepiece(folder / "source.spm")
        self._target = load_sentencepiece(folder / "target.spm")
        known = _source_tokens(folder)
        self._prefix = _language_tag(known, target_lang)
        self._target_lang = target_lang
        unknown = [char for char in _PLAIN if not known.issuperset(self._source.encode(char, out_type=str))]
        self._plain = str.maketrans({char: _PLAIN[char] for char in unknown})

    def pieces(self, text: str) -> tuple[str, ...]:
        """Source tokens of `text`, with the language tag if the model wants one, and the end."""
        return (*self._prefix, *self._source.encode(text.translate(self._plain), out_type=str), END)

    def text(self, tokens: Sequence[str]) -> str:
        """The target text that `tokens` spell."""
        return self._target.decode_pieces([token for token in tokens if token != END]).strip()

    def cut(self, text: str, limit: int) -> list[str]:
        """Parts of `text` of at most `limit` tokens each, cut at the best boundaries there are."""
        return cut(text, lambda part: len(self.pieces(part)) <= limit)

    def join(self, parts: Iterable[str]) -> str:
        """The translation of a text from those of its parts."""
        return join(parts, self._target_lang)


def load_sentencepiece(path: Path) -> sentencepiece.SentencePieceProcessor:
    """The SentencePiece model of a file; ModelError if it is none."""
    try:
        return sentencepiece.SentencePieceProcessor(model_file=str(path))
    except (OSError, RuntimeError) as error:
        raise ModelError(f"{path} is no SentencePiece model; download the model again") from error


def _source_tokens(folder: Path) -> set[str]:
    """The model's source vocabulary, from the files that CTranslate2 writes."""
    path = folder / "source_vocabulary.json"
    return set(json.loads((path if path.exists() else folder / "shared_vocabulary.json").read_text(encoding="utf-8")))


def _language_tag(known: set[str], target_lang: str) -> tuple[str, ...]:
    tags = {token for token in known if token.startswith(">>") and token.endswith("<<")}
    if not tags:
        return ()
    for code in (target_lang, *_TAGS.get(target_lang, ())):
        if f">>{code}<<" in tags:
            return (f">>{code}<<",)
    raise SettingsError(f"this model does not translate into {target_lang!r} but into {', '.join(sorted(tags))}")
