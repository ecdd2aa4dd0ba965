from __future__ import annotations

from typing import Any

import pytest
from django.conf import LazySettings
from django.contrib.auth import get_user
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import path

from bankside.people import sign_in
from bankside.people import staff as people
from bankside.people.models import Staff
from bankside.record.models import Entry
from bankside.record.projection import payload_of
from tests.people.team import person

pytestmark = pytest.mark.django_db

SECRET = "zeven sloten diep"


def door(request: HttpRequest) -> HttpResponse:
    """A bare way in, as small as one can be: allauth's form does the work."""
    from allauth.account.forms import LoginForm

    form = LoginForm(request.POST, request=request)
    if form.is_valid():
        answer: HttpResponse = form.login(request, redirect_url="/who/")
        return answer
    return HttpResponse("wrong", status=422)


def who(request: HttpRequest) -> HttpResponse:
    return HttpResponse(getattr(request.user, "email", "nobody"))


urlpatterns = [path("door/", door), path("who/", who)]


@pytest.fixture(autouse=True)
def _door(settings: LazySettings) -> None:
    settings.ROOT_URLCONF = __name__


@pytest.fixture
def minji() -> Staff:
    return people.add("minji@hanul.example", "김민지", role="author", password=SECRET)


def enter(client: Client, email: str = "minji@hanul.example", password: str = SECRET) -> Any:
    return client.post("/door/", {"login": email, "password": password})


def signed_in() -> list[Any]:
    return [payload_of(n) for n in Entry.objects.filter(fact="people.signed-in").values_list("n", flat=True)]


def test_somebody_who_was_added_gets_in_and_the_record_knows(client: Client, minji: Staff) -> None:
    assert enter(client, "Minji@Hanul.Example").status_code == 302
    assert client.get("/who/").content == b"minji@hanul.example"
    (fact,) = signed_in()
    assert (fact.staff, fact.by) == (minji.uid, "password")
    assert Entry.objects.get(fact="people.signed-in").type == "login"


@pytest.mark.parametrize(
    ("email", "password"),
    [("minji@hanul.example", "wrong"), ("nobody@hanul.example", SECRET), ("", ""), ("x", "y")],
)
def test_nobody_else_gets_in(client: Client, minji: Staff, email: str, password: str) -> None:
    assert enter(client, email, password).status_code == 422
    assert client.get("/who/").content == b"nobody"
    assert not signed_in()


def test_a_session_ends_when_its_owner_leaves(client: Client, minji: Staff) -> None:
    enter(client)
    people.leave(minji)
    assert client.get("/who/").content == b"nobody"
    assert enter(client).status_code == 422


def test_a_session_of_somebody_inactive_is_nobodys_even_if_the_password_stayed(
    client: Client, minji: Staff
) -> None:
    enter(client)
    Staff.objects.filter(pk=minji.pk).update(is_active=False)
    assert client.get("/who/").content == b"nobody"
    answer = enter(client)
    assert (answer.status_code, answer.get("Location")) == (302, "/sign-in/")
    assert client.get("/who/").content == b"nobody"


@pytest.mark.more
def test_after_too_many_wrong_passwords_the_door_stays_shut_for_a_while(client: Client, minji: Staff) -> None:
    for _ in range(7):
        assert enter(client, password="wrong").status_code == 422
    assert enter(client, password="wrong").status_code == 429
    shut = enter(client)
    assert (shut.status_code, shut["Retry-After"], shut.content) == (429, "900", b"wrong")
    other = people.add("daan@hanul.example", "Daan", password=SECRET)
    assert enter(client, other.email).status_code == 302


def test_nobody_signs_up() -> None:
    assert sign_in.StaffAdapter().is_open_for_signup(HttpRequest()) is False


def test_a_session_made_in_another_way_is_told_too(client: Client) -> None:
    staff = person("author")
    client.force_login(staff)
    assert get_user(client) == staff  # type: ignore[arg-type]
    assert signed_in()[0].by == "session"
