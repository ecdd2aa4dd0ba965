"""Codes of partners, for points: taken in by many, sealed until one is given, and given once."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from django.db import IntegrityError, connection, transaction
from django.db.models import Count, Q

from bankside.people import exports, policy
from bankside.people.models import Staff
from bankside.record import clock, sealed
from bankside.record.append import append
from bankside.record.facts.rewards import CodesImported
from bankside.rewards.choices import Choice, ChoiceGone, listed
from bankside.rewards.models import PartnerCode, Redemption
from bankside.rewards.payments import card_number
from bankside.said import Said

ACT: Final = "spending.manage"
CODE_CHARACTERS_MAX: Final = 64
TRIES_MAX: Final = 10
CODES_MAX: Final = 10_000
BYTES_MAX: Final = 800_000
"""Of a file: the longest codes, as many as may be, with room for line ends and empty lines."""
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
    """How many codes were new, and the lines (from 1 on) of those that were there already."""

    new: int
    known: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stock:
    """How many codes of a choice are left, and how many members were given one."""

    choice: Choice
    left: int
    given: int


def import_codes(staff: Staff | None, choice_id: str, lines: Iterable[str]) -> Imported:
    """Takes in a partner's codes, one a line, at most CODES_MAX; one that is there already is there once.

    `staff` None: the operator at the machine. Raises NotYours, ChoiceGone, BadCode; then nothing came in.
    """
    if staff is not None:
        policy.require(staff, ACT)
    choice = _choice(choice_id)
    found = _checked(choice, lines)
    actor = staff.actor if staff else exports.OPERATOR
    for _ in range(TRIES_MAX):
        with suppress(IntegrityError):  # others brought one of them at the same moment: it is known now
            return _taken_in(actor, choice, found)
    return _taken_in(actor, choice, found)


def lines_of(body: bytes) -> list[str]:
    """The lines of a file of codes, each at its number. Raises BadCode when it is too large to be one."""
    if len(body) > BYTES_MAX:
        raise BadCode(Said("A file of codes has at most %(most)s bytes.", most=BYTES_MAX))
    return body.decode("utf-8-sig", "replace").splitlines()


def stock(staff: Staff | None) -> list[Stock]:
    """Every choice that is paid with codes, in the order of the list. Raises NotYours."""
    if staff is not None:
        policy.require(staff, ACT)
    rows = PartnerCode.objects.values("choice").annotate(
        left=Count("pk", filter=Q(redemption=None)), given=Count("redemption")
    )
    counted = {row["choice"]: (row["left"], row["given"]) for row in rows.order_by()}
    found = [(one, *counted.get(one.id, (0, 0))) for one in listed() if one.kind == "code"]
    return [Stock(choice=choice, left=left, given=given) for choice, left, given in found]


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
    """The code in clear; empty once whoever got it was erased."""
    if not code.sealed:
        return ""
    return sealed.unseal(SEALED, bytes(code.sealed), f"code|{code.digest}").decode()


def left() -> dict[str, int]:
    rows = PartnerCode.objects.filter(redemption=None).values_list("choice").annotate(count=Count("pk"))
    return dict(rows.order_by())


def _choice(choice_id: str) -> Choice:
    """The choice, also while no programme is in force: codes are there before it is."""
    for one in listed():
        if one.id == choice_id and one.kind == "code":
            return one
        if one.id == choice_id:
            raise BadCode(Said("This is not paid with codes."))
    raise ChoiceGone(Said("There is no such choice in the list of what points can be spent on."))


def _checked(choice: Choice, lines: Iterable[str]) -> list[tuple[int, str]]:
    """The codes with the numbers of their lines; empty lines are passed over."""
    found: list[tuple[int, str]] = []
    for number, line in enumerate(lines, start=1):
        text = line.strip()
        if not text:
            continue
        if len(found) >= CODES_MAX:
            raise BadCode(Said("At most %(most)s codes can be imported at once.", most=CODES_MAX))
        plain = text.isascii() and text.isprintable() and " " not in text and len(text) <= CODE_CHARACTERS_MAX
        if not plain or card_number.in_reference(text):
            raise BadCode(
                Said(
                    "Line %(number)s is no code: it is not letters, digits and signs alone, is longer than"
                    " %(most)s of them, or looks like a card number. Nothing was taken in.",
                    number=number, most=CODE_CHARACTERS_MAX,
                )
            )  # fmt: skip
        found.append((number, text))
    if not found:
        raise BadCode(Said("There is no code in it."))
    return found


def _taken_in(actor: str, choice: Choice, found: list[tuple[int, str]]) -> Imported:
    fresh: dict[str, str] = {}
    known: list[int] = []
    digests = [sealed.mac(SEALED, f"{choice.id}|{code}") for _, code in found]
    with transaction.atomic():
        there = set(PartnerCode.objects.filter(digest__in=digests).values_list("digest", flat=True))
        for digest, (number, code) in zip(digests, found, strict=True):
            if digest in there or digest in fresh:
                known.append(number)
            else:
                fresh[digest] = code
        PartnerCode.objects.bulk_create(_row(choice, digest, code) for digest, code in fresh.items())
        if fresh:
            _tell_imported(actor, choice, list(fresh))
    return Imported(new=len(fresh), known=tuple(known))


def _row(choice: Choice, digest: str, code: str) -> PartnerCode:
    return PartnerCode(
        choice=choice.id, digest=digest, imported_at=clock.now_ms(),
        sealed=sealed.seal(SEALED, code.encode(), f"code|{digest}"),
    )  # fmt: skip


def _tell_imported(actor: str, choice: Choice, digests: list[str]) -> None:
    sha256 = hashlib.sha256("".join(f"{one}\n" for one in sorted(digests)).encode()).hexdigest()
    said = CodesImported(choice=choice.id, codes=len(digests), sha256=sha256)
    append(said, f"rewards.codes-imported:{sha256}", actor=actor, obj=sha256[:32])
