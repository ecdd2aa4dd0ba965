"""What a member's pages show, read together: what she has, what happened, her profiles, her card.

Everything here is looked up within the member that is given. Dates are days of the programme's zone; times
are UTC ms; points are whole numbers and money minor units of its currency.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Self

from bankside.channels import form
from bankside.record.clock import now_ms
from bankside.rewards import card as cards
from bankside.rewards import (
    card_face,
    consent,
    expiry_notice,
    link,
    offer,
    programme,
    receipt,
    redemption,
    review,
)
from bankside.rewards.art import names
from bankside.rewards.art.artwork import Artwork
from bankside.rewards.last_day import Ended as Ended
from bankside.rewards.last_day import date_of, ended, terms, zone_of
from bankside.rewards.last_day import last_of as last_of
from bankside.rewards.last_day import today as today
from bankside.rewards.last_day import zone as zone
from bankside.rewards.ledger import balance
from bankside.rewards.ledger.candidate import PURCHASE
from bankside.rewards.ledger.days import month_of
from bankside.rewards.ledger.tables import Posting
from bankside.rewards.models import Card, Link, Member, OfferUse, Payment
from bankside.rewards.rules.nodes import Field, every
from bankside.rewards.rules.terms import Offer
from bankside.said import Said

EVENTS_MAX = 30
READ_MAX = 50
UNIT = "pt"
NOTICE_MONTHS = 6
PICTURE = 16  # characters of a digest that tell one drawing from another


# --- shapes ------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Soon:
    """So many points settle, or expire, on a day."""

    on: date
    points: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Purse:
    """What a member has: to spend, and on its way. `expires` only within the months of notice."""

    available: int
    pending: int
    settles: tuple[Soon, ...]
    expires: tuple[Soon, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One thing that happened. `kind`: earned, removed, returned, reversed, restored, expired, offer, refund,
    spent, undone.

    `what` is the kind of act, the merchant or the choice; `state` that of the thing. `points` and
    `amount` are signed. `source` names the receipt, or is empty. `settles` is given while points are pending.
    """

    kind: str
    at: int
    what: str = ""
    network: str = ""
    title: str | Said = ""
    state: str = ""
    reason: str | Said = ""
    points: int = 0
    amount: int = 0
    currency: str = ""
    source: str = ""
    settles: date | None = None
    earlier: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    """The first page. `older`: from which moment (UTC ms) older events go on; 0 when there are none.

    `notice`: the obj of this month's notice of what expires, while something does and she has not put it
    away; or empty.
    """

    purse: Purse
    notice: str
    ended: Ended | None
    events: tuple[Event, ...]
    older: int
    card: Picture | None
    linked: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A card as it is drawn: `version` changes with the drawing, `spoken` says its words."""

    version: str
    spoken: str
    artwork: Artwork


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """How she would like her card: theme, which profile (obj), whether its address is printed."""

    theme: str = ""
    link: str = ""
    on_line: bool = True

    @classmethod
    def of(cls, given: Mapping[str, str]) -> Self:
        """From a form or an address; what is no theme counts as none."""
        theme = given.get("theme", "")
        return cls(
            theme=theme if theme in cards.THEMES else "", link=given.get("link", ""),
            on_line=bool(given.get("on_line")),
        )  # fmt: skip

    @classmethod
    def from_card(cls, card: Card | None) -> Self:
        """As her card is; the first theme where she has none."""
        if card is None:
            return cls(theme=next(iter(cards.THEMES)))
        return cls(theme=card.theme, link=card.link.obj if card.link else "", on_line=bool(card.line))

    def query(self) -> dict[str, str]:
        """As the query of an address."""
        return {"theme": self.theme, "link": self.link, "on_line": "1" if self.on_line else ""}


@dataclass(frozen=True, slots=True, kw_only=True)
class Linked:
    """A profile as pages show it; `proof` is oauth, rel-me or dns."""

    obj: str
    network: str
    title: str
    handle: str
    where: str
    proof: str
    linked_at: int
    counts: bool
    on_card: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """Her profiles and switches. `qr` is None where no card has a code."""

    links: tuple[Linked, ...]
    personal: bool
    qr: bool | None


# --- the programme -----------------------------------------------------------------------------------
def day_of(day: int) -> date:
    """The day of a number of days since 1970."""
    return date(1970, 1, 1) + timedelta(days=day)


def looks_at(one: Offer) -> tuple[str, ...]:
    """The names of what an offer looks at, in the order of its words; empty for everybody's."""
    if one.when is None:
        return ()
    return tuple(dict.fromkeys(node.name for node in every(one.when.root) if isinstance(node, Field)))


def price_of(choice_id: str) -> int:
    """The points that a choice takes; 0 where she says how many."""
    return next((choice.points for choice in redemption.choices() if choice.id == choice_id), 0)


def network_title(name: str) -> str:
    """The name of a network as people know it; empty for what is none."""
    try:
        return form.network_info(name).title if name else ""
    except LookupError:
        return name


# --- home --------------------------------------------------------------------------------------------
def home(member: Member, *, before: int = 0) -> Home:
    """The first page; with `before` (UTC ms) its events are those before that moment."""
    events, older = what_happened(member, before=before)
    has = purse(member)
    notice = expiry_notice.on_show(member) if has.expires else None
    return Home(
        purse=has, notice=notice.obj if notice else "", ended=ended(member), events=events, older=older,
        card=picture(member),
        linked=bool(link.of(member)),
    )  # fmt: skip


def purse(member: Member) -> Purse:
    """What she has, what settles when, and what expires within the months of notice."""
    there = terms()
    place = zone_of(there)
    has = balance.balance(member.pk, there.unit if there else UNIT, zone=str(place))
    month = month_of((date_of(now_ms(), place) - date(1970, 1, 1)).days)
    until = month + (there.notice_months if there else NOTICE_MONTHS)
    ends = ((last_of(due), points) for due, points in has.expires if due <= until)
    return Purse(
        available=has.available, pending=has.pending,
        settles=tuple(Soon(day_of(day), points) for day, points in has.settles if points),
        expires=tuple(Soon(on, points) for on, points in ends if on and points),
    )  # fmt: skip


def what_happened(member: Member, *, before: int = 0) -> tuple[tuple[Event, ...], int]:
    """Events, newest first, and from where older ones go on (0: there are none)."""
    sources: tuple[Callable[[Member, int], Iterable[Event]], ...] = (
        _earned,
        _moved,
        _offers,
        _spent,
        _reversed,
    )
    found = [event for read in sources for event in read(member, before)]
    return newest(found, before)


def newest(events: Iterable[Event], before: int = 0) -> tuple[tuple[Event, ...], int]:
    """The newest of these, at most EVENTS_MAX before a moment; and where to go on."""
    there = [event for event in events if not before or event.at < before]
    ordered = sorted(there, key=lambda event: (-event.at, event.kind, event.source))
    shown = ordered[:EVENTS_MAX]
    return tuple(shown), shown[-1].at if len(ordered) > EVENTS_MAX else 0


def _earned(member: Member, before: int) -> Iterable[Event]:
    lines = receipt.listed(member, before=before, limit=EVENTS_MAX + 1)
    due = _settling(member, [line.source for line in lines])
    for line in lines:
        yield Event(
            kind="earned", at=line.at, what=line.kind, network=network_title(line.network),
            state=line.state, reason=line.reason, points=line.points, source=line.source,
            settles=due.get(line.source),
        )  # fmt: skip


def _settling(member: Member, sources: Sequence[str]) -> dict[str, date]:
    rows = Posting.objects.filter(member=member.pk, kind="earn", source__in=list(sources))
    return {source: day_of(due) for source, due in rows.values_list("source", "due")}


def _moved(member: Member, before: int) -> Iterable[Event]:
    """What was taken back with a post that was removed or a payment given back; what expired."""
    rows = Posting.objects.filter(member=member.pk, kind__in=("delete", "return", "expire"))
    rows = rows.filter(at__lt=before) if before else rows
    for row in rows.order_by("-at", "-pk")[: EVENTS_MAX + 1]:
        match row.kind:
            case "delete":
                kind, source = ("returned" if row.origin == PURCHASE else "removed"), row.source
            case "return":
                kind, source = "returned", row.why
            case _:
                kind, source = "expired", ""
        yield Event(kind=kind, at=row.at, points=-row.points, source=source)


def _offers(member: Member, before: int) -> Iterable[Event]:
    titles = {one.id: one for live in programme.live() for one in live.programme.offers}
    uses = [use for use in offer.uses_of(member, READ_MAX) if use.changed_at and use.state in _PAID]
    payments = {row.ref: row for row in Payment.objects.filter(member=member, ref__in=[u.ref for u in uses])}
    for use in uses:
        paid = payments.get(use.ref)
        terms = titles.get(use.offer)
        yield _of_use(use, paid, offer.title_of(terms, member.language) if terms else use.offer)


_PAID = (OfferUse.MATCHED, OfferUse.CREDITED, OfferUse.REVERSED)


def _of_use(use: OfferUse, paid: Payment | None, title: str) -> Event:
    return Event(
        kind="refund" if use.state == "reversed" else "offer", at=use.changed_at,
        what=paid.merchant if paid else "", title=title, state=use.state,
        amount=use.amount - use.reversed or use.held, currency=paid.currency if paid else "",
        earlier=use.added_at,
    )  # fmt: skip


def _spent(member: Member, before: int) -> Iterable[Event]:
    titles = {choice.id: choice.title for choice in redemption.choices()}
    for row in redemption.redemptions_of(member, READ_MAX, with_codes=False):
        title = in_language(titles.get(row.choice, {}), member.language) or row.choice
        yield Event(kind="spent", at=row.at, title=title, state=row.state, points=-row.points)
        if row.undone_at:
            yield Event(kind="undone", at=row.undone_at, title=title, points=row.points)


def _reversed(member: Member, before: int) -> Iterable[Event]:
    for notice in review.notices(member):
        yield Event(
            kind="reversed", at=notice.at, reason=notice.code, points=-notice.points, source=notice.source,
            state="restored" if notice.restored_at else "",
        )  # fmt: skip
        if notice.restored_at:
            yield Event(
                kind="restored", at=notice.restored_at, points=notice.points, source=notice.source
            )  # fmt: skip


def in_language(words: object, language: str) -> str:
    """The words of a file in a language such as `zh-hans`: in English, or whatever there is, without it."""
    if not isinstance(words, dict):
        return str(words or "")
    short = language.partition("-")[0]
    return str(words.get(language) or words.get(short) or words.get("en") or next(iter(words.values()), ""))


# --- card and profiles -------------------------------------------------------------------------------
def picture(member: Member, wish: Wish | None = None) -> Picture | None:
    """Her card as it is drawn, or as she wishes it; None before she linked a profile that can be printed."""
    try:
        return drawn(member, wish)
    except (link.NoSuchLink, names.Unprintable):
        return None


def drawn(member: Member, wish: Wish | None = None) -> Picture:
    """The same; raises NoSuchLink and `art.names.Unprintable`."""
    art = artwork(member, wish)
    spoken = ", ".join(part for part in (art.handle, art.address, art.name) if part)
    return Picture(version=card_face.digest_of(art)[:PICTURE], spoken=spoken, artwork=art)


def artwork(member: Member, wish: Wish | None = None) -> Artwork:
    """What is drawn: her card, or with a wish the one that she would ask for. Raises as `card.preview`."""
    if wish is None or not wish.theme:
        return cards.artwork(member.obj)
    return cards.preview(member, theme=wish.theme, link=wish.link, on_line=wish.on_line)


def drawing(member: Member, wish: Wish, side: str) -> bytes:
    """The picture for a screen, SVG."""
    return card_face.drawn(artwork(member, wish), "back" if side == "back" else "front", "screen", "svg")


def profile(member: Member) -> Profile:
    """Her profiles, and what she has switched on."""
    card = cards.current(member)
    return Profile(
        links=linked(member), personal=consent.has(member, consent.PERSONAL), qr=card.qr if card else None
    )


def linked(member: Member) -> tuple[Linked, ...]:
    """Her live profiles, the one on the card first."""
    card = cards.current(member)
    found = [_linked(one, card) for one in link.of(member)]
    return tuple(sorted(found, key=lambda one: (not one.on_card, one.linked_at)))


def _linked(row: Link, card: Card | None) -> Linked:
    return Linked(
        obj=row.obj, network=row.network, title=network_title(row.network), handle=row.handle,
        where=card_face.address_of(row) or network_title(row.network), proof=row.proof,
        linked_at=row.linked_at, counts=row.counts, on_card=bool(card and card.link_id == row.pk),
    )  # fmt: skip


def linked_one(member: Member, obj: str) -> Linked:
    """One of her live profiles. Raises NoSuchLink for what is not hers."""
    return _linked(link.get(member, obj), cards.current(member))
