"""Search: messages, answers and notes by their words."""

from __future__ import annotations

from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Router
from pydantic import StringConstraints

from bankside.inbox import search as finding
from bankside.record.index import QUERY_CHARACTERS_MAX
from bankside.web.api.entrance import staff_of
from bankside.web.api.operation import operation
from bankside.web.api.paging import Cursor, Limit
from bankside.web.api.shapes import moment
from bankside.web.api.shapes.search import FoundOut, FoundPage, HitOut, PieceOut

router = Router(tags=["conversations"])

Words = Annotated[str, StringConstraints(max_length=QUERY_CHARACTERS_MAX)]


@operation(router, "GET", "/search", "conversation.see", says=FoundPage)
def search(request: HttpRequest, q: Words, cursor: Cursor = "", limit: Limit = 50) -> Any:
    """Conversations with the newest messages that hold all the words; what stands in quotes is one phrase.

    `limit` counts messages. A conversation stands again on a later page for its older messages.
    """
    page = finding.search(staff_of(request), q, before=cursor, limit=limit)
    return {"items": [_found(one) for one in page.found], "next": page.next or None}


def _found(one: finding.Found) -> FoundOut:
    row = one.row
    return FoundOut(
        conversation=str(row.id), obj=row.obj, name=row.name, handle=row.handle, network=row.network,
        channel=row.channel, private=row.private, lang=row.lang, state=row.state,
        hits=[_hit(hit) for hit in one.hits],
    )  # fmt: skip


def _hit(hit: finding.Hit) -> HitOut:
    pieces = [PieceOut(text=piece.text, found=piece.found) for piece in hit.pieces]
    return HitOut(id=str(hit.id), way=hit.way, at=moment(hit.at), lang=hit.lang, pieces=pieces)
