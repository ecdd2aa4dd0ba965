"""What was unusual is looked for once in ten minutes for the same question, and anew for another one."""

from __future__ import annotations

import time
from typing import Any

import pytest
from django.test import Client

from bankside.measures import figures, notes, places
from bankside.measures.figures import Filters
from bankside.people import staff
from bankside.record import clock
from bankside.web.measured import choice, unusual
from tests.measures import generated
from tests.measures.test_figures import follow
from tests.web.conftest import BACKEND

pytestmark = pytest.mark.django_db


def test_it_is_kept_for_ten_minutes(monkeypatch: pytest.MonkeyPatch) -> None:
    unusual.forget()
    generated.channels()
    asked: list[Any] = []

    def counted(found: Any) -> tuple[Any, ...]:
        asked.append(found)
        return ()

    monkeypatch.setattr(notes, "of", counted)
    seconds = [1000.0]
    monkeypatch.setattr(time, "monotonic", lambda: seconds[0])

    def look(filters: Filters | None = None) -> None:
        period = choice.of({"period": "chosen", "first": "2026-09-21", "last": "2026-09-27"}, "UTC", 0).period
        unusual.of(figures.counted(period, filters or Filters(), places.every()))

    look()
    look()
    assert len(asked) == 1
    look(Filters(langs=("ko",)))
    assert len(asked) == 2
    seconds[0] += unusual.KEPT_SECONDS
    look()
    assert len(asked) == 3
    unusual.forget()


def test_it_comes_after_the_page_and_stands_in_it_when_it_is_known(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock, "_frozen_ms", clock._frozen_ms)
    unusual.forget()
    generated.desk(300)
    follow()
    who = staff.add("unusual@hanulbank.example", "Unusual", role="compliance")
    client.force_login(who, backend=BACKEND)
    days = {"period": "chosen", "first": "2026-09-21", "last": "2026-09-27"}
    first = client.get("/measures/", days).content.decode()
    assert 'hx-get="/measures/unusual/?' in first and ">What was unusual</a>" in first
    part = client.get("/measures/unusual/", days, headers={"HX-Request": "true", "HX-Target": "unusual"})
    assert part.status_code == 200 and "<html" not in part.content.decode()
    alone = client.get("/measures/unusual/", days).content.decode()
    assert "<html" in alone and "<h1>What was unusual</h1>" in alone
    assert "/measures/unusual/" not in client.get("/measures/", days).content.decode()
    unusual.forget()
