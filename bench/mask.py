"""Finding numbers that may never be kept: against a plain regular expression over the same texts.

The texts are the corpus of tests/record/corpus: every one has a number in it, half of them one that must
be found. Real messages mostly have none and cost less. Rounds alternate and the median ratio counts, because
machines are shared; texts in a second of CPU are printed.
"""

from __future__ import annotations

import re
import statistics
import time
from collections.abc import Callable

ROUNDS = 5
SEED = 20261129
PLAIN = re.compile(r"\b(?:[0-9][ .\-]?){12,18}[0-9]\b")


def measure(size: int) -> dict[str, float]:
    """Over `size` texts: `mask-texts` a second of CPU on one core, `mask-ratio` the CPU in multiples of one
    search with a plain expression, `mask-recall` and `mask-false` as shares in percent."""
    from bankside.record.identifiers import mask
    from tests.record.corpus.made import texts
    from tests.record.test_identifiers_corpus import figures

    made = texts(size, SEED)
    words = [one.text for one in made]
    rounds = [(_seconds(mask, words), _seconds(PLAIN.search, words)) for _ in range(ROUNDS + 1)][1:]
    recall, false_alarms = figures(made)
    best = min(ours for ours, _ in rounds)
    print(f"mask: {size / best:,.0f} texts a second of CPU")
    return {
        "mask-texts": size / best,
        "mask-ratio": statistics.median(ours / plain for ours, plain in rounds),
        "mask-recall": 100 * recall,
        "mask-false": 100 * false_alarms,
    }


def _seconds(act: Callable[[str], object], words: list[str]) -> float:
    started = time.process_time()
    for one in words:
        act(one)
    return time.process_time() - started
