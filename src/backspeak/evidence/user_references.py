"""Evidence from what the user brought: memories, termbases, and human references.

It is added when a segment is concluded, not where the models' evidence is collected: it costs
milliseconds, so model findings that were kept from an earlier run stay good when a glossary changes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from backspeak.data import Findings
from backspeak.evidence import glossary, memory, reference
from backspeak.references import Termbase, TranslationMemory


@dataclass(frozen=True)
class UserReferences:
    """The translation memories and termbases of a run."""

    memories: tuple[TranslationMemory, ...] = ()
    termbases: tuple[Termbase, ...] = ()

    @classmethod
    def open(
        cls,
        memories: Iterable[str | Path] = (),
        glossaries: Iterable[str | Path] = (),
        progress: Callable[[int, int, str], None] | None = None,
    ) -> UserReferences:
        """Open the files. Raises InputError for a malformed one.

        `progress` gets (bytes done, bytes in all, what is being done) while a memory is read in.
        """
        termbases = tuple(Termbase.open(Path(path)) for path in glossaries)
        return cls(tuple(TranslationMemory.open(Path(path), progress) for path in memories), termbases)

    def signature(self) -> list[str]:
        """Parts of the run's signature: contents, not names, decide the result."""
        return [
            *(f"memory:{each.signature}" for each in self.memories),
            *(f"glossary:{each.signature}" for each in self.termbases),
        ]

    def added(self, findings: Findings) -> Findings:
        """The findings with what the memories, the termbases and the segment's reference say of its text."""
        segment = findings.segment
        match = memory.best_match(segment, self.memories)
        evidence = [
            *findings.evidence,
            *glossary.collect(segment, self.termbases),
            *memory.collect(segment.text, match),
            *reference.collect(segment.text, segment.reference),
        ]
        return replace(findings, evidence=evidence, memory=match)
