"""The room Card as staff use it: a programme from its text to two agreements, review, studio, the owed."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import URLPattern

from bankside import urls
from bankside.people import policy
from bankside.people.models import Staff
from bankside.record import clock
from bankside.rewards import appeal, card, programme, rehearsal, review
from bankside.rewards import member as members
from bankside.rewards.ledger import spend
from bankside.rewards.models import Card, Flag, Order, Programme
from bankside.web import pages
from bankside.web.staff import studio
from bankside.web.staff.frame import CARD_VIEWS
from tests.rewards import carried, joined, living
from tests.scene import Scene
from tests.web import carded
from tests.web.caller import Caller
from tests.web.carded import Of, text_of

pytestmark = pytest.mark.more  # what hangs on the database is tried with the room, on both
WHY = "weekly order for the bureau"

# The name of an address, its method, the act that opens it (either of two), and what stands in it.
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
    "review-restoring": ("POST", "review.decide", ("reversed",)),
    "review-restoration": ("POST", "review.second", ("restoring",)),
    "review-new": ("POST", "review.decide", ("member",)),
    "appeal-answer": ("POST", "review.decide", ("appeal",)),
    "spending": ("GET", "spending.manage|values.export", ()),
    "spending-make": ("POST", "spending.manage", ()),
    "spending-file": ("POST", "spending.manage", ("file",)),
    "spending-values": ("POST", "values.export", ()),
    "spending-codes": ("POST", "spending.manage", ()),
    "studio": ("GET", "member.see", ()),
    "studio-proof": ("GET", "member.see", ()),
    "studio-order": ("POST", "card.order", ()),
    "card-orders": ("GET", "member.see", ()),
    "card-order": ("GET", "member.see", ("order",)),
    "card-order-file": ("POST", "card.order", ("order",)),
    "studio-card": ("GET", "member.see", ("asked", "=front")),
    "studio-decision": ("POST", "card.decide", ("asked",)),
    "members": ("GET", "member.see", ()),
    "member": ("GET", "member.see", ("member",)),
    "member-spending": ("POST", "member.manage", ("member",)),
    "member-pausing": ("POST", "member.manage", ("member",)),
    "member-details": ("POST", "member.manage", ("member",)),
    "card-activation": ("POST", "member.manage", ("ordered",)),
    "card-end": ("POST", "member.manage", ("asked",)),
}


def test_every_address_is_in_the_matrix() -> None:
    assert {str(one.name) for one in urls.CARD if isinstance(one, URLPattern)} == set(MATRIX)


def test_an_address_opens_to_its_roles_alone(scene: Scene, people: dict[str, Staff], of: Of, at: Of) -> None:
    on = carded.on_desk(scene)
    wrong = []
    for place, (name, (method, act, named)) in enumerate(MATRIX.items()):
        words = [one[1:] if one.startswith("=") else on[one] for one in named]
        address = pages.url(name, *words)
        may = sorted({role for one in act.split("|") for role in people if role in policy.TABLE[one]})
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
        "words": "x", "decision": "approve", "pause": "yes", "cards": "1", "kind": "statement-credit",
        "year": "2026", "choice": "statement" if "/members/" in address else "coffee", "points": "10",
        "source": on["source"],
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


def test_a_dry_run_that_could_not_reach_all_days_says_so(
    scene: Scene, of: Of, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = living.live(living.SAMPLE)
    member = joined.member()
    carded.acted(member, "terminal:1", "report")
    monkeypatch.setattr(rehearsal, "ACTS_MAX", 1)
    with clock.frozen(scene.moment + 3 * carded.DAY_MS):
        carded.acted(member, "terminal:2", "quiz")
        page = text_of(of("author").get(f"/programmes/{row.obj}/dry-run/"))
    assert "Not all of it was tried." in page
    assert "Members did too much for 30 days on one page. Left out is 1 act in the days before these." in page
    assert "In the last 3 days this text would have paid 10 points to 1 member." in page


def test_a_card_is_looked_at_approved_ordered_drawn_and_taken(scene: Scene, of: Of) -> None:
    living.live(living.SAMPLE)
    member = joined.member()
    joined.linked(member, "minji")
    asked = card.ask(member, theme="ink")
    picture = of("approver").get(f"/studio/{asked.obj}/picture/front/")
    assert picture["Content-Type"] == "image/svg+xml" and b"<script" not in picture.content
    refused = of("approver").post(f"/studio/{asked.obj}/decision/", {"decision": "refuse"})
    assert refused.status_code == 422 and Card.objects.get().state == Card.ASKED
    of("approver").post(f"/studio/{asked.obj}/decision/", {"decision": "approve"})
    author = of("author")
    assert "1 approved card waits to be ordered." in text_of(author.get("/studio/"))
    assert author.post("/studio/order/", {"cards": "none"}).status_code == 422
    for _ in range(2):  # the same form twice
        sent = author.post("/studio/order/", {"cards": "1", "key": "form"})
    order = Order.objects.get()
    assert sent["Location"] == f"/studio/orders/{order.obj}/"
    assert "0 of 1 cards drawn" in text_of(author.get(sent["Location"]))
    assert author.post(f"/studio/orders/{order.obj}/file/", {"reason": WHY}).status_code == 422
    carried.work(order)
    assert Card.objects.get().state == Card.ORDERED
    far = text_of(author.get(sent["Location"], headers={"HX-Request": "true"}))
    assert "Take it as a ZIP" in far and "<html" not in far
    assert "Take it as a ZIP" not in text_of(of("auditor").get(sent["Location"]))
    missing = author.post(f"/studio/orders/{order.obj}/file/")  # no reason, no file
    assert missing.status_code == 422 and "what the file is for" in text_of(missing)
    bodies = set()
    for _ in range(2):
        taken = author.post(f"/studio/orders/{order.obj}/file/", {"reason": WHY})
        bodies.add(b"".join(taken.streaming_content))
        assert taken["Content-Type"] == "application/zip"
    assert len(bodies) == 1 and bodies.pop().startswith(b"PK")
    assert "can be taken" in text_of(author.get("/studio/orders/"))


def test_the_studio_shows_a_page_of_those_who_wait_whatever_their_number(
    scene: Scene, of: Of, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(studio, "WAITING_PER_PAGE", 2)
    waiting = [carried.asked() for _ in range(5)]
    client = of("approver")

    def asked_for(page: Any) -> list[str]:
        return [one.obj for one in waiting if one.obj in text_of(page)]

    with CaptureQueriesContext(connection) as first:
        page = client.get("/studio/")
    assert asked_for(page) == [one.obj for one in waiting[:2]] and ">5</span>" in text_of(page)
    assert f"/studio/?after={waiting[1].pk}" in text_of(page)
    with CaptureQueriesContext(connection) as last:
        page = client.get("/studio/", {"after": waiting[3].pk})
    assert asked_for(page) == [waiting[4].obj] and "?after=" not in text_of(page)
    assert len(last) <= len(first)


def test_words_that_cannot_be_printed_are_refused_beside_their_field(scene: Scene, of: Of) -> None:
    client = of("author")
    words = {"handle": "@аpple", "holder": "PARK MINJI"}
    page = text_of(client.get("/studio/", words))
    why = 'id="why-handle" role="status">This mixes letters of several scripts'
    assert why in page and 'id="why-holder" role="status"></p>' in page and "/studio/proof/" not in page
    assert client.get("/studio/proof/", words).status_code == 422
    page = text_of(client.get("/studio/", {"handle": "@minji", "holder": "x" * 27}))
    assert "A name on a card has at most 26 characters." in page
    assert client.get("/studio/proof/", {"theme": "neon"}).status_code == 200  # the sample instead
    assert "/studio/proof/" in text_of(client.get("/studio/"))


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
    of("approver").post(f"/reviews/{on['restoring']}/restoration/")
    assert "Nobody is waiting." in text_of(of("reviewer").get("/reviews/"))


def test_two_people_give_points_back_when_an_appeal_is_right(scene: Scene, of: Of) -> None:
    on = carded.on_desk(scene)
    appeal.make(members.get(on["member"]), "r:terminal:3", "정말 제가 했습니다")
    of("approver").post(f"/reviews/{on['proposed']}/reversal/")
    page = text_of(of("reviewer").get("/reviews/"))
    assert f'href="/reviews/{on["proposed"]}/"' in page and "How it was decided" in page
    assert "Propose to give the points back" in text_of(of("reviewer").get(f"/reviews/{on['proposed']}/"))
    of("reviewer").post(f"/reviews/{on['proposed']}/restoring/", {"why": "로그에 있습니다"})
    assert "Agree: give these points back" not in text_of(of("reviewer").get(f"/reviews/{on['proposed']}/"))
    assert "로그에 있습니다" in text_of(of("approver").get("/reviews/"))
    assert "Agree: give these points back" in text_of(of("approver").get(f"/reviews/{on['proposed']}/"))
    done = of("approver").post(f"/reviews/{on['proposed']}/restoration/", follow=True)
    assert "Given back. The member is told." in text_of(done)
    assert "Given back." in text_of(of("reviewer").get(f"/reviews/{on['proposed']}/"))


def test_somebody_has_an_act_reviewed_from_the_page_of_its_member(scene: Scene, of: Of) -> None:
    on = carded.on_desk(scene)
    address = f"/members/{on['member']}/"
    assert "Have it reviewed" in text_of(of("reviewer").get(address))
    assert "Have it reviewed" not in text_of(of("author").get(address))
    asked = of("reviewer").post(f"{address}reviews/", {"source": on["source"], "why": "전화가 왔습니다"})
    flag = Flag.objects.get(source=on["source"])
    assert asked["Location"] == f"/reviews/{flag.obj}/" and flag.reasons == ["by-hand"]


def test_what_is_owed_stands_by_day_and_month_and_as_csv(scene: Scene, of: Of) -> None:
    carded.on_desk(scene)
    page = text_of(of("compliance").get("/liability/"))
    assert "points can be spent" in page and "2031" in page
    table = of("auditor").get("/liability/", {"as": "csv"})
    assert table["Content-Type"].startswith("text/csv") and b"pt,available,2031-" in table.content


def test_what_was_owed_at_the_end_of_a_day_and_credits_of_offers(scene: Scene, of: Of) -> None:
    on = carded.on_desk(scene)
    who, auditor = members.get(on["member"]), of("auditor")
    with transaction.atomic():
        spend.credit(who.pk, "KRW", 1_234, source="o:1", rule="cafe", at=scene.moment)
    assert "From offers, not yet on a statement: ₩1,234." in text_of(auditor.get("/liability/"))
    before = auditor.get("/liability/", {"as_of": "2020-01-31"})
    assert "Nothing is owed." in text_of(before) and "as_of=2020-01-31" in text_of(before)
    csv = text_of(auditor.get("/liability/", {"as_of": "2020-01-31", "as": "csv"}))
    assert csv.strip() == "unit,state,due,points,members"
    for typed in ("2020-02-31", "x", "9999-12-31", "0001-01-01"):
        wrong = auditor.get("/liability/", {"as_of": typed})
        assert wrong.status_code == 422 and "Write a day as 2026-11-30." in text_of(wrong)
    caller = Caller(living.approvers()[1])
    status, then = caller.ask("GET", "/ledger/liability?as_of=2020-01-31T00:00:00Z")
    assert (status, then["items"]) == (200, []) and caller.ask("GET", "/ledger/liability")[1]["items"]
    assert caller.ask("GET", "/ledger/liability?as_of=yesterday")[0] == 422


def test_credits_alone_are_owed_too(scene: Scene, of: Of) -> None:
    living.live(living.SAMPLE)
    with transaction.atomic():
        spend.credit(joined.member().pk, "KRW", 500, source="o:1", rule="cafe", at=scene.moment)
    page = text_of(of("auditor").get("/liability/"))
    assert "₩500" in page and "Nothing is owed." not in page


def test_what_ended_says_so_and_offers_say_how_often(scene: Scene, of: Of) -> None:
    first, _ = living.live(living.SAMPLE), living.live(living.SAMPLE.replace("72h", "96h"))
    page = text_of(of("author").get(f"/programmes/{first.obj}/"))
    assert "Ended:" in page and "A later version took its place." in page and "Sent back" not in page
    last = programme.live()[0].row
    programme.retire(living.approvers()[0], last.obj, reason="It is over.")
    assert "It is over." in text_of(of("author").get(f"/programmes/{last.obj}/"))
    living.live(living.SAMPLE)
    assert "each week" in text_of(of("author").get("/offers/"))


def test_the_rail_shows_the_room_to_the_whole_desk_alone(scene: Scene, of: Of, at: Of) -> None:
    assert 'href="/programmes/"' in text_of(of("author").get("/rail/"))
    assert 'href="/programmes/"' not in text_of(at("author").get("/rail/"))
    assert 'href="/programmes/"' not in text_of(of("responder").get("/rail/"))


@pytest.mark.parametrize("role", sorted(set(policy.ROLES) - {policy.KEY_CUSTODIAN}))
def test_the_views_that_are_shown_are_those_that_open(scene: Scene, of: Of, role: str) -> None:
    """A scene has no key custodian."""
    client, names = of(role), [name for _, name, _, _ in CARD_VIEWS]
    opened = {name: client.get(pages.url(name)) for name in names}
    good = [name for name, answer in opened.items() if answer.status_code == 200]
    assert all(answer.status_code in (200, 403) for answer in opened.values())
    for name in good:
        _, _, row = text_of(opened[name]).partition('class="seg views"')
        row, _, _ = row.partition("</nav>")
        assert [one for one in names if f'href="{pages.url(one)}"' in row] == good, name
        assert row.count('aria-current="page"') == 1
