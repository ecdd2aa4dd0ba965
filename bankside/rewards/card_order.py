"""Cards that go to the bureau together: ordered, drawn by the worker into one file, taken as often as needed.

While a file is drawn its cards stay approved, and whoever replaces hers or unlinks its profile meanwhile is
left out. With the file whole its cards are ordered, and the record has its digest. The file holds names: it
lies in the data folder for three days, goes at once when somebody of it is forgotten or leaves, and is drawn
again for whoever wants it.
"""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path
from typing import Final

from django.conf import settings
from django.db import IntegrityError, connection, models, transaction

from bankside.people import exports, policy
from bankside.people.models import Staff
from bankside.record import clock, jobs
from bankside.record.ids import new_id
from bankside.record.models import Job
from bankside.rewards import card as cards
from bankside.rewards.art import bureau
from bankside.rewards.models import Card, Member, Order
from bankside.said import Said

ORDER: Final = "card.order"
EXPORT: Final = "card-order"
JOB: Final = "rewards.card-order"
CARDS_MAX: Final = bureau.CARDS_MAX
"""In one order. At about five cards a second, both sides, it takes half an hour to draw."""
KEPT_HOURS: Final = 72
KEY_CHARACTERS_MAX: Final = 100


class NoSuchOrder(LookupError):
    """There is no such order, or it is not yours to see."""


class FileAway(ValueError):
    """The file of an order is not there now; the message says what to do."""


# --- what is ordered -----------------------------------------------------------------------------------
def order(staff: Staff | None, number: int, *, key: str = "") -> Order:
    """The `number` approved cards that have waited longest, as one order; the worker draws it.

    The same `key` of hers gives the same order. `staff` None: the operator at the machine. Cards whose
    profile is not linked now, or whose member does not take part, wait on.
    Raises NotYours, NotNow (nothing to order), BadCard (no number of cards that goes into an order).
    """
    if staff is not None:
        policy.require(staff, ORDER)
    if not 1 <= number <= CARDS_MAX:
        raise cards.BadCard(Said("An order has 1 to %(number)s cards.", number=CARDS_MAX))
    own = f"{staff.uid if staff else ''}:{key[:KEY_CHARACTERS_MAX] or new_id()}"
    try:
        return Order.objects.filter(key=own).first() or _placed(staff, number, own)
    except IntegrityError:  # the same was sent twice at the same moment
        return Order.objects.get(key=own)


def _placed(staff: Staff | None, number: int, key: str) -> Order:
    with transaction.atomic():
        skip = connection.features.has_select_for_update_skip_locked
        oldest = may_go().select_for_update(of=("self",), no_key=True, skip_locked=skip)
        chosen = list(oldest.order_by("asked_at", "pk").values_list("pk", flat=True)[:number])
        if not chosen:
            raise cards.NotNow(Said("There is no approved card to order."))
        now = clock.now_ms()
        made = Order.objects.create(
            key=key, made_at=now, by=staff.uid if staff else "", cards=len(chosen), state=Order.DRAWING
        )
        Card.objects.filter(pk__in=chosen).update(order=made)
        jobs.enqueue(JOB, job_of(made), due_ms=now, data={"obj": made.obj})
    return made


def may_go() -> models.QuerySet[Card]:
    """Approved cards that nobody ordered, of members who take part and whose profile is linked now."""
    return Card.objects.filter(
        state=Card.APPROVED, order=None, member__status=Member.ACTIVE, link__unlinked_at=0
    )


def visible_to(staff: Staff | None) -> models.QuerySet[Order]:
    """What was ordered, the newest first; nothing for whoever may not see members. None: the operator."""
    rows = Order.objects.order_by("-pk")
    return rows if staff is None or policy.may(staff, cards.SEE) else rows.none()


def get(staff: Staff | None, obj: str) -> Order:
    """One of them. Raises NoSuchOrder."""
    row = visible_to(staff).filter(obj=obj).first()
    if row is None:
        raise NoSuchOrder(Said("There is no such order."))
    return row


def job_of(row: Order) -> str:
    """The key of the job that draws it and looks after its file."""
    return f"{JOB}:{row.obj}"


# --- its file ------------------------------------------------------------------------------------------
def file_of(row: Order) -> Path:
    """Where the file lies while it is there."""
    return Path(settings.DATA) / "orders" / f"{row.obj}.zip"


def scratch_of(row: Order) -> Path:
    """Where it is put together: sides that are drawn, by a digest of what is on them."""
    return Path(settings.DATA) / "orders" / f".making-{row.obj}"


def draw_again(staff: Staff | None, obj: str) -> Order:
    """Has the file drawn again where it is away, or where drawing was given up. Twice is once.

    Raises NotYours, NoSuchOrder, NotNow (none of its cards is left).
    """
    if staff is not None:
        policy.require(staff, ORDER)
    row = get(staff, obj)
    if row.state == Order.EMPTY:
        raise cards.NotNow(Said("None of its cards is left to draw. Order anew."))
    given_up = Job.objects.filter(key=job_of(row), state=Job.FAILED).exists()
    _begin_again(row, Order.DRAWING if given_up else Order.AWAY)
    return row


def take(staff: Staff | None, obj: str, reason: str) -> tuple[Order, Path]:
    """An order and its file, the same bytes each time; why is recorded first.

    A file that was lost or damaged is drawn again. Raises NotYours, NoSuchOrder, FileAway, ReasonMissing and
    readings.NotRecorded.
    """
    if staff is not None:
        policy.require(staff, ORDER)
    row, why = get(staff, obj), exports.reason_of(reason)
    if row.state == Order.MADE and (names_somebody_gone(row) or not _is_whole(row)):
        drop(row)
        _begin_again(row, Order.AWAY)
    if row.state != Order.MADE:
        raise FileAway(Said("The file is not here now. It can be taken as soon as it is drawn."))
    exports.told(staff, EXPORT, why, rows=row.cards, obj=row.obj)
    return row, file_of(row)


def may_still_take(staff: Staff, obj: str) -> bool:
    """Whether somebody who has begun to take a file may go on: asked of the database anew."""
    now = Staff.objects.filter(pk=staff.pk).first()
    there = Order.objects.filter(obj=obj, state=Order.MADE).exists()
    return there and now is not None and policy.may(now, ORDER)


def names_somebody_gone(row: Order) -> bool:
    """Whether somebody whose card is in the file has left or was forgotten: her name may lie nowhere."""
    return gone_of(row).exists()


def gone_of(row: Order) -> models.QuerySet[Card]:
    """The cards of an order whose words were emptied."""
    return Card.objects.filter(order=row, handle="")


def drop(row: Order) -> None:
    """Deletes the file and what it was put together from."""
    Order.objects.filter(pk=row.pk, state=Order.MADE).update(state=Order.AWAY)
    file_of(row).unlink(missing_ok=True)
    shutil.rmtree(scratch_of(row), ignore_errors=True)
    row.refresh_from_db()


def _begin_again(row: Order, state: str) -> None:
    """Has it drawn from this state; nothing when somebody did so at the same moment."""
    now, there = clock.now_ms(), Order.objects.filter(pk=row.pk, state=state)
    with transaction.atomic():
        begun = there.update(state=Order.DRAWING, done=0, trouble="")
        if begun and not jobs.again(job_of(row), now):  # done jobs are forgotten after a while
            jobs.enqueue(JOB, job_of(row), due_ms=now, data={"obj": row.obj})
    row.refresh_from_db()


def _is_whole(row: Order) -> bool:
    try:
        with file_of(row).open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest() == row.sha256
    except FileNotFoundError:
        return False
