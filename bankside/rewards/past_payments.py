"""Card payments that were cleared, read again as acts: whose spending could earn then, and what was given
back.

Everything is as it was when a payment was taken in: the consent, whether the member had paused, and the
refunds that had come until then.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from django.db import connection

from bankside.rewards import chain, traits
from bankside.rewards.acts import known
from bankside.rewards.asked import rows
from bankside.rewards.chain import CLEARING, REFUND
from bankside.rewards.consent import PROGRAMME
from bankside.rewards.ledger.days import Calendar
from bankside.rewards.models import Payment
from bankside.rewards.payment import NETWORK, PURCHASE_ACT, source_of
from bankside.rewards.rules.act import PLATFORM, Act
from bankside.rewards.rules.terms import Programme

PLACES: Final = 1_024  # payments of one entry of the record have as many places in the order of arrival
_TAKEN: Final = "rewards.payments-taken"
_FROM: Final = f"""from record_entry e join rewards_payment p on p.batch = e.obj
    where e.fact = '{_TAKEN}' and e.n > %s and e.n <= %s and e.t >= %s and p.kind = '{CLEARING}'"""
MOMENTS: Final = f"select e.t {_FROM} order by e.n desc limit %s"
_CLEARED: Final = f"select p.id, e.n, e.t {_FROM} order by e.n, p.id"
_BATCHES: Final = f"select obj, n, t from record_entry where fact = '{_TAKEN}' and"  # noqa: S608
_PAUSES: Final = """select obj, t, fact from record_entry
    where fact in ('rewards.member-paused', 'rewards.member-resumed') and"""


class Cleared(NamedTuple):
    """A payment that was cleared: `seq`, its place in the order of arrival; `at`, when it was taken in (UTC
    ms). `gone`: when all of it had been given back, 0 for never."""

    row: Payment
    seq: int
    at: int
    gone: int
    tenure_since: int


class _Batch(NamedTuple):
    """With which a message came in."""

    n: int
    at: int


def cleared(start: int, end: int, since: int) -> list[Cleared]:
    """What was cleared between two arrival numbers, at a moment or later, and could earn when it came in."""
    with connection.cursor() as cursor:
        cursor.execute(_CLEARED, [start, end, since])
        found = cursor.fetchall()
    there = Payment.objects.select_related("member").in_bulk([pk for pk, _, _ in found])
    earning = _Earning(row for row in there.values())
    messages = _messages(there.values())
    places: dict[int, int] = {}
    taken = []
    for pk, n, at in found:
        row = there[pk]
        places[n] = places.get(n, -1) + 1
        gone = _given_back(row, messages[row.member_id, row.chain])
        if earning.may(row, at) and gone != NEVER_EARNED:
            taken.append(Cleared(row, n * PLACES + places[n], at, gone, row.member.tenure_since))
    return taken


def acts(found: Iterable[Cleared], terms: Programme) -> list[tuple[Act, int]]:
    """Those in the currency of a programme as acts, each with when it was given back."""
    calendar = Calendar(terms.zone)
    return [
        (
            Act(
                source=source_of(one.row), seq=one.seq, member=one.row.member_id, network=NETWORK,
                kind=PURCHASE_ACT, at=one.at, day=0, evidence=PLATFORM, amount=one.row.amount,
                mcc=one.row.mcc, tenure=traits.months_between(calendar, one.tenure_since, one.at),
            ),
            one.gone,
        )
        for one in found
        if one.row.currency == terms.currency
    ]  # fmt: skip


NEVER_EARNED: Final = -1


class _Earning:
    """Whose spending could earn, and when."""

    def __init__(self, payments: Iterable[Payment]) -> None:
        members = {row.member_id: row.member.obj for row in payments}
        self._known = known(members)
        self._agreed: dict[int, list[tuple[int, int]]] = {}
        agreed = "select member_id, given_at, withdrawn_at from rewards_consent where"
        for member, given, withdrawn in rows(agreed, "member_id", members, "and purpose = %s", [PROGRAMME]):
            self._agreed.setdefault(member, []).append((given, withdrawn))
        self._pauses: dict[str, list[tuple[int, bool]]] = {}
        for obj, at, fact in rows(_PAUSES, "obj", members.values(), "order by n"):
            self._pauses.setdefault(obj, []).append((at, fact.endswith("paused")))

    def may(self, row: Payment, at: int) -> bool:
        """Whether she took part at a moment, and earns at all."""
        agreed = any(
            given <= at and (not withdrawn or at < withdrawn)
            for given, withdrawn in self._agreed.get(row.member_id, ())
        )
        pauses = [paused for then, paused in self._pauses.get(row.member.obj, ()) if then <= at]
        return agreed and not any(pauses[-1:]) and self._known[row.member_id].earns


def _messages(payments: Iterable[Payment]) -> dict[tuple[int, str], list[tuple[Payment, _Batch]]]:
    """All messages of these payments, oldest first, each with when it came in."""
    wanted = {(row.member_id, row.chain) for row in payments}
    found = [
        row
        for row in Payment.objects.filter(
            member__in={member for member, _ in wanted}, chain__in={name for _, name in wanted}
        ).order_by("pk")
        if (row.member_id, row.chain) in wanted
    ]
    batches = {obj: _Batch(n, t) for obj, n, t in rows(_BATCHES, "obj", {row.batch for row in found})}
    told: dict[tuple[int, str], list[tuple[Payment, _Batch]]] = {}
    for row in found:
        told.setdefault((row.member_id, row.chain), []).append((row, batches[row.batch]))
    return told


def _given_back(cleared: Payment, told: Sequence[tuple[Payment, _Batch]]) -> int:
    """When all of a payment had been given back; 0 for never, NEVER_EARNED when it was as it came in."""
    batches: dict[_Batch, set[str]] = {}
    for row, batch in told:
        batches.setdefault(batch, set()).add(row.kind)
    own = next(batch for row, batch in told if row.pk == cleared.pk)
    for batch in sorted(batch for batch in batches if batch >= own):
        until = [row for row, there in told if there <= batch]
        undone = chain.sums_of(until, cleared.currency, for_offers=False).undone
        if undone and batch == own:
            return NEVER_EARNED
        if undone and REFUND in batches[batch]:
            return batch.at
    return 0
