"""Evidence in words: what an editor reads under "why".

A new kind of evidence is shown as a list of its details until it gets a function in `_EXPLAINERS`.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeGuard

from backspeak.data import Evidence, Segment
from backspeak.engines.translation import LANGUAGE_NAMES
from backspeak.reports.difference import Run, marked

_LANGUAGE_TAG = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*\Z")

# Upper bounds of exp(gain) and the words for it: an editor needs the magnitude, not the digits.
_LIKELIER = (
    (1.5, "about as likely here as"),
    (5, "a few times likelier here than"),
    (30, "about ten times likelier here than"),
    (300, "about a hundred times likelier here than"),
    (3000, "about a thousand times likelier here than"),
    (math.inf, "many thousand times likelier here than"),
)
_CONFIDENCE = ((0.9, "almost certain"), (0.75, "likely"), (0.5, "more likely than not"), (0.0, "worth a look"))

# Lower bounds of the guard in nats. With a weak translator the guard is noisy, hence the wide middle.
_GUARD_KEPT = -1.0
_GUARD_DOUBTFUL = -4.0
_ASKED = "Asked for natural English, the model"


@dataclass(frozen=True)
class Words:
    """A part of a sentence: ours, or `quoted` from a text."""

    text: str
    quoted: bool = False


@dataclass(frozen=True)
class Quote:
    """A whole text that is evidence, under a label."""

    label: str
    runs: tuple[Run, ...]
    lang: str | None = None


@dataclass(frozen=True)
class Explanation:
    """One piece of evidence for the reader: sentences first, numbers last."""

    kind: str
    title: str
    sentences: tuple[tuple[Words, ...], ...] = ()
    quotes: tuple[Quote, ...] = ()
    folded_quotes: tuple[Quote, ...] = ()  # shown on demand, like the facts
    facts: tuple[tuple[str, str], ...] = ()

    @property
    def is_generic(self) -> bool:
        """Whether the facts are all there is to show."""
        return not (self.sentences or self.quotes)


def language_name(code: str) -> str:
    """The English name of a language code, or the code itself: "pt-BR" is Portuguese."""
    return LANGUAGE_NAMES.get(code.split("-")[0].lower(), code)


def language_tag(code: str | None) -> str | None:
    """`code` if it may stand in a lang attribute."""
    return code if code and _LANGUAGE_TAG.match(code) else None


def confidence_in_words(confidence: float) -> str:
    """A probability as an editor would say it."""
    return next(words for least, words in _CONFIDENCE if confidence >= least or least == 0.0)


def is_source(pivot: str, segment: Segment) -> bool:
    """Whether the source took the pivot's place: nothing was translated out of English then."""
    return segment.source is not None and bool(pivot) and pivot == segment.source_lang


def explain(evidence: Evidence, segment: Segment) -> Explanation:
    """`evidence` about the text of `segment`, in words."""
    details = dict(evidence.details)
    explainer = _EXPLAINERS.get(evidence.kind)
    if explainer is None:
        return _generic(evidence, details)
    explanation = explainer(evidence, details, segment)
    return _generic(evidence, dict(evidence.details)) if explanation.is_generic else explanation


def _generic(evidence: Evidence, details: dict[str, Any]) -> Explanation:
    return Explanation(evidence.kind, _label(evidence.kind), facts=_facts(evidence, details))


def _round_trip(evidence: Evidence, details: dict[str, Any], segment: Segment) -> Explanation:
    pivot = _text(details.pop("pivot", None))
    translation = _text(details.pop("translation", None))
    round_trip = _text(details.pop("round_trip", None))
    original = _text(details.pop("original", segment.text[evidence.start : evidence.end])).strip()
    knows_restored = "restored" in details
    restored = _text(details.pop("restored", None)).strip()
    through = language_name(pivot) if pivot else "another language"
    from_source = is_source(pivot, segment)

    sentences: list[tuple[Words, ...]] = []
    if knows_restored:
        sentences.append(_what_came_back(through, from_source, original, restored))
    gain, guard = details.get("gain"), details.get("guard")
    if _number(gain) and original and restored:
        sentences.append(_how_likely(gain, original, restored))
    if _number(guard):
        sentences.append((Words(_meaning(guard, through, from_source)),))
    agreement, round_trips = details.get("agreement"), details.get("round_trips")
    if restored and _number(agreement) and _number(round_trips) and round_trips > 1:
        sentences.append((Words(f"{agreement:g} of {round_trips:g} round trips agree on this wording."),))

    quotes, folded = [], []
    if round_trip:
        label = f"Translated anew from {through}" if from_source else f"Back from {through}"
        quotes.append(Quote(label, marked(segment.text, round_trip, restored)))
    if translation and not from_source:
        folded.append(Quote(f"In {through}", (Run(translation),), language_tag(pivot)))
    title = f"New translation from {through}" if from_source else f"Round trip through {through}"
    facts = _facts(evidence, details)
    return Explanation(evidence.kind, title, tuple(sentences), tuple(quotes), tuple(folded), facts)


def _either(wordings: Sequence[str]) -> tuple[Words, ...]:
    """Quoted, with "or" between."""
    return tuple(part for each in wordings for part in (Words(" or "), Words(each, True)))[1:]


def _rewriting(evidence: Evidence, details: dict[str, Any], segment: Segment) -> Explanation:
    original = _text(details.pop("original", segment.text[evidence.start : evidence.end])).strip()
    is_known = "restored" in details
    restored = _text(details.pop("restored", None)).strip()
    sentences: list[tuple[Words, ...]] = []
    if original and is_known:
        instead = (Words(f"{_ASKED} writes "), Words(restored, True), Words(" instead of "))
        begun = instead if restored else (Words(f"{_ASKED} goes without "),)
        sentences.append((*begun, Words(original, True), Words(".")))
    gain = details.get("gain")
    if _number(gain) and original and restored:
        sentences.append(_how_likely(gain, original, restored))
    return Explanation(evidence.kind, "Rewriting", tuple(sentences), facts=_facts(evidence, details))


def _what_came_back(through: str, from_source: bool, original: str, restored: str) -> tuple[Words, ...]:
    how = f"Translated anew from {through}, " if from_source else f"Translated into {through} and back, "
    if not original:
        return Words(f"{how}the sentence has "), Words(restored, True), Words(" here.")
    if not restored:
        return Words(f"{how}the sentence goes without "), Words(original, True), Words(".")
    if from_source:
        instead = Words(" where the text has ")
        return Words(f"{how}the sentence has "), Words(restored, True), instead, Words(original, True), Words(".")
    return Words(how), Words(original, True), Words(" came back as "), Words(restored, True), Words(".")


def _how_likely(gain: float, original: str, restored: str) -> tuple[Words, ...]:
    factor = math.exp(min(max(gain, -50.0), 50.0))
    if factor < 1 / 1.5:
        return Words("By itself the model finds "), Words(original, True), Words(" the likelier wording here.")
    phrase = next(words for bound, words in _LIKELIER if factor < bound)
    return Words(restored, True), Words(f" is {phrase} "), Words(original, True), Words(".")


def _meaning(guard: float, through: str, from_source: bool) -> str:
    fits = f"The {through} {'source' if from_source else 'translation'} fits the new wording"
    if guard >= _GUARD_KEPT:
        return f"{fits} just as well, so the meaning is probably kept."
    if guard >= _GUARD_DOUBTFUL:
        return f"{fits} a little less well: check that the meaning is kept."
    return f"{fits} much less well: the meaning may differ."


def _phrase_bank(evidence: Evidence, details: dict[str, Any], segment: Segment) -> Explanation:
    phrase = _text(details.pop("phrase", None))
    languages = details.pop("source_langs", None)
    note, example = _text(details.pop("note", None)), _text(details.pop("example", None))
    from_languages = ""
    if isinstance(languages, list | tuple) and languages:
        from_languages = f" from {_and([language_name(_text(code)) for code in languages])}"

    sentences: list[tuple[Words, ...]] = []
    brought = f" as wording that translations{from_languages} bring along."
    if phrase and phrase not in evidence.suggestions:
        sentences.append((Words("The phrase bank lists "), Words(phrase, True), Words(brought)))
    elif phrase or from_languages:
        sentences.append((Words(f"The phrase bank lists this{brought}"),))
    if evidence.suggestions:
        sentences.append((Words("Writers of English say "), *_either(evidence.suggestions), Words(".")))
    if note:
        sentences.append((Words(note),))
    quotes = (Quote("An example of it", (Run(example),)),) if example else ()
    return Explanation(evidence.kind, "Phrase bank", tuple(sentences), quotes, facts=_facts(evidence, details))


def _typography(evidence: Evidence, details: dict[str, Any], segment: Segment) -> Explanation:
    message = _text(details.pop("message", None))
    sentences = ((Words(message),),) if message else ()
    return Explanation(evidence.kind, "Typography", sentences, facts=_facts(evidence, details))


def _memory(evidence: Evidence, details: dict[str, Any], segment: Segment) -> Explanation:
    original, wording = _text(details.pop("original", None)), _text(details.pop("approved_wording", None))
    approved, memory = _text(details.pop("approved", None)), _text(details.pop("memory", None))
    same_source = details.pop("same_source", False) is True
    similarity = details.pop("similarity", None)
    which = "the approved translation of this source" if same_source else "an approved sentence"
    if _number(similarity) and not same_source:
        which += f" that is {similarity:.0%} alike"
    sentences: list[tuple[Words, ...]] = []
    if wording:
        said = (Words(f"In {which}, the wording is "), Words(wording, True))
        sentences.append((*said, Words(" where the text has "), Words(original, True), Words(".")))
    elif original:
        sentences.append((Words(f"In {which}, there is no "), Words(original, True), Words(".")))
    quotes = (Quote(f"In {memory or 'the memory'}", marked(segment.text, approved, wording)),) if approved else ()
    return Explanation(evidence.kind, "Translation memory", tuple(sentences), quotes, facts=_facts(evidence, details))


def _glossary(evidence: Evidence, details: dict[str, Any], segment: Segment) -> Explanation:
    forbidden, source_term = _text(details.pop("forbidden", None)), _text(details.pop("source_term", None))
    note = _text(details.pop("note", None))
    listed = details.pop("terms", None)
    terms = [_text(term) for term in listed] if isinstance(listed, list | tuple) else []
    named = _either(terms)
    sentences: list[tuple[Words, ...]] = []
    if forbidden:
        sentences.append((Words("Your glossary forbids "), Words(forbidden, True), Words(".")))
        if terms:
            sentences.append((Words("Its term is "), *named, Words(".")))
    elif terms:
        because = (Words("The source says "), Words(source_term, True), Words("; "), Words("your glossary asks for "))
        sentences.append((*because, *named, Words(", which the text does not have.")))
    if forbidden and source_term:
        sentences.append((Words("The source says "), Words(source_term, True), Words(".")))
    if note:
        sentences.append((Words(note),))
    return Explanation(evidence.kind, "Glossary", tuple(sentences), facts=_facts(evidence, details))


def _reference(evidence: Evidence, details: dict[str, Any], segment: Segment) -> Explanation:
    original, wording = _text(details.pop("original", None)), _text(details.pop("reference_wording", None))
    sentences: tuple[tuple[Words, ...], ...] = ()
    if wording:
        instead = (Words(" where the text has "), Words(original, True), Words("."))
        sentences = ((Words("The reference has "), Words(wording, True), *instead),)
    elif original:
        sentences = ((Words("The reference has no "), Words(original, True), Words(".")),)
    return Explanation(evidence.kind, "Reference translation", sentences, facts=_facts(evidence, details))


def _likelihood(evidence: Evidence, details: dict[str, Any], segment: Segment) -> Explanation:
    given = _text(details.pop("given", None))
    original = _text(details.pop("original", segment.text[evidence.start : evidence.end])).strip()
    context = {"source": "the source sentence", "pivot": "the translation of the sentence"}.get(given, "this sentence")
    sentences: tuple[tuple[Words, ...], ...] = ()
    if original:
        sentences = ((Words("The models did not expect "), Words(original, True), Words(f" after reading {context}.")),)
    return Explanation(evidence.kind, "Unexpected wording", sentences, facts=_facts(evidence, details))


def _collocation(evidence: Evidence, details: dict[str, Any], segment: Segment) -> Explanation:
    original = _text(details.pop("original", None))
    details.pop("count", None)
    alternatives = details.pop("alternatives", None)
    sentences: list[tuple[Words, ...]] = []
    if original:
        never = Words(" never stand together.")
        sentences.append((Words("In the English that was counted, the words of "), Words(original, True), never))
    if evidence.suggestions:
        written = {
            _text(each.get("wording"))
            for each in (alternatives if isinstance(alternatives, list) else [])
            if isinstance(each, Mapping) and each.get("origin") == "rewriting"
        }
        attested = [each for each in evidence.suggestions if each not in written]
        rewritten = [each for each in evidence.suggestions if each in written]
        for begun, wordings in (
            ("Of near meaning and attested: ", attested),
            (f"{_ASKED} writes ", rewritten),
        ):
            if wordings:
                sentences.append((Words(begun), *_either(wordings), Words(".")))
        gain = details.get("gain")
        if _number(gain) and original:
            sentences.append(_how_likely(gain, original, evidence.suggestions[0]))
    facts = list(_facts(evidence, details))
    for each in alternatives if isinstance(alternatives, list) else []:
        if isinstance(each, Mapping):
            numbers = {name: value for name, value in each.items() if name != "wording"}
            shown = ", ".join(f"{_label(name).lower()} {_text(value)}" for name, value in numbers.items())
            facts.append((_text(each.get("wording")), shown))
    return Explanation(evidence.kind, "Unusual phrase", tuple(sentences), facts=tuple(facts))


_EXPLAINERS: Mapping[str, Callable[[Evidence, dict[str, Any], Segment], Explanation]] = {
    "round_trip": _round_trip,
    "rewriting": _rewriting,
    "phrase_bank": _phrase_bank,
    "collocation": _collocation,
    "typography": _typography,
    "memory": _memory,
    "glossary": _glossary,
    "reference": _reference,
    "likelihood": _likelihood,
}


def _facts(evidence: Evidence, details: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    facts = []
    for name, value in details.items():
        shown = _text(value)
        if name in ("gain", "pivot_gain", "kept_gain", "guard") and _number(value):
            shown = f"{value:+.1f} nats ({_factor(value)})"
        facts.append((_label(name), shown))
    if evidence.confidence is not None:
        facts.append(("Confidence of this evidence alone", f"{evidence.confidence:.0%}"))
    if evidence.rule:
        facts.append(("Rule", evidence.rule))
    return tuple(facts)


def _factor(nats: float) -> str:
    if abs(nats) > 20:
        return "more than 10⁸ to 1" if nats > 0 else "less than 1 to 10⁸"
    factor = math.exp(nats)
    return f"× {factor:,.0f}" if factor >= 10 else f"× {factor:.2g}"


def _label(name: str) -> str:
    words = str(name).replace("_", " ").strip()
    return words[:1].upper() + words[1:]


def _number(value: Any) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _text(value: Any) -> str:
    """A detail as text: details come from files and may be of any type."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, list | tuple) and not any(isinstance(item, Mapping | list | tuple) for item in value):
        return ", ".join(_text(item) for item in value)
    return json.dumps(value, ensure_ascii=False, default=str)


def _and(names: list[str]) -> str:
    return names[0] if len(names) == 1 else ", ".join(names[:-1]) + " and " + names[-1]
