"""Two networks that are not there, for tests: one on which people post by hand, and one that has closed."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from bankside.channels import connect, way
from bankside.channels.models import Channel, Delivery
from bankside.networks import catalogue
from bankside.networks.catalogue import NetworkData
from tests.scene import Scene

WALL = "paperwall"
GONE = "oldsquare"
PLACE = "https://paperwall.example/hanulbank"

_WALL = """
name = "paperwall"
title = "Paperwall"
summary = "A network that is not there, on which people post by hand."
lifecycle = "open"
access = "approval"
documentation = "https://paperwall.example/docs"
checked = 2026-11-28
markets = ["KR"]
blocked = ["CN"]
can = []
offers = ["note", "image", "alt", "title"]
kinds = ["note"]

[text]
limit = 60
unit = "characters"
rule = "none"

[[media]]
kind = "image"
mimes = ["image/jpeg", "image/png"]
count_max = 2
bytes_max = 1_000_000

[hosts]

[connect]
method = "none"
steps = ["Nothing is connected."]

[assist]
link = "https://paperwall.example/write?t={text}&h={title}"
steps = ["Sign in as the bank.", "Paste the words."]
evidence = ["https://paperwall.example/p/"]

[rate]
dialect = "none"

[signature]
scheme = "none"

[doubt]
strategy = "none"
late_acceptance_seconds = 0
detail = "A person posts and looks."

[poll]
seconds = 60
overlap_seconds = 60
"""


def wall(**changes: Any) -> NetworkData:
    """The network without an interface, with something changed."""
    data = {"settings": [], **msgspec.toml.decode(_WALL), **changes}
    return msgspec.convert(data, NetworkData)


def put_up(monkeypatch: pytest.MonkeyPatch, *networks: NetworkData) -> None:
    """Has the desk know these beside its own; one of the same name takes the other's place."""
    known = {**catalogue.load(), **{data.name: data for data in networks}}
    monkeypatch.setattr(catalogue, "load", lambda: known)


def closed() -> NetworkData:
    """A network that is no more."""
    return wall(name=GONE, title="Old Square", lifecycle="closed", summary="A network that has closed.")


def added(scene: Scene, network: str = WALL) -> Channel:
    """An account on one of them, added with its address."""
    return connect.add(
        scene.people["administrator"], network, name=f"한울 {network}", settings={way.ADDRESS: PLACE},
        secrets={}, team=scene.team,
    )  # fmt: skip


def delivered(scene: Scene, monkeypatch: pytest.MonkeyPatch, text: str, **fields: Any) -> Delivery:
    """Words that wait for a hand. The scene's own channel stays its channel."""
    put_up(monkeypatch, wall(), closed())
    own, scene.channel = scene.channel, added(scene)
    delivery = scene.deliver(text, **fields)
    scene.work()
    scene.channel = own
    return Delivery.objects.select_related("channel", "channel__team").get(pk=delivery.pk)
