"""Where the key-encryption key lies is away for ten minutes (fault 40): nothing is lost, nothing half kept.

Stands for a store of keys that does not answer: the key file is moved away. A desk that has opened its keys
goes on taking in; one that starts meanwhile tells the network to come again, and reads nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from bankside.channels import intake
from bankside.channels.models import Item
from bankside.record import clock, kek, keys, subjects
from bankside.record.founding import forget
from bankside.record.models import Entry
from bankside.record.projection import payload_of
from tests import faults
from tests.record.key_stubs import Clock
from tests.scene import NOW, Scene

AWAY_SECONDS = 600

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    with clock.frozen(NOW):
        yield Scene(tmp_path / "network")


@contextmanager
def keys_away(*, remembered: bool) -> Iterator[None]:
    """`remembered`: by a process that has opened them before."""
    file = settings.KEK_FILE
    away = file.with_name("elsewhere")
    file.rename(away)
    try:
        if not remembered:
            forgotten()
        yield
    finally:
        away.rename(file)
        forgotten()


def forgotten() -> None:
    forget()
    subjects.forget()


def said(scene: Scene, words: str) -> Any:
    request = scene.network.hook_request(scene.network.customer_says(words, lang="ko"))
    return lambda: intake.receive(
        scene.channel.hook, method=request.method, path=request.path, query=request.query,
        headers=request.headers, body=request.body,
    ).status  # fmt: skip


def received() -> int:
    return Entry.objects.filter(fact="channels.activity-received").count()


def test_a_desk_that_has_opened_its_keys_goes_on_taking_in(scene: Scene) -> None:
    scene.work()
    with keys_away(remembered=True):
        statuses = [said(scene, f"{number} 카드가 안 돼요")() for number in range(5)]
        scene.later(AWAY_SECONDS)
    scene.later(60)
    faults.tell(40, injected=5, lost=5 - received() if set(statuses) == {200} else 0)
    assert (set(statuses), received()) == ({200}, 5)


def test_one_that_starts_meanwhile_keeps_nothing_by_half_and_reads_nothing(scene: Scene) -> None:
    assert said(scene, "먼저 온 말")() == 200
    scene.work()
    [first] = Entry.objects.filter(fact="channels.activity-received")
    later = said(scene, "我的卡丢了")
    with keys_away(remembered=False):
        with pytest.raises(keys.KeyMissing):
            payload_of(first.n)
        with pytest.raises(keys.KeyMissing):  # no answer is given: the network has to come again
            later()
        kept = Item.objects.count() - 1
    assert later() == 200
    scene.later(60)
    faults.tell(40, injected=2, lost=int(received() < 2), twice=max(0, received() - 2), inconsistent=kept)
    assert (kept, received()) == (0, 2)
    assert payload_of(first.n) is not None


def test_beyond_the_lease_hooks_are_kept_reading_fails_and_all_comes_back_alone(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process that has opened its keys before; its lease of 15 minutes ends while the keys are away."""
    lease = Clock()
    forgotten()
    monkeypatch.setattr(kek, "_now", lease)
    statuses = [said(scene, "먼저 온 말")()]
    scene.work()
    [first] = Entry.objects.filter(fact="channels.activity-received")
    file = settings.KEK_FILE
    away = file.rename(file.with_name("elsewhere"))
    try:
        for _ in range(AWAY_SECONDS // 60):
            lease.later(1)
            statuses.append(said(scene, "我的卡丢了")())
        assert payload_of(first.n) is not None and received() == 1
        lease.later(10)
        for refused in (lambda: payload_of(first.n), scene.work):
            with pytest.raises(keys.WrappingKeyMissing):
                refused()
        statuses += [said(scene, f"{number} nog een vraag")() for number in range(3)]
    finally:
        away.rename(file)
    lease.later(1)
    scene.later(60)
    lost = len(statuses) - received()
    faults.tell(40, injected=len(statuses) - 1, lost=lost if set(statuses) == {200} else 0)
    assert (set(statuses), lost) == ({200}, 0) and payload_of(first.n) is not None
