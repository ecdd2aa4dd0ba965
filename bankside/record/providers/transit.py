"""A key service: the transit engine of OpenBao or Vault, over HTTPS. The key never leaves it.

POST /v1/<mount>/encrypt/<key> and .../decrypt/<key>; `plaintext` and `associated_data` are base64, what comes
back is text with the version of the key in it (`vault:v3:...`). `rewrap` of OpenBao 2 takes no associated
data, so what is bound to a context is rewrapped by decrypting and encrypting again.
"""

from __future__ import annotations

import base64
import binascii
import ipaddress
import re
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote, urlsplit

from django.conf import settings

from bankside.late import httpx
from bankside.record.keys import KEY_BYTES, KeyAway, KeyMissing, KeyWrong

ANSWER_SECONDS_MAX: Final = 5.0
BODY_BYTES_MAX: Final = 65_536
TOKEN_BYTES_MAX: Final = 4096
# 400: it does not open; 403: the token may not; 404: no such mount or key. All else is a service in trouble.
_REFUSALS: Final = frozenset({400, 403, 404, 405})
_WRAPPED: Final = re.compile(r"vault:v[1-9][0-9]{0,8}:[A-Za-z0-9+/=]{1,4096}")


class Transit:
    """The key BANKSIDE_TRANSIT_KEY of the engine at BANKSIDE_TRANSIT_MOUNT."""

    name = "transit"

    def holder(self) -> str:
        """Mount and key; which version of it stands in what is wrapped."""
        return f"{settings.TRANSIT_MOUNT}/{settings.TRANSIT_KEY}"

    def make(self) -> None:
        """The key is made by whoever runs the service; here it is tried."""
        self.unwrap(self.wrap(bytes(KEY_BYTES), b"bankside try"), b"bankside try")

    def wrap(self, key: bytes, context: bytes) -> bytes:
        """The text that the service gives, under the newest version of its key."""
        said = _post("encrypt", {"plaintext": _text(key), "associated_data": _text(context)})
        wrapped = said.get("ciphertext")
        if not isinstance(wrapped, str) or not _WRAPPED.fullmatch(wrapped):
            raise KeyAway("the key service answered what no transit engine answers")
        return wrapped.encode()

    def unwrap(self, wrapped: bytes, context: bytes) -> bytes:
        """The key, by whatever version it was wrapped under."""
        given = bytes(wrapped).decode("ascii", "replace")
        if not _WRAPPED.fullmatch(given):
            raise KeyWrong("the wrapping key was changed: it has not the form of the key service")
        said = _post("decrypt", {"ciphertext": given, "associated_data": _text(context)})
        try:
            key = base64.b64decode(str(said.get("plaintext", "")), validate=True)
        except (binascii.Error, ValueError):
            key = b""
        if len(key) != KEY_BYTES:
            raise KeyAway("the key service answered what no transit engine answers")
        return key

    def renewed(self) -> None:
        """The service has versions of its own; wrapping again takes the newest."""

    def adopt(self) -> None:
        """Nothing to do."""


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _post(act: str, body: dict[str, str]) -> dict[str, Any]:
    """One call; the `data` of its answer."""
    place = f"{_address()}/v1/{quote(settings.TRANSIT_MOUNT)}/{act}/{quote(settings.TRANSIT_KEY, safe='')}"
    headers = {"X-Vault-Token": _token(), "X-Vault-Request": "true"}
    if settings.TRANSIT_NAMESPACE:
        headers["X-Vault-Namespace"] = settings.TRANSIT_NAMESPACE
    try:
        with httpx.Client(
            verify=_trusted(), timeout=ANSWER_SECONDS_MAX, trust_env=False, follow_redirects=False
        ) as line, line.stream("POST", place, json=body, headers=headers) as answer:  # fmt: skip
            told = b""
            for piece in answer.iter_bytes():
                told += piece
                if len(told) > BODY_BYTES_MAX:
                    raise KeyAway("the key service answered with more than it should")
    except httpx.HTTPError as trouble:
        raise KeyAway(f"the key service does not answer: {type(trouble).__name__}") from None
    return _data(answer, told)


def _data(answer: Any, told: bytes) -> dict[str, Any]:
    if answer.status_code in _REFUSALS:
        raise KeyWrong(f"the key service refuses: {answer.status_code} for {settings.TRANSIT_KEY}")
    if answer.status_code != 200:  # 429, 472, 473: standby; 503: sealed or in maintenance
        raise KeyAway(f"the key service cannot do it now: {answer.status_code}")
    try:
        import json

        data = json.loads(told)["data"]
    except (ValueError, KeyError, TypeError):
        data = None
    if not isinstance(data, dict):
        raise KeyAway("the key service answered what no transit engine answers")
    return data


def _address() -> str:
    """HTTPS; without it only on this machine, where a proxy of the service may listen."""
    address: str = settings.TRANSIT_URL.rstrip("/")
    parts = urlsplit(address)
    if parts.scheme == "https" or (parts.scheme == "http" and _is_here(parts.hostname or "")):
        return address
    raise KeyMissing("BANKSIDE_TRANSIT_URL is not set, or is not https://: the address of the key service")


def _is_here(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _trusted() -> Any:
    import ssl

    return ssl.create_default_context(cafile=settings.TRANSIT_CA_FILE or None)


def _token() -> str:
    """Read at each call: an agent renews it in its file."""
    path = Path(settings.TRANSIT_TOKEN_FILE or "/")
    try:
        with path.open("rb") as file:
            token = file.read(TOKEN_BYTES_MAX).decode("ascii").strip()
    except (OSError, UnicodeDecodeError):
        token = ""
    if not token or not token.isprintable():
        raise KeyMissing(f"{path} holds no token: BANKSIDE_TRANSIT_TOKEN_FILE names the file with one")
    return token
