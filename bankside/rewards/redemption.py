"""Spending points: money on a statement, a partner's code, a gift to a cause; and taking it back.

What leaves as money waits as a line until a file takes it; until then it can be undone, and the points come
back into the buckets that they came from. A code that was given cannot be taken back: somebody has seen it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final, NamedTuple

from django.db import IntegrityError, connection, transaction
from django.db.models import Count

from bankside.people import policy
from bankside.people.models import Staff
from bankside.record import clock, prepared, sealed
from bankside.record.append import Draft, append
from bankside.record.committer import Committer
from bankside.record.facts.rewards import CodesImported, PointsRedeemed, RedemptionUndone
from bankside.rewards import choices as listed
from bankside.rewards import programme as programmes
from bankside.rewards.choices import Choice, WrongAmount
from bankside.rewards.inserted import insert
from bankside.rewards.ledger import locks, spend
from bankside.rewards.ledger.candidate import PARTICIPATION
from bankside.rewards.ledger.spend import NotEnough
from bankside.rewards.models import Line, Member, PartnerCode, Redemption
from bankside.rewards.payments import card_number
from bankside.rewards.programme import Live
from bankside.rewards.taking_part import NoSuchMember, actor_of, refuse_unless_active, subj_of
from bankside.said import Said

__all__ = [
    "BadCode", "Choice", "ChoiceGone", "Imported", "KeyUsed", "NoCodesLeft", "NoSuchRedemption", "NotEnough",
    "TooLate", "WrongAmount", "choices", "import_codes", "quote", "redeem", "redemptions_of", "undo",
]  # fmt: skip

STATEMENT, GIFT = "statement-credit", "gift"
LINES: Final = {"statement": STATEMENT, "gift": GIFT}
KEY_CHARACTERS_MAX: Final = 80
CODE_CHARACTERS_MAX: Final = 64
CODES_MAX: Final = 10_000
ROWS_MAX: Final = 500
SEALED: Final = "card"
_TAKE_CODE: Final = """
    update rewards_partner_code set redemption = %%s where id = (
        select id from rewards_partner_code where choice = %%s and redemption is null
        order by id limit 1%s) returning digest, sealed"""


class ChoiceGone(LookupError):
    """Points cannot be spent on this, or not any more."""


class NoCodesLeft(ValueError):
    """All codes of the partner were given."""


class KeyUsed(ValueError):
    """The key belongs to another wish."""


class NoSuchRedemption(LookupError):
    """She spent nothing of that name."""


class TooLate(ValueError):
    """It cannot be taken back any more."""


class BadCode(ValueError):
    """Something that was imported is no code."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """How many codes were new, and how many were there already."""

    new: int
    known: int


def choices() -> tuple[Choice, ...]:
    """What points can be spent on now, with what it is worth and how many codes are left; () while no
    programme is in force."""
    live = _live()
    if live is None:
        return ()
    left = _codes_left()
    return tuple(
        replace(
            one, currency=live.programme.currency, left=left.get(one.id, 0) if one.kind == "code" else None
        )
        for one in listed.listed()
    )


def quote(choice_id: str, points: int) -> int:
    """What so many points bring there, in minor units. Raises ChoiceGone, WrongAmount."""
    choice, live = _choice(choice_id, _live())
    return choice.worth(points, live.programme)


def redeem(member: Member, choice_id: str, points: int, key: str) -> Redemption:
    """Spends points; the same wish under the same key is spent once, and gives the same row.

    Raises ChoiceGone, WrongAmount, NotEnough, NoCodesLeft, KeyUsed, NotTakingPart.
    """
    key = key if 0 < len(key) <= KEY_CHARACTERS_MAX else hashlib.sha256(key.encode()).hexdigest()
    wish = Wish(member, choice_id, points, key)
    if connection.vendor == "postgresql" or connection.in_atomic_block:
        with transaction.atomic():
            return _redeemed(wish)
    done = _committer.submit(wish)
    if isinstance(done, Exception):
        raise done
    return done


def undo(member: Member, obj: str, reason: str = "hers") -> Redemption:
    """Puts the points back where they came from; twice is once. Raises NoSuchRedemption, TooLate."""
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
            said, f"rewards.redemption-undone:{row.obj}", actor=actor_of(member), obj=row.obj,
            subj=subj_of(member),
        )  # fmt: skip
    return row


def redemptions_of(member: Member, limit: int = 50) -> list[Redemption]:
    """What she spent, newest first, with the codes that she was given and the files that took it."""
    rows = list(Redemption.objects.filter(member=member).order_by("-pk")[: min(limit, ROWS_MAX)])
    given = {one.redemption: one for one in PartnerCode.objects.filter(redemption__in=[r.obj for r in rows])}
    files = Line.objects.filter(source__in=[source_of(row) for row in rows]).exclude(file="")
    out = dict(files.values_list("source", "file"))
    for row in rows:
        row.code = _open(given[row.obj]) if row.obj in given else ""
        row.file = out.get(source_of(row), "")
    return rows


def import_codes(staff: Staff, choice_id: str, codes: Iterable[str]) -> Imported:
    """Takes in a partner's codes, at most CODES_MAX; one that is there already is there once.

    Raises NotYours, ChoiceGone, BadCode.
    """
    policy.require(staff, "spending.manage")
    choice, _ = _choice(choice_id, _live())
    wanted = _checked(choice, codes)
    with transaction.atomic():
        by_digest = {sealed.mac(SEALED, f"{choice.id}|{code}"): code for code in wanted}
        known = set(PartnerCode.objects.filter(digest__in=by_digest).values_list("digest", flat=True))
        fresh = {digest: code for digest, code in by_digest.items() if digest not in known}
        now = clock.now_ms()
        PartnerCode.objects.bulk_create(
            [
                PartnerCode(
                    choice=choice.id, digest=digest, imported_at=now,
                    sealed=sealed.seal(SEALED, code.encode(), f"code|{digest}"),
                )
                for digest, code in fresh.items()
            ],
            ignore_conflicts=True,
        )  # fmt: skip
        if fresh:
            _tell_imported(staff, choice, list(fresh))
    return Imported(new=len(fresh), known=len(by_digest) - len(fresh))


def source_of(row: Redemption) -> str:
    """The natural key of what was spent, in the journal and among the lines."""
    return f"x:{row.obj}"


# --- spending ---------------------------------------------------------------------------------------------
class Wish(NamedTuple):
    """What a member wants, under a key that is not too long."""

    member: Member
    choice: str
    points: int
    key: str


def _redeem_all(wishes: Sequence[Wish]) -> list[Redemption | Exception]:
    """One durable transaction for all who ask at the same moment, where only one can write at a time; each
    gets what came of her own wish."""
    with transaction.atomic(durable=True):
        return [_tried(wish) for wish in wishes]


def _tried(wish: Wish) -> Redemption | Exception:
    try:
        with transaction.atomic():
            return _redeemed(wish)
    except (ValueError, LookupError) as refused:  # what the database could not do fails for all
        return refused


# Nobody waits for company: those who came while others were written are company enough.
_committer: Committer[Wish, Redemption | Exception] = Committer(_redeem_all, wait_ms=0)


def _redeemed(wish: Wish) -> Redemption:
    locks.lock([wish.member.pk])
    spender = _spender(wish.member.pk, wish.key)
    if spender.known is not None:
        known = Redemption.objects.get(pk=spender.known)
        return _with_code(_same(known, wish.member, wish.choice, wish.points))
    refuse_unless_active(Member(pk=wish.member.pk, status=spender.status))
    choice, live = _choice(wish.choice, _live_now(spender))
    return _spent(wish.member, spender, choice, live, wish.points, wish.key)


class _Spender(NamedTuple):
    """Whoever spends, as she is now: her card's token, the redemption that has the key, the programme."""

    status: str
    customer_ref: str | None
    token_ref: str | None
    known: int | None
    version: int | None
    sha256: str | None


_SPENDER: Final = """
    select m.status, m.customer_ref,
        (select c.token_ref from rewards_card c where c.member_id = m.id and c.state = 'active'
         order by c.id desc limit 1),
        (select r.id from rewards_redemption r where r.key = %s), p.id, p.sha256
    from rewards_member m left join rewards_programme p
        on p.id = (select q.id from rewards_programme q where q.state = 'live' order by q.name limit 1)
    where m.id = %s"""


def _spender(member: int, key: str) -> _Spender:
    """One statement for all that has to be known, once she is locked. Raises NoSuchMember."""
    with prepared.cursor() as cursor:
        cursor.execute(_SPENDER, [key, member])
        found = cursor.fetchone()
    if found is None:
        raise NoSuchMember(Said("There is no such member."))
    return _Spender(*found)


def _spent(
    member: Member, spender: _Spender, choice: Choice, live: Live, points: int, key: str
) -> Redemption:
    now, terms = clock.now_ms(), live.programme
    row = Redemption(
        member=member, key=key, choice=choice.id, points=points, value=choice.worth(points, terms),
        currency=terms.currency, at=now,
    )  # fmt: skip
    try:
        insert(row, *([] if choice.kind == "code" else [_line(spender, choice, row)]))
    except IntegrityError as taken:  # somebody else, who is not locked, used the key at the same moment
        raise _key_used() from taken
    if choice.kind == "code":
        row.code = _open(_take_code(choice, row))
    said = PointsRedeemed(
        redemption=row.obj, member=member.obj, choice=choice.id, points=points, value=row.value,
        currency=row.currency,
    )  # fmt: skip
    told = Draft(
        fact=said, key=f"rewards.points-redeemed:{row.obj}", actor=actor_of(member), obj=row.obj,
        subj=subj_of(member),
    )  # fmt: skip
    # At its end the record's lane is locked: everything else is done before, and after it only the commit.
    spend.redeem(
        member.pk, points, key=source_of(row), at=now, unit=terms.unit, zone=terms.zone,
        programme=live.row.pk, tell=[told], locked=True,
    )  # fmt: skip
    return row


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


def _same(known: Redemption, member: Member, choice_id: str, points: int) -> Redemption:
    if (known.member_id, known.choice, known.points) != (member.pk, choice_id, points):
        raise _key_used()
    return known


def _key_used() -> KeyUsed:
    return KeyUsed(Said("This was used before, for something else. Nothing was spent now."))


def _live() -> Live | None:
    """The programme whose points are spent: the first in force, by name."""
    return next(iter(programmes.live()), None)


def _live_now(spender: _Spender) -> Live | None:
    """The same, of which the number is known: its terms are read once, as a version never changes."""
    if spender.version is None or spender.sha256 is None:
        return None
    wanted = (spender.version, spender.sha256)
    if wanted not in _lives:
        live = _live()
        if live is None or (live.row.pk, live.row.sha256) != wanted:
            return live
        _lives.clear()
        _lives[wanted] = live
    return _lives[wanted]


_lives: dict[tuple[int, str], Live] = {}


def _choice(choice_id: str, live: Live | None) -> tuple[Choice, Live]:
    for one in listed.listed():
        if one.id == choice_id and live is not None:
            return one, live
    raise ChoiceGone(Said("Points cannot be spent on this now."))


# --- codes ------------------------------------------------------------------------------------------------
def _take_code(choice: Choice, row: Redemption) -> PartnerCode:
    """The oldest code that nobody has; who asks at the same moment gets the next."""
    with connection.cursor() as cursor:
        past_others = " for update skip locked" if connection.vendor == "postgresql" else ""
        cursor.execute(_TAKE_CODE % past_others, [row.obj, choice.id])
        found = cursor.fetchone()
    if found is None:
        raise NoCodesLeft(Said("All codes were given. Choose something else, or come back later."))
    digest, blob = found
    return PartnerCode(choice=choice.id, digest=digest, sealed=bytes(blob), redemption=row.obj)


def _with_code(row: Redemption) -> Redemption:
    given = PartnerCode.objects.filter(redemption=row.obj).first()
    row.code = _open(given) if given else ""
    return row


def _open(code: PartnerCode) -> str:
    return sealed.unseal(SEALED, bytes(code.sealed), f"code|{code.digest}").decode()


def _codes_left() -> dict[str, int]:
    rows = PartnerCode.objects.filter(redemption=None).values_list("choice").annotate(count=Count("pk"))
    return dict(rows.order_by())


def _checked(choice: Choice, codes: Iterable[str]) -> list[str]:
    if choice.kind != "code":
        raise BadCode(Said("This is not paid with codes."))
    found: list[str] = []
    for code in codes:
        text = code.strip()
        if not text:
            continue
        if len(found) >= CODES_MAX:
            raise BadCode(Said("At most %(most)s codes can be imported at once.", most=CODES_MAX))
        plain = text.isascii() and text.isprintable() and " " not in text and len(text) <= CODE_CHARACTERS_MAX
        if not plain or card_number.in_reference(text):
            raise BadCode(Said("Code %(number)s is not letters, digits and signs alone, or looks like a card "
                               "number.", number=len(found) + 1))  # fmt: skip
        found.append(text)
    return found


def _tell_imported(staff: Staff, choice: Choice, digests: list[str]) -> None:
    sha256 = hashlib.sha256("".join(f"{one}\n" for one in sorted(digests)).encode()).hexdigest()
    said = CodesImported(choice=choice.id, codes=len(digests), sha256=sha256)
    append(said, f"rewards.codes-imported:{sha256}", actor=staff.actor, obj=sha256[:32])
