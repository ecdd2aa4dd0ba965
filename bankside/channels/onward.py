"""Where a delivery goes that is not out: later, to a person, or off the way. See delivery_states.py."""

from __future__ import annotations

from django.db import transaction

from bankside.channels import delivery as deliveries
from bankside.channels import delivery_states as states
from bankside.channels import wordless
from bankside.channels.models import Channel, Delivery
from bankside.networks.catalogue import network
from bankside.record import clock
from bankside.record.facts.channels import DeliveryDelayed, DeliveryRefused, DeliveryUncertain
from bankside.said import Said, joined

ACTOR = "s:delivery"
HELD_WAIT_SECONDS = 30


def leave_to_a_person(row: Delivery, number: int, reason: str) -> int | None:
    """Nothing more is due: the job ends, and only a person moves the delivery on."""
    deliveries.move(row, states.UNCERTAIN, note=reason)
    fact = DeliveryUncertain(**deliveries.named(row), reason=reason, looking=False)
    deliveries.append_for(row, fact, f"person-{number}", actor=ACTOR)
    return None


def refuse(row: Delivery, number: int, reason: str, fallback: str = "") -> None:
    """The network, or the desk itself, says no; a person decides."""
    deliveries.move(row, states.REFUSED, note=reason, fallback=fallback)
    fact = DeliveryRefused(**deliveries.named(row), reason=reason, fallback=fallback)
    deliveries.append_for(row, fact, str(number), actor=ACTOR)


def delay(row: Delivery, number: int, reason: str, due: int, *, held: bool) -> None:
    """It is tried again at `due`, or, `held`, when its channel runs again."""
    deliveries.move(row, states.HELD if held else states.WAITING, note=reason, due_at=due, tries=row.tries)
    fact = DeliveryDelayed(**deliveries.named(row), reason=reason, due_ms=due, held=held)
    deliveries.append_for(row, fact, str(number), actor=ACTOR)


def hold(row: Delivery, reason: str) -> None:
    """It waits for its channel."""
    deliveries.move(row, states.HELD, note=reason)
    fact = DeliveryDelayed(**deliveries.named(row), reason=reason, due_ms=row.due_at, held=True)
    deliveries.append_for(row, fact, f"held-{row.state_at}", actor=ACTOR)


def release(delivery: Delivery) -> int | None:
    """The channel runs again, or is gone: what waited for it goes on, or is taken back."""
    with transaction.atomic():
        row = deliveries.locked(delivery.obj)
        if row.state == states.HELD and row.channel.state == Channel.REMOVED:
            deliveries.move(row, states.WAITING)  # from here alone it may go to whoever has to look first
            return withdrawn(row, Said("The channel was removed from the desk."))[1]
        if row.state != states.HELD or row.channel.state != Channel.OPEN:
            return clock.now_ms() + HELD_WAIT_SECONDS * 1000
        deliveries.move(row, states.WAITING, note="")
    return clock.now_ms()


def give_up(delivery: Delivery) -> int | None:
    """Its words were erased before it went out: it is taken back. What was refused and may be there all the
    same stays with the person who looks."""
    with transaction.atomic():
        row = deliveries.locked(delivery.obj)
        if row.state not in deliveries.TAKEABLE:
            return clock.now_ms()
        if row.state == states.HELD:
            deliveries.move(row, states.WAITING)
        if row.state != states.REFUSED or not _may_be_there(row):
            withdrawn(row, wordless.ERASED)
    return None


def _may_be_there(row: Delivery) -> bool:
    """Where a key made sending again safe, an earlier call may have brought it out."""
    return row.tries > 0 and network(row.channel.network).doubt.strategy == "server_key"


def withdrawn(row: Delivery, reason: str) -> tuple[bool, int | None]:
    """It goes out no more."""
    if _may_be_there(row):
        refuse(row, row.state_at, joined((reason, Said("It was sent before and may be there: look first."))))
    else:
        deliveries.withdrawn(row, by_actor=ACTOR, reason=reason)
    return True, None
