"""Institutions in a study and the link that each has: made from a key, kept as a digest, revocable.

Whoever has the link answers for the institution; there is no account. The link is the keyed digest of the
institution's obj and of how many links it had, so that a reminder can hold the same link and no table has to.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction

from bankside.measures.models import Respondent, Study
from bankside.measures.studies import definition_of
from bankside.measures.study_rows import NotNow, get_managed, locked
from bankside.people import policy
from bankside.people.models import Staff
from bankside.record import clock, sealed
from bankside.record.append import Draft, append, append_many
from bankside.record.facts.measures import InstitutionInvited, InvitationRevoked
from bankside.record.identifiers import kept
from bankside.said import Said

PATH: Final = "/s/"
KEY: Final = "study"
TOKEN_CHARACTERS: Final = 40
"""160 bits of the keyed digest, in hexadecimal."""
INSTITUTIONS_MAX: Final = 2_000
AT_ONCE_MAX: Final = 500
NAME_CHARACTERS_MAX: Final = 200
SECTOR_CHARACTERS_MAX: Final = 60
REASON_CHARACTERS_MAX: Final = 300
LABEL_LETTERS: Final = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
LABEL_TRIES_MAX: Final = 50


class NoSuchInstitution(LookupError):
    """There is no such institution in the study."""


class BadInvitation(ValueError):
    """An institution cannot be invited as it was written; the message says which and why."""


class LinkGone(LookupError):
    """The link was revoked, was replaced, or never was one: nobody learns which."""


@dataclass(frozen=True, slots=True)
class Invited:
    """An institution as somebody writes it down. Without an e-mail its link is handed over by hand."""

    institution: str
    sector: str = ""
    language: str = "en"
    email: str = ""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a study is: institutions in it, those that began, and those that finished."""

    institutions: int
    begun: int
    finished: int


# --- inviting -------------------------------------------------------------------------------------------
def read_lines(text: str) -> list[Invited]:
    """Institutions from lines of `name; sector; language; e-mail`; empty lines are passed over."""
    found = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        cells = [cell.strip() for cell in line.split(";")]
        if len(cells) > 4:
            raise BadInvitation(Said("Line %(line)s has more than four parts.", line=str(number)))
        name, sector, language, email = cells + [""] * (4 - len(cells))
        found.append(Invited(name, sector, language or "en", email))
    return found


def invite(staff: Staff, obj: str, invited: Sequence[Invited]) -> list[Respondent]:
    """Gives each institution a link. One that is in the study already keeps what it has.

    Raises BadInvitation, NotNow (closed), NotYours.
    """
    policy.require(staff, "studies.manage")
    for one in invited:
        _refuse_bad(one)
    with transaction.atomic():
        study = locked(obj, Study.DRAFT, Study.OPEN)
        there = set(
            Respondent.objects.filter(study=study, wave=wave_now(study)).values_list("institution", flat=True)
        )
        fresh = {name: one for one in invited if (name := one.institution.strip()) not in there}
        if len(invited) > AT_ONCE_MAX or len(there) + len(fresh) > INSTITUTIONS_MAX:
            raise BadInvitation(Said("A study has at most %(number)s institutions.", number=INSTITUTIONS_MAX))
        labels = new_labels(study, len(fresh))
        rows = [_made(study, one, label) for one, label in zip(fresh.values(), labels, strict=True)]
        append_many([_told(row, staff) for row in rows])
    return rows


def renew(staff: Staff, study_obj: str, obj: str) -> Respondent:
    """Another link for an institution; the one before opens nothing any more. Answers stay."""
    with transaction.atomic():
        row = _open_one(staff, study_obj, obj)
        row.turn, row.revoked_at, row.invited_at = row.turn + 1, 0, clock.now_ms()
        row.digest = _digest(token_of(row))
        row.save(update_fields=["turn", "revoked_at", "invited_at", "digest"])
        append_many([_told(row, staff)])
    return row


def revoke(staff: Staff, study_obj: str, obj: str, *, reason: str) -> Respondent:
    """Ends the link of an institution; what it answered stays. Twice is once."""
    with transaction.atomic():
        row = _open_one(staff, study_obj, obj)
        if row.revoked_at:
            return row
        row.revoked_at, row.digest = clock.now_ms(), None
        row.save(update_fields=["revoked_at", "digest"])
        fact = InvitationRevoked(
            study=study_obj, respondent=row.obj, reason=kept(reason.strip())[:REASON_CHARACTERS_MAX]
        )
        append(fact, f"measures.invitation-revoked:{row.obj}:{row.turn}", actor=staff.actor, obj=study_obj)
    return row


def link_of(row: Respondent) -> str:
    """The address that the institution opens; "" when it has none."""
    return f"{settings.PUBLIC_URL}{PATH}{token_of(row)}/" if row.digest else ""


def token_of(row: Respondent) -> str:
    """What stands in the link: a keyed digest, the same each time it is made."""
    return sealed.mac(KEY, f"link:{row.obj}:{row.turn}")[:TOKEN_CHARACTERS]


def opened(token: str) -> Respondent:
    """Whose link it is. Raises LinkGone."""
    given = token if len(token) == TOKEN_CHARACTERS else ""
    row = Respondent.objects.select_related("study").filter(digest=_digest(given)).first()
    if row is None or row.revoked_at or row.study.state == Study.DRAFT:
        raise LinkGone(Said("This link opens nothing any more. Ask whoever sent it for a new one."))
    return row


# --- who is in a study ----------------------------------------------------------------------------------
def of(study: Study) -> list[Respondent]:
    """The institutions of a study, by name."""
    return list(Respondent.objects.filter(study=study).order_by("institution")[:INSTITUTIONS_MAX])


def get(study: Study, obj: str) -> Respondent:
    """One of them; raises NoSuchInstitution."""
    row = Respondent.objects.select_related("study").filter(study=study, obj=obj).first()
    if row is None:
        raise NoSuchInstitution(Said("There is no such institution in this study."))
    return row


def progress(rows: Sequence[Respondent]) -> Progress:
    """Counted over the institutions of one study."""
    begun = sum(1 for row in rows if row.begun_at and not row.finished_at)
    return Progress(len(rows), begun, sum(1 for row in rows if row.finished_at))


def email_of(row: Respondent) -> str:
    """The address to write to; "" when none was given."""
    return sealed.unseal(KEY, bytes(row.email), f"email:{row.obj}").decode() if row.email else ""


def new_labels(study: Study, count: int) -> list[str]:
    """Names for an anonymous publication, drawn by chance and given for good: nothing tells of whom."""
    taken = set(Respondent.objects.filter(study=study).values_list("label", flat=True))
    made: list[str] = []
    for _ in range(count * LABEL_TRIES_MAX):
        if len(made) == count:
            break
        label = "".join(secrets.choice(LABEL_LETTERS) for _ in range(4))
        if label not in taken:
            taken.add(label)
            made.append(label)
    return made


def wave_now(study: Study) -> str:
    """The wave that is asked: the last one of the study's text, "" where it has none."""
    waves = definition_of(study).waves
    return waves[-1] if waves else ""


# --- inside ---------------------------------------------------------------------------------------------
def _made(study: Study, one: Invited, label: str) -> Respondent:
    row = Respondent(
        study=study, institution=kept(one.institution.strip()), sector=one.sector.strip(), label=label,
        wave=wave_now(study), language=one.language, invited_at=clock.now_ms(),
    )  # fmt: skip
    row.email = sealed.seal(KEY, one.email.encode(), f"email:{row.obj}") if one.email else b""
    row.digest = _digest(token_of(row))
    row.save()
    return row


def _told(row: Respondent, staff: Staff) -> Draft:
    fact = InstitutionInvited(
        study=row.study.obj, respondent=row.obj, institution=row.institution, turn=row.turn
    )
    key = f"measures.institution-invited:{row.obj}:{row.turn}"
    return Draft(fact=fact, key=key, actor=staff.actor, obj=row.study.obj)


def _open_one(staff: Staff, study_obj: str, obj: str) -> Respondent:
    study = get_managed(staff, study_obj)
    row = Respondent.objects.select_for_update(of=("self",)).select_related("study").filter(
        study=study, obj=obj
    )  # fmt: skip
    found = row.first()
    if found is None:
        raise NoSuchInstitution(Said("There is no such institution in this study."))
    if study.state not in {Study.DRAFT, Study.OPEN}:
        raise NotNow(Said("The study is closed. Nothing about its links can be changed."))
    return found


def _refuse_bad(one: Invited) -> None:
    if not 0 < len(one.institution.strip()) <= NAME_CHARACTERS_MAX:
        raise BadInvitation(
            Said("Give an institution a name of 1 to %(number)s characters.", number=NAME_CHARACTERS_MAX)
        )
    if len(one.sector) > SECTOR_CHARACTERS_MAX:
        raise BadInvitation(Said("The sector of %(name)s is too long.", name=one.institution))
    if one.language not in dict(settings.LANGUAGES):
        raise BadInvitation(
            Said("%(name)s has a language that the form does not speak. Write en, ko, zh-hans or nl.",
                 name=one.institution)
        )  # fmt: skip
    if one.email and not _is_address(one.email):
        raise BadInvitation(
            Said("The e-mail address of %(name)s cannot be written to.", name=one.institution)
        )


def _is_address(text: str) -> bool:
    try:
        validate_email(text)
    except ValidationError:
        return False
    return len(text) <= 254


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
