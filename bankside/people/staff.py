"""Somebody who works at the desk: added, given roles, and gone again. Every change is also a fact."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import models, transaction

from bankside.people import policy, tokens
from bankside.people.models import Role, Staff, Team
from bankside.record import clock
from bankside.record.append import append
from bankside.record.facts.people import RoleGiven, RoleTaken, StaffAdded, StaffLeft
from bankside.record.identifiers import kept
from bankside.said import Said

SETUP = "s:setup"  # the actor when nobody of the staff did it: the command line, or the first start
NAMES_MAX = 1000


class NoSuchStaff(LookupError):
    """Nobody of that name or address works here."""


class NoSuchRole(ValueError):
    """The desk does not know this role."""


class BadStaff(ValueError):
    """The address, name or password cannot be used; the message says what to change."""


class AlreadyHere(ValueError):
    """Somebody with this address is on the desk already."""


@dataclass(frozen=True, slots=True)
class StaffName:
    """How somebody is shown: the whole name, and two letters for a small circle."""

    name: str
    initials: str


def add(
    email: str,
    name: str,
    *,
    role: str | None = None,
    team: Team | None = None,
    password: str | None = None,
    by: Staff | None = None,
    language: str = "en",
    zone: str = "UTC",
) -> Staff:
    """Somebody may sign in now, with a first role if one is given. `by` None is the command line.

    Raises NotYours, BadStaff, AlreadyHere, NoSuchRole.
    """
    _refuse_unless_manager(by)
    email, name = kept(email.strip().lower()), kept(name)
    _refuse_bad(email, name, password)
    with transaction.atomic():
        if Staff.objects.filter(email=email).exists():
            raise AlreadyHere(Said("%(email)s is on the desk already. Give a role instead.", email=email))
        staff = Staff.objects.create_user(
            email, password, name=name.strip(), language=language, zone=zone, created_at=clock.now_ms()
        )
        fact = StaffAdded(staff=staff.uid, email=email, name=staff.name)
        append(fact, f"people.staff-added:{staff.uid}", actor=_actor(by), obj=staff.uid)
        if role is not None:
            give_role(staff, role, team=team, by=by)
    return staff


def give_role(staff: Staff, role: str, *, team: Team | None = None, by: Staff | None = None) -> bool:
    """She holds the role from now on, in the team or (None) in the whole desk; False when she did already."""
    _refuse_unless_manager(by)
    if role not in policy.ROLES:
        raise NoSuchRole(
            Said(
                "There is no role '%(role)s'. There are: %(there)s.", role=role, there=", ".join(policy.ROLES)
            )
        )
    with transaction.atomic():
        row, made = Role.objects.get_or_create(staff=staff, role=role, team=team)
        if made:
            fact = RoleGiven(staff=staff.uid, role=role, team=team.obj if team else "")
            append(fact, f"people.role-given:{row.pk}", actor=_actor(by), obj=staff.uid)
    staff.forget_roles()
    return made


def take_role(staff: Staff, role: str, *, team: Team | None = None, by: Staff | None = None) -> bool:
    """She holds the role no longer; False when she did not."""
    _refuse_unless_manager(by)
    with transaction.atomic():
        row = Role.objects.filter(staff=staff, role=role, team=team).first()
        if row is not None:
            fact = RoleTaken(staff=staff.uid, role=role, team=team.obj if team else "")
            append(fact, f"people.role-taken:{row.pk}", actor=_actor(by), obj=staff.uid)
            row.delete()
    staff.forget_roles()
    return row is not None


def leave(staff: Staff, *, by: Staff | None = None) -> bool:
    """She may not sign in any more: password, sessions and tokens end with it; False when she had left."""
    _refuse_unless_manager(by)
    with transaction.atomic():
        if not Staff.objects.filter(pk=staff.pk, is_active=True).update(is_active=False):
            return False
        staff.is_active = False
        staff.set_unusable_password()  # every session is bound to the password's hash
        staff.save(update_fields=["password"])
        tokens.end_all(staff)
        fact = StaffLeft(staff=staff.uid)
        append(fact, f"people.staff-left:{staff.uid}", actor=_actor(by), obj=staff.uid)
    return True


def by_email(email: str) -> Staff:
    """The active member of staff with this address; raises NoSuchStaff."""
    found = Staff.objects.filter(email=email.strip().lower(), is_active=True).first()
    if found is None:
        raise NoSuchStaff(
            Said(
                "Nobody with the address %(email)s works here. Add them first: bankside staff add.",
                email=email,
            )
        )
    return found


def by_uid(uid: str) -> Staff:
    """The active member of staff with this uid; raises NoSuchStaff."""
    found = Staff.objects.filter(uid=uid, is_active=True).first()
    if found is None:
        raise NoSuchStaff(Said("This person does not work here (any more)."))
    return found


def visible_to(staff: Staff) -> models.QuerySet[Staff]:
    """Everybody who works here or did, by name; nobody for whoever may not see the staff."""
    rows = Staff.objects.order_by("name", "pk").prefetch_related("roles__team")
    return rows if policy.teams_with(staff, "staff.see") else rows.none()


def get_visible(staff: Staff, uid: str) -> Staff:
    """One of them by uid; raises NoSuchStaff."""
    found = visible_to(staff).filter(uid=uid).first()
    if found is None:
        raise NoSuchStaff(Said("There is nobody of that kind among the staff that you see."))
    return found


def with_act(act: str, team: Team | None = None) -> models.QuerySet[Staff]:
    """Everybody who may do this with a thing of the team (None: of the whole desk), by name."""
    reach = (
        models.Q(roles__team=None)
        if team is None
        else models.Q(roles__team=None) | models.Q(roles__team=team)
    )
    held = models.Q(roles__role__in=policy.TABLE[act])
    return Staff.objects.filter(held & reach, is_active=True).distinct().order_by("name", "pk")


def named(uids: Iterable[str]) -> dict[str, StaffName]:
    """The names behind uids, of those who left too; at most 1,000 a call. Unknown ones are absent."""
    wanted = sorted({uid for uid in uids if uid})[:NAMES_MAX]
    if not wanted:
        return {}
    rows = Staff.objects.filter(uid__in=wanted).values_list("uid", "name")
    return {uid: StaffName(name, initials(name)) for uid, name in rows}


def initials(name: str) -> str:
    """Two letters that stand for a name: the first of first and last word; a given name in Hangul or Han."""
    words = name.split()
    if len(words) == 1 and len(name.strip()) <= 4 and ord(words[0][0]) > 0x2E7F:
        return words[0][-2:]
    letters = [words[0][0], words[-1][0]] if len(words) > 1 else [word[0] for word in words]
    return "".join(letters).upper()


def _refuse_unless_manager(by: Staff | None) -> None:
    if by is not None:
        policy.require(by, "staff.manage")


def _refuse_bad(email: str, name: str, password: str | None) -> None:
    if not name.strip() or len(name.strip()) > 120:
        raise BadStaff(Said("Give a name of 1 to 120 characters."))
    try:
        validate_email(email)
        if password is not None:
            validate_password(password)
    except ValidationError as wrong:
        raise BadStaff(" ".join(wrong.messages)) from None


def _actor(by: Staff | None) -> str:
    return SETUP if by is None else by.actor
