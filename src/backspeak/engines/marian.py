"""Any OPUS-MT model as an engine, by hub name or local folder, run by CTranslate2 in int8.

`set_random_seed` of CTranslate2 4.8 reaches a worker thread only before its first draw, so seeding
one translator again and again does nothing (measured). Samples are therefore drawn by a translator
made for that text, which takes 0.07 s beside 0.24 s for six samples.
"""

from __future__ import annotations

import logging
import re
import threading
import zlib
from collections.abc import Callable, Mapping, Sequence
from functools import partial

import ctranslate2

from backspeak.config import Settings
from backspeak.engines.base import LanguagePair, unsupported
from backspeak.engines.checkpoints import Notice, StoredModel, prepare
from backspeak.engines.encoder_decoder import BEAM_SIZE, limits, load, search
from backspeak.engines.marian_convert import FAMILY
from backspeak.engines.marian_text import PieceVocabulary
from backspeak.engines.transformer_weights import QUANTIZATION
from backspeak.errors import SettingsError

SAMPLING_TOPK = 10
SAMPLING_TEMPERATURE = 0.8

# OPUS-MT models have 512 positions and were trained on single sentences.
MAX_INPUT_TOKENS = 400

_log = logging.getLogger(__name__)

# The seed is global in CTranslate2.
_seeding = threading.Lock()


def open_engine(settings: Settings) -> MarianEngine:
    """The engine over the models that `settings.model` names by pair."""
    if not settings.model:
        raise SettingsError(
            "the marian engine needs --model, for example "
            "--model en-es=Helsinki-NLP/opus-mt-en-es --model es-en=Helsinki-NLP/opus-mt-es-en"
        )
    models = {}
    for entry in settings.model:
        pair, _, name = entry.partition("=")
        source, dash, target = pair.partition("-")
        if not (name and dash and source and target):
            raise SettingsError(f"--model {entry!r} is not of the form en-es=NAME or en-es=FOLDER")
        models[source, target] = name
    return MarianEngine.open(models, offline=settings.offline, threads=settings.jobs)


class MarianEngine:
    """OPUS-MT models behind the `Engine` protocol, one for each language pair."""

    name = "marian"

    def __init__(
        self, models: Mapping[LanguagePair, str] | str, fetch: Callable[[str], StoredModel], threads: int = 0
    ) -> None:
        """See `open`; `fetch` turns the name of a model into a converted one on disk."""
        self._models = models
        self._fetch = fetch
        self._threads = threads
        self._opened: dict[LanguagePair, _PairModel] = {}
        self._opening = threading.Lock()

    @classmethod
    def open(
        cls,
        models: Mapping[LanguagePair, str] | str,
        *,
        offline: bool,
        threads: int = 0,
        revision: str | None = None,
        notice: Notice = _log.warning,
    ) -> MarianEngine:
        """Prepare and load `models`, and return the engine.

        `models` maps a pair of language codes to a local folder, to a hub name or to
        "org/name@revision"; "{source}" and "{target}" in it stand for the codes. One such pattern
        in place of the mapping serves every pair, each opened when it is first asked for.
        `revision` is what a hub name without its own means (default "main"); `threads` is
        CTranslate2's number of threads for one batch (0: its default). `notice` is told, in a
        sentence, when a model is fetched, converted or found damaged.

        Raises ModelError or OfflineError, naming the model, the cause and the mend; SettingsError
        for a pattern that does not say both languages.
        """
        engine = cls(
            models, partial(prepare, family=FAMILY, revision=revision, offline=offline, notice=notice), threads
        )
        if isinstance(models, str):
            if "{source}" not in models or "{target}" not in models:
                raise SettingsError(f"{models!r} serves every language pair only if it holds {{source}} and {{target}}")
        else:
            for pair in models:
                engine._model(*pair)
        return engine

    def signature(self) -> str:
        """Models with their revisions, decoding settings and versions; of a pattern, the pairs opened so far."""
        fields = [f"engine:{self.name}"]
        for (source, target), model in sorted(self._opened.items()):
            fields.append(f"{source}-{target}:{model.stored.origin}@{model.stored.revision}")
        fields += [
            f"beam:{BEAM_SIZE}",
            f"sampling:top{SAMPLING_TOPK},t{SAMPLING_TEMPERATURE}",
            f"weights:{QUANTIZATION}",
            f"ctranslate2:{ctranslate2.__version__}",
        ]
        return "|".join(fields)

    def supports(self, source_lang: str, target_lang: str) -> bool:
        """Whether there is a model for the pair; a pattern is taken at its word for any two codes."""
        if isinstance(self._models, str):
            codes = (source_lang, target_lang)
            return source_lang != target_lang and all(re.fullmatch(r"[a-z]{2,3}", code) for code in codes)
        return (source_lang, target_lang) in self._models

    def pairs(self) -> list[LanguagePair] | None:
        """The pairs that have a model; None of a pattern, which is tried for any two codes."""
        return None if isinstance(self._models, str) else sorted(self._models)

    def translate(
        self, texts: Sequence[str], source_lang: str, target_lang: str, *, samples: int = 0
    ) -> list[list[str]]:
        """Translate each text: beam search first, then `samples` sampled alternatives.

        A text over 400 tokens is cut after sentences, clauses or words, and its translations are
        joined again. Raises SettingsError for an unsupported pair, and what `open` raises.
        """
        model = self._model(source_lang, target_lang)
        parts = [model.vocabulary.cut(text, model.input_limit) for text in texts]
        unique = list(dict.fromkeys(part for text_parts in parts for part in text_parts))
        results = {part: [best] for part, best in zip(unique, model.best(unique), strict=True)}
        if samples > 0:
            for part in unique:
                results[part] += model.sample(part, samples)
        return [
            [model.vocabulary.join(results[part][rank] for part in text_parts) for rank in range(1 + max(samples, 0))]
            for text_parts in parts
        ]

    def _model(self, source_lang: str, target_lang: str) -> _PairModel:
        pair = (source_lang, target_lang)
        with self._opening:
            if pair in self._opened:
                return self._opened[pair]
            if not self.supports(*pair):
                raise unsupported(self, source_lang, target_lang)
            template = self._models if isinstance(self._models, str) else self._models[pair]
            filled = template.replace("{source}", source_lang).replace("{target}", target_lang)
            self._opened[pair] = _PairModel(self._fetch(filled), pair, self._threads)
            return self._opened[pair]


class _PairModel:
    """One loaded model: pieces in, pieces out."""

    def __init__(self, stored: StoredModel, pair: LanguagePair, threads: int) -> None:
        self.stored = stored
        self.vocabulary = PieceVocabulary(stored.folder, pair[1])
        self._positions = stored.facts["positions"]
        self.input_limit = min(MAX_INPUT_TOKENS, self._positions - 1)
        self._pair = pair
        self._threads = threads
        self._translator = load(stored.folder, stored.origin, threads)

    def best(self, parts: Sequence[str]) -> list[str]:
        """The beam-search translation of each part."""
        found = search(self._translator, [self.vocabulary.pieces(part) for part in parts], positions=self._positions)
        return [self.vocabulary.text(hypotheses[0]) for hypotheses in found]

    def sample(self, part: str, count: int) -> list[str]:
        """`count` translations drawn at random, always the same ones for the same part."""
        pieces = self.vocabulary.pieces(part)
        with _seeding:
            ctranslate2.set_random_seed(zlib.crc32("\t".join((*self._pair, part)).encode()) >> 1)
            translator = load(self.stored.folder, self.stored.origin, self._threads)
            result = translator.translate_batch(
                [pieces],
                beam_size=1,
                num_hypotheses=count,
                sampling_topk=SAMPLING_TOPK,
                sampling_temperature=SAMPLING_TEMPERATURE,
                **limits(len(pieces), self._positions),
            )[0]
        return [self.vocabulary.text(tokens) for tokens in result.hypotheses]
