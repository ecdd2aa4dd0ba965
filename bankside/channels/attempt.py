"""One try to bring a delivery out: written down before the network is called, and after it answered.

The job of a delivery comes here. What it finds says what it may do: a delivery that waits is sent; one
that was being sent when its worker died is in doubt; one in doubt is looked up, reading only; nothing
that may have gone out is ever sent again without a look (DESIGN section 3), or without a key by which the
network knows it again.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from django.db import transaction

from bankside.approvals import consent as consents
from bankside.channels import (
    by_hand,
    connect,
    connectors,
    counted,
    freeze,
    media,
    meter,
    onward,
    sessions,
    way,
    wordless,
)
from bankside.channels import delivery as deliveries
from bankside.channels import delivery_states as states
from bankside.channels import words as exact
from bankside.channels.models import Attempt, Channel, Delivery
from bankside.channels.outcome import LeaseLost, said
from bankside.networks import contract
from bankside.networks.catalogue import network
from bankside.record import clock, jobs
from bankside.record.facts.channels import (
    AttemptStarted,
    DeliveryDelayed,
    DeliveryUncertain,
)
from bankside.record.models import Job
from bankside.said import Said, joined

FROZEN_WAIT_SECONDS = 2
TURN_WAIT_SECONDS = 1
SETTLE_WAIT_SECONDS = 5
KEYED_WAIT_SECONDS = 5
LATER_SECONDS_MAX = 3600
CALL_SECONDS_MAX = 75
DETAIL_CHARACTERS_MAX = 2000
RESENDS_MAX = 3

log = logging.getLogger(__name__)


@jobs.handler(deliveries.JOB)
def bring_out(job: Job) -> int | jobs.Errand[Any] | None:
    """The job of a delivery: does the next thing its state allows; the next due time, or None at the end."""
    row = Delivery.objects.select_related("channel", "channel__team").get(obj=job.data["delivery"])
    if row.state in deliveries.TAKEABLE and wordless.is_erased(row):
        return onward.give_up(row)
    match row.state:
        case states.WAITING:
            return _send(row, job)
        case states.SENDING:
            return _doubt_after_a_death(row)
        case states.PENDING:
            return _look(row, job, "settle")
        case states.DOUBTFUL:
            return _look(row, job, "find")
        case states.HELD:
            return onward.release(row)
        case _:
            return None


# --- waiting -> sending --------------------------------------------------------------------------------
def _send(delivery: Delivery, job: Job) -> int | jobs.Errand[Any] | None:
    with transaction.atomic():
        row = deliveries.locked(delivery.obj)
        if row.state != states.WAITING:
            return clock.now_ms()
        stays, due = _stays(row)
        if stays:
            return due
        if renewal := sessions.renewal(row.channel, stop=connect.stop):
            return renewal
        attempt = _begin(row, "send")
    try:
        words = deliveries.words_of(row)
        pictures = [media.get(m.media) for m in words.media]
        files = {one.obj: media.read(one) for one in pictures}
        post = exact.post_of(words, files, {one.obj: media.public_url(one) for one in pictures})
        connector = connectors.connector_of(row.channel)
    except Exception as broken:  # nothing was called: say so and let a person look
        log.exception("delivery %s could not be prepared", row.obj)
        why = Said("It could not be prepared and was not sent (%(error)s).", error=type(broken).__name__)
        return _after(row.obj, attempt.number, contract.Refused(why))
    return _errand(row, attempt, job, lambda: connector.send(post, row.key), exact.lease_seconds(words))


def _stays(row: Delivery) -> tuple[bool, int | None]:
    """Whether it may not start now, and when to look again. In the transaction of the attempt."""
    now = clock.now_ms()
    if wordless.is_erased(row):
        return True, now
    if row.due_at > now:
        return True, row.due_at
    if freeze.frozen():
        return True, now + FROZEN_WAIT_SECONDS * 1000
    if row.channel.state == Channel.REMOVED:
        return onward.withdrawn(row, Said("The channel was removed from the desk."))
    if not consents.holds(row.consent, channel=row.channel.obj, digest=row.digest, now=now):
        return onward.withdrawn(row, Said("The approval has expired or was taken back."))
    if exact.digest(row.channel.obj, deliveries.words_of(row)) != row.digest:
        return onward.withdrawn(row, Said("The words are not the ones that were approved."))
    if row.channel.state != Channel.OPEN:
        onward.hold(row, _waits_for(row.channel))
        return True, now + onward.HELD_WAIT_SECONDS * 1000
    if _somebody_is_before(row):
        return True, now + TURN_WAIT_SECONDS * 1000
    if (out := way.of(row.channel)) != "desk":
        _let_go(row, out)
        return True, None
    if why := meter.holds_back(row, now):
        return True, _held_back(row, why, now)
    if deliveries.key_has_run_out(row, now):
        onward.refuse(row, row.tries, Said("It may be there, and its key has run out: look first."))
        return True, None
    if row.tries >= states.GRAPH[states.WAITING].tries_max:
        onward.refuse(
            row, row.tries, Said("The network did not take it in %(number)s tries.", number=row.tries)
        )
        return True, None
    return False, None


def _let_go(row: Delivery, out: way.Way) -> None:
    """The desk cannot bring it out: a person posts it, or, on a network that has closed, nobody can."""
    if out == "hand":
        by_hand.hand_over(row, actor=onward.ACTOR)
    else:
        reason = Said("The network has closed; nothing can be sent there any more.")
        onward.refuse(row, row.state_at, reason)


def _held_back(row: Delivery, why: Said, now: int) -> int | None:
    """The ceiling of the day is in the way: it waits for the next day, or, being too dear, for a person."""
    if why is meter.TOO_DEAR:
        onward.refuse(row, row.state_at, why)
        return None
    due = meter.tomorrow(now)
    deliveries.move(row, states.WAITING, note=why, due_at=due)
    fact = DeliveryDelayed(**deliveries.named(row), reason=why, due_ms=due, held=False)
    deliveries.append_for(row, fact, f"ceiling-{due}", actor=onward.ACTOR)
    return due


def _somebody_is_before(row: Delivery) -> bool:
    """An earlier answer in the same conversation is still on its way: answers keep their order."""
    if row.purpose != "reply":
        return False
    earlier = Delivery.objects.filter(channel=row.channel, about=row.about, id__lt=row.id)
    return earlier.filter(state__in=states.MOVED_BY_DESK).exists()


def _begin(row: Delivery, act: str) -> Attempt:
    """Writes the attempt before the network is called, and the fact with it."""
    number = row.attempts.count() + 1
    attempt = Attempt.objects.create(delivery=row, number=number, act=act, started_at=clock.now_ms())
    if act == "send":
        deliveries.move(row, states.SENDING, tries=row.tries + 1, note="")
        fact = AttemptStarted(**deliveries.named(row), number=number)
        deliveries.append_for(row, fact, str(number), actor=onward.ACTOR)
    return attempt


def _errand(
    row: Delivery, attempt: Attempt, job: Job, call: Callable[[], Any], lease_seconds: int = 0
) -> jobs.Errand[Any]:
    """The call for a thread without a database, and what is written afterwards in the main thread.

    The call only begins while our lease has time for all of it: a worker that slept in between leaves
    the delivery to whoever has taken it over.
    """
    begin_before_ms = job.lease_until - CALL_SECONDS_MAX * 1000

    def work() -> Any:
        if clock.now_ms() > begin_before_ms:
            raise LeaseLost("the desk slept too long before it called the network")
        return call()

    def after(result: Any) -> int | None:
        sessions.note(row.channel, result)
        return _after(row.obj, attempt.number, result)

    return jobs.Errand(work=work, after=after, lease_seconds=lease_seconds)


# --- what the network answered ---------------------------------------------------------------------------
def _after(obj: str, number: int, result: Any) -> int | None:
    """Writes down what the call brought; the next due time, or None when nothing more is due."""
    with transaction.atomic():
        row = deliveries.locked(obj)
        attempt = row.attempts.get(number=number)
        result = wordless.unquoted(result) if wordless.is_erased(row) else result
        outcome, detail = said(result)
        Attempt.objects.filter(pk=attempt.pk, ended_at=0).update(
            ended_at=clock.now_ms(), outcome=outcome, detail=detail[:DETAIL_CHARACTERS_MAX]
        )
        if isinstance(result, contract.Receipt):
            return _confirmed(row, number, attempt.act, result)
        if row.state != _state_of(attempt.act) or row.attempts.filter(number__gt=number).exists():
            return clock.now_ms()  # somebody else has taken it over meanwhile
        if attempt.act == "send":
            return _send_failed(row, number, result)
        return _look_failed(row, number, attempt.act, result)


def _confirmed(row: Delivery, number: int, act: str, receipt: contract.Receipt) -> int | None:
    """The network has it. Good news counts even when it comes late, after the delivery was in doubt."""
    if row.state in states.FINAL:
        return None
    if receipt.pending:
        if row.state in {states.SENDING, states.DOUBTFUL}:
            deliveries.move(row, states.PENDING, handle=receipt.handle, tries=0)
        return _looks_left(row, number, Said("The network has not put it out."), SETTLE_WAIT_SECONDS)
    known = {"send": "sent", "settle": "settled", "find": "found"}
    url = "" if wordless.is_erased(row) else receipt.url
    deliveries.move(row, states.SENT, remote_id=receipt.remote_id, url=url, note="")
    counted.said(row)
    fact = deliveries.published(row, found=known[act], published_ms=receipt.published_ms)
    deliveries.append_for(row, fact, "published", actor=onward.ACTOR)
    meter.sent(row)
    return None


def _send_failed(row: Delivery, number: int, result: Any) -> int | None:
    now = clock.now_ms()
    match result:
        case contract.Later():
            due = now + int(min(result.after_seconds, LATER_SECONDS_MAX) * 1000)
            onward.delay(row, number, result.reason, due, held=False)
            return due
        case LeaseLost():
            deliveries.move(row, states.WAITING, tries=row.tries - 1)
            return now
        case contract.Refused() | contract.NotOffered():
            fallback = getattr(result, "fallback", "")
            onward.refuse(row, number, str(result), fallback)
            return None
        case contract.Reconnect():
            connect.stop(row.channel, result.reason)
            onward.delay(row, number, result.reason, now + onward.HELD_WAIT_SECONDS * 1000, held=True)
            return now + onward.HELD_WAIT_SECONDS * 1000
        case _:
            return _doubt(row, number, said(result)[1])


def _doubt_after_a_death(delivery: Delivery) -> int | None:
    """It was being sent when its worker died or lost its lease: whether it went out is not known."""
    with transaction.atomic():
        row = deliveries.locked(delivery.obj)
        if row.state != states.SENDING:
            return clock.now_ms()
        row.attempts.filter(ended_at=0).update(
            ended_at=clock.now_ms(), outcome="lost", detail=Said("The desk stopped while it was sending.")
        )
        return _doubt(row, row.attempts.count(), Said("The desk stopped while it was sending."))


def _doubt(row: Delivery, number: int, reason: str) -> int | None:
    """Nobody knows whether it went out: its key tells the network, it is looked up, or a person looks."""
    if deliveries.key_makes_it_one(row, clock.now_ms()) and _resends(row) <= RESENDS_MAX:
        due = clock.now_ms() + KEYED_WAIT_SECONDS * 1000
        onward.delay(
            row, number, joined((reason, Said("It is sent again under the same key."))), due, held=False
        )
        return due
    deliveries.move(row, states.DOUBTFUL, tries=0, note=reason)
    if not _can(row, "find"):
        return onward.leave_to_a_person(
            row, number, joined((reason, Said("This network keeps no list to look it up in.")))
        )
    fact = DeliveryUncertain(**deliveries.named(row), reason=reason, looking=True)
    deliveries.append_for(row, fact, f"doubt-{number}", actor=onward.ACTOR)
    # Before this bound the network could still accept what we sent; a look would prove nothing.
    return clock.now_ms() + network(row.channel.network).doubt.late_acceptance_seconds * 1000


def _resends(row: Delivery) -> int:
    """Calls of which nobody knows what became."""
    return row.attempts.filter(act="send").exclude(outcome="later").count()


def _can(row: Delivery, act: str) -> bool:
    return way.is_reached(row.channel) and connectors.connector_of(row.channel, with_wire=False).can(act)


def _waits_for(channel: Channel) -> Said:
    if channel.state == Channel.PAUSED:
        return Said("The channel is paused; it goes out when the channel runs again.")
    return Said("The channel is stopped; it goes out when the channel runs again.")


# --- pending and doubtful: reading only ------------------------------------------------------------------
def _look(delivery: Delivery, job: Job, act: str) -> int | jobs.Errand[Any] | None:
    with transaction.atomic():
        row = deliveries.locked(delivery.obj)
        if row.state != _state_of(act):
            return clock.now_ms()
        if row.channel.state != Channel.OPEN:
            return clock.now_ms() + onward.HELD_WAIT_SECONDS * 1000
        if not _can(row, act):  # the desk has lost its connector, or the network has closed
            return onward.leave_to_a_person(
                row, row.attempts.count(), Said("The desk cannot ask this network.")
            )
        if act == "find" and wordless.is_erased(row):
            why = Said("The words were erased, so it cannot be looked up. Look on the network.")
            return onward.leave_to_a_person(row, row.attempts.count(), why)
        if renewal := sessions.renewal(row.channel, stop=connect.stop):
            return renewal
        row.tries += 1
        row.save(update_fields=["tries"])
        attempt = _begin(row, act)
    connector = connectors.connector_of(row.channel)
    if act == "settle":
        return _errand(row, attempt, job, lambda: connector.settle(row.handle))
    words = deliveries.words_of(row)
    post = exact.post_of(words, {m.media: b"" for m in words.media})
    return _errand(row, attempt, job, lambda: connector.find(row.key, post))


def _look_failed(row: Delivery, number: int, act: str, result: Any) -> int | None:
    match result:
        case None:  # looked after the bound, and it is not there: it may be sent
            sends = row.attempts.filter(act="send").count()
            if _resends(row) > RESENDS_MAX:
                return onward.leave_to_a_person(
                    row, number, Said("It was sent several times and never seen there.")
                )
            row.tries = sends
            onward.delay(
                row, number, Said("It did not get there; it is sent again."), clock.now_ms(), held=False
            )
            return clock.now_ms()
        case contract.Later():
            return _looks_left(row, number, result.reason, min(result.after_seconds, LATER_SECONDS_MAX))
        case contract.Reconnect():
            connect.stop(row.channel, result.reason)
            return clock.now_ms() + onward.HELD_WAIT_SECONDS * 1000
        case contract.Refused() if act == "settle":
            onward.refuse(row, number, result.reason, result.fallback)
            return None
        case _:
            return _looks_left(row, number, said(result)[1], SETTLE_WAIT_SECONDS)


def _looks_left(row: Delivery, number: int, reason: str, wait_seconds: float) -> int | None:
    """The next look, or, when there were enough, a person."""
    if row.tries >= states.GRAPH[row.state].tries_max:
        return onward.leave_to_a_person(row, number, f"{reason} It was looked for {row.tries} times.")
    return clock.now_ms() + int(wait_seconds * 1000)


def _state_of(act: str) -> str:
    return {"send": states.SENDING, "settle": states.PENDING, "find": states.DOUBTFUL}[act]
