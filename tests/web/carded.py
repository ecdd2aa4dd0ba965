"""One of everything of the card, for tests of its pages and its API: a programme, a member, cards, a flag."""

from __future__ import annotations

from typing import Any

from bankside.people import staff
from bankside.people.models import Staff
from bankside.rewards import appeal, card, offer, programme, redemption, reported, review
from bankside.rewards import member as members
from bankside.rewards.ledger import settle
from bankside.rewards.models import Member
from tests.rewards import joined, living
from tests.scene import Scene

DAY_MS = 86_400_000
HOLD_DAYS = 4


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
    living.live(living.SAMPLE)
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
    said = appeal.make(member, "r:terminal:1", "이건 제 글입니다")
    spent = redemption.redeem(member, "statement", 10, "spent-before")
    draft = programme.draft(who[0], name="second", text=living.SMALL)
    waiting = living.submitted(living.SMALL.replace('id = "', 'id = "x-'), "third")
    return {
        "member": member.obj, "link": link.obj, "asked": asked.obj, "approved": approved.obj,
        "carded": carded.obj, "flag": flag.obj, "proposed": proposed.obj, "appeal": said.obj,
        "spent": spent.obj, "draft": draft.obj, "waiting": waiting.obj, "sha256": waiting.sha256,
        "live": programme.live()[0].row.obj, "paused": members.pause(joined.member()).obj,
        "text": living.SMALL, "source": "r:terminal:1", "offer": _first_offer(member),
    }  # fmt: skip


def _first_offer(member: Member) -> str:
    return offer.offers_for(member).offers[0].offer.id
