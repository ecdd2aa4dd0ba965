"""What a network asks of a bank before it lets it in, and what it allows: for those who connect accounts.

Plain values out of the data file. The words for them are the page's; steps and fields are in `form`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from bankside.channels import authority, form, sessions, way
from bankside.channels.form import NetworkInfo
from bankside.networks import catalogue, declared

ANYWHERE = "*"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What one act costs, as the network prints it."""

    act: str
    amount: str
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """How long one may answer or change something: `of` is private, reply or edit."""

    of: str
    hours: int
    messages: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Pictures:
    """How many pictures go with a post, each of at most so many bytes; 0 for no limit of the network."""

    count_max: int
    bytes_max: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What is good to know before one begins.

    `redirect`: the address of this desk that has to be registered with the bank's app, or empty. `hooks`: the
    network can call the desk, at an address that each channel gets. `scopes`: the rights that the desk asks
    for, as the network names them. `pastes`: what lets the desk in may be typed into the form; if not,
    somebody signs in there. `checked`: when a person last read the documentation of all this.
    """

    text_limit: int
    unit: str
    pictures: Pictures | None
    costs: tuple[Cost, ...]
    windows: tuple[Window, ...]
    scopes: tuple[str, ...]
    rights: tuple[str, ...]
    redirect: str
    hooks: bool
    pastes: bool
    poll_seconds: int
    checked: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A network as the list shows it. `markets`: ISO countries, none for everywhere."""

    info: NetworkInfo
    markets: tuple[str, ...]
    blocked: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Offers:
    """All networks by what the desk can do there."""

    here: tuple[Offer, ...]
    by_hand: tuple[Offer, ...]
    closed: tuple[Offer, ...]

    @property
    def count(self) -> int:
        """How many there are."""
        return len(self.here) + len(self.by_hand) + len(self.closed)


def terms_of(name: str) -> Terms:
    """Of one network; raises LookupError with the names that there are."""
    data = catalogue.network(name)
    there, way_in = way.is_connected_to(name), data.connect.oauth
    secrets = {field.name for field in data.settings if field.secret}
    return Terms(
        text_limit=data.text.limit, unit=data.text.unit, pictures=_pictures(data.media),
        costs=tuple(Cost(act=p.act, amount=p.amount, currency=p.currency) for p in data.prices),
        windows=tuple(Window(of=w.of, hours=w.hours, messages=w.messages) for w in data.windows if w.hours),
        scopes=data.connect.scopes if there else (), rights=data.connect.rights if there else (),
        redirect=authority.return_address() if there and way_in and way_in.app else "",
        hooks=there and "verify" in data.can,
        pastes=not there or way_in is None or bool(secrets & sessions.SIGNED_FOR),
        poll_seconds=data.poll.seconds if there and "poll" in data.can else 0,
        checked=data.checked.isoformat(),
    )  # fmt: skip


def offers() -> Offers:
    """Every network, in the order of their titles."""
    found = [_offer(info) for info in form.networks()]
    return Offers(
        here=tuple(one for one in found if one.info.here),
        by_hand=tuple(one for one in found if not one.info.here and one.info.lifecycle != "closed"),
        closed=tuple(one for one in found if not one.info.here and one.info.lifecycle == "closed"),
    )


def _offer(info: NetworkInfo) -> Offer:
    data = catalogue.network(info.name)
    markets = () if ANYWHERE in data.markets else data.markets
    return Offer(info=info, markets=markets, blocked=data.blocked)


def _pictures(rules: Iterable[declared.MediaRule]) -> Pictures | None:
    rule = next((one for one in rules if one.kind == "image"), None)
    return Pictures(count_max=rule.count_max, bytes_max=rule.bytes_max) if rule else None
