"""Between text and the pieces of M2M100 and NLLB, and the names that they give to languages."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from backspeak.engines.m2m_convert import M2M100_TEXT, NLLB_TEXT
from backspeak.engines.marian_text import END, load_sentencepiece
from backspeak.errors import ModelError

# NLLB names a language and its script (FLORES-200); for a two-letter code the most written of them.
_FLORES = {
    "af": "afr_Latn", "am": "amh_Ethi", "ar": "arb_Arab", "as": "asm_Beng", "az": "azj_Latn", "be": "bel_Cyrl",
    "bg": "bul_Cyrl", "bn": "ben_Beng", "bo": "bod_Tibt", "bs": "bos_Latn", "ca": "cat_Latn", "cs": "ces_Latn",
    "cy": "cym_Latn", "da": "dan_Latn", "de": "deu_Latn", "el": "ell_Grek", "en": "eng_Latn", "eo": "epo_Latn",
    "es": "spa_Latn", "et": "est_Latn", "eu": "eus_Latn", "fa": "pes_Arab", "fi": "fin_Latn", "fo": "fao_Latn",
    "fr": "fra_Latn", "ga": "gle_Latn", "gd": "gla_Latn", "gl": "glg_Latn", "gu": "guj_Gujr", "ha": "hau_Latn",
    "he": "heb_Hebr", "hi": "hin_Deva", "hr": "hrv_Latn", "ht": "hat_Latn", "hu": "hun_Latn", "hy": "hye_Armn",
    "id": "ind_Latn", "ig": "ibo_Latn", "is": "isl_Latn", "it": "ita_Latn", "ja": "jpn_Jpan", "jv": "jav_Latn",
    "ka": "kat_Geor", "kk": "kaz_Cyrl", "km": "khm_Khmr", "kn": "kan_Knda", "ko": "kor_Hang", "ku": "kmr_Latn",
    "ky": "kir_Cyrl", "lb": "ltz_Latn", "lo": "lao_Laoo", "lt": "lit_Latn", "lv": "lvs_Latn", "mg": "plt_Latn",
    "mi": "mri_Latn", "mk": "mkd_Cyrl", "ml": "mal_Mlym", "mn": "khk_Cyrl", "mr": "mar_Deva", "ms": "zsm_Latn",
    "mt": "mlt_Latn", "my": "mya_Mymr", "nb": "nob_Latn", "ne": "npi_Deva", "nl": "nld_Latn", "nn": "nno_Latn",
    "no": "nob_Latn", "ny": "nya_Latn", "oc": "oci_Latn", "or": "ory_Orya", "pa": "pan_Guru", "pl": "pol_Latn",
    "ps": "pbt_Arab", "pt": "por_Latn", "ro": "ron_Latn", "ru": "rus_Cyrl", "rw": "kin_Latn", "sd": "snd_Arab",
    "si": "sin_Sinh", "sk": "slk_Latn", "sl": "slv_Latn", "sn": "sna_Latn", "so": "som_Latn", "sq": "als_Latn",
    "sr": "srp_Cyrl", "st": "sot_Latn", "su": "sun_Latn", "sv": "swe_Latn", "sw": "swh_Latn", "ta": "tam_Taml",
    "te": "tel_Telu", "tg": "tgk_Cyrl", "th": "tha_Thai", "tk": "tuk_Latn", "tl": "tgl_Latn", "tr": "tur_Latn",
    "tt": "tat_Cyrl", "ug": "uig_Arab", "uk": "ukr_Cyrl", "ur": "urd_Arab", "uz": "uzn_Latn", "vi": "vie_Latn",
    "wo": "wol_Latn", "xh": "xho_Latn", "yi": "ydd_Hebr", "yo": "yor_Latn", "zh": "zho_Hans", "zu": "zul_Latn",
}  # fmt: skip


class MultilingualText(Protocol):
    """The tokenizer of a model for many languages."""

    languages: dict[str, str]
    """The model's token for each language code that may be asked for."""

    def pieces(self, text: str, language: str) -> list[str]:
        """Source tokens of `text`: its language, its pieces and the end. Text cannot name special tokens."""
        ...

    def text(self, tokens: Sequence[str]) -> str:
        """The text that target tokens spell."""
        ...


class M2m100Text:
    """SentencePiece; languages are `__es__`."""

    def __init__(self, folder: Path, tokens: Sequence[str]) -> None:
        self.languages = {token.strip("_"): token for token in tokens}
        self._model = load_sentencepiece(folder / M2M100_TEXT)

    def pieces(self, text: str, language: str) -> list[str]:
        """See MultilingualText."""
        return [self.languages[language], *self._model.encode(text, out_type=str), END]

    def text(self, tokens: Sequence[str]) -> str:
        """See MultilingualText."""
        return self._model.decode_pieces([token for token in tokens if token != END]).strip()


class NllbText:
    """The `tokenizers` library over tokenizer.json; languages are `spa_Latn`, or `es` for short."""

    def __init__(self, folder: Path, tokens: Sequence[str]) -> None:
        from tokenizers import Tokenizer

        short = {code: token for code, token in _FLORES.items() if token in tokens}
        # A language that has a short name is listed under it alone.
        self.languages = short | {token: token for token in tokens if token not in short.values()}
        try:
            self._tokenizer = Tokenizer.from_file(str(folder / NLLB_TEXT))
        except Exception as error:  # the library raises plain Exception
            raise ModelError(f"{folder / NLLB_TEXT} cannot be read ({error}); download the model again") from error
        self._tokenizer.no_truncation()
        self._tokenizer.no_padding()
        self._tokenizer.encode_special_tokens = True  # as text, not as tokens

    def pieces(self, text: str, language: str) -> list[str]:
        """See MultilingualText."""
        return [self.languages[language], *self._tokenizer.encode(text, add_special_tokens=False).tokens, END]

    def text(self, tokens: Sequence[str]) -> str:
        """See MultilingualText."""
        return self._tokenizer.decoder.decode([token for token in tokens if token != END]).strip()
