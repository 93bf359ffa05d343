"""M2M100 and NLLB as engines: one model for a hundred languages and more, by hub name or local folder."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from itertools import permutations

import ctranslate2

from backspeak.config import Settings
from backspeak.engines.base import LanguagePair, unsupported
from backspeak.engines.checkpoints import Family, Notice, StoredModel, prepare
from backspeak.engines.cutting import cut, join
from backspeak.engines.encoder_decoder import BEAM_SIZE, load, search
from backspeak.engines.m2m_convert import M2M100, NLLB
from backspeak.engines.multilingual_text import M2m100Text, MultilingualText, NllbText
from backspeak.engines.transformer_weights import QUANTIZATION
from backspeak.errors import SettingsError

# Trained on single sentences, like all of their kind.
MAX_INPUT_TOKENS = 400

_log = logging.getLogger(__name__)


def open_m2m100(settings: Settings) -> MultilingualEngine:
    """M2M100, 100 languages, MIT licence; --model names another size or a folder."""
    return open_engine(M2M100, _model(settings, M2M100), offline=settings.offline, threads=settings.jobs)


def open_nllb(settings: Settings) -> MultilingualEngine:
    """NLLB-200, 200 languages, for non-commercial use only (CC-BY-NC-4.0); --model as for M2M100."""
    return open_engine(NLLB, _model(settings, NLLB), offline=settings.offline, threads=settings.jobs)


def open_engine(
    family: Family, model: str, *, offline: bool, threads: int = 0, notice: Notice = _log.warning
) -> MultilingualEngine:
    """Prepare and load `model`, a local folder or a hub name; see `checkpoints.prepare` for the errors."""
    stored = prepare(model, family, revision=None, offline=offline, notice=notice)
    languages = stored.facts["languages"]
    text: MultilingualText = (
        M2m100Text(stored.folder, languages) if family is M2M100 else NllbText(stored.folder, languages)
    )
    return MultilingualEngine(family.name, stored, text, threads)


def _model(settings: Settings, family: Family) -> str:
    if not settings.model:
        return family.example
    if len(settings.model) > 1 or "=" in settings.model[0]:
        raise SettingsError(
            f"the {family.name} engine has one model for all pairs: --model NAME or FOLDER, once and without a pair"
        )
    return settings.model[0]


class MultilingualEngine:
    """One model between any two of its languages (see base.Engine)."""

    def __init__(self, name: str, stored: StoredModel, text: MultilingualText, threads: int) -> None:
        self.name = name
        self._stored = stored
        self._text = text
        self._positions: int = stored.facts["positions"]
        self._input_limit = min(MAX_INPUT_TOKENS, self._positions - 1)
        self._translator = load(stored.folder, stored.origin, threads)

    def signature(self) -> str:
        """Model with its revision, decoding settings and versions."""
        fields = [
            f"engine:{self.name}",
            f"model:{self._stored.origin}@{self._stored.revision}",
            f"beam:{BEAM_SIZE}",
            f"weights:{QUANTIZATION}",
            f"ctranslate2:{ctranslate2.__version__}",
        ]
        return "|".join(fields)

    def supports(self, source_lang: str, target_lang: str) -> bool:
        """Whether the model has both languages."""
        languages = self._text.languages
        return source_lang != target_lang and source_lang in languages and target_lang in languages

    def pairs(self) -> list[LanguagePair] | None:
        """Any two of its languages."""
        return sorted(permutations(self._text.languages, 2))

    def translate(
        self, texts: Sequence[str], source_lang: str, target_lang: str, *, samples: int = 0
    ) -> list[list[str]]:
        """Best translation first, then `samples` more from the same beam (deterministic).

        A text over 400 tokens is cut after sentences, clauses or words, and its translations are
        joined again. Raises SettingsError for a language that the model lacks.
        """
        if not self.supports(source_lang, target_lang):
            raise unsupported(self, source_lang, target_lang)
        parts = [
            cut(text, lambda part: len(self._text.pieces(part, source_lang)) <= self._input_limit) for text in texts
        ]
        unique = list(dict.fromkeys(part for text_parts in parts for part in text_parts))
        found = search(
            self._translator,
            [self._text.pieces(part, source_lang) for part in unique],
            positions=self._positions,
            prefix=[self._text.languages[target_lang]],
            hypotheses=1 + samples,
        )
        results = {
            part: [self._text.text(tokens) for tokens in hypotheses]
            for part, hypotheses in zip(unique, found, strict=True)
        }
        return [
            [join((results[part][rank] for part in text_parts), target_lang) for rank in range(1 + samples)]
            for text_parts in parts
        ]
