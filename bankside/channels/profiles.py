"""The proof that a profile is a member's: she signs in there, her page links back, or her domain says so.

What the desk learns is whose profile it is; it never acts in her name. After a sign-in the token is given
back at once and kept nowhere.

`subject` is the id that the network never gives to another account, the same whichever proof was brought, and
the same that intake knows the author of a message by: so one profile can be linked once, and what it does is
found. Nothing between two steps is kept in the clear; whoever keeps it gives it back as it was.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Protocol, TypeVar
from urllib.parse import urlsplit

import msgspec
from django.conf import settings as desk

from bankside.channels import authority, connectors, looked_up, sessions
from bankside.channels.looked_up import NotProved as NotProved
from bankside.channels.looked_up import Profile as Profile
from bankside.channels.models import Channel
from bankside.networks import catalogue, contract, declared, dpop, proxies, rel_me, txt
from bankside.networks.whose import Named
from bankside.networks.wire import Wire
from bankside.networks.worked_out import work_out
from bankside.record import sealed
from bankside.said import Said

KEY_CLASS: Final = connectors.KEY_CLASS
OAUTH, REL_ME, DNS = "oauth", "rel-me", "dns"
PROOF_PATH: Final = "/m/p/{}/"
RECORD: Final = "bankside-proof={}"
WAITING: Final = "waiting"
T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A network on which members prove profiles; `label` and `help` are of what they fill in, or empty."""

    network: str
    title: str
    proofs: tuple[str, ...]
    label: str
    help: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Away:
    """Where she signs in, on `host`; `kept` is needed again when she comes back."""

    address: str
    host: str
    title: str
    kept: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What she is asked to do: `text` is to be linked from her page, or said by her domain, `where`."""

    text: str
    where: str
    title: str
    kept: bytes


class Apps(Protocol):
    """Where the names are kept that servers gave the desk as an application, sealed, for some hours."""

    def known(self, network: str, server: str) -> bytes | None:
        """What was kept."""

    def keep(self, network: str, server: str, sealed_app: bytes) -> None:
        """For the next member."""

    def drop(self, network: str, server: str) -> None:
        """The server does not know it any more."""


class _Pending(msgspec.Struct, frozen=True, kw_only=True):
    """A sign-in that was begun."""

    network: str
    server: str
    verifier: str
    key: str
    client: authority.Client
    authority: authority.Authority


class _Waiting(msgspec.Struct, frozen=True, kw_only=True):
    """A profile that is to say that it is hers, by this token."""

    network: str
    token: str
    proof: str
    server: str
    account: str
    url: str
    where: str


work_out(__name__)


def offered() -> list[Place]:
    """The networks on which a member can prove a profile now, by title, with the ways to do it."""
    found = []
    for data in catalogue.load().values():
        told, way = data.identity, data.connect.oauth
        if told is None or data.lifecycle == "closed":
            continue
        able = bool(way) and not (way and way.app and looked_up.bank_channel(data) is None)
        proofs = tuple(proof for proof in told.proofs if proof != OAUTH or able)
        if proofs:
            found.append(
                Place(network=data.name, title=data.title, proofs=proofs, label=told.label, help=told.help)
            )
    return found


# --- by signing in ---------------------------------------------------------------------------------------
def away(network: str, typed: str, *, state: str, apps: Apps) -> Away:
    """Where she signs in to show who she is. `state` comes back with her. Raises NotProved, LookupError."""
    data, told = looked_up.known(network, OAUTH)
    way = data.connect.oauth
    if way is None:
        raise NotProved(Said("Nobody signs in at %(title)s.", title=data.title))
    with looked_up.as_reasons(data):
        base = looked_up.base(data)
        who = looked_up.named(data, told, typed)
        server = _server(data, way, base, who)
        at, me = _authority(told, way, server, base), _client(data, told, way, server, base, apps)
        pending = _Pending(
            network=network, server=server, verifier=authority.new_verifier() if way.pkce else "",
            key=dpop.new_key() if way.dpop else "", authority=at, client=me,
        )  # fmt: skip
        address = authority.where_to_sign_in(
            at, me, state=state, verifier=pending.verifier, scope=way.separator.join(told.scopes),
            hint=who.account if way.hint else "", key=pending.key, pushed=way.par,
        )  # fmt: skip
    parts = urlsplit(address)
    if parts.scheme not in {"https", "http"}:
        raise NotProved(Said("%(title)s names no page to sign in at.", title=data.title))
    return Away(address=address, host=parts.netloc, title=data.title, kept=_sealed(pending, state))


def back(
    kept: bytes, *, state: str, code: str, issuer: str = "", error: str = "", apps: Apps | None = None
) -> Profile:
    """She is back: whose profile it is. The token that showed it is given back. Raises NotProved."""
    pending = _opened(kept, state, _Pending)
    data, told = looked_up.known(pending.network, OAUTH)
    if error or not code:
        raise NotProved(
            Said(
                "%(title)s did not let us see who you are (%(error)s). Begin again.",
                title=data.title,
                error=error[:100] or Said("no code"),
            )
        )
    if issuer and issuer.rstrip("/") != pending.authority.issuer.rstrip("/"):
        raise NotProved(Said("Somebody else has answered for the network. Begin again."))
    with looked_up.as_reasons(data):
        given = _exchanged(pending, code, apps)
        try:
            return _signed_in(data, told, pending, given)
        finally:
            _give_back(pending, given)


def _exchanged(pending: _Pending, code: str, apps: Apps | None) -> authority.Granted:
    at, me = pending.authority, pending.client
    try:
        return authority.exchanged(at, me, code=code, verifier=pending.verifier, key=pending.key)
    except contract.Reconnect:  # also when the server has forgotten the name that it gave us
        if apps:
            apps.drop(pending.network, pending.server)
        raise


def _signed_in(
    data: catalogue.NetworkData, told: declared.Identity, pending: _Pending, given: authority.Granted
) -> Profile:
    """Who it was. Where accounts can be looked up, that is asked of everybody else, too."""
    base = looked_up.base(data)
    secrets = {"access": given.access_token} | ({"dpop_key": pending.key} if pending.key else {})
    if told.label:
        way = data.connect.oauth
        there = base | ({way.server: pending.server} if way and way.server else {})
        account = given.sub or connectors.connector_for(data.name, there, secrets).whoami().remote_id
        return looked_up.seen(data, base, account, pending.server)
    me = connectors.connector_for(data.name, base, secrets).whoami()
    return Profile(network=data.name, subject=me.remote_id, handle=me.handle, url=me.url, account_since_ms=0)


def _give_back(pending: _Pending, given: authority.Granted) -> None:
    """Nothing is done with it any more. Where a server takes none back, it was at least kept nowhere."""
    for token in (given.refresh_token, given.access_token):
        if token:
            authority.revoked(pending.authority, pending.client, token=token, key=pending.key)


# --- by a link on her page, or a record of her domain ----------------------------------------------------
def asked(network: str, proof: str, typed: str, *, token: str) -> Asked:
    """What she is asked to do to show that the profile is hers. Raises NotProved, LookupError."""
    data, told = looked_up.known(network, proof)
    with looked_up.as_reasons(data):
        base, who = looked_up.base(data), looked_up.named(data, told, typed)
        if not who.account:
            raise NotProved(Said("Give the name of the profile, too, not only where it is."))
        server = connectors.connector_for(network, base | who.settings, {}).home(who.account)
        seen = looked_up.seen(data, base, who.account, server)
    text, where = _wanted(proof, seen, server, token)
    waiting = _Waiting(
        network=network,
        token=token,
        proof=proof,
        server=server,
        account=seen.subject,
        url=seen.url,
        where=where,
    )
    return Asked(text=text, where=where, title=data.title, kept=_sealed(waiting, WAITING))


def looked(kept: bytes) -> Profile:
    """Whether she did it: the profile, which is hers then. Raises NotProved."""
    waiting = _opened(kept, WAITING, _Waiting)
    data, _ = looked_up.known(waiting.network, waiting.proof)
    with looked_up.as_reasons(data):
        base = looked_up.base(data)
        seen = looked_up.seen(data, base, waiting.account, waiting.server)
        text, where = _wanted(waiting.proof, seen, waiting.server, waiting.token)
        found = _page_links(seen.url, text, base) if waiting.proof == REL_ME else _domain_says(where, text)
    if found:
        return seen
    if waiting.proof == REL_ME:
        raise NotProved(
            Said("%(where)s does not link to the address yet. Save it there and try again.", where=where)
        )
    raise NotProved(
        Said("%(where)s does not say it yet. Such changes can take an hour to be seen.", where=where)
    )


def again(kept: bytes) -> tuple[str, Asked]:
    """(the token, what she was asked to do), once more. Raises NotProved."""
    waiting = _opened(kept, WAITING, _Waiting)
    data, _ = looked_up.known(waiting.network, waiting.proof)
    links = waiting.proof == REL_ME
    text = _proof_address(waiting.token) if links else RECORD.format(waiting.token)
    return waiting.token, Asked(text=text, where=waiting.where, title=data.title, kept=kept)


def page_of(kept: bytes) -> str:
    """The address of the profile that is to link back, for the page that it links to. Raises NotProved."""
    return _opened(kept, WAITING, _Waiting).url


def reader(network: str, subject: str) -> Callable[[], Profile | None]:
    """What reads a profile as it is called now, without a database, so that it can run anywhere.

    It gives None where the network tells only who signs in, and raises NotProved.
    """
    data = catalogue.network(network)
    told = data.identity
    if told is None or not told.label:
        return lambda: None
    base = looked_up.base(data)

    def read() -> Profile:
        with looked_up.as_reasons(data):
            who = looked_up.named(data, told, subject)
            server = connectors.connector_for(network, base | who.settings, {}).home(subject)
            return looked_up.seen(data, base, subject, server)

    return read


def is_the_banks(proved: Profile) -> bool:
    """Whether the profile is one that the bank itself speaks as on this desk."""
    rows = Channel.objects.filter(network=proved.network).exclude(state=Channel.REMOVED)
    return any(row.account.get("remote_id") == proved.subject for row in rows)


def _wanted(proof: str, seen: Profile, server: str, token: str) -> tuple[str, str]:
    """(what has to be found, where)."""
    if proof == REL_ME:
        if urlsplit(seen.url).netloc.lower() != urlsplit(server).netloc.lower():
            raise NotProved(Said("The page of this profile is not on its own server."))
        return _proof_address(token), seen.url
    domain = seen.handle.removeprefix("@")
    if "." not in domain or ":" in domain:
        raise NotProved(Said("The name of this profile is no domain that leads back to it."))
    return RECORD.format(token), domain


def _page_links(url: str, address: str, base: dict[str, str]) -> bool:
    host = urlsplit(url).netloc.rpartition("@")[2]
    wire = Wire({host}, private_hosts=desk.WIRE_PRIVATE_HOSTS, proxy=base.get(proxies.SETTING, ""))
    answer = wire.get(url, headers={"accept": "text/html"}, bytes_max=rel_me.PAGE_BYTES_MAX)
    return rel_me.links_back(answer.text, address)


def _domain_says(domain: str, text: str) -> bool:
    return text in (record.strip() for record in txt.records_of(domain, desk.DNS_SERVERS))


def _proof_address(token: str) -> str:
    return f"{desk.PUBLIC_URL}{PROOF_PATH.format(token)}"


# --- whose, and where ------------------------------------------------------------------------------------
def _server(data: catalogue.NetworkData, way: declared.OAuth, base: dict[str, str], who: Named) -> str:
    """The server at which she signs in; empty where the network has one place for all."""
    if not way.server:
        return ""
    located = base | who.settings
    if not who.account:
        return located[way.server].rstrip("/")
    return connectors.connector_for(data.name, located, {}).home(who.account)


def _authority(
    told: declared.Identity, way: declared.OAuth, server: str, base: dict[str, str]
) -> authority.Authority:
    proxy = base.get(proxies.SETTING, "")
    at = (
        authority.found_for(server, authorize=way.authorize, token=way.token, proxy=proxy)
        if way.server
        else authority.fixed(way.authorize, way.token)
    )
    if at.revocation_endpoint or not told.revoke:
        return at
    revoke = f"{server}{told.revoke}" if told.revoke.startswith("/") else told.revoke
    return msgspec.structs.replace(at, revocation_endpoint=revoke)


def _client(
    data: catalogue.NetworkData, told: declared.Identity, way: declared.OAuth, server: str,
    base: dict[str, str], apps: Apps,
) -> authority.Client:  # fmt: skip
    """Who we are there, coming back to the members' pages."""
    proxy, path = base.get(proxies.SETTING, ""), authority.MEMBER_RETURN_PATH
    if way.app:
        channel = looked_up.bank_channel(data)
        if channel is None:
            raise NotProved(Said("The bank has no account on %(title)s yet.", title=data.title))
        app = sessions.app_of(data, dict(channel.settings), connectors.secrets_of(channel))
        return msgspec.structs.replace(app, redirect=authority.return_address(path))
    if not way.register:
        return authority.client(data.name, told.scopes, proxy=proxy, path=path)
    context = f"{data.name}|{server}"
    if known := apps.known(data.name, server):
        return _opened(known, context, authority.Client)
    made = authority.registered(server, way.register, data.name, told.scopes, proxy=proxy, path=path)
    apps.keep(data.name, server, _sealed(made, context))
    return made


# --- between two steps -----------------------------------------------------------------------------------
def _sealed(value: object, context: str) -> bytes:
    return sealed.seal(KEY_CLASS, msgspec.json.encode(value), f"profile|{context}")


def _opened(kept: bytes, context: str, kind: type[T]) -> T:
    try:
        return msgspec.json.decode(sealed.unseal(KEY_CLASS, kept, f"profile|{context}"), type=kind)
    except (sealed.Unreadable, msgspec.MsgspecError):
        raise NotProved(Said("This was begun elsewhere. Begin again.")) from None
