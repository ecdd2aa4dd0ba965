"""Payload encryption: pure functions over bytes, no database and no key store.

The id of a record enters as its 32 characters of hex text (not as 16 raw bytes), both in the key
derivation and as authenticated data. Two records never share a key: it hangs on the subject's key,
the record's own random salt and its id. Destroy the salt and one record is gone; destroy the
subject's key and everything of that person is gone, while leaves and proofs stay as they are.
"""

from __future__ import annotations

import hashlib
import hmac
import os
from typing import NamedTuple

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

KEY_BYTES = 32
SALT_BYTES = 32
NONCE_BYTES = 12

# A derived key encrypts exactly one plaintext, so its nonce may be constant.
_ONCE = bytes(NONCE_BYTES)


class Unreadable(ValueError):
    """The ciphertext, its key, its salt or its id is not the one it was sealed with."""


class Encrypted(NamedTuple):
    """What `encrypt` returns: the bytes to store, and the two hex digests that go into the leaf."""

    ciphertext: bytes
    ct: str
    cm: str


def encrypt(subject_key: bytes, record_id: str, salt: bytes, plaintext: bytes) -> Encrypted:
    """Encrypt one payload under (32-byte subject key, 32 hex id, 32-byte salt).

    Call it once per id and salt: an edit is a new record with a new id and a new salt.
    `ct` is SHA-256 of the ciphertext; `cm` is HMAC-SHA256 of the plaintext under a key that
    disappears with the salt, because a bare hash of short words can be guessed.
    """
    key, commit = _record_keys(subject_key, record_id, salt)
    ciphertext = AESGCM(key).encrypt(_ONCE, plaintext, record_id.encode())
    return Encrypted(ciphertext, hashlib.sha256(ciphertext).hexdigest(), _commitment(commit, plaintext))


def decrypt(subject_key: bytes, record_id: str, salt: bytes, ciphertext: bytes, cm: str = "") -> bytes:
    """The plaintext of one payload; with `cm`, its commitment in the leaf is checked as well.

    Raises Unreadable when anything at all differs from what was sealed.
    """
    return opened(subject_key, record_id, salt, ciphertext, cm).plaintext


class Opened(NamedTuple):
    """A plaintext, and the key under which its leaf commits to it: whoever has that key can check the words
    against the leaf, and can read no ciphertext with it."""

    plaintext: bytes
    commitment_key: bytes


def opened(subject_key: bytes, record_id: str, salt: bytes, ciphertext: bytes, cm: str = "") -> Opened:
    """As `decrypt`, with the second half of the record's keys, which a third party may be given."""
    key, commit = _record_keys(subject_key, record_id, salt)
    try:
        plaintext = AESGCM(key).decrypt(_ONCE, ciphertext, record_id.encode())
    except InvalidTag:
        raise Unreadable(f"record {record_id}: the payload does not open with its keys") from None
    if cm and not commits(cm, commit, plaintext):
        raise Unreadable(f"record {record_id}: the payload is not the one its leaf commits to")
    return Opened(plaintext, commit)


def commits(cm: str, commitment_key: bytes, plaintext: bytes) -> bool:
    """Whether a leaf that says `cm` commits to this plaintext."""
    return hmac.compare_digest(cm, _commitment(commitment_key, plaintext))


def wrap_key(kek: bytes, subject_key: bytes, subj: str) -> bytes:
    """A subject's key under the key-encryption key: 12 random bytes of nonce, then AES-256-GCM."""
    nonce = os.urandom(NONCE_BYTES)
    return nonce + AESGCM(kek).encrypt(nonce, subject_key, _subject_context(subj))


def unwrap_key(kek: bytes, wrapped: bytes, subj: str) -> bytes:
    """The 32-byte subject key. Raises Unreadable for another key, another subject or changed bytes."""
    try:
        return AESGCM(kek).decrypt(wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:], _subject_context(subj))
    except (InvalidTag, ValueError):
        raise Unreadable(f"subject {subj}: its key does not open with this key-encryption key") from None


def _record_keys(subject_key: bytes, record_id: str, salt: bytes) -> tuple[bytes, bytes]:
    """(encryption key, commitment key), 32 bytes each."""
    if len(subject_key) != KEY_BYTES or len(salt) != SALT_BYTES or len(record_id) != 32:
        raise ValueError("a record key needs a 32-byte subject key, a 32-byte salt and a 32-hex id")
    derived = HKDF(hashes.SHA256(), 64, salt, b"rec/v1|" + record_id.encode()).derive(subject_key)
    return derived[:32], derived[32:]


def _commitment(key: bytes, plaintext: bytes) -> str:
    return hmac.digest(key, plaintext, "sha256").hex()


def _subject_context(subj: str) -> bytes:
    return b"subject:" + subj.encode()
