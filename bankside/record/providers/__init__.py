"""Who keeps the key that wraps the desk's own wrapping key: a file, a passphrase, an HSM or a key service.

A provider wraps and unwraps 32 bytes and knows nothing of subjects, records or the database. Most of the
desk's life it is asked once at the start of each process and every few minutes after that (`kek`).
"""

from __future__ import annotations

from importlib import import_module
from typing import Final, Protocol

from django.conf import settings

from bankside.record.keys import KeyProviderUnknown

# Imported when it is chosen: an HSM's library and an HTTP client are needed by few desks.
_MADE_BY: Final = {
    "file": "bankside.record.providers.key_file:KeyFile",
    "passphrase": "bankside.record.providers.key_file:Passphrase",
    "pkcs11": "bankside.record.providers.token:Token",
    "transit": "bankside.record.providers.transit:Transit",
}
NAMES: Final = tuple(_MADE_BY)


class Provider(Protocol):
    """Wraps and unwraps one key of 32 bytes. `context` is bound in: in another one it does not open.

    Each call raises KeyAway when nobody answers, KeyWrong when it is refused or the bytes are not as they
    were, and KeyMissing when something is not set up; the message says what.
    """

    name: str

    def holder(self) -> str:
        """Which key of its own wraps now; tells nothing of the key itself."""
        ...

    def make(self) -> None:
        """Makes what is missing on a new desk, or says what has to be made by hand."""
        ...

    def wrap(self, key: bytes, context: bytes) -> bytes:
        """The key, wrapped."""
        ...

    def unwrap(self, wrapped: bytes, context: bytes) -> bytes:
        """The 32 bytes again."""
        ...

    def renewed(self) -> Provider | None:
        """The same with a new key of its own that is not in use yet; None where that is made elsewhere.

        Durable, and the same one when it is asked again before `adopt`.
        """
        ...

    def adopt(self) -> None:
        """Puts the renewed key into the place of the old one, which is destroyed."""
        ...


def named(name: str = "") -> Provider:
    """The provider of this name, or of the settings; raises KeyProviderUnknown."""
    wanted = name or settings.KEY_PROVIDER
    if wanted not in _MADE_BY:
        raise KeyProviderUnknown(f"BANKSIDE_KEY_PROVIDER={wanted!r}; this version has {', '.join(NAMES)}")
    module, _, maker = _MADE_BY[wanted].partition(":")
    made: Provider = getattr(import_module(module), maker)()
    return made
