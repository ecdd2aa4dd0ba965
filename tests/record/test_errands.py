from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from bankside.record import clock, jobs
from bankside.record.models import Job

pytestmark = pytest.mark.django_db
NOW = 1_800_000_000_000
seen: list[Any] = []
gate = threading.Event()


@jobs.handler("test.errand")
def _errand(job: Job) -> jobs.Errand[str]:
    def work() -> str:
        if job.data.get("waits"):
            assert gate.wait(10)
        if job.data.get("breaks"):
            raise ConnectionError("카드 서버가 응답하지 않습니다")
        return str(job.key)

    def after(answer: str | Exception) -> int | None:
        seen.append((answer, threading.current_thread() is threading.main_thread()))
        if job.data.get("after_breaks"):
            raise RuntimeError("no")
        return job.data.get("next")

    return jobs.Errand(work, after, lease_seconds=job.data.get("lease", jobs.LEASE_SECONDS))


@pytest.fixture(autouse=True)
def _empty() -> None:
    seen.clear()
    gate.clear()


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(2) as made:
        yield made
        gate.set()


def put(key: str, **data: Any) -> None:
    jobs.enqueue("test.errand", key, due_ms=NOW, data=data)


def test_what_follows_an_errand_runs_in_the_calling_thread(pool: ThreadPoolExecutor) -> None:
    with clock.frozen(NOW):
        put("a")
        put("b", next=NOW + 5000)
        assert jobs.run_due(pool=pool) == 2
    assert sorted(seen) == [("a", True), ("b", True)]
    assert Job.objects.get(key="a").state == Job.DONE
    assert Job.objects.get(key="b").due_at == NOW + 5000


def test_without_a_pool_the_call_is_made_at_once() -> None:
    with clock.frozen(NOW):
        put("a")
        assert jobs.run_due() == 1
    assert seen == [("a", True)]


def test_what_the_call_raised_is_handed_over_and_is_no_failure_of_the_job(pool: ThreadPoolExecutor) -> None:
    with clock.frozen(NOW):
        put("a", breaks=True, next=NOW + 1)
        jobs.run_due(pool=pool)
    assert isinstance(seen[0][0], ConnectionError)
    job = Job.objects.get()
    assert (job.due_at, job.error, job.tries) == (NOW + 1, "", 0)


def test_what_follows_may_fail_and_is_put_off_without_its_words(pool: ThreadPoolExecutor) -> None:
    with clock.frozen(NOW):
        put("a", after_breaks=True)
        jobs.run_due(pool=pool)
    job = Job.objects.get()
    assert (job.due_at, job.error) == (NOW + 2000, "RuntimeError")


def test_a_slow_call_holds_up_nobody_and_is_finished_later(pool: ThreadPoolExecutor) -> None:
    runner = jobs.Runner(pool)
    with clock.frozen(NOW):
        put("slow", waits=True)
        assert runner.step(2) == 1
        put("quick")
        assert runner.start(1) == 1
        assert runner.finish(wait_seconds=10) == 1
        assert (seen, runner.busy) == ([("quick", True)], True)
        gate.set()
        assert runner.finish(wait_seconds=10) == 1
        assert runner.idle
    assert [answer for answer, _ in seen] == ["quick", "slow"]


def test_no_more_than_the_limit_is_under_way(pool: ThreadPoolExecutor) -> None:
    runner = jobs.Runner(pool)
    with clock.frozen(NOW):
        for key in "abc":
            put(key, waits=True)
        assert [runner.step(2), runner.step(2)] == [2, 0]
        gate.set()
        while runner.busy:
            runner.finish(wait_seconds=10)
        assert runner.step(2) == 1
        runner.finish(wait_seconds=10)
    assert sorted(answer for answer, _ in seen) == ["a", "b", "c"]


def test_only_who_holds_the_lease_may_finish(pool: ThreadPoolExecutor) -> None:
    runner = jobs.Runner(pool)
    with clock.frozen(NOW):
        put("a", waits=True)
        runner.step(1)
    with clock.frozen(NOW + jobs.LEASE_SECONDS * 1000):
        assert len(jobs.take_due(1)) == 1
        gate.set()
        assert runner.finish(wait_seconds=10) == 1
    assert (seen, runner.busy) == ([], False)
    assert Job.objects.get().state == Job.WAITING


def test_a_long_errand_has_a_long_lease(pool: ThreadPoolExecutor) -> None:
    runner = jobs.Runner(pool)
    with clock.frozen(NOW):
        put("a", waits=True, lease=600)
        runner.step(1)
        assert Job.objects.get().lease_until == NOW + 600_000
        gate.set()
        runner.finish(wait_seconds=10)
    assert Job.objects.get().state == Job.DONE
