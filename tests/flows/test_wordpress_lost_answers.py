"""A real blog takes the post, the answer is lost on the way: there is exactly one post, and we know it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from bankside.channels import connect
from bankside.channels.models import Delivery
from bankside.networks.catalogue import NetworkData
from bankside.record import clock
from tests.scene import NOW, Scene
from tests.servers.wordpress import WordPress

TRIES, TRIES_LONG = 40, 200

pytestmark = [pytest.mark.server("wordpress"), pytest.mark.django_db, pytest.mark.timeout(1800)]


@dataclass
class Dropping(httpx.BaseTransport):
    """Lets every request through to the server and, while armed, loses the answer to a new one."""

    armed: bool = False
    lost: int = 0

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        with httpx.HTTPTransport() as sockets:
            there = sockets.handle_request(request)
            answer = httpx.Response(
                there.status_code, headers=there.headers, stream=httpx.ByteStream(b"".join(there.stream))
            )
        if self.armed and request.method == "POST" and request.url.path.endswith(("/posts", "/comments")):
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
def scene(tmp_path: Path, wordpress: WordPress, settings: Any, dropping: Dropping) -> Iterator[Scene]:
    settings.WIRE_PRIVATE_HOSTS = frozenset({wordpress.host})
    with clock.frozen(NOW):
        scene = Scene(tmp_path / "network")
        scene.channel = connect.add(
            scene.people["administrator"], "wordpress", name="Blog", team=scene.team,
            settings=wordpress.settings, secrets=wordpress.secrets,
        )  # fmt: skip
        yield scene


@pytest.mark.parametrize("tries", [TRIES, pytest.param(TRIES_LONG, marks=pytest.mark.long)])
def test_a_lost_answer_leaves_exactly_one_post_in_every_try(
    scene: Scene, dropping: Dropping, wordpress: WordPress, tries: int
) -> None:
    before = wordpress_count(wordpress)
    deliveries = []
    for number in range(tries):
        dropping.armed = True
        deliveries.append(
            scene.deliver(f"연차보고서 {number} 年报 jaarverslag", title=f"Report {number}", kind="article")
        )
        scene.work()
    assert dropping.lost == tries
    assert states(deliveries) == {"doubtful"}
    scene.later(36)
    assert states(deliveries) == {"sent"}
    assert wordpress_count(wordpress) - before == tries
    titles = [Delivery.objects.get(pk=d.pk).url for d in deliveries]
    assert len(set(titles)) == tries
    assert all(d.attempts.filter(act="send").count() == 1 for d in deliveries), "nothing was sent again"


def states(deliveries: list[Delivery]) -> set[str]:
    keys = [delivery.pk for delivery in deliveries]
    return set(Delivery.objects.filter(pk__in=keys).values_list("state", flat=True))


def wordpress_count(blog: WordPress) -> int:
    """How many posts the blog itself counts, whatever their state."""
    with httpx.Client(auth=(blog.user, blog.app_password), timeout=20) as owner:
        query = {"context": "edit", "status": "any", "per_page": 1}
        return int(owner.get(f"{blog.url}/wp-json/wp/v2/posts", params=query).headers["x-wp-total"])
