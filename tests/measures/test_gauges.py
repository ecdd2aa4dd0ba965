"""Operators see how old the newest of what is counted is, and nothing of what is not there."""

from __future__ import annotations

import pytest

from bankside.measures import gauges
from bankside.measures.models import Incoming, Talk
from bankside.record import clock
from bankside.record.gauges import lags

pytestmark = pytest.mark.django_db
T = clock.from_iso("2026-11-02T09:00:00Z")


def test_the_newest_of_each_kind(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "_frozen_ms", T)
    assert gauges.newest_seconds() == {}
    for n, at in ((1, T - 90_000), (2, T - 30_000)):
        Talk.objects.create(id=n, obj="a", channel="c", opened_at=at, version=n)
    Incoming.objects.create(id=3, obj="a", channel="c", verb="Like", at=T + 5_000)
    assert gauges.newest_seconds() == {"conversations": 30.0, "acts": 0.0}


def test_how_far_it_is_behind_is_among_the_lags() -> None:
    assert "measures.counts" in lags()
