"""One of the bank's accounts comes onto the desk, is checked, stopped, and taken off it again."""

from __future__ import annotations

import secrets as random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict

from django.db import IntegrityError, transaction

from bankside.channels import channel as channels
from bankside.channels import connectors, delivery, form, freeze, reading, sessions, token_health, way
from bankside.channels.form import Field as Field
from bankside.channels.form import NetworkInfo as NetworkInfo
from bankside.channels.form import network_info as network_info
from bankside.channels.form import networks as networks
from bankside.channels.models import Channel, Delivery
from bankside.networks import catalogue, contract
from bankside.people.models import Staff, Team
from bankside.record import clock, jobs
from bankside.record.append import append
from bankside.record.facts.channels import (
    ChannelConnected,
    ChannelPaused,
    ChannelRemoved,
    ChannelResumed,
    ChannelStopped,
)
from bankside.record.identifiers import kept
from bankside.record.ids import new_id
from bankside.record.reasons import reason_of
from bankside.said import Said

ACTOR = "s:channels"
ACT = "channel.connect"
POLL_JOB = "poll"
HOOK_BYTES = 32
NAME_CHARACTERS_MAX = 120
TROUBLE_CHARACTERS_MAX = 300


class NotConnected(ValueError):
    """The network did not accept the account; the message is its reason and says what to do."""


class NameTaken(ValueError):
    """Another channel on the desk has this name."""


class NotNow(ValueError):
    """The channel is not in a state in which this can be done; the message says which one it is in."""


def add(
    staff: Staff | None,
    network: str,
    *,
    name: str,
    settings: dict[str, str],
    secrets: dict[str, str],
    team: Team | None = None,
    session: sessions.Fresh | None = None,
    account: str = "",
) -> Channel:
    """Connects an account, after asking the network who it is.

    `session`: the tokens of somebody who has signed in there as `account`, beside what else is needed.

    Any network also takes the settings `poll_seconds` (how often it is asked for what is new) and `proxy`,
    and one with prices `daily_ceiling`. One where a person may post by hand takes `public_address` alone, and
    is not asked.
    `staff` None is the command line. Raises NotYours, NameTaken, NotConnected, LookupError (no such network).
    """
    actor = channels.acting(staff, ACT, team)
    name = refuse_bad_name(name)
    now = clock.now_ms()
    channel = Channel(
        obj=new_id(), network=network, name=name, team=team, hook=random.token_urlsafe(HOOK_BYTES),
        since=now, created_at=now,
    )  # fmt: skip
    if reached := not (way.takes_hands(network) and way.ADDRESS in settings) and way.is_connected_to(network):
        take_on(channel, _asked(channel, settings, secrets, session, account))
    else:
        with as_reasons(catalogue.network(network)):
            way.take_address(channel, settings)
    with transaction.atomic():
        _save_new(channel)
        if reached:
            _poll_now(channel)
        jobs.enqueue(reading.FORGET_JOB, reading.FORGET_JOB, due_ms=now, data={})
        _append(_connected(channel), channel, actor)
    return channel


def check(staff: Staff | None, channel: Channel) -> Channel:
    """Asks the network once more who we are and what it allows now. Stops the channel when it refuses us.

    Raises NotYours, NotNow, and NotConnected with the network's reason.
    """
    channels.acting(staff, ACT, channel.team)
    channel = Channel.objects.select_related("team").get(pk=channel.pk)
    if channel.state == Channel.REMOVED:
        raise NotNow(Said("This channel was removed. Connect the account again as a new channel."))
    if not way.is_reached(channel):
        raise NotNow(Said("The desk cannot ask this network; a person looks there by hand."))
    try:
        channel = sessions.renew_now(channel)
        known = connectors.connector_of(channel).whoami()
    except contract.Reconnect as refused:
        stop(channel, refused.reason)
        raise NotConnected(Said("%(reason)s Connect the account again.", reason=refused.reason)) from refused
    except (contract.Later, contract.Refused, contract.Uncertain) as failed:
        sessions.note(channel, failed)
        raise NotConnected(
            Said("The network gives no answer now. %(failed)s", failed=failed.args[0])
        ) from failed
    with transaction.atomic():
        row = channels.locked(channel)
        take_on(row, known)
        row.ok_at, row.failures = clock.now_ms(), 0
        row.trouble = row.trouble if row.state == Channel.STOPPED else ""
        row.save(update_fields=["account", "handle", "url", "ok_at", "failures", "trouble"])
    return row


def pause(staff: Staff | None, channel: Channel, reason: str) -> Channel:
    """Stops the channel until somebody lets it run again; what goes out waits. Raises NotYours, NotNow."""
    actor = channels.acting(staff, ACT, channel.team)
    why = reason_of(reason, freeze.REASON_CHARACTERS_MAX)
    with transaction.atomic():
        row = channels.locked(channel)
        _refuse_unless(row, Channel.OPEN)
        _move(row, Channel.PAUSED, trouble=why)
        _append(ChannelPaused(channel=row.obj, reason=why), row, actor)
    return row


def resume(staff: Staff | None, channel: Channel) -> Channel:
    """Lets a paused channel run again, with everything that waits for it. Raises NotYours, NotNow."""
    actor = channels.acting(staff, ACT, channel.team)
    with transaction.atomic():
        row = channels.locked(channel)
        _refuse_unless(row, Channel.PAUSED)
        _run_again(row)
        _append(ChannelResumed(channel=row.obj), row, actor)
    return row


def reconnect(
    staff: Staff | None,
    channel: Channel,
    secrets: dict[str, str] | None = None,
    settings: dict[str, str] | None = None,
    *,
    session: sessions.Fresh | None = None,
    account: str = "",
) -> Channel:
    """New secrets or settings for the same account; what is not given stays as it was, a sign-in too.

    `session`, `account`: as in `add`; the secrets whose place it takes are then given up, and a secret that
    takes the place of a sign-in ends that.
    Raises NotYours, NotNow, NotConnected (also when it is another account).
    """
    actor = channels.acting(staff, ACT, channel.team)
    tried = Channel.objects.get(pk=channel.pk)
    _refuse_unless(tried, Channel.OPEN, Channel.PAUSED, Channel.STOPPED)
    chosen, by_hand = settings or {}, way.ADDRESS in tried.settings
    if not way.is_connected_to(tried.network) or (by_hand and way.ADDRESS in chosen):
        return _moved(tried, chosen, actor)
    wanted = {k: v for k, v in tried.settings.items() if k != way.ADDRESS} | chosen
    given = {k: v for k, v in (secrets or {}).items() if v}
    before = connectors.secrets_of(tried)
    fields: tuple[str, ...] = _GRANT_FIELDS
    if session is None and not sessions.SIGNED_FOR & given.keys() and sessions.signed_in(tried):
        with as_reasons(catalogue.network(tried.network)):
            session = sessions.signed_in(sessions.renew_now(tried))
        fields = _GIVEN_FIELDS  # the sign-in is not touched: somebody may renew it meanwhile
    if session:
        before = {k: v for k, v in before.items() if k not in sessions.SIGNED_FOR}
    known = _asked(tried, wanted, before | given, session, account)
    if known.remote_id != tried.account.get("remote_id", known.remote_id):
        raise NotConnected(
            Said(
                "This is another account (%(handle)s). Connect it as a channel of its own.",
                handle=known.handle,
            )
        )
    with transaction.atomic():
        row = channels.locked(channel)
        _refuse_unless(row, Channel.OPEN, Channel.PAUSED, Channel.STOPPED)
        for field in fields:
            setattr(row, field, getattr(tried, field))
        take_on(row, known)
        row.save(update_fields=[*fields, "account", "handle", "url"])
        _run_again(row)
        _append(_connected(row), row, actor)
    return row


_GIVEN_FIELDS = ("settings", "secrets", "poll_seconds")
_GRANT_FIELDS = (*_GIVEN_FIELDS, *sessions.SAVED_FIELDS)


def remove(staff: Staff | None, channel: Channel) -> Channel:
    """Takes the channel off the desk: secrets are destroyed, the hook address ends, what waits is withdrawn.

    What was said stays in the record. Raises NotYours, NotNow.
    """
    actor = channels.acting(staff, ACT, channel.team)
    with transaction.atomic():
        row = channels.locked(channel)
        _refuse_unless(row, Channel.OPEN, Channel.PAUSED, Channel.STOPPED)
        row.secrets, row.session, row.hook = b"", b"", random.token_urlsafe(HOOK_BYTES)
        row.save(update_fields=["secrets", "session", "hook"])
        _move(row, Channel.REMOVED, trouble="")
        _append(ChannelRemoved(channel=row.obj), row, actor)
    # Each in a transaction of its own: they append to lanes of their own. What a kill leaves over is
    # withdrawn by its delivery job, which finds the channel removed.
    for waiting in Delivery.objects.filter(channel=row).order_by("id").iterator():
        delivery.withdraw(waiting, by_actor=actor, reason=Said("The channel was removed from the desk."))
    return row


def stop(channel: Channel, reason: str) -> bool:
    """The network refuses the grant: everything on the channel waits until a person connects it again.

    In the caller's transaction if there is one. False when it did not run anyway.
    """
    with transaction.atomic():
        row = channels.locked(channel)
        if row.state != Channel.OPEN:
            return False
        row.failed_at = clock.now_ms()
        row.save(update_fields=["failed_at"])
        _move(row, Channel.STOPPED, trouble=reason)
        _append(ChannelStopped(channel=row.obj, reason=reason), row, ACTOR)
    return True


def poll_key(channel: Channel) -> str:
    """The one poll job of a channel."""
    return f"{POLL_JOB}:{channel.obj}"


# --- asking the network ------------------------------------------------------------------------------
def _asked(
    channel: Channel,
    settings: dict[str, str],
    secrets: dict[str, str],
    session: sessions.Fresh | None,
    account: str,
) -> contract.Self:
    """Who the network says that we are. Puts settings and sealed secrets into the row, unsaved."""
    data = catalogue.network(channel.network)
    given = {name: value for name, value in secrets.items() if value}
    with as_reasons(data):
        chosen, house = form.parted(data, settings)
        if form.POLL_SETTING in house:
            channel.poll_seconds = form.rhythm(house)
        channel.settings, channel.session = data.filled(chosen, given) | form.kept(house), b""
        before = connectors.secrets_of(channel)
        connectors.seal_secrets(channel, given)
        channel.settings |= connectors.connector_of(channel).locate()
        if fresh := session or sessions.opened(channel):
            sessions.take(channel, fresh)
        elif given != before:
            token_health.foresee_typed(channel)
        known = connectors.connector_of(channel).whoami()
    if account and account != known.remote_id:
        raise NotConnected(
            Said(
                "%(title)s says that somebody else has signed in (%(handle)s).",
                title=data.title,
                handle=known.handle,
            )
        )
    return known


@contextmanager
def as_reasons(data: catalogue.NetworkData) -> Iterator[None]:
    """What a network has against being connected, as NotConnected with its reason."""
    try:
        yield
    except contract.Reconnect as refused:
        raise NotConnected(
            Said(
                "%(title)s does not accept this account. %(reason)s", title=data.title, reason=refused.reason
            )
        ) from refused
    except (contract.Later, contract.Uncertain) as failed:
        raise NotConnected(
            Said("%(title)s gives no answer now. %(failed)s", title=data.title, failed=failed.args[0])
        ) from failed
    except (contract.Refused, contract.NotOffered, form.BadSetting, way.BadAddress) as refused:
        raise NotConnected(refused.args[0]) from refused


def take_on(channel: Channel, known: contract.Self) -> None:
    """Who we are there, and the live limits, which override the data file."""
    channel.account = {**channel.account, **asdict(known)}
    channel.handle, channel.url = known.handle[:200], known.url[:500]


# --- without asking it -------------------------------------------------------------------------------
def _moved(tried: Channel, settings: dict[str, str], actor: str) -> Channel:
    """The account has another public address."""
    with transaction.atomic():
        row = channels.locked(tried)
        with as_reasons(catalogue.network(row.network)):
            way.take_address(row, {way.ADDRESS: row.url, **settings})
        row.save(update_fields=["settings", "handle", "url"])
        _run_again(row)
        _append(_connected(row), row, actor)
    return row


# --- changing the row --------------------------------------------------------------------------------
def _save_new(channel: Channel) -> None:
    channel.ok_at = channel.created_at
    try:
        with transaction.atomic():
            channel.save(force_insert=True)
    except IntegrityError:
        raise _taken(channel.name) from None


def _run_again(row: Channel) -> None:
    """Open, with everything that waited for it due now."""
    row.ok_at, row.failures = clock.now_ms(), 0
    row.save(update_fields=["ok_at", "failures"])
    _move(row, Channel.OPEN, trouble="")
    _poll_now(row)
    delivery.wake(row)


def _poll_now(row: Channel) -> None:
    if not jobs.again(poll_key(row), clock.now_ms()):
        jobs.enqueue(POLL_JOB, poll_key(row), due_ms=clock.now_ms(), data={"channel": row.obj})


def _move(row: Channel, state: str, *, trouble: str) -> None:
    row.state, row.trouble, row.version = state, trouble[:TROUBLE_CHARACTERS_MAX], row.version + 1
    row.save(update_fields=["state", "trouble", "version"])


def _append(fact: object, row: Channel, actor: str) -> None:
    append(fact, f"{type(fact).__name__}:{row.obj}:{row.version}", actor=actor, obj=row.obj)


def _connected(row: Channel) -> ChannelConnected:
    team = row.team.obj if row.team else ""
    return ChannelConnected(channel=row.obj, network=row.network, name=row.name, handle=row.handle, team=team)


# --- refusing ----------------------------------------------------------------------------------------
def refuse_bad_name(name: str) -> str:
    """The name without needless spaces. Raises NotConnected for none or a long one, NameTaken."""
    name = kept(" ".join(name.split()))
    if not name or len(name) > NAME_CHARACTERS_MAX:
        raise NotConnected(
            Said(
                "Give the channel a name of at most %(number)s characters.",
                number=NAME_CHARACTERS_MAX,
            )
        )
    if Channel.objects.exclude(state=Channel.REMOVED).filter(name=name).exists():
        raise _taken(name)
    return name


def _taken(name: str) -> NameTaken:
    return NameTaken(Said("There is a channel called '%(name)s' already. Choose another name.", name=name))


def _refuse_unless(row: Channel, *states: str) -> None:
    if row.state not in states:
        raise NotNow(_standing(row.state))


def _standing(state: str) -> Said:
    match state:
        case Channel.OPEN:
            return Said("The channel runs already, so this cannot be done.")
        case Channel.PAUSED:
            return Said("The channel is paused now, so this cannot be done.")
        case Channel.STOPPED:
            return Said("The channel has to be connected again before this can be done.")
        case _:
            return Said("The channel was removed from the desk, so this cannot be done.")
