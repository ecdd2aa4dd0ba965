"""Whose account it is: a server says who its people are, and the domain in a name says which server that is.

A server could claim any domain, so what it says of its name counts only when the domain leads back to it
(WebFinger, RFC 7033). A name is never given to somebody else on these servers, so it is the id that stays.
"""

from __future__ import annotations

import re
from urllib.parse import quote, urlsplit

import msgspec

from bankside.networks.contract import Gone, Refused
from bankside.networks.markup import web_address
from bankside.networks.mastodon.server import Account, Instance, full_name, ms_of, understood
from bankside.networks.whose import Named, Profile
from bankside.networks.wire import Wire
from bankside.said import Said

ACCOUNT = re.compile(r"@?([A-Za-z0-9_](?:[A-Za-z0-9_.-]{0,62}[A-Za-z0-9_])?)@([A-Za-z0-9.:-]{1,255})")
PAGE = re.compile(r"/(?:@|users/)([A-Za-z0-9_](?:[A-Za-z0-9_.-]{0,62}[A-Za-z0-9_])?)/?")


def named(typed: str) -> Named:
    """A name with its server, the address of a profile, or of a server alone. Raises Refused."""
    typed = typed.strip()
    if found := ACCOUNT.fullmatch(typed):
        return _at(f"https://{found[2].lower()}", found[1])
    parts = urlsplit(typed if "://" in typed else f"https://{typed}")
    page = PAGE.fullmatch(parts.path)
    if parts.scheme not in {"https", "http"} or "." not in parts.netloc or "@" in parts.netloc:
        raise Refused(Said("Give the name with its server, for example @minji@social.example."))
    if page or parts.path in {"", "/"}:
        return _at(f"{parts.scheme}://{parts.netloc.lower()}", page[1] if page else "")
    raise Refused(Said("Give the name with its server, for example @minji@social.example."))


def home(wire: Wire, server: str, account: str) -> str:
    """Where the domain of this server sends whoever asks for the account; itself when it says nothing."""
    asked: dict[str, str | int] = {"resource": f"acct:{account.removeprefix('@')}"}
    answer = wire.get(f"{server}/.well-known/webfinger", params=asked, also=(400, 404, 410))
    if answer.status != 200:
        return server
    own = [link.href for link in understood(answer, _Finger).links if link.rel == "self"]
    if not own or not web_address(own[0]):
        return server
    parts = urlsplit(own[0])
    return f"{parts.scheme}://{parts.netloc.lower()}"


def profile(wire: Wire, server: str, account: str) -> Profile:
    """An account of this server, as it shows it to everybody."""
    name = account.removeprefix("@").partition("@")[0]
    domain = _domain(wire, server) or urlsplit(server).netloc.lower()
    answer = wire.get(f"{server}/api/v1/accounts/lookup?acct={quote(name, safe='')}", also=(404, 410))
    if answer.status != 200:
        raise Gone(Said("Nobody on this server is called %(name)s.", name=name))
    found = understood(answer, Account)
    whole = full_name(found.acct, domain).lower()
    return Profile(
        remote_id=whole, handle=f"@{found.username}@{whole.partition('@')[2]}", url=web_address(found.url),
        since_ms=ms_of(found.created_at),
    )  # fmt: skip


def _domain(wire: Wire, server: str) -> str:
    """What the server calls itself in the names of its people."""
    answer = wire.get(f"{server}/api/v2/instance", also=(404, 410))
    if answer.status != 200:
        answer = wire.get(f"{server}/api/v1/instance", also=(404, 410))
    about = understood(answer, Instance) if answer.status == 200 else Instance()
    return about.domain or about.uri


def _at(server: str, name: str) -> Named:
    account = f"{name}@{urlsplit(server).netloc}" if name else ""
    return Named(account=account, settings={"server": server})


class _Link(msgspec.Struct):
    rel: str = ""
    href: str = ""


class _Finger(msgspec.Struct):
    links: list[_Link] = []
