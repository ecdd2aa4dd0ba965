"""Notices for members: what the bank's own systems bring them, and that they did."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Router

from bankside.rewards import expiry_notice
from bankside.rewards.models import ExpiryNotice
from bankside.web.api.entrance import staff_of
from bankside.web.api.operation import Obj, operation
from bankside.web.api.paging import Cursor, Limit, page_of
from bankside.web.api.shapes import moment
from bankside.web.api.shapes.members import NoticeOut, Notices

router = Router(tags=["members"])


@operation(router, "GET", "/notices", "member.see", says=Notices)
def notice_list(request: HttpRequest, cursor: Cursor = "", limit: Limit = 50) -> Any:
    """This month's notices that nobody has brought yet, of members who agreed to be told."""
    rows, further = page_of(expiry_notice.waiting(staff_of(request)), cursor, limit)
    return {"items": [_notice(row) for row in rows], "next": further}


@operation(router, "POST", "/notices/{notice}/delivered", "member.manage", says=NoticeOut)
def notice_delivered(request: HttpRequest, notice: Obj) -> Any:
    """The bank told her, by its own app or mail; the notice is not listed any more. Twice is once."""
    return _notice(expiry_notice.delivered(staff_of(request), notice))


def _notice(row: ExpiryNotice) -> dict[str, Any]:
    return {
        "obj": row.obj, "member": row.member.obj, "language": row.member.language,
        "kind": expiry_notice.KIND, "points": row.points, "due": expiry_notice.due_on(row), "more": row.more,
        "made": moment(row.made_at), "delivered": moment(row.delivered_at),
    }  # fmt: skip
