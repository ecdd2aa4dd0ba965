"""Tokens that end, and their renewal: one at a time for one channel.

Some networks exchange a grant for tokens that hold for an hour or two. What renews them can be used once:
used twice, it is taken for stolen and the grant is over. So whoever wants to renew first takes a lease in the
channel's row, by one statement that only one can win; calls the network outside any transaction; and writes
what came only while the row still holds what was exchanged. A lease that ran out means that its holder died.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from django.db import models, transaction

from bankside.channels import authority, connectors, token_health
from bankside.channels import channel as channels
from bankside.channels.connectors import Session
from bankside.channels.models import Channel
from bankside.networks import contract, proxies
from bankside.networks.catalogue import NetworkData, network
from bankside.record import clock, jobs
from bankside.said import Said

MARGIN_SECONDS = 120
"""Tokens are renewed this long before they end: a run that has begun with them still ends with them."""
LEASE_SECONDS = 90
BUSY_WAIT_SECONDS = 1
TROUBLE_WAIT_SECONDS = 60
PATIENCE_SECONDS_MAX = 25
LOOK_SECONDS = 0.2
WAIT_SECONDS_MAX = 900
SAVED_FIELDS = ("session", "fresh_until", "renewing_until", "ends_at", "notice_at")
SIGNED_FOR = frozenset({"access_token", "refresh_token", "app_password"})
"""Secrets whose place signing in takes; others (of the bank's own app, of hooks) are needed beside it."""

Stop = Callable[[Channel, str], bool]
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Fresh:
    """A session, and until when its tokens hold (UTC ms)."""

    session: Session
    until_ms: int


def take(channel: Channel, fresh: Fresh) -> None:
    """Puts the session into the row, unsaved."""
    before = signed_in(channel)
    token_health.foresee(channel, fresh.session, fresh.until_ms, before=before.session if before else None)
    connectors.seal_session(channel, fresh.session)
    channel.fresh_until, channel.renewing_until = fresh.until_ms, 0


def opened(channel: Channel) -> Fresh | None:
    """The first tokens of a channel that is being connected; None where its network has no such thing."""
    if not network(channel.network).connect.session:
        return None
    return _of(connectors.connector_of(channel, renewing=True).renew())


def signed_in(channel: Channel) -> Fresh | None:
    """The session of somebody who signed in at the network; None where there is none, or none to be read."""
    try:
        session = connectors.session_of(channel)
    except ValueError:
        return None
    return Fresh(session, channel.fresh_until) if session and session.authority else None


def prolonged(network_name: str, fresh: Fresh, chosen: dict[str, str], secrets: dict[str, str]) -> Fresh:
    """A session that was just given, exchanged for the lasting one of a network whose connector does that."""
    way = network(network_name).connect.oauth
    if way is None or not way.renews:
        return fresh
    connector = connectors.connector_for(network_name, chosen, secrets | fresh.session.tokens)
    return _renewed(fresh.session, connector)


def app_of(data: NetworkData, chosen: dict[str, str], secrets: dict[str, str]) -> authority.Client:
    """The bank's own developer app; without a secret where the data file asks for none.

    Raises Refused when its name, or its secret, is not filled in.
    """
    given = {name: {**chosen, **secrets}.get(name, "") for name in ("client_id", "client_secret")}
    missing = next((s.label for s in data.settings if s.name in given and not given[s.name]), "")
    if missing:
        raise contract.Refused(
            Said(
                "To sign in at %(title)s, fill in the field '%(label)s' first.",
                title=data.title,
                label=Said(missing),
            )
        )
    basic, proxy = (
        data.connect.oauth is not None and data.connect.oauth.basic,
        chosen.get(proxies.SETTING, ""),
    )
    return authority.app(given["client_id"], given["client_secret"], basic=basic, proxy=proxy)


def is_fresh(channel: Channel) -> bool:
    """Whether the channel can be used as it is."""
    return not channel.session or channel.fresh_until - MARGIN_SECONDS * 1000 > clock.now_ms()


def note(channel: Channel, error: object) -> None:
    """After a call: a token that the network calls ended is not used again, whatever our clock says."""
    if isinstance(error, contract.Expired):
        known = Channel.objects.filter(pk=channel.pk, fresh_until=channel.fresh_until)
        known.update(fresh_until=0)


def renewal(channel: Channel, *, stop: Stop) -> jobs.Errand[Fresh] | int | None:
    """What a job has to do before it uses the channel: None when nothing, a time when somebody else is at it.

    The errand ends with the job due again at once. `stop` is what becomes of a channel whose grant is dead.
    """
    if is_fresh(channel):
        return None
    if not _claimed(channel):
        return clock.now_ms() + BUSY_WAIT_SECONDS * 1000
    try:
        work = _asking(channel)
    except Exception as error:  # the job goes on, meets the same and says it in its own way
        log.error("the session of channel %s cannot be read: %s", channel.obj, type(error).__name__)
        _release(channel)
        return None
    return jobs.Errand(work=work, after=partial(_after, channel, stop))


def renew_now(channel: Channel) -> Channel:
    """The channel with fresh tokens, for somebody who waits. Raises Later, Reconnect, Refused."""
    ends = time.monotonic() + PATIENCE_SECONDS_MAX
    while not is_fresh(channel):
        if _claimed(channel):
            try:
                _store(channel, _asking(channel)())
            finally:
                _release(channel)
        elif time.monotonic() > ends:
            raise contract.Later(BUSY_WAIT_SECONDS, Said("The sign-in is being renewed."))
        else:
            time.sleep(LOOK_SECONDS)
        channel = Channel.objects.get(pk=channel.pk)
    return channel


# --- one renewal -----------------------------------------------------------------------------------------
def _claimed(channel: Channel) -> bool:
    """True for one of all that try at the same time, and for nobody while the row holds another session."""
    now = clock.now_ms()
    rows = Channel.objects.filter(pk=channel.pk, fresh_until=channel.fresh_until, renewing_until__lt=now)
    return rows.update(renewing_until=now + LEASE_SECONDS * 1000) == 1


def _asking(channel: Channel) -> Callable[[], Fresh]:
    """The call, with everything in it that needs a database."""
    session = connectors.session_of(channel)
    data = network(channel.network)
    way = data.connect.oauth
    if session is None or session.authority is None:
        connector = connectors.connector_of(channel, renewing=True)
        return lambda: _of(connector.renew())
    if way and way.renews:
        return partial(_renewed, session, connectors.connector_of(channel, renewing=True))
    secret, proxy = session.tokens.get("client_secret", ""), channel.settings.get(proxies.SETTING, "")
    me = authority.Client(id=session.client_id, redirect="", secret=secret, proxy=proxy)
    if way and way.app:  # its secret may have been changed since somebody signed in
        me = app_of(data, dict(channel.settings), connectors.secrets_of(channel))
    return partial(_refreshed, session, session.authority, me)


def _of(tokens: contract.Tokens) -> Fresh:
    return Fresh(Session(tokens.secrets), tokens.fresh_until_ms)


def _renewed(session: Session, connector: contract.Connector) -> Fresh:
    """By the network's own way. What it gives nothing new for stands as it was."""
    tokens = connector.renew()
    kept = session.tokens | tokens.secrets
    return Fresh(Session(kept, session.authority, session.client_id), tokens.fresh_until_ms)


def _refreshed(session: Session, at: authority.Authority, me: authority.Client) -> Fresh:
    refresh, key = session.tokens.get("refresh", ""), session.tokens.get("dpop_key", "")
    given = authority.refreshed(at, me, refresh=refresh, key=key)
    return of_granted(given, at, me, key=key, refresh=refresh)


def of_granted(
    given: authority.Granted, at: authority.Authority, me: authority.Client, *, key: str, refresh: str = ""
) -> Fresh:
    """What an authority gave, as a session. Where it gives no new refresh token, the old one stands."""
    tokens = {"access": given.access_token, "refresh": given.refresh_token or refresh}
    tokens |= {"dpop_key": key} if key else {}
    tokens |= {"client_secret": me.secret} if me.secret and not me.apps else {}
    return Fresh(Session(tokens, at, me.id), clock.now_ms() + given.seconds * 1000)


def _after(channel: Channel, stop: Stop, answer: Fresh | Exception) -> int | None:
    """Writes the new tokens down; the job is due again at once, or later when there was trouble."""
    _release(channel)
    now = clock.now_ms()
    match answer:
        case Fresh():
            _store(channel, answer)
            return now
        case contract.Reconnect():
            stop(channel, answer.reason)
            return now  # the job finds the channel stopped
        case contract.Later():
            return now + int(min(max(answer.after_seconds, 1), WAIT_SECONDS_MAX) * 1000)
        case _:
            log.error("the session of channel %s is not renewed: %s", channel.obj, type(answer).__name__)
            rows = Channel.objects.filter(pk=channel.pk)
            trouble = Said("The network does not renew the sign-in of this account.")
            rows.update(failures=models.F("failures") + 1, failed_at=now, trouble=trouble)
            return now + TROUBLE_WAIT_SECONDS * 1000


def _store(channel: Channel, fresh: Fresh) -> bool:
    """False when the row has got another session meanwhile: then what came is of no use."""
    with transaction.atomic():
        row = channels.locked(channel)
        if bytes(row.session) != bytes(channel.session) or row.state == Channel.REMOVED:
            return False
        take(row, fresh)
        row.save(update_fields=SAVED_FIELDS)
    return True


def _release(channel: Channel) -> None:
    """Gives the lease back, unless the row holds another session by now."""
    Channel.objects.filter(pk=channel.pk, fresh_until=channel.fresh_until).update(renewing_until=0)
