"""What a channel costs: metered once, day by day, and stopped at its ceiling."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from bankside.channels import attempt, connect, form, meter
from bankside.channels import delivery as deliveries
from bankside.channels.models import Channel, Delivery, Meter
from bankside.networks.catalogue import network
from bankside.networks.declared import Price
from bankside.record import clock
from bankside.record.facts.channels import Words
from bankside.record.models import Entry
from tests.channels import by_hand_networks as networks
from tests.scene import NOW, Scene

pytestmark = pytest.mark.django_db

PRICES = {"post": "0.015", "post-with-link": "0.200", "reply": "0.010", "read": "0.005"}
HOURS = 3_600


@pytest.fixture
def scene(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Scene]:
    prices = tuple(Price(act=act, amount=amount, currency="USD") for act, amount in PRICES.items())  # type: ignore[arg-type]
    networks.put_up(monkeypatch, msgspec.structs.replace(network("practice"), prices=prices))
    with clock.frozen(NOW):
        yield Scene(tmp_path / "network")


def ceiling(scene: Scene, amount: str) -> None:
    settings = {form.CEILING_SETTING: amount}
    scene.channel = connect.reconnect(scene.people["administrator"], scene.channel, settings=settings)


def state(delivery: Delivery) -> str:
    return Delivery.objects.get(pk=delivery.pk).state


def day(scene: Scene) -> meter.Day:
    found = meter.today(Channel.objects.get(pk=scene.channel.pk), scene.moment)
    assert found
    return found


def test_what_went_out_is_added_once(scene: Scene) -> None:
    first = scene.deliver("점검")
    scene.deliver("보고서 https://hanulbank.example/2026")
    scene.work()
    assert (day(scene).sent, day(scene).read, day(scene).ceiling) == ("0.215 USD", "0 USD", "")
    with pytest.raises(deliveries.TooLate):
        deliveries.decide(scene.people["approver"], first, decision="there", evidence="gezien")
    attempt._after(first.obj, 1, attempt.contract.Receipt(remote_id="again"))
    assert day(scene).sent == "0.215 USD"
    assert meter.spent_today([scene.channel], scene.moment) == {scene.channel.pk: "0.215 USD"}
    scene.later(24 * HOURS)
    assert day(scene).sent == "0 USD"
    assert Meter.objects.count() == 1


def test_what_is_refused_or_taken_back_costs_nothing(scene: Scene) -> None:
    scene.network.fail_next("send", "refused")
    scene.deliver("hello")
    deliveries.withdraw(scene.deliver("다시"), by_actor="s:test", reason="nee")
    scene.work()
    assert day(scene).sent == "0 USD"


def test_what_a_person_found_there_was_charged(scene: Scene) -> None:
    scene.channel = scene.connect("Blind", scene.folder.parent / "blind", lookup="no")
    scene.folder = scene.folder.parent / "blind"
    delivery = scene.deliver("hello")
    scene.network.fail_next("send", "uncertain-after")
    scene.work()
    deliveries.decide(scene.people["approver"], delivery, decision="there", evidence="het staat er")
    assert day(scene).sent == "0.015 USD"


def test_the_addition_falls_with_what_it_belongs_to(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    delivery = scene.deliver("hello")
    with monkeypatch.context() as broken:
        broken.setattr(meter, "sent", lambda row: 1 // 0)
        scene.work()
    assert state(delivery) == "sending" and day(scene).sent == "0 USD"
    scene.later(600)
    scene.later(10)
    assert state(delivery) == "sent" and day(scene).sent == "0.015 USD"


def test_what_was_read_is_added_by_the_item(scene: Scene) -> None:
    for number in range(3):
        scene.network.customer_says(f"질문 {number}", name="박서준", lang="ko")
    scene.later(120)
    assert day(scene).read == "0.015 USD"
    scene.later(120)
    assert day(scene).read == "0.015 USD"


def test_what_would_pass_the_ceiling_waits_for_the_next_day(scene: Scene) -> None:
    ceiling(scene, "0.03")
    rows = [scene.deliver(text) for text in ("하나", "둘", "셋")]
    scene.work()
    assert [state(row) for row in rows] == ["sent", "sent", "waiting"]
    last = Delivery.objects.get(pk=rows[2].pk)
    assert last.due_at == clock.from_iso("2026-11-25T00:00:00Z") and "ceiling" in last.note
    assert (day(scene).ceiling, day(scene).put_off) == ("0.03 USD", 1)
    scene.later(13 * HOURS)
    assert state(last) == "waiting"
    assert Entry.objects.filter(fact="channels.delivery-delayed").count() == 1
    scene.later(1 * HOURS)
    assert state(last) == "sent" and len(scene.network.posts("post")) == 3
    assert day(scene).sent == "0.015 USD"


def test_what_may_be_charged_any_moment_counts(scene: Scene) -> None:
    ceiling(scene, "0.02")
    first, second = scene.deliver("하나"), scene.deliver("둘")
    scene.network.fail_next("send", "pending")
    scene.work()
    assert (state(first), state(second)) == ("pending", "waiting")
    scene.later(10)
    assert day(scene).sent == "0.015 USD" and state(second) == "waiting"


def test_reading_counts_too(scene: Scene) -> None:
    ceiling(scene, "0.02")
    for number in range(2):
        scene.network.customer_says(f"질문 {number}", name="박서준", lang="ko")
    scene.later(120)
    delivery = scene.deliver("hello")
    scene.work()
    assert day(scene).read == "0.01 USD" and state(delivery) == "waiting"


def test_what_costs_more_than_a_day_may_goes_to_a_person(scene: Scene) -> None:
    ceiling(scene, "0.1")
    delivery = scene.deliver("https://hanulbank.example/2026")
    scene.work()
    assert state(delivery) == "refused" and scene.network.posts("post") == []
    ceiling(scene, "0")
    deliveries.decide(scene.people["approver"], delivery, decision="again", evidence="grens weg")
    scene.work()
    assert state(delivery) == "sent" and day(scene).ceiling == ""


def test_the_ceiling_stays_when_something_else_changes(scene: Scene) -> None:
    ceiling(scene, "2.50")
    changed = connect.reconnect(scene.people["administrator"], scene.channel, settings={"poll_seconds": "9"})
    assert changed.settings[form.CEILING_SETTING] == "2.5" and changed.poll_seconds == 9


@pytest.mark.parametrize("amount", ["-1", "veel", "1,5"])
def test_a_ceiling_that_is_none_is_refused(scene: Scene, amount: str) -> None:
    with pytest.raises(connect.NotConnected, match=r"such as 2\.50"):
        ceiling(scene, amount)


def test_without_prices_there_is_neither_field_nor_meter(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert form.CEILING_SETTING in {f.name for f in form.network_info("practice").fields}
    free = msgspec.structs.replace(network("practice"), prices=())
    networks.put_up(monkeypatch, free)
    assert form.CEILING_SETTING not in {f.name for f in form.network_info("practice").fields}
    assert meter.today(scene.channel, scene.moment) is None
    assert meter.cost(scene.channel, Words(text="x")) is None
    scene.deliver("hello")
    scene.work()
    assert not Meter.objects.exists()
    with pytest.raises(connect.NotConnected, match="is not a setting"):
        ceiling(scene, "1")
