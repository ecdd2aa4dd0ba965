"""What the pages of Networks tell: how each channel is, what waits to go out, and the brake."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext, ngettext

from bankside.channels import by_hand, freeze, health, meter, preview, token_health, way
from bankside.channels import channel as channels
from bankside.channels import delivery as deliveries
from bankside.channels import delivery_states as states
from bankside.channels.models import Channel, Delivery
from bankside.people import policy
from bankside.people.models import Staff
from bankside.record.clock import now_ms
from bankside.web import pages
from bankside.web.moments import DAY_MS, number
from bankside.web.spoken import spoken
from bankside.web.staff import doubts

QUEUE_MAX = 200
SEE_WORDS = {"post": "post.see", "reply": "conversation.see"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A channel as the table shows it; `says` is why it is not well, or empty. `by_hand`: a person posts.

    `ends_days`: until the access ends that nobody but a person prolongs, -1 for never; `renews`: the desk
    prolongs it. `cost`: of today (UTC), empty on a network without prices.
    """

    channel: Channel
    network_title: str
    state: str
    says: str
    incoming: int
    outgoing: int
    uncertain: int
    by_hand: bool
    reached: bool
    ends_days: int
    renews: bool
    cost: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Waits:
    """A delivery that is not out. `words` only for those who may see words of that kind."""

    obj: str
    state: str
    due_at: int
    words: str
    lang: str
    address: str
    network: str
    channel_name: str
    channel_obj: str
    note: str
    may_decide: bool
    may_post: bool


def table(staff: Staff) -> dict[str, Any]:
    """The table, the sentence over it, the queue and the brake."""
    queue = waiting(staff)
    rows = rows_of(channels.visible_to(staff), queue)
    return {
        "rows": sorted(rows, key=_urgent), "queue": queue, "sentence": sentence(rows),
        "reason": _reason(queue), "may_connect": may_connect(staff), **brake(staff),
    }  # fmt: skip


def rows_of(seen: Iterable[Channel], queue: Sequence[Waits]) -> list[Row]:
    """Channels with how each is and what waits on it."""
    listed = list(seen)
    found, costs = health.health_of(listed), meter.spent_today(listed, now_ms())
    return [_row(c, found[c.pk], queue, spoken(costs.get(c.pk, ""))) for c in listed]


def waiting(staff: Staff) -> list[Waits]:
    """What is planned, held, uncertain or refused, soonest first; at most 200."""
    rows = deliveries.visible_to(staff).exclude(state__in=states.FINAL).order_by("due_at", "id")
    return [_waits(staff, row) for row in rows[:QUEUE_MAX]]


def brake(staff: Staff) -> dict[str, Any]:
    """Whether everything is frozen, and what she may do about it."""
    return {
        "brake": freeze.frozen(), "may_freeze": policy.may(staff, "desk.freeze"),
        "may_unfreeze": policy.may(staff, "desk.unfreeze"),
    }  # fmt: skip


def may_connect(staff: Staff) -> bool:
    """Whether she may connect channels, in any team."""
    return bool(policy.teams_with(staff, "channel.connect"))


def sentence(rows: Sequence[Row]) -> str:
    """The finding, computed: how many are well, and what the others are."""
    rows = [row for row in rows if row.state != "closed"]
    if not rows:
        return gettext("The networks of these channels have closed.")
    count = Counter(row.state for row in rows)
    person = count["person"] + count["stopped"]
    if rows and count["well"] == len(rows):
        return ngettext("The one channel is well.", "All %(n)s channels are well.", len(rows)) % {
            "n": number(len(rows))
        }
    parts = [
        gettext("%(well)s of %(all)s channels are well.") % {"well": count["well"], "all": len(rows)}
        if count["well"]
        else gettext("No channel is well."),
        _some(count["slow"], ngettext("One is slow.", "%(n)s are slow.", count["slow"])),
        _some(count["paused"], ngettext("One is paused.", "%(n)s are paused.", count["paused"])),
        _some(person, ngettext("One needs a person.", "%(n)s need a person.", person)),
    ]
    return " ".join(filter(None, parts))


def back_to(row: Delivery) -> str:
    """The page of what a delivery is about."""
    name = "post" if row.purpose == "post" else "conversation"
    return pages.url(name, row.about)


def _row(channel: Channel, found: health.Health, queue: Sequence[Waits], cost: str) -> Row:
    mine = [one for one in queue if one.channel_obj == channel.obj]
    return Row(
        channel=channel, network_title=preview.title_of(channel.network), state=found.state,
        says="" if found.state == "well" else spoken(found.words), incoming=found.kept,
        outgoing=len(mine), uncertain=sum(one.state == states.UNCERTAIN for one in mine),
        by_hand=way.of(channel) == "hand" and preview.speaks(channel), reached=way.is_reached(channel),
        ends_days=max(0, (channel.ends_at - now_ms()) // DAY_MS) if channel.ends_at else -1,
        renews=token_health.prolonged(channel), cost=cost,
    )  # fmt: skip


def _waits(staff: Staff, row: Delivery) -> Waits:
    kind, team = row.purpose, row.channel.team
    may_see = policy.may(staff, SEE_WORDS[kind], team)
    words = deliveries.words_of(row) if may_see else None
    names = {"post": gettext("A post"), "reply": gettext("An answer")}
    return Waits(
        obj=row.obj, state=row.state, due_at=row.due_at, network=row.channel.network,
        words=((words.title or words.text)[:160] if words else "") or names[kind],
        lang=words.lang if words else "", address=back_to(row) if may_see else "",
        channel_name=row.channel.name, channel_obj=row.channel.obj, note=spoken(row.note),
        may_decide=row.state in doubts.FOR_PEOPLE and policy.may(staff, "delivery.decide", team),
        may_post=row.state == states.BY_HAND and by_hand.may(staff, row),
    )  # fmt: skip


def _reason(queue: Sequence[Waits]) -> str:
    """The most urgent thing about what goes out."""
    uncertain = sum(one.state == states.UNCERTAIN for one in queue)
    if freeze.frozen():
        return gettext("The brake is on: nothing goes out on any channel.")
    if uncertain:
        return ngettext(
            "One delivery is uncertain; it is not sent again until a person has looked.",
            "%(n)s deliveries are uncertain; they are not sent again until a person has looked.",
            uncertain,
        ) % {"n": uncertain}
    if queue:
        return ngettext("One delivery waits to go out.", "%(n)s deliveries wait to go out.", len(queue)) % {
            "n": len(queue)
        }
    return gettext("Nothing waits to go out.")


def _some(count: int, words: str) -> str:
    return words % {"n": count} if count else ""


def _urgent(row: Row) -> tuple[int, str]:
    order = ("stopped", "person", "slow", "paused", "well", "closed")
    return (order.index(row.state) if row.state in order else 0, row.channel.name)
