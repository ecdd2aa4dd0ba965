"""A ticket lets a member in once, within ten minutes; a visit ends after half an hour of nothing."""

from __future__ import annotations

from typing import Any

import pytest

from bankside.people.policy import NotYours
from bankside.record import clock
from bankside.rewards import member as members
from bankside.rewards import visit
from bankside.rewards.models import Ticket
from tests.people.team import person
from tests.rewards import joined

pytestmark = pytest.mark.django_db
MINUTE = 60_000


def test_a_ticket_is_good_once_and_kept_as_a_digest() -> None:
    who = joined.member()
    made = visit.ticket(who)
    assert len(made) >= 40 and made not in str(list(Ticket.objects.values_list("digest", flat=True)))
    assert visit.address_of(made).endswith(f"{visit.PATH}{made}/")
    assert visit.enter(made).pk == who.pk
    with pytest.raises(visit.TicketGone):
        visit.enter(made)


@pytest.mark.parametrize("made", ["", "nonsense", "x" * 5000, "티켓"])
def test_what_is_no_ticket_says_the_same_as_a_used_one(made: str) -> None:
    with pytest.raises(visit.TicketGone, match="used up or too old"):
        visit.enter(made)


def test_a_ticket_ends_after_ten_minutes_and_old_ones_are_swept() -> None:
    who, now = joined.member(), 1_800_000_000_000
    with clock.frozen(now):
        early, late = visit.ticket(who), visit.ticket(who)
    with clock.frozen(now + 10 * MINUTE - 1):
        visit.enter(early)
    with clock.frozen(now + 10 * MINUTE), pytest.raises(visit.TicketGone):
        visit.enter(late)
    with clock.frozen(now + 11 * MINUTE):
        visit.ticket(who)
    assert Ticket.objects.count() == 1


def test_who_left_has_no_way_in_and_who_paused_has() -> None:
    who = joined.member()
    members.pause(who)
    assert visit.enter(visit.ticket(members.get(who.obj))).pk == who.pk
    made = visit.ticket(who)
    members.leave(who)
    with pytest.raises(visit.TicketGone):
        visit.enter(made)
    with pytest.raises(ValueError, match="left"):
        visit.ticket(members.get(who.obj))


def test_only_those_who_may_make_tickets() -> None:
    who = joined.member()
    assert visit.ticket(who, by=person("administrator"))
    with pytest.raises(NotYours):
        visit.ticket(who, by=person("author"))


def test_a_visit_goes_on_while_something_is_done_and_ends_after_half_an_hour() -> None:
    who, now, session = joined.member(), 1_800_000_000_000, dict[str, Any]()
    with clock.frozen(now):
        visit.keep(session, who)
    for minutes in (29, 58, 87):
        with clock.frozen(now + minutes * MINUTE):
            found = visit.of(session)
            assert found is not None and found.pk == who.pk
    with clock.frozen(now + (87 + 30) * MINUTE):
        assert visit.of(session) is None
    assert session == {}


def test_a_session_is_not_written_for_every_page() -> None:
    who, now, session = joined.member(), 1_800_000_000_000, dict[str, Any]()
    with clock.frozen(now):
        visit.keep(session, who)
    before = session[visit.SESSION_KEY]
    with clock.frozen(now + 59_000):
        visit.of(session)
    assert session[visit.SESSION_KEY] is before


@pytest.mark.parametrize("kept", [None, "x", {}, {"obj": "0" * 32, "at": 9e15}, {"obj": 7}])
def test_a_session_that_makes_no_sense_is_nobody(kept: Any) -> None:
    assert visit.of({visit.SESSION_KEY: kept}) is None


def test_who_leaves_is_out_at_once() -> None:
    who, session = joined.member(), dict[str, Any]()
    visit.keep(session, who)
    members.leave(who)
    assert visit.of(session) is None
