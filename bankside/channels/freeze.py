"""The brake: while it is on, nothing goes out on any channel. What comes in is kept and read as ever."""

from __future__ import annotations

from django.db import connection, transaction

from bankside.channels import channel as channels
from bankside.channels.models import Freeze
from bankside.people import policy
from bankside.people.models import Staff
from bankside.record import clock, subjects
from bankside.record.append import append
from bankside.record.facts.channels import DeskFrozen, DeskUnfrozen
from bankside.record.ids import new_id
from bankside.record.reasons import reason_of

REASON_CHARACTERS_MAX = 300


def frozen() -> Freeze | None:
    """The brake, when it is on. Every page asks: as long as it is off, by the plainest of statements."""
    with connection.cursor() as cursor:
        cursor.execute('select 1 from "channels_freeze"')
        if cursor.fetchone() is None:
            return None
    return Freeze.objects.select_related("by").first()


def freeze(staff: Staff | None, reason: str) -> Freeze:
    """Stops everything that goes out; a second freeze keeps the first. Raises NotYours, ReasonMissing."""
    actor = _braking(staff)
    why = reason_of(reason, REASON_CHARACTERS_MAX)
    with transaction.atomic():
        row, made = Freeze.objects.get_or_create(
            id=1, defaults={"reason": why, "by": staff, "at": clock.now_ms()}
        )
        if made:
            append(DeskFrozen(reason=why), f"DeskFrozen:{new_id()}", actor=actor, obj=subjects.desk())
    return row


def unfreeze(staff: Staff | None, reason: str) -> bool:
    """Lets what waits go out again; False when nothing was frozen. Raises NotYours, ReasonMissing."""
    actor = channels.acting(staff, "desk.unfreeze")
    why = reason_of(reason, REASON_CHARACTERS_MAX)
    with transaction.atomic():
        deleted, _ = Freeze.objects.filter(id=1).delete()
        if deleted:
            append(DeskUnfrozen(reason=why), f"DeskUnfrozen:{new_id()}", actor=actor, obj=subjects.desk())
    return deleted > 0


def _braking(staff: Staff | None) -> str:
    """The brake is within reach of every team; letting go of it is for the whole desk."""
    if staff is None:
        return channels.acting(None, "desk.freeze")
    policy.require_somewhere(staff, "desk.freeze")
    return staff.actor
