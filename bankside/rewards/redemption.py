"""Spending points: money on a statement, a partner's code, a gift to a cause; and taking it back.

What leaves as money waits as a line until a file takes it; until then it can be undone, and the points come
back into the buckets that they came from. A code that was given cannot be taken back: somebody has seen it.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import Final

from django.db import connection, transaction

from bankside.people.models import Staff
from bankside.record import clock
from bankside.record.append import append
from bankside.record.facts.rewards import RedemptionUndone
from bankside.rewards import choices as listed
from bankside.rewards import granting, partner_codes
from bankside.rewards.choices import Choice, ChoiceGone, WrongAmount
from bankside.rewards.granting import AccountWrong, KeyUsed, Wish, source_of
from bankside.rewards.ledger import locks, spend
from bankside.rewards.ledger.spend import NotEnough
from bankside.rewards.member import reference_of
from bankside.rewards.models import Line, Member, PartnerCode, Redemption
from bankside.rewards.partner_codes import BadCode, Imported, NoCodesLeft, import_codes
from bankside.rewards.taking_part import acting, subj_of
from bankside.said import Said

__all__ = [
    "AccountWrong", "BadCode", "Choice", "ChoiceGone", "Imported", "KeyNeeded", "KeyUsed", "NoCodesLeft",
    "NoSuchRedemption", "NotEnough", "TooLate", "WrongAmount", "choices", "import_codes", "quote", "redeem",
    "redemptions_of", "undo",
]  # fmt: skip

ROWS_MAX: Final = 500


class KeyNeeded(ValueError):
    """Without a key nobody could tell a wish that comes again from another one."""


class NoSuchRedemption(LookupError):
    """She spent nothing of that name."""


class TooLate(ValueError):
    """It cannot be taken back any more."""


def choices() -> tuple[Choice, ...]:
    """What points can be spent on now, with what it is worth and how many codes are left; () before
    any programme was in force."""
    live = listed.live_now()
    if live is None:
        return ()
    left = partner_codes.left()
    return tuple(
        replace(
            one, currency=live.programme.currency, left=left.get(one.id, 0) if one.kind == "code" else None
        )
        for one in listed.listed()
    )


def quote(choice_id: str, points: int) -> int:
    """What so many points bring there, in minor units. Raises ChoiceGone, WrongAmount."""
    choice, live = listed.choice_of(choice_id, listed.live_now())
    return choice.worth(points, live.programme)


def redeem(
    member: Member, choice_id: str, points: int, key: str, *, by: Staff | None = None, account: str = ""
) -> Redemption:
    """Spends points; the same wish under the same key is spent once, for ever, and gives the same row.

    `by`: whose program asks and whose key it is; None is the member herself. Keys of others are other keys.
    Somebody at the bank alone can spend what a member left behind when she left; money then goes to
    `account`, the bank's own reference. Raises KeyNeeded, ChoiceGone, WrongAmount, NotEnough, NoCodesLeft,
    KeyUsed, NotTakingPart, NotYours, AccountWrong.
    """
    actor, whose = acting(member, by), by.actor if by else f"m:{member.obj}"
    wish = Wish(member, choice_id, points, _key(whose, key), actor, _account(account))
    if connection.in_atomic_block:
        return granting.alone(wish)
    done = granting.together.submit(wish)
    if isinstance(done, Exception):
        raise done
    return done


def _key(whose: str, key: str) -> str:
    """The key as it is kept. An empty one is none: it would be the same for every wish."""
    if not key:
        raise KeyNeeded(Said("Spending needs a key of its own, so that asked for twice it is done once."))
    return hashlib.sha256(f"{whose}|{key}".encode()).hexdigest()


def _account(given: str) -> str:
    try:
        return reference_of(given) if given else ""
    except ValueError as wrong:
        raise AccountWrong(*wrong.args) from None


def undo(member: Member, obj: str, reason: str = "hers", *, by: Staff | None = None) -> Redemption:
    """Puts the points back where they came from; twice is once.

    Raises NoSuchRedemption, TooLate, NotYours.
    """
    actor = acting(member, by)
    with transaction.atomic():
        locks.lock([member.pk])
        row = Redemption.objects.filter(member=member, obj=obj).first()
        if row is None:
            raise NoSuchRedemption(Said("There is no such thing among what you spent."))
        if row.state == Redemption.UNDONE:
            return row
        if not Line.objects.filter(source=source_of(row), file="").delete()[0]:
            raise TooLate(Said("It is on its way and cannot be taken back any more."))
        row.state, row.undone_at = Redemption.UNDONE, clock.now_ms()
        row.save(update_fields=["state", "undone_at"])
        spend.undo(source_of(row), row.undone_at)
        said = RedemptionUndone(redemption=row.obj, member=member.obj, reason=reason[:60])
        append(
            said, f"rewards.redemption-undone:{row.obj}", actor=actor, obj=row.obj,
            subj=subj_of(member),
        )  # fmt: skip
    return row


def redemptions_of(member: Member, limit: int = 50, *, with_codes: bool = True) -> list[Redemption]:
    """What she spent, newest first, with the files that took it; `with_codes`, for her alone: and with the
    codes that she was given, which are worth money to whoever reads them."""
    rows = list(Redemption.objects.filter(member=member).order_by("-pk")[: min(limit, ROWS_MAX)])
    codes = PartnerCode.objects.filter(redemption__in=[row.obj for row in rows if with_codes])
    given = {one.redemption: one for one in codes}
    files = Line.objects.filter(source__in=[source_of(row) for row in rows]).exclude(file="")
    out = dict(files.values_list("source", "file"))
    for row in rows:
        row.code = partner_codes.opened(given[row.obj]) if row.obj in given else ""
        row.file = out.get(source_of(row), "")
    return rows
