"""The rewriter: what the embedded model, trained to copy natural English and to mend the rest, makes of a text.

Held against the text itself, it says of every word how likely it would keep it (`kept_...` beside the other word
likelihoods; one reading, nothing is written). Where it would rather not, the likeliest ways to go on from
there are proposals, weighed with those of the round trips (`contrast`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from backspeak.data import Findings, Proposal
from backspeak.engines.clauses import clauses
from backspeak.engines.decoder import Decoder
from backspeak.engines.translation import prompt
from backspeak.evidence import likelihood, round_trip
from backspeak.evidence.words import is_punctuation, word_offsets

# A word that the rewriter would keep with less than this (nats) is a place to ask for others.
DOUBT = -1.0
# A wording of ours must be likelier kept than changed: a half, in nats.
_KEPT = float(np.log(0.5))
# It has learned from texts of fewer tokens; a longer one is read part by part.
LONGEST_PART = 80
# A stretch without a boundary is not read beyond this: the model has room for so much, twice.
_LONGEST_READ = 180
MAX_PLACES = 4  # of one part, the most doubtful
HYPOTHESES = 3
_BEAM = 4
_MORE_TOKENS = 10  # than the doubtful words have, to find the way back to the text
# Words of the text that follow a change as they were, by which its end is known.
_SAME_AGAIN = 2
_MEASURES = ("total", "least", "rank", "entropy")
# How many words of the text may give way to how many others: the fewest first.
_WAYS = sorted(
    ((i, j) for i in range(round_trip.MAX_WORDS + 1) for j in range(round_trip.MAX_WORDS + 2) if i + j),
    key=lambda way: (max(way), sum(way)),
)


@dataclass(frozen=True)
class Part:
    """A stretch start..end of one text, as the rewriter reads it."""

    index: int
    start: int
    end: int
    text: str

    @property
    def prompt(self) -> str:
        """What it is written anew after."""
        return prompt("en", self.text, "en")


def add(findings: Sequence[Findings], rewriter: Decoder) -> None:
    """Adds the `kept_...` likelihoods of each text and its proposals, unweighed but for `kept_gain`."""
    for each, proposals in zip(findings, collect(findings, rewriter), strict=True):
        each.proposals += proposals


def collect(findings: Sequence[Findings], rewriter: Decoder) -> list[list[Proposal]]:
    """Adds the `kept_...` likelihoods of each text; returns its proposals, unweighed but for `kept_gain`."""
    parts = read(findings, rewriter)
    places = [(part, *place) for part in parts for place in _places(findings[part.index], part)]
    prompts, limits = [], []
    for part, start, end in places:
        before = part.text[: start - part.start].rstrip()
        prompts.append(f"{part.prompt} {before}".rstrip())
        limits.append(rewriter.count_tokens(part.text[start - part.start : end - part.start]) + _MORE_TOKENS)
    written = rewriter.continuations(prompts, max_tokens=limits, beam_size=_BEAM, hypotheses=HYPOTHESES)
    made: list[dict[tuple[int, int, str], None]] = [{} for _ in findings]
    for (part, start, _), hypotheses in zip(places, written, strict=True):
        text = findings[part.index].segment.text
        for hypothesis in hypotheses:
            changed = _changed(text, start, part.end, hypothesis)
            if changed is not None:
                made[part.index] |= dict.fromkeys(round_trip.differences(text, changed))
    proposals = [
        [Proposal(start, end, wording, "", 1, 1, origin="rewriting") for start, end, wording in sorted(mine)]
        for mine in made
    ]
    return _with_kept_gain(findings, proposals, parts, rewriter)


def read(findings: Sequence[Findings], rewriter: Decoder) -> list[Part]:
    """Adds the `kept_...` likelihoods of each text, NaN where it was not read; returns what was read at once."""
    parts = [part for index, each in enumerate(findings) for part in _parts(index, each.segment.text, rewriter)]
    scores = rewriter.token_scores([part.prompt for part in parts], [f" {part.text}" for part in parts])
    for each in findings:
        each.likelihood |= {f"kept_{name}": np.full(len(each.words), np.nan) for name in _MEASURES}
    for part, mine in zip(parts, scores, strict=True):
        each = findings[part.index]
        gathered = likelihood.by_word(each.words, mine, 1 - part.start)
        for name in _MEASURES:
            known = np.isfinite(gathered[name])
            each.likelihood[f"kept_{name}"][known] = gathered[name][known]
    return parts


def doubts(findings: Findings, start: int, end: int) -> bool:
    """Whether the rewriter, which has read the text, would rather change than keep a word that touches start..end."""
    return any(
        _is_doubted(findings, index, _KEPT) for index, (a, b) in enumerate(findings.words) if a < end and b > start
    )


def _is_doubted(findings: Findings, index: int, least: float = DOUBT) -> bool:
    start, end = findings.words[index]
    is_word = not is_punctuation(findings.segment.text[start:end])
    return is_word and bool(findings.likelihood["kept_least"][index] < least)


def _parts(index: int, text: str, rewriter: Decoder) -> list[Part]:
    spans = clauses(text, "en", rewriter.count_tokens, LONGEST_PART)
    stretches = ((start, text[start:end].rstrip()) for start, end in spans)
    return [
        Part(index, start, start + len(stretch), stretch)
        for start, stretch in stretches
        if stretch and rewriter.count_tokens(stretch) <= _LONGEST_READ
    ]


def _places(findings: Findings, part: Part) -> list[tuple[int, int]]:
    """Runs of doubtful words inside the part, the most doubtful ones, in reading order."""
    kept = findings.likelihood["kept_least"]
    runs: list[list[int]] = []
    for index, (start, end) in enumerate(findings.words):
        if start < part.start or end > part.end or not _is_doubted(findings, index):
            continue
        if runs and index == runs[-1][-1] + 1:
            runs[-1].append(index)
        else:
            runs.append([index])
    runs = sorted(runs, key=lambda run: min(kept[i] for i in run))[:MAX_PLACES]
    return sorted((findings.words[run[0]][0], findings.words[run[-1]][1]) for run in runs)


def _changed(text: str, start: int, end: int, hypothesis: str) -> str | None:
    """The text with the first change that `hypothesis`, a way to go on from `start`, makes before `end`.

    None where it changes nothing, or does not come back to the words of the text.
    """
    ours = [(start + a, start + b) for a, b in word_offsets(text[start:end])]
    theirs = word_offsets(hypothesis)
    said = [hypothesis[a:b].casefold() for a, b in theirs]
    stood = [text[a:b].casefold() for a, b in ours]
    same = 0
    while same < min(len(said), len(stood)) and said[same] == stood[same]:
        same += 1
    for i, j in _WAYS:
        after, then = stood[same + i : same + i + _SAME_AGAIN], said[same + j : same + j + _SAME_AGAIN]
        if after and after == then:
            break
    else:
        return None
    wording = hypothesis[theirs[same][0] : theirs[same + j - 1][1]] if j else ""
    first = ours[same][0]
    if i:
        return text[:first] + wording + text[ours[same + i - 1][1] :]
    return text[:first] + wording + " " + text[first:]


def _with_kept_gain(
    findings: Sequence[Findings],
    proposals: Sequence[Sequence[Proposal]],
    parts: Sequence[Part],
    rewriter: Decoder,
) -> list[list[Proposal]]:
    """How much likelier the rewriter writes each wording than the original words, in nats."""
    prompts: list[str] = []
    texts: list[str] = []
    groups: list[int] = []
    jobs: list[tuple[int, list[Proposal], int]] = []
    for n, part in enumerate(parts):
        mine = [each for each in proposals[part.index] if part.start <= each.start and each.end <= part.end]
        if not mine:
            continue
        whole = findings[part.index].segment.text
        variants = [
            part.text,
            *(whole[part.start : each.start] + each.replacement + whole[each.end : part.end] for each in mine),
        ]
        jobs.append((part.index, mine, len(prompts)))
        prompts += [part.prompt] * len(variants)
        texts += [f" {variant}" for variant in variants]
        groups += [n] * len(variants)
    scores = rewriter.log_probabilities(prompts, texts, groups)
    weighed: list[list[Proposal]] = [[] for _ in findings]
    for index, mine, at in jobs:
        weighed[index] += [
            replace(each, kept_gain=float(scores[at + n] - scores[at])) for n, each in enumerate(mine, start=1)
        ]
    return weighed
