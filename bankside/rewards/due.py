"""What time does to points: held ones are refused, pending ones settle, available ones expire.

One job, due every quarter of an hour, when days begin somewhere. Before anything settles, everything recorded
has been read and everything awarded has been looked at: an edit, a deletion or a flag always comes first. At
the end shapes and places go that no check looks at any more.
"""

from __future__ import annotations

from typing import Final

from django.db import transaction

from bankside.record import clock, jobs
from bankside.record.models import Job
from bankside.rewards import decided, fraud, programme, reactions
from bankside.rewards.expiry_notice import NOTICES
from bankside.rewards.ledger import post, settle
from bankside.rewards.ledger.days import QUARTER_MS, Calendar
from bankside.rewards.programme import SETTLE

ROUNDS_MAX: Final = 20
ROWS: Final = 2_000
SOON_MS: Final = 1_000


@jobs.handler(SETTLE, standing=True)
def _settle(job: Job) -> int:
    """Done again at the next quarter of an hour, or in a second when there was more than can be done."""
    now = clock.now_ms()
    jobs.enqueue(NOTICES, NOTICES, due_ms=now, data={})
    return (now // QUARTER_MS + 1) * QUARTER_MS if run(now) else now + SOON_MS


def run(now_ms: int) -> bool:
    """Everything that is due; False when something is left for the next time."""
    for act in (reactions.earn_recorded, fraud.examine):
        if not any(act() == 0 for _ in range(ROUNDS_MAX)):
            return False
    acts = (refuse_undisclosed, settled, expired, fraud.forget_old)
    return all(any(act(now_ms) < ROWS for _ in range(ROUNDS_MAX)) for act in acts)


def refuse_undisclosed(now_ms: int) -> int:
    """Held points of posts that never said that they are advertising are refused when their time is over."""
    with transaction.atomic():
        rows = decided.held(now_ms - _shortest_hold_ms(), ROWS)
        versions = programme.versions()
        late = [row for row in rows if reactions.until(row, versions) <= now_ms]
        post.post([reactions.again(row.entry, now_ms, row, versions, refused=row.reason) for row in late])
    return len(late)


def settled(now_ms: int) -> int:
    """Pending points whose hold is over become available."""
    with transaction.atomic():
        return settle.settle_due(now_ms, ROWS, zone=zone_of(now_ms))


def expired(now_ms: int) -> int:
    """Available points whose life is over expire."""
    with transaction.atomic():
        return settle.expire_due(now_ms, ROWS, zone=zone_of(now_ms))


def zone_of(now_ms: int) -> str:
    """The zone of the programmes, by which days begin.

    With several, the one whose day begins last, so that no hold is ever shorter than promised.
    """
    zones = {live.programme.zone for live in programme.ever_live()}
    return min(sorted(zones), key=lambda zone: Calendar(zone).day(now_ms), default="UTC")


def _shortest_hold_ms() -> int:
    return min((live.programme.hold_ms for live in programme.ever_live()), default=0)
