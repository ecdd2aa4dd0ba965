"""The answer in which somebody takes a package away: recorded first, then given part by part."""

from __future__ import annotations

import time
from typing import Final

from django.http import StreamingHttpResponse

from bankside.people import packages
from bankside.people.models import Staff
from bankside.web.packaged.zipped import zipped

LOOK_SECONDS: Final = 20.0
ZIP: Final = "application/zip"


def answer(staff: Staff, obj: str, reason: str) -> StreamingHttpResponse:
    """The package as a ZIP. Raises NotYours, NoSuchPackage, NotThereYet and ReasonMissing before any byte."""
    row, folder = packages.take(staff, obj, reason)
    name = f"package-{row.obj[:8]}"
    looked = time.monotonic()

    def may_go_on() -> bool:
        """Whether she is still here and it was not deleted; asked every 20 seconds (fault 48)."""
        nonlocal looked
        if time.monotonic() - looked < LOOK_SECONDS:
            return True
        looked = time.monotonic()
        return packages.may_still_take(staff, obj)

    response = StreamingHttpResponse(zipped(folder, name, may_go_on), content_type=ZIP)
    response["Content-Disposition"] = f'attachment; filename="{name}.zip"'
    response["Cache-Control"] = "no-store"
    response["X-Content-Type-Options"] = "nosniff"
    return response
