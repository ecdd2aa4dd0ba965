"""What the API answers and takes. Ids are strings, times ISO 8601 in UTC ending in Z, null for none."""

from __future__ import annotations

import re
from typing import Annotated, Any

from ninja import Schema
from pydantic import AwareDatetime, BeforeValidator, ConfigDict, StringConstraints, model_validator

from bankside.record import clock

CHANNELS_MAX = 100
PICTURES_MAX = 20

# A number is no time: nobody could say of which unit.
_ISO = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d.*")


def _iso(given: Any) -> Any:
    if not isinstance(given, str) or not _ISO.fullmatch(given):
        raise ValueError("write a time as 2027-01-31T09:00:00Z, or with an offset such as +09:00")
    return given


Moment = Annotated[AwareDatetime, BeforeValidator(_iso)]
Text = Annotated[str, StringConstraints(max_length=100_000)]
Line = Annotated[str, StringConstraints(max_length=2_000)]
Hex32 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{32}$")]
Hex64 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class Taken(Schema):
    """What a request says: a field that is not known is refused, so that no wish is lost in silence."""

    model_config = ConfigDict(extra="forbid")

    @model_validator(mode="before")
    @classmethod
    def _without_nul(cls, given: Any) -> Any:
        """No text of people holds a NUL, and databases do not keep one."""
        if _has_nul(getattr(given, "_obj", given)):
            raise ValueError("text cannot hold the character NUL")
        return given


class PictureIn(Taken):
    """A picture by its obj, and what it shows, for those who cannot see it."""

    media: Hex32
    alt: Line = ""


def moment(ms: int) -> str | None:
    """A time for JSON; null for 0."""
    return clock.iso(ms) if ms else None


def _has_nul(given: Any) -> bool:
    match given:
        case str():
            return "\0" in given
        case dict():
            return any(_has_nul(one) for pair in given.items() for one in pair)
        case list():
            return any(_has_nul(one) for one in given)
        case _:
            return False
