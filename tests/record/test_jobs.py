from __future__ import annotations

import pytest
from django.db import OperationalError

from bankside.record import clock, jobs
from bankside.record.keys import KeyAway
from bankside.record.models import Job

pytestmark = pytest.mark.django_db
NOW = 1_800_000_000_000
done: list[str] = []


@jobs.handler("test.once")
def _once(job: Job) -> int | None:
    done.append(job.key)
    if job.data.get("fails"):
        raise RuntimeError("no")
    return job.data.get("next")


@jobs.handler("test.standing", standing=True)
def _standing(job: Job) -> None:
    done.append(job.key)
    raise RuntimeError("no")


@pytest.fixture(autouse=True)
def _empty() -> None:
    done.clear()


def test_a_job_runs_once_when_it_is_due() -> None:
    with clock.frozen(NOW):
        assert jobs.enqueue("test.once", "a", due_ms=NOW + 1, data={})
        assert jobs.run_due() == 0
    with clock.frozen(NOW + 1):
        assert jobs.run_due() == 1
        assert jobs.run_due() == 0
        assert not jobs.enqueue("test.once", "a", due_ms=NOW, data={})
        assert jobs.run_due() == 0
    assert done == ["a"]


def test_a_job_whose_worker_died_is_taken_again_after_its_lease() -> None:
    with clock.frozen(NOW):
        jobs.enqueue("test.once", "a", due_ms=NOW, data={})
        assert len(jobs.take_due(10)) == 1
        assert jobs.take_due(10) == []
    with clock.frozen(NOW + jobs.LEASE_SECONDS * 1000):
        assert jobs.run_due() == 1


def test_a_worker_that_slept_past_its_lease_changes_nothing() -> None:
    with clock.frozen(NOW):
        jobs.enqueue("test.once", "a", due_ms=NOW, data={})
        slow = jobs.take_due(1)[0]
    with clock.frozen(NOW + jobs.LEASE_SECONDS * 1000):
        jobs.take_due(1)
        assert jobs._ours(slow).update(state=Job.DONE) == 0


def test_failures_are_put_off_and_bounded() -> None:
    jobs.enqueue("test.once", "a", due_ms=0, data={"fails": True})
    moment = NOW
    for _ in range(jobs.RETRIES_MAX + 5):
        moment += jobs.BACKOFF_SECONDS_MAX * 1000 + 1
        with clock.frozen(moment):
            jobs.run_due()
    assert len(done) == jobs.RETRIES_MAX
    assert Job.objects.get().state == Job.FAILED


@pytest.mark.parametrize("away", [OperationalError, KeyAway])
def test_a_night_without_database_or_keys_costs_no_job_its_tries(
    away: type[Exception], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is given up because the desk could do nothing: four hours, and then it goes on at once."""
    jobs.enqueue("test.once", "a", due_ms=0, data={})
    with monkeypatch.context() as patched:
        patched.setitem(jobs._handlers, "test.once", raising(away))
        for seconds in range(0, 4 * 3600, jobs.AWAY_SECONDS):
            with clock.frozen(NOW + seconds * 1000):
                jobs.run_due()
    assert (Job.objects.get().state, Job.objects.get().error) == (Job.WAITING, away.__name__)
    with clock.frozen(NOW + 4 * 3_600_000 + jobs.AWAY_SECONDS * 1000):
        jobs.run_due()
    assert Job.objects.get().state == Job.DONE


def raising(what: type[Exception]) -> jobs.Handler:
    def fails(job: Job) -> None:
        raise what("away")

    return fails


def test_a_standing_job_is_never_given_up() -> None:
    jobs.enqueue("test.standing", "a", due_ms=0, data={})
    moment = NOW
    for _ in range(jobs.RETRIES_MAX + 5):
        moment += jobs.BACKOFF_SECONDS_MAX * 1000 + 1
        with clock.frozen(moment):
            jobs.run_due()
    assert (len(done), Job.objects.get().state) == (jobs.RETRIES_MAX + 5, Job.WAITING)


def test_a_job_that_somebody_does_is_not_woken() -> None:
    jobs.enqueue("test.once", "a", due_ms=0, data={})
    with clock.frozen(NOW):
        jobs.take_due(1)
        assert not jobs.wake("a", NOW)
    with clock.frozen(NOW + jobs.LEASE_SECONDS * 1000):
        assert jobs.wake("a", NOW)


def test_a_handler_can_ask_to_run_again_and_a_waiting_job_can_be_cancelled() -> None:
    with clock.frozen(NOW):
        jobs.enqueue("test.once", "a", due_ms=NOW, data={"next": NOW + 5000})
        jobs.run_due()
        assert Job.objects.get().due_at == NOW + 5000
        assert jobs.cancel("a")
        assert not jobs.cancel("a")
