"""Cards that go to the bureau together: drawn once more, and told to the record with a digest."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Final

from django.conf import settings
from django.db import models, transaction

from bankside.people import policy
from bankside.people.models import Staff
from bankside.record import clock
from bankside.record.append import append
from bankside.record.facts.rewards import CardsOrdered
from bankside.record.ids import new_id
from bankside.rewards import card as cards
from bankside.rewards import card_face
from bankside.rewards.art import bureau
from bankside.rewards.models import Card, Member, Order
from bankside.said import Said

ORDER: Final = "card.order"
CARDS_MAX: Final = 500
"""In one file. At about ten fronts a second it takes two minutes to draw."""


class Changed(ValueError):
    """Somebody changed one of the cards meanwhile; nothing was ordered."""


def order(staff: Staff, wanted: Sequence[Card]) -> tuple[Order, bytes]:
    """The file for the bureau (zip) and what is known of it. Cards whose profile was unlinked are left out.

    Raises NotYours, NotNow (nothing to order, or too much), Changed.
    """
    policy.require(staff, ORDER)
    ready = [row for row in _rows([card.pk for card in wanted]) if _may_go(row)]
    if not ready:
        raise cards.NotNow(Said("There is no approved card to order."))
    if len(ready) > CARDS_MAX:
        raise cards.NotNow(Said("At most %(number)s cards go into one order.", number=CARDS_MAX))
    made = Order(obj=new_id(), made_at=clock.now_ms(), by=staff.uid, cards=len(ready))
    body = _drawn(made, ready)  # takes its time: outside of any transaction
    made.sha256 = hashlib.sha256(body).hexdigest()
    with transaction.atomic():
        now = {
            row.pk: row
            for row in _rows([row.pk for row in ready]).select_for_update(of=("self",), no_key=True)
        }
        if any(row.pk not in now or not _is_same(row, now[row.pk]) for row in ready):
            raise Changed(Said("One of the cards was changed meanwhile. Look again and order again."))
        made.save(force_insert=True)
        for row in now.values():
            row.state, row.order, row.version = Card.ORDERED, made, row.version + 1
            row.save(update_fields=["state", "order", "version"])
        fact = CardsOrdered(order=made.obj, cards=tuple(row.obj for row in ready), sha256=made.sha256)
        append(fact, f"rewards.cards-ordered:{made.obj}", actor=staff.actor, obj=made.obj)
    return made, body


def orders(staff: Staff) -> models.QuerySet[Order]:
    """What was ordered, the newest first; nothing for whoever may not see members."""
    rows = Order.objects.order_by("-pk")
    return rows if policy.may(staff, cards.SEE) else rows.none()


def _drawn(made: Order, ready: Sequence[Card]) -> bytes:
    art = ((row.obj, card_face.artwork_of(row)) for row in ready)
    return bureau.batch(art, made_at_ms=made.made_at, design=settings.CARD_PRODUCT)


def _rows(numbers: Sequence[int]) -> models.QuerySet[Card]:
    return Card.objects.filter(pk__in=numbers).select_related("member", "link").order_by("pk")


def _may_go(row: Card) -> bool:
    live = row.link is not None and not row.link.unlinked_at
    return row.state == Card.APPROVED and row.member.status == Member.ACTIVE and live


def _is_same(before: Card, now: Card) -> bool:
    return before.version == now.version and _may_go(now)
