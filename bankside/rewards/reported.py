"""What the bank's own systems saw members do: feedback, confirmed reports, events, polls, quizzes, years.

Each item is recorded once under the reference of the system that saw it, and earns in the order of arrival
with everything else. Every answer says what became of it, and every refusal names its rule.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final, NamedTuple

from django.db import transaction

from bankside.record import subjects
from bankside.record.append import Draft, append_many
from bankside.record.facts.rewards import ActReported
from bankside.record.identifiers import kept
from bankside.rewards import decided, reactions, receipt
from bankside.rewards.acts import REPORTED_NUMBERS
from bankside.rewards.decided import Decided
from bankside.rewards.models import Consent, Earned, Member, Reached
from bankside.rewards.programme import EARN
from bankside.rewards.rules.act import EARNING_EVIDENCE, FORBIDDEN, REPORTED, SOCIAL, SPENT
from bankside.rewards.rules.fields import ACT
from bankside.said import Said

ITEMS_MAX: Final = 500
REF_CHARACTERS_MAX: Final = 60
CAMPAIGN_CHARACTERS_MAX: Final = 40
KINDS: Final = frozenset(REPORTED) - {"link"}  # a link is proved here, and nobody else's word counts
WAITS: Final = "in-turn"
_REF = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,59}")


class TooMany(ValueError):
    """A call brings at most 500 items."""


class Item(NamedTuple):
    """One act of a member (her obj). `ref` is the system's own reference, 1 to 60 of A-Z a-z 0-9 . _ : -

    `values`: text_len, quality, depth, tenure, account_age, as far as the system knows them.
    """

    ref: str
    member: str
    kind: str
    campaign: str = ""
    evidence: str = "platform"
    values: Mapping[str, int] = {}


class Result(NamedTuple):
    """What became of an item: awarded, capped, held, refused; `rule` is the programme's or the house's."""

    ref: str
    outcome: str
    rule: str
    points: int
    reason: Said


def take(actor: str, items: Sequence[Item]) -> list[Result]:
    """Records items and has them earn; a result for each, in their order. A known `ref` gives its old result.

    `actor` is who brings them, as leaves name her. Raises TooMany.
    """
    if not 0 < len(items) <= ITEMS_MAX:
        raise TooMany(Said("Bring 1 to %(number)s items at once.", number=ITEMS_MAX))
    with transaction.atomic():
        members = _members(items)
        refused = {
            place: why for place, one in enumerate(items) if (why := _refusal(one, members)) is not None
        }
        good = [one for place, one in enumerate(items) if place not in refused]
        entries = append_many(_drafts(actor, good)) if good else []
    last = max((entry.n for entry in entries), default=0)
    if last:
        reactions.catch_up_to(last)
    other = {one.ref for one, entry in zip(good, entries, strict=True) if entry.obj != one.member}
    decided = _decided([one.ref for one in good], last)
    return [refused.get(place) or _told(one, other, decided) for place, one in enumerate(items)]


def _told(one: Item, other: Collection[str], decided: Mapping[str, Result]) -> Result:
    if one.ref in other:
        return _no(one, "reference", Said("This reference was used for another act."))
    return decided[one.ref]


def _members(items: Sequence[Item]) -> dict[str, Member]:
    """Members of these objs who take part and agreed to it."""
    found = Member.objects.filter(obj__in={one.member for one in items}, status=Member.ACTIVE)
    agreed = Consent.objects.filter(member__in=found, purpose="programme", withdrawn_at=0)
    there = set(agreed.values_list("member_id", flat=True))
    return {row.obj: row for row in found if row.pk in there}


def _refusal(one: Item, members: Mapping[str, Member]) -> Result | None:
    """Why an item is not even recorded; None when it may be."""
    member = members.get(one.member)
    match one:
        case Item() if not _REF.fullmatch(one.ref):
            return _no(one, "reference", Said("A reference has 1 to 60 letters, digits and . _ : -"))
        case Item() if one.kind in FORBIDDEN:
            return _no(one, "never-rewarded", Said("This is never rewarded: %(kind)s.", kind=one.kind))
        case Item() if one.kind in {*SOCIAL, *SPENT, "link"}:
            return _no(
                one, "own-evidence", Said("The desk sees this for itself and takes nobody's word for it.")
            )
        case Item() if one.kind not in KINDS:
            return _no(one, "kind", Said("There is no such kind of act: %(kind)s.", kind=one.kind[:40]))
        case Item() if one.evidence not in EARNING_EVIDENCE:
            return _no(one, "evidence", receipt.reason_of("evidence"))
        case Item() if member is None:
            return _no(one, "member", Said("No member of this name takes part."))
        case Item() if member is not None and (member.employee or not member.adult):
            return _no(one, "employee", Said("Who works for the bank, or is not of age, earns nothing."))
    return _bad_values(one)


def _bad_values(one: Item) -> Result | None:
    if len(one.campaign) > CAMPAIGN_CHARACTERS_MAX:
        return _no(one, "campaign", Said("The name of a campaign is too long."))
    for name, value in one.values.items():
        if name not in REPORTED_NUMBERS:
            return _no(one, "values", Said("Nothing is known of %(name)s.", name=name[:40]))
        if type(value) is not int or not ACT[name].low <= value <= ACT[name].high:
            return _no(
                one,
                "values",
                Said("%(name)s is a whole number up to %(most)s.", name=name, most=ACT[name].high),
            )
    return None


def _no(one: Item, rule: str, reason: Said) -> Result:
    return Result(one.ref, Earned.REFUSED, rule, 0, reason)


def _drafts(actor: str, items: Sequence[Item]) -> list[Draft]:
    subjs = subjects.subjects_of({("member", one.member) for one in items})
    names = {one.ref: tuple(sorted(one.values)) for one in items}
    return [
        Draft(
            fact=ActReported(
                member=one.member, ref=one.ref, kind=one.kind, campaign=kept(one.campaign),
                evidence=one.evidence, names=names[one.ref],
                values=tuple(one.values[name] for name in names[one.ref]),
            ),
            key=f"rewards.act-reported:{one.ref}", actor=actor, obj=one.member,
            subj=subjs["member", one.member],
        )
        for one in items
    ]  # fmt: skip


def _decided(refs: Sequence[str], last: int) -> dict[str, Result]:
    """What was decided about recorded items: of several rules the one that gave most."""
    rows: dict[str, list[Any]] = {}
    for row in decided.of_sources(f"r:{ref}" for ref in refs):
        rows.setdefault(row.source[2:], []).append(row)
    reached = Reached.objects.filter(name=EARN).values_list("n", flat=True).first()
    return {
        ref: _result(ref, rows.get(ref, []), waits=reached is not None and reached < last) for ref in refs
    }


def _result(ref: str, rows: Sequence[Decided], *, waits: bool) -> Result:
    if rows:
        best = max(rows, key=lambda row: (row.points, row.outcome == Earned.HELD))
        return Result(
            ref, best.outcome, best.rule, sum(r.points for r in rows), receipt.reason_of(best.reason)
        )
    if waits:
        return Result(ref, Earned.HELD, WAITS, 0, Said("It is recorded and will be counted in its turn."))
    return Result(ref, Earned.REFUSED, "no-rule", 0, receipt.reason_of("no-rule"))
