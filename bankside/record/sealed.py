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

from bankside.record import kek
from bankside.record.keys import KeyAway, KeyMissing, WrappingKeyMissing
from bankside.record.models import KeyClass
from bankside.record.payload import unwrap_key, wrap_key

CLASSES = frozenset(
    {"answer", "card", "channel-token", "intake", "delivery", "media", "search", "study", "subject-map"}
)
# While the provider of keys is away for longer than the lease, hooks are still judged, and what they bring is
# kept, sealed, until somebody can read it. These two stay at hand: one checks signatures, one seals alone.
HOOK_CLASSES = frozenset({"channel-token", "intake"})
SEALED_ALONE = "intake"
_for_hooks: dict[str, bytes] = {}


class Unreadable(ValueError):
    """The value was changed, moved to another row, or sealed under another key."""


def seal(key_class: str, plaintext: bytes, context: str) -> bytes:
    """`plaintext` readable only with the class's key and the same context."""
    nonce = secrets.token_bytes(12)
    return nonce + AESGCM(_key(key_class)).encrypt(nonce, plaintext, f"{key_class}|{context}".encode())


def unseal(key_class: str, sealed: bytes, context: str) -> bytes:
    """The plaintext; raises Unreadable, and KeyAway."""
    blob, key = bytes(sealed), _key(key_class, reads=True)
    try:
        return AESGCM(key).decrypt(blob[:12], blob[12:], f"{key_class}|{context}".encode())
    except (InvalidTag, ValueError):
        raise Unreadable(f"a {key_class} value cannot be opened: it was changed or moved") from None


def mac(key_class: str, text: str) -> str:
    """Hex HMAC-SHA256 under the class's key: a name that nobody can guess back."""
    return hmac.digest(_key(key_class), text.encode(), "sha256").hex()


def _key(key_class: str, *, reads: bool = False) -> bytes:
    if key_class not in CLASSES:
        raise KeyError(f"{key_class!r} is not a key class; known: {', '.join(sorted(CLASSES))}")
    try:
        key = _load(key_class, kek.current().key)
    except (KeyAway, WrappingKeyMissing):
        _load.cache_clear()
        if key_class not in _for_hooks or (reads and key_class == SEALED_ALONE):
            raise
        return _for_hooks[key_class]
    if key_class in HOOK_CLASSES:
        _for_hooks[key_class] = key
    return key


@lru_cache(maxsize=32)
def _load(key_class: str, newest: bytes) -> bytes:
    """Remembered until another wrapping key is the newest."""
    row = KeyClass.objects.filter(name=key_class).first()
    if row is None:
        raise KeyMissing(f"the desk has no {key_class} key yet; run `bankside migrate`")
    return unwrap_key(kek.key_of(row.kek_id or 0), bytes(row.wrapped), f"class-{key_class}")


def make_class_keys() -> None:
    """Makes the missing class keys; called when the desk is founded, in a transaction that commits.

    Never made on demand: a key made inside a transaction that rolls back would seal what nobody can open.
    """
    there = set(KeyClass.objects.values_list("name", flat=True))
    for name in sorted(CLASSES - there):
        generation, key = kek.current()
        wrapped = wrap_key(key, secrets.token_bytes(32), f"class-{name}")
        KeyClass.objects.get_or_create(name=name, defaults={"wrapped": wrapped, "kek_id": generation})


def forget() -> None:
    """Drops the keys that this process remembers."""
    _load.cache_clear()
    _for_hooks.clear()
