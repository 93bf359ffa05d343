"""Results do not depend on how texts are put together: a resumed run composes other tasks."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest

from backspeak.batch.worker import result_of
from backspeak.config import Settings
from backspeak.data import Segment
from backspeak.pipeline import Pipeline

pytestmark = pytest.mark.slow

TEXTS = [
    "The bakery on the corner opens at six, and by seven the bread is gone.",
    "He made a photo of the bridge before it was closed for repairs.",
    "The ministry realised a big research about the decision of the question.",
    "Nobody came.",
    "The lighthouse keeper's daughter learned to mend nets before she could read.",
    "It rained on the harbour all night long.",
    "She said me that the ferry had left already.",
    "The mayor laid her faith in the new ferry, which never arrived.",
]


@pytest.mark.parametrize(("tier", "count"), [("fast", 8), ("full", 4)])
def test_a_text_has_the_same_record_in_any_company(embedded, tier: str, count: int) -> None:
    pipeline = Pipeline(Settings(tier=tier), embedded=embedded)
    segments = [Segment("d", str(at), text) for at, text in enumerate(TEXTS[:count])]

    def lines(cut: Callable[[Sequence[Segment]], list[Sequence[Segment]]]) -> dict[str, bytes]:
        made = {}
        for some in cut(segments):
            for segment, examined in zip(some, pipeline.examine(some), strict=True):
                made[segment.id] = result_of(0, pipeline.checked(segment, examined)).line
        return made

    together = lines(lambda all_of_them: [all_of_them])
    assert lines(lambda all_of_them: [[each] for each in all_of_them]) == together
    assert lines(lambda all_of_them: [all_of_them[::-2], all_of_them[-2::-2]]) == together
