"""Wishes to spend points, granted together: those who ask at the same moment share one transaction.

What each may have is judged first, one after the other, and nothing is written for those that are refused.
A person waits for it: most of the time was the way to the database and back, and the wait for the record's
lane, which one transaction for all pays once.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from django.db import IntegrityError, connection, transaction
from django.db.models import Model

from bankside.record import clock, prepared
from bankside.record.append import Draft
from bankside.record.committer import Committer
from bankside.record.facts.rewards import PointsRedeemed
from bankside.rewards import choices as listed
from bankside.rewards import partner_codes
from bankside.rewards.choices import Choice
from bankside.rewards.inserted import insert
from bankside.rewards.ledger import locks, spend
from bankside.rewards.ledger.candidate import PARTICIPATION
from bankside.rewards.models import Line, Member, Redemption
from bankside.rewards.programme import Live
from bankside.rewards.taking_part import NoSuchMember, actor_of, refuse_unless_active, subjs_of
from bankside.said import Said

STATEMENT, GIFT = "statement-credit", "gift"
LINES: Final = {"statement": STATEMENT, "gift": GIFT}
TOGETHER_MAX: Final = 8  # wishes that are granted by one transaction


class KeyUsed(ValueError):
    """The key belongs to another wish."""


def source_of(row: Redemption) -> str:
    """The natural key of what was spent, in the journal and among the lines."""
    return f"x:{row.obj}"


class Wish(NamedTuple):
    """What a member wants, under a key that is not too long."""

    member: Member
    choice: str
    points: int
    key: str


def grant_all(wishes: Sequence[Wish]) -> list[Redemption | Exception]:
    """One durable transaction for all who ask at the same moment; each gets what came of her own wish."""
    try:
        with transaction.atomic(durable=True):
            return _redeemed(wishes)
    except IntegrityError:  # another process used one of the keys at the same moment; it is there now
        return [_tried(wish) for wish in wishes]


def _redeemed(wishes: Sequence[Wish]) -> list[Redemption | Exception]:
    """At once what can be; codes, and a key that comes again, one after the other."""
    locks.lock(wish.member.pk for wish in wishes)
    first = {wish.key: place for place, wish in reversed(list(enumerate(wishes)))}
    choices = listed.listed()
    codes = {choice.id for choice in choices if choice.kind == "code"}
    plain = [place for place in sorted(first.values()) if wishes[place].choice not in codes]
    done = dict(zip(plain, _at_once([wishes[place] for place in plain], choices), strict=True))
    return [done[place] if place in done else _tried(wish) for place, wish in enumerate(wishes)]


def _tried(wish: Wish) -> Redemption | Exception:
    try:
        return alone(wish)
    except (ValueError, LookupError) as refused:  # what the database could not do fails for all
        return refused


def alone(wish: Wish) -> Redemption:
    """All of it or nothing. Raises what `redeem` raises."""
    try:
        with transaction.atomic():
            locks.lock([wish.member.pk])
            [done] = _at_once([wish], listed.listed())
            if isinstance(done, Exception):
                raise done
            return done
    except IntegrityError as taken:  # somebody else, who is not locked, used the key at the same moment
        raise _key_used() from taken


# Half a millisecond: with none, one went ahead and the others waited for it and then for one another.
together: Committer[Wish, Redemption | Exception] = Committer(grant_all, wait_ms=0.5, batch_max=TOGETHER_MAX)


class _Spender(NamedTuple):
    """Whoever spends, as she is now: her card's token, the redemption that has the key, the programme."""

    member: int
    key: str
    status: str
    customer_ref: str | None
    token_ref: str | None
    known: int | None
    version: int | None
    sha256: str | None


_SPENDERS: Final = """
    select w.member, w.key, m.status, m.customer_ref,
        (select c.token_ref from rewards_card c where c.member_id = m.id and c.state = 'active'
         order by c.id desc limit 1),
        (select r.id from rewards_redemption r where r.key = w.key), p.id, p.sha256
    from {wishes} join rewards_member m on m.id = w.member left join rewards_programme p
        on p.id = (select q.id from rewards_programme q where q.state = 'live' order by q.name limit 1)"""
_ON_POSTGRESQL: Final = _SPENDERS.format(wishes="unnest(%s::bigint[], %s::text[]) w(member, key)")
_ON_SQLITE: Final = _SPENDERS.format(
    wishes="(select value ->> 0 as member, value ->> 1 as key from json_each(%s)) w"
)


def _spenders(wishes: Sequence[Wish]) -> dict[tuple[int, str], _Spender]:
    """One statement for all that has to be known, once they are locked; without members who are not there."""
    members, keys = [wish.member.pk for wish in wishes], [wish.key for wish in wishes]
    with prepared.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(_ON_POSTGRESQL, [prepared.array(members), prepared.array(keys)])
        else:
            cursor.execute(_ON_SQLITE, [json.dumps([*zip(members, keys, strict=True)])])
        return {(row[0], row[1]): _Spender(*row) for row in cursor.fetchall()}


class _Plan(NamedTuple):
    """A wish that may be granted: its row, what it is for, who spends, and under which terms."""

    row: Redemption
    choice: Choice
    spender: _Spender
    live: Live


def _at_once(wishes: Sequence[Wish], choices: Sequence[Choice]) -> list[Redemption | Exception]:
    """What comes of wishes of locked members under different keys, one alone when it is for a code; for
    those that are refused nothing is written."""
    if not wishes:
        return []
    spenders, now = _spenders(wishes), clock.now_ms()
    asked = [_asked(wish, spenders.get((wish.member.pk, wish.key)), choices, now) for wish in wishes]
    plans = [one for one in asked if isinstance(one, _Plan)]
    granted = iter(_granted(plans))
    return [next(granted) if isinstance(one, _Plan) else one for one in asked]


def _asked(
    wish: Wish, spender: _Spender | None, choices: Sequence[Choice], now: int
) -> _Plan | Redemption | Exception:
    """What a wish asks for; what the same wish got before; or why not."""
    try:
        if spender is None:
            raise NoSuchMember(Said("There is no such member."))
        if spender.known is not None:
            return partner_codes.with_code(_same(Redemption.objects.get(pk=spender.known), wish))
        refuse_unless_active(spender)
        choice, live = listed.choice_of(wish.choice, _live_of(spender), choices)
        value, currency = choice.worth(wish.points, live.programme), live.programme.currency
    except (ValueError, LookupError) as refused:
        return refused
    row = Redemption(
        member=wish.member, key=wish.key, choice=choice.id, points=wish.points, value=value,
        currency=currency, at=now,
    )  # fmt: skip
    return _Plan(row, choice, spender, live)


def _granted(plans: Sequence[_Plan]) -> list[Redemption | Exception]:
    """The rows of those who have the points, written by as few statements as it takes; or why not."""
    if not plans:
        return []
    judged = spend.judge([_spend(plan) for plan in plans], plans[0].live.programme.zone)
    outcomes = [one if isinstance(one, Exception) else None for one in judged.outcomes]
    paid = [plan for plan, refused in zip(plans, outcomes, strict=True) if refused is None]
    if paid:
        insert(*[row for plan in paid for row in _rows(plan)])
        for plan in paid:
            if plan.choice.kind == "code":
                plan.row.code = partner_codes.opened(partner_codes.take(plan.choice, plan.row))
        # At its end the record's lane is locked: all else is done before, and after it only the commit.
        subjs = subjs_of(plan.row.member for plan in paid)
        spend.write(judged, tell=[_told(plan.row, subjs) for plan in paid])
    return [refused or plan.row for plan, refused in zip(plans, outcomes, strict=True)]


def _spend(plan: _Plan) -> spend.Spend:
    row = plan.row
    return spend.Spend(
        member=row.member_id, points=row.points, key=source_of(row), at=row.at,
        unit=plan.live.programme.unit, programme=plan.live.row.pk,
    )  # fmt: skip


def _told(row: Redemption, subjs: Mapping[str, str]) -> Draft:
    said = PointsRedeemed(
        redemption=row.obj, member=row.member.obj, choice=row.choice, points=row.points, value=row.value,
        currency=row.currency,
    )  # fmt: skip
    return Draft(
        fact=said, key=f"rewards.points-redeemed:{row.obj}", actor=actor_of(row.member), obj=row.obj,
        subj=subjs[row.member.obj],
    )  # fmt: skip


def _rows(plan: _Plan) -> list[Model]:
    return (
        [plan.row] if plan.choice.kind == "code" else [plan.row, _line(plan.spender, plan.choice, plan.row)]
    )


def _line(spender: _Spender, choice: Choice, row: Redemption) -> Line:
    """Money to be paid out. A gift says whom it is for, and not who gives it."""
    statement = choice.kind == "statement"
    return Line(
        kind=LINES[choice.kind], source=source_of(row), member=row.member_id,
        account=(spender.customer_ref or "") if statement else "",
        cause="" if statement else choice.cause,
        token_ref=(spender.token_ref or "") if statement else "", amount=row.value, currency=row.currency,
        origin=PARTICIPATION, at=row.at,
    )  # fmt: skip


def _same(known: Redemption, wish: Wish) -> Redemption:
    if (known.member_id, known.choice, known.points) != (wish.member.pk, wish.choice, wish.points):
        raise _key_used()
    return known


def _key_used() -> KeyUsed:
    return KeyUsed(Said("This was used before, for something else. Nothing was spent now."))


def _live_of(spender: _Spender) -> Live | None:
    """The same, of which the number is known: its terms are read once, as a version never changes."""
    if spender.version is None or spender.sha256 is None:
        return None
    wanted = (spender.version, spender.sha256)
    if wanted not in _lives:
        live = listed.live_now()
        if live is None or (live.row.pk, live.row.sha256) != wanted:
            return live
        _lives.clear()
        _lives[wanted] = live
    return _lives[wanted]


_lives: dict[tuple[int, str], Live] = {}
