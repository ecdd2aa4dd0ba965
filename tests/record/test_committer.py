from __future__ import annotations

import threading
from collections.abc import Sequence

import pytest

from bankside.record.committer import Committer


def test_arrivals_of_many_threads_are_joined_and_each_gets_its_own_result() -> None:
    batches: list[int] = []

    def write(items: Sequence[int]) -> list[int]:
        batches.append(len(items))
        return [item * 2 for item in items]

    committer = Committer(write, wait_ms=50)
    results: dict[int, int] = {}
    threads = [
        threading.Thread(target=lambda n=n: results.update({n: committer.submit(n)})) for n in range(40)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == {n: n * 2 for n in range(40)}
    assert len(batches) < 40
    assert sum(batches) == 40


def test_a_batch_is_bounded_and_a_failed_write_reaches_everybody() -> None:
    def write(items: Sequence[int]) -> list[int]:
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        Committer(write, wait_ms=1).submit(1)
