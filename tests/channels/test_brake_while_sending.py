"""The brake is pulled while calls are under way (fault 25): nothing new goes out, what is unknown is settled.

And a thousand times the same hook (fault 28).
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from bankside.channels import connectors, freeze, intake
from bankside.channels.models import Attempt, Delivery, Item
from bankside.networks import contract
from bankside.networks.contract import Grant
from bankside.record import clock, jobs
from bankside.record.models import Entry, Job
from tests import faults
from tests.scene import NOW, Scene

AT_ONCE = 4
WAITING = 12
TIMES = 1000
SECONDS_MAX = 60

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    with clock.frozen(NOW):
        yield Scene(tmp_path / "network")


@dataclass
class Slow:
    """A network that answers when it is told to, and loses every second answer."""

    go: threading.Event = field(default_factory=threading.Event)
    called: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    there: Counter[str] = field(default_factory=Counter)
    lock: threading.Lock = field(default_factory=threading.Lock)


class Slowly(contract.Connector):
    """Our side of it."""

    network: Slow

    def can(self, operation: str) -> bool:
        return operation in {"send", "find", "preview"}

    def send(self, post: contract.Post, key: str) -> contract.Receipt:
        self.network.called.release()
        assert self.network.go.wait(SECONDS_MAX)
        with self.network.lock:
            self.network.there[key] += 1
            if len(self.network.there) % 2:
                raise contract.Uncertain("The connection broke.")
        return contract.Receipt(remote_id=key, url=f"https://slow.example/{key}")

    def find(self, key: str, post: contract.Post) -> contract.Receipt | None:
        return contract.Receipt(remote_id=key) if self.network.there[key] else None


def test_nothing_new_goes_out_once_the_brake_is_pulled_and_what_is_unknown_is_settled(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    Slowly.network = slow = Slow()
    monkeypatch.setattr(connectors, "connector_of", lambda channel, **_: Slowly(Grant(settings={})))
    Job.objects.exclude(kind="delivery").delete()
    keys = [scene.deliver(f"{number} 公告").key for number in range(WAITING)]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        runner = jobs.Runner(pool)
        runner.step(AT_ONCE)
        for _ in range(AT_ONCE):
            assert slow.called.acquire(timeout=SECONDS_MAX)
        freeze.freeze(scene.people["approver"], "Stop.")
        pulled = clock.now_ms()
        slow.go.set()
        for _ in range(SECONDS_MAX):
            step_on(scene, runner)
    begun = Attempt.objects.filter(act="send", started_at__gt=pulled).count()
    states = Counter(Delivery.objects.values_list("state", flat=True))
    faults.tell(25, injected=AT_ONCE, twice=begun, inconsistent=states["doubtful"] + states["sending"])
    assert begun == 0
    assert states == {"sent": AT_ONCE, "waiting": WAITING - AT_ONCE}, "unknown ones are found, by reading"
    assert slow.there.total() == AT_ONCE
    assert freeze.unfreeze(scene.people["administrator"], "Go.")
    for _ in range(SECONDS_MAX):
        step_on(scene, jobs.Runner(None))
    assert slow.there == dict.fromkeys(keys, 1)
    assert set(Delivery.objects.values_list("state", flat=True)) == {"sent"}


def step_on(scene: Scene, runner: jobs.Runner) -> None:
    """A second passes; what is under way may end."""
    while runner.step(AT_ONCE) or runner.busy:
        runner.finish(wait_seconds=1)
    scene.moment += 1000
    clock._frozen_ms = scene.moment


def test_the_same_hook_a_thousand_times_is_one_item(scene: Scene) -> None:
    """Fault 28."""
    request = scene.network.hook_request(scene.network.customer_says("여보세요?", by="jan", lang="ko"))
    answers = Counter(
        intake.receive(
            scene.channel.hook, method=one.method, path=one.path, query=one.query, headers=one.headers,
            body=one.body,
        ).status
        for one in (replace(request) for _ in range(TIMES))
    )  # fmt: skip
    scene.work()
    kept = Entry.objects.filter(fact="channels.activity-received").count()
    faults.tell(28, injected=TIMES, lost=int(kept == 0), twice=max(0, kept - 1))
    assert answers == {200: TIMES}
    assert (Item.objects.count(), kept) == (1, 1)
