"""Offers and payments brought together: matched, credited, taken back, all of a batch in one transaction.

An offer stays on a card until it is taken off or ends: each payment that it is matched with is a use of its
own. How often it may be used and how much it may give are limits of the database: a row of the cap table
each, counted up only while there is room. The members of the batch are locked, then the funds in the
order of their names.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from bankside.record import subjects
from bankside.record.append import Draft
from bankside.record.facts.rewards import OfferMoved
from bankside.rewards import chain
from bankside.rewards.chain import REFUND, Sums
from bankside.rewards.ledger import spend
from bankside.rewards.ledger.candidate import PURCHASE
from bankside.rewards.ledger.days import NEVER_MONTH, Calendar
from bankside.rewards.models import Line, OfferUse, Payment, Posting
from bankside.rewards.offer_limits import Funds, Times, Versions, window_of
from bankside.rewards.taking_part import SYSTEM

STATEMENT: Final = "statement-credit"
NO_OFFER, FREQUENCY, FUND, CURRENCY = "no-offer", "frequency", "fund", "currency"
CHANGED: Final = ("state", "entitled", "held", "amount", "reversed", "changed_at")
USES_PER_STATEMENT_MAX: Final = 100
BEFORE, SMALL, NO_CONSENT = "before-adding", "too-small", "no-consent"
Paid = dict[tuple[int, str], list[Payment]]


@dataclass(slots=True)
class Moved:
    """What a payment did to an offer: `amount` credited, negative when taken back; or why nothing
    happened."""

    use: OfferUse | None = None
    amount: int = 0
    reason: str = ""


@dataclass(slots=True)
class Batch:
    """What a batch is going to write, decided before any of it is written."""

    now_ms: int
    versions: Versions
    funds: Funds
    times: Times
    uses: dict[int, OfferUse] = field(default_factory=dict)
    changes: list[spend.Credit | spend.Uncredit] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)
    told: list[tuple[OfferUse, Payment, int]] = field(default_factory=list)


def decide(paid: Paid, new: set[int], now_ms: int) -> tuple[Batch, dict[int, Moved]]:
    """What payments do to offers, by the new message that did it. `paid`: all messages, by (member, chain);
    `new`: the rows that came now, at least one in each chain.

    In the caller's transaction, the members locked. The funds are locked here; everything
    is written by `carry_out`.
    """
    versions = Versions()
    uses, added = _uses_of(paid), _added_by(versions, paid)
    touched = [*uses.values(), *(use for some in added.values() for use in some)]
    batch = Batch(now_ms, versions, Funds(versions, touched), Times(touched))
    moved: dict[int, Moved] = {}
    for (member, name), messages in paid.items():
        last = max((one for one in messages if one.pk in new), key=lambda one: one.pk)
        use, reason = uses.get((member, name)), ""
        if use is None:
            use, reason = _matched(batch, added.get(member, []), messages)
        moved[last.pk] = _settled(batch, use, messages, last) if use else Moved(reason=reason)
    return batch, moved


def carry_out(batch: Batch) -> list[Draft]:
    """Writes what was decided: uses, postings, lines of statements. The facts are the caller's to append."""
    _keep(batch.uses.values())
    batch.funds.save()
    batch.times.save()
    spend.credit_all(batch.changes)
    Line.objects.bulk_create(batch.lines)
    return _drafts(batch)


def lapse(use: OfferUse, now_ms: int) -> bool:
    """An authorisation that never cleared gives back what was held for it; in a transaction, the member
    locked."""
    use.refresh_from_db()
    if use.state != OfferUse.MATCHED:
        return False
    versions = Versions()
    funds, times = Funds(versions, [use]), Times([use])
    times.give_back(use, versions.offer(use))
    funds.hold(use, 0)
    use.state, use.changed_at = OfferUse.LAPSED, now_ms
    use.save()
    funds.save()
    times.save()
    return True


def _keep(uses: Iterable[OfferUse]) -> None:
    """New uses and changed ones, by few statements."""
    there, new = [use for use in uses if use.pk], [use for use in uses if not use.pk]
    OfferUse.objects.bulk_create(new)
    OfferUse.objects.bulk_update(there, CHANGED, batch_size=USES_PER_STATEMENT_MAX)


# --- what a payment does -------------------------------------------------------------------------------
def _uses_of(paid: Paid) -> dict[tuple[int, str], OfferUse]:
    chains_asked = {name for _, name in paid}
    rows = OfferUse.objects.filter(member__in={member for member, _ in paid}, chain__in=chains_asked)
    return {(use.member_id, use.chain): use for use in rows.exclude(chain="")}


def _added_by(versions: Versions, paid: Paid) -> dict[int, list[OfferUse]]:
    """Offers on the cards of these members, of those that fit one of their payments."""
    messages: dict[int, list[Payment]] = {}
    for (member, _), some in paid.items():
        messages.setdefault(member, []).extend(some)
    added: dict[int, list[OfferUse]] = {}
    for use in OfferUse.objects.filter(member__in=messages, state=OfferUse.ADDED).order_by("pk"):
        offer = versions.offer(use)
        if versions.held_out(use, messages[use.member_id][0].member.obj):
            continue
        if any(chain.fits(offer, one) for one in messages[use.member_id]):
            added.setdefault(use.member_id, []).append(use)
    return added


def _matched(batch: Batch, added: list[OfferUse], messages: list[Payment]) -> tuple[OfferUse | None, str]:
    """A new use of the offer that gives most for a payment, or why there is none."""
    bought = [one for one in messages if one.kind != REFUND and one.for_offers]
    if not bought:
        return None, NO_CONSENT if messages[-1].kind != REFUND else NO_OFFER
    first, reason = min(bought, key=lambda one: (one.at, one.pk)), NO_OFFER
    for use in sorted(added, key=lambda use: _rank(batch, use, messages)):
        offer, terms = batch.versions.offer(use), batch.versions.live(use).programme
        if not chain.fits(offer, first) or not batch.versions.holds(use, first.at):
            continue
        if first.currency != terms.currency:
            reason = CURRENCY
        elif use.added_at > first.at:
            reason = BEFORE
        elif not _reward(batch, use, messages):
            reason = SMALL
        elif not batch.funds.left(offer.id):
            reason = FUND
        else:
            made = OfferUse(
                offer=offer.id,
                programme=use.programme,
                member_id=use.member_id,
                added_at=use.added_at,
                chain=first.chain,
                ref=first.ref,
                window=window_of(offer, Calendar(terms.zone), first.at),
            )
            if batch.times.take(made, offer):
                return made, ""
            reason = FREQUENCY
    return None, reason


def _rank(batch: Batch, use: OfferUse, messages: list[Payment]) -> tuple[int, int]:
    """By what it is worth to the member, the most first, then in the order of the programme."""
    offer, terms = batch.versions.offer(use), batch.versions.live(use).programme
    reward = _reward(batch, use, messages)
    return -(terms.money(reward) if offer.kind == "points" else reward), offer.slot


def _reward(batch: Batch, use: OfferUse, messages: list[Payment]) -> int:
    sums = chain.sums_of(messages, batch.versions.live(use).programme.currency)
    return batch.versions.offer(use).reward(sums.cleared or sums.authorised)


def _settled(batch: Batch, use: OfferUse, messages: list[Payment], last: Payment) -> Moved:
    """Brings a use to what is owed now, whatever came in whatever order."""
    offer, terms = batch.versions.offer(use), batch.versions.live(use).programme
    sums = chain.sums_of(messages, terms.currency)
    if use.state == OfferUse.LAPSED and not (sums.cleared and batch.times.take(use, offer)):
        return Moved(use=use, reason=FREQUENCY)
    owed = chain.owed(
        sums, offer.reward, left=batch.funds.left(offer.id), entitled=use.entitled, held=use.held
    )
    net = use.amount - use.reversed
    more = owed.entitled - use.entitled + max(0, owed.net - net - (owed.entitled - use.entitled))
    back = net + more - owed.net
    state = _state(sums)
    told = (use.state, net) != (state, owed.net) or use.pk is None
    batch.funds.hold(use, owed.held)
    use.entitled, use.state, use.changed_at = owed.entitled, state, batch.now_ms
    if more:
        _credit(batch, use, last, more)
    if back:
        _take_back(batch, use, messages, last, back)
    use.amount, use.reversed = use.amount + more, use.reversed + back
    batch.uses[id(use)] = use
    if told:
        batch.told.append((use, last, owed.net))
    return Moved(use=use, amount=owed.net - net)


def _state(sums: Sums) -> str:
    if not sums.cleared:
        return OfferUse.MATCHED
    return OfferUse.REVERSED if sums.undone else OfferUse.CREDITED


def _credit(batch: Batch, use: OfferUse, last: Payment, amount: int) -> None:
    source, (unit, expires) = credit_source(use, last), _unit(batch, use)
    batch.changes.append(
        spend.Credit(
            member=use.member_id,
            unit=unit,
            amount=amount,
            source=source,
            rule=use.offer,
            at=batch.now_ms,
            programme=use.programme,
            expires=expires,
        )
    )
    _line(batch, use, last, source, amount)


def _take_back(batch: Batch, use: OfferUse, messages: list[Payment], last: Payment, amount: int) -> None:
    """Takes back of the credits of a use, the oldest first, what was not taken back of them before."""
    passed, unit, place = use.reversed, _unit(batch, use), 0
    for source, credited in _credits(batch, use, messages):
        part = min(credited - min(passed, credited), amount)
        passed -= min(passed, credited)
        if not part:
            continue
        name = f"r:{use.obj}:{last.pk}" + (f":{place}" if place else "")
        batch.changes.append(
            spend.Uncredit(
                member=use.member_id,
                unit=unit[0],
                amount=part,
                source=name,
                rule=use.offer,
                at=batch.now_ms,
                of_source=source,
                programme=use.programme,
                expires=unit[1],
            )
        )
        _line(batch, use, last, name, -part)
        amount, place = amount - part, place + 1


def _credits(batch: Batch, use: OfferUse, messages: list[Payment]) -> list[tuple[str, int]]:
    """The credits of a use, oldest first: those in the journal, and those of this batch."""
    sources = [credit_source(use, one) for one in sorted(messages, key=lambda one: one.pk)]
    rows = Posting.objects.filter(source__in=sources, rule=use.offer, kind=spend.OFFER)
    known = dict(rows.values_list("source", "points"))
    for change in batch.changes:
        if isinstance(change, spend.Credit) and change.source in sources:
            known[change.source] = change.amount
    return [(source, known[source]) for source in sources if source in known]


def credit_source(use: OfferUse, payment: Payment) -> str:
    """The natural key of what a use gave on seeing this message."""
    return f"o:{use.obj}:{payment.pk}"


def _unit(batch: Batch, use: OfferUse) -> tuple[str, int]:
    """In what an offer gives, and the month until which that can be spent."""
    offer, terms = batch.versions.offer(use), batch.versions.live(use).programme
    if offer.kind == "credit":
        return terms.currency, NEVER_MONTH
    return terms.unit, Calendar(terms.zone, life_months=terms.life_months).expires(use.added_at)


def _line(batch: Batch, use: OfferUse, last: Payment, source: str, amount: int) -> None:
    """Money goes onto the statement of the card that paid; points do not."""
    if batch.versions.offer(use).kind != "credit":
        return
    batch.lines.append(
        Line(
            kind=STATEMENT,
            source=source,
            member=use.member_id,
            account=last.member.customer_ref or "",
            token_ref=last.card.token_ref or "",
            amount=amount,
            currency=_unit(batch, use)[0],
            origin=PURCHASE,
            at=batch.now_ms,
        )
    )


def _drafts(batch: Batch) -> list[Draft]:
    subjs = subjects.subjects_of(("member", last.member.obj) for _, last, _ in batch.told)
    return [
        Draft(
            fact=OfferMoved(
                use=use.obj,
                member=last.member.obj,
                offer=use.offer,
                state=use.state,
                ref=last.ref,
                amount=net,
            ),
            key=f"rewards.offer-moved:{use.obj}:{last.pk}",
            actor=SYSTEM,
            obj=use.obj,
            subj=subjs["member", last.member.obj],
        )
        for use, last, net in batch.told
    ]
