"""The journeys that are cut short at every step: what people, customers and the network do by themselves.

Each is written so that it may be begun again: whoever was cut off looks at what is there and does the rest,
as people do, and a network repeats a hook until it is answered.
"""

from __future__ import annotations

import threading
import time
from argparse import Namespace
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from django.db import close_old_connections

from bankside.channels import intake
from bankside.channels.models import Attempt, Channel, Delivery
from bankside.inbox import conversation as conversations
from bankside.inbox import reply as replies
from bankside.inbox.models import Message, Reply
from bankside.networks.practice import PracticeServer
from bankside.people import staff
from bankside.people.models import Staff
from bankside.publish import post as posts
from bankside.publish import schedule
from bankside.publish.models import Outcome, Post
from bankside.record import audit, clock, seal
from bankside.record.away import AWAY
from bankside.record.models import Entry, Quarantined
from bankside.worker import IDLE_SECONDS, Worker

NOW = clock.from_iso("2026-11-24T10:00:00Z")
STEP_SECONDS = 130  # longer than a lease: what a dead worker held is taken over
ROUNDS_MAX = 9
WORK_SECONDS_MAX = 120
AWAY_SECONDS_MAX = 60
AGAIN_SECONDS = 0.1
IDLE_TURNS = 3
SECRET = "practice hook secret"
FIRST, SECOND, THIRD = "카드를 잃어버렸어요.", "请问多久可以补办？", "Is the old one blocked now?"
POST = "영업시간 안내 营业时间 openingstijden"
ANSWERS = ("카드를 정지했습니다.", "De nieuwe kaart komt binnen drie dagen.")
# How often these are told depends on where the worker died, or on the hour; everything else is told once.
AS_IT_HAPPENS = {
    "channels.attempt-started", "channels.delivery-delayed", "channels.delivery-uncertain",
    "channels.gap-repaired", "channels.reconciled", "channels.capabilities-changed",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Journey:
    """`before` is there at the start; `act` does what is to be done now and says whether all is done."""

    before: Callable[[Path], None]
    act: Callable[[Path], bool]


def migrated() -> None:
    """A founded desk without people; on PostgreSQL its tables belong to another role."""
    from bankside.commands.desk import migrate

    migrate(Namespace())


def found(journey: Journey, data: Path) -> None:
    """People and a channel on a practice network that lies beside the desk's data."""
    from tests.scene import Scene

    with clock.frozen(NOW):
        Scene(data / "network")
        journey.before(data)


def play(journey: Journey, data: Path, *, later: bool = False, patient: bool = False) -> None:
    """Acts and works, round after round, until all is done; AssertionError when it never is.

    `patient`: the database may go away meanwhile, and everybody tries again, as people and programs do.
    """
    start = NOW + 1000 * int(later)
    insist, work_on = (until_answered, work_through) if patient else (at_once, work)
    for number in range(ROUNDS_MAX):
        with clock.frozen(start + number * STEP_SECONDS * 1000):
            network(data).advance(STEP_SECONDS if number else 0)
            done = insist(partial(journey.act, data))
            work_on()
            if done and insist(partial(journey.act, data)):
                insist(seal.seal_all)
                return
    raise AssertionError(f"not done after {ROUNDS_MAX} rounds: {told(data)}")


def at_once(act: Callable[[], Any]) -> Any:
    return act()


def until_answered(act: Callable[[], Any]) -> Any:
    """What a page answers with "try again", and a hook with the same number, is tried again."""
    ends = time.monotonic() + AWAY_SECONDS_MAX
    while True:
        try:
            return act()
        except AWAY:
            assert time.monotonic() < ends, "the database does not come back"
            close_old_connections()
            time.sleep(AGAIN_SECONDS)


def work() -> None:
    worker = Worker(threads=1)
    assert worker.run_until_idle(WORK_SECONDS_MAX)
    worker.close()


def work_through() -> None:
    """The loop of the worker itself, which waits for a database that is away."""
    Worker(threads=1).run_forever(UntilIdle())


class UntilIdle(threading.Event):
    """Stops a worker when it has nothing to do for some turns, calls of a network included."""

    _idle_turns = 0

    def wait(self, timeout: float | None = None) -> bool:
        self._idle_turns = self._idle_turns + 1 if timeout == IDLE_SECONDS else 0
        if self._idle_turns == IDLE_TURNS:
            self.set()
        return super().wait(min(timeout or 0, AGAIN_SECONDS))


def told(data: Path) -> dict[str, Any]:
    """What can be seen at the end, on the network and on the desk."""
    from tests.record.rebuilt import assert_all_rebuild

    facts = Counter(Entry.objects.values_list("fact", flat=True))
    report = audit.audit()
    tables = assert_all_rebuild()
    attempts = Attempt.objects.order_by("delivery", "number").values_list("act", "outcome")
    lines = Message.objects.order_by("conversation", "id").values_list("way", "text", "state")
    return {
        "facts": {name: facts[name] for name in sorted(facts) if name not in AS_IT_HAPPENS},
        "attempts": [f"{act} {outcome or 'unanswered'}" for act, outcome in attempts],
        "network": [[one.kind, one.text] for one in network(data).posts()],
        "messages": [list(line) for line in lines],
        "deliveries": list(Delivery.objects.order_by("pk").values_list("state", flat=True)),
        "outcomes": list(Outcome.objects.order_by("pk").values_list("state", flat=True)),
        "problems": [f"{problem.place}: {problem.what}" for problem in report.problems],
        "quarantined": Quarantined.objects.count(),
        "tables": sorted(tables),
    }


def network(data: Path) -> PracticeServer:
    return PracticeServer(data / "network", hook_secret=SECRET)


def by_role(role: str) -> Staff:
    return staff.by_email(f"{role}@hanulbank.example")


# --- an activity, from the network to its triage -----------------------------------------------------
def somebody_says(data: Path) -> None:
    network(data).customer_says(FIRST, by="minji")


def three_arrive(data: Path) -> bool:
    """The first and the third are announced by hooks, the second is only found by asking."""
    said = [message.text for message in Message.objects.order_by("id")]
    things = {thing.text: thing.id for thing in _customers(data)}
    _announce(data, things[FIRST])
    if FIRST in said and SECOND not in things:
        network(data).customer_replies(things[FIRST], SECOND)
    if SECOND in said and THIRD not in things:
        things[THIRD] = network(data).customer_replies(things[FIRST], THIRD)
    if THIRD in things:
        _announce(data, things[THIRD])
    return THIRD in said


def _customers(data: Path) -> list[Any]:
    with network(data)._open() as state:
        return [thing for thing in state.things.values() if not thing.own]


def _announce(data: Path, thing: str) -> None:
    """A network sends a hook until it hears that it was taken in."""
    answered = data / "network" / f"answered-{thing}"
    if answered.exists():
        return
    sent = network(data).hook_request(thing)
    channel = Channel.objects.get()
    answer = intake.receive(
        channel.hook,
        method=sent.method,
        path=sent.path,
        query=sent.query,
        headers=sent.headers,
        body=sent.body,
    )
    assert answer.status == 200
    answered.touch()


# --- a post, from a draft to its outcome ---------------------------------------------------------------
def nothing(data: Path) -> None:
    """The desk as it was founded."""


def post_goes_out(data: Path) -> bool:
    """Author and approver do what the post still needs."""
    author, approver = by_role("author"), by_role("approver")
    channel = Channel.objects.get()
    row = Post.objects.first() or posts.start_with(
        author, title="Hours", team=channel.team, base=POST, words={channel.obj: {"text": POST, "lang": "ko"}}
    )
    if row.state == Post.DRAFT:
        posts.submit(author, row, edition=row.edition)
        row.refresh_from_db()
    if row.state == Post.WAITING:
        version = schedule.latest(row)
        posts.approve(approver, row, words=[(p["channel"], p["digest"]) for p in version.words])
        row.refresh_from_db()
    if row.state == Post.APPROVED:
        schedule.schedule(author, row, due_ms=None)
    return list(Delivery.objects.values_list("state", flat=True)) == ["sent"] and Outcome.objects.exists()


# --- two answers in one conversation -------------------------------------------------------------------
def somebody_waits(data: Path) -> None:
    somebody_says(data)
    work()
    assert Message.objects.count() == 1


def two_answers_go_out(data: Path) -> bool:
    """The responder writes what she has not written yet, in her order."""
    responder = by_role("responder")
    row = conversations.visible_to(responder).get()
    for text in ANSWERS[Reply.objects.count() :]:
        replies.write(responder, row, text)
    sent = list(Delivery.objects.values_list("state", flat=True)) == ["sent", "sent"]
    # The network tells of our answers, too, and they are the same messages.
    return sent and Entry.objects.filter(fact="channels.activity-received").count() == 1 + len(ANSWERS)


JOURNEYS = {
    "activity": Journey(somebody_says, three_arrive),
    "post": Journey(nothing, post_goes_out),
    "answers": Journey(somebody_waits, two_answers_go_out),
}
