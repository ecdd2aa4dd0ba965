"""Cards as tests need them, each step by its own door: asked for, agreed to, ordered and drawn, in use."""

from __future__ import annotations

from bankside.people.models import Staff
from bankside.record import jobs
from bankside.rewards import card, card_order
from bankside.rewards.models import Card, Member, Order
from tests.people.team import person
from tests.rewards import joined

STEPS_MAX = 200


def asked(who: Member | None = None, **how: object) -> Card:
    """A card that waits for a person; of somebody new with a profile unless told otherwise."""
    if who is None:
        who = joined.member(**how)
        joined.linked(who, f"minji{who.pk}", handle="@minji.park")
    return card.ask(who, theme="ink")


def approved(who: Member | None = None, **how: object) -> Card:
    """One that a person agreed to."""
    return card.decide(person("approver"), asked(who, **how).obj, True)


def drawn(number: int, staff: Staff | None = None) -> Order:
    """An order whose file is whole."""
    made = card_order.order(staff or person("author"), number)
    work(made)
    made.refresh_from_db()
    return made


def work(made: Order) -> None:
    """The worker does what is due until nothing of the order is."""
    for _ in range(STEPS_MAX):
        if not jobs.run_due():
            return
    raise AssertionError(f"order {made.obj} is never done")


def in_use(who: Member) -> Card:
    """Her card, in her hands. It went to the bureau without a file: drawing has its own tests."""
    made = approved(who)
    Card.objects.filter(pk=made.pk).update(state=Card.ORDERED)
    return card.activate(made)
