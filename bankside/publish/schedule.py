"""When a post goes out, and taking it back. A delivery per channel is asked for once the words are approved.

Locks are always taken in the same order: the post, its deliveries, the consents, the lanes from low to high.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction

from bankside.approvals import consent as consents
from bankside.approvals.models import Consent
from bankside.channels import delivery as deliveries
from bankside.channels import delivery_states as states
from bankside.channels import words as exact
from bankside.channels.models import Channel, Delivery
from bankside.people import policy
from bankside.people.models import Staff
from bankside.publish.models import Post, Version
from bankside.publish.projections import POSTS
from bankside.record import clock, projection
from bankside.record.append import append
from bankside.record.fact import kind_of
from bankside.record.facts.publish import PostScheduled, PostUnscheduled
from bankside.record.identifiers import kept
from bankside.record.ids import new_id
from bankside.record.lane import lane_of
from bankside.said import Said

DAYS_AHEAD_MAX = 366
DAY_MS = 86_400_000
SETTLED = frozenset({Post.WAITING, Post.APPROVED, Post.SCHEDULED})


class NotNow(ValueError):
    """The post is not where this can be done; the message says where it is, or what is missing."""


class AlreadyOut(ValueError):
    """Something of the post is out, or may be: it can be neither changed nor taken back."""


def schedule(staff: Staff, post: Post, *, due_ms: int | None) -> Post:
    """The post goes out at `due_ms` (UTC ms), or (None) at once.

    Before approval this is remembered, and approval sets it going. Afterwards it moves what has not gone out.
    Raises NotYours, NotNow, AlreadyOut.
    """
    due = clock.now_ms() if due_ms is None else due_ms
    with transaction.atomic():
        row = locked(post)
        policy.require(staff, "post.schedule", row.team)
        _refuse_far(due)
        match row.state:
            case Post.DISCARDED:
                raise NotNow(Said("This post was discarded."))
            case Post.APPROVED:
                lanes = go_out(staff, row, due)
            case Post.SCHEDULED:
                lanes = _move(staff, row, due)
            case _:
                lanes = set()
        row.due_at = due
        row.save(update_fields=["due_at", "state"])
        see(lanes)
    return row


def unschedule(staff: Staff, post: Post, *, reason: str = "") -> Post:
    """Takes back what was submitted, approved or scheduled: a draft again, which needs approval again.

    Raises NotYours, NotNow, AlreadyOut.
    """
    with transaction.atomic():
        row = locked(post)
        policy.require(staff, "post.schedule", row.team)
        if row.state not in SETTLED:
            raise NotNow(Said("There is nothing to take back: the post is a draft."))
        lanes = take_back(staff, row, kept(reason.strip()) or Said("Taken back."))
        row.due_at = 0
        row.save(update_fields=["due_at", "state"])
        see(lanes)
    return row


# --- what post.py shares with this file ------------------------------------------------------------------
def locked(post: Post) -> Post:
    """The row as it is now, under its lock, in the caller's transaction."""
    return Post.objects.select_for_update().get(pk=post.pk)


def see(lanes: Iterable[int]) -> None:
    """Lets the caller see what it recorded; lane 0 is always among the lanes."""
    for lane in sorted({0, *lanes}):
        projection.see(POSTS, lane)


def latest(row: Post) -> Version:
    """The version that was submitted last; raises NotNow when there is none."""
    found = row.versions.order_by("-number").first()
    if found is None:
        raise NotNow(Said("This post was never submitted. Ask for approval first."))
    return found


def go_out(staff: Staff, row: Post, due_ms: int) -> set[int]:
    """Asks for a delivery per channel of the approved version; the lanes. The caller saves the row."""
    version = latest(row)
    channels = _channels(version)
    agreed = {part["channel"]: _consent(version, part, due_ms) for part in version.words}
    fact = PostScheduled(post=row.obj, version=version.obj, due_ms=due_ms)
    append(fact, f"publish.post-scheduled:{new_id()}", actor=staff.actor, obj=row.obj)
    placed = sorted((_lane(version, channels[part["channel"]]), i) for i, part in enumerate(version.words))
    for lane, place in placed:
        part = version.words[place]
        deliveries.request(
            channel=channels[part["channel"]], purpose="post", about=row.obj, version=version.obj,
            words=exact.from_dict(part["words"]), digest=part["digest"], consent=agreed[part["channel"]],
            due_ms=due_ms, requested_by=staff, lane=lane,
        )  # fmt: skip
    row.state, row.due_at = Post.SCHEDULED, due_ms
    return {lane for lane, _ in placed}


def take_back(staff: Staff, row: Post, reason: str, *, told: object | None = None) -> set[int]:
    """Consent falls away and nothing that waits goes out; the lanes. The caller saves the row.

    `told` is a fact of the caller's own, which comes first. Raises AlreadyOut, with nothing done.
    """
    waiting = _open_deliveries(row)
    _refuse_out(waiting)
    if told is not None:
        append(told, f"{kind_of(told).name}:{new_id()}", actor=staff.actor, obj=row.obj)
    if row.state == Post.SCHEDULED:
        fact = PostUnscheduled(post=row.obj, version=latest(row).obj, reason=reason)
        append(fact, f"publish.post-unscheduled:{new_id()}", actor=staff.actor, obj=row.obj)
    consents.void(row.obj, by_actor=staff.actor, reason=reason)
    for delivery in waiting:
        deliveries.withdraw(delivery, by_actor=staff.actor, reason=reason)
    row.state = Post.DRAFT
    return {delivery.lane for delivery in waiting}


def _move(staff: Staff, row: Post, due_ms: int) -> set[int]:
    waiting = [d for d in _open_deliveries(row) if d.state in {states.WAITING, states.HELD}]
    if not waiting:
        raise AlreadyOut(Said("Nothing of this post waits any more; its time cannot be changed."))
    if any(delivery.consent.expires_at <= due_ms for delivery in waiting):
        raise NotNow(
            Said("The approval ends before that time. Take the post back and ask for approval again.")
        )
    fact = PostScheduled(post=row.obj, version=latest(row).obj, due_ms=due_ms)
    append(fact, f"publish.post-scheduled:{new_id()}", actor=staff.actor, obj=row.obj)
    for delivery in waiting:
        deliveries.put_off(delivery, by_actor=staff.actor, due_ms=due_ms)
    return {delivery.lane for delivery in waiting}


def _open_deliveries(row: Post) -> list[Delivery]:
    """Under their locks, by lane."""
    rows = Delivery.objects.filter(about=row.obj, purpose="post").exclude(state=states.WITHDRAWN)
    held = [deliveries.locked(obj) for obj in rows.order_by("pk").values_list("obj", flat=True)]
    return sorted(held, key=lambda delivery: delivery.lane)


def _refuse_out(rows: list[Delivery]) -> None:
    out = [f"{d.channel.name}: {d.state}" for d in rows if d.state not in deliveries.TAKEABLE]
    if out:
        raise AlreadyOut(
            Said(
                "Some of this post is out or may be (%(there)s). Start a new post for other words.",
                there=", ".join(out),
            )
        )


def _channels(version: Version) -> dict[str, Channel]:
    wanted = [part["channel"] for part in version.words]
    found = {row.obj: row for row in Channel.objects.filter(obj__in=wanted).exclude(state=Channel.REMOVED)}
    if missing := len(set(wanted) - found.keys()):
        raise NotNow(
            Said(
                "%(missing)s of its networks left the desk. Take the post back and submit it without them.",
                missing=missing,
            )
        )
    return found


def _consent(version: Version, part: dict[str, str], due_ms: int) -> Consent:
    consent = consents.of(version.obj, part["channel"], part["digest"])
    if consent is None or consent.expires_at <= max(due_ms, clock.now_ms()):
        raise NotNow(Said("The approval was taken back, or ends before that time. Ask for approval again."))
    return consent


def _lane(version: Version, channel: Channel) -> int:
    return lane_of(channel.network, channel.obj, deliveries.key_of(version.obj, channel))


def _refuse_far(due_ms: int) -> None:
    if due_ms > clock.now_ms() + DAYS_AHEAD_MAX * DAY_MS:
        raise NotNow(Said("A post can wait for %(number)s days at most.", number=DAYS_AHEAD_MAX))
