"""Files for other systems: every line in exactly one, and the file as it was."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Iterator

import pytest
from django.db import transaction

from bankside.people.policy import NotYours
from bankside.record import clock
from bankside.record.append import entries_where
from bankside.rewards import member as members
from bankside.rewards import offer, redemption, statement
from bankside.rewards.ledger import spend
from bankside.rewards.models import Line, MadeFile, Member, Posting
from tests.rewards import living, paying
from tests.rewards.paying import BEFORE, NOW, message, money, shopper, take

pytestmark = pytest.mark.django_db
STATEMENT = "statement-credit"


@pytest.fixture(autouse=True)
def _noon() -> Iterator[None]:
    with clock.frozen(BEFORE):
        living.live(paying.TEXT)
    with clock.frozen(NOW):
        yield


def buyer() -> Member:
    with clock.frozen(BEFORE):
        who = shopper()
        offer.add(who, "cafe")
    return who


def points(who: Member, amount: int) -> None:
    with transaction.atomic():
        spend.credit(who.pk, "pt", amount, source=f"given:{who.pk}", rule="given", at=NOW)


def rows(body: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(body.decode())))


def test_a_file_has_what_offers_gave_and_what_was_redeemed_with_its_sums() -> None:
    who, other = buyer(), buyer()
    points(other, 500)
    take(message(who, "clearing", "c1", 20_000), message(who, "refund", "r1", 5_000, "c1"))
    redemption.redeem(other, "statement", 300, "k1")
    waits = statement.waiting(STATEMENT)
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
    [told] = entries_where("fact = %s", ["rewards.file-made"])
    assert (told.obj, told.actor) == (made.file.obj, staff.actor)


def test_twice_is_once_and_every_line_is_in_exactly_one_file() -> None:
    who = buyer()
    take(message(who, "clearing", "c1", 20_000))
    first = statement.make(None, STATEMENT, "monday")
    assert statement.make(None, STATEMENT, "monday").body == first.body == statement.body_of(first.file.obj)
    with pytest.raises(statement.NothingWaits):
        statement.make(None, STATEMENT, "tuesday")
    take(message(who, "clearing", "c2", 10_000))
    second = statement.make(None, STATEMENT, "wednesday")
    sources = [row[1] for made in (first, second) for row in rows(made.body) if row[0] == "D"]
    assert len(sources) == len(set(sources)) == Line.objects.exclude(file="").count() == 2
    with pytest.raises(statement.KeyUsed):
        statement.make(None, "gift", "monday")
    assert MadeFile.objects.count() == 2


def test_what_a_statement_took_is_available_no_more_and_a_later_refund_is_a_debit() -> None:
    who, other = buyer(), buyer()
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
    who = buyer()
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
    everybody = [buyer() for _ in range(5)]
    take(*[message(who, "clearing", f"c{n}", 20_000) for n, who in enumerate(everybody)])
    made = [statement.make(None, STATEMENT, f"day {n}").file.rows for n in range(2)]
    assert made == [3, 2] and sum(money(who) for who in everybody) == 0
    take(*[message(who, "clearing", f"d{n}", 20_000) for n, who in enumerate(everybody)])
    assert statement.make(None, STATEMENT, "day 3").file.rows == 3, "what went out takes no room"


def test_a_changed_line_is_noticed() -> None:
    take(message(buyer(), "clearing", "c1", 20_000))
    made = statement.make(None, STATEMENT, "monday")
    Line.objects.update(amount=2_000)
    with pytest.raises(statement.FileChanged):
        statement.body_of(made.file.obj)
    with pytest.raises(statement.NoSuchFile):
        statement.body_of("0" * 32)


def test_who_leaves_still_gets_what_was_credited() -> None:
    who = buyer()
    reference = who.customer_ref
    take(message(who, "clearing", "c1", 20_000))
    members.leave(who)
    body = statement.make(None, STATEMENT, "monday").body
    assert [row[2] for row in rows(body) if row[0] == "D"] == [reference]


def test_the_year_of_each_member_by_origin() -> None:
    who, other = buyer(), buyer()
    take(message(who, "clearing", "c1", 20_000), message(who, "refund", "r1", 5_000, "c1"))
    points(other, 500)
    staff = living.person("compliance", "Wang Agrees")
    made = statement.member_values(staff, 2026, "y26")
    columns, head, *lines = rows(made.body)
    assert columns == list(statement.VALUE_COLUMNS) and head[3] == "member-values"
    assert [row for row in lines if row[0] == "D"] == [
        ["D", str(who.customer_ref), who.obj, "purchase", "KRW", "750", "750", "KRW"],
        ["D", str(other.customer_ref), other.obj, "purchase", "pt", "500", "500", "KRW"],
    ]
    assert statement.member_values(staff, 2026, "y26").body == made.body
    assert [row[0] for row in rows(statement.member_values(staff, 2025, "y25").body)] == ["record", "H"]
    points(who, 9)
    with pytest.raises(statement.FileChanged):
        statement.member_values(staff, 2026, "y26")


def test_who_may() -> None:
    with pytest.raises(NotYours):
        statement.make(living.author(), STATEMENT, "k")
    with pytest.raises(NotYours):
        statement.member_values(living.author(), 2026, "k")
    with pytest.raises(NotYours):
        statement.files(living.author())
    assert statement.files(living.person("administrator", "Sanne Vos")) == []
