"""The one contract that every network keeps, whatever it is."""

from __future__ import annotations

import builtins
import datetime
import io
import json
import os
import re
import socket
from pathlib import Path
from typing import Any

import pytest

from bankside.networks import catalogue, contract
from bankside.networks.catalogue import NetworkData
from bankside.networks.contract import Connector, Grant, NotOffered, implemented
from tests.networks.recorder import RECORDINGS, call, connector, ended, play, recordings

NETWORKS = list(catalogue.load().values())
SPEAKING = [n for n in NETWORKS if n.can]
PLAYED = [path for network in SPEAKING for path in recordings(network.name)]
SEND_FAILURES = {"Later", "Refused", "Reconnect", "Uncertain"}
KINDS_OF_REFUSED = {"Gone": "Refused", "NotAllowed": "Refused", "Expired": "Later"}
ORIGINS = ("real server", "vendor's specification", "made by us")
AMBIGUOUS = {
    "x",
    "line",
    "threads",
    "ghost",
    "matrix",
    "medium",
    "signal",
    "page",
    "blog",
    "feed",
    "mail",
    "kakao",
}
UNSEEN = {
    "practice": {"views", "likes", "comments"},  # its recordings begin with an empty network
    "line_me": {"clicks"},  # told of messages in which more than 20 people clicked
}
POSTS_PER_ROUND_MAX = 200
SECRETS = re.compile(r"authorization|app_password|set-cookie|127\.0\.0\.1|localhost", re.IGNORECASE)


def name(value: object) -> str:
    """How a case is called: a network by its name, a recording by its network's and its own."""
    match value:
        case NetworkData():
            return value.name
        case Path():
            return f"{value.parent.name}-{value.stem}"
    return ""


def read(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return found


# --- declared and written ----------------------------------------------------------------------------
@pytest.mark.parametrize("network", SPEAKING, ids=name)
def test_what_is_declared_is_written_and_nothing_else(network: NetworkData) -> None:
    assert set(network.can) == implemented(network.connector_class())


@pytest.mark.parametrize("network", SPEAKING, ids=name)
def test_what_is_not_offered_says_so(network: NetworkData) -> None:
    made = network.connector(Grant(settings={}))
    for operation in set(contract.OPERATIONS) - set(network.can):
        assert not made.can(operation)
        with pytest.raises(NotOffered, match=operation):
            getattr(made, operation)(*_arguments(operation))


def test_a_connector_that_offers_nothing_offers_nothing() -> None:
    assert implemented(Connector) == frozenset()
    with pytest.raises(NotOffered):
        _ = Connector(Grant(settings={})).wire


@pytest.mark.parametrize("network", NETWORKS, ids=name)
def test_the_data_fit_together(network: NetworkData) -> None:
    can = set(network.can)
    assert ("verify" in can) == (network.signature.scheme != "none") == ("hook" in network.offers)
    assert ("find" in can) or network.doubt.strategy in {"none", "server_key", "state"} or not can
    repeats = bool(network.poll.overlap_seconds or network.poll.overlap_items)
    assert ("poll" not in can) or repeats != network.poll.exact
    assert network.poll.seconds > 0 and network.doubt.late_acceptance_seconds >= 0
    known = {s.name for s in network.settings}
    assert network.hosts.from_setting in {"", *known} and network.signature.key in {"", *known}
    assert bool(network.connect.scopes) == bool(network.connect.rights), (
        "rights say in words what scopes allow"
    )
    assert network.connect.steps and network.kinds and all(s.label and s.help for s in network.settings)
    assert can or (network.assist is None) == (network.lifecycle == "closed"), "without code a person posts"
    if network.assist:
        addresses = (network.assist.link, *network.assist.evidence)
        assert network.assist.steps and all(one.startswith("https://") for one in addresses)


@pytest.mark.parametrize("network", [n for n in NETWORKS if n.known_by], ids=name)
def test_an_account_there_can_be_told_from_everything_else(network: NetworkData) -> None:
    known = network.known_by
    assert known is not None and known.mistakes() == []
    assert known.hosts or known.anywhere or known.feeds or known.generators
    example = known.address.replace("{handle}", "hanulbank")
    assert not known.address or example.startswith(("https://", "http://"))
    assert not set(known.hosts) & set(known.apart)


@pytest.mark.parametrize("network", NETWORKS, ids=name)
def test_the_data_say_where_they_come_from_and_when_they_were_read(network: NetworkData) -> None:
    assert network.documentation.startswith("https://")
    assert datetime.date(2026, 1, 1) <= network.checked <= datetime.datetime.now(datetime.UTC).date()


@pytest.mark.parametrize("network", NETWORKS, ids=name)
def test_names_are_unmistakable(network: NetworkData) -> None:
    assert re.fullmatch(r"[a-z][a-z0-9_]{4,}", network.name) and network.name not in AMBIGUOUS


# --- recordings --------------------------------------------------------------------------------------
@pytest.mark.parametrize("path", PLAYED, ids=name)
def test_every_recording_plays_back_to_the_same_end(path: Path, tmp_path: Path) -> None:
    recording = read(path)
    end = play(recording, tmp_path)
    expected: dict[str, Any] = {k: recording[k] for k in ("result", "error") if k in recording}
    assert _without_moments(end, recording) == _without_moments(expected, recording)


@pytest.mark.parametrize("network", SPEAKING, ids=name)
def test_every_operation_and_every_failure_of_send_was_recorded(network: NetworkData) -> None:
    played = [read(path) for path in recordings(network.name)]
    assert {r["operation"] for r in played} >= set(network.can) - {"preview"}
    if "send" not in network.can:  # it is only listened to
        return
    failed = {r["error"]["kind"] for r in played if r["operation"] == "send" and "error" in r}
    ends = {KINDS_OF_REFUSED.get(kind, kind) for kind in failed}
    assert SEND_FAILURES - _may_lack(network) <= ends <= SEND_FAILURES
    assert any(r["operation"] == "send" and "result" in r for r in played)


@pytest.mark.parametrize("network", NETWORKS, ids=name)
def test_what_is_counted_is_declared_and_was_recorded(network: NetworkData) -> None:
    told = network.counts
    assert (told is not None) == ("measure" in network.can) == ("counts" in network.offers)
    if told is None:
        return
    played = [read(path) for path in recordings(network.name)]
    results = [r["result"] for r in played if r["operation"] == "measure" and "result" in r]
    found = {name for result in results for one in result for name in one["counts"]}
    declared = {*told.post, *told.answer, *told.account}
    assert found <= declared and declared - found == UNSEEN.get(network.name, set())
    assert told.post and 0 < told.per_call * told.calls_max <= POSTS_PER_ROUND_MAX


@pytest.mark.parametrize("path", PLAYED, ids=name)
def test_every_recording_says_where_it_comes_from(path: Path) -> None:
    recording = read(path)
    assert recording["origin"] in ORIGINS and len(recording["server"]) > 10


def test_no_recording_is_without_its_network() -> None:
    assert {p.name for p in RECORDINGS.iterdir()} == {n.name for n in SPEAKING}


@pytest.mark.parametrize("path", PLAYED, ids=name)
def test_no_recording_holds_a_secret_or_the_name_of_a_machine(path: Path) -> None:
    assert not SECRETS.search(path.read_text("utf-8"))


def test_a_recording_that_ends_otherwise_is_noticed(tmp_path: Path) -> None:
    recording = read(RECORDINGS / "wordpress" / "send-page.json")
    recording["call"]["post"]["text"] += "!"
    assert play(recording, tmp_path)["error"]["kind"] == "AssertionError"


# --- purity ------------------------------------------------------------------------------------------
@pytest.mark.parametrize("path", PLAYED, ids=name)
def test_pure_operations_touch_nothing(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    recording = read(path)
    if recording["operation"] == "send":
        recording |= {"operation": "preview", "exchanges": [], "orders": []}
    if recording["operation"] not in contract.PURE_OPERATIONS:
        pytest.skip("not a pure operation")
    folder = tmp_path / "never-made"
    with connector({**recording, "orders": []}, folder) as made, monkeypatch.context() as patched:
        for module, forbidden in ((builtins, "open"), (io, "open"), (os, "open"), (socket, "socket")):
            patched.setattr(module, forbidden, _touched)
        ends = [ended(lambda: call(made, recording)) for _ in range(2)]
    assert ends[0] == ends[1] and ends[0].get("error", {}).get("kind") != "Touched"
    assert not folder.exists()


class Touched(BaseException):
    """A pure operation opened something."""


def _touched(*_: object, **__: object) -> None:
    raise Touched


def _arguments(operation: str) -> tuple[object, ...]:
    empty = contract.Request(method="GET", path="/", query={}, headers={}, body=b"")
    post = contract.Post(text="x")
    given: dict[str, tuple[object, ...]] = {
        "verify": (empty,), "read": ({},), "poll": ("", 0), "preview": (post,), "send": (post, "k"),
        "settle": ("h",), "find": ("k", post), "remove": ("r",), "measure": ((),),
    }  # fmt: skip
    return given.get(operation, ())


def _may_lack(network: NetworkData) -> set[str]:
    """Where our own key makes one of two sends, and nothing is looked up, a doubt is only a `Later`."""
    keyed = network.doubt.strategy in {"client_id", "server_key"} and "find" not in network.can
    return {"Uncertain"} if keyed else set()


def _without_moments(end: dict[str, Any], recording: dict[str, Any]) -> dict[str, Any]:
    """A pretended network publishes now: its moments are no part of the comparison."""
    if "orders" not in recording or not isinstance(end.get("result"), dict):
        return end
    return {"result": {k: v for k, v in end["result"].items() if k != "published_ms"}}
