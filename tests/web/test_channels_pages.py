"""Networks as people use it: the finding, connecting, checking, pausing, removing, and the brake."""

from __future__ import annotations

import html
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from bankside.channels import channel as channels
from bankside.channels import connect, form, freeze, meter
from bankside.channels.models import Channel
from bankside.record import clock
from bankside.said import Said
from tests.publish import room
from tests.scene import Scene

At = Callable[[str], Client]
SECRET = "practice hook secret"


def text_of(response: Any) -> str:
    return str(response.content.decode())


def fresh(scene: Scene) -> Channel:
    return channels.get_visible(scene.people["administrator"], scene.channel.obj)


def test_the_finding_stands_at_the_top(scene: Scene, at: At) -> None:
    assert "The one channel is well." in text_of(at("author").get("/channels/"))
    scene.connect("Hanul Bank Nederland", scene.folder.parent / "second")
    connect.pause(scene.people["administrator"], fresh(scene), "휴일")
    page = text_of(at("author").get("/channels/"))
    assert "1 of 2 channels are well. One is paused." in page and "Paused: 휴일" in page


def test_the_table_says_when_an_access_ends_how_late_news_is_and_what_a_day_costs(
    scene: Scene, at: At, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = text_of(at("author").get("/channels/"))
    assert "does not end" in page and "no price" in page and ">–<" in page
    rows = Channel.objects.filter(pk=scene.channel.pk)
    rows.update(ends_at=clock.now_ms() + 3 * 86_400_000 + 5_000, lag_ms=95_000)
    costs = {scene.channel.pk: Said("%(spent)s of %(most)s", spent="0.43", most="5 USD")}
    monkeypatch.setattr(meter, "spent_today", lambda channels, now_ms: costs)
    page = text_of(at("author").get("/channels/"))
    assert "3 days" in page and "95 s" in page and "0.43 of 5 USD" in page


def test_no_network_is_an_empty_room_with_one_button(scene: Scene, at: At) -> None:
    connect.remove(scene.people["administrator"], scene.channel)
    page = text_of(at("administrator").get("/channels/"))
    assert "No network is connected yet." in page and "/channels/new/" in page
    assert "/channels/new/" not in text_of(at("author").get("/channels/"))


def test_the_form_is_made_from_the_data_of_the_network(scene: Scene, at: At) -> None:
    choose = html.unescape(text_of(at("administrator").get("/channels/new/")))
    for network in form.networks():
        assert network.title in choose and network.summary in choose
        page = text_of(at("administrator").get(f"/channels/new/{network.name}/"))
        for field in network.fields:
            kind = "secret" if field.secret else "setting"
            assert f'name="{kind}:{field.name}"' in page
            assert not field.secret or f'name="secret:{field.name}" type="password"' in page


def test_an_account_is_connected_and_its_secret_is_never_shown(scene: Scene, at: At) -> None:
    client = at("administrator")
    given = {"name": "韩尔银行", "setting:folder": str(scene.folder.parent / "third"),
             "secret:hook_secret": "geheim-woord-7"}  # fmt: skip
    made = client.post("/channels/new/practice/", given)
    assert made.status_code == 303
    page = text_of(client.get(made["Location"]))
    assert "韩尔银行" in page and "geheim-woord-7" not in page and "kept encrypted, never shown" in page
    assert f"{scene.folder.parent / 'third'}" in page


def test_what_the_network_refuses_is_said_and_nothing_is_typed_twice(scene: Scene, at: At) -> None:
    folder = str(scene.folder.parent / "x")
    given = {"name": "한울은행", "setting:folder": folder, "secret:hook_secret": "geheim"}
    refused = at("administrator").post("/channels/new/practice/", given)
    page = text_of(refused)
    assert refused.status_code == 422 and "Not connected." in page and "geheim" not in page
    assert folder in page


def test_only_who_may_connect_sees_and_does_it(scene: Scene, at: At) -> None:
    assert at("author").get("/channels/new/").status_code == 403
    page = text_of(at("author").get(f"/channels/{scene.channel.pk}/"))
    assert "Pause this channel" not in page and scene.channel.hook not in page
    refused = at("author").post(f"/channels/{scene.channel.pk}/pause/", {"reason": "x"})
    assert refused.status_code in {403, 404} and fresh(scene).state == Channel.OPEN


def test_checked_paused_and_run_again(scene: Scene, at: At) -> None:
    client, where = at("administrator"), f"/channels/{scene.channel.pk}/"
    assert client.post(f"{where}check/").status_code == 303
    client.post(f"{where}pause/", {"reason": "전화번호가 바뀝니다"})
    assert fresh(scene).state == Channel.PAUSED and "전화번호가 바뀝니다" in text_of(client.get(where))
    client.post(f"{where}resumption/")
    assert fresh(scene).state == Channel.OPEN


def test_connected_again_with_another_secret(scene: Scene, at: At) -> None:
    where = f"/channels/{scene.channel.pk}/"
    before = bytes(scene.channel.secrets)
    done = at("administrator").post(f"{where}grant/", {"secret:hook_secret": "another secret"})
    assert done.status_code == 303 and bytes(fresh(scene).secrets) != before


def test_removing_says_what_it_means_first(scene: Scene, at: At) -> None:
    client, where = at("administrator"), f"/channels/{scene.channel.pk}/removal/"
    assert "What was said and received stays in the record." in text_of(client.get(where))
    assert fresh(scene).state == Channel.OPEN
    client.post(where)
    assert "No network is connected yet." in text_of(client.get("/channels/"))


def test_the_queue_shows_words_only_to_those_who_see_posts(scene: Scene, at: At) -> None:
    from bankside.publish import schedule

    post = room.approved(scene)
    schedule.schedule(scene.people["author"], post, due_ms=scene.moment + 3_600_000)
    assert room.TEXT in text_of(at("author").get("/channels/queue/"))
    page = text_of(at("administrator").get("/channels/queue/"))
    assert room.TEXT not in page and "A post" in page


def test_the_brake_takes_a_reason_and_stands_on_every_page(scene: Scene, at: At) -> None:
    client = at("approver")
    bare = client.post("/freeze/", {"act": "freeze", "reason": ""})
    assert bare.status_code == 422 and freeze.frozen() is None
    client.post("/freeze/", {"act": "freeze", "reason": "계정이 도용되었습니다"})
    assert freeze.frozen() is not None
    for path in ("/posts/", "/channels/"):
        page = text_of(at("author").get(path))
        assert "Everything is frozen." in page and "계정이 도용되었습니다" in page
    assert client.post("/freeze/", {"act": "unfreeze", "reason": "opgelost"}).status_code == 403
    at("administrator").post("/freeze/", {"act": "unfreeze", "reason": "opgelost"})
    assert freeze.frozen() is None and "Everything is frozen." not in text_of(at("author").get("/posts/"))
