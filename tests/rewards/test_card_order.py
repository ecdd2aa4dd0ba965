"""Orders: the oldest cards, drawn by the worker into one file, the same bytes as often as they are taken."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path
from threading import Barrier, Thread
from typing import Any

import pytest
from django.db import connection

from bankside.people.policy import NotYours
from bankside.record import clock, jobs, reading
from bankside.record.append import append, entries_where
from bankside.record.facts.rewards import CardsOrdered
from bankside.record.models import Job
from bankside.record.reasons import ReasonMissing
from bankside.rewards import card, card_drawing, card_face, card_order, link
from bankside.rewards import member as members
from bankside.rewards.art import bureau, names
from bankside.rewards.art.artwork import Artwork
from bankside.rewards.models import Card, Order
from tests.people.team import person
from tests.rewards import carried, joined, pictured

pytestmark = pytest.mark.django_db
NOW = clock.from_iso("2026-11-24T10:00:00Z")
WHY = "weekly order for the bureau"
DAYS_MS = 86_400_000
PRINTED = bureau.printed


@pytest.fixture(autouse=True)
def _quick(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Sides are drawn as words, in a folder of the test's own; which were, in turn."""
    sides = list[str]()

    def printed(art: Artwork, side: str) -> bytes:
        sides.append(art.handle)
        return f"%PDF {card_face.digest_of(art)} {side}".encode()

    settings.DATA = tmp_path
    monkeypatch.setattr(bureau, "printed", printed)
    with clock.frozen(NOW):
        yield sides


def facts(obj: str) -> list[str]:
    return [one.fact for one in entries_where("obj = %s order by n", [obj])]


def step() -> None:
    """One slice of the worker."""
    assert jobs.run_due() > 0


# --- ordering ------------------------------------------------------------------------------------------
@pictured.drawn
def test_an_order_is_one_file_with_both_sides_of_every_card_and_a_fact(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(bureau, "printed", PRINTED)  # drawn as it is for a bureau
    made, staff = carried.approved(), person("author")
    done = carried.drawn(1, staff)
    row, path = card_order.take(staff, done.obj, WHY)
    with zipfile.ZipFile(path) as file:
        pages = [file.read(name) for name in file.namelist() if name.endswith(".pdf")]
    assert len(pages) == 2 and all(page.startswith(b"%PDF-1") for page in pages)
    made.refresh_from_db()
    assert (made.state, made.order, row.size) == ("ordered", done, path.stat().st_size)
    assert facts(done.obj) == ["rewards.cards-ordered", "people.data-exported"]
    [told] = entries_where("fact = %s", ["rewards.cards-ordered"])
    assert told.actor == staff.actor


def test_the_oldest_go_first_and_the_rest_wait_on() -> None:
    first, second, third = (carried.approved() for _ in range(3))
    done = carried.drawn(2)
    states = [Card.objects.get(pk=one.pk).state for one in (first, second, third)]
    assert states == ["ordered", "ordered", "approved"] and (done.cards, done.done) == (2, 2)
    assert list(card.approved(person("author"))) == [third]
    assert carried.drawn(500).cards == 1
    with pytest.raises(card.NotNow, match="no approved card"):
        card_order.order(person("author"), 1)


@pytest.mark.parametrize("number", [0, -1, card_order.CARDS_MAX + 1])
def test_as_many_as_a_bureau_takes(number: int) -> None:
    carried.approved()
    with pytest.raises(card.BadCard, match="1 to 10,000"):
        card_order.order(person("author"), number)
    assert not Order.objects.exists()


def test_only_those_who_may_order_and_never_what_was_unlinked_or_not_approved() -> None:
    good, gone, waits = carried.approved(), carried.approved(), carried.asked()
    with pytest.raises(NotYours):
        card_order.order(person("approver"), 3)
    assert gone.link
    link.unlink(gone.member, gone.link.obj)
    assert carried.drawn(3, person("administrator")).cards == 1
    states = [Card.objects.get(pk=one.pk).state for one in (good, gone, waits)]
    assert states == ["ordered", "approved", "asked"]


def test_the_same_form_twice_is_one_order_and_a_card_goes_into_one() -> None:
    carried.approved(), carried.approved()
    staff = person("author")
    first = card_order.order(staff, 1, key="form-1")
    assert card_order.order(staff, 1, key="form-1") == first and Order.objects.count() == 1
    other = card_order.order(staff, 2, key="form-2")
    assert other != first and other.cards == 1, "what was ordered already goes into no second order"


@pytest.mark.django_db(transaction=True)
def test_two_who_order_at_the_same_moment_never_get_the_same_card() -> None:
    if connection.vendor == "sqlite" and connection.is_in_memory_db():  # type: ignore[attr-defined]
        pytest.skip("a database in memory has one connection; the file and PostgreSQL runs do this")
    cards, staff, both = [carried.approved() for _ in range(6)], person("author"), Barrier(2)

    def order() -> None:
        both.wait()
        card_order.order(staff, 3)
        connection.close()

    threads = [Thread(target=order) for _ in range(2)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    got = [set(Card.objects.filter(order=one).values_list("pk", flat=True)) for one in Order.objects.all()]
    assert [len(one) for one in got] == [3, 3] and got[0] | got[1] == {one.pk for one in cards}


# --- drawing -------------------------------------------------------------------------------------------
def test_a_worker_that_was_killed_goes_on_where_it_was(
    _quick: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(card_drawing, "CARDS_PER_SLICE", 1)
    for _ in range(3):
        carried.approved()
    made = card_order.order(person("author"), 3)
    step()
    made.refresh_from_db()
    assert (made.state, made.done, len(_quick)) == ("drawing", 1, 2)
    Job.objects.filter(kind=card_order.JOB).update(lease_until=NOW + 120_000)  # killed: its lease runs out
    Order.objects.update(done=0)  # and what it had counted is lost
    with clock.frozen(NOW + 121_000):
        carried.work(made)
    made.refresh_from_db()
    assert made.state == "made" and len(_quick) == 6, "a side that is drawn is not drawn again"
    assert not card_order.scratch_of(made).exists()


def test_who_replaces_unlinks_or_leaves_meanwhile_is_left_out() -> None:
    good, replaced, unlinked, left = (carried.approved() for _ in range(4))
    made = card_order.order(person("author"), 4)
    step()  # all are drawn
    card.ask(replaced.member, theme="paper")
    assert unlinked.link
    link.unlink(unlinked.member, unlinked.link.obj)
    members.leave(left.member)
    carried.work(made)
    made.refresh_from_db()
    assert (made.state, made.cards, made.left_out) == ("made", 1, 3)
    assert [Card.objects.get(pk=one.pk).state for one in (good, replaced, unlinked, left)] == [
        "ordered", "ended", "approved", "ended",
    ]  # fmt: skip
    with zipfile.ZipFile(card_order.file_of(made)) as file:
        assert len(file.namelist()) == 3, "two sides and the manifest"


def test_a_change_while_the_file_is_put_together_puts_it_together_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    good, gone = carried.approved(), carried.approved()
    real, once = card_drawing._together, [gone]

    def together(*given: Any) -> card_drawing.Drawn:
        if once:
            card.end(once.pop())
        return real(*given)

    monkeypatch.setattr(card_drawing, "_together", together)
    made = carried.drawn(2)
    assert (made.cards, made.left_out, Card.objects.get(pk=good.pk).state) == (1, 1, "ordered")


def test_an_order_of_which_nothing_is_left_is_empty() -> None:
    one = carried.approved()
    made = card_order.order(person("author"), 1)
    card.end(one)
    carried.work(made)
    made.refresh_from_db()
    assert (made.state, made.cards, made.left_out) == ("empty", 0, 1)
    assert "rewards.cards-ordered" not in facts(made.obj)
    with pytest.raises(card.NotNow, match="Order anew"):
        card_order.draw_again(person("author"), made.obj)


def test_a_card_that_cannot_be_drawn_is_left_out_and_a_machine_that_cannot_tries_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    good, bad = carried.approved(), carried.approved(name="Unprintable")

    def printed(art: Artwork, side: str) -> bytes:
        if art.name == "Unprintable":
            raise names.CannotBeRead("x")
        return b"%PDF"

    monkeypatch.setattr(bureau, "printed", lambda art, side: 1 / 0)
    made = card_order.order(person("author"), 2)
    step()
    made.refresh_from_db()
    assert made.state == "drawing" and made.trouble.startswith("The cards cannot be drawn just now")
    monkeypatch.setattr(bureau, "printed", printed)
    with clock.frozen(NOW + 60_000):
        carried.work(made)
    made.refresh_from_db()
    assert (made.state, made.cards, made.left_out, made.trouble) == ("made", 1, 1, "")
    assert [Card.objects.get(pk=one.pk).state for one in (good, bad)] == ["ordered", "approved"]


# --- the file ------------------------------------------------------------------------------------------
def test_it_is_taken_as_often_as_wanted_each_time_with_a_reason_told_first() -> None:
    carried.approved()
    made, staff = carried.drawn(1), person("author")
    with pytest.raises(ReasonMissing):
        card_order.take(staff, made.obj, " ")
    with pytest.raises(NotYours):
        card_order.take(person("compliance"), made.obj, WHY)
    assert facts(made.obj) == ["rewards.cards-ordered"]
    bodies = {card_order.take(staff, made.obj, WHY)[1].read_bytes() for _ in range(2)}
    assert len(bodies) == 1 and facts(made.obj).count("people.data-exported") == 2


@pytest.mark.parametrize("how", ["lost", "damaged", "deleted"])
def test_a_file_that_is_lost_is_drawn_again_the_same(how: str) -> None:
    carried.approved(), carried.approved()
    made, staff = carried.drawn(2), person("author")
    path = card_order.file_of(made)
    before = path.read_bytes()
    match how:
        case "lost":
            path.unlink()
        case "damaged":
            path.write_bytes(before[:-1])
        case _:
            with clock.frozen(NOW + 3 * DAYS_MS):
                step()
            assert not path.exists() and Order.objects.get().state == "away"
            card_order.draw_again(staff, made.obj)
    with pytest.raises(card_order.FileAway, match="as soon as it is drawn"):
        card_order.take(staff, made.obj, WHY)
    carried.work(made)
    assert card_order.take(staff, made.obj, WHY)[1].read_bytes() == before
    assert facts(made.obj).count("rewards.cards-ordered") == 1


@pytest.mark.parametrize("seen_by", ["the worker", "whoever takes it"])
def test_a_file_goes_with_the_name_of_whoever_leaves(seen_by: str) -> None:
    _, gone = carried.approved(), carried.approved()
    made, staff = carried.drawn(2), person("author")
    members.leave(gone.member)
    if seen_by == "the worker":
        with clock.frozen(NOW + 20_000):
            step()
        assert not card_order.file_of(made).exists()
        card_order.draw_again(staff, made.obj)
    else:
        with pytest.raises(card_order.FileAway):
            card_order.take(staff, made.obj, WHY)
    with clock.frozen(NOW + 30_000):
        carried.work(made)
        row, _ = card_order.take(staff, made.obj, WHY)
    assert (row.cards, row.left_out) == (1, 1) and row.trouble.startswith("The file is not the same")
    assert facts(made.obj).count("rewards.cards-ordered") == 2


def test_who_may_not_see_members_sees_no_order() -> None:
    carried.approved()
    made = carried.drawn(1)
    assert card_order.get(person("auditor"), made.obj) == made
    with pytest.raises(card_order.NoSuchOrder):
        card_order.get(person("responder"), made.obj)


def test_ten_thousand_cards_stand_in_one_fact() -> None:
    objs = tuple(f"{number:032x}" for number in range(card_order.CARDS_MAX))
    fact = CardsOrdered(order="0" * 32, cards=objs, sha256="0" * 64)
    append(fact, "rewards.cards-ordered:large", actor="s:card", obj="0" * 32)
    [told] = entries_where("fact = %s", ["rewards.cards-ordered"])
    said = reading.words_of("s:test", told.n)
    assert said and len(said.said["cards"]) == card_order.CARDS_MAX


def test_a_profile_that_was_linked_again_goes_with_the_next_order() -> None:
    one = carried.approved()
    assert one.link
    subject = one.link.subject
    link.unlink(one.member, one.link.obj)
    assert not card_order.may_go().exists()
    joined.linked(one.member, subject, handle="@minji.park")
    assert [row.pk for row in card_order.may_go()] == [one.pk]
