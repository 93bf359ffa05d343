"""A wording that would raise a flag of its own is not offered.

Each suggestion is put in, and what finds phrases, prepositions and punctuation looks at the changed
text: lists and counts first, and the language model only where counts point at something without a flag. Between them
the rewriter is asked whether it would keep the words put in: what it would not, the judge would doubt as well.
What is left and would be shown first, the pipeline tries with a whole check (`Pipeline.examine`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Protocol

from backspeak.data import Evidence, Findings, Segment
from backspeak.engines.decoder import Decoder
from backspeak.evidence import likelihood, phrase_bank, rewriting, typography
from backspeak.evidence.words import word_offsets
from backspeak.phrasebank import PhraseBank
from backspeak.spans import DECISIVE


class Located(Protocol):
    """Something at start..end of a text."""

    @property
    def start(self) -> int: ...
    @property
    def end(self) -> int: ...


class Finder(Protocol):
    """Looks for one kind of unlisted error by counts and asks the language model about what it finds."""

    def places(self, text: str) -> Iterable[Located]:
        """Where counts alone point."""
        ...

    def collect(self, findings: Sequence[Findings], language_model: Decoder) -> list[list[Evidence]]:
        """The evidence of each text."""
        ...


@dataclass(frozen=True)
class Change:
    """A wording put in for the characters start..end of a text."""

    text: str
    start: int
    end: int
    wording: str

    @property
    def changed(self) -> str:
        """The text with the wording in it."""
        return self.text[: self.start] + self.wording + self.text[self.end :]

    @property
    def finish(self) -> int:
        """Where the wording ends in the changed text."""
        return self.start + len(self.wording)

    def new(self, before: Iterable[Located], after: Iterable[Located]) -> list[Located]:
        """What lies on the words put in, or was not in the text before."""
        finish, changed = self.finish, self.changed
        shift = len(changed) - len(self.text)
        known = {
            (one.start + (shift if one.start >= self.end else 0), self.text[one.start : one.end]) for one in before
        }
        return [
            one
            for one in after
            if (one.start < finish and one.end > self.start) or (one.start, changed[one.start : one.end]) not in known
        ]


class Recheck:
    """Asks the finders about changed texts."""

    def __init__(self, bank: PhraseBank, finders: Sequence[Finder]) -> None:
        self._bank = bank
        self._finders = tuple(finders)

    def keep_quiet_ones(
        self, findings: Sequence[Findings], language_model: Decoder, rewriter: Decoder | None = None
    ) -> None:
        """Drop from evidence and proposals what raises a flag; punctuation's own suggestions are left alone."""
        changes = dict.fromkeys(
            Change(each.segment.text, start, end, wording)
            for each in findings
            for start, end, wording in _suggested(each)
        )
        flagged: dict[str, list[Located]] = {}
        for each in findings:
            decisive = [one for one in each.evidence if (one.confidence or 0.0) >= DECISIVE]
            flagged.setdefault(each.segment.text, []).extend(decisive)
        noisy = self.noisy(list(changes), language_model, rewriter, flagged)
        if not noisy:
            return
        for each in findings:
            _drop(each, lambda change: change in noisy)

    def noisy(
        self,
        changes: Sequence[Change],
        language_model: Decoder,
        rewriter: Decoder | None,
        flagged: Mapping[str, Sequence[Located]],
    ) -> set[Change]:
        """Those that raise a flag; `flagged` are the places of each text that have one already.

        A place that the finders left alone may cross their threshold when other words of the sentence change.
        """
        noisy: set[Change] = set()
        # Several wordings are suggested for one text: what is in it is looked for once.
        for look in (lambda text: phrase_bank.collect(text, self._bank), typography.collect):
            listed = cache(look)
            noisy |= {each for each in changes if each not in noisy and each.new(listed(each.text), look(each.changed))}
        read = {each: _findings(each.changed) for each in changes if each not in noisy}
        if rewriter is not None:
            rewriting.read(list(read.values()), rewriter)
            noisy |= {each for each, findings in read.items() if rewriting.doubts(findings, each.start, each.finish)}
        for finder in self._finders:
            new = {
                each: each.new(flagged[each.text], finder.places(each.changed)) for each in changes if each not in noisy
            }
            asked = [each for each, places in new.items() if places]
            if not asked:
                continue
            unread = [read[each] for each in asked if "alone_total" not in read[each].likelihood]
            likelihood.add(unread, language_model)
            found = finder.collect([read[each] for each in asked], language_model)
            noisy |= {
                change
                for change, evidence in zip(asked, found, strict=True)
                if any(
                    (one.confidence or 0.0) >= DECISIVE and one.start < place.end and one.end > place.start
                    for one in evidence
                    for place in new[change]
                )
            }
        return noisy


def withdraw(findings: Findings, changed: str) -> None:
    """Drop the wordings of evidence and proposals that make the text a changed one."""
    _drop(findings, lambda change: change.changed == changed)


def _drop(findings: Findings, unwanted: Callable[[Change], bool]) -> None:
    text = findings.segment.text
    findings.evidence = [
        _without(one, {w for w in one.suggestions if unwanted(Change(text, one.start, one.end, w))})
        for one in findings.evidence
    ]
    findings.proposals = [
        replace(one, offered=False)
        if one.offered and unwanted(Change(text, one.start, one.end, one.replacement))
        else one
        for one in findings.proposals
    ]


def _suggested(findings: Findings) -> Iterable[tuple[int, int, str]]:
    for evidence in findings.evidence:
        if evidence.kind != "typography":
            for wording in evidence.suggestions:
                yield evidence.start, evidence.end, wording
    for proposal in findings.proposals:
        if proposal.offered:
            yield proposal.start, proposal.end, proposal.replacement


def _findings(text: str) -> Findings:
    return Findings(Segment("", "", text), word_offsets(text))


def _without(evidence: Evidence, dropped: set[str]) -> Evidence:
    """The evidence less some of its suggestions; figures of the first one go with it."""
    if not dropped:
        return evidence
    details = dict(evidence.details)
    kept = tuple(wording for wording in evidence.suggestions if wording not in dropped)
    if "alternatives" in details:
        details["alternatives"] = [each for each in details["alternatives"] if each["wording"] not in dropped]
    if kept[:1] != evidence.suggestions[:1]:
        details = {name: value for name, value in details.items() if name not in ("gain", "probability")}
    return replace(evidence, suggestions=kept, details=details)
