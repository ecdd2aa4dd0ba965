"""Versions of a programme: two people who did not write it, in the room and by the database; one in force."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import Error, connection, transaction

from bankside.approvals.models import Consent
from bankside.people.policy import NotYours
from bankside.record import clock, projection, two_people
from bankside.record.models import Entry, Job
from bankside.record.reasons import ReasonMissing
from bankside.rewards import programme, reported
from bankside.rewards.models import Programme, Reached
from tests.rewards import joined
from tests.rewards.living import SMALL, approvers, author, live, person, submitted

pytestmark = pytest.mark.django_db
NOW = clock.from_iso("2026-11-24T10:00:00Z")


@pytest.fixture(autouse=True)
def _still() -> Any:
    with clock.frozen(NOW):
        yield


def facts() -> list[str]:
    return list(
        Entry.objects.filter(fact__startswith="rewards.").order_by("n").values_list("fact", flat=True)
    )


def test_two_people_put_a_version_in_force_and_the_record_holds_its_text() -> None:
    row = submitted()
    first, second = approvers()
    row = programme.approve(first, row.obj, sha256=row.sha256)
    assert (row.state, row.first, row.second, programme.live()) == ("waiting", first.uid, "", ())
    row = programme.approve(second, row.obj, sha256=row.sha256)
    assert (row.state, row.first, row.second, row.live_from) == ("live", first.uid, second.uid, NOW)
    assert facts() == ["rewards.programme-approved"] * 2 + ["rewards.programme-began"]
    told = projection.payload_of(Entry.objects.get(fact="rewards.programme-began").n)
    assert (told.text, told.sha256) == (SMALL, row.sha256)
    assert [one.name for one in programme.agreed(row)] == ["Hyejin Agrees", "Wang Agrees"]
    [one] = programme.live()
    assert (one.row.pk, one.programme.sha256) == (row.pk, row.sha256)


def test_the_same_person_twice_the_author_and_the_wrong_role_are_refused() -> None:
    row = submitted()
    first, _ = approvers()
    row = programme.approve(first, row.obj, sha256=row.sha256)
    with pytest.raises(two_people.SamePerson):
        programme.approve(first, row.obj, sha256=row.sha256)
    with pytest.raises(NotYours):
        programme.approve(author(), row.obj, sha256=row.sha256)
    with pytest.raises(NotYours):
        programme.draft(first, name="social", text=SMALL)
    row.refresh_from_db()
    assert (row.state, row.second) == ("waiting", "")


def test_who_writes_and_may_approve_still_does_not_approve_her_own() -> None:
    both = person("author", "Sanne Both")
    both.roles.create(role="approver")
    both.forget_roles()
    row = programme.submit(both, programme.draft(both, name="social", text=SMALL).obj)
    assert not programme.may_approve(both, row)
    with pytest.raises(programme.OwnProgramme):
        programme.approve(both, row.obj, sha256=row.sha256)


def test_another_digest_than_the_one_seen_is_refused() -> None:
    row = submitted()
    with pytest.raises(programme.Changed):
        programme.approve(approvers()[0], row.obj, sha256="0" * 64)


def test_a_text_with_mistakes_is_kept_and_not_submitted() -> None:
    wrong = SMALL.replace("quality >= 60", "qualty >= 60")
    row = programme.draft(author(), name="social", text=wrong)
    with pytest.raises(programme.DoesNotPass) as refused:
        programme.submit(author(), row.obj)
    assert refused.value.findings
    row = programme.rewrite(author(), row.obj, text=SMALL)
    assert programme.submit(author(), row.obj).state == "waiting"
    with pytest.raises(programme.NotNow):
        programme.rewrite(author(), row.obj, text=wrong)


def test_a_new_version_takes_the_place_of_the_old_for_later_acts_only() -> None:
    old = live()
    with clock.frozen(NOW + 1000):
        new = live(SMALL.replace('points = "30"', 'points = "40"'))
        assert programme.before(new).pk == old.pk  # type: ignore[union-attr]
    old.refresh_from_db()
    assert (old.state, old.ended_at, new.number) == ("retired", NOW + 1000, 2)
    assert [one.row.pk for one in programme.in_force(NOW + 999)] == [old.pk]
    assert [one.row.pk for one in programme.in_force(NOW + 1000)] == [new.pk]
    assert programme.in_force(NOW - 1) == ()
    assert facts()[-2:] == ["rewards.programme-ended", "rewards.programme-began"]


def test_sent_back_it_is_a_draft_without_consents_and_starts_again() -> None:
    row, (first, second) = submitted(), approvers()
    programme.approve(first, row.obj, sha256=row.sha256)
    row = programme.send_back(second, row.obj, reason="The cap is too high.")
    assert (row.state, row.first, row.reason) == ("draft", "", "The cap is too high.")
    assert not Consent.objects.filter(thing=row.obj, voided_at=0).exists()
    row = programme.submit(author(), row.obj)
    for one in (second, first):
        row = programme.approve(one, row.obj, sha256=row.sha256)
    assert (row.state, row.first) == ("live", second.uid)


def test_a_version_ends_once_with_a_reason() -> None:
    row, (first, _) = live(), approvers()
    with pytest.raises(ReasonMissing):
        programme.retire(first, row.obj, reason=" ")
    assert programme.retire(first, row.obj, reason="The campaign is over.").state == "retired"
    assert programme.retire(first, row.obj, reason="Again.").reason == "The campaign is over."
    assert programme.live() == ()
    assert facts().count("rewards.programme-ended") == 1


def test_a_rule_belongs_to_one_programme_in_force() -> None:
    live()
    other = SMALL.replace('id = "social"', 'id = "second"')
    with pytest.raises(programme.RuleTaken):
        submitted(other, "second")


OTHERS = {"unit": ('unit = "pt"', 'unit = "leaf"'), "currency": ('currency = "KRW"', 'currency = "EUR"')}


@pytest.mark.parametrize("what", OTHERS)
def test_programmes_in_force_share_unit_and_currency(what: str) -> None:
    second = SMALL.replace('id = "', 'id = "x-')
    waits = submitted(second.replace(*OTHERS[what]), "second")
    live()
    with pytest.raises(programme.OtherUnit, match="counted in pt and worth KRW"):
        submitted(second.replace(*OTHERS[what]), "third")
    first, last = approvers()
    programme.approve(first, waits.obj, sha256=waits.sha256)
    with pytest.raises(programme.OtherUnit):  # it was submitted before there was another
        programme.approve(last, waits.obj, sha256=waits.sha256)
    assert len(programme.live()) == 1
    assert live(second, "fourth").state == "live"


@pytest.mark.parametrize("what", OTHERS)
def test_points_that_are_still_there_keep_their_unit(what: str) -> None:
    row = live()
    assert live(SMALL.replace(*OTHERS[what])).state == "live", "nobody has any points yet"
    row = live()
    who = joined.member()
    reported.take("s:test", [reported.Item(ref="a", member=who.obj, kind="feedback")])
    with pytest.raises(programme.OtherUnit):
        submitted(SMALL.replace(*OTHERS[what]))
    programme.retire(approvers()[0], row.obj, reason="The campaign is over.")
    with pytest.raises(programme.OtherUnit):
        submitted(SMALL.replace(*OTHERS[what]), "second")


def test_the_difference_of_two_texts_is_told_by_lines() -> None:
    lines = programme.diff("a\nb\nc", "a\nB\nc")
    assert [(line.sign, line.text) for line in lines] == [(" ", "a"), ("-", "b"), ("+", "B"), (" ", "c")]


def test_the_first_version_starts_reading_where_the_record_ends() -> None:
    live()
    reached = Reached.objects.get(name=programme.EARN).n
    assert 0 < reached < Entry.objects.order_by("-n").values_list("n", flat=True)[0]
    assert Job.objects.filter(key=programme.SETTLE).count() == 1


# --- raw SQL ---------------------------------------------------------------------------------------------
FORGED = [
    "update rewards_programme set state = 'live', first = 'a', second = 'b', live_from = 1",
    "update rewards_programme set text = 'other'",
    "update rewards_programme set sha256 = 'other'",
    "update rewards_programme set author_id = (select max(id) from people_staff)",
    "update rewards_programme set first = '{first}', second = '{first}', state = 'live', live_from = 5",
    "update rewards_programme set second = '{author}', state = 'live', live_from = 5",
    "update rewards_programme set second = '{stranger}', state = 'live', live_from = 5",
    "delete from rewards_programme",
    """insert into rewards_programme (obj, name, number, text, sha256, state, author_id, first, second,
       reason, made_at, live_from, ended_at) select 'x', 'other', 1, text, sha256, 'live', author_id,
       'a', 'b', '', 1, 1, 0 from rewards_programme""",
]


@pytest.mark.parametrize("statement", FORGED)
def test_the_database_refuses_what_the_room_would(statement: str) -> None:
    row, (first, _) = submitted(), approvers()
    stranger = person("approver", "Jin Stranger")
    programme.approve(first, row.obj, sha256=row.sha256)
    words = statement.format(first=first.uid, author=author().uid, stranger=stranger.uid)
    with pytest.raises(Error), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(words)
    row.refresh_from_db()
    assert (row.state, row.second, row.text) == ("waiting", "", SMALL)


@pytest.mark.parametrize("change", ["live_from = 1", "first = 'z'", "state = 'waiting'", "text = 'x'"])
def test_a_version_in_force_does_not_change(change: str) -> None:
    live()
    with pytest.raises(Error), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"update rewards_programme set {change} where state = 'live'")


def test_reading_takes_one_statement_and_no_text(django_assert_num_queries: Any) -> None:
    live()
    programme.live()
    with django_assert_num_queries(1) as asked:
        programme.live()
    assert '"text"' not in asked[0]["sql"]
    assert Programme.objects.count() == 1
