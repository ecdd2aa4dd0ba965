"""Whose address a link from outside really has: said in the page, because nothing is loaded from there."""

from __future__ import annotations

from urllib.parse import urlsplit


def host_of(url: str) -> str:
    """The host of a web address as computers read it (`xn--...` stays); "" when it is no plain web address.

    An address with a name before its host ("https://hanulbank.example@elsewhere.example") is none.
    """
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        plain = host.encode("idna").decode("ascii")
    except (ValueError, UnicodeError):
        return ""
    return plain if parts.scheme in {"http", "https"} and "@" not in parts.netloc else ""
