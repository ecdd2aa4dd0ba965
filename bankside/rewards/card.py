"""A member's card: asked for, looked at by a person, ordered from the bureau, in use, ended.

The desk knows a card by a reference that the bank's token service gave. A card number never enters: anything
that is one, or holds one, is refused. What stands on the card is kept as it was asked for, so that what is
printed is what somebody looked at; the code on it leads to wherever its profile is called today.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from django.db import IntegrityError, models, transaction

from bankside.people import policy
from bankside.people.models import Staff
from bankside.record import clock
from bankside.record.append import Draft, append_many
from bankside.record.facts.rewards import CardActivated, CardAsked, CardBound, CardDecided, CardEnded
from bankside.record.identifiers import kept
from bankside.record.ids import new_id
from bankside.record.numbers.digit_runs import folded, runs_of
from bankside.record.reasons import reason_of
from bankside.rewards import card_face, consent, link, short_link
from bankside.rewards.art import names
from bankside.rewards.art.artwork import Artwork
from bankside.rewards.art.draw import Form, Kind, Side
from bankside.rewards.art.themes import THEMES as THEMES
from bankside.rewards.models import Card, Member
from bankside.rewards.payments import card_number
from bankside.rewards.taking_part import (
    NoSuchMember,
    acting,
    actor_of,
    locked,
    refuse_unless_active,
    subj_of,
)
from bankside.said import Said

SEE: Final = "member.see"
DECIDE: Final = "card.decide"
LISTED_MAX: Final = 500
REFERENCE_CHARACTERS_MAX: Final = 64
DIGITS_MAX: Final = 19
NUMBER_DIGITS_MAX: Final = 11
REASON_CHARACTERS_MAX: Final = 500
ENDED_CHARACTERS_MAX: Final = 200

# From where to where a card goes. An ended or refused card is never used again; another is asked for.
GOES_TO: Final[Mapping[str, frozenset[str]]] = {
    Card.ASKED: frozenset({Card.APPROVED, Card.REFUSED, Card.ENDED}),
    Card.APPROVED: frozenset({Card.ORDERED, Card.ENDED}),
    Card.ORDERED: frozenset({Card.ACTIVE, Card.ENDED}),
    Card.ACTIVE: frozenset({Card.ENDED}),
    Card.REFUSED: frozenset(),
    Card.ENDED: frozenset(),
}
IN_HAND: Final = (Card.ORDERED, Card.ACTIVE)


class BadCard(ValueError):
    """What is to stand on the card cannot; the message says what to change."""


class CardNumber(ValueError):
    """What was given as a reference is, or holds, a card number. It is not repeated anywhere."""


class NotNow(ValueError):
    """The card is not in a state in which this can be done; the message says which one it is in."""


class NoSuchCard(LookupError):
    """There is no such card, or it is not yours to see."""


def ask(member: Member, *, theme: str, link: str = "", on_line: bool = True, name: str | None = None) -> Card:
    """Asks for a card with this look and profile (obj; empty: the oldest). A person decides next.

    One that was asked for before and not ordered yet ends. The same again is the card that waits already.
    Raises NotTakingPart, ConsentMissing (`card`), NoSuchLink, BadCard, and `art.names.Unprintable`.
    """
    if theme not in THEMES:
        raise BadCard(Said("There is no such look of a card."))
    with transaction.atomic():
        row = locked(member)
        refuse_unless_active(row)
        consent.require(row, consent.CARD)
        card = _wished(row, theme=theme, link_obj=link, on_line=on_line, name=name)
        before = list(
            _of(row)
            .filter(state__in=(Card.ASKED, Card.APPROVED))
            .select_for_update(of=("self",), no_key=True)
        )
        if same := next((one for one in before if _is_same(one, card)), None):
            return same
        drafts = [_over(one, actor_of(row), "replaced") for one in before]
        card.save(force_insert=True)
        digest = card_face.digest_of(card_face.artwork_of(card))
        fact = CardAsked(member=row.obj, card=card.obj, theme=theme, sha256=digest)
        append_many([*drafts, _draft(fact, card, actor_of(row), "asked")])
    return card


def decide(staff: Staff, obj: str, approved: bool, reason: str = "") -> Card:
    """Somebody looked at what is to be printed. Raises NotYours, NoSuchCard, NotNow, BadCard (no reason)."""
    policy.require(staff, DECIDE)
    why = kept(" ".join(reason.split()))[:REASON_CHARACTERS_MAX]
    if not approved and not why:
        raise BadCard(Said("Say why; the member reads it."))
    with transaction.atomic():
        card = _locked(obj)
        state = Card.APPROVED if approved else Card.REFUSED
        _go(card, state)
        card.reason, card.decided_at, card.decided_by = why, clock.now_ms(), staff.uid
        card.save(update_fields=["state", "version", "reason", "decided_at", "decided_by"])
        fact = CardDecided(card=card.obj, approved=approved, reason=why)
        append_many([_draft(fact, card, staff.actor, "decided")])
    return card


def bind(card: Card, token_ref: str, *, by: Staff | None = None) -> Card:
    """The reference by which the bank's token service knows the card. The same twice is once.

    Raises CardNumber, BadCard (no reference, or that of another card), NotNow, NotYours.
    """
    actor = acting(card.member, by)
    reference = token_ref.strip()
    if not reference or len(reference) > REFERENCE_CHARACTERS_MAX:
        raise BadCard(Said("A reference has 1 to %(number)s characters.", number=REFERENCE_CHARACTERS_MAX))
    if holds_card_number(reference):
        raise CardNumber(
            Said("This is or holds a card number. Give the reference of the token service instead.")
        )
    try:
        with transaction.atomic():
            row = _locked(card.obj)
            if row.token_ref == reference:
                return row
            if row.token_ref or row.state not in (Card.APPROVED, *IN_HAND):
                raise _not_now(row)
            row.token_ref, row.version = reference, row.version + 1
            row.save(update_fields=["token_ref", "version"])
            append_many([_draft(CardBound(card=row.obj), row, actor, "bound")])
    except IntegrityError:
        raise BadCard(Said("Another card has this reference already.")) from None
    return row


def activate(card: Card, *, by: Staff | None = None) -> Card:
    """The card reached its member; those that she had before end. Raises NotNow, NotYours."""
    actor = acting(card.member, by)
    with transaction.atomic():
        member = locked(card.member)
        row = _locked(card.obj)
        if row.state == Card.ACTIVE:
            return row
        _go(row, Card.ACTIVE)
        row.save(update_fields=["state", "version"])
        older = (
            _of(member).filter(state__in=IN_HAND, pk__lt=row.pk).select_for_update(of=("self",), no_key=True)
        )
        drafts = [_over(one, actor, "replaced") for one in older]
        append_many([*drafts, _draft(CardActivated(card=row.obj), row, actor, "activated")])
    return row


def end(card: Card, *, by: Staff | None = None, reason: str = "hers") -> Card:
    """The card is used no more, and its code leads nowhere. Twice is once; numbers in the reason are masked.

    Raises NotYours, ReasonMissing.
    """
    actor, why = acting(card.member, by), reason_of(reason, ENDED_CHARACTERS_MAX)
    with transaction.atomic():
        locked(card.member)
        row = _locked(card.obj)
        if Card.ENDED in GOES_TO[row.state]:
            append_many([_over(row, actor, why)])
    return row


def switch_code(member: Member, on: bool) -> Card:
    """The code on her cards opens the profile, or leads nowhere, from now on; no new card is needed.

    Raises NoSuchCard (she has none), ConsentMissing, NotTakingPart, NotNow (its profile is unlinked).
    """
    with transaction.atomic():
        row = locked(member)
        cards = list(
            _of(row)
            .exclude(state__in=(Card.ENDED, Card.REFUSED))
            .select_for_update(of=("self",), no_key=True)
        )
        if not cards:
            raise NoSuchCard(Said("There is no card yet."))
        if on:
            refuse_unless_active(row)
            consent.require(row, consent.CARD)
            cards = [one for one in cards if one.link and not one.link.unlinked_at]
            if not cards:
                raise NotNow(Said("The profile on this card is not linked any more. Ask for a new card."))
        append_many(short_link.switched(cards, on, reason="hers", actor=actor_of(row)))
    return cards[0]


# --- reading -------------------------------------------------------------------------------------------
def of(member: Member) -> list[Card]:
    """Her cards, the newest first; at most 500."""
    return list(_of(member)[:LISTED_MAX])


def current(member: Member) -> Card | None:
    """The newest of her cards that was not refused and has not ended."""
    return _of(member).exclude(state__in=(Card.ENDED, Card.REFUSED)).first()


def by_token(token_ref: str) -> Card:
    """The card that the bank's token service calls so, also one that has ended. Raises NoSuchCard."""
    found = _all().filter(token_ref=token_ref).first() if token_ref else None
    if found is None:
        raise NoSuchCard(Said("There is no such card."))
    return found


def visible_to(staff: Staff) -> models.QuerySet[Card]:
    """Every card, the newest first; none for whoever may not see members."""
    return _all().order_by("-pk") if policy.may(staff, SEE) else _all().none()


def get_visible(staff: Staff, obj: str) -> Card:
    """One of them. Raises NoSuchCard."""
    found = visible_to(staff).filter(obj=obj).first()
    if found is None:
        raise NoSuchCard(Said("There is no such card."))
    return found


def waiting(staff: Staff) -> models.QuerySet[Card]:
    """Cards that somebody has to look at, the oldest first."""
    return visible_to(staff).filter(state=Card.ASKED).order_by("asked_at", "pk")


def approved(staff: Staff) -> models.QuerySet[Card]:
    """Cards that wait to be ordered, the oldest first."""
    return visible_to(staff).filter(state=Card.APPROVED, order=None).order_by("asked_at", "pk")


def artwork(of: Card | str) -> Artwork:
    """What is drawn on a card; of a member (obj, number, or the bank's reference) on her current one, or,
    when she has none, on the first that she could ask for.

    Raises NoSuchMember, NoSuchLink (nothing is linked), `art.names.Unprintable`.
    """
    if isinstance(of, Card):
        return card_face.artwork_of(of)
    called = models.Q(obj=of) | models.Q(customer_ref=of)
    if of.isascii() and of.isdigit() and len(of) <= NUMBER_DIGITS_MAX:
        called |= models.Q(pk=int(of))
    member = Member.objects.filter(called).order_by("pk").first()
    if member is None:
        raise NoSuchMember(Said("There is no such member."))
    there = current(member)
    return card_face.artwork_of(there or _wished(member, theme=next(iter(THEMES))))


def preview(
    member: Member, *, theme: str, link: str = "", on_line: bool = True, name: str | None = None
) -> Artwork:
    """What would be drawn if she asked so; nothing is kept. Raises as `ask`, but for consent."""
    if theme not in THEMES:
        raise BadCard(Said("There is no such look of a card."))
    return card_face.artwork_of(_wished(member, theme=theme, link_obj=link, on_line=on_line, name=name))


def drawn(card: Card, *, side: Side = "front", kind: Kind = "svg", form: Form = "") -> bytes:
    """The picture of one side; the last ones are at hand."""
    return card_face.drawn(artwork(card), side, kind, form)


def holds_card_number(text: str) -> bool:
    """Whether a reference is a card number or holds one: 12 to 19 digits that pass the check digit, in
    whatever script and however they are parted, also as a part of more. UUIDs and digests in hexadecimal are
    none."""
    if card_number.in_token(text):
        return True
    runs = ("".join(group.digits for group in groups) for groups in runs_of(folded(text)))
    return any(len(run) > DIGITS_MAX and _any_part(run) for run in runs)


def _any_part(digits: str) -> bool:
    return any(
        card_number.passes_luhn(digits[at : at + length])
        for length in range(card_number.TOKEN_DIGITS_MIN, DIGITS_MAX + 1)
        for at in range(len(digits) - length + 1)
    )


# --- one card ------------------------------------------------------------------------------------------
def _wished(
    member: Member, *, theme: str, link_obj: str = "", on_line: bool = True, name: str | None = None
) -> Card:
    """A card as it would be asked for, unsaved."""
    links = link.of(member)
    shown = next((one for one in links if link_obj in ("", one.obj)), None)
    if shown is None:
        raise link.NoSuchLink(Said("There is no such profile among those that are linked."))
    line = card_face.printed(shown, on_line=on_line)
    voices = [shown, *(one for one in links if one.pk != shown.pk)]
    return Card(
        obj=new_id(), member=member, link=shown, theme=theme, handle=line.handle, line=line.address,
        name=names.card_name(member.name if name is None else name),
        voices=[one.obj for one in voices], code=short_link.new_code(), asked_at=clock.now_ms(),
    )  # fmt: skip


def _is_same(one: Card, other: Card) -> bool:
    fields = ("link_id", "theme", "handle", "line", "name", "voices")
    return all(getattr(one, field) == getattr(other, field) for field in fields)


def ended_with(member: Member, actor: str) -> list[Draft]:
    """Ends all cards of a member who leaves, and empties what is printed on them; what is to be appended."""
    rows = list(_of(member).select_for_update(of=("self",), no_key=True))
    drafts = [_over(one, actor, "left") for one in rows if Card.ENDED in GOES_TO[one.state]]
    _of(member).update(name="", handle="", line="", reason="")
    return drafts


def _over(card: Card, actor: str, reason: str) -> Draft:
    _go(card, Card.ENDED)
    card.qr = False
    card.save(update_fields=["state", "version", "qr"])
    return _draft(CardEnded(card=card.obj, reason=reason), card, actor, "ended")


def _go(card: Card, state: str) -> None:
    if state not in GOES_TO[card.state]:
        raise _not_now(card)
    card.state, card.version = state, card.version + 1


def _not_now(card: Card) -> NotNow:
    match card.state:
        case Card.ASKED:
            said = Said("The card waits for somebody to look at it, so this cannot be done.")
        case Card.APPROVED:
            said = Said("The card was approved already, so this cannot be done.")
        case Card.REFUSED:
            said = Said("The card was refused, so this cannot be done.")
        case Card.ORDERED:
            said = Said("The card was ordered already, so this cannot be done.")
        case Card.ACTIVE:
            said = Said("The card is in use, so this cannot be done.")
        case _:
            said = Said("The card has ended, so this cannot be done.")
    return NotNow(said)


def _draft(fact: Any, card: Card, actor: str, what: str) -> Draft:
    key = f"rewards.card-{what}:{card.obj}"
    return Draft(fact=fact, key=key, actor=actor, obj=card.obj, subj=subj_of(card.member))


def _all() -> models.QuerySet[Card]:
    return Card.objects.select_related("member", "link", "order")


def _of(member: Member) -> models.QuerySet[Card]:
    return Card.objects.filter(member=member).select_related("link").order_by("-pk")


def _locked(obj: str) -> Card:
    row = Card.objects.select_for_update(of=("self",), no_key=True).filter(obj=obj).first()
    if row is None:
        raise NoSuchCard(Said("There is no such card."))
    return row
