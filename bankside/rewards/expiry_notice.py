"""Telling members of points that are going to expire: each month from the months of notice on, once a month.

Only members who agreed to it (`notices`). A notice is a row; her own page shows it, and the bank's own
systems read what waits and bring it to her by the ways that the bank has: the desk keeps no address of hers.
The key is the member and the month, so that whoever writes them twice, or is killed half-way, has written
each once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Final, NamedTuple

from django.db import connection, models, transaction

from bankside.people import policy
from bankside.people.models import Staff
from bankside.record import clock, jobs
from bankside.record.models import Job
from bankside.rewards import consent, programme
from bankside.rewards.ledger.days import DAY_MS, Calendar, last_day
from bankside.rewards.ledger.journal import AVAILABLE
from bankside.rewards.models import Bucket, ExpiryNotice, Member, Reached
from bankside.rewards.taking_part import ACT
from bankside.said import Said

NOTICES: Final = "rewards.notices"
KIND: Final = "points-expire"
SEE: Final = "member.see"
ROWS: Final = 1_000
"""Members of one transaction."""
ROUNDS_MAX: Final = 20
SOON_MS: Final = 1_000
KEPT_MONTHS: Final = 12


class NoSuchNotice(LookupError):
    """There is no such notice, or it is not hers; or its member took the consent back."""


class Terms(NamedTuple):
    """By which programme notices are written: its unit, its calendar, the months of notice."""

    unit: str
    calendar: Calendar
    months: int


def write(now_ms: int, limit: int = ROWS) -> int:
    """Writes this month's notices of the next members, in one transaction; how many members were looked at.

    Fewer than `limit` says that all were: the next call begins with the first member again.
    """
    terms = _terms()
    if terms is None:
        return 0
    month = terms.calendar.month(now_ms)
    with transaction.atomic():
        Reached.objects.get_or_create(name=NOTICES)
        place = Reached.objects.select_for_update().get(name=NOTICES)
        found = _untold(terms, month, place.n, limit)
        ExpiryNotice.objects.bulk_create(_notices(terms, month, _agreeing(found), now_ms))
        place.n = found[-1] if len(found) == limit else 0
        place.save(update_fields=["n"])
    return len(found)


def drop_old(now_ms: int, limit: int = ROWS) -> int:
    """Deletes notices of more than KEPT_MONTHS ago; how many."""
    terms = _terms()
    oldest = (terms.calendar if terms else Calendar()).month(now_ms) - KEPT_MONTHS
    old = ExpiryNotice.objects.filter(month__lt=oldest).order_by("month")[:limit]
    return ExpiryNotice.objects.filter(pk__in=list(old.values_list("pk", flat=True))).delete()[0]


@jobs.handler(NOTICES)
def _write(job: Job) -> int:
    """Done again with the next day, or in a second while there is more than can be done at once."""
    now = clock.now_ms()
    done = all(any(act(now) < ROWS for _ in range(ROUNDS_MAX)) for act in (write, drop_old))
    return (now // DAY_MS + 1) * DAY_MS if done else now + SOON_MS


# --- for the bank's own systems ---------------------------------------------------------------------------
def waiting(staff: Staff) -> models.QuerySet[ExpiryNotice]:
    """This month's notices that nobody brought, and that she has not put away herself. Raises NotYours."""
    policy.require(staff, SEE)
    rows = ExpiryNotice.objects.filter(delivered_at=0, dismissed_at=0).select_related("member")
    terms = _terms()
    return rows.filter(month=terms.calendar.month(clock.now_ms())) if terms else rows.none()


def delivered(staff: Staff, obj: str) -> ExpiryNotice:
    """The bank told her. Twice is once: the first moment stays. Raises NotYours, NoSuchNotice."""
    policy.require(staff, ACT)
    ExpiryNotice.objects.filter(obj=obj, delivered_at=0).update(delivered_at=clock.now_ms())
    return _found(ExpiryNotice.objects.filter(obj=obj).select_related("member"))


# --- for her own page -------------------------------------------------------------------------------------
def on_show(member: Member) -> ExpiryNotice | None:
    """The notice of this month, until she puts it away."""
    terms = _terms()
    if terms is None:
        return None
    month = terms.calendar.month(clock.now_ms())
    return ExpiryNotice.objects.filter(member=member, month=month, dismissed_at=0).first()


def dismiss(member: Member, obj: str) -> ExpiryNotice:
    """She has read it and puts it away. Twice is once. Raises NoSuchNotice."""
    hers = ExpiryNotice.objects.filter(member=member, obj=obj)
    hers.filter(dismissed_at=0).update(dismissed_at=clock.now_ms())
    return _found(hers)


def due_on(notice: ExpiryNotice) -> date:
    """The last day on which its points can be spent."""
    return last_day(notice.expires)


def _found(rows: models.QuerySet[ExpiryNotice]) -> ExpiryNotice:
    row = rows.first()
    if row is None:
        raise NoSuchNotice(Said("There is no such notice."))
    return row


# --- whom, and of what ------------------------------------------------------------------------------------
def _terms() -> Terms | None:
    """Those of the programme in force; of the last one when none is: its points expire all the same."""
    there = next(iter(programme.live()), None) or next(reversed(programme.ever_live()), None)
    if there is None:
        return None
    terms = there.programme
    return Terms(terms.unit, Calendar(terms.zone), terms.notice_months)


# Members with points that expire soon, who agreed and were not told this month. They are read in the order of
# the buckets' key, so that a page costs what it holds.
_UNTOLD: Final = f"""
    select b.member from rewards_bucket b
    where b.member > %s and b.unit = %s and b.state = '{AVAILABLE}' and b.points > 0
      and b.due between %s and %s
      and exists (select 1 from rewards_consent c where c.member_id = b.member
                  and c.purpose = '{consent.NOTICES}' and c.withdrawn_at = 0)
      and not exists (select 1 from rewards_expiry_notice n where n.member_id = b.member and n.month = %s)
    group by b.member order by b.member limit %s"""  # noqa: S608


def _untold(terms: Terms, month: int, after: int, limit: int) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(_UNTOLD, [after, terms.unit, month, month + terms.months, month, limit])
        return [member for (member,) in cursor.fetchall()]


def _agreeing(members: Iterable[int]) -> set[int]:
    """Who of these agrees now, nobody of them taking it back before the transaction ends."""
    held = Member.objects.select_for_update(no_key=True).filter(pk__in=list(members)).order_by("pk")
    return consent.having(consent.NOTICES, held.values_list("pk", flat=True))


def _notices(terms: Terms, month: int, members: Iterable[int], now_ms: int) -> Iterator[ExpiryNotice]:
    rows = Bucket.objects.filter(
        member__in=list(members), unit=terms.unit, state=AVAILABLE, points__gt=0, due__gte=month,
        due__lte=month + terms.months,
    )  # fmt: skip
    found: dict[int, list[tuple[int, int]]] = {}
    for member, due, points in rows.order_by("member", "due").values_list("member", "due", "points"):
        found.setdefault(member, []).append((due, points))
    for member, ends in found.items():
        yield _notice(member, month, ends, now_ms)


def _notice(member: int, month: int, ends: Sequence[tuple[int, int]], now_ms: int) -> ExpiryNotice:
    (expires, points), later = ends[0], ends[1:]
    return ExpiryNotice(
        member_id=member, month=month, points=points, expires=expires, more=sum(more for _, more in later),
        made_at=now_ms,
    )  # fmt: skip
