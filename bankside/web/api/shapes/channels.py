"""People, networks and channels, as the API shows and takes them."""

from __future__ import annotations

from typing import Annotated

from ninja import Schema
from pydantic import StringConstraints

from bankside.web.api.shapes import Line, Taken


class RoleOut(Schema):
    """A role of somebody, in a team (its obj) or in the whole desk (null)."""

    role: str
    team: str | None


class Me(Schema):
    """Who asks, and what she may do somewhere."""

    uid: str
    name: str
    email: str
    language: str
    zone: str
    roles: list[RoleOut]
    acts: list[str]


class TeamOut(Schema):
    """A team; `zone` is the IANA time zone of its days."""

    obj: str
    name: str
    zone: str


class FieldOut(Schema):
    """One field that connecting an account asks for."""

    name: str
    label: str
    help: str
    secret: bool
    required: bool
    default: str
    choices: list[str]


class NetworkOut(Schema):
    """A network. `here`: this desk can connect it."""

    name: str
    title: str
    summary: str
    lifecycle: str
    access: str
    documentation: str
    steps: list[str]
    fields: list[FieldOut]
    offers: list[str]
    kinds: list[str]
    here: bool


class Networks(Schema):
    """Every network."""

    items: list[NetworkOut]


class HealthOut(Schema):
    """How a channel is: `state` in one word, `words` for people."""

    state: str
    words: str


class AccessOut(Schema):
    """What lets the desk into the account. `state`: none, good, ending, ended, trouble (it passes) or revoked
    (a person connects the account again). `renews`: the desk prolongs it by itself; `ends_at` is for people.
    """

    state: str
    words: str
    kind: str
    renews: bool
    ends_at: str | None
    proved_at: str | None


class ChannelOut(Schema):
    """One of the bank's accounts. Secrets are never shown; `hook` only to those who connect channels.

    `way`: desk, hand (a person posts), or closed (the network is no more).
    """

    id: str
    obj: str
    network: str
    name: str
    handle: str
    url: str
    team: str | None
    state: str
    trouble: str
    health: HealthOut
    offers: list[str]
    kinds: list[str]
    way: str
    access: AccessOut
    poll_seconds: int
    hook: str | None
    polled_at: str | None
    heard_at: str | None
    created_at: str | None
    counters: dict[str, int]


class Channels(Schema):
    """A page of channels."""

    items: list[ChannelOut]
    next: str | None


class ChannelIn(Taken):
    """An account to connect. `team` is a team's name or obj; without it the channel is the whole desk's."""

    network: Annotated[str, StringConstraints(max_length=40)]
    name: Annotated[str, StringConstraints(max_length=200)]
    settings: dict[str, str] = {}
    secrets: dict[str, str] = {}
    team: Annotated[str, StringConstraints(max_length=80)] | None = None


class ConnectionIn(Taken):
    """New secrets or settings for the same account."""

    settings: dict[str, str] = {}
    secrets: dict[str, str] = {}


class ReasonIn(Taken):
    """Why; it goes into the record."""

    reason: Line


class FreezeOut(Schema):
    """Whether everything that goes out is stopped, since when, by whom, and why."""

    frozen: bool
    reason: str
    by: str | None
    at: str | None
