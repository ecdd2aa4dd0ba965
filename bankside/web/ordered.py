"""The file of an order as it is given away: recorded first, then part by part."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from django.http import StreamingHttpResponse

from bankside.people.models import Staff
from bankside.rewards import card_order

PART_BYTES: Final = 1 << 20
LOOK_SECONDS: Final = 20.0


def answer(staff: Staff, obj: str, reason: str) -> StreamingHttpResponse:
    """The ZIP. Raises NotYours, NoSuchOrder, FileAway and ReasonMissing before any byte."""
    row, path = card_order.take(staff, obj, reason)
    response = StreamingHttpResponse(_parts(staff, obj, path), content_type="application/zip")
    response["Content-Length"] = str(row.size)
    response["Content-Disposition"] = f'attachment; filename="cards-{row.obj[:8]}.zip"'
    response["Cache-Control"] = "no-store"
    response["X-Content-Type-Options"] = "nosniff"
    return response


def _parts(staff: Staff, obj: str, path: Path) -> Iterator[bytes]:
    """Whether she is still here and the file was not deleted is asked every 20 seconds (fault 48)."""
    looked = time.monotonic()
    with path.open("rb") as file:
        while part := file.read(PART_BYTES):
            yield part
            if time.monotonic() - looked >= LOOK_SECONDS:
                looked = time.monotonic()
                if not card_order.may_still_take(staff, obj):
                    return
