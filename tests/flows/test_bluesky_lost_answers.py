"""A real server takes the post, the answer is lost on the way: there is exactly one post, and we know it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from bankside.channels import connect
from bankside.channels.models import Delivery
from bankside.networks.catalogue import NetworkData, network
from bankside.record import clock
from tests.scene import Scene
from tests.servers.bluesky import Bluesky, Person

TRIES, TRIES_LONG = 20, 200

pytestmark = [pytest.mark.server("bluesky"), pytest.mark.django_db, pytest.mark.timeout(1800)]


@dataclass
class Dropping(httpx.BaseTransport):
    """Lets every request through to the server and, while armed, loses the answer to a new record."""

    armed: bool = False
    lost: int = 0

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        with httpx.HTTPTransport() as sockets:
            there = sockets.handle_request(request)
            answer = httpx.Response(
                there.status_code, headers=there.headers, stream=httpx.ByteStream(b"".join(there.stream))
            )
        if self.armed and request.url.path.endswith("/com.atproto.repo.putRecord"):
            self.lost += 1
            self.armed = False
            raise httpx.ReadError("the answer was lost on the way")
        return answer


@pytest.fixture
def dropping(monkeypatch: pytest.MonkeyPatch) -> Dropping:
    transport, plain = Dropping(), NetworkData.wire

    def wire(self: NetworkData, *given: Any, **how: Any) -> Any:
        return plain(self, *given, **{**how, "transport": transport})

    monkeypatch.setattr(NetworkData, "wire", wire)
    return transport


@pytest.fixture
def bank(bluesky: Bluesky) -> Person:
    return bluesky.account("hanulbank")


@pytest.fixture
def scene(
    tmp_path: Path, bluesky: Bluesky, bank: Person, settings: Any, dropping: Dropping
) -> Iterator[Scene]:
    settings.WIRE_PRIVATE_HOSTS = frozenset({bluesky.host, bluesky.plc.removeprefix("http://")})
    now = clock.now_ms()
    with clock.frozen(now):
        scene = Scene(tmp_path / "network", moment=now)
        scene.channel = connect.add(
            scene.people["administrator"], "bluesky", name="Bluesky", team=scene.team,
            settings={**bluesky.settings(bank), "directory": bluesky.plc},
            secrets={"app_password": bank.app_password()},
        )  # fmt: skip
        yield scene


@pytest.mark.parametrize("tries", [TRIES, pytest.param(TRIES_LONG, marks=pytest.mark.long)])
def test_a_lost_answer_leaves_exactly_one_post_in_every_try(
    scene: Scene, dropping: Dropping, bluesky: Bluesky, bank: Person, tries: int
) -> None:
    asked = bluesky.account("kim").post("질문 있습니다")
    bluesky.wait_for(asked.uri)
    deliveries = []
    for number in range(tries):
        dropping.armed = True
        answers = {"in_reply_to": asked.uri, "thread": asked.uri} if number % 4 == 3 else {}
        deliveries.append(scene.deliver(f"연차보고서 {number} 年报 jaarverslag", **answers))
        scene.work()
    assert dropping.lost == tries
    assert states(deliveries) == {"doubtful"}
    scene.later(network("bluesky").doubt.late_acceptance_seconds + 1)
    assert states(deliveries) == {"sent"}
    records = bank.records()
    assert len(records) == tries
    assert sorted(row["value"]["text"] for row in records) == sorted(
        f"연차보고서 {number} 年报 jaarverslag" for number in range(tries)
    )
    known = {Delivery.objects.get(pk=d.pk).remote_id for d in deliveries}
    assert known == {row["uri"] for row in records}
    assert all(d.attempts.filter(act="send").count() == 1 for d in deliveries), "nothing was sent again"


def states(deliveries: list[Delivery]) -> set[str]:
    keys = [delivery.pk for delivery in deliveries]
    return set(Delivery.objects.filter(pk__in=keys).values_list("state", flat=True))
