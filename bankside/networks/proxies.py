"""The HTTP proxy of a house that lets nothing out but through it: how its address is written. Pure."""

from __future__ import annotations

from urllib.parse import urlsplit

from bankside.networks.failures import Refused
from bankside.said import Said

SETTING = "proxy"
"""The setting of a channel that names it; every network takes it."""
PORTS = {"http": 80, "https": 443}


def checked(address: str) -> str:
    """`http://host:port` or `https://host:port`, in one form. Raises Refused for anything else.

    No name and no password: settings are shown to everybody who sees the channel.
    """
    try:
        parts = urlsplit(address.strip())
        host, port = (parts.hostname or "").encode("idna").decode("ascii"), parts.port
    except (ValueError, UnicodeError):
        raise _not_one() from None
    bare = parts.path in {"", "/"} and not (parts.query or parts.fragment or "@" in parts.netloc)
    if parts.scheme not in PORTS or not host or not bare or " " in host:
        raise _not_one()
    name = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{name}:{port or PORTS[parts.scheme]}"


def _not_one() -> Refused:
    return Refused(Said("A proxy is written as http://name:port, without a name and a password of its own."))
