from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bankside.channels import connectors
from bankside.channels.models import Channel
from bankside.networks.catalogue import NetworkData
from bankside.networks.contract import NotOffered
from bankside.record import clock
from tests.scene import NOW, Scene

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    with clock.frozen(NOW):
        yield Scene(tmp_path / "network")


def test_the_secret_is_sealed_for_this_channel_alone(scene: Scene) -> None:
    row = Channel.objects.get(pk=scene.channel.pk)
    assert connectors.secrets_of(row) == {"hook_secret": "practice hook secret"}
    assert b"practice hook secret" not in bytes(row.secrets)
    assert "practice hook secret" not in str(row.settings) + str(row.account)
    other = scene.connect("Hanul NL", scene.folder)
    other.secrets = row.secrets
    with pytest.raises(ValueError, match="cannot be opened"):
        connectors.secrets_of(other)


def test_a_channel_without_secrets_has_none(scene: Scene) -> None:
    connectors.seal_secrets(scene.channel, {})
    assert scene.channel.secrets == b""
    assert connectors.secrets_of(scene.channel) == {}


def test_without_a_wire_only_what_is_pure_can_be_done(scene: Scene) -> None:
    pure = connectors.connector_of(scene.channel, with_wire=False)
    with pytest.raises(NotOffered, match="without a wire"):
        _ = pure.wire
    assert pure.grant.account["handle"] == "@hanulbank"
    assert connectors.connector_of(scene.channel).wire is not None


def test_the_wire_knows_the_secrets_to_hide_and_the_private_hosts_that_may_be_reached(
    scene: Scene, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.WIRE_PRIVATE_HOSTS = frozenset({"blog.intranet.hanulbank.example"})
    asked: dict[str, Any] = {}
    monkeypatch.setattr(NetworkData, "wire", lambda self, chosen, **how: asked.update(how))
    connectors.connector_of(scene.channel)
    assert asked == {
        "secrets": {"hook_secret": "practice hook secret"},
        "private_hosts": settings.WIRE_PRIVATE_HOSTS,
    }  # fmt: skip
