"""Card payments as they come in: kept once, used for offers with the member's consent, and earning points.

Points for spending need the consent to take part alone. Offers need the consent `spend` too; without it
nothing is matched, and neither the place nor its kind (`mcc`) is kept: rules for points see the kind while
the payment is taken, and their receipt says it where they asked. Refunds of what was taken before are taken
whatever was agreed to since, so that a credit is never kept for what was given back.

Everything follows from all messages of a payment together, so the order in which they come does not matter,
and the same message twice is once.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any, Final, Literal

import msgspec
from django.db import transaction

from bankside.record import clock
from bankside.record.append import Draft, append_many
from bankside.record.facts.rewards import PaymentsTaken
from bankside.rewards import chain, consent, earning, matching, traits
from bankside.rewards import programme as programmes
from bankside.rewards.chain import AUTH, CLEARING, REFUND
from bankside.rewards.ledger import claw, locks
from bankside.rewards.ledger.candidate import AWARDED
from bankside.rewards.ledger.days import Calendar
from bankside.rewards.matching import Moved, Paid
from bankside.rewards.models import Card, Member, Payment
from bankside.rewards.payments.transaction import CardTransaction
from bankside.rewards.rules.act import PLATFORM, Act
from bankside.said import Said

TAKE_ROWS_MAX: Final = 1_000
SOURCE_CHARACTERS_MAX: Final = 80
NETWORK: Final = "card"
PURCHASE_ACT: Final = "purchase"
TAKEN: Final = "taken"
KNOWN: Final = "known"
REFUSED: Final = "refused"
UNKNOWN_CARD, NOT_ACTIVE, CARD_ENDED, NO_CONSENT, CHANGED = (
    "unknown-card", "not-active", "card-ended", "no-consent", "changed",
)  # fmt: skip
REASONS: Final[Mapping[str, Said]] = {
    UNKNOWN_CARD: Said("No member has this card."),
    NOT_ACTIVE: Said("The member has paused or left."),
    CARD_ENDED: Said("The card has ended."),
    NO_CONSENT: Said("The member has not agreed to this."),
    CHANGED: Said("This reference was taken before, with other contents. Nothing was changed."),
    matching.NO_OFFER: Said("No offer on the card is for this payment."),
    matching.FREQUENCY: Said("The offer was used as often as it may be."),
    matching.FUND: Said("The fund of the offer is used up."),
    matching.CURRENCY: Said("The payment is in another currency than the programme."),
    matching.BEFORE: Said("The offer was added after this payment."),
    matching.SMALL: Said("The payment is too small for the offer to give anything."),
}


class TooMany(ValueError):
    """A batch has at most TAKE_ROWS_MAX transactions."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What became of one transaction. `reason` names the rule by which it was refused, or no offer was used
    (words: REASONS). `amount`: credited by `offer`, negative when taken back; `points`: earned by
    spending."""

    ref: str
    kind: str
    outcome: Literal["taken", "known", "refused"]
    reason: str = ""
    offer: str = ""
    amount: int = 0
    points: int = 0


def take(transactions: Iterable[CardTransaction], by: str) -> list[Result]:
    """Takes transactions in, all in one transaction of the database; a result each, in their order.

    `by`: who brought them, as an actor of the record. At most TAKE_ROWS_MAX; raises TooMany.
    """
    given = list(islice(transactions, TAKE_ROWS_MAX + 1))
    if len(given) > TAKE_ROWS_MAX:
        raise TooMany(Said("At most %(most)s transactions can be sent at once.", most=TAKE_ROWS_MAX))
    with transaction.atomic():
        return _taken(given, by) if given else []


def digest_of(payments: Iterable[Payment]) -> str:
    """SHA-256 of payments in their canonical form, in hex: a JSON array a line, in the order of (ref,
    kind). Places are not in it: they are forgotten (`places.py`), and what was paid is proved all the same.
    """
    rows = sorted(payments, key=lambda one: (one.ref, one.kind))
    return hashlib.sha256(b"".join(_canonical(one) + b"\n" for one in rows)).hexdigest()


def _canonical(one: Payment) -> bytes:
    return msgspec.json.encode(
        [one.ref, one.kind, one.original, one.card_id, one.member_id, one.amount, one.currency,
         int(one.for_offers), one.at]
    )  # fmt: skip


def _taken(given: Sequence[CardTransaction], by: str) -> list[Result]:
    sight = _Sight(given)
    results = [sight.judged(one) for one in given]
    fresh = sight.keep()
    if not fresh:
        return results
    paid, now = _chains(fresh), clock.now_ms()
    batch, moved = matching.decide(paid, {one.pk for one in fresh}, now)
    points = _earned([one for one in fresh if sight.earns(one)], paid, now)
    drafts = matching.carry_out(batch)
    _claw(fresh, paid, now)
    append_many([*drafts, _told(fresh, by)])
    return _shown(results, fresh, moved, points)


class _Sight:
    """What is known about the cards, members and payments of a batch, the members locked."""

    def __init__(self, given: Sequence[CardTransaction]) -> None:
        self.now = clock.now_ms()
        tokens = {one.token_ref for one in given}
        self.cards = {card.token_ref: card for card in Card.objects.filter(token_ref__in=tokens)}
        members = {card.member_id for card in self.cards.values()}
        locks.lock(members)
        self.members = Member.objects.in_bulk(members)
        self.taking_part = consent.having(consent.PROGRAMME, members)
        self.spending = consent.having(consent.SPEND, members)
        refs = {one.ref for one in given} | {one.original_ref for one in given if one.original_ref}
        rows = Payment.objects.filter(ref__in=refs)
        self.known = {(row.kind, row.ref): row for row in rows}
        joined = Payment.objects.filter(member__in=members, chain__in=refs).values_list("member", "chain")
        self.chains = set(joined)
        self.fresh: list[Payment] = []

    def judged(self, one: CardTransaction) -> Result:
        """Whether it is taken, and why not. What is taken waits in `fresh`."""
        if known := self.known.get((one.kind, one.ref)):
            same = _same(known, one, self.cards.get(one.token_ref))
            return _result(one, KNOWN) if same else _result(one, REFUSED, CHANGED)
        card = self.cards.get(one.token_ref)
        if card is None:
            return _result(one, REFUSED, UNKNOWN_CARD)
        row = self._row(one, card)
        reason = "" if (row.member_id, row.chain) in self.chains else self._refusal(card)
        if reason:
            return _result(one, REFUSED, reason)
        self.known[one.kind, one.ref] = row
        self.chains.add((row.member_id, row.chain))
        self.fresh.append(row)
        return _result(one, TAKEN)

    def _refusal(self, card: Card) -> str:
        """Why nothing new of this card is taken; what belongs to a payment that was taken always is."""
        if self.members[card.member_id].status != Member.ACTIVE:
            return NOT_ACTIVE
        if card.member_id not in self.taking_part:
            return NO_CONSENT
        return CARD_ENDED if card.state == Card.ENDED else ""

    def _row(self, one: CardTransaction, card: Card) -> Payment:
        member = self.members[card.member_id]
        used = member.pk in self.spending and member.status == Member.ACTIVE and not member.employee
        row = Payment(
            ref=one.ref, kind=one.kind, original=one.original_ref, chain=self._chain(one), card=card,
            member=member, amount=one.amount, currency=one.currency, at=one.at_ms, for_offers=used,
            taken_at=self.now, **(_place(one) if used else {}),
        )  # fmt: skip
        row.told_mcc = one.mcc
        return row

    def _chain(self, one: CardTransaction) -> str:
        """Under which reference it belongs together: that of the authorisation, as far as one knows."""
        if one.kind == AUTH or not one.original_ref:
            return one.ref
        cleared = self.known.get((CLEARING, one.original_ref)) if one.kind == REFUND else None
        return cleared.chain if cleared else one.original_ref

    def earns(self, row: Payment) -> bool:
        """Whether spending may earn points: by whoever takes part now and does not work for the bank."""
        active = row.member.status == Member.ACTIVE and not row.member.employee
        return active and row.member_id in self.taking_part

    def keep(self) -> list[Payment]:
        """Writes what is new. A refund that named a clearing before that came joins its chain now."""
        digest = digest_of(self.fresh)
        for one in self.fresh:
            one.batch = digest[:32]
        Payment.objects.bulk_create(self.fresh)
        for one in self.fresh:
            if one.kind == CLEARING and one.chain != one.ref:
                waiting = Payment.objects.filter(member=one.member, kind=REFUND, chain=one.ref)
                waiting.update(chain=one.chain)
                for other in self.fresh:
                    if (other.member_id, other.kind, other.chain) == (one.member_id, REFUND, one.ref):
                        other.chain = one.chain
        return self.fresh


# --- what follows ---------------------------------------------------------------------------------------
def _chains(fresh: Sequence[Payment]) -> Paid:
    """All messages of the payments that something new was told of, oldest first."""
    wanted = {(one.member_id, one.chain) for one in fresh}
    rows = Payment.objects.filter(
        member__in={member for member, _ in wanted}, chain__in={name for _, name in wanted}
    )
    paid: Paid = {}
    for row in rows.select_related("card", "member").order_by("pk"):
        if (row.member_id, row.chain) in wanted:
            paid.setdefault((row.member_id, row.chain), []).append(row)
    return paid


def source_of(clearing: Payment) -> str:
    """The natural key under which a clearing earns points."""
    return _source(clearing.ref)


def _source(ref: str) -> str:
    source = f"t:{ref}"
    if len(source) <= SOURCE_CHARACTERS_MAX and "\\" not in source:
        return source
    return f"t:{hashlib.sha256(ref.encode()).hexdigest()}"


def _earned(fresh: Sequence[Payment], paid: Paid, now: int) -> dict[str, int]:
    """Points by source for what was cleared now and was not given back already."""
    live = programmes.live()
    acts = [
        _act(one, live[0].programme.zone, now)
        for one in fresh
        if one.kind == CLEARING and live
        and all(one.currency == there.programme.currency for there in live)
        and not _undone(paid[one.member_id, one.chain], one.currency)
    ]  # fmt: skip
    points: dict[str, int] = {}
    for outcome in earning.earn(acts):
        if outcome.outcome == AWARDED:
            points[outcome.source] = points.get(outcome.source, 0) + outcome.points
    return points


def _act(one: Payment, zone: str, now: int) -> Act:
    return Act(
        source=source_of(one), seq=one.pk, member=one.member_id, network=NETWORK, kind=PURCHASE_ACT, at=now,
        day=0, evidence=PLATFORM, amount=one.amount, mcc=one.told_mcc,
        tenure=traits.months_between(Calendar(zone), one.member.tenure_since, now),
    )  # fmt: skip


def _claw(fresh: Sequence[Payment], paid: Paid, now: int) -> None:
    """Of what a payment earned, the part that was given back is taken back while the hold lasts, and not
    after: rounded down in favour of the member, as credits of offers are."""
    last = programmes.current()
    zone = last.programme.zone if last else "UTC"
    for key in {(one.member_id, one.chain): None for one in fresh}:
        refunds = [one for one in paid[key] if one.kind == REFUND]
        for one in paid[key] if refunds else ():
            sums = chain.sums_of(paid[key], one.currency, for_offers=False)
            if one.kind == CLEARING and sums.refunded:
                keys = [_key_of(one, refund) for refund in refunds]
                claw.give_back(source_of(one), sums.refunded, sums.cleared, keys, now, zone)


def _key_of(clearing: Payment, refund: Payment) -> str:
    """The natural key under which a refund takes back of what a clearing earned; the length parts the two."""
    return _source(f"{len(clearing.ref)}:{clearing.ref}<{refund.ref}")


def _undone(messages: Sequence[Payment], currency: str) -> bool:
    return chain.sums_of(messages, currency, for_offers=False).undone


def _place(one: CardTransaction) -> dict[str, Any]:
    return {"mcc": one.mcc, "merchant": one.merchant, "merchant_id": one.merchant_id}


def _told(fresh: Sequence[Payment], by: str) -> Draft:
    digest = digest_of(fresh)
    said = PaymentsTaken(batch=digest[:32], rows=len(fresh), digest=digest)
    return Draft(fact=said, key=f"rewards.payments-taken:{digest[:32]}", actor=by, obj=digest[:32])


def _same(known: Payment, one: CardTransaction, card: Card | None) -> bool:
    told = (one.amount, one.currency, one.at_ms, one.original_ref, card.pk if card else 0)
    return told == (known.amount, known.currency, known.at, known.original, known.card_id)


def _result(one: CardTransaction, outcome: Literal["taken", "known", "refused"], reason: str = "") -> Result:
    return Result(ref=one.ref, kind=one.kind, outcome=outcome, reason=reason)


def _shown(
    results: list[Result], fresh: Sequence[Payment], moved: Mapping[int, Moved], points: Mapping[str, int]
) -> list[Result]:
    """The results with what the payments did. A message that came twice in one batch did it the first
    time."""
    rows = {(one.kind, one.ref): one for one in fresh}
    shown = []
    for result in results:
        row = rows.get((result.kind, result.ref)) if result.outcome == TAKEN else None
        shown.append(_with(result, row, moved, points) if row else result)
    return shown


def _with(result: Result, row: Payment, moved: Mapping[int, Moved], points: Mapping[str, int]) -> Result:
    did = moved.get(row.pk, Moved())
    return replace(
        result, reason=did.reason, offer=did.use.offer if did.use else "", amount=did.amount,
        points=points.get(source_of(row), 0) if row.kind == CLEARING else 0,
    )  # fmt: skip
