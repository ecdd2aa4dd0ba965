"""Looking at what was awarded, before it settles: who copies, who acts together, who never sleeps.

A check only raises a flag, with its reasons and what it saw in numbers; no words are kept. A flag delays the
settling of its award and nothing else: only a person takes points back (`review.py`). The same awards give
the same flags, whenever they are looked at; a random sample is drawn by a keyed hash of the source.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from django.db import connection, transaction

from bankside.record import clock, sealed, subjects
from bankside.record.append import Draft, append_many
from bankside.record.facts.rewards import FlagRaised
from bankside.record.ids import new_id
from bankside.rewards import co_action, copies, decided, opened, programme, shape
from bankside.rewards.asked import rows
from bankside.rewards.decided import Decided
from bankside.rewards.earning import hour_of
from bankside.rewards.models import Fingerprint, Flag
from bankside.rewards.programme import Live
from bankside.rewards.reactions import rule_of
from bankside.rewards.rules.act import SOCIAL, SPENT

ROWS: Final = 500
ACTOR: Final = "s:card"
HOUR_MS, DAY_MS = 3_600_000, 86_400_000
# Thresholds are judgements of ours: a flag costs a person a minute, and a member a later settling.
YOUNG_DAYS: Final = 30
VELOCITY_PER_HOUR: Final = 10
BURST_MEMBERS, BURST_MS = 20, 5 * 60_000
AWAKE_DAYS, AWAKE_HOURS, AWAKE_ACTS = 7, 20, 24
AUDIT_PER_MILLE: Final = 10  # 1% (card sheet, section 2)
KEPT_DAYS: Final = max(co_action.DAYS, copies.DAYS)
FORGOTTEN_MAX: Final = 2_000  # in one statement
BREAKER_SHARE: Final = 10  # no fund is made to be spent within ten hours

ACCOUNT_AGE, VELOCITY, BURST, NIGHT_CLOCK, AUDIT, BREAKER, NEAR_DUPLICATE, CO_ACTION, BY_HAND = (
    "account-age", "velocity", "burst", "night-clock", "audit", "fund-breaker", "near-duplicate", "co-action",
    "by-hand",
)  # fmt: skip


@dataclass(slots=True)
class Seen:
    """An award as the checks see it: numbers, its place, the shape of what was said, and what they found.

    `since`: when the account was made (UTC ms), 0 when the network does not say.
    """

    row: Decided
    place: str = ""
    shape: int | None = None
    since: int = 0
    versions: Mapping[int, Live] = field(default_factory=dict)
    reasons: dict[str, dict[str, Any]] = field(default_factory=dict)


def examine(limit: int = ROWS) -> int:
    """Looks at the awards nobody has looked at, oldest first, in one transaction; how many."""
    with transaction.atomic():
        fresh = decided.unseen(limit)
        if not fresh.found:
            return 0
        seen = _seen(fresh.found)
        for check in CHECKS:
            check(seen)
        Fingerprint.objects.bulk_create(_prints(seen), ignore_conflicts=True)
        decided.check_off(fresh)
        raise_flags([one for one in seen if one.reasons])
    return len(fresh.found)


def forget_old(now_ms: int, limit: int = FORGOTTEN_MAX) -> int:
    """Deletes shapes and places that are older than any check looks back; how many, the oldest first.

    Only once all that was awarded was looked at: an award looks back from its own moment, not from now.
    """
    over = Fingerprint.objects.filter(at__lte=now_ms - KEPT_DAYS * DAY_MS).order_by("at", "pk")[:limit]
    return Fingerprint.objects.filter(pk__in=list(over.values_list("pk", flat=True))).delete()[0]


def raise_flags(seen: Sequence[Seen]) -> None:
    """One flag for each source; a source that has one keeps it. It appends: the last in a transaction."""
    wanted = {one.row.source: one for one in reversed(seen)}
    there = {source for (source,) in rows("select source from rewards_flag where", "source", wanted)}
    new = [one for source, one in sorted(wanted.items()) if source not in there]
    now = clock.now_ms()
    flags = Flag.objects.bulk_create(
        Flag(
            obj=new_id(), source=one.row.source, member_id=one.row.member, reasons=sorted(one.reasons),
            evidence=one.reasons, points=one.row.points, made_at=now,
        )
        for one in new
    )  # fmt: skip
    append_many(_told(flags))


def _told(flags: Iterable[Flag]) -> list[Draft]:
    rows_ = list(flags)
    objs = dict(rows("select id, obj from rewards_member where", "id", [flag.member_id for flag in rows_]))
    subjs = subjects.subjects_of(("member", obj) for obj in objs.values())
    return [
        Draft(
            fact=FlagRaised(
                flag=flag.obj, member=objs[flag.member_id], source=flag.source, reasons=tuple(flag.reasons)
            ),
            key=f"rewards.flag-raised:{flag.source}", actor=ACTOR, obj=flag.obj,
            subj=subjs["member", objs[flag.member_id]],
        )
        for flag in rows_
    ]  # fmt: skip


# --- what is looked at ------------------------------------------------------------------------------------
def _seen(found: Sequence[Decided]) -> list[Seen]:
    """Awards with their places and shapes; the words are read here, and forgotten."""
    said = {entry.n: (entry, fact) for entry, fact in opened.at(r.entry for r in found if r.kind in SOCIAL)}
    since = dict(rows(_SINCE, "subj", {entry.subj for entry, _ in said.values()}, "group by subj"))
    seen, versions = [], programme.versions()
    for row in found:
        one = Seen(row, versions=versions)
        if row.entry in said:
            entry, fact = said[row.entry]
            one.place, one.since = entry.obj, since.get(entry.subj) or 0
            one.shape = shape.of(fact.seen.text)
        seen.append(one)
    return seen


_SINCE = "select subj, max(account_since) from rewards_link where"


def _prints(seen: Sequence[Seen]) -> list[Fingerprint]:
    return [
        Fingerprint(
            source=one.row.source, member=one.row.member, place=one.place, shape=one.shape, at=one.row.at,
            **copies.named(one.shape),
        )
        for one in seen
        if one.place
    ]  # fmt: skip


# --- the checks -------------------------------------------------------------------------------------------
def _account_age(seen: Sequence[Seen]) -> None:
    for one in seen:
        days = (one.row.at - one.since) // DAY_MS
        if one.since and days < YOUNG_DAYS:
            one.reasons[ACCOUNT_AGE] = {"days": days, "wanted": YOUNG_DAYS}


def _pace(seen: Sequence[Seen]) -> None:
    """Too many within an hour; or a clock without a night. By what each member did in the week before."""
    acting = [one for one in seen if one.row.kind not in SPENT]
    first = min((one.row.at for one in acting), default=0) - AWAKE_DAYS * DAY_MS
    past: dict[int, list[int]] = {}
    for member, at in decided.acted({one.row.member for one in acting}, first):
        past.setdefault(member, []).append(at)
    for one in acting:
        before = [
            at for at in past.get(one.row.member, ()) if one.row.at - AWAKE_DAYS * DAY_MS < at <= one.row.at
        ]
        lately = sum(at > one.row.at - HOUR_MS for at in before)
        if lately > VELOCITY_PER_HOUR:
            one.reasons[VELOCITY] = {"acts": lately, "most": VELOCITY_PER_HOUR}
        zone = rule_of(one.row, one.versions)[0].programme.zone
        hours = {hour_of(zone, at) for at in before}
        if len(before) >= AWAKE_ACTS and len(hours) >= AWAKE_HOURS:
            one.reasons[NIGHT_CLOCK] = {"acts": len(before), "hours": len(hours), "days": AWAKE_DAYS}


def _burst(seen: Sequence[Seen]) -> None:
    """Very many members at one place within minutes."""
    for one, others in co_action.beside(seen, BURST_MS):
        members = {member for member, at in others if at <= one.row.at} | {one.row.member}
        if len(members) >= BURST_MEMBERS:
            one.reasons[BURST] = {"members": len(members), "minutes": BURST_MS // 60_000}


def _copied(seen: Sequence[Seen]) -> None:
    for one, found in copies.nearest(seen):
        one.reasons[NEAR_DUPLICATE] = found


def _together(seen: Sequence[Seen]) -> None:
    for one, found in co_action.always_together(seen):
        one.reasons[CO_ACTION] = found


def _audited(seen: Sequence[Seen]) -> None:
    for one in seen:
        if one.row.kind not in SPENT and drawn(one.row.source):
            one.reasons[AUDIT] = {"share_per_mille": AUDIT_PER_MILLE}


def drawn(source: str) -> bool:
    """Whether a source is in the random sample: always the same for a source, and not to be guessed."""
    return int(sealed.mac("card", f"audit|{source}")[:8], 16) % 1000 < AUDIT_PER_MILLE


def _breaker(seen: Sequence[Seen]) -> None:
    """A fund that is spent much faster than it was made for: what it pays waits for a person."""
    funded = [(one, fund) for one in seen if (fund := rule_of(one.row, one.versions)[1].fund)]
    paid = {
        (rule, hour): points
        for rule, hour, points in rows(_HOURS, "rule", {one.row.rule for one, _ in funded})
    }
    for one, fund in funded:
        key = (one.row.rule, one.row.at // HOUR_MS)
        paid[key] = paid.get(key, 0) + one.row.points
        if paid[key] * BREAKER_SHARE > fund:
            one.reasons[BREAKER] = {"points": paid[key], "fund": fund}
    with connection.cursor() as cursor:
        cursor.executemany(_PAID, [(*key, points) for key, points in sorted(paid.items())])


_HOURS = "select rule, hour, points from rewards_hour_paid where"
_PAID = """insert into rewards_hour_paid (rule, hour, points) values (%s, %s, %s)
    on conflict (rule, hour) do update set points = excluded.points"""

CHECKS: Final[Sequence[Callable[[Sequence[Seen]], None]]] = (
    _account_age, _pace, _burst, _copied, _together, _audited, _breaker,
)  # fmt: skip
