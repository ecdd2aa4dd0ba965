"""Group commits: arrivals of many threads are joined for a few milliseconds and committed once.

The first thread to arrive leads: it waits for company, writes everybody's items in one transaction
and hands out the results. It waits for as many as were there the last time, and not longer than it is told:
who is alone does not wait, and of those who come again and again none goes ahead without the others. No
thread of its own, so nothing is lost when a process forks or stops.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import Generic, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")

WAIT_MS = 5
BATCH_MAX = 256


class Committer(Generic[Item, Result]):
    """`write_many` gets a list of items and returns their results in order, durably committed."""

    def __init__(
        self,
        write_many: Callable[[Sequence[Item]], Sequence[Result]],
        *,
        wait_ms: float = WAIT_MS,
        batch_max: int = BATCH_MAX,
    ) -> None:
        self._write_many = write_many
        self._wait_seconds = wait_ms / 1000
        self._batch_max = batch_max
        self._lock = threading.Lock()  # guards the queue
        self._writing = threading.Lock()  # held by the leader
        self._queue: list[tuple[Item, Future[Result]]] = []
        self._expected = 1  # those of the last batch, and who came while it was written
        self._full = threading.Event()

    def submit(self, item: Item) -> Result:
        """The result for this item, once it is durable; raises what the write raised."""
        future: Future[Result] = Future()
        with self._lock:
            leads = not self._queue
            self._queue.append((item, future))
            if len(self._queue) >= self._expected:
                self._full.set()
        if leads:
            self._lead()
        return future.result()

    def _lead(self) -> None:
        with self._writing:
            batch = self._joined()
            try:
                for start in range(0, len(batch), self._batch_max):
                    self._commit(batch[start : start + self._batch_max])
            finally:
                with self._lock:
                    self._expected = min(self._batch_max, len(batch) + len(self._queue))

    def _joined(self) -> list[tuple[Item, Future[Result]]]:
        """Whoever is there once the expected are, or after the wait."""
        with self._lock:
            if len(self._queue) < self._expected:
                self._full.clear()
        self._full.wait(self._wait_seconds)
        with self._lock:
            batch, self._queue = self._queue, []
            self._full.clear()
        return batch

    def _commit(self, batch: list[tuple[Item, Future[Result]]]) -> None:
        try:
            results = self._write_many([item for item, _ in batch])
        except BaseException as error:
            for _, future in batch:
                future.set_exception(error)
            if not isinstance(error, Exception):
                raise
            return
        for (_, future), result in zip(batch, results, strict=True):
            future.set_result(result)
