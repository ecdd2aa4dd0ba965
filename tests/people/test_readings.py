"""Who read what in a month (record.md section 4: EFT 22, PIPA Standards Art. 8; T3)."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import transaction

from bankside.people import exports, policy, readings, readings_file
from bankside.people import staff as people
from bankside.people.models import Holder, Reading, Review, Staff
from bankside.people.projections import READINGS
from bankside.record import cells, clock, projection
from bankside.record.append import Entry, append, entry_of
from bankside.record.facts.inbox import (
    ConversationAssigned,
    ConversationRead,
    ConversationSentAhead,
    MessagesSearched,
)
from bankside.record.facts.record import EntryRead
from bankside.record.ids import new_id
from bankside.record.models import Entry as Row
from bankside.record.models import Payload
from bankside.record.reasons import ReasonMissing
from bankside.record.rebuild import rebuild

SEOUL = "Asia/Seoul"
NOON = clock.from_iso("2026-11-10T03:00:00Z")  # 12:00 in Seoul
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _noon() -> Iterator[None]:
    with clock.frozen(NOON):
        yield


def somebody(name: str, *roles: str, zone: str = SEOUL) -> Staff:
    # Letters alone: digits of an address can look like a number that may not be kept.
    local = "".join(chr(ord("a") + byte % 26) for byte in name.encode())[-40:]
    made = people.add(f"{local}@hanulbank.example", name, zone=zone)
    for role in roles:
        people.give_role(made, role)
    return made


def tell(fact: object, actor: str, obj: str, at: int = NOON) -> Entry:
    with clock.frozen(at), transaction.atomic():
        return append(fact, f"told:{new_id()}", actor=actor, obj=obj)


def reads(who: Staff, obj: str, times: int = 1, at: int = NOON) -> None:
    for _ in range(times):
        tell(ConversationRead(entries=("a" * 32, "b" * 32)), who.actor, obj, at)


def seen(month: str = "2026-11", me: str = "") -> readings.Month:
    while projection.catch_up(READINGS, 0):
        pass
    return readings.of_month(month, SEOUL, me=me)


def test_every_kind_is_counted_for_its_person() -> None:
    daeun, other = somebody("이다은"), new_id()
    reads(daeun, other, 2)
    tell(ConversationSentAhead(entries=()), daeun.actor, other)
    tell(MessagesSearched(words="카드", found=3, entries=("a" * 32,) * 3), daeun.actor, daeun.uid)
    tell(EntryRead(entry="a" * 32), daeun.actor, other)
    exports.told(daeun, "card-order", "weekly order", rows=7)
    [one] = seen().readers
    assert (one.opened, one.ahead, one.searched, one.words, one.exported) == (2, 1, 1, 1, 1)
    assert (one.name, one.readings, one.rules, one.elsewhere) == ("이다은", 5, (), 0)
    [file] = seen().exports
    assert (file.reason, file.rows, file.name) == ("weekly order", 7, "이다은")


def test_whose_conversation_it_was_is_that_of_the_moment() -> None:
    daeun, pieter, obj = somebody("이다은"), somebody("Pieter Smit"), new_id()
    reads(pieter, obj)  # nobody's yet
    tell(ConversationAssigned(to=daeun.uid), daeun.actor, obj)
    reads(pieter, obj)
    reads(daeun, obj)
    tell(ConversationAssigned(to=""), daeun.actor, obj)
    reads(pieter, obj)
    by_name = {one.name: one for one in seen().readers}
    assert (by_name["Pieter Smit"].opened, by_name["Pieter Smit"].elsewhere) == (3, 1)
    assert by_name["이다은"].elsewhere == 0


@pytest.mark.parametrize(
    ("one", "met"),
    [
        ({"opened": 39, "elsewhere": 20}, ("elsewhere",)),
        ({"opened": 40, "elsewhere": 20}, ()),
        ({"opened": 19, "elsewhere": 19}, ()),
        ({"opened": 5, "night": 5}, ("night",)),
        ({"opened": 5, "night": 4}, ()),
        ({"ahead": 50, "opened": 12}, ("ahead",)),
        ({"ahead": 50, "opened": 13}, ()),
        ({"ahead": 49}, ()),
        ({"opened": 39, "elsewhere": 30, "night": 9}, ("elsewhere", "night")),
    ],
)
def test_the_rules_are_those_that_the_page_says(one: dict[str, Any], met: tuple[str, ...]) -> None:
    assert readings.rules_met(readings.Reader(actor="u:x", name="x", **one)) == met


@pytest.mark.parametrize(
    ("when", "night"),
    [("21:59", False), ("22:00", True), ("05:59", True), ("06:00", False), ("12:00", False)],
)
@pytest.mark.parametrize("zone", [SEOUL, "Europe/Amsterdam", "Asia/Kolkata", "Asia/Kathmandu"])
def test_the_night_is_that_of_the_zone(when: str, night: bool, zone: str) -> None:
    at = datetime.fromisoformat(f"2026-11-10T{when}").replace(tzinfo=ZoneInfo(zone))
    assert readings.is_night(int(at.timestamp()) * 1000, ZoneInfo(zone)) == night


def test_unusual_people_come_first_and_one_customer_of_many_is_named() -> None:
    night = clock.from_iso("2026-11-10T14:30:00Z")  # 23:30 in Seoul
    busy, owl, talk = somebody("바쁜 사람"), somebody("王立"), new_id()
    reads(busy, new_id(), 12)
    reads(owl, new_id(), 5, night)
    for number in range(5):
        reads(somebody(f"Reader {number}"), talk)
    month = seen(me=owl.actor)
    assert (month.readers[0].name, month.readers[0].rules, month.readers[0].own) == ("王立", ("night",), True)
    assert month.readers[1].name == "바쁜 사람"
    assert [(one.obj, one.readers, one.openings) for one in month.by_many] == [(talk, 5, 5)]
    assert month.unusual == 2


def test_a_month_is_that_of_the_zone() -> None:
    who = somebody("이다은")
    reads(who, new_id(), at=clock.from_iso("2026-10-31T15:30:00Z"))  # 1 November in Seoul
    reads(who, new_id(), at=clock.from_iso("2026-10-31T14:30:00Z"))  # still October there
    assert seen("2026-11").readings == 1
    assert seen("2026-10").readings == 1
    assert readings.months(SEOUL) == ["2026-11", "2026-10"]
    assert readings.bounds("2026-12", "UTC")[1] == clock.from_iso("2027-01-01T00:00:00Z")


@pytest.mark.parametrize("wrong", ["2026-13", "1999-01", "2026-1", "x", "2026-11-01", "２０２６-11"])
def test_what_is_no_month_is_refused(wrong: str) -> None:
    with pytest.raises(readings.NoMonth):
        readings.of_month(wrong, SEOUL)


def test_a_month_is_signed_off_once_by_each_and_not_by_whom_alone_it_is_about() -> None:
    officer, other = somebody("기록 담당", "records-officer"), somebody("합규", "compliance")
    reads(officer, new_id())
    with clock.frozen(clock.from_iso("2026-12-03T00:00:00Z")):
        seen()
        with pytest.raises(readings.NotReviewed, match="your own"):
            readings.review(officer, "2026-11", "찾은 것 없음")
        with pytest.raises(readings.NotReviewed, match="characters"):
            readings.review(other, "2026-11", "  ")
        with pytest.raises(readings.NotReviewed, match="not over"):
            readings.review(other, "2026-12", "너무 이르다")
        done = readings.review(other, "2026-11", "카드 4242 4242 4242 4242 확인")
        assert [(one.name, one.readings) for one in done.reviews] == [("합규", 1)]
        assert done.reviews[0].note == "카드 •••• •••• •••• 4242 확인"
        with pytest.raises(readings.NotReviewed, match="already"):
            readings.review(other, "2026-11", "또")
        reads(other, new_id(), at=NOON)  # somebody else's readings are among them now
        seen()
        assert len(readings.review(officer, "2026-11", "봤음").reviews) == 2


@pytest.mark.parametrize("role", policy.ROLES)
def test_who_may_see_and_who_may_sign_off(role: str) -> None:
    who = somebody("Somebody", role)
    if role not in policy.TABLE[readings.SEE]:
        with pytest.raises(policy.NotYours):
            readings.month(who)
    else:
        assert readings.month(who).month == "2026-11"
    if role not in policy.TABLE[readings.REVIEW]:
        with pytest.raises(policy.NotYours):
            readings.review(who, "2026-10", "x")
    assert policy.ADMINISTRATOR not in policy.TABLE[readings.SEE]


def test_the_tables_are_the_same_when_they_are_computed_again_also_after_an_erasure() -> None:
    daeun, obj = somebody("이다은", "compliance"), new_id()
    assigned = tell(ConversationAssigned(to=new_id()), daeun.actor, obj)
    reads(daeun, obj, 3)
    exports.told(daeun, "card-order", "weekly order", rows=7)
    with clock.frozen(clock.from_iso("2026-12-03T00:00:00Z")):
        seen()
        reads(somebody("Pieter"), obj, at=NOON)
        seen()
        readings.review(daeun, "2026-11", "없음")
    seen()
    before = rows()
    assert [len(table) for table in before] == [5, 1, 1]
    rebuild(READINGS.name)
    assert rows() == before
    erased = [assigned.n, *Reading.objects.filter(obj=obj).values_list("id", flat=True)]
    Payload.objects.filter(n__in=erased).delete()
    projection.deliver(READINGS, [entry_of(row) for row in entries_of(erased)])
    live = rows()
    assert Reading.objects.filter(obj=obj, elsewhere=False, things=0).count() == 4
    rebuild(READINGS.name)
    assert rows() == live


def entries_of(numbers: list[int]) -> list[Row]:
    return list(Row.objects.filter(n__in=numbers).order_by("n"))


def rows() -> list[list[tuple[object, ...]]]:
    return [list(table.objects.order_by("pk").values_list()) for table in (Reading, Holder, Review)]


HOSTILE = ["=1+1", "+82 2", "-5 dagen", "@SUM(A1)", "\tx", "\rx", '=HYPERLINK("http://x.example")']


@pytest.mark.parametrize("cell", HOSTILE)
def test_no_cell_of_the_file_is_a_formula(cell: str) -> None:
    who = somebody(f"{cell}김")
    reads(who, new_id())
    exports.told(who, "readings", f'{cell} because, of "this"', rows=1)
    body = readings_file.taken(None, seen(), "month-end review")
    assert body.startswith(cells.MARK) and b"\r\n" in body
    table = list(csv.reader(io.StringIO(body.decode("utf-8-sig"), newline="")))
    assert {len(row) for row in table} == {len(readings_file.HEAD)}
    assert [one for row in table for one in row if one.startswith(cells.FORMULA)] == []
    assert table[1][4].lstrip("'") == who.name
    assert cells.neutral("김 = 1") == "김 = 1"


def test_a_file_needs_a_reason_which_is_kept_without_numbers() -> None:
    who = somebody("기록 담당", "records-officer")
    for empty in ("", "   ", "abc", "x" * 501):
        with pytest.raises(ReasonMissing):
            readings_file.taken(who, seen(), empty)
    assert not Reading.objects.exists()
    readings_file.taken(who, seen(), "감사: 카드 4242 4242 4242 4242")
    [file] = seen().exports
    assert file.reason == "감사: 카드 •••• •••• •••• 4242"
    with pytest.raises(policy.NotYours):
        readings_file.taken(somebody("Sanne", "administrator"), seen(), "month-end review")
