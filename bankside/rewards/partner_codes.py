"""Codes of partners, for points: taken in by many, sealed until one is given, and given once."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from django.db import connection, transaction
from django.db.models import Count

from bankside.people import policy
from bankside.people.models import Staff
from bankside.record import clock, sealed
from bankside.record.append import append
from bankside.record.facts.rewards import CodesImported
from bankside.rewards.choices import Choice, choice_of, live_now
from bankside.rewards.models import PartnerCode, Redemption
from bankside.rewards.payments import card_number
from bankside.said import Said

CODE_CHARACTERS_MAX: Final = 64
CODES_MAX: Final = 10_000
SEALED: Final = "card"
_TAKE_CODE: Final = """
    update rewards_partner_code set redemption = %%s where id = (
        select id from rewards_partner_code where choice = %%s and redemption is null
        order by id limit 1%s) returning digest, sealed"""


class NoCodesLeft(ValueError):
    """All codes of the partner were given."""


class BadCode(ValueError):
    """Something that was imported is no code."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """How many codes were new, and how many were there already."""

    new: int
    known: int


def import_codes(staff: Staff, choice_id: str, codes: Iterable[str]) -> Imported:
    """Takes in a partner's codes, at most CODES_MAX; one that is there already is there once.

    Raises NotYours, ChoiceGone, BadCode.
    """
    policy.require(staff, "spending.manage")
    choice, _ = choice_of(choice_id, live_now())
    wanted = _checked(choice, codes)
    with transaction.atomic():
        by_digest = {sealed.mac(SEALED, f"{choice.id}|{code}"): code for code in wanted}
        known = set(PartnerCode.objects.filter(digest__in=by_digest).values_list("digest", flat=True))
        fresh = {digest: code for digest, code in by_digest.items() if digest not in known}
        now = clock.now_ms()
        PartnerCode.objects.bulk_create(
            [
                PartnerCode(
                    choice=choice.id, digest=digest, imported_at=now,
                    sealed=sealed.seal(SEALED, code.encode(), f"code|{digest}"),
                )
                for digest, code in fresh.items()
            ],
            ignore_conflicts=True,
        )  # fmt: skip
        if fresh:
            _tell_imported(staff, choice, list(fresh))
    return Imported(new=len(fresh), known=len(by_digest) - len(fresh))


def take(choice: Choice, row: Redemption) -> PartnerCode:
    """The oldest code that nobody has; who asks at the same moment gets the next."""
    with connection.cursor() as cursor:
        past_others = " for update skip locked" if connection.vendor == "postgresql" else ""
        cursor.execute(_TAKE_CODE % past_others, [row.obj, choice.id])
        found = cursor.fetchone()
    if found is None:
        raise NoCodesLeft(Said("All codes were given. Choose something else, or come back later."))
    digest, blob = found
    return PartnerCode(choice=choice.id, digest=digest, sealed=bytes(blob), redemption=row.obj)


def with_code(row: Redemption) -> Redemption:
    given = PartnerCode.objects.filter(redemption=row.obj).first()
    row.code = opened(given) if given else ""
    return row


def opened(code: PartnerCode) -> str:
    return sealed.unseal(SEALED, bytes(code.sealed), f"code|{code.digest}").decode()


def left() -> dict[str, int]:
    rows = PartnerCode.objects.filter(redemption=None).values_list("choice").annotate(count=Count("pk"))
    return dict(rows.order_by())


def _checked(choice: Choice, codes: Iterable[str]) -> list[str]:
    if choice.kind != "code":
        raise BadCode(Said("This is not paid with codes."))
    found: list[str] = []
    for code in codes:
        text = code.strip()
        if not text:
            continue
        if len(found) >= CODES_MAX:
            raise BadCode(Said("At most %(most)s codes can be imported at once.", most=CODES_MAX))
        plain = text.isascii() and text.isprintable() and " " not in text and len(text) <= CODE_CHARACTERS_MAX
        if not plain or card_number.in_reference(text):
            raise BadCode(Said("Code %(number)s is not letters, digits and signs alone, or looks like a card "
                               "number.", number=len(found) + 1))  # fmt: skip
        found.append(text)
    return found


def _tell_imported(staff: Staff, choice: Choice, digests: list[str]) -> None:
    sha256 = hashlib.sha256("".join(f"{one}\n" for one in sorted(digests)).encode()).hexdigest()
    said = CodesImported(choice=choice.id, codes=len(digests), sha256=sha256)
    append(said, f"rewards.codes-imported:{sha256}", actor=staff.actor, obj=sha256[:32])
