"""A hook whose signature tells its time is taken once, for as long as the signature would hold."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bankside.channels import connect, daily, intake
from bankside.channels.models import Channel, Item, SignatureSeen
from bankside.networks import declared, signatures
from bankside.networks.contract import Accepted, Connector, Request, Self
from bankside.networks.contract import Item as Given
from bankside.record import clock
from tests.channels import invented
from tests.scene import Scene

pytestmark = pytest.mark.django_db
SECRET = "words for hooks"
RULE = declared.Signature(
    scheme="hmac", header="x-signature", prefix="v0=", key="hook_secret", parts=("header:x-time", "body"),
    moment="header:x-time", age_seconds_max=300,
)  # fmt: skip


class Example(Connector):
    rule = RULE

    def whoami(self) -> Self:
        return Self(remote_id="1", handle="@hanulbank", name="한울은행", url="", limits={})

    def verify(self, request: Request) -> Accepted:
        signatures.check(self.rule, request, self.grant.secrets["hook_secret"])
        said = json.loads(request.body)
        return Accepted(items=tuple(Given(remote_id=one, version="1", raw={"id": one}) for one in said))


@pytest.fixture(params=[RULE], ids=["with a moment"])
def channel(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> Iterator[Channel]:
    now = clock.now_ms()  # signatures are compared with the real clock
    monkeypatch.setattr(Example, "rule", request.param)
    invented.network(
        monkeypatch, Example, connect=declared.Connect(method="key", steps=()), signature=request.param,
        settings=(invented.setting("hook_secret", secret=True),),
    )  # fmt: skip
    with clock.frozen(now):
        scene = Scene(tmp_path / "network", moment=now)
        yield connect.add(
            scene.people["administrator"], invented.NAME, name="Example", settings={},
            secrets={"hook_secret": SECRET}, team=scene.team,
        )  # fmt: skip


def signed(*ids: str, at_seconds: int = 0) -> dict[str, Any]:
    body, time = json.dumps(ids).encode(), str(at_seconds or clock.now_ms() // 1000)
    made = hmac.new(SECRET.encode(), time.encode() + body, hashlib.sha256).hexdigest()
    return {"headers": {"X-Signature": f"v0={made}", "X-Time": time}, "body": body}


def given(channel: Channel, **hook: Any) -> int:
    wanted: dict[str, Any] = {"method": "POST", "path": "/hooks/x", "query": {}, **hook}
    return intake.receive(channel.hook, **wanted).status


def counted(channel: Channel) -> tuple[int, int, int]:
    row = Channel.objects.get(pk=channel.pk)
    return row.hooks_accepted, row.hooks_repeated, row.hooks_forged


def test_the_same_signature_is_taken_once(channel: Channel) -> None:
    hook = signed("카드", "pas")
    assert [given(channel, **hook) for _ in range(3)] == [200, 401, 401]
    assert Item.objects.count() == 2 and counted(channel) == (1, 2, 0)
    assert b"v0=" not in SignatureSeen.objects.get().mac.encode() and SECRET not in str(hook["headers"])


def test_a_request_that_was_made_anew_is_taken_and_its_items_are_known(channel: Channel) -> None:
    now = clock.now_ms() // 1000
    assert [given(channel, **signed("a", at_seconds=now - n)) for n in (0, 1, 2)] == [200, 200, 200]
    assert Item.objects.count() == 1 and counted(channel) == (3, 2, 0)


def test_what_stands_beside_the_signature_makes_no_other_of_it(channel: Channel) -> None:
    hook = signed("a")
    assert given(channel, **hook) == 200
    more = {**hook["headers"], "X-Other": "1", "Content-Type": "application/json"}
    assert given(channel, headers=more, body=hook["body"], query={"x": "1"}) == 401


def test_a_forged_one_is_not_remembered(channel: Channel) -> None:
    hook = signed("a")
    bad = {**hook["headers"], "X-Signature": hook["headers"]["X-Signature"][:-1] + "x"}
    assert given(channel, headers=bad, body=hook["body"]) == 401
    assert counted(channel) == (0, 0, 1) and not SignatureSeen.objects.exists()
    assert given(channel, **hook) == 200


def test_what_could_not_be_kept_may_be_sent_again(channel: Channel, monkeypatch: pytest.MonkeyPatch) -> None:
    hook = signed("a")
    with monkeypatch.context() as broken:

        def full(*_: Any, **__: Any) -> Any:
            raise OSError("The disk is full.")

        broken.setattr("bankside.channels.kept.write", full)
        with pytest.raises(OSError, match="full"):
            given(channel, **hook)
    assert given(channel, **hook) == 200 and Item.objects.count() == 1


def test_two_in_one_batch_are_one(channel: Channel) -> None:
    hook, now = signed("a"), clock.now_ms()
    request = Request(method="POST", path="/", query={}, body=hook["body"],
                      headers={n.lower(): v for n, v in hook["headers"].items()})  # fmt: skip
    one, other = (
        intake._Arrival(channel.pk, "hooks_accepted", [], *intake._signature(channel, request, now))
        for _ in range(2)
    )
    assert [result.replayed for result in intake._keep_many([one, other])] == [False, True]
    assert counted(channel) == (1, 1, 0)


def test_signatures_are_forgotten_when_they_would_not_be_taken_any_more(channel: Channel) -> None:
    given(channel, **signed("a"))
    holds = signatures.holds_seconds(RULE)
    assert holds == 600
    with clock.frozen(clock.now_ms() + holds * 1000):
        daily.plan()
        assert SignatureSeen.objects.count() == 1
    with clock.frozen(clock.now_ms() + holds * 1000 + 1):
        daily.plan()
        assert SignatureSeen.objects.count() == 0


@pytest.mark.parametrize(
    "channel", [declared.Signature(scheme="hmac", header="x-signature", prefix="v0=", key="hook_secret",
                                    parts=("header:x-time", "body"))], indirect=True,
)  # fmt: skip
def test_a_network_that_signs_no_time_may_send_the_same_twice(channel: Channel) -> None:
    hook = signed("a")
    assert [given(channel, **hook) for _ in range(2)] == [200, 200]
    assert counted(channel) == (2, 1, 0) and not SignatureSeen.objects.exists()
