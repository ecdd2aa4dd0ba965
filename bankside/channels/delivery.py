"""Words on their way out of one channel: asked for, taken back, decided upon. The sending is in attempt.py.

A delivery is one version on one channel: its key is both, so asking twice is asking once. It always
holds a consent of the same digest; the room, and the database, refuse one that does not.
"""

from __future__ import annotations

from typing import Any, Literal

from django.db import models, transaction

from bankside.approvals import consent as consents
from bankside.approvals.models import Consent
from bankside.channels import channel as channels
from bankside.channels import delivery_states as states
from bankside.channels import meter, wordless
from bankside.channels import words as exact
from bankside.channels.models import Channel, Delivery, Media
from bankside.networks.catalogue import network
from bankside.people import policy
from bankside.people.models import Staff
from bankside.record import clock, jobs
from bankside.record.append import append, lock
from bankside.record.facts.channels import (
    DeliveryDelayed,
    DeliveryRequested,
    DeliveryWithdrawn,
    DoubtDecided,
    PostPublished,
    Words,
)
from bankside.record.identifiers import kept
from bankside.record.ids import new_id
from bankside.record.lane import lane_of
from bankside.said import Said

JOB = "delivery"
TAKEABLE = frozenset({states.WAITING, states.HELD, states.BY_HAND, states.REFUSED})
EVIDENCE_CHARACTERS_MIN = 3
URL_CHARACTERS_MAX = 1000

Decision = Literal["there", "again", "dropped"]


class NoConsent(PermissionError):
    """Nothing leaves without consent to exactly these words on this channel."""


class NoSuchDelivery(LookupError):
    """There is no such delivery, or it is not on a channel of yours."""


class TooLate(ValueError):
    """The delivery is not where this can still be done; the message says where it is."""


class EvidenceMissing(ValueError):
    """Whoever decides a doubt says what she saw."""


def request(
    *,
    channel: Channel,
    purpose: Literal["post", "reply"],
    about: str,
    version: str,
    words: Words,
    digest: str,
    consent: Consent,
    due_ms: int,
    requested_by: Staff,
    lane: int | None = None,
) -> Delivery:
    """Puts words on their way at `due_ms`; the same version on the same channel gives the old delivery.

    Raises NoConsent when the consent is not for exactly these words, here, now.
    """
    with transaction.atomic():
        key = key_of(version, channel)
        known = Delivery.objects.filter(key=key).first()
        if known is not None:
            return known
        _refuse_without_consent(channel, words, digest, version, consent)
        lane = lane_of(channel.network, channel.obj, key) if lane is None else lane
        _refuse_erased(about, consent, lane)
        delivery = _made(
            channel=channel, key=key, purpose=purpose, about=about, version=version, digest=digest,
            consent=consent, requested_by=requested_by, due_at=due_ms, lane=lane,
        )  # fmt: skip
        delivery.words = seal_words(delivery.obj, words)
        delivery.save()
        jobs.enqueue(JOB, job_key(delivery), due_ms=due_ms, data={"delivery": delivery.obj})
        fact = DeliveryRequested(
            delivery=delivery.obj, channel=channel.obj, purpose=purpose, about=about, version=version,
            digest=digest, consent=consent.obj, due_ms=due_ms, words=words,
        )  # fmt: skip
        append_for(delivery, fact, "requested", actor=requested_by.actor)
    return delivery


def key_of(version: str, channel: Channel) -> str:
    """The key of a version on a channel: what makes asking twice asking once."""
    return f"{version}:{channel.obj}"


def withdraw(delivery: Delivery, *, by_actor: str, reason: str) -> bool:
    """Takes back what has not gone out; False when it is too late or was taken back already.

    What is uncertain is not withdrawn here: a person decides it.
    """
    with transaction.atomic():
        row = locked(delivery.obj)
        if row.state not in TAKEABLE:
            return False
        withdrawn(row, by_actor=by_actor, reason=reason)
    return True


def put_off(delivery: Delivery, *, by_actor: str, due_ms: int) -> bool:
    """Moves the time of what has not been tried yet, or waits for its channel; False when it is too late."""
    with transaction.atomic():
        row = locked(delivery.obj)
        if row.state not in {states.WAITING, states.HELD}:
            return False
        held = row.state == states.HELD
        move(row, row.state, due_at=due_ms)
        if not held:
            jobs.again(job_key(row), due_ms)
        fact = DeliveryDelayed(
            **named(row), reason=Said("It goes out at another time."), due_ms=due_ms, held=held
        )
        append_for(row, fact, f"put-off-{new_id()}", actor=by_actor)
    return True


def decide(staff: Staff, delivery: Delivery, *, decision: Decision, evidence: str, url: str = "") -> Delivery:
    """A person says what became of an uncertain delivery, or what to do with a refused one.

    `there`: it is on the network (at `url`). `again`: it is not there, send it. `dropped`: leave it.
    Raises NotYours, TooLate, EvidenceMissing.
    """
    policy.require(staff, "delivery.decide", delivery.channel.team)
    evidence = kept(evidence.strip())
    if len(evidence) < EVIDENCE_CHARACTERS_MIN:
        raise EvidenceMissing(
            Said("Say what you saw on the network, in a few words; it goes into the record.")
        )
    with transaction.atomic():
        row = locked(delivery.obj)
        _refuse_settled(row, decision)
        if wordless.is_erased(row):
            url = _refuse_again(decision)
        fact = DoubtDecided(**named(row), decision=decision, evidence=evidence.strip())
        append_for(row, fact, f"after-{row.attempts.count()}-{row.state_at}", actor=staff.actor)
        match decision:
            case "there":
                move(row, states.SENT, url=url[:URL_CHARACTERS_MAX], note="")
                append_for(row, published(row, found="person"), "published", actor=staff.actor)
                meter.sent(row)
            case "again":
                move(row, states.WAITING, due_at=clock.now_ms(), tries=0, note="")
                jobs.again(job_key(row), clock.now_ms())
            case "dropped":
                withdrawn(row, by_actor=staff.actor, reason=evidence.strip())
    return row


def visible_to(staff: Staff) -> models.QuerySet[Delivery]:
    """Deliveries on the channels that she sees, newest first."""
    seen = channels.visible_to(staff)
    return Delivery.objects.filter(channel__in=seen).select_related("channel").order_by("-id")


def get_visible(staff: Staff, number: int | str) -> Delivery:
    """One of them, by number or by obj; raises NoSuchDelivery."""
    wanted = {"pk": int(number)} if str(number).isdigit() and len(str(number)) < 20 else {"obj": str(number)}
    found = visible_to(staff).filter(**wanted).first()
    if found is None:
        raise NoSuchDelivery(Said("There is no such delivery on the channels that you see."))
    return found


# --- what attempt.py shares with this file ---------------------------------------------------------------
def locked(obj: str) -> Delivery:
    """The row under its lock, in the caller's transaction. On SQLite the transaction itself is the lock."""
    rows = Delivery.objects.select_for_update(of=_of_self()).select_related("channel", "channel__team")
    return rows.get(obj=obj)


def move(row: Delivery, state: str, **changes: Any) -> None:
    """Changes the state along an arrow of the graph, and writes the row."""
    states.refuse_wrong(row.state, state)
    row.state, row.state_at = state, clock.now_ms()
    for name, value in changes.items():
        setattr(row, name, value)
    row.save(update_fields=["state", "state_at", *changes])


def withdrawn(row: Delivery, *, by_actor: str, reason: str) -> None:
    """Takes it off the way, in the caller's transaction."""
    move(row, states.WITHDRAWN, note=reason)
    append_for(row, DeliveryWithdrawn(**named(row), reason=reason), "withdrawn", actor=by_actor)


def published(row: Delivery, *, found: str, published_ms: int = 0) -> PostPublished:
    """The fact that it is out, with the exact words; without them, and without an address that may be made of
    them, when they were erased meanwhile. In the caller's transaction, which holds the lane from here on."""
    lock([row.lane])
    gone = wordless.is_erased(row)
    return PostPublished(
        **named(row), remote_id=row.remote_id, url="" if gone else row.url, found=found,
        published_ms=published_ms, words=Words(text="") if gone else words_of(row),
    )  # fmt: skip


def named(row: Delivery) -> dict[str, Any]:
    """What every fact about a delivery says first."""
    return {
        "delivery": row.obj,
        "channel": row.channel.obj,
        "purpose": row.purpose,
        "about": row.about,
        "version": row.version,
    }


def append_for(row: Delivery, fact: object, cause: str, *, actor: str) -> None:
    """Records a fact about a delivery in its lane, under the post's or the conversation's obj."""
    name = type(fact).__name__
    att = _files_of(fact.words) if isinstance(fact, PostPublished) else ()
    append(fact, f"{name}:{row.obj}:{cause}", actor=actor, obj=row.about, lane=row.lane, att=att)


def _files_of(words: Words) -> tuple[str, ...]:
    """The files of its pictures and films in their order, which the leaf names (record sheet 2.2)."""
    named = [one.media for one in words.media]
    files = dict(Media.objects.filter(obj__in=named).values_list("obj", "file")) if named else {}
    return tuple(files[obj] for obj in named if obj in files)


def words_of(row: Delivery) -> Words:
    """The exact words, opened; none when they were erased."""
    return exact.opened(row.obj, row.words) if row.words else Words(text="")


def seal_words(obj: str, words: Words) -> bytes:
    """The exact words as they lie in the table."""
    return exact.sealed_for(obj, words)


def job_key(row: Delivery) -> str:
    """The one job of a delivery."""
    return f"{JOB}:{row.obj}"


def key_has_run_out(row: Delivery, now_ms: int) -> bool:
    """Whether it was sent under a key that the network has forgotten: sent again, it could go out twice.

    What a person has sent again begins anew.
    """
    hours = network(row.channel.network).doubt.key_hours
    if not hours or not row.tries:
        return False
    sends = row.attempts.filter(act="send").order_by("-number")[: row.tries]
    return bool(sends) and now_ms - min(one.started_at for one in sends) > hours * 3_600_000


def key_makes_it_one(row: Delivery, now_ms: int) -> bool:
    """Whether the same call may be made again: the network knows its key, and makes no second post. Where it
    does not say for how long, only its connector knows (`Later`)."""
    doubt = network(row.channel.network).doubt
    keyed = doubt.strategy == "server_key" and doubt.key_hours > 0
    return keyed and not key_has_run_out(row, now_ms)


def wake(channel: Channel) -> int:
    """Everything that waits for this channel is due now; called when it runs again."""
    held = Delivery.objects.filter(channel=channel, state__in=[states.HELD, states.DOUBTFUL, states.PENDING])
    return sum(jobs.again(job_key(row), clock.now_ms()) for row in held)


def _made(*, due_at: int, **fields: Any) -> Delivery:
    now = clock.now_ms()
    return Delivery(
        **fields, obj=new_id(), state=states.INITIAL, state_at=now, requested_at=now, due_at=due_at
    )


def _refuse_without_consent(
    channel: Channel, words: Words, digest: str, version: str, consent: Consent
) -> None:
    if exact.digest(channel.obj, words) != digest or consent.version != version:
        raise NoConsent(Said("These are not the words that the consent is for. Ask for approval again."))
    if not consents.holds(consent, channel=channel.obj, digest=digest, now=clock.now_ms()):
        raise NoConsent(
            Said("The approval of these words has expired or was taken back. Ask for approval again.")
        )


def _refuse_erased(about: str, consent: Consent, lane: int) -> None:
    """Words that somebody was asked to agree to before they were erased are put on no way after it."""
    lock([lane])
    asked = consent.request.asked_at if consent.request else consent.given_at
    if asked <= wordless.erased_at(about):
        raise NoConsent(Said("These words were erased. They cannot be sent."))


def _refuse_again(decision: Decision) -> str:
    """Of erased words it can only be said that they are there, or nothing; their address is not kept."""
    if decision == "again":
        raise TooLate(Said("These words were erased. They cannot be sent again."))
    return ""


def _refuse_settled(row: Delivery, decision: Decision) -> None:
    wanted = {states.UNCERTAIN} if decision == "there" else {states.UNCERTAIN, states.REFUSED}
    if row.state not in wanted:
        raise TooLate(Said("This delivery is not in doubt now; there is nothing to decide."))


def _of_self() -> tuple[str, ...]:
    """PostgreSQL locks the delivery alone, not the channel joined to it; SQLite has no row locks."""
    return ("self",) if transaction.get_connection().features.has_select_for_update_of else ()
