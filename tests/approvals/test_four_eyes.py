"""What the rooms forbid, the database forbids too: raw SQL, on whichever database the tests run."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from bankside.approvals import consent
from bankside.approvals.models import Consent, Part, Request
from bankside.record import clock
from bankside.record.ids import new_id
from tests.approvals.asked import WORDS, Desk, sql
from tests.people.team import person

pytestmark = pytest.mark.django_db


def refused(statement: str, *values: Any) -> bool:
    """The statement fails in the database, and the transaction around it goes on."""
    try:
        with transaction.atomic():
            sql(statement, *values)
    except DatabaseError:
        return True
    return False


def insert(table: str, row: dict[str, Any], verb: str = "insert into") -> tuple[Any, ...]:
    """An insert statement with its values."""
    names, marks = ", ".join(row), ", ".join(["%s"] * len(row))
    return (f"{verb} {table} ({names}) values ({marks})", *row.values())


def consent_row(desk: Desk, request: Request, **changes: Any) -> dict[str, Any]:
    """What an honest consent of `desk.approver` to the first words would be, with lies on demand."""
    channel, digest = WORDS[0]
    return {
        "obj": new_id(), "request_id": request.pk, "basis": "person", "policy": "", "kind": request.kind,
        "about": request.about, "lane": request.lane, "thing": request.thing, "version": request.version,
        "channel": channel, "digest": digest, "author_id": desk.author.pk, "editor_id": desk.editor.pk,
        "approver_id": desk.approver.pk, "given_at": clock.now_ms(), "expires_at": request.expires_at,
        "voided_at": 0,
    } | changes  # fmt: skip


def decided(desk: Desk, request: Request, by: Any) -> bool:
    """Tries, by SQL, to make somebody the one who decided; whether that was refused."""
    return refused(
        "update approvals_request set state = 'given', decided_by_id = %s, decided_at = %s where id = %s",
        by.pk, clock.now_ms(), request.pk,
    )  # fmt: skip


def test_the_honest_way_is_open_so_that_the_refusals_mean_something() -> None:
    desk = Desk()
    request = desk.ask()
    assert not decided(desk, request, desk.approver)
    assert not refused(*insert("approvals_consent", consent_row(desk, request)))
    assert Consent.objects.get().approver == desk.approver


@pytest.mark.parametrize("who", ["author", "editor"])
def test_author_and_editor_cannot_be_the_approver(who: str) -> None:
    desk = Desk()
    request = desk.ask()
    self_approver = getattr(desk, who)
    assert decided(desk, request, self_approver)
    assert refused(*insert("approvals_consent", consent_row(desk, request, approver_id=self_approver.pk)))
    assert not decided(desk, request, desk.approver)
    assert refused(*insert("approvals_consent", consent_row(desk, request, approver_id=self_approver.pk)))
    assert not Consent.objects.exists()


def test_a_lie_about_who_wrote_it_does_not_help() -> None:
    desk = Desk()
    request = desk.ask()
    sql_author = {"author_id": desk.other.pk, "editor_id": desk.other.pk, "approver_id": desk.author.pk}
    assert refused(*insert("approvals_consent", consent_row(desk, request, **sql_author)))
    assert not decided(desk, request, desk.approver)
    assert refused(*insert("approvals_consent", consent_row(desk, request, **sql_author)))


LIES: dict[str, Any] = {
    "thing": "a" * 32, "version": "b" * 32, "channel": "e" * 32, "digest": "9" * 64, "kind": "reply",
    "about": "a" * 32, "lane": 3, "expires_at": 9_999_999_999_999, "voided_at": 1, "request_id": None,
    "basis": "policy", "approver_id": None,
}  # fmt: skip


@pytest.mark.parametrize("column", LIES)
def test_a_consent_says_what_its_request_says(column: str) -> None:
    desk = Desk()
    request = desk.ask()
    assert not decided(desk, request, desk.approver)
    assert refused(*insert("approvals_consent", consent_row(desk, request, **{column: LIES[column]})))


@pytest.mark.parametrize("column", ["author_id", "editor_id", "approver_id"])
def test_nobody_else_is_put_into_a_consent(column: str) -> None:
    desk = Desk()
    request = desk.ask()
    assert not decided(desk, request, desk.approver)
    assert refused(*insert("approvals_consent", consent_row(desk, request, **{column: desk.other.pk})))


def test_words_of_one_channel_are_not_those_of_another() -> None:
    desk = Desk()
    request = desk.ask()
    assert not decided(desk, request, desk.approver)
    assert refused(*insert("approvals_consent", consent_row(desk, request, digest=WORDS[1][1])))


@pytest.mark.parametrize("state", ["waiting", "sent-back", "void"])
def test_a_consent_needs_a_decision(state: str) -> None:
    desk = Desk()
    request = desk.ask()
    if state == "sent-back":
        consent.send_back(desk.approver, request, reason="no")
    if state == "void":
        consent.void(request.thing, by_actor="s:test", reason="edited")
    assert refused(*insert("approvals_consent", consent_row(desk, request)))


@pytest.mark.parametrize(
    ("column", "value"),
    [(c, v) for c, v in LIES.items() if c not in {"voided_at"}]
    + [("obj", "a" * 32), ("policy", "mine@1"), ("given_at", 1), ("author_id", "other"),
       ("editor_id", "other"), ("approver_id", "other"), ("approver_id", "author"), ("id", 4711)],
)  # fmt: skip
def test_what_was_agreed_to_never_changes(column: str, value: Any) -> None:
    desk = Desk()
    given = consent.give(desk.approver, desk.ask(), words=WORDS)[0]
    value = getattr(desk, value).pk if value in ("other", "author") else value
    assert refused(f"update approvals_consent set {column} = %s where id = %s", value, given.pk)
    # Nor together with the one change that is allowed.
    both = f"update approvals_consent set {column} = %s, voided_at = 5 where id = %s"
    assert refused(both, value, given.pk)


def test_a_consent_is_voided_once_and_for_good() -> None:
    desk = Desk()
    given = consent.give(desk.approver, desk.ask(), words=WORDS)[0]
    update = "update approvals_consent set voided_at = %s where id = %s"
    assert refused(update, -1, given.pk)
    assert not refused(update, 5, given.pk)
    for value in (0, 5, 6):
        assert refused(update, value, given.pk)


@pytest.mark.parametrize(
    ("column", "value"),
    [("obj", "a" * 32), ("kind", "reply"), ("thing", "a" * 32), ("version", "b" * 32), ("about", "a" * 32),
     ("lane", 3), ("author_id", "other"), ("editor_id", "other"), ("title", "x"), ("asked_at", 1),
     ("expires_at", 9_999_999_999_999), ("due_at", 1), ("id", 4711)],
)  # fmt: skip
def test_what_was_asked_never_changes(column: str, value: Any) -> None:
    desk = Desk()
    request = desk.ask()
    value = desk.other.pk if value == "other" else value
    assert refused(f"update approvals_request set {column} = %s where id = %s", value, request.pk)
    both = f"""update approvals_request set {column} = %s, state = 'given', decided_by_id = %s,
               decided_at = %s where id = %s"""
    assert refused(both, value, desk.approver.pk, clock.now_ms(), request.pk)


def test_a_request_is_decided_once_in_time_and_by_somebody() -> None:
    desk = Desk()
    request = desk.ask()
    decide = "update approvals_request set state = %s, decided_by_id = %s, decided_at = %s where id = %s"
    now = clock.now_ms()
    assert refused(decide, "given", None, now, request.pk)
    assert refused(decide, "agreed", desk.approver.pk, now, request.pk)
    assert refused(decide, "given", desk.approver.pk, request.expires_at, request.pk)
    assert refused("update approvals_request set decided_by_id = %s where id = %s", desk.other.pk, request.pk)
    assert not refused(decide, "given", desk.approver.pk, now, request.pk)
    for state, who in [("given", desk.other), ("waiting", desk.approver), ("sent-back", desk.approver)]:
        assert refused(decide, state, who.pk, now, request.pk)
    consent.void(request.thing, by_actor="s:test", reason="edited")
    assert refused(decide, "waiting", None, 0, request.pk)
    assert refused("update approvals_request set state = 'given' where id = %s", request.pk)


def test_a_request_begins_by_waiting() -> None:
    desk = Desk()
    request = desk.ask()
    names = [f.column for f in Request._meta.concrete_fields if f.column != "id"]
    row = {name: getattr(request, name) for name in names}
    fresh = row | {"obj": new_id(), "version": new_id()}
    assert refused(*insert("approvals_request", fresh | {"state": "given"}))
    assert refused(*insert("approvals_request", fresh | {"decided_by_id": desk.approver.pk}))
    assert refused(*insert("approvals_request", fresh | {"decided_at": 5}))
    assert not refused(*insert("approvals_request", fresh))


@pytest.mark.parametrize(
    ("column", "value"), [("digest", "9" * 64), ("channel", "e" * 32), ("request_id", 0)]
)
def test_the_words_of_a_request_never_change(column: str, value: Any) -> None:
    desk = Desk()
    request, other = desk.ask(), desk.ask()
    value = other.pk if column == "request_id" else value
    assert refused(f"update approvals_part set {column} = %s where request_id = %s", value, request.pk)


def test_words_are_added_only_while_a_request_waits() -> None:
    desk = Desk()
    request = desk.ask()
    consent.give(desk.approver, request, words=WORDS)
    row = {"request_id": request.pk, "channel": "e" * 32, "digest": "9" * 64}
    assert refused(*insert("approvals_part", row))


@pytest.mark.parametrize("table", ["approvals_request", "approvals_part", "approvals_consent"])
def test_nothing_is_deleted(table: str) -> None:
    desk = Desk()
    consent.give(desk.approver, desk.ask(), words=WORDS)
    assert refused(f"delete from {table}")


@pytest.mark.skipif(connection.vendor != "sqlite", reason="only SQLite has insert or replace")
def test_nothing_is_replaced() -> None:
    desk = Desk()
    request = desk.ask()
    given = consent.give(desk.approver, request, words=WORDS)[0]
    responder = person("responder")
    direct = consent.by_policy(
        kind="reply", thing=new_id(), version=new_id(), author=responder, words=WORDS[:1]
    )[0]
    consent.void(direct.thing, by_actor="s:test", reason="taken back")
    for model, pk, changes in [
        (Request, request.pk, {"state": "waiting", "decided_by_id": None, "decided_at": 0}),
        (Part, request.parts.first().pk, {"digest": "9" * 64}),  # type: ignore[union-attr]
        (Consent, given.pk, {"expires_at": 9_999_999_999_999}),
        (Consent, direct.pk, {"voided_at": 0}),
    ]:
        before = model.objects.get(pk=pk)  # type: ignore[attr-defined]
        row = {f.column: getattr(before, f.attname) for f in model._meta.concrete_fields} | changes
        table = model._meta.db_table
        assert refused(*insert(table, row, "insert or replace into"))
        del row["id"]
        assert refused(*insert(table, row, "replace into"))
        if "obj" in row:
            assert refused(*insert(table, row | {"obj": new_id()}, "replace into"))
