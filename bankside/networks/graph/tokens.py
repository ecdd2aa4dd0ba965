"""Tokens of people at Meta: short ones are exchanged for long ones, and those renewed at half their life.

Sources, read 2026-11-28: developers.facebook.com/docs/threads/get-started/long-lived-tokens (60 days;
renewed when at least a day old and not yet over), …/instagram-platform/reference/refresh_access_token.
"""

from __future__ import annotations

import time

import msgspec

from bankside.networks.contract import Reconnect, Refused, Tokens
from bankside.networks.graph import Graph, understood
from bankside.networks.wire import Wire
from bankside.said import Said

LIFE_SECONDS = 60 * 86_400
YOUNG_SECONDS = 25 * 3600
"""A token is renewed no earlier than a day after it was given; so long nothing is asked."""
LASTING = "lasting"
"""Beside a token: it is a long one already."""


class Given(msgspec.Struct):
    """An access token and the seconds that it has; 0 when the network does not say it."""

    access_token: str
    expires_in: int = 0


def renewed(wire: Wire, host: str, word: str, secrets: dict[str, str]) -> Tokens:
    """A long token. `word`: what the network calls the two ways, `th` for `th_exchange_token`.

    A token that somebody pasted is a long one: the developers' pages give no others.
    """
    signed_in, pasted = secrets.get("access", ""), secrets.get("access_token", "")
    if not signed_in and pasted:
        return Tokens(secrets={"access": pasted, LASTING: "yes"}, fresh_until_ms=_in(YOUNG_SECONDS))
    if secrets.get(LASTING):
        refresh = {"grant_type": f"{word}_refresh_token"}
        return _tokens(_asked(wire, host, "refresh_access_token", signed_in, refresh))
    if not secrets.get("client_secret"):
        raise Refused(Said("Fill in the secret of your app: without it the sign-in lasts for an hour only."))
    exchange = {"grant_type": f"{word}_exchange_token", "client_secret": secrets["client_secret"]}
    return _tokens(_asked(wire, host, "access_token", signed_in, exchange))


def _asked(wire: Wire, host: str, path: str, token: str, params: dict[str, str]) -> Given:
    if not token:
        raise Reconnect(Said("The access token is missing, and nobody has signed in at the network."))
    graph = Graph(wire, f"https://{host}", token)
    # The documents name the token as a parameter here, and no other way.
    return understood(graph.ask("GET", path, params={**params, "access_token": token}), Given)


def _tokens(given: Given) -> Tokens:
    half = max((given.expires_in or LIFE_SECONDS) / 2, 60.0)
    return Tokens(secrets={"access": given.access_token, LASTING: "yes"}, fresh_until_ms=_in(half))


def _in(seconds: float) -> int:
    return int((time.time() + seconds) * 1000)
