"""Bearer tokens for programs. A token is shown once; only its SHA-256 is kept."""

from __future__ import annotations

import hashlib
import secrets

from django.db import transaction

from bankside.people import policy
from bankside.people.models import Staff, Token
from bankside.record import clock
from bankside.record.append import append
from bankside.record.facts.people import TokenEnded, TokenMade
from bankside.record.identifiers import kept
from bankside.said import Said

PREFIX = "bks_"
TOKEN_CHARACTERS_MAX = 100
USED_EVERY_MS = 60_000
NAME_CHARACTERS_MAX = 80


class BadToken(ValueError):
    """The token's name cannot be used."""


def make(staff: Staff, name: str, *, by: Staff | None = None) -> str:
    """A token with which a program acts as this member of staff. `by` None is the command line."""
    if by is not None:
        policy.require(by, "token.create")
    name = kept(name)
    if not 0 < len(name.strip()) <= NAME_CHARACTERS_MAX:
        raise BadToken(
            Said(
                "Name the program that gets the token, in 1 to %(number)s characters.",
                number=NAME_CHARACTERS_MAX,
            )
        )
    token = PREFIX + secrets.token_urlsafe(32)
    with transaction.atomic():
        row = Token.objects.create(
            staff=staff,
            digest=_digest(token),
            name=name.strip(),
            ends_in=token[-4:],
            created_at=clock.now_ms(),
        )
        fact = TokenMade(staff=staff.uid, name=row.name, ends_in=row.ends_in)
        actor = "s:setup" if by is None else by.actor
        append(fact, f"people.token-made:{row.pk}", actor=actor, obj=staff.uid)
    return token


def staff_of(token: str) -> Staff | None:
    """Who acts by this token; None when it is not known, has ended, or she has left."""
    if not token.startswith(PREFIX) or len(token) > TOKEN_CHARACTERS_MAX:
        return None
    row = Token.objects.select_related("staff").filter(digest=_digest(token), ended_at=0).first()
    if row is None or not row.staff.is_active:
        return None
    _note_use(row)
    return row.staff


def end(token: Token, *, by: Staff | None = None) -> bool:
    """The token is no longer good; False when it had ended. Her own tokens anybody may end."""
    if by is not None and by.pk != token.staff_id:
        policy.require(by, "token.create")
    with transaction.atomic():
        if not Token.objects.filter(pk=token.pk, ended_at=0).update(ended_at=clock.now_ms()):
            return False
        fact = TokenEnded(staff=token.staff.uid, ends_in=token.ends_in)
        actor = "s:setup" if by is None else by.actor
        append(fact, f"people.token-ended:{token.pk}", actor=actor, obj=token.staff.uid)
    return True


def end_all(staff: Staff) -> int:
    """Ends every token of somebody who leaves, in the caller's transaction; StaffLeft is the fact of it."""
    return Token.objects.filter(staff=staff, ended_at=0).update(ended_at=clock.now_ms())


def _note_use(row: Token) -> None:
    """When it was last used, to the minute: a write at each call would queue readers behind writers."""
    now = clock.now_ms()
    if now - row.used_at >= USED_EVERY_MS:
        Token.objects.filter(pk=row.pk).update(used_at=now)


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
