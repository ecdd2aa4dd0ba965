"""Spending points once, and having them back as they were."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.db import connection, connections, transaction

from bankside.people.policy import NotYours
from bankside.record import clock
from bankside.record.append import entries_where
from bankside.rewards import (
    choices,
    granting,
    partner_codes,
    redemption,
    statement,
)
from bankside.rewards import member as members
from bankside.rewards.ledger import balance, spend
from bankside.rewards.ledger.spend import Credit
from bankside.rewards.models import Bucket, Line, Member, PartnerCode, Posting, Redemption
from bankside.rewards.taking_part import NotTakingPart
from tests.rewards import counted, living, paying
from tests.rewards.paying import NOW, shopper

pytestmark = pytest.mark.django_db
MONTH = (2026 - 1970) * 12 + 10


@pytest.fixture(autouse=True)
def _noon() -> Iterator[None]:
    with clock.frozen(NOW):
        living.live(paying.TEXT.replace("worth = {points = 1, minor = 1}", "worth = {points = 3, minor = 2}"))
        yield


def rich(*buckets: int) -> Member:
    """A member with points in buckets that expire one month after the other."""
    who = shopper()
    with transaction.atomic():
        spend.credit_all([
            Credit(
                member=who.pk, unit="pt", amount=points, source=f"given:{who.pk}:{n}", rule="given", at=NOW,
                expires=MONTH + n,
            )
            for n, points in enumerate(buckets)
        ])  # fmt: skip
    return who


def has(who: Member) -> list[tuple[int, int]]:
    rows = Bucket.objects.filter(member=who.pk, unit="pt", state="available").order_by("due")
    return list(rows.values_list("due", "points"))


def codes(*words: str) -> redemption.Imported:
    return redemption.import_codes(living.person("administrator", "Sanne Vos"), "coffee", words)


def test_what_can_be_chosen_with_its_worth_and_what_is_left() -> None:
    codes("AB-1", "AB-2")
    found = {one.id: one for one in redemption.choices()}
    assert list(found) == ["statement", "coffee", "cinema", "river"]
    assert (found["coffee"].left, found["cinema"].left, found["statement"].left) == (2, 0, None)
    assert {one.currency for one in found.values()} == {"KRW"}
    assert set(found["river"].title) == {"en", "ko", "zh", "nl"}
    assert (redemption.quote("statement", 100), redemption.quote("coffee", 4_500)) == (66, 5_000)


def test_points_become_a_line_of_the_statement_and_come_back_as_they_were() -> None:
    who = rich(100, 50, 400)
    before = has(who)
    row = redemption.redeem(who, "statement", 120, "k1")
    assert (row.value, row.currency, row.state) == (80, "KRW", "done")
    assert has(who) == [(MONTH + 1, 30), (MONTH + 2, 400)], "what expires first is spent first"
    line = Line.objects.get()
    assert (line.kind, line.account, line.amount) == ("statement-credit", who.customer_ref, 80)
    assert line.token_ref == paying.token_of(who)
    undone = redemption.undo(who, row.obj)
    assert redemption.undo(who, row.obj).undone_at == undone.undone_at
    assert has(who) == before and not Line.objects.exists()
    told = [one.fact for one in entries_where("obj = %s order by n", [row.obj])]
    assert told == ["rewards.points-redeemed", "rewards.redemption-undone"]


def test_the_same_key_is_the_same_and_another_wish_is_refused() -> None:
    who, other = rich(500), rich(500)
    one, two = redemption.redeem(who, "statement", 100, "k1"), redemption.redeem(who, "statement", 100, "k1")
    assert one.obj == two.obj and has(who)[0][1] == 400
    for wish in [(who, "statement", 101), (who, "river", 100)]:
        with pytest.raises(redemption.KeyUsed):
            redemption.redeem(*wish, "k1")
    assert redemption.redeem(other, "statement", 100, "k1").obj != one.obj, "her key is another one"
    long = "k" * 300
    assert (
        redemption.redeem(who, "statement", 100, long).obj
        == redemption.redeem(who, "statement", 100, long).obj
    )
    redemption.undo(who, one.obj)
    assert redemption.redeem(who, "statement", 100, "k1").state == "undone", "the key was used, for ever"


def test_a_key_is_that_of_whoever_asks_and_none_is_refused() -> None:
    who, other = rich(500), rich(500)
    app, till = living.person("administrator", "Sanne Vos"), living.person("compliance", "Wang Agrees")
    one = redemption.redeem(who, "statement", 100, "1", by=app)
    assert redemption.redeem(other, "statement", 100, "1", by=till).obj != one.obj
    assert redemption.redeem(who, "statement", 100, "1", by=app).obj == one.obj
    with pytest.raises(redemption.KeyUsed):
        redemption.redeem(other, "statement", 100, "1", by=app)
    with pytest.raises(NotYours):
        redemption.redeem(who, "statement", 100, "2", by=living.author())
    for by in (None, app):
        with pytest.raises(redemption.KeyNeeded):
            redemption.redeem(who, "statement", 100, "", by=by)
    assert (has(who), has(other)) == ([(MONTH, 400)], [(MONTH, 400)])


def test_a_redemption_takes_nine_statements_and_no_more() -> None:
    who = rich(100, 50, 400)
    codes("CAFE-1")
    redemption.redeem(who, "statement", 20, "warm")
    for choice, points, most in (("statement", 120, 9), ("river", 100, 9), ("coffee", 4_500, 10)):
        with transaction.atomic():
            spend.credit(who.pk, "pt", points, source=f"more:{choice}", rule="given", at=NOW, expires=MONTH)
        told = counted.statements(partial(redemption.redeem, who, choice, points, choice))
        assert len(told) <= (most if connection.vendor == "postgresql" else 20), told
    told = counted.statements(partial(redemption.redeem, who, "statement", 120, "statement"))
    assert len(told) <= 7, "asked again"


@pytest.mark.parametrize(
    ("choice", "points", "wrong"),
    [
        ("statement", 0, choices.WrongAmount), ("statement", -5, choices.WrongAmount),
        ("statement", 1, choices.WrongAmount), ("statement", 501, redemption.NotEnough),
        ("river", 50, choices.WrongAmount), ("river", 150, choices.WrongAmount),
        ("coffee", 100, choices.WrongAmount), ("coffee", 4_500, redemption.NotEnough),
        ("yacht", 100, redemption.ChoiceGone), ("statement", 10**12, choices.WrongAmount),
    ],
)  # fmt: skip
def test_what_is_refused_changes_nothing(choice: str, points: int, wrong: type[Exception]) -> None:
    who = rich(500)
    with pytest.raises(wrong):
        redemption.redeem(who, choice, points, "k1")
    assert has(who) == [(MONTH, 500)] and not Redemption.objects.exists() and not Line.objects.exists()


def test_without_a_code_that_is_left_nothing_is_spent() -> None:
    who = rich(5_000)
    with pytest.raises(redemption.NoCodesLeft):
        redemption.redeem(who, "coffee", 4_500, "k1")
    assert (
        has(who) == [(MONTH, 5_000)]
        and not Redemption.objects.exists()
        and not Posting.objects.filter(kind="redeem").exists()
    )


def test_who_paused_spends_nothing_and_nobody_undoes_anothers() -> None:
    who, other = rich(500), rich(500)
    row = redemption.redeem(who, "statement", 100, "k1")
    with pytest.raises(redemption.NoSuchRedemption):
        redemption.undo(other, row.obj)
    members.pause(who)
    with pytest.raises(NotTakingPart):
        redemption.redeem(who, "statement", 100, "k2")


def test_a_code_is_given_once_sealed_until_then_and_not_taken_back() -> None:
    assert codes("CAFE-77", " CAFE-77 ", "", "CAFE-78") == redemption.Imported(new=2, known=(2,))
    assert codes("", "CAFE-77", "CAFE-79") == redemption.Imported(new=1, known=(2,))
    assert codes("CAFE-79") == redemption.Imported(new=0, known=(1,))
    assert len(entries_where("fact = %s", ["rewards.codes-imported"])) == 2
    assert not any(b"CAFE" in bytes(one.sealed) for one in PartnerCode.objects.all())
    who = rich(20_000)
    first, second = (redemption.redeem(who, "coffee", 4_500, f"k{n}") for n in (1, 2))
    assert (first.code, second.code, first.value) == ("CAFE-77", "CAFE-78", 5_000)
    assert redemption.redeem(who, "coffee", 4_500, "k1").code == "CAFE-77"
    assert [row.code for row in redemption.redemptions_of(who)] == ["CAFE-78", "CAFE-77"]
    assert [row.code for row in redemption.redemptions_of(who, with_codes=False)] == ["", ""]
    with pytest.raises(redemption.TooLate):
        redemption.undo(who, first.obj)
    assert not Line.objects.exists(), "a code is no money of the bank's"


def test_points_that_are_not_there_take_no_code() -> None:
    codes("CAFE-77")
    with pytest.raises(redemption.NotEnough):
        redemption.redeem(rich(100), "coffee", 4_500, "k1")
    assert {one.id: one.left for one in redemption.choices()}["coffee"] == 1


@pytest.mark.parametrize("bad", ["two words", "코드", "x" * 65, "4000001234567899"])
def test_what_is_no_code_is_refused_with_its_line_and_nothing_comes_in(bad: str) -> None:
    with pytest.raises(redemption.BadCode, match="Line 3 is no code") as refused:
        codes("CAFE-1", "", bad)
    assert bad not in str(refused.value)
    assert not PartnerCode.objects.exists()


def test_who_may_import() -> None:
    with pytest.raises(NotYours):
        redemption.import_codes(living.author(), "coffee", ["CAFE-1"])
    with pytest.raises(redemption.BadCode):
        redemption.import_codes(living.person("administrator", "Sanne Vos"), "river", ["CAFE-1"])
    with pytest.raises(redemption.ChoiceGone, match="no such choice"):
        redemption.import_codes(None, "yacht", ["CAFE-1"])
    with pytest.raises(NotYours):
        partner_codes.stock(living.author())


def test_a_file_of_codes_is_bounded_and_its_lines_are_numbered() -> None:
    with pytest.raises(redemption.BadCode, match="no code in it"):
        codes("", "  ")
    with pytest.raises(redemption.BadCode, match="At most 10,000"):
        codes(*(f"CAFE-{n}" for n in range(10_001)))
    assert not PartnerCode.objects.exists()
    with pytest.raises(redemption.BadCode, match="800,000 bytes"):
        partner_codes.lines_of(b"x" * 800_001)
    assert partner_codes.lines_of(b"\xef\xbb\xbfCAFE-1\r\n\r\nCAFE-2\n") == ["CAFE-1", "", "CAFE-2"]
    with pytest.raises(redemption.BadCode, match="Line 2"):
        codes(*partner_codes.lines_of(b"CAFE-1\n\xff\xfe\n"))


def test_what_is_left_of_every_choice_that_is_paid_with_codes() -> None:
    codes("CAFE-1", "CAFE-2", "CAFE-3")
    redemption.redeem(rich(5_000), "coffee", 4_500, "k1")
    assert [(one.choice.id, one.left, one.given) for one in partner_codes.stock(None)] == [
        ("coffee", 2, 1), ("cinema", 0, 0)
    ]  # fmt: skip


@pytest.mark.django_db(transaction=True)
def test_codes_that_two_bring_at_the_same_moment_are_there_once() -> None:
    if connection.vendor == "sqlite" and connection.is_in_memory_db():  # type: ignore[attr-defined]
        pytest.skip("a database in memory has one connection; the PostgreSQL run does this")

    def act(n: int) -> redemption.Imported:
        try:
            return redemption.import_codes(None, "coffee", [f"CAFE-{i}" for i in range(n, n + 200)])
        finally:
            connections.close_all()

    with ThreadPoolExecutor(3) as pool:
        done = list(pool.map(act, (0, 50, 100)))
    assert sum(one.new for one in done) == PartnerCode.objects.count() == 300
    assert sum(len(one.known) for one in done) == 300


def test_a_gift_says_whom_it_is_for_and_not_who_gives() -> None:
    who = rich(500)
    redemption.redeem(who, "river", 300, "k1")
    line = Line.objects.get()
    assert (line.kind, line.cause, line.amount, line.account, line.token_ref) == (
        "gift",
        "river-cleaning",
        200,
        "",
        "",
    )


def test_what_went_out_is_not_taken_back() -> None:
    who = rich(500)
    row = redemption.redeem(who, "statement", 120, "k1")
    made = statement.make(None, "statement-credit", "monday")
    with pytest.raises(redemption.TooLate):
        redemption.undo(who, row.obj)
    assert redemption.redemptions_of(who)[0].file == made.file.obj


def test_a_bank_has_a_list_of_its_own(tmp_path: Path, settings: LazySettings) -> None:
    settings.DATA = tmp_path
    own = tmp_path / "choices.toml"
    own.write_text(
        '[[choice]]\nid = "bill"\nkind = "statement"\ntitle = {en = "Your bill"}\n', encoding="utf-8"
    )
    assert [one.id for one in redemption.choices()] == ["bill"]


@pytest.mark.parametrize(
    "text",
    [
        "", "choice = 5", "[[choice]]", '[[choice]]\nid = "a"\nkind = "loan"\ntitle = {en = "A"}',
        '[[choice]]\nid = "a"\nkind = "code"\ntitle = {en = "A"}',
        '[[choice]]\nid = "a b"\nkind = "gift"\ntitle = {en = "A"}',
        '[[choice]]\nid = "a"\nkind = "gift"\ntitle = {}',
        '[[choice]]\nid = "a"\nkind = "gift"\ntitle = {en = "A"}\nstep = 0',
        '[[choice]]\nid = "a"\nkind = "gift"\ntitle = {en = "A"}\nprice = 9', "[[choice",
    ],
)  # fmt: skip
def test_a_list_that_is_wrong_says_so(text: str, tmp_path: Path, settings: LazySettings) -> None:
    settings.DATA = tmp_path
    (tmp_path / "choices.toml").write_text(text, encoding="utf-8")
    with pytest.raises(choices.ChoicesWrong, match=r"choices\.toml"):
        redemption.choices()


@pytest.mark.django_db(transaction=True)
def test_who_asks_at_the_same_moment_gets_what_came_of_her_own_wish() -> None:
    who, other, paused = rich(500), rich(50), rich(500)
    members.pause(paused)
    wishes = [
        redemption.Wish(who, "statement", 100, "k1"), redemption.Wish(other, "statement", 100, "k2"),
        redemption.Wish(who, "statement", 100, "k1"), redemption.Wish(other, "statement", 50, "k3"),
        redemption.Wish(paused, "statement", 50, "k4"), redemption.Wish(who, "yacht", 50, "k5"),
    ]  # fmt: skip
    one, short, again, rest, off, gone = granting.grant_all(wishes)
    assert isinstance(one, Redemption) and isinstance(again, Redemption) and one.obj == again.obj
    assert isinstance(short, redemption.NotEnough) and isinstance(off, NotTakingPart)
    assert isinstance(gone, redemption.ChoiceGone) and isinstance(rest, Redemption)
    assert has(who) == [(MONTH, 400)] and has(other) == [] and has(paused) == [(MONTH, 500)]
    assert Redemption.objects.count() == Line.objects.count() == 2
    with pytest.raises(redemption.NotEnough):
        redemption.redeem(other, "statement", 2, "k6")
    assert redemption.redeem(who, "statement", 2, "k7").points == 2 and connection.get_autocommit()


@pytest.mark.django_db(transaction=True)
def test_many_hands_spend_no_point_and_give_no_code_twice() -> None:
    if connection.vendor == "sqlite" and connection.is_in_memory_db():  # type: ignore[attr-defined]
        pytest.skip("a database in memory has one connection; the PostgreSQL run does this")
    codes(*[f"CAFE-{n}" for n in range(6)])
    everybody = [rich(10_000, 8_000) for _ in range(4)]

    def act(n: int) -> str:
        try:
            return redemption.redeem(everybody[n % 4], "coffee", 4_500, f"k{n % 10}").code
        except (redemption.NoCodesLeft, redemption.NotEnough, redemption.KeyUsed):
            return ""
        finally:
            connections.close_all()

    with ThreadPoolExecutor(6) as pool:
        given = [code for code in pool.map(act, range(24)) if code]
    rows = Redemption.objects.filter(choice="coffee")
    assert len(set(given)) == rows.count() == PartnerCode.objects.exclude(redemption=None).count() == 6
    for who in everybody:
        spent = sum(rows.filter(member=who).values_list("points", flat=True))
        assert balance.balance(who.pk, now_ms=NOW).available == 18_000 - spent
    assert sum(Posting.objects.filter(kind="redeem").values_list("points", flat=True)) == 6 * 4_500


def test_the_first_points_of_a_year_open_its_log() -> None:
    who = rich(500)
    with clock.frozen(clock.from_iso("2027-01-01T03:00:00Z")):
        with transaction.atomic():
            spend.credit(who.pk, "pt", 100, source="new year", rule="given", at=clock.now_ms())
        assert balance.balance(who.pk).available == 100
