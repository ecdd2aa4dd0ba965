"""Whose words they are: one random id and one key per account on a network.

Accounts of different networks are never merged here; a link fact ties subjects to a member later.
"""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Iterable, Iterator
from functools import lru_cache

from django.db import connection

from bankside.record import clock, kek, keys, prepared, sealed
from bankside.record.ids import new_id
from bankside.record.models import Subject
from bankside.record.payload import unwrap_key, wrap_key

DESK_ACCOUNT = "desk|"
KEYS_MAX = 10_000
# An erasure in another process is noticed here after so long: record.md 10, target 8, gives it 60 seconds.
KEYS_SECONDS_MAX = 20.0
NAMES_PER_QUERY_MAX = 500  # SQLite's limit on parameters was 999 for long

Account = tuple[str, str]
_keys: dict[str, bytes] = {}
_since = 0.0


class Forgotten(LookupError):
    """The subject was erased: its key is gone, and with it every word."""


def subject_of(network: str, account: str) -> str:
    """The subject (32 hex) of a remote account, made at first sight.

    Only an HMAC of the account is kept, so that the table alone names nobody.
    """
    return _subject(f"{network}|{account}")


def subjects_of(accounts: Iterable[Account]) -> dict[Account, str]:
    """The same for many (network, remote account id), by two statements."""
    macs = {account: _mac("|".join(account)) for account in set(accounts)}
    found = _by_mac(macs.values())
    missing = sorted(set(macs.values()) - found.keys())
    if missing:
        now = clock.now_ms()
        Subject.objects.bulk_create((_new(mac, now) for mac in missing), ignore_conflicts=True)
        found |= _by_mac(missing)
    return {account: found[mac] for account, mac in macs.items()}


def load(subjs: Iterable[str]) -> None:
    """Has the keys of these subjects at hand, by one statement; `key_of` then asks for none of them."""
    _forget_old()
    wanted = [subj for subj in set(subjs) if subj not in _keys]
    for some in _slices(wanted):
        rows = Subject.objects.filter(subj__in=some).values_list("subj", "wrapped", "kek")
        for subj, wrapped, generation in rows:
            _remember(subj, bytes(wrapped), generation)


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


def key_of(subj: str) -> bytes:
    """The 32-byte key of a subject; raises Forgotten after an erasure."""
    _forget_old()
    if known := _keys.get(subj):
        return known
    row = Subject.objects.filter(subj=subj).only("wrapped", "kek").first()
    if row is None:
        raise Forgotten(f"subject {subj} was erased")
    return _remember(subj, bytes(row.wrapped), row.kek_id or 0)


def forget() -> None:
    """Drops the keys this process remembers."""
    _keys.clear()
    desk.cache_clear()


def is_known(subj: str) -> bool:
    """Whether there is such a subject, and it was not erased."""
    return Subject.objects.filter(subj=subj).exists()


def erase(subj: str) -> bool:
    """Destroys the key of a subject and who it is; its words cannot be read from the commit on.

    To be called in the transaction of the decision (erasing.py). False when nothing was left of it.
    """
    if subj == desk():
        raise ValueError("the desk's own subject cannot be erased: erase its words of one object")
    deleted, _ = Subject.objects.filter(subj=subj).delete()
    _keys.pop(subj, None)
    return deleted > 0


def _forget_old() -> None:
    """Keys are asked for anew every 20 seconds, so that no process goes on with what another destroyed; and
    when the key that wraps them may not lie in memory any longer."""
    global _since
    if (now := time.monotonic()) - _since > KEYS_SECONDS_MAX or not kek.is_at_hand():
        _keys.clear()
        _since = now


def _subject(account: str) -> str:
    mac = _mac(account)
    return _by_mac([mac]).get(mac) or _make(mac)


def _make(mac: str) -> str:
    Subject.objects.bulk_create([_new(mac, clock.now_ms())], ignore_conflicts=True)
    return _by_mac([mac])[mac]


def _new(mac: str, now: int) -> Subject:
    subj = new_id()
    generation, key = kek.current()
    wrapped = wrap_key(key, secrets.token_bytes(32), subj)
    return Subject(mac=mac, subj=subj, wrapped=wrapped, kek_id=generation, created_at=now)


def _by_mac(macs: Iterable[str]) -> dict[str, str]:
    """Their keys are at hand then, too: whoever asks for subjects is about to write under them."""
    found: dict[str, str] = {}
    for some in _slices(list(macs)):
        for mac, subj, wrapped, generation in _rows(some):
            found[mac] = subj
            if subj not in _keys:
                _remember(subj, bytes(wrapped), generation)
    return found


def _rows(macs: list[str]) -> list[tuple[str, str, bytes, int]]:
    with prepared.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(f"{_ROWS} = any(%s::text[])", [prepared.array(macs)])
        else:
            cursor.execute(f"{_ROWS} in (select value from json_each(%s))", [json.dumps(macs)])  # noqa: S608
        return list(cursor.fetchall())


_ROWS = "select mac, subj, wrapped, kek from record_subject where mac"


def _slices(names: list[str]) -> Iterator[list[str]]:
    for start in range(0, len(names), NAMES_PER_QUERY_MAX):
        yield names[start : start + NAMES_PER_QUERY_MAX]


def _remember(subj: str, wrapped: bytes, generation: int) -> bytes:
    if len(_keys) >= KEYS_MAX:
        _keys.clear()
    return _keys.setdefault(subj, unwrap_key(kek.key_of(generation), wrapped, subj))


def _mac(account: str) -> str:
    return sealed.mac("subject-map", account)
