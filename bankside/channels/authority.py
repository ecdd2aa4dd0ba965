"""The server where somebody signs in for a channel (OAuth 2.1): found, asked, and asked for fresh tokens.

One implementation for all networks. What differs stands in the data file (`connect.oauth`): whether requests
are pushed beforehand (RFC 9126) and whether tokens are bound to a key (RFC 9449). PKCE is always used, with
S256. Addresses come from the servers' own metadata (RFC 9728, RFC 8414). No database here.
"""

from __future__ import annotations

import base64
import hashlib
import secrets as random
from collections.abc import Iterable
from typing import TypeVar
from urllib.parse import quote, urlencode, urlsplit

import msgspec
from django.conf import settings

from bankside.networks.contract import Gone, Later, Reconnect, Refused, Uncertain
from bankside.networks.dpop import Prover
from bankside.networks.wire import Wire, WireAnswer
from bankside.networks.worked_out import work_out
from bankside.said import Said

VERIFIER_BYTES = 48
STATE_BYTES = 32
TOKEN_SECONDS = 3600
"""How long a token is taken to hold when the server does not say it, and gives something to renew it with."""
LASTING_SECONDS = 100 * 366 * 86_400
"""How long one is taken to hold that the server lets nobody renew: until somebody takes it back."""
DEAD = frozenset({"invalid_grant", "unauthorized_client", "invalid_client"})
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
RETURN_PATH = "/channels/return/"
METADATA_PATH = "/channels/client/{}.json"

T = TypeVar("T")


class Authority(msgspec.Struct, frozen=True, kw_only=True):
    """An authorization server, by its own metadata."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    pushed_authorization_request_endpoint: str = ""


class Granted(msgspec.Struct, frozen=True, kw_only=True):
    """What the server gave. `sub` is the account that signed in."""

    access_token: str
    token_type: str
    sub: str = ""
    refresh_token: str = ""
    expires_in: int = 0
    scope: str = ""

    @property
    def seconds(self) -> int:
        """How long the access token is taken to hold."""
        return self.expires_in or (TOKEN_SECONDS if self.refresh_token else LASTING_SECONDS)


class Client(msgspec.Struct, frozen=True, kw_only=True):
    """Who we are to such a server: a public client, known by an address; or one that it knows by a secret."""

    id: str
    redirect: str
    secret: str = ""


def client(network: str, scopes: Iterable[str]) -> Client:
    """Named by the address of our metadata; on a desk of this machine alone, by the name for such clients."""
    scope, here = " ".join(scopes), settings.PUBLIC_URL
    if settings.PUBLIC_HOST not in LOOPBACK:
        return Client(id=f"{here}{METADATA_PATH.format(network)}", redirect=f"{here}{RETURN_PATH}")
    port = urlsplit(settings.PUBLIC_URL).port or 80
    redirect = f"http://127.0.0.1:{port}{RETURN_PATH}"  # RFC 8252: by number, not by name
    named = urlencode({"redirect_uri": redirect, "scope": scope}, quote_via=quote)
    return Client(id=f"http://localhost?{named}", redirect=redirect)


def registered(server: str, path: str, network: str, scopes: Iterable[str]) -> Client:
    """The desk as an application of its own on this server, under the name and the secret that it gives.

    The fields are those that servers asked for before RFC 7591 gave them their names of today.
    """
    redirect, url = client(network, scopes).redirect, f"{server.rstrip('/')}{path}"
    asked = {
        "client_name": f"Bankside ({settings.PUBLIC_HOST})", "redirect_uris": redirect,
        "scopes": " ".join(scopes), "website": settings.PUBLIC_URL,
    }  # fmt: skip
    made = _understood(_ask(url, asked, "", (), also=(200,)), _Made)
    return Client(id=made.client_id, redirect=redirect, secret=made.client_secret)


def metadata(network: str, scopes: Iterable[str], *, dpop: bool) -> dict[str, object]:
    """What an authorization server reads about us at the address that names us."""
    me = client(network, scopes)
    return {
        "client_id": me.id,
        "client_name": f"Bankside ({settings.PUBLIC_HOST})",
        "client_uri": settings.PUBLIC_URL,
        "redirect_uris": [me.redirect],
        "scope": " ".join(scopes),
        "grant_types": ["authorization_code", "refresh_token"],
        "response_types": ["code"],
        "token_endpoint_auth_method": "none",
        "application_type": "web",
        "dpop_bound_access_tokens": dpop,
    }


def found_for(server: str, *, authorize: str = "", token: str = "") -> Authority:
    """The authority of an account's server. Raises Refused when it names none, Later when nobody answers.

    `authorize`, `token`: paths on the server, taken when it publishes no metadata.
    """
    server = server.rstrip("/")
    try:
        resource = _read(f"{server}/.well-known/oauth-protected-resource", _Resource)
        issuer = next(iter(resource.authorization_servers), server)
    except Gone:  # the server is its own authority
        issuer = server
    try:
        known = _read(f"{issuer.rstrip('/')}/.well-known/oauth-authorization-server", Authority)
    except Gone:
        if authorize and token:
            at, sign_in = f"{server}{token}", f"{server}{authorize}"
            return Authority(issuer=server, authorization_endpoint=sign_in, token_endpoint=at)
        raise Refused(
            Said("Nobody can sign in at %(host)s: it names no place for it.", host=urlsplit(server).netloc)
        ) from None
    if known.issuer.rstrip("/") != issuer.rstrip("/"):
        raise Refused(Said("The place to sign in does not know itself by the name under which it was found."))
    return known


def challenge_of(verifier: str) -> str:
    """PKCE, S256."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def new_verifier() -> str:
    """A secret that only we can show when the code comes back."""
    return random.token_urlsafe(VERIFIER_BYTES)


def where_to_sign_in(
    at: Authority, me: Client, *, state: str, verifier: str, scope: str, hint: str, key: str, pushed: bool
) -> str:
    """The address to which a browser is sent."""
    asked = {
        "client_id": me.id, "response_type": "code", "redirect_uri": me.redirect, "scope": scope,
        "state": state, "code_challenge": challenge_of(verifier), "code_challenge_method": "S256",
    } | ({"login_hint": hint} if hint else {})  # fmt: skip
    if pushed:
        answer = _ask(at.pushed_authorization_request_endpoint, asked, key, (), also=(200, 201))
        asked = {"client_id": me.id, "request_uri": _understood(answer, _Pushed).request_uri}
    return f"{at.authorization_endpoint}?{urlencode(asked)}"


def exchanged(at: Authority, me: Client, *, code: str, verifier: str, key: str) -> Granted:
    """Tokens for a code. Raises Refused, Later, Reconnect."""
    given = {"grant_type": "authorization_code", "code": code, "redirect_uri": me.redirect}
    given |= {"client_id": me.id, "code_verifier": verifier} | _proof_of(me.secret)
    return _granted(at, given, key, (code, verifier, me.secret))


def refreshed(at: Authority, client_id: str, *, refresh: str, key: str, secret: str = "") -> Granted:
    """Fresh tokens. The old refresh token is worth nothing afterwards.

    Raises Reconnect when the server does not accept it any more, also because it was used before.
    """
    if not refresh:
        raise Reconnect(Said("The sign-in has ended, and the network gave nothing to renew it with."))
    given = {"grant_type": "refresh_token", "refresh_token": refresh, "client_id": client_id}
    return _granted(at, given | _proof_of(secret), key, (refresh, secret))


# --- one exchange ----------------------------------------------------------------------------------------
class _Resource(msgspec.Struct):
    authorization_servers: list[str] = []


class _Made(msgspec.Struct):
    client_id: str
    client_secret: str


class _Pushed(msgspec.Struct):
    request_uri: str


class _Trouble(msgspec.Struct):
    error: str = ""
    error_description: str = ""


work_out(__name__)


def _proof_of(secret: str) -> dict[str, str]:
    """What a client that has a secret shows beside its name (RFC 6749, 2.3.1)."""
    return {"client_secret": secret} if secret else {}


def _granted(at: Authority, form: dict[str, str], key: str, secrets: tuple[str, ...]) -> Granted:
    answer = _ask(at.token_endpoint, form, key, secrets, also=(200,))
    given = _understood(answer, Granted)
    if key and given.token_type.lower() != "dpop":
        raise Refused(Said("The network gave a token that is not bound to our key."))
    return given


def _ask(
    url: str, form: dict[str, str], key: str, secrets: tuple[str, ...], *, also: tuple[int, ...]
) -> WireAnswer:
    """A form, with a proof when there is a key."""
    wire, body = _wire(url, (*secrets, key)), urlencode(form).encode()
    headers = {"content-type": "application/x-www-form-urlencoded"}
    try:
        if key:
            answer = Prover(wire, key).ask("POST", url, content=body, headers=headers, also=(*also, 400, 401))
        else:
            answer = wire.post(url, content=body, headers=headers, also=(*also, 400, 401))
    except Uncertain as doubt:
        raise Later(10, doubt.reason) from doubt
    if answer.status in {400, 401}:
        raise _refused(answer, wire)
    return answer


def _refused(answer: WireAnswer, wire: Wire) -> Exception:
    try:
        said = msgspec.json.decode(answer.content, type=_Trouble)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        said = _Trouble()
    words = wire.redacted(said.error_description or said.error or f"answer {answer.status}")
    if said.error in DEAD:
        return Reconnect(Said("The network does not accept this sign-in any more: %(words)s.", words=words))
    return Refused(Said("The network does not accept this sign-in: %(words)s.", words=words))


def _read(url: str, kind: type[T]) -> T:
    return _understood(_wire(url, ()).get(url), kind)


def _wire(url: str, secrets: tuple[str, ...]) -> Wire:
    """To the one host that the address names, under the guard against private addresses."""
    host = urlsplit(url).netloc.rpartition("@")[2]
    return Wire({host}, private_hosts=settings.WIRE_PRIVATE_HOSTS, secrets=secrets)


def _understood(answer: WireAnswer, kind: type[T]) -> T:
    try:
        return msgspec.convert(answer.json(), kind)
    except msgspec.ValidationError:
        raise Refused(Said("The place to sign in answered something unknown.")) from None
    except Uncertain as doubt:
        raise Later(10, doubt.reason) from doubt
