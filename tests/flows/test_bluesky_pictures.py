"""A picture in a post on a real Bluesky network: fetched from where the network shows it, kept here."""

from __future__ import annotations

import io
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from bankside.channels import connect, pictures
from bankside.inbox.models import Message
from bankside.networks.catalogue import network
from bankside.record import clock
from bankside.record.models import Entry
from bankside.record.projection import payload_of
from tests.networks.bluesky_desk import image
from tests.scene import Scene
from tests.servers.bluesky import Bluesky, Person

pytestmark = [pytest.mark.server("bluesky"), pytest.mark.django_db, pytest.mark.timeout(300)]
ARRIVES_SECONDS_MAX = 60


@pytest.fixture
def bank(bluesky: Bluesky) -> Person:
    return bluesky.account("hanulbank")


@pytest.fixture
def scene(tmp_path: Path, bluesky: Bluesky, bank: Person, settings: Any) -> Iterator[Scene]:
    settings.MEDIA_FOLDER = tmp_path / "media"
    hosts = (address.removeprefix("http://") for address in (bluesky.url, bluesky.plc, bluesky.appview))
    settings.WIRE_PRIVATE_HOSTS = frozenset(hosts)
    scene = Scene(tmp_path / "network", moment=clock.now_ms())
    connect.remove(scene.people["administrator"], scene.channel)
    yield scene


def connected(scene: Scene, bluesky: Bluesky, bank: Person, **more: str) -> None:
    scene.channel = connect.add(
        scene.people["administrator"], "bluesky", name="Bluesky", team=scene.team,
        settings={**bluesky.settings(bank), "directory": bluesky.plc, "poll_seconds": "1", **more},
        secrets={"app_password": bank.app_password()},
    )  # fmt: skip
    scene.work()


def shown(scene: Scene, bluesky: Bluesky, bank: Person) -> dict[str, str]:
    """What the desk knows of a picture that somebody shows the bank, when its outcome is there."""
    name = f"@{bank.handle}"
    feature = {"$type": "app.bsky.richtext.facet#mention", "did": bank.did}
    facet = {"index": {"byteStart": 0, "byteEnd": len(name)}, "features": [feature]}
    picture = image("green", "groen").data
    said = bluesky.account("sanne").show(f"{name} kijk", picture, "Foutcode 7", facets=[facet])
    bluesky.wait_for(said.uri)
    ends = time.monotonic() + ARRIVES_SECONDS_MAX
    while time.monotonic() < ends:
        scene.work()
        found = Message.objects.filter(remote_id=said.uri).first()
        if found and {"picture", "missed"} & found.attachments[0].keys():
            return dict(found.attachments[0])
        time.sleep(0.2)
    raise AssertionError("neither a picture nor a reason came")


def test_a_picture_of_a_post_is_kept_at_the_desk(scene: Scene, bluesky: Bluesky, bank: Person) -> None:
    connected(scene, bluesky, bank, pictures=bluesky.appview)
    file = shown(scene, bluesky, bank)
    assert file["alt"] == "Foutcode 7" and file["url"].startswith(f"{bluesky.appview}/img/")
    entry = Entry.objects.get(fact=pictures.KEPT)
    content = pictures.read(*pictures.get(entry.lane, entry.obj, file["picture"]))
    drawn = Image.open(io.BytesIO(content))
    assert (str(drawn.width), str(drawn.height)) == (file["width"], file["height"])
    red, green, blue = drawn.convert("RGB").getpixel((5, 5))  # type: ignore[misc]
    assert green > 100 > red and blue < 30


def test_where_its_place_is_not_known_the_link_stays(scene: Scene, bluesky: Bluesky, bank: Person) -> None:
    connected(scene, bluesky, bank)
    file = shown(scene, bluesky, bank)
    assert "not one of the hosts" in file["trouble"] and file["url"]
    [fact] = [payload_of(e.n) for e in Entry.objects.filter(fact=pictures.MISSED)]
    assert fact.reason == file["trouble"]


def test_the_networks_own_place_needs_no_setting() -> None:
    data = network("bluesky")
    assert data.pictures is not None and data.pictures.chosen({}) == {"cdn.bsky.app"}
