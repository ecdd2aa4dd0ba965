"""Orders of cards for the bureau: ordered, followed while they are drawn, and taken as files."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Router

from bankside.people import policy
from bankside.rewards import card_order
from bankside.rewards.models import Order
from bankside.web import ordered
from bankside.web.api.entrance import staff_of
from bankside.web.api.operation import Obj, operation
from bankside.web.api.paging import Cursor, Limit, page_of
from bankside.web.api.shapes import moment
from bankside.web.api.shapes.members import OrderFileIn, OrderIn, OrderOut, Orders
from bankside.web.spoken import spoken

router = Router(tags=["cards"])


@operation(router, "GET", "/card-orders", "member.see", says=Orders)
def order_list(request: HttpRequest, cursor: Cursor = "", limit: Limit = 50) -> Any:
    """What was ordered from the bureau, in the order of ordering."""
    staff = staff_of(request)
    policy.require(staff, "member.see")
    rows, further = page_of(card_order.visible_to(staff), cursor, limit)
    return {"items": [_order(row) for row in rows], "next": further}


@operation(router, "POST", "/card-orders", "card.order", says=OrderOut, status=201)
def order_new(request: HttpRequest, said: OrderIn) -> Any:
    """Orders the approved cards that have waited longest; the file is drawn from now on."""
    return _order(card_order.order(staff_of(request), said.cards))


@operation(router, "GET", "/card-orders/{order}", "member.see", says=OrderOut)
def order_show(request: HttpRequest, order: Obj) -> Any:
    """How far it is."""
    return _order(card_order.get(staff_of(request), order))


@operation(router, "POST", "/card-orders/{order}/drawing", "card.order", says=OrderOut)
def order_draw(request: HttpRequest, order: Obj) -> Any:
    """Has the file drawn again, where it is away. Twice is once."""
    return _order(card_order.draw_again(staff_of(request), order))


@operation(router, "POST", "/card-orders/{order}/file", "card.order", says=None)
def order_file(request: HttpRequest, order: Obj, said: OrderFileIn) -> Any:
    """The file for the bureau (ZIP), the same bytes each time; the reason is recorded before the first."""
    return ordered.answer(staff_of(request), order, said.reason)


def _order(row: Order) -> dict[str, Any]:
    names = ("obj", "state", "cards", "done", "left_out", "sha256")
    return {name: getattr(row, name) for name in names} | {
        "size": str(row.size), "trouble": spoken(row.trouble), "ordered": moment(row.made_at),
        "drawn": moment(row.drawn_at),
    }  # fmt: skip
