"""Days and times of a form, in the zone of whoever filled it in."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.http import QueryDict
from django.utils.translation import gettext

from bankside.record.clock import now_ms


class NoSuchTime(ValueError):
    """The day or the time that was given does not exist."""


def due_of(form: QueryDict, zone: ZoneInfo) -> int | None:
    """The chosen moment in UTC ms, or None for at once. Raises NoSuchTime."""
    if form.get("when") == "now":
        return None
    try:
        moment = datetime.combine(
            date.fromisoformat(form.get("day", "")), time.fromisoformat(form.get("time", "")), zone
        )
    except ValueError:
        raise NoSuchTime(gettext("Choose a day and a time.")) from None
    return int(moment.timestamp()) * 1000


def fields_of(due_ms: int, zone: ZoneInfo) -> tuple[str, str]:
    """Day and time as the fields of a form want them; the next full hour when nothing was chosen."""
    moment = datetime.fromtimestamp((due_ms or now_ms()) / 1000, zone)
    if not due_ms:
        moment = moment.replace(minute=0) + timedelta(hours=1)
    return f"{moment:%Y-%m-%d}", f"{moment:%H:%M}"


def zone_name(zone: ZoneInfo) -> str:
    """`Asia/Seoul` as people say it: `Seoul`."""
    return zone.key.rpartition("/")[2].replace("_", " ")
