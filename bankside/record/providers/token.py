"""An HSM by PKCS #11: the key never leaves it. Needs the package python-pkcs11 and the maker's library.

AES-256-GCM under a key of the token that cannot be extracted. Each call opens its own session and logs in;
there are few calls, and a session that was left open when the HSM restarted would be of no use.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from django.conf import settings

from bankside.record.keys import KEY_BYTES, KeyAway, KeyMissing, KeyWrong

NONCE_BYTES: Final = 12
TAG_BITS: Final = 128
PIN_BYTES_MAX: Final = 256
# What a token says when it, and not the network or the device, refuses: PKCS #11 v2.40, 3.
_REFUSALS: Final = frozenset({
    "PinIncorrect", "PinLocked", "PinInvalid", "PinExpired", "EncryptedDataInvalid", "EncryptedDataLenRange",
    "KeyFunctionNotPermitted", "MechanismInvalid", "MechanismParamInvalid", "ArgumentsBad", "DataInvalid",
})  # fmt: skip


class Token:
    """The key BANKSIDE_HSM_KEY in the token BANKSIDE_HSM_TOKEN."""

    name = "pkcs11"

    def holder(self) -> str:
        """Names of token and key."""
        return f"{settings.HSM_TOKEN}/{settings.HSM_KEY}"

    def make(self) -> None:
        """Makes the key in the token, where there is none of this name; it cannot be read out."""
        with _session(writes=True) as (pkcs11, session):
            if _found(pkcs11, session) is not None:
                return
            attribute = pkcs11.Attribute
            session.generate_key(
                pkcs11.KeyType.AES, KEY_BYTES * 8, label=settings.HSM_KEY, store=True,
                template={
                    attribute.SENSITIVE: True, attribute.EXTRACTABLE: False, attribute.PRIVATE: True,
                    attribute.ENCRYPT: True, attribute.DECRYPT: True,
                },
            )  # fmt: skip

    def wrap(self, key: bytes, context: bytes) -> bytes:
        """12 random bytes of nonce, then AES-256-GCM by the token."""
        nonce = os.urandom(NONCE_BYTES)
        with _session() as (pkcs11, session):
            params = pkcs11.GCMParams(nonce, context, TAG_BITS)
            held = _key(pkcs11, session)
            done: bytes = held.encrypt(key, mechanism=pkcs11.Mechanism.AES_GCM, mechanism_param=params)
        return nonce + done

    def unwrap(self, wrapped: bytes, context: bytes) -> bytes:
        """The key."""
        with _session() as (pkcs11, session):
            params = pkcs11.GCMParams(wrapped[:NONCE_BYTES], context, TAG_BITS)
            held, body = _key(pkcs11, session), wrapped[NONCE_BYTES:]
            try:
                done: bytes = held.decrypt(body, mechanism=pkcs11.Mechanism.AES_GCM, mechanism_param=params)
            except pkcs11.exceptions.GeneralError:  # what SoftHSM says of a wrong tag
                raise KeyWrong(_changed()) from None
        if len(done) != KEY_BYTES:
            raise KeyWrong(_changed())
        return done

    def renewed(self) -> None:
        """Keys of an HSM are made there: set another BANKSIDE_HSM_KEY and move to it."""

    def adopt(self) -> None:
        """Nothing to do."""


def _changed() -> str:
    return f"the wrapping key does not open with {settings.HSM_KEY} of the HSM: it was changed"


def _found(pkcs11: Any, session: Any) -> Any:
    wanted = {
        pkcs11.Attribute.CLASS: pkcs11.ObjectClass.SECRET_KEY, pkcs11.Attribute.LABEL: settings.HSM_KEY,
    }  # fmt: skip
    return next(iter(session.get_objects(wanted)), None)


def _key(pkcs11: Any, session: Any) -> Any:
    if (found := _found(pkcs11, session)) is None:
        raise KeyMissing(f"the token {settings.HSM_TOKEN} has no key {settings.HSM_KEY}")
    return found


@contextmanager
def _session(*, writes: bool = False) -> Iterator[tuple[Any, Any]]:
    """A session of the desk's user. What goes wrong inside is named for the situation."""
    try:
        import pkcs11
    except ImportError:
        raise KeyMissing(
            "the package python-pkcs11 is not installed: `pip install --require-hashes -r"
            " requirements/run.txt`"
        ) from None
    if not settings.HSM_LIBRARY:
        raise KeyMissing("BANKSIDE_HSM_LIBRARY is not set: the library (.so) of the HSM's maker")
    try:
        token = pkcs11.lib(settings.HSM_LIBRARY).get_token(token_label=settings.HSM_TOKEN)
        with token.open(user_pin=_pin(), rw=writes) as session:
            yield pkcs11, session
    except pkcs11.exceptions.PKCS11Error as trouble:
        kind = type(trouble).__name__
        if kind in _REFUSALS:
            raise KeyWrong(f"the HSM refuses: {kind}") from None
        raise KeyAway(f"the HSM does not answer: {kind}") from None
    except RuntimeError as trouble:
        if type(trouble) is not RuntimeError:
            raise
        raise KeyMissing(f"{settings.HSM_LIBRARY} cannot be loaded: {trouble}") from None


def _pin() -> str:
    path = Path(settings.HSM_PIN_FILE or "/")
    try:
        with path.open("rb") as file:
            return file.read(PIN_BYTES_MAX).decode().strip()
    except OSError:
        raise KeyMissing(
            f"{path} cannot be read: BANKSIDE_HSM_PIN_FILE names the file with the HSM's PIN"
        ) from None
