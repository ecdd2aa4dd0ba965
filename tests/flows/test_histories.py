"""Random histories on a simulated network: nothing twice, nothing unapproved, next to nothing to a person."""

from __future__ import annotations

import random
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bankside.approvals import consent as consents
from bankside.channels import connect, connectors
from bankside.channels import delivery_states as states
from bankside.channels.models import Attempt, Channel, Delivery
from bankside.networks.contract import Grant
from bankside.record import clock, jobs
from bankside.record.models import Job
from tests.flows.simulated import Network, Simulated, WorkerDied
from tests.scene import NOW, Scene

AT_ONCE = 100
ROUNDS_MAX = 4000
RECONNECT_AFTER_SECONDS = 60
TAKEN_BACK_SHARE = 0.05
TO_A_PERSON_MAX = 0.001
ended: Counter[str] = Counter()

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    with clock.frozen(NOW):
        yield Scene(tmp_path / "network")


@pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=pytest.mark.more) for seed in range(1, 10))])
@pytest.mark.timeout(300)
def test_a_thousand_histories(scene: Scene, monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
    report(play(scene, monkeypatch, seed=seed, histories=AT_ONCE), AT_ONCE)


@pytest.mark.long
@pytest.mark.parametrize("seed", range(1000, 1990))
@pytest.mark.timeout(600)
def test_the_rest_of_a_hundred_thousand(scene: Scene, monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
    report(play(scene, monkeypatch, seed=seed, histories=AT_ONCE), AT_ONCE)


def play(scene: Scene, monkeypatch: pytest.MonkeyPatch, *, seed: int, histories: int) -> Counter[str]:
    """So many deliveries at once, until all have come to rest; what became of them."""
    dice = random.Random(seed)
    Simulated.network = network = Network(dice)
    monkeypatch.setattr(connectors, "connector_of", lambda channel, **_: Simulated(Grant(settings={})))
    Job.objects.exclude(kind="delivery").delete()  # nobody polls here
    deliveries = [scene.deliver(f"{number} 공지 公告 bericht") for number in range(histories)]
    taken_back = {d.version for d in deliveries if dice.random() < TAKEN_BACK_SHARE}
    for _ in range(ROUNDS_MAX):
        take_back_some(scene, deliveries, taken_back, dice)
        if not one_round(scene, network):
            break
    else:
        raise AssertionError("the histories do not come to an end")
    return counted(network, deliveries, seed)


def one_round(scene: Scene, network: Network) -> bool:
    """Does what is due with workers that may die, then moves the clock to what is due next."""
    taken = jobs.take_due(50)
    for job in taken:
        with_a_mortal_worker(job)
    if taken:
        return True
    waiting = Job.objects.filter(state=Job.WAITING)
    if not waiting.exists():
        return False
    heal(scene, network)
    ahead = min(max(job.due_at, job.lease_until) for job in waiting)
    scene.moment = max(scene.moment + 1, ahead)
    clock._frozen_ms = scene.moment
    return True


def with_a_mortal_worker(job: Job) -> None:
    """One job as a Runner does it; a worker that dies leaves its lease behind and writes nothing."""
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


def heal(scene: Scene, network: Network) -> None:
    """A person connects a stopped channel again, a minute later."""
    scene.channel.refresh_from_db()
    if scene.channel.state == Channel.STOPPED:
        scene.moment += RECONNECT_AFTER_SECONDS * 1000
        clock._frozen_ms = scene.moment
        network.grant_is_good = True
        Channel.objects.filter(pk=scene.channel.pk).update(state=Channel.OPEN)
        connect.delivery.wake(scene.channel)


def take_back_some(scene: Scene, all_of: list[Delivery], chosen: set[str], dice: random.Random) -> None:
    """Somebody changes words that were approved, at any moment; what is not out by then must never be."""
    for delivery in all_of:
        if delivery.version in chosen and dice.random() < 0.2:
            chosen.discard(delivery.version)
            consents.void(delivery.consent.thing, by_actor="s:test", reason="The words changed.")
            voided[delivery.key] = scene.moment


voided: dict[str, int] = {}


def counted(network: Network, deliveries: list[Delivery], seed: int) -> Counter[str]:
    rows = Delivery.objects.filter(pk__in=[d.pk for d in deliveries])
    outcome = Counter(rows.values_list("state", flat=True))
    assert set(outcome) <= {states.SENT, states.REFUSED, states.UNCERTAIN, states.WITHDRAWN}, outcome
    for row in rows:
        there = len(network.accepted.get(row.key, []))
        assert there <= 1, f"seed {seed}: {row.key} is there {there} times"
        assert (row.state == states.SENT) <= (there == 1), f"seed {seed}: {row.key} is said to be sent"
        assert row.state in {states.SENT, states.UNCERTAIN} or there == 0, (
            f"seed {seed}: {row.key} {row.state}"
        )
        begun = Attempt.objects.filter(delivery=row, act="send").order_by("-started_at").first()
        if row.key in voided and begun:
            assert begun.started_at <= voided[row.key], f"seed {seed}: sent after it was taken back"
    network.happened["reordered"] += network.reordered()
    return outcome + Counter({f"met: {what}": times for what, times in network.happened.items()})


def report(outcome: Counter[str], histories: int) -> None:
    """Prints how many ended where and what they met, and adds them to all that were played."""
    sys.stdout.write(f"\n{histories} histories of sending\n")
    for what, times in sorted(outcome.items(), key=lambda one: (":" in one[0], one)):
        sys.stdout.write(f"{times:>8} {what if ':' in what else f'ends: {what}'}\n")
    ended.update({state: outcome[state] for state in (states.SENT, states.UNCERTAIN)}, histories=histories)
    assert outcome[states.SENT] > histories * 0.8


def test_next_to_nothing_goes_to_a_person() -> None:
    """Of all that were played before: two of one hundred are no breach, two of one thousand are."""
    if not ended["histories"]:
        pytest.skip("no histories were played before this")
    assert ended[states.UNCERTAIN] <= max(1, ended["histories"] * TO_A_PERSON_MAX)


@pytest.mark.more
def test_the_simulation_can_catch_a_blind_resend(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """Broken on purpose: a desk that looks too early, or not at all, is found out."""
    from bankside.channels import attempt

    class Impatient:
        late_acceptance_seconds = 0

    def impatient(name: str) -> Any:
        return type("Data", (), {"doubt": Impatient})

    monkeypatch.setattr(attempt, "network", impatient)
    with pytest.raises(AssertionError, match="is there 2 times"):
        for seed in range(20):
            play(scene, monkeypatch, seed=seed, histories=40)
