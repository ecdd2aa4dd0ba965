"""Sockets that go only where they may: resolved once, checked, and connected to the address that was checked.

A name that is asked twice may answer twice differently (DNS rebinding), so it is asked once. Every
read and write ends at one deadline for the whole exchange, so that a server which drips a byte now and
then holds nobody for ever. The name stays in the Host header and in TLS; only the socket gets the address.
"""

from __future__ import annotations

import ipaddress
import queue
import socket
import ssl
import threading
from collections.abc import Callable, Iterable
from functools import cache

import certifi

from bankside.late import httpcore, httpx
from bankside.networks.failures import Refused
from bankside.said import Said

RESOLVE_SECONDS_MAX = 2.0

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Resolve = Callable[[str, int], list[str]]

_V6_THAT_CARRY_V4 = tuple(
    ipaddress.IPv6Network(n)
    for n in (
        "::/96",
        "::ffff:0:0/96",
        "64:ff9b::/96",
        "64:ff9b:1::/48",
        "2001::/32",
        "2002::/16",
        "fec0::/10",
    )
)
"""v4-compatible, v4-mapped, NAT64 (RFC 6052, 8215), Teredo, 6to4; and the old site-local range (RFC 3879)."""
_V4_RELAYS = ipaddress.IPv4Network("192.88.99.0/24")
"""6to4 relays (RFC 7526)."""


# --- which addresses are outside ---------------------------------------------------------------------
def checked(host: str, addresses: Iterable[str], *, private: bool) -> list[str]:
    """The addresses of a host, when a socket may go to every one of them; else raises Refused.

    `private`: the operator listed this host as one inside the house. Even then an address that belongs
    to no other machine (link-local, multicast, 0.0.0.0) is refused: cloud metadata lives there.
    """
    found = [ipaddress.ip_address(a.partition("%")[0]) for a in addresses]
    if not found:
        raise httpcore.ConnectError("The name has no address.")
    allowed = _is_machine if private else _is_public
    if not all(allowed(address) for address in found):
        raise Refused(
            Said(
                "%(host)s leads to an address inside the house or to no real one; nothing is sent there.",
                host=host,
            )
        )
    return [str(address) for address in found]


def _is_public(address: Address) -> bool:
    if address.version == 6 and any(address in carrier for carrier in _V6_THAT_CARRY_V4):
        return False
    if address.version == 4 and address in _V4_RELAYS:
        return False
    return address.is_global and not address.is_multicast and not address.is_reserved


def _is_machine(address: Address) -> bool:
    mapped = getattr(address, "ipv4_mapped", None)
    address = mapped or address
    return not (address.is_link_local or address.is_multicast or address.is_unspecified)


def resolved(host: str, port: int) -> list[str]:
    """Asks the system once, for at most 2 s. Raises httpcore.ConnectError or ConnectTimeout."""
    answers: queue.Queue[list[str] | OSError] = queue.Queue()

    def ask() -> None:
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            answers.put(list(dict.fromkeys(str(entry[4][0]) for entry in found)))
        except (OSError, UnicodeError) as unknown:
            answers.put(unknown if isinstance(unknown, OSError) else OSError(str(unknown)))

    # getaddrinfo knows no time-out: the thread that asks is left behind when it takes too long.
    threading.Thread(target=ask, name="resolve", daemon=True).start()
    try:
        answer = answers.get(timeout=RESOLVE_SECONDS_MAX)
    except queue.Empty:
        raise httpcore.ConnectTimeout("The name was not resolved in time.") from None
    if isinstance(answer, OSError):
        raise httpcore.ConnectError("The name cannot be resolved.")
    return answer


# --- sockets -----------------------------------------------------------------------------------------
def transport(
    *, deadline: float, private: Callable[[str, int], bool], resolve: Resolve, proxy: str = ""
) -> httpx.HTTPTransport:
    """A transport for one exchange. `deadline` is a moment of time.monotonic(), in seconds.

    `proxy`: sockets go there and nowhere else, to an address that was checked like any other.
    """
    from bankside.networks.pinned_sockets import Pinned  # it loads the library of sockets

    made = httpx.HTTPTransport(verify=tls(), trust_env=False, retries=0)
    backend = Pinned(deadline, private, resolve)
    if proxy:
        made._pool = httpcore.HTTPProxy(
            proxy, ssl_context=tls(), proxy_ssl_context=tls() if proxy.startswith("https:") else None,
            max_connections=1, network_backend=backend,
        )  # fmt: skip
    else:
        made._pool = httpcore.ConnectionPool(ssl_context=tls(), max_connections=1, network_backend=backend)
    return made


@cache
def tls() -> ssl.SSLContext:
    """The system's authorities (a bank has its own) and the public ones, TLS 1.2 at least."""
    context = ssl.create_default_context()
    context.load_verify_locations(certifi.where())
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context
