"""Coming in and going out: a ticket once, a visit beside staff's sign-in, and nobody else's pages."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from django.test import Client
from django.urls import URLPattern

from bankside import urls
from bankside.record import clock
from bankside.rewards import member as members
from bankside.rewards import visit
from bankside.rewards.models import Link
from tests.scene import Scene
from tests.web.visiting import NOW, her, link_of, phone, programme, words

At = Callable[[str], Client]
# Pages: what hangs on the database is tried with the room, on both.
pytestmark = [pytest.mark.django_db, pytest.mark.more]
OPEN = {
    "member-visit", "member-sign-out", "member-offline", "member-manifest", "member-worker", "member-proof",
    "member-code", None,
}  # fmt: skip


@pytest.fixture(autouse=True)
def _still() -> Iterator[None]:
    with clock.frozen(NOW):
        yield


def addresses() -> Iterator[tuple[str | None, str]]:
    """Every address of a member, with something in each place."""
    for one in urls.MEMBER:
        assert isinstance(one, URLPattern)
        route = str(one.pattern)
        for place, given in (
            ("<str:ticket>", "t"), ("<path:source>", "e:1"), ("<slug:side>", "front"),
            ("<slug:network>", "x"),
            ("<str:obj>", "o"), ("<str:number>", "n"), ("<str:state>", "s"), ("<str:token>", "t"),
            ("<str:code>", "c"),
        ):  # fmt: skip
            route = route.replace(place, given)
        assert "<" not in route
        yield one.name, f"/{route}"


def test_looking_at_a_ticket_uses_nothing_up_and_the_button_lets_in_once() -> None:
    who = her("ko")
    address = f"/m/visit/{visit.ticket(who)}/"
    for _ in range(2):  # an app that looks ahead, and she
        shown = Client().get(address)
        assert shown.status_code == 200 and who.name not in words(shown)
        assert shown["Cache-Control"] == "no-store"
    client = Client(headers={"Accept-Language": "nl"})
    assert client.post(address)["Location"] == "/m/"
    assert '<html lang="ko"' in words(client.get("/m/"))
    again = Client().post(address)
    assert again.status_code == 410 and "used up" in words(again)


def test_a_ticket_of_nobody_says_the_same() -> None:
    assert Client().get("/m/visit/x/").status_code == 200
    assert Client().post("/m/visit/x/").status_code == 410


def test_nothing_is_shown_or_done_without_a_visit() -> None:
    asked = [(name, address) for name, address in addresses() if name not in OPEN]
    assert len(asked) > 15
    for name, address in asked:
        for method in ("get", "post"):
            answer = getattr(Client(), method)(address)
            assert answer.status_code == 401, f"{method} {name}"
            assert "Nothing was changed." in words(answer)


def test_staff_are_no_members_and_members_no_staff(scene: Scene, at: At) -> None:
    staff = at("administrator")
    assert staff.get("/m/").status_code == 401
    client = phone(her())
    for desk in ("/conversations/", "/people/", "/record/", "/account/"):
        assert client.get(desk)["Location"].startswith("/sign-in/")
    assert client.get("/api/v1/desk").status_code == 401


def test_a_member_comes_in_beside_staff_and_each_goes_out_alone(scene: Scene, at: At) -> None:
    both = at("administrator")
    both.post(f"/m/visit/{visit.ticket(her())}/")
    assert both.get("/m/").status_code == both.get("/conversations/").status_code == 200
    gone = both.post("/m/sign-out/")
    assert gone["Clear-Site-Data"] == '"cache"'
    assert both.get("/m/").status_code == 401 and both.get("/conversations/").status_code == 200


def test_the_session_gets_another_name_when_she_comes_in_and_goes_out() -> None:
    client = Client()
    client.session.save()
    before = client.session.session_key
    client.cookies["session"] = before or ""
    client.post(f"/m/visit/{visit.ticket(her())}/")
    inside = client.session.session_key
    client.post("/m/sign-out/")
    assert len({before, inside, client.session.session_key}) == 3


def test_half_an_hour_without_a_page_ends_it_and_pages_in_between_do_not() -> None:
    client = phone(her())
    for minutes in (29, 58):
        with clock.frozen(NOW + minutes * 60_000):
            assert client.get("/m/").status_code == 200
    with clock.frozen(NOW + 89 * 60_000):
        late = client.post("/m/settings/pause/", {"on": "1"})
        assert late.status_code == 401 and "Nothing was changed." in words(late)


def test_who_leaves_is_out_on_every_phone_at_once() -> None:
    who = her()
    client = phone(who)
    members.leave(who)
    assert client.get("/m/").status_code == 401


def test_what_is_another_members_is_not_here() -> None:
    programme()
    who, other = her(), her(name="Other One")
    client, theirs = phone(who), link_of(other)
    for method, address in (
        ("get", f"/m/links/{theirs.obj}/removal/"), ("post", f"/m/links/{theirs.obj}/removal/"),
        ("get", "/m/activity/e:1/"), ("get", "/m/activity/e:1/appeal/"), ("post", "/m/spend/abc/return/"),
    ):  # fmt: skip
        answer = getattr(client, method)(address)
        assert answer.status_code == 404, address
        assert other.name not in words(answer) and theirs.handle not in words(answer)
    answer = client.post("/m/profile/switch/", {"switch": "count", "link": theirs.obj, "on": ""})
    assert answer.status_code == 404
    shown = client.get("/m/card/picture/front/", {"theme": "ink", "link": theirs.obj})
    assert shown.status_code == 404
    assert Link.objects.get(pk=theirs.pk).counts and not Link.objects.get(pk=theirs.pk).unlinked_at


def test_a_form_from_elsewhere_or_too_old_is_refused_on_a_calm_page() -> None:
    client = phone(her(), enforce_csrf_checks=False)
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = client.cookies
    refused = strict.post("/m/settings/pause/", {"on": "1"})
    assert refused.status_code == 403
    assert "member.css" in words(refused) and "desk.css" not in words(refused)


def test_a_wrong_address_never_shows_the_desk() -> None:
    for address in ("/m/nothing/", "/c/a/b/c"):
        missing = Client().get(address)
        assert missing.status_code == 404
        assert "member.css" in words(missing) and "desk.css" not in words(missing)
