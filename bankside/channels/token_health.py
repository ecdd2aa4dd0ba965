"""Whether what lets the desk into an account still holds, until when, and who must do something about it.

An access that the desk prolongs by itself has no end for people. One that nobody can prolong has: its end and
the day from which on it is said stand in the channel's row, so that one statement finds all of them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from django.db import transaction

from bankside.channels import connectors
from bankside.channels.authority import LASTING_SECONDS
from bankside.channels.connectors import Session
from bankside.channels.models import Channel
from bankside.networks.catalogue import NetworkData, network
from bankside.record import clock
from bankside.record.append import append
from bankside.record.facts.channel_care import AccessEnding
from bankside.said import Said

ACTOR = "s:channels"
NOTICE_DAYS = 7
NOTICE_SHARE = 4
"""It is said 7 days before the end, and of a short access in the last quarter of its life."""
DAY_MS = 86_400_000
LASTING_MS = LASTING_SECONDS // 2 * 1000

State = Literal["none", "good", "ending", "ended", "trouble", "revoked"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """What lets the desk in. `kind` and `words` are for people; times are UTC ms, 0 for none.

    `renews`: the desk prolongs it by itself. `proved_ms`: the last time that the network accepted it.
    `trouble` passes, `revoked` does not: there a person connects the account again.
    """

    state: State
    words: str
    kind: str
    ends_ms: int
    renews: bool
    proved_ms: int


def access(channel: Channel) -> Access:
    """How it is with one channel now."""
    data, now = network(channel.network), clock.now_ms()
    session = _session_of(channel)
    state = _state(channel, held=bool(channel.secrets or session), now_ms=now)
    return Access(
        state=state, words=words(state, channel.ends_at), kind=_kind(data, session), ends_ms=channel.ends_at,
        renews=session is not None and can_renew(data, session), proved_ms=channel.ok_at,
    )  # fmt: skip


def prolonged(channel: Channel) -> bool:
    """Whether the desk prolongs the access by itself, by the row alone: for tables of many channels."""
    return bool(channel.session) and not channel.ends_at and channel.fresh_until < clock.now_ms() + LASTING_MS


def words(state: State, ends_ms: int) -> Said:
    """The sentence for people."""
    day = day_of(ends_ms)
    match state:
        case "none":
            return Said("Nothing is kept to sign in with.")
        case "good":
            return Said("The network accepts it.")
        case "ending":
            return Said(
                "The access to this account ends on %(day)s, and nobody but a person can prolong it. "
                "Connect the account again before then.",
                day=day,
            )
        case "ended":
            return Said("The access to this account ended on %(day)s. Connect the account again.", day=day)
        case "trouble":
            return Said("The network does not answer as it should; the desk tries again by itself.")
        case "revoked":
            return Said("The network does not accept it any more. Connect the account again.")


def is_told(channel: Channel, now_ms: int) -> bool:
    """Whether a person must be told that the access ends, or has ended."""
    return 0 < channel.notice_at <= now_ms


def told(channel: Channel, now_ms: int) -> Said:
    """What she is told."""
    return words("ended" if channel.ends_at <= now_ms else "ending", channel.ends_at)


def notice(channel: Channel) -> bool:
    """Records once that the access ends soon; whether there is that to say."""
    if not is_told(channel, clock.now_ms()):
        return False
    fact = AccessEnding(channel=channel.obj, ends_ms=channel.ends_at)
    with transaction.atomic():
        append(fact, f"AccessEnding:{channel.obj}:{channel.ends_at}", actor=ACTOR, obj=channel.obj)
    return True


# --- foreseeing the end ----------------------------------------------------------------------------------
def foresee(channel: Channel, session: Session, until_ms: int, *, before: Session | None) -> None:
    """Puts the end of a session into the row, unsaved. `before`: the one that it takes the place of.

    What renews it has a life of its own on some networks: it begins again with each new one.
    """
    data = network(channel.network)
    if session.authority is None or _is_renewed_there(data):
        return _set(channel, 0)
    refresh = session.tokens.get("refresh", "")
    if not refresh:
        lasts = until_ms - clock.now_ms() > LASTING_MS
        return _set(channel, _shortest(t.life_seconds for t in data.tokens) if lasts else until_ms)
    if before is None or before.tokens.get("refresh") != refresh:
        _set(channel, _shortest(t.refresh_life_seconds for t in data.tokens))
    return None


def foresee_typed(channel: Channel) -> None:
    """Puts the end of what was typed into the form into the row, unsaved, as the data file knows it."""
    tokens = network(channel.network).tokens
    _set(channel, _shortest([tokens[0].life_seconds]) if tokens else 0)


def can_renew(data: NetworkData, session: Session) -> bool:
    """Whether the desk prolongs it by itself."""
    return session.authority is None or _is_renewed_there(data) or bool(session.tokens.get("refresh"))


def day_of(ms: int) -> str:
    """The UTC day, `2026-11-28`; empty for none."""
    return datetime.fromtimestamp(ms / 1000, UTC).date().isoformat() if ms else ""


def _is_renewed_there(data: NetworkData) -> bool:
    return data.connect.oauth is not None and data.connect.oauth.renews


def _shortest(lives_seconds: Iterable[int]) -> int:
    """When the shortest of these lives ends that begins now (UTC ms); 0 when none of them ends."""
    ending = [life for life in lives_seconds if life]
    return clock.now_ms() + min(ending) * 1000 if ending else 0


def _set(channel: Channel, ends_ms: int) -> None:
    life = ends_ms - clock.now_ms()
    channel.ends_at = ends_ms
    channel.notice_at = ends_ms - min(NOTICE_DAYS * DAY_MS, life // NOTICE_SHARE) if ends_ms else 0


# --- how it is ------------------------------------------------------------------------------------------
def _state(channel: Channel, *, held: bool, now_ms: int) -> State:
    if not held:
        return "none"
    if channel.state == Channel.STOPPED:
        return "revoked"
    if is_told(channel, now_ms):
        return "ended" if channel.ends_at <= now_ms else "ending"
    return "trouble" if channel.failures else "good"


def _kind(data: NetworkData, session: Session | None) -> str:
    """What it is called: a sign-in, or as the data file calls what is typed in."""
    if session and session.authority:
        return Said("Signed in at %(title)s", title=data.title)
    return data.tokens[0].kind if data.tokens else Said("What the form asked for")


def _session_of(channel: Channel) -> Session | None:
    try:
        return connectors.session_of(channel)
    except ValueError:  # it cannot be read any more: that is said where it is used
        return None
