"""Wishes to spend points, granted together: those who ask at the same moment share one transaction.

What each may have is judged first, one after the other, and nothing is written for those that are refused.
A person waits for it: most of the time was the way to the database and back, and the wait for the record's
lane, which one transaction for all pays once.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
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
from bankside.rewards.ledger.journal import are_few
from bankside.rewards.models import Line, Member, Redemption
from bankside.rewards.programme import Live
from bankside.rewards.taking_part import HERSELF, NoSuchMember, refuse_unless_active, subjs_of
from bankside.said import Said

STATEMENT, GIFT = "statement-credit", "gift"
LINES: Final = {"statement": STATEMENT, "gift": GIFT}
TOGETHER_MAX: Final = 8  # wishes that are granted by one transaction


class KeyUsed(ValueError):
    """The key belongs to another wish."""


class AccountWrong(ValueError):
    """Money of a member who left needs an account to go to; anybody else's goes to her own."""


def source_of(row: Redemption) -> str:
    """The natural key of what was spent, in the journal and among the lines."""
    return f"x:{row.obj}"


class Wish(NamedTuple):
    """What a member wants, under a key that is not too long. `actor` is who does it: for somebody who left
    only the bank can, and money goes to an `account` that is named, since the desk has forgotten hers."""

    member: Member
    choice: str
    points: int
    key: str
    actor: str = HERSELF
    account: str = ""


def grant_all(wishes: Sequence[Wish]) -> list[Redemption | Exception]:
    """One durable transaction for all who ask at the same moment; each gets what came of her own wish."""
    try:
        with transaction.atomic(durable=True):
            return _redeemed(wishes)
    except IntegrityError:  # another process used one of the keys at the same moment; it is there now
        return [_tried(wish) for wish in wishes]


def _redeemed(wishes: Sequence[Wish]) -> list[Redemption | Exception]:
    """At once what can be; codes, and a key that comes again, one after the other."""
    known = _known(wishes)
    first = {wish.key: place for place, wish in reversed(list(enumerate(wishes)))}
    choices = listed.listed()
    codes = {choice.id for choice in choices if choice.kind == "code"}
    plain = [place for place in sorted(first.values()) if wishes[place].choice not in codes]
    done = dict(zip(plain, _at_once([wishes[place] for place in plain], choices, known), strict=True))
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
            [done] = _at_once([wish], listed.listed(), _known([wish]))
            if isinstance(done, Exception):
                raise done
            return done
    except IntegrityError as taken:  # somebody else, who is not locked, used the key at the same moment
        raise _key_used() from taken


# Half a millisecond at most, for as many as there were before: who went ahead let the others wait twice.
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
        on p.id = (select q.id from rewards_programme q where q.live_from > 0
                   order by q.state, q.ended_at desc, q.name, q.id desc limit 1)"""
_ON_POSTGRESQL: Final = _SPENDERS.format(wishes="unnest(%s::bigint[], %s::text[]) w(member, key)")
_ON_SQLITE: Final = _SPENDERS.format(
    wishes="(select value ->> 0 as member, value ->> 1 as key from json_each(%s)) w"
)


class _Known(NamedTuple):
    """Spenders by member and key, without members who are not there; and the subjects of members by obj."""

    spenders: dict[tuple[int, str], _Spender]
    subjs: Mapping[str, str]


def _known(wishes: Sequence[Wish]) -> _Known:
    """Locks the members, then asks for all that has to be known of them, without waiting in between."""
    members, keys = [wish.member.pk for wish in wishes], [wish.key for wish in wishes]
    with prepared.unanswered():
        locks.lock(members)
        if connection.vendor == "postgresql":
            values = [prepared.array(members), prepared.array(keys)]
            asked = prepared.Asked(_ON_POSTGRESQL, values, kept=True)
        else:
            asked = prepared.Asked(_ON_SQLITE, [json.dumps([*zip(members, keys, strict=True)])])
        subjs = subjs_of(wish.member for wish in wishes)
        return _Known({(row[0], row[1]): _Spender(*row) for row in asked.rows()}, subjs)


class _Plan(NamedTuple):
    """A wish that may be granted: its row, what it is for, who spends, and under which terms."""

    row: Redemption
    choice: Choice
    spender: _Spender
    live: Live
    wish: Wish


def _at_once(
    wishes: Sequence[Wish], choices: Sequence[Choice], known: _Known
) -> list[Redemption | Exception]:
    """What comes of wishes of locked members under different keys, one alone when it is for a code; for
    those that are refused nothing is written."""
    if not wishes:
        return []
    now = clock.now_ms()
    asked = [_asked(wish, known.spenders.get((wish.member.pk, wish.key)), choices, now) for wish in wishes]
    plans = [one for one in asked if isinstance(one, _Plan)]
    granted = iter(_granted(plans, known.subjs))
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
        if spender.status != Member.LEFT or wish.actor == HERSELF:
            refuse_unless_active(spender)
        choice, live = listed.choice_of(wish.choice, _live_of(spender), choices)
        _refuse_account(wish, choice, spender)
        value, currency = choice.worth(wish.points, live.programme), live.programme.currency
    except (ValueError, LookupError) as refused:
        return refused
    row = Redemption(
        member=wish.member, key=wish.key, choice=choice.id, points=wish.points, value=value,
        currency=currency, at=now,
    )  # fmt: skip
    return _Plan(row, choice, spender, live, wish)


def _refuse_account(wish: Wish, choice: Choice, spender: _Spender) -> None:
    wanted = choice.kind == "statement" and spender.status == Member.LEFT
    if wanted and not wish.account:
        raise AccountWrong(
            Said("She has left, and the desk has forgotten her account. Give the bank's reference of it.")
        )
    if wish.account and not wanted:
        raise AccountWrong(Said("Only money of a member who left goes to an account that is named here."))


def _granted(plans: Sequence[_Plan], subjs: Mapping[str, str]) -> list[Redemption | Exception]:
    """The rows of those who have the points, written by as few statements as it takes; or why not."""
    if not plans:
        return []
    judged = spend.judge([_spend(plan) for plan in plans], plans[0].live.programme.zone)
    outcomes = [one if isinstance(one, Exception) else None for one in judged.outcomes]
    paid = [plan for plan, refused in zip(plans, outcomes, strict=True) if refused is None]
    if paid:
        with prepared.unanswered() if are_few(judged.moves) else nullcontext():
            _write(judged, paid, [_told(plan, subjs) for plan in paid])
    return [refused or plan.row for plan, refused in zip(plans, outcomes, strict=True)]


def _write(judged: spend.Judged, paid: Sequence[_Plan], tell: Sequence[Draft]) -> None:
    insert(*[row for plan in paid for row in _rows(plan)])
    for plan in paid:
        if plan.choice.kind == "code":
            prepared.answers()  # the code is for the redemption's number
            plan.row.code = partner_codes.opened(partner_codes.take(plan.choice, plan.row))
    # At its end the record's lane is locked: all else is done before, and after it only the commit.
    spend.write(judged, tell=tell)


def _spend(plan: _Plan) -> spend.Spend:
    row = plan.row
    return spend.Spend(
        member=row.member_id, points=row.points, key=source_of(row), at=row.at,
        unit=plan.live.programme.unit, programme=plan.live.row.pk,
    )  # fmt: skip


def _told(plan: _Plan, subjs: Mapping[str, str]) -> Draft:
    row = plan.row
    said = PointsRedeemed(
        redemption=row.obj, member=row.member.obj, choice=row.choice, points=row.points, value=row.value,
        currency=row.currency,
    )  # fmt: skip
    return Draft(
        fact=said, key=f"rewards.points-redeemed:{row.obj}", actor=plan.wish.actor, obj=row.obj,
        subj=subjs[row.member.obj],
    )  # fmt: skip


def _rows(plan: _Plan) -> list[Model]:
    return [plan.row] if plan.choice.kind == "code" else [plan.row, _line(plan)]


def _line(plan: _Plan) -> Line:
    """Money to be paid out. A gift says whom it is for, and not who gives it."""
    row, choice, spender = plan.row, plan.choice, plan.spender
    statement = choice.kind == "statement"
    return Line(
        kind=LINES[choice.kind], source=source_of(row), member=row.member_id,
        account=(plan.wish.account or spender.customer_ref or "") if statement else "",
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
