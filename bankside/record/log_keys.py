"""The keys with which the logs sign their heads. Every log has its own, derived from one secret.

The secret is 32 random bytes in LOG_KEY_FILE, mode 0400. While it is being changed, the one before lies
beside it as `<file>.before`, and both sign. Only `signing` reads it; everybody else needs public keys.
Where BANKSIDE_SIGNER names a signer, the desk has no secret: the signer has it, and tells its public keys.
"""

from __future__ import annotations

import time
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings

from bankside.record import log_secret
from bankside.record.keys import KeyMissing, make_once
from bankside.record.log.note import SIGNS, Key, parse_vkey, public_key
from bankside.record.models import Checkpoint

ASKED_SECONDS = 60.0
_told: dict[str, tuple[float, list[Key]]] = {}


def public_keys(origin: str) -> list[Key]:
    """The keys that sign the heads of this log now, the newest first: one, or two while it is being changed.

    Raises KeyMissing, or SignerAway when there is a signer that was not asked before and does not answer.
    """
    if settings.SIGNER:
        return _keys_of_signer(origin)
    return [public_key(origin, SIGNS, private) for private in private_keys(origin)]


def private_keys(origin: str) -> list[Ed25519PrivateKey]:
    """The same with their secrets; raises KeyMissing. A desk with a signer has none."""
    return log_secret.private_keys(settings.LOG_KEY_FILE, origin)


def make() -> None:
    """Makes the secret of a new desk, called by `bankside migrate`; keeps the one that is there.

    One that is gone is not made anew in silence: heads were signed with it. `rotation.lost` does that.
    """
    if not settings.SIGNER and not Checkpoint.objects.exclude(note="").exists():
        make_once(settings.LOG_KEY_FILE)
    forget()


def before_file() -> Path:
    """Where the secret lies that is going out of use."""
    return log_secret.before_of(settings.LOG_KEY_FILE)


def forget() -> None:
    """Drops the keys that this process remembers."""
    log_secret.forget()
    _told.clear()


def _keys_of_signer(origin: str) -> list[Key]:
    """What the signer says, asked once in a while; while it is away, what it said last."""
    from bankside.record.signer_asking import SignerAway

    now = time.monotonic()
    known = _told.get(origin)
    if known is None or now - known[0] > ASKED_SECONDS:
        try:
            known = _told[origin] = (now, _asked(origin))
        except SignerAway:
            if known is None:
                raise
    return known[1]


def _asked(origin: str) -> list[Key]:
    from bankside.record.signer_asking import ask

    answer = ask(settings.SIGNER, "/keys", origin.encode())
    if answer.status != 200:
        raise KeyMissing(f"the signer has no key of {origin}: {answer.body.strip()}")
    keys = [parse_vkey(line) for line in answer.body.split()]
    if not keys or any((key.name, key.kind) != (origin, SIGNS) for key in keys):
        raise KeyMissing(f"what the signer told is no key of {origin}")
    return keys
