"""The room Card as staff use it: a programme from its text to two agreements, review, studio, the owed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern

from bankside import urls
from bankside.people import policy
from bankside.people.models import Staff
from bankside.rewards import card, programme, review
from bankside.rewards.models import Card, Flag, Programme
from bankside.web import pages
from tests.rewards import joined, living
from tests.scene import Scene
from tests.web import carded
from tests.web.conftest import BACKEND

pytestmark = pytest.mark.more  # what hangs on the database is tried with the room, on both
Of = Callable[[str], Client]

# The name of an address, its method, the act that opens it, and what stands in it.
MATRIX = {
    "programmes": ("GET", "offer.see", ()),
    "programme-new": ("GET", "programme.write", ()),
    "programme-meaning": ("POST", "programme.write", ()),
    "programme": ("GET", "offer.see", ("live",)),
    "programme-draft": ("POST", "programme.write", ("draft",)),
    "programme-approval": ("POST", "programme.approve", ("waiting",)),
    "programme-return": ("POST", "programme.approve", ("waiting",)),
    "programme-retirement": ("POST", "programme.approve", ("live",)),
    "programme-dry-run": ("GET", "offer.see", ("live",)),
    "card-offers": ("GET", "offer.see", ()),
    "liability": ("GET", "liability.see", ()),
    "reviews": ("GET", "review.see", ()),
    "review": ("GET", "review.see", ("flag",)),
    "review-release": ("POST", "review.decide", ("flag",)),
    "review-proposal": ("POST", "review.decide", ("flag",)),
    "review-reversal": ("POST", "review.second", ("proposed",)),
    "appeal-answer": ("POST", "review.decide", ("appeal",)),
    "studio": ("GET", "member.see", ()),
    "studio-proof": ("GET", "member.see", ()),
    "studio-order": ("POST", "card.order", ()),
    "studio-card": ("GET", "member.see", ("asked", "=front")),
    "studio-decision": ("POST", "card.decide", ("asked",)),
    "members": ("GET", "member.see", ()),
    "member": ("GET", "member.see", ("member",)),
    "member-pausing": ("POST", "member.manage", ("member",)),
}


@pytest.fixture
def people(scene: Scene) -> dict[str, Staff]:
    """Somebody of each role in the whole desk."""
    return carded.deskwide(scene)


@pytest.fixture
def of(people: dict[str, Staff]) -> Of:
    """A browser in which somebody of this role has signed in."""

    def signed_in(role: str) -> Client:
        client = Client()
        client.force_login(people[role], backend=BACKEND)
        return client

    return signed_in


def text_of(response: Any) -> str:
    return str(response.content.decode())


def test_every_address_is_in_the_matrix() -> None:
    assert {str(one.name) for one in urls.CARD if isinstance(one, URLPattern)} == set(MATRIX)


def test_an_address_opens_to_its_roles_alone(scene: Scene, people: dict[str, Staff], of: Of, at: Of) -> None:
    on = carded.on_desk(scene)
    wrong = []
    for place, (name, (method, act, named)) in enumerate(MATRIX.items()):
        words = [one[1:] if one.startswith("=") else on[one] for one in named]
        address = pages.url(name, *words)
        may = sorted(role for role in people if role in policy.TABLE[act])
        may_not = sorted(people.keys() - set(may))
        shut = of(may_not[place % len(may_not)])
        if _ask(shut, method, address, on) not in {403, 404}:
            wrong.append((name, "open to", may_not[place % len(may_not)]))
        if _ask(Client(), method, address, on) != 302:
            wrong.append((name, "open to everybody"))
        status = _ask(of(may[place % len(may)]), method, address, on)
        if status in {403, 404} or status >= 500:
            wrong.append((name, may[place % len(may)], status))
    assert wrong == []
    assert at("author").get("/programmes/").status_code == 403  # only within a team


def _ask(client: Client, method: str, address: str, on: dict[str, Any]) -> int:
    given = {
        "text": on["text"], "sha256": on["sha256"], "why": "x", "reason": "x", "code": "automation",
        "words": "x", "decision": "approve", "pause": "yes",
    }  # fmt: skip
    return client.get(address).status_code if method == "GET" else client.post(address, given).status_code


def test_a_programme_from_its_text_to_two_agreements(scene: Scene, of: Of) -> None:
    author = of("author")
    wrong = living.SMALL.replace("text_len >= 20", "followers >= 20")
    page = text_of(author.post("/programmes/meaning/", {"text": wrong}))
    assert "line " in page and "followers" in page and "In plain words" not in page
    made = author.post("/programmes/new/", {"name": "social", "text": wrong})
    row = Programme.objects.get()
    assert made.status_code == 303 and made["Location"] == f"/programmes/{row.obj}/"
    refused = author.post(f"/programmes/{row.obj}/draft/", {"text": wrong, "submit": "yes"})
    assert refused.status_code == 422 and "It does not pass its check." in text_of(refused)
    assert "followers" in text_of(refused)
    author.post(f"/programmes/{row.obj}/draft/", {"text": living.SMALL, "submit": "yes"})
    row.refresh_from_db()
    assert row.state == Programme.WAITING
    for role, said in (("approver", "One more person is needed."), ("compliance", "It is in force.")):
        shown = text_of(of(role).get(f"/programmes/{row.obj}/"))
        assert "Agree to this text" in shown and row.sha256 in shown
        page = of(role).post(f"/programmes/{row.obj}/approval/", {"sha256": row.sha256}, follow=True)
        assert said in text_of(page)
    assert [one.row.obj for one in programme.live()] == [row.obj]


def test_neither_the_author_nor_the_same_person_twice_agrees(scene: Scene, of: Of) -> None:
    row = living.submitted()
    assert "Agree to this text" not in text_of(of("author").get(f"/programmes/{row.obj}/"))
    approver = of("approver")
    approver.post(f"/programmes/{row.obj}/approval/", {"sha256": row.sha256})
    again = approver.post(f"/programmes/{row.obj}/approval/", {"sha256": row.sha256})
    assert again.status_code in {403, 409}
    row.refresh_from_db()
    assert row.state == Programme.WAITING


def test_a_changed_text_is_not_agreed_to(scene: Scene, of: Of) -> None:
    row = living.submitted()
    answer = of("approver").post(f"/programmes/{row.obj}/approval/", {"sha256": "0" * 64})
    assert answer.status_code == 409
    row.refresh_from_db()
    assert not row.first


def test_a_dry_run_says_what_it_would_have_paid_and_posts_nothing(scene: Scene, of: Of) -> None:
    row = living.live(living.SAMPLE)
    assert "Nothing to try it on yet." in text_of(of("author").get(f"/programmes/{row.obj}/dry-run/"))
    member = joined.member()
    carded.acted(member, "terminal:1", "report")
    before = text_of(of("compliance").get("/liability/"))
    page = text_of(of("author").get(f"/programmes/{row.obj}/dry-run/"))
    assert "50 points to 1 member" in page and "scam-report" in page
    assert text_of(of("compliance").get("/liability/")) == before


def test_a_card_is_looked_at_approved_and_ordered(scene: Scene, of: Of) -> None:
    living.live(living.SAMPLE)
    member = joined.member()
    joined.linked(member, "minji")
    asked = card.ask(member, theme="ink")
    picture = of("approver").get(f"/studio/{asked.obj}/picture/front/")
    assert picture["Content-Type"] == "image/svg+xml" and b"<script" not in picture.content
    refused = of("approver").post(f"/studio/{asked.obj}/decision/", {"decision": "refuse"})
    assert refused.status_code == 422 and Card.objects.get().state == Card.ASKED
    of("approver").post(f"/studio/{asked.obj}/decision/", {"decision": "approve"})
    order = of("author").post("/studio/order/")
    assert order["Content-Type"] == "application/zip" and Card.objects.get().state == Card.ORDERED


def test_words_that_cannot_be_printed_are_refused_with_the_reason(scene: Scene, of: Of) -> None:
    answer = of("author").get("/studio/proof/", {"handle": "@аpple", "holder": "PARK MINJI"})
    assert answer.status_code == 422
    assert of("author").get("/studio/proof/", {"theme": "neon"}).status_code == 200  # the sample instead


def test_two_people_take_points_back_and_one_releases(scene: Scene, of: Of) -> None:
    on = carded.on_desk(scene)
    page = text_of(of("reviewer").get("/reviews/"))
    assert "r:terminal:2" in page and "이건 제 글입니다" in page
    of("reviewer").post(f"/reviews/{on['flag']}/release/", {"why": "이상 없음"})
    assert Flag.objects.get(obj=on["flag"]).state == Flag.RELEASED
    assert "Agree: take these points back" in text_of(of("approver").get(f"/reviews/{on['proposed']}/"))
    of("approver").post(f"/reviews/{on['proposed']}/reversal/")
    assert Flag.objects.get(obj=on["proposed"]).state == Flag.REVERSED
    of("reviewer").post(f"/appeals/{on['appeal']}/answer/", {"words": "맞습니다"})
    assert review.waiting(living.approvers()[0]) == []
    assert "Nobody is waiting." in text_of(of("reviewer").get("/reviews/"))


def test_what_is_owed_stands_by_day_and_month_and_as_csv(scene: Scene, of: Of) -> None:
    carded.on_desk(scene)
    page = text_of(of("compliance").get("/liability/"))
    assert "points can be spent" in page and "2031" in page
    table = of("auditor").get("/liability/", {"as": "csv"})
    assert table["Content-Type"].startswith("text/csv") and b"pt,available,2031-" in table.content


def test_the_rail_shows_the_room_to_the_whole_desk_alone(scene: Scene, of: Of, at: Of) -> None:
    assert 'href="/programmes/"' in text_of(of("author").get("/rail/"))
    assert 'href="/programmes/"' not in text_of(at("author").get("/rail/"))
    assert 'href="/programmes/"' not in text_of(of("responder").get("/rail/"))
