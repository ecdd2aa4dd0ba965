"""The worker goes on after what passes: a full disk, a database that is away, a clock that was wrong."""

from __future__ import annotations

import errno
import math
import threading
from collections.abc import Callable

import pytest
from django.db import InternalError, OperationalError, connection
from django.test.utils import CaptureQueriesContext

from bankside import worker
from bankside.channels import polling
from bankside.record import seal
from bankside.record.models import Entry
from tests.record.tally import say

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "trouble",
    [
        OSError(errno.ENOSPC, "No space left on device"),
        OperationalError("database is locked"),
        InternalError("terminating connection due to idle-in-transaction timeout"),
    ],
)
def test_what_passes_is_waited_for(monkeypatch: pytest.MonkeyPatch, trouble: Exception) -> None:
    stop, beats = threading.Event(), list[int]()

    def beat() -> None:
        beats.append(len(beats))
        if len(beats) == 1:
            raise trouble
        stop.set()

    monkeypatch.setattr(worker.beat, "beat", beat)
    monkeypatch.setattr(worker, "BEAT_SECONDS", 0)
    monkeypatch.setattr(worker, "TROUBLE_SECONDS", 0)
    worker.Worker(threads=1).run_forever(stop)
    assert beats == [0, 1]


def test_it_looks_after_channels_that_a_wrong_clock_put_to_sleep(monkeypatch: pytest.MonkeyPatch) -> None:
    woken: list[Callable[[], int]] = []
    monkeypatch.setattr(polling, "wake_overslept", lambda: woken.append(len) or 0)
    one = worker.Worker(threads=1)
    one.step()
    one.step()
    one.close()
    assert len(woken) == 1, "once a minute"


def test_a_head_is_published_every_second_or_as_soon_as_256_entries_of_a_lane_wait(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """facts/record.md, 2.12. An idle step asks the database nothing more for it."""
    sealed: list[int] = []
    monkeypatch.setattr(seal, "seal_all", lambda **_: sealed.append(Entry.objects.count()) or 0)
    one = worker.Worker(threads=1)

    def steps() -> list[int]:
        for _ in range(5):
            one.step()
        return sealed

    steps()
    one._next = dict.fromkeys(one._next, math.inf)  # the second never comes, nor what else has its time
    started = len(sealed)
    for number in range(255):
        say(f"{number}")
    assert len(steps()) == started
    say("255")
    assert len(steps()) == started + 1, "once, and the count begins anew"
    assert len(steps()) == started + 1
    with CaptureQueriesContext(connection) as asked:
        one.step()
    one._unsealed[0] = 255
    with CaptureQueriesContext(connection) as again:
        one.step()
    assert len(asked) == len(again)
    one.close()
