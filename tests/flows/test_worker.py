"""The worker goes on after what passes: a full disk, a database that is away, a clock that was wrong."""

from __future__ import annotations

import errno
import threading
from collections.abc import Callable

import pytest
from django.db import InternalError, OperationalError

from bankside import worker
from bankside.channels import polling

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
