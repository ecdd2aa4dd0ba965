"""What somebody sets for herself. It concerns nobody else, so it is not a fact of the record."""

from __future__ import annotations

from zoneinfo import available_timezones

from django.conf import settings

from bankside.people.models import Staff
from bankside.said import Said

ZONES = ("UTC", *sorted(z for z in available_timezones() if "/" in z and not z.startswith("Etc/")))


class NoSuchPreference(ValueError):
    """A language or a zone that the desk does not have."""


def prefer(staff: Staff, *, language: str, zone: str, single_keys: bool) -> Staff:
    """Sets her language (a code of settings.LANGUAGES), her zone (an IANA name) and single-letter keys."""
    if language not in dict(settings.LANGUAGES):
        raise NoSuchPreference(Said("There is no language '%(language)s' here.", language=language))
    if zone not in ZONES:
        raise NoSuchPreference(Said("There is no time zone '%(zone)s'. Choose one of the list.", zone=zone))
    staff.language, staff.zone, staff.single_keys = language, zone, single_keys
    staff.save(update_fields=["language", "zone", "single_keys"])
    return staff
