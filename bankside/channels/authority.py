"""The server where somebody signs in for a channel (OAuth 2.1): found, asked, and asked for fresh tokens.

One implementation for all networks. What differs stands in the data file (`connect.oauth`): whether requests
are pushed beforehand (RFC 9126), whether tokens are bound to a key (RFC 9449), how a client shows its secret.
PKCE is used with S256 wherever the network takes it. Addresses come from the servers' own metadata (RFC 9728,
RFC 8414) or from the data file. Answers are read as they are really given. No database here.
"""

from __future__ import annotations

import base64
import hashlib
import re
import secrets as random
from collections.abc import Iterable, Mapping
from typing import Any, TypeVar
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
SECONDS_MAX = LASTING_SECONDS
DEAD = frozenset({"invalid_grant", "unauthorized_client", "invalid_client"})
SAYS_NO = (400, 401, 403)
"""With these a token page says why it gives nothing, in one form or another."""
WORDS_CHARACTERS_MAX = 200
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
RETURN_PATH = "/channels/return/"
MEMBER_RETURN_PATH = "/m/links/return/"
"""Where members of the card come back to, who prove that a profile is theirs (profiles.py)."""
METADATA_PATH = "/channels/client/{}.json"

T = TypeVar("T")


class Authority(msgspec.Struct, frozen=True, kw_only=True):
    """An authorization server, by its own metadata."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    pushed_authorization_request_endpoint: str = ""
    revocation_endpoint: str = ""


class Granted(msgspec.Struct, frozen=True, kw_only=True):
    """What the server gave. `sub` is the account that signed in, `expires_in` 0 where it names no end."""

    access_token: str
    token_type: str = ""
    sub: str = ""
    refresh_token: str = ""
    expires_in: int = 0

    @property
    def seconds(self) -> int:
        """How long the access token is taken to hold."""
        return self.expires_in or (TOKEN_SECONDS if self.refresh_token else LASTING_SECONDS)


class Client(msgspec.Struct, frozen=True, kw_only=True):
    """Who we are to such a server: a public client, known by an address; or one that it knows by a secret.

    `basic`: the secret is shown in a header and not in the form (RFC 6749, 2.3.1). `apps`: it is that of the
    bank's own app, and kept with the channel's secrets. `proxy`: the channel's way out, or empty.
    """

    id: str
    redirect: str
    secret: str = ""
    basic: bool = False
    apps: bool = False
    proxy: str = ""


def return_address(path: str = RETURN_PATH) -> str:
    """Where a browser comes back to. A desk of this machine alone is named by number (RFC 8252, 7.3)."""
    if settings.PUBLIC_HOST not in LOOPBACK:
        return f"{settings.PUBLIC_URL}{path}"
    return f"http://127.0.0.1:{urlsplit(settings.PUBLIC_URL).port or 80}{path}"


def client(network: str, scopes: Iterable[str], *, proxy: str = "", path: str = RETURN_PATH) -> Client:
    """Named by the address of our metadata; on a desk of this machine alone, by the name for such clients."""
    scope, redirect = " ".join(scopes), return_address(path)
    if settings.PUBLIC_HOST not in LOOPBACK:
        named = f"{settings.PUBLIC_URL}{METADATA_PATH.format(network)}"
        return Client(id=named, redirect=redirect, proxy=proxy)
    named = urlencode({"redirect_uri": redirect, "scope": scope}, quote_via=quote)
    return Client(id=f"http://localhost?{named}", redirect=redirect, proxy=proxy)


def registered(
    server: str, at: str, network: str, scopes: Iterable[str], *, proxy: str = "", path: str = RETURN_PATH
) -> Client:
    """The desk as an application of its own on this server, under the name and the secret that it gives.

    The fields are those that servers asked for before RFC 7591 gave them their names of today.
    """
    redirect, url = return_address(path), f"{server.rstrip('/')}{at}"
    asked = {
        "client_name": f"Bankside ({settings.PUBLIC_HOST})", "redirect_uris": redirect,
        "scopes": " ".join(scopes), "website": settings.PUBLIC_URL,
    }  # fmt: skip
    made = _understood(_ask(url, asked, "", (), also=(200,), proxy=proxy), _Made)
    return Client(id=made.client_id, redirect=redirect, secret=made.client_secret, proxy=proxy)


def app(id: str, secret: str, *, basic: bool, proxy: str = "") -> Client:
    """The bank's own developer app, made by a person on the network's pages for developers."""
    return Client(id=id, redirect=return_address(), secret=secret, basic=basic, apps=True, proxy=proxy)


def metadata(network: str, scopes: Iterable[str], *, dpop: bool, members: bool = False) -> dict[str, object]:
    """What an authorization server reads about us at the address that names us. `members` come back, too."""
    me = client(network, scopes)
    return {
        "client_id": me.id,
        "client_name": f"Bankside ({settings.PUBLIC_HOST})",
        "client_uri": settings.PUBLIC_URL,
        "redirect_uris": [me.redirect, *([return_address(MEMBER_RETURN_PATH)] if members else [])],
        "scope": " ".join(scopes),
        "grant_types": ["authorization_code", "refresh_token"],
        "response_types": ["code"],
        "token_endpoint_auth_method": "none",
        "application_type": "web",
        "dpop_bound_access_tokens": dpop,
    }


def found_for(server: str, *, authorize: str = "", token: str = "", proxy: str = "") -> Authority:
    """The authority of an account's server. Raises Refused when it names none, Later when nobody answers.

    `authorize`, `token`: paths on the server, taken when it publishes no metadata.
    """
    server = server.rstrip("/")
    try:
        resource = _read(f"{server}/.well-known/oauth-protected-resource", _Resource, proxy)
        issuer = next(iter(resource.authorization_servers), server)
    except Gone:  # the server is its own authority
        issuer = server
    try:
        known = _read(f"{issuer.rstrip('/')}/.well-known/oauth-authorization-server", Authority, proxy)
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


def fixed(authorize: str, token: str) -> Authority:
    """The authority of a network that has one for all, at addresses that its data file names."""
    parts = urlsplit(token)
    at = f"{parts.scheme}://{parts.netloc}"
    return Authority(issuer=at, authorization_endpoint=authorize, token_endpoint=token)


def challenge_of(verifier: str) -> str:
    """PKCE, S256."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def new_verifier() -> str:
    """A secret that only we can show when the code comes back."""
    return random.token_urlsafe(VERIFIER_BYTES)


def where_to_sign_in(
    at: Authority,
    me: Client,
    *,
    state: str,
    verifier: str,
    scope: str,
    hint: str,
    key: str,
    pushed: bool,
    extra: Mapping[str, str] | None = None,
) -> str:
    """The address to which a browser is sent. Without a `verifier` no code challenge goes along."""
    asked = {
        "client_id": me.id, "response_type": "code", "redirect_uri": me.redirect, "scope": scope,
        "state": state,
    } | ({"login_hint": hint} if hint else {})  # fmt: skip
    if verifier:
        asked |= {"code_challenge": challenge_of(verifier), "code_challenge_method": "S256"}
    asked = dict(extra or {}) | asked
    if pushed:
        pushed_at = at.pushed_authorization_request_endpoint
        answer = _ask(pushed_at, asked, key, (), also=(200, 201), proxy=me.proxy)
        asked = {"client_id": me.id, "request_uri": _understood(answer, _Pushed).request_uri}
    joint = "&" if "?" in at.authorization_endpoint else "?"
    return f"{at.authorization_endpoint}{joint}{urlencode(asked)}"


def exchanged(at: Authority, me: Client, *, code: str, verifier: str, key: str) -> Granted:
    """Tokens for a code. Raises Refused, Later, Reconnect."""
    given = {"grant_type": "authorization_code", "code": code, "redirect_uri": me.redirect}
    given |= {"client_id": me.id} | ({"code_verifier": verifier} if verifier else {})
    return _granted(at, me, given, key, (code, verifier))


def refreshed(at: Authority, me: Client, *, refresh: str, key: str) -> Granted:
    """Fresh tokens. The old refresh token is worth nothing afterwards.

    Raises Reconnect when the server does not accept it any more, also because it was used before.
    """
    if not refresh:
        raise Reconnect(Said("The sign-in has ended, and the network gave nothing to renew it with."))
    given = {"grant_type": "refresh_token", "refresh_token": refresh, "client_id": me.id}
    return _granted(at, me, given, key, (refresh,))


def revoked(at: Authority, me: Client, *, token: str, key: str = "") -> bool:
    """Gives a token back (RFC 7009). False where the server has no such thing, or did not do it."""
    if not at.revocation_endpoint:
        return False
    form = {"token": token, "client_id": me.id}
    if me.secret and not me.basic:
        form |= {"client_secret": me.secret}
    proof = (me.id, me.secret) if me.basic and me.secret else None
    try:
        answer = _ask(
            at.revocation_endpoint, form, key, (token, me.secret), also=(200,), auth=proof, proxy=me.proxy
        )
    except (Refused, Later, Reconnect):
        return False
    return answer.status == 200


# --- one exchange ----------------------------------------------------------------------------------------
class _Resource(msgspec.Struct):
    authorization_servers: list[str] = []


class _Made(msgspec.Struct):
    client_id: str
    client_secret: str


class _Pushed(msgspec.Struct):
    request_uri: str


work_out(__name__)


def _granted(at: Authority, me: Client, form: dict[str, str], key: str, secrets: tuple[str, ...]) -> Granted:
    if me.secret and not me.basic:
        form = form | {"client_secret": me.secret}
    hidden = (*secrets, me.secret)
    proof = (me.id, me.secret) if me.basic and me.secret else None
    answer = _ask(at.token_endpoint, form, key, hidden, also=(200,), auth=proof, proxy=me.proxy)
    given = _given(answer, _wire(at.token_endpoint, (*hidden, key)))
    if key and given.token_type.lower() != "dpop":
        raise Refused(Said("The network gave a token that is not bound to our key."))
    return given


def _given(answer: WireAnswer, wire: Wire) -> Granted:
    """What stands in the answer of a token page: flat, or inside `data`, as some networks have it."""
    said = _understood(answer, dict[str, Any])
    inside = said.get("data")
    inside = inside[0] if isinstance(inside, list) and len(inside) == 1 else inside
    found = said if "access_token" in said or not isinstance(inside, dict) else inside
    if not isinstance(found.get("access_token"), str) or not found["access_token"]:
        raise _refused(said, answer.status, wire)  # some say no with a 200
    texts = {name: _text(found.get(name)) for name in ("token_type", "sub", "refresh_token")}
    seconds = _seconds(found.get("expires_in"))
    return Granted(access_token=found["access_token"], expires_in=seconds, **texts)


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _seconds(value: object) -> int:
    """A number of seconds, written as a number or as text; 0 for none, and for what is no number of them."""
    if isinstance(value, bool) or not re.fullmatch(r"[0-9]{1,18}(\.[0-9]{1,9})?", str(value)):
        return 0
    return min(int(float(str(value))), SECONDS_MAX)


def _ask(
    url: str,
    form: dict[str, str],
    key: str,
    secrets: tuple[str, ...],
    *,
    also: tuple[int, ...],
    auth: tuple[str, str] | None = None,
    proxy: str = "",
) -> WireAnswer:
    """A form, with a proof when there is a key. `auth`: name and secret of a client that shows them so."""
    wire, body = _wire(url, (*secrets, key), proxy), urlencode(form).encode()
    headers = {"content-type": "application/x-www-form-urlencoded"}
    if auth:  # each is written as in a form before the two are joined (RFC 6749, 2.3.1)
        auth = (quote(auth[0], safe=""), quote(auth[1], safe=""))
    how: dict[str, Any] = {"content": body, "headers": headers, "also": (*also, *SAYS_NO)}
    try:
        answer = Prover(wire, key).ask("POST", url, **how) if key else wire.post(url, auth=auth, **how)
    except Uncertain as doubt:
        raise Later(10, doubt.reason) from doubt
    if answer.status in SAYS_NO:
        raise _refused(_decoded(answer), answer.status, wire)
    return answer


def _decoded(answer: WireAnswer) -> dict[str, Any]:
    """The answer, or nothing where it is no JSON object."""
    try:
        return msgspec.json.decode(answer.content, type=dict[str, Any])
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return {}


def _refused(said: dict[str, Any], status: int, wire: Wire) -> Exception:
    """Why a token page says no. The words stand in `error_description`, in an object `error`, beside it as
    `message` or `errmsg`, or there is but a code."""
    error = said.get("error")
    inside = error if isinstance(error, dict) else {}
    code = _text(error) or _text(inside.get("type"))
    named = (
        said.get("error_description"), inside.get("message"), said.get("message"), said.get("errmsg"), code,
    )  # fmt: skip
    told = next((one for one in named if isinstance(one, str) and one), f"answer {status}")
    words = wire.redacted(" ".join(told.split())[:WORDS_CHARACTERS_MAX].rstrip("."))
    if code in DEAD:
        return Reconnect(Said("The network does not accept this sign-in any more: %(words)s.", words=words))
    return Refused(Said("The network does not accept this sign-in: %(words)s.", words=words))


def _read(url: str, kind: type[T], proxy: str) -> T:
    return _understood(_wire(url, (), proxy).get(url), kind)


def _wire(url: str, secrets: tuple[str, ...], proxy: str = "") -> Wire:
    """To the one host that the address names, under the guard against private addresses."""
    host = urlsplit(url).netloc.rpartition("@")[2]
    return Wire({host}, private_hosts=settings.WIRE_PRIVATE_HOSTS, secrets=secrets, proxy=proxy)


def _understood(answer: WireAnswer, kind: type[T]) -> T:
    try:
        return msgspec.convert(answer.json(), kind)
    except msgspec.ValidationError:
        raise Refused(Said("The place to sign in answered something unknown.")) from None
    except Uncertain as doubt:
        raise Later(10, doubt.reason) from doubt
