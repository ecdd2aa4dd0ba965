"""Rows that go there together are the rows that models would make."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction

from bankside.rewards.inserted import insert
from bankside.rewards.models import Line, Redemption
from tests.rewards import joined

pytestmark = pytest.mark.django_db


def rows(key: str, source: str) -> tuple[Redemption, Line]:
    who = joined.member()
    one = Redemption(member=who, key=key, choice="river", points=5, value=7, currency="KRW", at=9)
    other = Line(
        kind="gift", source=source, member=who.pk, amount=7, currency="KRW", origin="participation", at=9
    )
    return one, other


def test_each_gets_its_number_and_every_column() -> None:
    one, other = rows("키", "x:1")
    insert(one, other)
    assert (Redemption.objects.get(pk=one.pk).key, Line.objects.get(pk=other.pk).source) == ("키", "x:1")
    for row in (one, other):
        there = type(row)._default_manager.get(pk=row.pk)
        assert [getattr(there, field.attname) for field in row._meta.concrete_fields] == [
            getattr(row, field.attname) for field in row._meta.concrete_fields
        ]
    one.state = Redemption.UNDONE
    one.save(update_fields=["state"])
    assert Redemption.objects.get().state == Redemption.UNDONE


def test_all_or_none() -> None:
    insert(*rows("a", "x:1"))
    for pair in (rows("a", "x:2"), rows("b", "x:1")):
        with pytest.raises(IntegrityError), transaction.atomic():
            insert(*pair)
    assert Redemption.objects.count() == Line.objects.count() == 1
