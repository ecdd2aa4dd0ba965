"""What was decided about acts, read again: awards from their postings, everything else from Earned.

A posting says why it was made (`ledger/why.py`). Awards from before it did have a row of Earned beside it, as
what was capped, held or refused has one today.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from operator import itemgetter
from typing import Any, Final, NamedTuple

from django.db import connection

from bankside.rewards.asked import rows
from bankside.rewards.ledger import why
from bankside.rewards.ledger.candidate import AWARDED, REFUSED
from bankside.rewards.ledger.days import DAY_MS
from bankside.rewards.ledger.tables import ROWS_MAX
from bankside.rewards.models import Earned, Unchecked

RECENT_DAYS: Final = 60


class Decided(NamedTuple):
    """A decision of one rule about one act. The columns are those of Earned; `at` is the act's own moment.

    `pk`: its row in Earned, 0 when it is a posting. `number`: that of the posting, 0 when it is none.
    """

    source: str
    rule: str
    member: int
    programme: int
    kind: str
    network: str
    at: int
    due: int
    points: int
    asked: int
    outcome: str
    reason: str
    inputs: str
    entry: int
    remote: str
    pk: int = 0
    number: int = 0


_KEPT: Final = (
    "source, rule, member, programme, kind, network, at, due, points, asked, outcome, reason, inputs, entry, "
    "remote, id"
)
_EARNED: Final = f"select {_KEPT} from rewards_earned where"  # noqa: S608
_POSTED: Final = "select id, source, rule, member, programme, due, points, at, why from rewards_posting where"
_SAYING: Final = "and kind = 'earn' and why > ''"


def of_sources(sources: Iterable[str]) -> list[Decided]:
    """Everything that was decided about these."""
    wanted = set(sources)
    return [*_kept(rows(_EARNED, "source", wanted)), *_read(rows(_POSTED, "source", wanted, _SAYING))]


def of_item(remote: str) -> list[Decided]:
    """Everything that was decided about an item, by its digest (`acts.remote_of`)."""
    begin = [remote[: why.ITEM_INDEXED]]
    posted = rows(
        _POSTED, _INDEXED, begin, f"and {_IS_ITEM} and substr(why, {why.ITEM_AT}, 32) = %s", [remote]
    )
    return [*_kept(rows(_EARNED, "remote", [remote])), *_read(posted)]


# As the index has it (0004_one_row): PostgreSQL uses it for these very words alone.
_INDEXED: Final = f"substr(why, {why.ITEM_AT}, {why.ITEM_INDEXED})"
_IS_ITEM: Final = f"substr(why, 1, {len(why.BEGIN)}) = '{why.BEGIN}'"


def newest(member: int, *, before: int, limit: int) -> list[Decided]:
    """What was decided about her acts before a moment (UTC ms), newest first; at most `limit`."""
    kept = _kept(rows(_EARNED, "member", [member], "and at < %s order by at desc, id desc limit %s",
                      [before, limit]))  # fmt: skip
    day = before // DAY_MS - RECENT_DAYS
    posted = _posted_from(member, day, before)
    if sum(one.at >= (day + 1) * DAY_MS for one in posted) < limit:
        posted = _posted_from(member, 0, before)
    return sorted([*kept, *posted], key=_in_time, reverse=True)[:limit]


def awarded(member: int, rule: str, *, after: int, before: int) -> Iterator[tuple[int, int]]:
    """Moment and points of what a rule gave her between two moments (UTC ms)."""
    values = [rule, after, before]
    yield from rows("select at, points from rewards_earned where", "member", [member],
                    "and rule = %s and at > %s and at < %s and outcome = 'awarded'", values)  # fmt: skip
    for one in _posted_from(member, after // DAY_MS - 1, before):
        if one.rule == rule and one.at > after:
            yield one.at, one.points


def acted(members: Iterable[int], after: int) -> list[tuple[int, int]]:
    """Who did what was awarded since a moment, and when (UTC ms), in order; without what was bought."""
    wanted = set(members)
    found = rows("select member, at from rewards_earned where", "member", wanted,
                 "and outcome = 'awarded' and kind <> 'purchase' and at > %s", [after])  # fmt: skip
    posted = rows(_POSTED, "member", wanted, f"and due >= %s and origin = 'participation' {_SAYING}",
                  [after // DAY_MS - 1])  # fmt: skip
    found += [(one.member, one.at) for one in _read(posted) if one.at > after]
    return sorted(found, key=itemgetter(1))


def held(until: int, limit: int) -> list[Decided]:
    """What has been held since a moment (UTC ms) or longer, oldest first."""
    found = Earned.objects.filter(outcome=Earned.HELD, at__lte=until).order_by("at")
    return [Decided(*row) for row in found.values_list(*_KEPT.split(", "))[:limit]]


def kinds_done(members: Iterable[int], kinds: Iterable[str], before: int = 1 << 62) -> set[tuple[int, str]]:
    """Which of these members did acts of these kinds before a moment (UTC ms) that were decided, and not
    refused."""
    wanted, of = set(members), set(kinds)
    kind = "why::json ->> 'kind'" if connection.vendor == "postgresql" else "json_extract(why, '$.kind')"
    found = {
        *rows("select distinct member, kind from rewards_earned where", "member", wanted,
              "and outcome <> %s and at < %s", [REFUSED, before]),
        *rows(f"select distinct member, {kind} from rewards_posting where", "member", wanted,  # noqa: S608
              f"{_SAYING} and at < %s", [before]),
    }  # fmt: skip
    return {(member, done) for member, done in found if done in of}


# --- what nobody has looked at ----------------------------------------------------------------------------
class Unseen(NamedTuple):
    """Awards that nobody has looked at, oldest first, and the batches they are of. `next`: the number of the
    first award of these batches that is not among them, 0 when all are."""

    found: list[Decided]
    batches: list[int]
    next: int


def unseen(limit: int) -> Unseen:
    """At most so many of them, locked until the transaction ends."""
    old = Earned.objects.select_for_update().filter(checked=False).order_by("id")
    kept = [Decided(*row) for row in old.values_list(*_KEPT.split(", "))[:limit]]
    if kept:
        return Unseen(kept, [], 0)
    waiting = Unchecked.objects.select_for_update().order_by("batch").values_list("batch", flat=True)
    batches = list(waiting[:limit])
    found = list(_read(rows(_UNCHECKED, "u.batch", batches, _OLDEST, [limit + 1])))
    return Unseen(found[:limit], batches, found[limit].number if len(found) > limit else 0)


_UNCHECKED: Final = f"""select p.id, source, rule, member, programme, due, points, at, why
    from rewards_unchecked u join rewards_posting p on p.id > u.after and p.id < (u.batch + 1) * {ROWS_MAX}
    where why > '' and"""  # noqa: S608
_OLDEST: Final = "order by u.batch, p.id limit %s"


def check_off(seen: Unseen) -> None:
    """They were looked at."""
    kept = [one.pk for one in seen.found if one.pk]
    if kept:
        Earned.objects.filter(pk__in=kept).update(checked=True)
    stays = seen.next // ROWS_MAX
    done = [batch for batch in seen.batches if not seen.next or batch < stays]
    Unchecked.objects.filter(batch__in=done).delete()
    if seen.next:
        Unchecked.objects.filter(batch=stays).update(after=seen.next - 1)


# --- reading ----------------------------------------------------------------------------------------------
def _kept(found: Iterable[tuple[Any, ...]]) -> list[Decided]:
    return [Decided(*row) for row in found]


def _read(found: Iterable[tuple[Any, ...]]) -> Iterator[Decided]:
    for number, source, rule, member, programme, due, points, at, text in found:
        said = why.read(text)
        yield Decided(
            source, rule, member, programme, said.kind, said.network, said.acted or at, due, points,
            points if said.asked < 0 else said.asked, AWARDED, said.cut, bytes(said.saw).decode(),
            why.entry_of(source, said), said.item, number=number,
        )  # fmt: skip


def _posted_from(member: int, day: int, before: int) -> list[Decided]:
    """Her awards that settle on a day or later, as everything does that was done on that day or later."""
    found = rows(_POSTED, "member", [member], f"and due >= %s {_SAYING}", [day])
    return [one for one in _read(found) if one.at < before]


def _in_time(one: Decided) -> tuple[Any, ...]:
    return one.at, one.entry, one.source, one.number, one.pk
