"""Random histories on simulated networks: nothing twice, nothing unapproved, next to nothing to a person.

One model of a network for each way in which a lost answer is settled (faults 14 to 21 and 24, target 6). Most
histories are played in memory (remembered.py), by the rules of `channels/attempt.py` as they stand; some of
them on the tables of the desk too, and they end alike.
"""

from __future__ import annotations

import random
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Protocol

import pytest

from bankside.approvals import consent as consents
from bankside.channels import attempt, connect, connectors, delivery, onward
from bankside.channels import delivery_states as states
from bankside.channels.models import Channel, Delivery
from bankside.networks.contract import Grant
from bankside.record import clock, jobs
from bankside.record.models import Job
from tests import faults
from tests.flows.remembered import InMemory
from tests.flows.simulated import MODELS, Network, Simulated, WorkerDied
from tests.scene import NOW, Scene

AT_ONCE = 100
TAKEN_AT_ONCE = 50
ON_TABLES, ON_TABLES_LONG = 30, 100
IN_MEMORY, IN_MEMORY_LONG = 1_000, 100_000
ROUNDS_MAX = 4000
RECONNECT_AFTER_SECONDS = 60
TAKEN_BACK_SHARE = 0.05
TO_A_PERSON_MAX = 0.001
CHANCE = 4
"""Of one thousand histories one half ends with a person on average: five are no chance any more."""
A_PERSON_KNOWS = frozenset({"none"})
"""Models without a list to look in: a person gets what nobody can know, and nothing else."""

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    with clock.frozen(NOW):
        yield Scene(tmp_path / "network")


@pytest.mark.more
@pytest.mark.parametrize("histories", [IN_MEMORY, pytest.param(IN_MEMORY_LONG, marks=pytest.mark.long)])
@pytest.mark.parametrize("model", MODELS)
@pytest.mark.timeout(7200)
def test_histories_of_sending(monkeypatch: pytest.MonkeyPatch, model: str, histories: int) -> None:
    """One in a hundred of the hundred thousand of each model in every check, all of them with --long."""
    total: Counter[str] = Counter()
    for seed in range(histories // AT_ONCE):
        total += played_in_memory(monkeypatch, model, seed, AT_ONCE)
    report(model, total, histories)
    assert total["twice"] == total["unapproved"] == total["wrong"] == 0, told_wrong
    if model in A_PERSON_KNOWS:
        assert total["to a person, and could be known"] == 0
    else:
        assert total[states.UNCERTAIN] <= max(CHANCE, histories * TO_A_PERSON_MAX)
    assert total[states.SENT] > histories * (0.8 if model != "none" else 0.5)


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize(
    "seed, size",
    [(0, ON_TABLES), *(pytest.param(n, ON_TABLES_LONG, marks=pytest.mark.long) for n in range(1, 6))],
)
@pytest.mark.timeout(600)
def test_the_tables_and_the_memory_tell_the_same_history(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, model: str, seed: int, size: int
) -> None:
    with monkeypatch.context() as patched:
        on_tables = OnTables(scene, texts(size))
        found = play(patched, on_tables, model, seed)
    clock._frozen_ms = NOW
    with monkeypatch.context() as patched:
        in_memory = InMemory(texts(size))
        in_memory.put_in_place(patched)
        assert play(patched, in_memory, model, seed) == found
    assert [told(row) for row in in_memory.ends()] == [told(row) for row in on_tables.ends()]
    report(model, found, size)
    assert found["twice"] == found["unapproved"] == found["wrong"] == 0, told_wrong


@pytest.mark.more
@pytest.mark.parametrize("model", ["slug", "search"])
def test_the_simulation_can_catch_a_blind_resend(monkeypatch: pytest.MonkeyPatch, model: str) -> None:
    """Broken on purpose: a desk that looks too early is found out."""
    total: Counter[str] = Counter()
    for seed in range(20):
        total += played_in_memory(monkeypatch, model, seed, AT_ONCE, bound_seconds=0)
    assert total["twice"] > 5


@pytest.mark.more
def test_the_simulation_can_catch_words_that_nobody_approved(monkeypatch: pytest.MonkeyPatch) -> None:
    """Broken on purpose: a desk that does not look at the consent again is found out."""
    from tests.flows import remembered

    monkeypatch.setattr(remembered, "_holds", lambda *_, **__: True)
    total = played_in_memory(monkeypatch, "slug", 1, AT_ONCE)
    assert total["unapproved"] > 0


class Desk(Protocol):
    """Deliveries on their way out of one channel, and their jobs."""

    def take(self, limit: int) -> Sequence[Any]: ...
    def do(self, job: Any) -> None: ...
    def next_ms(self) -> int | None: ...
    def is_stopped(self) -> bool: ...
    def reconnect(self) -> None: ...
    def take_back(self, number: int) -> None: ...
    def ends(self) -> Iterator[Any]: ...


class OnTables:
    """A desk on the database of this run."""

    def __init__(self, scene: Scene, texts: list[str]) -> None:
        Job.objects.exclude(kind="delivery").delete()  # nobody polls here
        self.scene, self.rows = scene, [scene.deliver(text) for text in texts]

    def take(self, limit: int) -> Sequence[Job]:
        return jobs.take_due(limit)

    def do(self, job: Job) -> None:
        """As a Runner does one; a worker that dies leaves its lease behind and writes nothing."""
        runner = jobs.Runner(None)
        before = jobs.take_due
        try:
            jobs.take_due = lambda limit: [job]
            runner.start(1)
            runner.finish()
        except WorkerDied:
            pass
        finally:
            jobs.take_due = before

    def next_ms(self) -> int | None:
        waiting = Job.objects.filter(state=Job.WAITING)
        return min((max(one.due_at, one.lease_until) for one in waiting), default=None)

    def is_stopped(self) -> bool:
        self.scene.channel.refresh_from_db()
        return bool(self.scene.channel.state == Channel.STOPPED)

    def reconnect(self) -> None:
        Channel.objects.filter(pk=self.scene.channel.pk).update(state=Channel.OPEN)
        connect.delivery.wake(self.scene.channel)

    def take_back(self, number: int) -> None:
        thing = self.rows[number].consent.thing
        consents.void(thing, by_actor="s:test", reason="The words changed.")

    def ends(self) -> Iterator[Delivery]:
        return iter(Delivery.objects.filter(pk__in=[row.pk for row in self.rows]).order_by("pk"))


def texts(count: int) -> list[str]:
    return [f"{number} 공지 公告 bericht" for number in range(count)]


def played_in_memory(
    monkeypatch: pytest.MonkeyPatch, model: str, seed: int, size: int, **how: Any
) -> Counter[str]:
    with monkeypatch.context() as patched, clock.frozen(NOW):
        desk = InMemory(texts(size))
        desk.put_in_place(patched)
        return play(patched, desk, model, seed, **how)


def play(
    patched: pytest.MonkeyPatch, desk: Desk, model: str, seed: int, bound_seconds: int | None = None
) -> Counter[str]:
    """All deliveries of the desk at once, until all have come to rest; what became of them."""
    dice, how = random.Random(f"{model}:{seed}"), MODELS[model]
    Simulated.network = network = Network(dice, how)
    patched.setattr(connectors, "connector_of", lambda channel, **_: Simulated(Grant(settings={})))
    bound = how.late_seconds if bound_seconds is None else bound_seconds
    for room in (attempt, delivery, onward):
        patched.setattr(room, "network", lambda name: Data(Doubt(model, bound, max(how.key_hours, 0))))
    chosen = {number for number, _ in enumerate(desk.ends()) if dice.random() < TAKEN_BACK_SHARE}
    voided: dict[int, int] = {}
    for _ in range(ROUNDS_MAX):
        for number in sorted(chosen - voided.keys()):
            if dice.random() < 0.2:  # somebody changes words that were approved, at any moment
                desk.take_back(number)
                voided[number] = clock.now_ms()
        if not one_round(desk, network):
            return counted(network, list(desk.ends()), voided, f"{model} {seed}")
    raise AssertionError("the histories do not come to an end")


class Doubt:
    """What a data file says of lost answers."""

    def __init__(self, strategy: str, late_acceptance_seconds: int, key_hours: int) -> None:
        self.strategy, self.key_hours = strategy, key_hours
        self.late_acceptance_seconds = late_acceptance_seconds


class Data:
    """As much of a data file as is asked for."""

    def __init__(self, doubt: Doubt) -> None:
        self.doubt = doubt


def one_round(desk: Desk, network: Network) -> bool:
    """Does what is due with workers that may die, then moves the clock to what is due next."""
    taken = desk.take(TAKEN_AT_ONCE)
    for job in taken:
        desk.do(job)
    if taken:
        return True
    if desk.next_ms() is None:
        return False
    if desk.is_stopped():  # a person connects it again, a minute later
        clock._frozen_ms = clock.now_ms() + RECONNECT_AFTER_SECONDS * 1000
        network.grant_is_good = True
        desk.reconnect()
    ahead = desk.next_ms()
    assert ahead is not None
    clock._frozen_ms = max(clock.now_ms() + 1, ahead)
    return True


def counted(network: Network, rows: list[Any], voided: dict[int, int], name: str) -> Counter[str]:
    """Where the histories ended, what they met, and what must not be."""
    found = Counter(row.state for row in rows)
    for number, row in enumerate(rows):
        there = len(network.accepted.get(row.key, []))
        for what in wrong(row, there, voided.get(number)):
            told_wrong.append(f"{name} history {number}: {what}, {there} there, {told(row)}")
            found[what] += 1
        uncertain = row.state == states.UNCERTAIN
        found["to a person, and could be known"] += uncertain and row.key not in network.unanswered
    network.happened["reordered"] += network.reordered()
    return found + Counter({f"met: {what}": times for what, times in network.happened.items()})


def wrong(row: Any, there: int, voided_ms: int | None) -> list[str]:
    found = ["twice"] if there > 1 else []
    begun = [one.started_at for one in row.attempts.filter(act="send")]
    if voided_ms is not None and any(started > voided_ms for started in begun):
        found.append("unapproved")
    if row.state not in {states.SENT, states.REFUSED, states.UNCERTAIN, states.WITHDRAWN}:
        found.append("wrong")
    asked = row.state == states.UNCERTAIN or "may be there" in str(row.note)  # a person is told to look
    if (row.state == states.SENT) > (there > 0) or (there and row.state != states.SENT and not asked):
        found.append("wrong")
    return found


def told(row: Any) -> tuple[Any, ...]:
    """A history as it ended, call by call."""
    calls = [
        (one.number, one.act, one.started_at, one.ended_at, one.outcome)
        for one in row.attempts.order_by("number")
    ]
    return row.state, row.tries, row.state_at, str(row.note), calls


told_wrong: list[str] = []


def report(model: str, total: Counter[str], histories: int) -> None:
    """Prints how many ended where and what they met, and counts it for the table of faults."""
    sys.stdout.write(f"\n{histories} histories of sending, {model}\n")
    for what, times in sorted(total.items(), key=lambda one: (":" in one[0], one)):
        sys.stdout.write(f"{times:>8} {what if ':' in what else f'ends: {what}'}\n")
    bad = {"twice": total["twice"], "inconsistent": total["unapproved"] + total["wrong"]}
    for number, met in OF_FAULTS.items():
        faults.tell(number, injected=sum(total[f"met: {one}"] for one in met), **bad)
        bad = {}  # said once


OF_FAULTS = {
    15: ("worker dies before",), 16: ("worker dies after",), 17: ("dropped after", "dropped before"),
    18: ("accepted late", "delayed, pending"), 19: ("5xx, taken", "5xx, not taken", "garbage, taken",
    "garbage, not taken", "garbage", "5xx", "half of it"), 20: ("429",), 21: ("dead token",),
}  # fmt: skip
