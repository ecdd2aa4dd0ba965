"""Pictures that people show: fetched once by the desk itself, drawn again, and kept for its staff.

Nobody's browser ever loads a picture from a stranger's address. What is fetched is not trusted: it is
decoded and encoded anew, within limits of bytes, pixels and time, and its original bytes are not kept. What
is kept is ciphertext under the key of whoever showed it and under a salt that stands in the words of its fact
alone, so that an erasure of either takes the picture with it; the file goes a little later (`forget_erased`).
"""

from __future__ import annotations

import hashlib
import itertools
import secrets
import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import msgspec
from django.conf import settings
from django.db import models, transaction

from bankside.channels import connectors, picture, sealed_file
from bankside.channels.models import Channel
from bankside.networks import contract
from bankside.networks.catalogue import network
from bankside.record import clock, jobs, projection, sealed, subjects
from bankside.record.append import Draft, append
from bankside.record.facts.channels import (
    ActivityChanged,
    ActivityReceived,
    AttachmentSeen,
    PictureKept,
    PictureMissed,
)
from bankside.record.models import Entry, Job, Payload, Subject
from bankside.said import Said

ACTOR = "s:pictures"
JOB, FORGET_JOB = "fetch-picture", "forget-pictures"
PER_ITEM_MAX = 8
SIDE_PIXELS_MAX = 2048  # enough to read a screen; a photograph of a telephone has twice as many
TRY_HOURS_MAX = 24
WAIT_SECONDS_MIN, WAIT_SECONDS_MAX = 30, 3600
REASON_CHARACTERS_MAX = 300
DAY_MS = 86_400_000
FRESH_SECONDS = 120  # so long a page says that a picture comes; most are there within two seconds
FAR_MS = 2**53
FORGET_MAX = 1000
KEPT, MISSED = "channels.picture-kept", "channels.picture-missed"
WORDS = frozenset({"Create", "Update"})

_drawing = threading.Lock()
"""One picture at a time is decoded in a process, however many are fetched: that is what memory is for."""


class NoPicture(LookupError):
    """There is no such picture, or it was erased."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A picture that an entry speaks of."""

    entry: Entry
    channel: str
    remote_id: str
    file: AttachmentSeen
    picture: str


# --- asking for it -----------------------------------------------------------------------------------
def want(drafts: Iterable[Draft]) -> None:
    """Has the pictures of what is about to be recorded fetched, in the caller's transaction, each once."""
    if not settings.PICTURES_PER_DAY:
        return
    now = clock.now_ms()
    for draft in drafts:
        for place, obj in _shown(draft.fact):
            until = now + TRY_HOURS_MAX * 3_600_000
            data = {"lane": draft.lane, "key": draft.key, "place": place, "until": until}
            if jobs.enqueue(JOB, f"{JOB}:{obj}", due_ms=now, data=data):
                jobs.enqueue(FORGET_JOB, FORGET_JOB, due_ms=now + DAY_MS, data={})


def fetched_since(network_name: str) -> int:
    """From which moment (ms) on pictures of this network may still be under way; far ahead when none is."""
    if not settings.PICTURES_PER_DAY or network(network_name).pictures is None:
        return FAR_MS
    return clock.now_ms() - FRESH_SECONDS * 1000


def obj_of(channel: str, remote_id: str, url: str) -> str:
    """The name (32 hex) of a picture: the same for every version of what it belongs to."""
    return sealed.mac("media", f"{channel}|{remote_id}|{url}")[:32]


def _shown(fact: object) -> Iterator[tuple[int, str]]:
    """Places and names of the pictures in what somebody else said."""
    if not isinstance(fact, ActivityReceived | ActivityChanged) or not fact.seen.attachments:
        return
    if fact.seen.own or fact.seen.verb not in WORDS or network(fact.network).pictures is None:
        return
    for place, file in enumerate(fact.seen.attachments[:PER_ITEM_MAX]):
        if file.kind == "image":
            yield place, obj_of(fact.channel, fact.seen.remote_id, file.url)


# --- fetching it -------------------------------------------------------------------------------------
@jobs.handler(JOB)
def _fetch(job: Job) -> int | jobs.Errand[Any] | None:
    wanted = _wanted(job)
    if wanted is None:
        return None
    channel = Channel.objects.get(obj=wanted.channel)
    if channel.state == Channel.REMOVED:
        _missed(wanted, Said("Its channel was removed."))
        return None
    if channel.state != Channel.OPEN:
        return _later(job, wanted, Said("Its channel does not run."), WAIT_SECONDS_MAX)
    if _day_is_full():
        return _tomorrow(job, wanted)
    connector = connectors.pictures_connector(channel)
    return jobs.Errand(work=partial(_drawn, connector, wanted.file.url), after=partial(_after, job))


def _drawn(connector: contract.Connector, url: str) -> picture.Drawn:
    """In a thread of its own: what lies there, drawn again."""
    content = connector.picture(url, picture.BYTES_MAX)
    with _drawing:
        return picture.drawn_again(content, side_max=SIDE_PIXELS_MAX)


def _after(job: Job, answer: picture.Drawn | Exception) -> int | None:
    wanted = _wanted(job)
    if wanted is None:  # erased while it was fetched
        return None
    if isinstance(answer, contract.Later):
        return _later(job, wanted, answer.reason, answer.after_seconds)
    if isinstance(answer, picture.Drawn) and _day_is_full():  # others came first
        return _tomorrow(job, wanted)
    if isinstance(answer, picture.Drawn):
        _keep(wanted, answer)
    else:
        _missed(wanted, _reason_of(answer))
    return None


def _reason_of(error: Exception) -> str:
    match error:
        case contract.Refused() | contract.Reconnect() | contract.Uncertain():
            return error.reason
        case picture.NotAPicture():
            return Said("What lies there is not a whole JPEG, PNG, GIF or WebP picture.")
        case picture.TooLarge():
            return str(error)
        case _:
            return Said("It could not be understood (%(error)s).", error=type(error).__name__)


def _tomorrow(job: Job, wanted: Wanted) -> int | None:
    reason = Said("The desk fetches at most %(number)s pictures a day.", number=settings.PICTURES_PER_DAY)
    return _later(job, wanted, reason, WAIT_SECONDS_MAX)


def _later(job: Job, wanted: Wanted, reason: str, wait_seconds: float) -> int | None:
    """When to try again, within a day; then it is missed."""
    wait_seconds = min(max(wait_seconds, WAIT_SECONDS_MIN), WAIT_SECONDS_MAX)
    due = clock.now_ms() + int(wait_seconds * 1000)
    if due <= job.data["until"]:
        return due
    _missed(wanted, reason)
    return None


def _wanted(job: Job) -> Wanted | None:
    """What the job is about; None when the words were erased, or the picture is kept or missed already."""
    entry = Entry.objects.filter(lane=job.data["lane"], key=job.data["key"]).first()
    fact = projection.payload_of(entry.n) if entry else None
    if entry is None or fact is None:
        return None
    file = fact.seen.attachments[job.data["place"]]
    obj = obj_of(fact.channel, fact.seen.remote_id, file.url)
    ended = Entry.objects.filter(lane=entry.lane, key__in=[f"{KEPT}:{obj}", f"{MISSED}:{obj}"])
    return None if ended.exists() else Wanted(entry, fact.channel, fact.seen.remote_id, file, obj)


def _day_is_full() -> bool:
    """Whether as many as a day may have were kept within the last 24 hours."""
    newest = Entry.objects.filter(fact=KEPT).order_by("-n").values_list("t", flat=True)
    last = settings.PICTURES_PER_DAY - 1
    return any(t > clock.now_ms() - DAY_MS for t in newest[last : last + 1])


def _keep(wanted: Wanted, drawn: picture.Drawn) -> None:
    """The file first, then the fact that names it; a file without its fact cannot be opened by anybody."""
    salt = secrets.token_bytes(32)
    file = sealed_file.keep(drawn.content, obj=wanted.picture, subj=wanted.entry.subj, salt=salt)
    kept = PictureKept(
        channel=wanted.channel, remote_id=wanted.remote_id, url=wanted.file.url, picture=wanted.picture,
        file=file, salt=salt.hex(), sha256=hashlib.sha256(drawn.content).hexdigest(), mime=drawn.mime,
        size=len(drawn.content), width=drawn.width, height=drawn.height,
    )  # fmt: skip
    _tell(wanted, kept, f"{KEPT}:{wanted.picture}", att=(file,))


def _missed(wanted: Wanted, reason: str) -> None:
    missed = PictureMissed(
        channel=wanted.channel, remote_id=wanted.remote_id, url=wanted.file.url, picture=wanted.picture,
        reason=reason[:REASON_CHARACTERS_MAX],
    )  # fmt: skip
    _tell(wanted, missed, f"{MISSED}:{wanted.picture}")


def _tell(wanted: Wanted, fact: object, key: str, *, att: tuple[str, ...] = ()) -> None:
    entry = wanted.entry
    with transaction.atomic():
        append(fact, key, actor=ACTOR, obj=entry.obj, lane=entry.lane, subj=entry.subj, att=att)


# --- showing it --------------------------------------------------------------------------------------
def get(lane: int, about: str, obj: str) -> tuple[Entry, PictureKept]:
    """A kept picture of the conversation `about`, with its entry. Raises NoPicture."""
    entry = Entry.objects.filter(lane=lane, key=f"{KEPT}:{obj}", obj=about).first()
    fact = projection.payload_of(entry.n) if entry else None
    if entry is None or fact is None:
        raise NoPicture(Said("There is no such picture at this desk; if there was one, it was erased."))
    return entry, fact


def read(entry: Entry, kept: PictureKept) -> bytes:
    """The picture as it was drawn. Raises NoPicture, and sealed_file.Damaged."""
    try:
        content = sealed_file.read(
            kept.file, obj=kept.picture, subj=entry.subj, salt=bytes.fromhex(kept.salt)
        )
    except subjects.Forgotten:
        raise NoPicture(Said("This picture was erased.")) from None
    if hashlib.sha256(content).hexdigest() != kept.sha256:
        raise sealed_file.Damaged(f"Picture {kept.picture} is not the one that the record names.")
    return content


# --- forgetting it -----------------------------------------------------------------------------------
def forget_erased() -> int:
    """Deletes files that nobody can open any more, for want of their words or their subject; how many."""
    no_words = ~models.Q(n__in=Payload.objects.values("n"))
    nobody = ~models.Q(subj__in=Subject.objects.values("subj"))
    leaves = Entry.objects.filter(no_words | nobody, fact=KEPT).values_list("leaf", flat=True)
    files = (file for leaf in leaves.iterator() for file in msgspec.json.decode(bytes(leaf)).get("att", ()))
    return sum(1 for _ in itertools.islice(filter(sealed_file.drop, files), FORGET_MAX))


@jobs.handler(FORGET_JOB, standing=True)
def _forget(job: Job) -> int | None:
    forget_erased()
    return clock.now_ms() + DAY_MS
