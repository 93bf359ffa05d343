"""The Python interface: `from backspeak import Checker`.

    with Checker(pivot=("es",), jobs=2) as checker:
        for sentence in checker.check("They made a photo of the ferry."):
            print(sentence.score, [span.text for span in sentence.spans])

It is stable: within a major version, names and types here and in `backspeak.data` only grow.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec

from backspeak.config import Settings
from backspeak.data import CheckedSegment, Segment

if TYPE_CHECKING:
    from backspeak.pipeline import Pipeline

P = ParamSpec("P")


def _takes(settings: Callable[P, Settings]) -> Callable[[Callable[..., None]], Callable[Concatenate[Checker, P], None]]:
    """Give a method the keyword arguments of Settings, for type checkers and for `help` alike."""

    def decorate(method: Callable[..., None]) -> Callable[Concatenate[Checker, P], None]:
        own = [inspect.Parameter("self", inspect.Parameter.POSITIONAL_ONLY)]
        parameters = [*own, *inspect.signature(settings).parameters.values()]
        method.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
        return method

    return decorate


class Checker:
    """Checks English texts; keyword arguments are those of `Settings`, with the same defaults.

    Neither the environment nor a configuration file is read, so that the same call gives the same
    result anywhere; `backspeak.layers.resolve({}).settings.to_json()` gives the keyword arguments
    that they would. Models are made ready and loaded by the first check: a minute on a machine that
    has never run backspeak, some seconds afterwards. A Checker is for one thread.

    Raises SettingsError for an argument that is not usable; `check` and `stream` also raise
    ModelError for weights that are missing and cannot be fetched, and InputError for a memory, glossary
    or baseline that is malformed.
    """

    @_takes(Settings)
    def __init__(self, **options: Any) -> None:
        self._settings = Settings(**options)
        self._pipeline: Pipeline | None = None
        self._closed = False

    @property
    def settings(self) -> Settings:
        """What the keyword arguments came to."""
        return self._settings

    @property
    def signature(self) -> str:
        """Settings and versions behind every number, in sacreBLEU's `key:value|key:value` form."""
        return self._opened().signature()

    def check(self, texts: str | Segment | Iterable[str | Segment]) -> list[CheckedSegment]:
        """Check and return one CheckedSegment for each segment, in order.

        A text is read as a .txt file would be: cut into sentences, with headings, page furniture and
        foreign sentences skipped (status "skipped", with the reason). A Segment is taken as it is,
        and so is each text of an iterable, as one segment. Scores are 0 to 100, probabilities 0 to
        1, offsets Unicode code points into `segment.text`.
        """
        return list(self.stream(texts))

    def stream(self, texts: str | Segment | Iterable[str | Segment]) -> Iterator[CheckedSegment]:
        """As `check`, but yield results as they are there, a batch of 256 segments at a time.

        The iterable may be endless. The text of a CheckedSegment is that of its segment.
        """
        return self._opened().check(self._segments(texts))

    def close(self) -> None:
        """Let go of the models; the Checker cannot be used any more."""
        self._pipeline = None
        self._closed = True

    def __enter__(self) -> Checker:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def _segments(self, texts: str | Segment | Iterable[str | Segment]) -> Iterator[Segment]:
        if isinstance(texts, str):
            from backspeak.formats.text import read_text

            if texts.strip():
                yield from read_text(texts.encode("utf-8", errors="replace"), "text").segments
        elif isinstance(texts, Segment):
            yield texts
        else:
            for number, each in enumerate(texts, start=1):
                if not isinstance(each, str | Segment):
                    raise TypeError(f"item {number} is {type(each).__name__}, not str or Segment")
                yield Segment("text", str(number), each) if isinstance(each, str) else each

    def _opened(self) -> Pipeline:
        if self._closed:
            raise ValueError("this Checker is closed")
        if self._pipeline is None:
            from backspeak.pipeline import Pipeline

            self._pipeline = Pipeline(self._settings)
        return self._pipeline
