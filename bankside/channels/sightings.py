"""What is known of each thing on a network: its conversation, its newest version, and whether it is gone.

Decides what a fact an activity is: received, changed, removed, or an older version that came late.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Literal

from bankside.channels import channel as channels
from bankside.channels.kept import POLL, REMOTE_ID_CHARACTERS_MAX, VERSION_CHARACTERS_MAX, named
from bankside.channels.models import Channel, Item, Sighting, Thread
from bankside.networks.contract import Activity, Actor
from bankside.record import kek, sealed, subjects
from bankside.record.append import Draft
from bankside.record.facts.channels import (
    ActivityChanged,
    ActivityReceived,
    ActivityRemoved,
    ActorSeen,
    AttachmentSeen,
    OlderVersionFound,
    Seen,
)
from bankside.record.identifiers import mask
from bankside.record.lane import lane_of
from bankside.record.models import Entry

ACTOR = "s:intake"
TIME_MS_MAX = 253_402_300_799_999  # the last millisecond of the year 9999
NAMES_PER_QUERY_MAX = 300
KEY_TAIL_CHARACTERS_MAX = 250  # with network, channel and what may follow, a key has at most 400

News = Literal["received", "changed", "removed", "older", "same"]

_NUMBER = re.compile(r"[0-9]{1,19}")
_MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+Z?")


class Sightings:
    """The sightings and threads of one batch, loaded and locked at once, and what it adds to them."""

    def __init__(self, activities: Sequence[tuple[Channel, Activity]]) -> None:
        self._known = _load_known(activities)
        unknown = [(c, a) for c, a in activities if (c.pk, _name(a)) not in self._known]
        self._threads = _threads_of(unknown)
        self._subjects = subjects.subjects_of(account for c, a in activities if (account := _author(c, a)))
        self._changed: dict[tuple[int, str], Sighting] = {}

    def drafts_for(self, item: Item, activity: Activity) -> list[Draft]:
        """The fact that the activity is, or none when it is known already."""
        channel, name = item.channel, _name(activity)
        known = self._known.get((channel.pk, name))
        news = judge(known, activity, current=item.via == POLL)
        if news == "same":
            return []
        thread = known.thread if known else self._threads[channel.pk, _mac(channel, activity)]
        key = key_of(channel, name, _version(activity), gone=news == "removed")
        before = _entries(thread.lane, [known.key, key]) if known else {}
        previous = before.get(known.key) if known else None
        if previous and news != "older" and key in before:  # it was so once before, and is so again
            key = f"{key}%after-{previous.rid}"
        sighting = known or Sighting(channel=channel, remote_id=name, thread=thread)
        self._known[channel.pk, name] = sighting
        if news != "older":
            self._changed[channel.pk, name] = _moved_on(sighting, activity, key, item.received_at)
        return [self._draft(item, activity, news, key, thread, previous)]

    def save(self) -> None:
        """Writes what is new about things, before anything is appended, in one order for all workers."""
        rows = [row for _, row in sorted(self._changed.items())]
        known = [row for row in rows if row.pk is not None]  # asked before the others have got theirs
        Sighting.objects.bulk_create(row for row in rows if row.pk is None)
        if known:
            Sighting.objects.bulk_update(known, ["version", "key", "order_ms", "gone"])

    def _draft(
        self, item: Item, activity: Activity, news: News, key: str, thread: Thread, previous: Entry | None
    ) -> Draft:
        published = activity.published_ms
        account = _author(item.channel, activity)
        author = self._subjects[account] if account else None
        activity, red = _masked(activity)
        return Draft(
            fact=_fact(item.channel, activity, news, item.via), key=key, actor=ACTOR, obj=thread.obj,
            lane=thread.lane, subj=author or (previous.subj if previous else None),
            prev=previous.rid if previous else None,
            src_t=published if 0 < published <= TIME_MS_MAX else None, red=tuple(sorted({*item.red, *red})),
        )  # fmt: skip


def _masked(activity: Activity) -> tuple[Activity, set[str]]:
    """The words once more, now that they are read: what stood in pieces in the item may be a number here."""
    said = mask(activity.text), mask(activity.title), mask(activity.actor.name)
    alts = [mask(one.alt) for one in activity.attachments]
    red = {kind for one in (*said, *alts) for kind in one.red}
    if not red:
        return activity, red
    text, title, name = (one.text for one in said)
    files = zip(activity.attachments, alts, strict=True)
    return replace(
        activity, text=text, title=title, actor=replace(activity.actor, name=name),
        attachments=tuple(replace(one, alt=alt.text) for one, alt in files),
    ), red  # fmt: skip


def judge(known: Sighting | None, activity: Activity, *, current: bool = False) -> News:
    """What an activity is, given what is known of the thing that it is about. Pure.

    `current`: the network says that it stands there now, so that no time makes it an older version.
    """
    removal = activity.verb == "Delete"
    if known is None:
        return "removed" if removal else "received"
    if removal == known.gone and (removal or _version(activity) == known.version):
        return "same"
    older = _older_by_version(known, activity)
    if removal:
        return "older" if older else "removed"
    if older is None and not current:
        older = _older_by_time(known, activity)
    return "older" if older else "changed"


def key_of(channel: Channel, name: str, version: str, *, gone: bool = False) -> str:
    """The key of a version in the record: `network:channel:remote id:version`; a removal has its own.

    The colons of a version are written as %3A, so that the last colon always parts it from the id.
    """
    safe = version.replace("%", "%25").replace(":", "%3A")
    tail = named(f"{name}:{safe}", KEY_TAIL_CHARACTERS_MAX)
    return f"{channel.network}:{channel.obj}:{tail}{'%gone' if gone else ''}"


def root_of(activity: Activity) -> str:
    """What names the conversation: the root of the thread, or the thing itself."""
    return activity.thread or activity.remote_id


def seen_of(activity: Activity) -> Seen:
    """The activity as facts tell of it, field by field."""
    return Seen(
        remote_id=activity.remote_id, version=activity.version, verb=activity.verb, kind=activity.kind,
        actor=_actor(activity.actor), text=activity.text, title=activity.title,
        lang=activity.lang, thread=activity.thread, in_reply_to=activity.in_reply_to, url=activity.url,
        private=activity.private, own=activity.own, held=activity.held,
        reply_allowed=activity.reply_allowed,
        published_ms=min(max(activity.published_ms, 0), TIME_MS_MAX), mentions=activity.mentions,
        attachments=tuple(
            AttachmentSeen(kind=a.kind, url=a.url, alt=a.alt, mime=a.mime) for a in activity.attachments
        ),
    )  # fmt: skip


def _actor(who: Actor) -> ActorSeen:
    return ActorSeen(
        remote_id=who.remote_id, handle=who.handle, name=who.name, url=who.url, avatar_url=who.avatar_url
    )


def _author(channel: Channel, activity: Activity) -> tuple[str, str] | None:
    """The author's account; none for what our own account said, which belongs to the desk."""
    if activity.own or not activity.actor.remote_id:
        return None
    return channel.network, activity.actor.remote_id


# --- what is older -----------------------------------------------------------------------------------
def _older_by_version(known: Sighting, activity: Activity) -> bool | None:
    """When both versions are numbers, or both are moments; None when versions say nothing of their order."""
    new = _version(activity)
    if new == known.version:
        return None
    if ordered := _both(_NUMBER, new, known.version):
        return int(ordered[0]) < int(ordered[1])
    ordered = _both(_MOMENT, new, known.version)
    return ordered[0] < ordered[1] if ordered else None


def _older_by_time(known: Sighting, activity: Activity) -> bool:
    """By the network's own time. What was removed only comes back by a version that is known to be newer."""
    if known.gone:
        return activity.published_ms <= known.order_ms
    return 0 < activity.published_ms < known.order_ms


def _both(form: re.Pattern[str], new: str, known: str) -> tuple[str, str] | None:
    return (new, known) if form.fullmatch(new) and form.fullmatch(known) else None


def _moved_on(row: Sighting, activity: Activity, key: str, received_ms: int) -> Sighting:
    row.key, row.gone = key, activity.verb == "Delete"
    row.version = _version(activity)
    row.order_ms = max(activity.published_ms, received_ms if row.gone else 0)
    return row


def _entries(lane: int, keys: list[str]) -> dict[str, Entry]:
    rows = Entry.objects.filter(lane=lane, key__in=keys).only("key", "rid", "subj")
    return {row.key: row for row in rows}


def _fact(channel: Channel, activity: Activity, news: News, via: str) -> object:
    if news == "removed":
        return ActivityRemoved(
            channel=channel.obj, network=channel.network, remote_id=activity.remote_id, via=via
        )
    kinds = {"received": ActivityReceived, "changed": ActivityChanged, "older": OlderVersionFound}
    return kinds[news](channel=channel.obj, network=channel.network, seen=seen_of(activity), via=via)


# --- loading -----------------------------------------------------------------------------------------
def _load_known(activities: Sequence[tuple[Channel, Activity]]) -> dict[tuple[int, str], Sighting]:
    found: dict[tuple[int, str], Sighting] = {}
    for channel, names in _by_channel((c, _name(a)) for c, a in activities).items():
        for some in _slices(names):
            rows = Sighting.objects.filter(channel=channel, remote_id__in=some)
            locked = rows.select_related("thread").select_for_update(of=channels.own_row())
            for row in locked.order_by("remote_id"):
                found[row.channel_id, row.remote_id] = row
    return found


def _threads_of(activities: Sequence[tuple[Channel, Activity]]) -> dict[tuple[int, str], Thread]:
    """The conversation of each, made at first sight."""
    found: dict[tuple[int, str], Thread] = {}
    for number, macs in _by_channel((c, _mac(c, a)) for c, a in activities).items():
        for some in _slices(macs):
            rows = Thread.objects.filter(channel=number, mac__in=some)
            found |= {(number, row.mac): row for row in rows}
    missing: dict[tuple[int, str], Thread] = {}
    for channel, activity in activities:
        mac = _mac(channel, activity)
        if (channel.pk, mac) not in found:
            lane = lane_of(channel.network, channel.obj, root_of(activity))
            missing[channel.pk, mac] = Thread(channel=channel, mac=mac, lane=lane)
    Thread.objects.bulk_create(missing.values())
    return found | missing


def _by_channel(pairs: Iterable[tuple[Channel, str]]) -> dict[int, list[str]]:
    found: dict[int, set[str]] = {}
    for channel, name in pairs:
        found.setdefault(channel.pk, set()).add(name)
    return {channel: sorted(names) for channel, names in found.items()}


def _slices(names: list[str]) -> Iterable[list[str]]:
    for start in range(0, len(names), NAMES_PER_QUERY_MAX):
        yield names[start : start + NAMES_PER_QUERY_MAX]


def _mac(channel: Channel, activity: Activity) -> str:
    return _mac_of(f"{channel.obj}|{root_of(activity)}", kek.current().key)


@lru_cache(maxsize=4096)
def _mac_of(root: str, wrapping: bytes) -> str:
    """Asked for several times in a batch; the key parts desks from each other."""
    return sealed.mac("intake", root)


def _name(activity: Activity) -> str:
    return named(activity.remote_id, REMOTE_ID_CHARACTERS_MAX)


def _version(activity: Activity) -> str:
    return named(activity.version, VERSION_CHARACTERS_MAX)
