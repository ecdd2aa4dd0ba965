"""Small secrets outside the record, each class under its own key: network tokens, kept bodies, words to send.

Form: 12 random bytes, then AES-256-GCM ciphertext; the class and a context are bound in, so that a
sealed value moved to another row does not open there.
"""

from __future__ import annotations

import hmac
import secrets
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from bankside.record import keys
from bankside.record.models import KeyClass
from bankside.record.payload import unwrap_key, wrap_key

CLASSES = frozenset(
    {"answer", "card", "channel-token", "intake", "delivery", "media", "study", "subject-map"}
)


class Unreadable(ValueError):
    """The value was changed, moved to another row, or sealed under another key."""


def seal(key_class: str, plaintext: bytes, context: str) -> bytes:
    """`plaintext` readable only with the class's key and the same context."""
    nonce = secrets.token_bytes(12)
    return nonce + AESGCM(_key(key_class)).encrypt(nonce, plaintext, f"{key_class}|{context}".encode())


def unseal(key_class: str, sealed: bytes, context: str) -> bytes:
    """The plaintext; raises Unreadable."""
    blob = bytes(sealed)
    try:
        return AESGCM(_key(key_class)).decrypt(blob[:12], blob[12:], f"{key_class}|{context}".encode())
    except (InvalidTag, ValueError):
        raise Unreadable(f"a {key_class} value cannot be opened: it was changed or moved") from None


def mac(key_class: str, text: str) -> str:
    """Hex HMAC-SHA256 under the class's key: a name that nobody can guess back."""
    return hmac.digest(_key(key_class), text.encode(), "sha256").hex()


def _key(key_class: str) -> bytes:
    if key_class not in CLASSES:
        raise KeyError(f"{key_class!r} is not a key class; known: {', '.join(sorted(CLASSES))}")
    return _load(key_class, keys.kek())


@lru_cache(maxsize=32)
def _load(key_class: str, kek: bytes) -> bytes:
    row = KeyClass.objects.filter(name=key_class).first()
    if row is None:
        raise keys.KeyMissing(f"the desk has no {key_class} key yet; run `bankside migrate`")
    return unwrap_key(kek, bytes(row.wrapped), f"class-{key_class}")


def make_class_keys() -> None:
    """Makes the missing class keys; called when the desk is founded, in a transaction that commits.

    Never made on demand: a key made inside a transaction that rolls back would seal what nobody can open.
    """
    for name in sorted(CLASSES):
        wrapped = wrap_key(keys.kek(), secrets.token_bytes(32), f"class-{name}")
        KeyClass.objects.get_or_create(name=name, defaults={"wrapped": wrapped})


def forget() -> None:
    """Drops the keys that this process remembers."""
    _load.cache_clear()
