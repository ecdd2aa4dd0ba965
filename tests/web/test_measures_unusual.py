"""What was unusual is looked for once in ten minutes for the same question, and anew for another one."""

from __future__ import annotations

import time
from typing import Any

import pytest

from bankside.measures import figures, notes, places
from bankside.measures.figures import Filters
from bankside.web.measured import choice, unusual
from tests.measures import generated

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
