"""Files for other systems: every line in exactly one, and the file as it was."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest
from django.db import connection, connections, transaction

from bankside.people.policy import NotYours
from bankside.record import clock, readings
from bankside.record.append import Entry, entries_where
from bankside.record.reasons import ReasonMissing
from bankside.rewards import member as members
from bankside.rewards import redemption, statement, yearly_values
from bankside.rewards.ledger import spend
from bankside.rewards.models import Line, MadeFile, Member, Posting
from tests.rewards import living, paying
from tests.rewards.paying import NOW, message, money, take, with_cafe

pytestmark = pytest.mark.django_db
STATEMENT = "statement-credit"
WHY = "the Monday run of the card system"


@pytest.fixture(autouse=True)
def _noon() -> Iterator[None]:
    yield from paying.noon()


def points(who: Member, amount: int) -> None:
    with transaction.atomic():
        spend.credit(who.pk, "pt", amount, source=f"given:{who.pk}", rule="given", at=NOW)


def rows(body: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(body.decode())))


def told(fact: str) -> list[Entry]:
    return entries_where("fact = %s order by n", [fact])


def test_a_file_has_what_offers_gave_and_what_was_redeemed_with_its_sums() -> None:
    who, other = with_cafe(), with_cafe()
    points(other, 500)
    take(message(who, "clearing", "c1", 20_000), message(who, "refund", "r1", 5_000, "c1"))
    redemption.redeem(other, "statement", 300, "k1")
    waits = statement.waiting(None, STATEMENT)
    assert (waits.lines, waits.totals) == (3, {"KRW": 1_050})
    staff = living.person("administrator", "Sanne Vos")
    made = statement.make(staff, STATEMENT, "monday")
    columns, head, *lines, total = rows(made.body)
    assert columns == list(statement.COLUMNS) and head[:5] == ["H", made.file.obj, "", "", STATEMENT]
    assert [(row[0], row[2], row[5], row[6]) for row in lines] == [
        ("D", who.customer_ref, "1000", "KRW"), ("D", who.customer_ref, "-250", "KRW"),
        ("D", other.customer_ref, "300", "KRW"),
    ]  # fmt: skip
    assert {row[3] for row in lines} == {paying.token_of(who), paying.token_of(other)}
    assert total == ["T", "3", "", "", "", "1050", "KRW", ""]
    assert made.file.sha256 == hashlib.sha256(made.body).hexdigest() and made.file.totals == {"KRW": 1_050}
    [said] = told("rewards.file-made")
    assert (said.obj, said.actor) == (made.file.obj, staff.actor)


def test_twice_is_once_and_every_line_is_in_exactly_one_file() -> None:
    who = with_cafe()
    take(message(who, "clearing", "c1", 20_000))
    first = statement.make(None, STATEMENT, "monday")
    assert statement.make(None, STATEMENT, "monday").body == first.body == statement.body_of(first.file)
    with pytest.raises(statement.NothingWaits):
        statement.make(None, STATEMENT, "tuesday")
    take(message(who, "clearing", "c2", 10_000))
    second = statement.make(None, STATEMENT, "wednesday")
    sources = [row[1] for made in (first, second) for row in rows(made.body) if row[0] == "D"]
    assert len(sources) == len(set(sources)) == Line.objects.exclude(file="").count() == 2
    with pytest.raises(statement.KeyUsed):
        statement.make(None, "gift", "monday")
    assert MadeFile.objects.count() == 2
    with pytest.raises(statement.KeyUsed, match="needs a key"):
        statement.make(None, STATEMENT, "")
    with pytest.raises(statement.NothingWaits):  # her key is not the operator's: she gets nobody's file
        statement.make(living.person("administrator", "Sanne Vos"), STATEMENT, "monday")


def test_what_a_statement_took_is_available_no_more_and_a_later_refund_is_a_debit() -> None:
    who, other = with_cafe(), with_cafe()
    take(message(who, "clearing", "c1", 20_000), message(other, "clearing", "c9", 8_000))
    assert money(who) == 1_000
    statement.make(None, STATEMENT, "monday")
    assert money(who) == money(other) == 0
    take(message(who, "refund", "r1", 20_000, "c1"), message(who, "clearing", "c2", 10_000))
    made = statement.make(None, STATEMENT, "tuesday")
    assert [row[5] for row in rows(made.body) if row[0] == "D"] == ["-1000", "500"]
    assert money(who) == 0
    moved = Posting.objects.filter(unit="KRW", member=who.pk).values_list("kind", "dr", "points")
    assert ("refund", "write-off", 1_000) in moved, "the statement takes it back, not the balance"


def test_gifts_go_in_a_file_of_their_own_without_names() -> None:
    who = with_cafe()
    points(who, 500)
    redemption.redeem(who, "river", 300, "k1")
    with pytest.raises(statement.NothingWaits):
        statement.make(None, STATEMENT, "monday")
    made = statement.make(None, "gift", "tuesday")
    [line] = [row for row in rows(made.body) if row[0] == "D"]
    assert line[2:7] == ["", "", "river-cleaning", "300", "KRW"]
    assert str(who.customer_ref) not in made.body.decode()


def test_a_file_takes_so_many_lines_and_leaves_the_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(statement, "LINES_MAX", 3)
    everybody = [with_cafe() for _ in range(5)]
    take(*[message(who, "clearing", f"c{n}", 20_000) for n, who in enumerate(everybody)])
    made = [statement.make(None, STATEMENT, f"day {n}").file.rows for n in range(2)]
    assert made == [3, 2] and sum(money(who) for who in everybody) == 0
    take(*[message(who, "clearing", f"d{n}", 20_000) for n, who in enumerate(everybody)])
    assert statement.make(None, STATEMENT, "day 3").file.rows == 3, "what went out takes no room"


def test_a_changed_line_is_noticed() -> None:
    take(message(with_cafe(), "clearing", "c1", 20_000))
    made = statement.make(None, STATEMENT, "monday")
    Line.objects.update(amount=2_000)
    for again in (
        partial(statement.taken, None, made.file.obj, WHY), partial(statement.make, None, STATEMENT, "monday")
    ):  # fmt: skip
        with pytest.raises(statement.FileChanged):
            again()
    assert not told("people.data-exported"), "nothing was given, and so nothing was taken away"


def test_who_leaves_still_gets_what_was_credited() -> None:
    who = with_cafe()
    reference = who.customer_ref
    take(message(who, "clearing", "c1", 20_000))
    members.leave(who)
    body = statement.make(None, STATEMENT, "monday").body
    assert [row[2] for row in rows(body) if row[0] == "D"] == [reference]


def test_the_year_of_each_member_by_origin() -> None:
    who, other = with_cafe(), with_cafe()
    take(message(who, "clearing", "c1", 20_000), message(who, "refund", "r1", 5_000, "c1"))
    points(other, 500)
    staff = living.person("compliance", "Wang Agrees")
    made = yearly_values.taken(staff, 2026, WHY)
    columns, head, *lines = rows(made.body)
    assert columns == list(yearly_values.COLUMNS) and head[3] == "member-values"
    assert [row for row in lines if row[0] == "D"] == [
        ["D", str(who.customer_ref), who.obj, "purchase", "KRW", "750", "750", "KRW"],
        ["D", str(other.customer_ref), other.obj, "purchase", "pt", "500", "500", "KRW"],
    ]
    clock._frozen_ms = NOW + 60_000
    again = yearly_values.taken(None, 2026, WHY)
    assert (again.body, again.file.pk, again.name) == (made.body, made.file.pk, made.name)
    assert [row[0] for row in rows(yearly_values.taken(staff, 2025, WHY).body)] == ["record", "H"]
    points(who, 9)
    later = yearly_values.taken(staff, 2026, WHY)
    assert later.file.obj != made.file.obj and later.file.rows == 3
    assert [file.year for file in yearly_values.files(staff)] == [2026, 2025, 2026]
    assert statement.files(None) == [] and MadeFile.objects.filter(kind=yearly_values.KIND).count() == 3
    assert [one.actor for one in told("rewards.file-made")] == [staff.actor] * 3
    assert [one.actor for one in told("people.data-exported")] == [
        staff.actor, "s:operator", staff.actor, staff.actor
    ]  # fmt: skip
    for year in (1999, 2027, 0, -5, 10**9):
        with pytest.raises(yearly_values.NoSuchYear, match="2000 to 2026"):
            yearly_values.taken(staff, year, WHY)


def test_who_may() -> None:
    author, sends = living.author(), living.person("administrator", "Sanne Vos")
    exports = living.person("records-officer", "Li Na")
    for who in (author, exports):
        for act in (
            partial(statement.make, who, STATEMENT, "k"), partial(statement.files, who),
            partial(statement.waiting, who, STATEMENT), partial(statement.taken, who, "0" * 32, WHY),
        ):  # fmt: skip
            with pytest.raises(NotYours):
                act()
    for who in (author, sends):
        for act in (partial(yearly_values.taken, who, 2026, WHY), partial(yearly_values.files, who)):
            with pytest.raises(NotYours):
                act()
    assert statement.files(sends) == yearly_values.files(exports) == []


def test_a_file_is_given_for_a_reason_that_is_recorded_first(monkeypatch: pytest.MonkeyPatch) -> None:
    take(message(with_cafe(), "clearing", "c1", 20_000))
    staff = living.person("administrator", "Sanne Vos")
    made = statement.make(staff, STATEMENT, "monday")
    for reason in ("", "abc", "x" * 501):
        with pytest.raises(ReasonMissing):
            statement.taken(staff, made.file.obj, reason)
    with pytest.raises(statement.NoSuchFile):
        statement.taken(staff, "0" * 32, WHY)
    assert not told("people.data-exported")
    assert statement.taken(staff, made.file.obj, WHY).body == statement.taken(None, made.file.obj, WHY).body
    said = told("people.data-exported")
    assert [(one.actor, one.obj) for one in said] == [
        (staff.actor, made.file.obj), ("s:operator", made.file.obj)
    ]  # fmt: skip

    def full(*_: object, **__: object) -> None:
        raise readings.NotRecorded("the disk is full")

    monkeypatch.setattr(readings, "tell", full)
    with pytest.raises(readings.NotRecorded):
        statement.taken(staff, made.file.obj, WHY)


def test_no_cell_begins_what_a_spreadsheet_would_calculate() -> None:
    who = with_cafe()
    take(message(who, "clearing", "c1", 20_000), message(who, "refund", "r1", 20_000, "c1"))
    Line.objects.update(account="=cmd|' /C calc'!A0", token_ref="+tok")
    body = statement.make(None, STATEMENT, "monday").body
    for row in rows(body)[2:4]:
        assert row[2:4] == ["'=cmd|' /C calc'!A0", "'+tok"]
    assert [row[5] for row in rows(body)[2:4]] == ["1000", "-1000"], "numbers stay numbers"
    Member.objects.filter(pk=who.pk).update(customer_ref="@ref")
    points(who, 5)
    assert b",'@ref," in b"," + yearly_values.taken(None, 2026, WHY).body


def test_older_files_are_on_the_next_page() -> None:
    objs = []
    for n in range(3):
        take(message(with_cafe(), "clearing", f"c{n}", 20_000))
        objs.append(statement.make(None, STATEMENT, f"day {n}").file.obj)
    first = statement.files(None, 2)
    assert [one.obj for one in first] == objs[:0:-1]
    assert [one.obj for one in statement.files(None, 2, before=first[-1].pk)] == objs[:1]


@pytest.mark.django_db(transaction=True)
def test_two_who_make_it_at_the_same_moment_put_no_line_into_two_files() -> None:
    if connection.vendor == "sqlite" and connection.is_in_memory_db():  # type: ignore[attr-defined]
        pytest.skip("a database in memory has one connection; the PostgreSQL run does this")
    everybody = [with_cafe() for _ in range(6)]
    take(*[message(who, "clearing", f"c{n}", 20_000) for n, who in enumerate(everybody)])

    def act(n: int) -> str:
        try:
            return statement.make(None, STATEMENT, f"k{n % 2}").file.obj
        except statement.NothingWaits:
            return ""
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        made = {obj for obj in pool.map(act, range(8)) if obj}
    assert MadeFile.objects.count() == len(made) == len(told("rewards.file-made"))
    assert sum(MadeFile.objects.values_list("rows", flat=True)) == 6 and not Line.objects.filter(file="")
    assert all(statement.taken(None, obj, WHY).file.rows for obj in made)
