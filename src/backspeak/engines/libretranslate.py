"""A LibreTranslate server as an engine: HTTP with time-outs, retries and a rate limit.

The protocol is that of LibreTranslate 1.6: GET /languages, POST /translate with a list of texts.
A key, where the server wants one, is read from LIBRETRANSLATE_API_KEY and never written anywhere.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import urllib3

from backspeak.config import Settings
from backspeak.engines.base import LanguagePair, unsupported
from backspeak.errors import EngineError, OfflineError, SettingsError

KEY_VARIABLE = "LIBRETRANSLATE_API_KEY"

CONNECT_SECONDS = 5.0
READ_SECONDS = 120.0  # a server on two cores takes a minute for a full request
# Waits of 0.5, 1, 2 and 4 seconds, or as long as the server's Retry-After says.
_RETRIES = 4
_BACKOFF = 0.5
_AGAIN = (429, 500, 502, 503, 504)

# One request. Servers refuse long ones, by default above 5,000 characters or 50 texts where they do.
_TEXTS = 25
_CHARACTERS = 4_000


def open_engine(settings: Settings) -> LibreTranslateEngine:
    """The engine of the server that --model names by its address."""
    if len(settings.model) != 1 or not settings.model[0].startswith(("http://", "https://")):
        raise SettingsError(
            "the libretranslate engine needs the address of a server: --model http://localhost:5000, once"
        )
    if urllib3.util.parse_url(settings.model[0]).auth:
        raise SettingsError(
            "the address of a server is written into results, so it must hold no user and password; "
            f"a key goes into {KEY_VARIABLE}"
        )
    if settings.offline:
        raise OfflineError("the libretranslate engine is a server on the network, and --offline is set; drop one")
    return LibreTranslateEngine(
        settings.model[0],
        api_key=os.environ.get(KEY_VARIABLE),
        requests_per_minute=settings.requests_per_minute,
    )


class LibreTranslateEngine:
    """Texts to one server and back (see base.Engine); which pairs there are, the server says.

    Raises EngineError, naming the address and the cause, when the server cannot be reached, refuses
    a request or answers with something else. `sleep` and `clock` (seconds) stand in for time's own.
    """

    name = "libretranslate"

    def __init__(
        self,
        address: str,
        *,
        api_key: str | None = None,
        requests_per_minute: float | None = None,
        retries: int = _RETRIES,
        backoff: float = _BACKOFF,
        read_seconds: float = READ_SECONDS,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._address = address.rstrip("/")
        self._api_key = api_key
        self._interval = 60.0 / requests_per_minute if requests_per_minute else 0.0
        self._next = 0.0
        self._clock, self._sleep = clock, sleep
        self._pool = urllib3.PoolManager(
            timeout=urllib3.Timeout(connect=CONNECT_SECONDS, read=read_seconds),
            retries=urllib3.Retry(
                total=retries,
                backoff_factor=backoff,
                status_forcelist=_AGAIN,
                allowed_methods=None,  # translating twice does no harm
                redirect=False,  # a key must not go where nobody has sent it
                raise_on_status=False,
            ),
        )
        self._pairs = self._languages()

    def signature(self) -> str:
        """The engine's name alone: a server says neither its models nor their versions."""
        return f"engine:{self.name}"

    def supports(self, source_lang: str, target_lang: str) -> bool:
        """Whether the server has the pair."""
        return (source_lang, target_lang) in self._pairs

    def pairs(self) -> list[LanguagePair] | None:
        """What the server said when the engine was opened."""
        return sorted(self._pairs)

    def translate(
        self, texts: Sequence[str], source_lang: str, target_lang: str, *, samples: int = 0
    ) -> list[list[str]]:
        """Best translation first, then the server's alternatives; the best again where it has too few."""
        if not self.supports(source_lang, target_lang):
            raise unsupported(self, source_lang, target_lang)
        results = [[""] * (1 + samples) for _ in texts]
        for batch in _batches([index for index, text in enumerate(texts) if text.strip()], texts):
            request: dict[str, Any] = {
                "q": [texts[index] for index in batch],
                "source": source_lang,
                "target": target_lang,
                "format": "text",
            }
            if samples:
                request["alternatives"] = samples
            for index, found in zip(batch, self._translations(request, len(batch)), strict=True):
                results[index] = (found + [found[0]] * samples)[: 1 + samples]
        return results

    def _translations(self, request: dict[str, Any], count: int) -> list[list[str]]:
        answer = self._ask("POST", "/translate", request)
        fields: dict[str, Any] = answer if isinstance(answer, dict) else {}
        best: Any = fields.get("translatedText")
        others = fields.get("alternatives") or [[]] * count
        if (
            not _is_texts(best, count)
            or not isinstance(others, list)
            or len(others) != count
            or not all(_is_texts(each) for each in others)
        ):
            raise EngineError(f"{self._address} does not answer as LibreTranslate does; check the address")
        return [[first, *more] for first, more in zip(best, others, strict=True)]

    def _languages(self) -> set[LanguagePair]:
        answer = self._ask("GET", "/languages")
        try:
            if not isinstance(answer, list):
                raise TypeError("no list of languages")
            return {
                (language["code"], target)
                for language in answer
                for target in language["targets"]
                if target != language["code"]
            }
        except (TypeError, KeyError) as error:
            raise EngineError(f"{self._address} does not answer as LibreTranslate does; check the address") from error

    def _ask(self, method: str, path: str, request: dict[str, Any] | None = None) -> Any:
        """The parsed answer to a request; waits its turn before."""
        now = self._clock()
        if now < self._next:
            self._sleep(self._next - now)
        self._next = max(now, self._next) + self._interval
        # In the body alone: an address ends up in the logs of servers and proxies.
        body = None if request is None else {**request, **({"api_key": self._api_key} if self._api_key else {})}
        try:
            response = self._pool.request(method, self._address + path, json=body)
        except urllib3.exceptions.HTTPError as error:
            raise EngineError(f"{self._address} cannot be reached ({_cause(error)}); is the server running?") from error
        try:
            answer = json.loads(response.data)
        except ValueError as error:
            raise EngineError(
                f"{self._address}{path} answered {response.status} and no JSON; check the address"
            ) from error
        if response.status != 200:
            said = answer.get("error") if isinstance(answer, dict) else None
            hint = f"; set {KEY_VARIABLE}" if response.status in (401, 403) else ""
            hint = "; ask for fewer with --requests-per-minute" if response.status == 429 else hint
            raise EngineError(f"{self._address} answered {response.status} ({said or response.reason}){hint}")
        return answer


def _batches(indices: Sequence[int], texts: Sequence[str]) -> Iterator[list[int]]:
    """Indices of texts that go into one request; a long text goes alone."""
    batch: list[int] = []
    size = 0
    for index in indices:
        if batch and (len(batch) == _TEXTS or size + len(texts[index]) > _CHARACTERS):
            yield batch
            batch, size = [], 0
        batch.append(index)
        size += len(texts[index])
    if batch:
        yield batch


def _is_texts(value: Any, count: int | None = None) -> bool:
    return (
        isinstance(value, list)
        and all(isinstance(each, str) for each in value)
        and (count is None or len(value) == count)
    )


def _cause(error: Exception) -> str:
    """What went wrong at the bottom of urllib3's nested errors."""
    reason = getattr(error, "reason", None)
    return str(reason or error).split(": ")[-1]
