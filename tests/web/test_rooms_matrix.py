"""Every address of these rooms, of Record, People and Search, for every role and for nobody: open or shut."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern

from bankside import urls
from bankside.people import policy
from bankside.record import reading, seal
from bankside.record.package import orders, selecting
from tests.publish import room
from tests.scene import Scene

At = Callable[[str], Client]
ROLES = ("author", "approver", "responder", "reviewer", "administrator", "auditor")
OPEN_TO_ALL = {"media"}  # an address that nobody can guess and that lasts an hour

# The name of an address, its method, and the act that opens it.
MATRIX = {
    "posts": ("GET", "post.see"),
    "post-new": ("GET", "post.write"),
    "post": ("GET", "post.see"),
    "post-draft": ("GET", "post.write"),
    "post-preview": ("POST", "post.see"),
    "post-submission": ("POST", "post.write"),
    "post-approval": ("POST", "post.approve"),
    "post-return": ("POST", "post.approve"),
    "post-schedule": ("POST", "post.schedule"),
    "post-withdrawal": ("POST", "post.schedule"),
    "post-discard": ("POST", "post.write"),
    "approvals": ("GET", ""),
    "channels": ("GET", "channel.see"),
    "queue": ("GET", "channel.see"),
    "channel-new": ("GET", "channel.connect"),
    "channel-add": ("GET", "channel.connect"),
    "channel": ("GET", "channel.see"),
    "channel-check": ("POST", "channel.connect"),
    "channel-grant": ("POST", "channel.connect"),
    "channel-sign-in-new": ("POST", "channel.connect"),
    "channel-sign-in": ("POST", "channel.connect"),
    "channel-return": ("GET", "channel.connect"),
    "channel-pause": ("POST", "channel.connect"),
    "channel-resumption": ("POST", "channel.connect"),
    "channel-removal": ("GET", "channel.connect"),
    "delivery-decision": ("POST", "delivery.decide"),
    "delivery-by-hand": ("GET", "delivery.by-hand"),
    "freeze": ("POST", "desk.freeze"),
    "record": ("GET", "record.see"),
    "record-entry": ("GET", "record.see"),
    "record-words": ("POST", "record.read"),
    "record-readings": ("GET", "readings.see"),
    "readings-review": ("POST", "readings.review"),
    "readings-export": ("POST", "readings.see"),
    "record-versions": ("GET", "record.see"),
    "record-proof": ("GET", "record.see"),
    "record-tool": ("GET", "record.see"),
    "record-search": ("GET", "record.see"),
    "record-evidence": ("GET", "record.see"),
    "recovery": ("GET", "record.see"),
    "record-packages": ("GET", "record.export"),
    "record-packages-new": ("POST", "record.export"),
    "record-package": ("GET", "record.export"),
    "record-package-file": ("POST", "record.export"),
    "people": ("GET", "staff.see"),
    "staff-new": ("GET", "staff.manage"),
    "staff": ("GET", "staff.see"),
    "staff-roles": ("POST", "staff.manage"),
    "staff-leaving": ("POST", "staff.manage"),
    "search": ("GET", "conversation.see"),
}
ADDRESSES = [
    address
    for group in (urls.PUBLISH, urls.NETWORKS, urls.RECORD, urls.PEOPLE, urls.SEARCH)
    for address in group
    if isinstance(address, URLPattern)
]


def address_of(scene: Scene, name: str) -> str:
    """The address with a thing that is there."""
    from bankside.web import pages

    match name:
        case "posts" | "post-new" | "approvals" | "channels" | "queue" | "channel-new" | "channel-return":
            return pages.url(name)
        case "freeze" | "search" | "record" | "people" | "staff-new":
            return pages.url(name)
        case "channel-add" | "channel-sign-in-new":
            return pages.url(name, scene.channel.network)
        case "delivery-decision" | "delivery-by-hand":
            return pages.url(name, scene.deliver("연체율").obj)
        case "record-entry" | "record-words" | "record-versions":
            return pages.url(name, reading.entries(limit=1)[0].n)
        case "record-proof":
            seal.seal_all()
            return pages.url(name, reading.entries(limit=1)[0].n, "proof")
        case "record-tool":
            return pages.url(name, "verify.html")
        case "record-package" | "record-package-file":
            return pages.url(name, packaged(scene))
        case "record-search" | "record-packages" | "record-packages-new" | "record-evidence" | "recovery":
            return pages.url(name)
    if name.startswith("readings") or name == "record-readings":
        return pages.url(name)
    if name.startswith("staff"):
        return pages.url(name, scene.people["responder"].uid)
    if name.startswith("channel"):
        return pages.url(name, scene.channel.pk)
    return pages.url(name, room.submitted(scene)[0].pk)


def packaged(scene: Scene) -> str:
    """A package that somebody has ordered."""
    asked = orders.Order(scene.people["auditor"].actor, "all", "a reason", "en", key="of a test")
    return orders.order(asked, selecting.Outside()).obj


def ask(client: Client, method: str, address: str) -> Any:
    return (
        client.get(address)
        if method == "GET"
        else client.post(address, {"reason": "x", "sure": "yes", "when": "now"})
    )


def test_every_address_is_in_the_matrix() -> None:
    names = {str(address.name) for address in ADDRESSES}
    assert names - OPEN_TO_ALL == set(MATRIX)


@pytest.mark.more
@pytest.mark.parametrize("name", MATRIX)
def test_an_address_opens_to_its_roles_alone(scene: Scene, at: At, name: str) -> None:
    method, act = MATRIX[name]
    address = address_of(scene, name)
    assert ask(Client(), method, address).status_code in {302, 303}
    for role in ROLES:
        status = ask(at(role), method, address).status_code
        may = not act or role in policy.TABLE[act]
        assert (status not in {403, 404}) == may, f"{role} at {name}: {status}"
