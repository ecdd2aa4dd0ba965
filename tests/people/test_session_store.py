from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth import get_user
from django.contrib.sessions.backends import db
from django.contrib.sessions.models import Session
from django.http import HttpRequest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from bankside.people import staff as people
from bankside.people.models import Staff
from bankside.people.session_store import SessionStore
from tests.people.team import person, team

pytestmark = pytest.mark.django_db

BACKEND = "bankside.people.sign_in.StaffBackend"


def signed_in(staff: Staff) -> str:
    client = Client()
    client.force_login(staff, backend=BACKEND)
    return str(client.session.session_key)


def user_of(key: str) -> object:
    request = HttpRequest()
    request.session = SessionStore(key)
    return get_user(request)


def test_it_reads_what_django_reads() -> None:
    key = signed_in(person("responder"))
    assert SessionStore(key).load() == db.SessionStore(key).load() != {}


def test_a_session_that_ended_or_is_not_known_holds_nothing() -> None:
    key = signed_in(person("responder"))
    Session.objects.update(expire_date=timezone.now() - timedelta(seconds=1))
    for unknown in (key, "f" * 32):
        store = SessionStore(unknown)
        assert (store.load(), store.session_key) == ({}, None)


def test_one_statement_gives_the_staff_and_all_her_roles(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    seoul = team("서울")
    staff = person("responder", team=seoul)
    people.give_role(staff, "auditor")
    key = signed_in(staff)
    with django_assert_num_queries(2):
        found = user_of(key)
        assert isinstance(found, Staff)
        assert found.held_roles == {("responder", seoul.pk), ("auditor", None)}
    assert (found, found.name, found.last_login is None) == (staff, staff.name, False)


def test_nobody_stands_behind_the_session_of_somebody_who_left_or_has_a_new_password() -> None:
    left, changed, roleless = person("responder"), person("responder"), person()
    keys = [signed_in(one) for one in (left, changed, roleless)]
    people.leave(left)
    changed.set_password("an entirely new one")
    changed.save()
    assert [getattr(user_of(key), "is_authenticated", None) for key in keys] == [False, False, True]
    assert user_of(keys[2]).held_roles == frozenset()  # type: ignore[attr-defined]
