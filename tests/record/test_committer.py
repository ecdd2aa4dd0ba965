from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence

import pytest

from bankside.record.committer import Committer

NEVER_MS = 60_000.0
WRITE_SECONDS = 0.02


def at_once(count: int, act: Callable[[int], object]) -> None:
    """So many threads that begin together."""
    begin = threading.Barrier(count)

    def one(number: int) -> None:
        begin.wait()
        act(number)

    threads = [threading.Thread(target=one, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


class Slow:
    """Doubles, as slowly as a disk, and knows how many came together."""

    def __init__(self) -> None:
        self.batches: list[int] = []

    def write(self, items: Sequence[int]) -> list[int]:
        self.batches.append(len(items))
        time.sleep(WRITE_SECONDS)
        return [item * 2 for item in items]


def test_arrivals_of_many_threads_are_joined_and_each_gets_its_own_result() -> None:
    slow, results = Slow(), dict[int, int]()
    committer = Committer(slow.write, wait_ms=50)
    at_once(40, lambda number: results.update({number: committer.submit(number)}))
    assert results == {number: number * 2 for number in range(40)}
    assert sum(slow.batches) == 40 and len(slow.batches) < 10


def test_who_is_alone_does_not_wait_for_company() -> None:
    committer = Committer(Slow().write, wait_ms=NEVER_MS)
    assert [committer.submit(number) for number in range(3)] == [0, 2, 4]


def test_those_who_come_again_and_again_go_together() -> None:
    """None of four goes ahead of the others, and none waits longer than it takes them to come."""
    slow = Slow()
    committer = Committer(slow.write, wait_ms=500)
    at_once(4, lambda number: [committer.submit(number) for _ in range(10)])
    assert sum(slow.batches) == 40 and sum(size == 4 for size in slow.batches) >= 8


def test_who_does_not_come_again_is_waited_for_once() -> None:
    slow = Slow()
    committer = Committer(slow.write, wait_ms=100)
    at_once(4, committer.submit)
    at_once(4, committer.submit)
    started = time.monotonic()
    assert [committer.submit(number) for number in range(3)] == [0, 2, 4]
    assert time.monotonic() - started < 0.1 + 3 * WRITE_SECONDS + 0.5


def test_a_batch_is_bounded() -> None:
    slow = Slow()
    committer = Committer(slow.write, wait_ms=50, batch_max=3)
    at_once(10, committer.submit)
    assert sum(slow.batches) == 10 and max(slow.batches) <= 3


def test_a_failed_write_reaches_everybody_and_the_next_is_written() -> None:
    trouble = [OSError("disk full")]

    def write(items: Sequence[int]) -> list[int]:
        if trouble:
            raise trouble.pop()
        return list(items)

    committer = Committer(write, wait_ms=1)
    with pytest.raises(OSError, match="disk full"):
        committer.submit(1)
    assert committer.submit(2) == 2
