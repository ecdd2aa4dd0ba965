"""One of everything of the card, for tests of its pages and its API: a programme, a member, cards, a flag."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from django.db import transaction
from django.test import Client

from bankside.people import staff
from bankside.people.models import Staff
from bankside.record import clock
from bankside.rewards import (
    appeal,
    card,
    expiry_notice,
    offer,
    programme,
    redemption,
    reported,
    review,
    statement,
)
from bankside.rewards import member as members
from bankside.rewards.ledger import settle, spend
from bankside.rewards.ledger.days import Calendar
from bankside.rewards.models import Card, ExpiryNotice, Flag, Member, Order
from tests.rewards import joined, living
from tests.scene import Scene

DAY_MS = 86_400_000
# A desk that runs has the real clock: the offer that is for everybody must not end on a day.
_WITHOUT_DAYS = re.sub(r"^(from|to) = .*\n", "", living.SAMPLE, flags=re.MULTILINE)
HOLD_DAYS = 4


Of = Callable[[str], Client]
"""A browser in which somebody of a role has signed in."""


def text_of(response: Any) -> str:
    """The page that was answered."""
    return str(response.content.decode())


def deskwide(scene: Scene) -> dict[str, Staff]:
    """Somebody of each role in the whole desk: the room Card is no team's."""
    wanted = (
        "author", "approver", "reviewer", "compliance", "responder", "records-officer", "administrator",
        "auditor",
    )  # fmt: skip
    return {role: staff.add(f"kaart.{role}@hanulbank.example", f"Card {role}", role=role) for role in wanted}


def acted(member: Member, ref: str, kind: str = "feedback", **values: int) -> reported.Result:
    """What the bank's own system saw her do."""
    [result] = reported.take("s:card", [reported.Item(ref=ref, member=member.obj, kind=kind, values=values)])
    return result


def on_desk(scene: Scene) -> dict[str, Any]:
    """Names of things, each where the next act on it is allowed."""
    living.live(_WITHOUT_DAYS)
    member = joined.member(interests=("coffee",))
    link = joined.linked(member, "minji")
    who = living.author(), living.approvers()
    asked = card.ask(member, theme="ink")
    carded = joined.member()
    joined.linked(carded, "eunji")
    approved = card.decide(who[1][0], card.ask(carded, theme="paper").obj, True)
    acted(member, "terminal:1", "report")
    settle.settle_due(scene.moment + HOLD_DAYS * DAY_MS, zone="Asia/Seoul")
    acted(member, "terminal:2", "quiz")
    flag = review.raise_by_hand(living.approvers()[1], member, "r:terminal:2", why="두 번 눌렀습니다")
    acted(member, "terminal:3", "poll")
    proposed = review.raise_by_hand(living.approvers()[1], member, "r:terminal:3", why="自动化")
    review.propose(living.approvers()[1], proposed.obj, code="automation", why="dezelfde seconde")
    wrong = [_reversed(member, f"terminal:{n}") for n in (4, 5)]
    review.propose_restoring(living.approvers()[1], wrong[1].obj, why="toch echt")
    said = appeal.make(member, "r:terminal:1", "이건 제 글입니다")
    redemption.redeem(member, "statement", 5, "out already")
    file = statement.make(None, "statement-credit", "monday").file
    spent = redemption.redeem(member, "statement", 10, "spent-before")
    ordered = joined.member()
    joined.linked(ordered, "sori")
    out = card.decide(who[1][0], card.ask(ordered, theme="ink").obj, True)
    Card.objects.filter(pk=out.pk).update(state=Card.ORDERED)
    order = Order.objects.create(key="on-desk", made_at=scene.moment, cards=1, sha256="0" * 64)
    draft = programme.draft(who[0], name="second", text=living.SMALL)
    waiting = living.submitted(living.SMALL.replace('id = "', 'id = "x-'), "third")
    return {
        "member": member.obj, "link": link.obj, "asked": asked.obj, "approved": approved.obj,
        "carded": carded.obj, "flag": flag.obj, "proposed": proposed.obj, "appeal": said.obj,
        "reversed": wrong[0].obj, "restoring": wrong[1].obj,
        "file": file.obj, "spent": spent.obj, "ordered": out.obj, "order": order.obj, "holder": ordered.obj,
        "draft": draft.obj, "waiting": waiting.obj, "sha256": waiting.sha256,
        "live": programme.live()[0].row.obj, "paused": members.pause(joined.member()).obj,
        "text": living.SMALL, "source": "r:terminal:1", "offer": _first_offer(member),
        "notice": noticed(member).obj,
    }  # fmt: skip


def noticed(member: Member, *, months: int = 1, points: int = 120) -> ExpiryNotice:
    """She has points that expire so many months from now, and is told of it."""
    now = clock.now_ms()
    expires = Calendar("Asia/Seoul").month(now) + months
    with transaction.atomic():
        spend.credit(
            member.pk, "pt", points, source=f"n:{member.pk}:{months}", rule="gift", at=now, expires=expires
        )
    expiry_notice.write(now)
    return ExpiryNotice.objects.filter(member=member).latest("month")


def _reversed(member: Member, ref: str) -> Flag:
    acted(member, ref, "event")
    one, two = living.approvers()
    flag = review.raise_by_hand(two, member, f"r:{ref}", why="이상합니다")
    review.propose(two, flag.obj, code="automation", why="dezelfde seconde")
    return review.reverse(one, flag.obj)


def _first_offer(member: Member) -> str:
    return offer.offers_for(member).offers[0].offer.id
