"""Whose words they are: one random id and one key per account on a network.

Accounts of different networks are never merged here; a link fact ties subjects to a member later.
"""

from __future__ import annotations

import secrets
from functools import lru_cache

from bankside.record import clock, keys, sealed
from bankside.record.ids import new_id
from bankside.record.models import Subject
from bankside.record.payload import unwrap_key, wrap_key

DESK_ACCOUNT = "desk|"


class Forgotten(LookupError):
    """The subject was erased: its key is gone, and with it every word."""


def subject_of(network: str, account: str) -> str:
    """The subject (32 hex) of a remote account, made at first sight.

    Only an HMAC of the account is kept, so that the table alone names nobody.
    """
    return _subject(f"{network}|{account}")


@lru_cache(maxsize=1)
def desk() -> str:
    """The subject of the bank's own words and of its staff's."""
    subj = Subject.objects.filter(mac=_mac(DESK_ACCOUNT)).values_list("subj", flat=True).first()
    if subj is None:
        raise keys.KeyMissing("the desk has no subject of its own yet; run `bankside migrate`")
    return subj


def make_desk() -> None:
    """Makes the desk's subject when the desk is founded."""
    _subject(DESK_ACCOUNT)


@lru_cache(maxsize=10_000)
def key_of(subj: str) -> bytes:
    """The 32-byte key of a subject; raises Forgotten after an erasure."""
    row = Subject.objects.filter(subj=subj).only("wrapped").first()
    if row is None:
        raise Forgotten(f"subject {subj} was erased")
    return unwrap_key(keys.kek(), bytes(row.wrapped), subj)


def forget() -> None:
    """Drops the keys this process remembers."""
    key_of.cache_clear()
    desk.cache_clear()


def _subject(account: str) -> str:
    mac = _mac(account)
    found = Subject.objects.filter(mac=mac).values_list("subj", flat=True).first()
    return found or _make(mac)


def _make(mac: str) -> str:
    subj = new_id()
    wrapped = wrap_key(keys.kek(), secrets.token_bytes(32), subj)
    row, _ = Subject.objects.get_or_create(
        mac=mac, defaults={"subj": subj, "wrapped": wrapped, "created_at": clock.now_ms()}
    )
    return row.subj


def _mac(account: str) -> str:
    return sealed.mac("subject-map", account)
