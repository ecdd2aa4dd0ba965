"""Pages of rows by cursor: the last page costs what the first one does."""

from __future__ import annotations

from typing import Annotated, TypeVar

from django.db.models import Model, QuerySet
from pydantic import Field, StringConstraints

LIMIT_MAX = 200

Limit = Annotated[int, Field(ge=1, le=LIMIT_MAX)]
Cursor = Annotated[str, StringConstraints(pattern=r"^([0-9]{1,18}(\.[0-9]{1,18})?)?$")]

Row = TypeVar("Row", bound=Model)


def page_of(rows: QuerySet[Row], cursor: str, limit: int) -> tuple[list[Row], str | None]:
    """The rows after the cursor in the order of their making, and the cursor of the next page."""
    after = int(cursor) if cursor.isdigit() else 0
    found = list(rows.filter(pk__gt=after).order_by("pk")[: limit + 1])
    return found[:limit], str(found[limit - 1].pk) if len(found) > limit else None
