"""Words on their way, what a person decides about them, and the pictures that go with them."""

from __future__ import annotations

from typing import Annotated, Any

from django.http import HttpRequest
from ninja import File, Router
from ninja.files import UploadedFile

from bankside.channels import by_hand, media
from bankside.channels import delivery as deliveries
from bankside.channels import words as exact
from bankside.channels.models import Attempt, Delivery
from bankside.web.api.entrance import staff_of
from bankside.web.api.operation import Id, operation
from bankside.web.api.shapes import moment
from bankside.web.api.shapes.posts import DecisionIn, DeliveryOut, EvidenceIn, MediaOut, SheetOut
from bankside.web.spoken import spoken

router = Router(tags=["deliveries"])


@operation(router, "GET", "/deliveries/{delivery}", "channel.see", says=DeliveryOut)
def delivery_show(request: HttpRequest, delivery: Id) -> Any:
    """A delivery with the evidence of every attempt."""
    return _shown(deliveries.get_visible(staff_of(request), delivery))


@operation(router, "POST", "/deliveries/{delivery}/decision", "delivery.decide", says=DeliveryOut)
def delivery_decide(request: HttpRequest, delivery: Id, said: DecisionIn) -> Any:
    """Says what became of an uncertain delivery, or what to do with a refused one."""
    staff = staff_of(request)
    row = deliveries.get_visible(staff, delivery)
    return _shown(deliveries.decide(staff, row, decision=said.decision, evidence=said.evidence, url=said.url))


@operation(router, "GET", "/deliveries/{delivery}/by-hand", "delivery.by-hand", says=SheetOut)
def delivery_sheet(request: HttpRequest, delivery: Id) -> Any:
    """What a person needs to post words that the desk cannot: its words, pictures, and the way there."""
    staff = staff_of(request)
    sheet = by_hand.sheet(staff, deliveries.get_visible(staff, delivery))
    return {
        "words": exact.to_dict(sheet.words), "link": sheet.link,
        "steps": [spoken(one) for one in sheet.steps], "asks_for_address": sheet.asks_for_address,
        "halted": spoken(sheet.halted),
        "pictures": [f"/media/{media.token_of(media.get(one.media))}" for one in sheet.words.media],
    }  # fmt: skip


@operation(router, "POST", "/deliveries/{delivery}/by-hand", "delivery.by-hand", says=DeliveryOut)
def delivery_posted(request: HttpRequest, delivery: Id, said: EvidenceIn) -> Any:
    """Records that the words are out, with what she shows of it. Words that were not approved take `sure`."""
    staff = staff_of(request)
    row = deliveries.get_visible(staff, delivery)
    return _shown(
        by_hand.posted(staff, row, url=said.url, seen=said.seen, sure=said.sure, picture=said.picture or "")
    )


@operation(router, "POST", "/media", "", says=MediaOut, status=201)
def media_add(request: HttpRequest, file: Annotated[UploadedFile, File()]) -> Any:
    """Keeps a picture of at most 8 MB, drawn again, or an MP4 of at most 100 MB and ten minutes, cleaned.

    For those who write posts or answers.
    """
    row = media.add(staff_of(request), file.read(media.BYTES_MAX + 1), file.name or "")
    return {
        "obj": row.obj, "sha256": row.sha256, "mime": row.mime, "name": row.name, "size": row.size,
        "width": row.width, "height": row.height, "seconds": row.seconds,
        "address": f"/media/{media.token_of(row)}",
    }  # fmt: skip


def _shown(row: Delivery) -> dict[str, Any]:
    return {
        "id": str(row.pk), "obj": row.obj, "channel": row.channel.obj, "purpose": row.purpose,
        "about": row.about, "version": row.version, "digest": row.digest, "state": row.state,
        "due_at": moment(row.due_at), "tries": row.tries, "remote_id": row.remote_id, "url": row.url,
        "note": spoken(row.note), "attempts": [_attempt(one) for one in row.attempts.order_by("number")],
    }  # fmt: skip


def _attempt(one: Attempt) -> dict[str, Any]:
    return {
        "number": one.number, "act": one.act, "outcome": one.outcome, "detail": one.detail,
        "started_at": moment(one.started_at), "ended_at": moment(one.ended_at),
    }  # fmt: skip
