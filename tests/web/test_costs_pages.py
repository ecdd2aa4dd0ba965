"""What pages tell before words go out: what they cost, whom they reach, and how long one may still answer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from django.test import Client

from bankside.channels import connect, form
from bankside.channels.models import Channel
from bankside.inbox.models import Conversation
from bankside.networks.catalogue import network
from bankside.networks.declared import Price, Window
from bankside.publish import post as posts
from tests.channels import by_hand_networks as networks
from tests.publish import room
from tests.scene import Scene
from tests.web.caller import By

At = Callable[[str], Client]
LINKED = "연차보고서: https://hanulbank.example/2026"


def text_of(response: Any) -> str:
    return str(response.content.decode())


@pytest.fixture(autouse=True)
def _terms(monkeypatch: pytest.MonkeyPatch) -> None:
    prices = (
        Price(act="post", amount="0.015", currency="USD"),
        Price(act="post-with-link", amount="0.200", currency="USD"),
        Price(act="read", amount="0.005", currency="USD"),
    )
    windows = (Window(kind="private message", hours=24, messages=2),)
    changed = msgspec.structs.replace(
        network("practice"), prices=prices, windows=windows, markets=("KR", "NL", "JP", "DE"), blocked=("CN",)
    )
    networks.put_up(monkeypatch, changed)


def test_the_composer_and_the_approver_see_what_it_costs(scene: Scene, at: At) -> None:
    post = room.draft(scene, LINKED)
    assert "costs 0.2 USD" in text_of(at("author").get(f"/posts/{post.pk}/draft/"))
    shorter = {"edition": post.edition, "channel": scene.channel.obj, "base": "짧게", "title": "x"}
    shown = text_of(at("author").post(f"/posts/{post.pk}/preview/", shorter))
    assert "costs 0.015 USD" in shown and "costs 0.2 USD" not in shown
    posts.submit(scene.people["author"], post, edition=post.edition)
    assert "costs 0.2 USD" in text_of(at("approver").get(f"/posts/{post.pk}/approval/"))


def test_the_page_of_a_channel_tells_the_day_and_what_waits(scene: Scene, at: At) -> None:
    where = f"/channels/{scene.channel.pk}/"
    assert "What it costs" in text_of(at("author").get(where))
    given = {"setting:daily_ceiling": "0.02"}
    assert at("administrator").post(f"{where}grant/", given).status_code == 303
    scene.channel = Channel.objects.select_related("team").get(pk=scene.channel.pk)
    scene.deliver("하나"), scene.deliver("둘")
    scene.work()
    page = text_of(at("author").get(where))
    assert "0.015 USD" in page and "0.02 USD" in page
    assert "1 delivery waits for tomorrow (UTC)" in page
    wrong = at("administrator").post(f"{where}grant/", {"setting:daily_ceiling": "veel"})
    assert wrong.status_code == 422 and "a number such as 2.50" in text_of(wrong)


def test_the_composer_offers_where_networks_work_and_warns(scene: Scene, at: At) -> None:
    post, client = room.draft(scene), at("author")
    page = text_of(client.get(f"/posts/{post.pk}/draft/"))
    assert "South Korea, Netherlands, 2 more; not in China" in page and 'name="market"' in page
    given = {"edition": post.edition, "channel": scene.channel.obj, "base": room.TEXT, "title": "x",
             "market": "CN", "only": "all"}  # fmt: skip
    assert "Practice network is blocked in China." in text_of(
        client.post(f"/posts/{post.pk}/preview/", given)
    )
    assert client.post(f"/posts/{post.pk}/draft/", given).status_code == 303
    page = text_of(client.get(f"/posts/{post.pk}/draft/"))
    assert page.count("Practice network is blocked in China.") == 2 and 'value="CN" selected' in page
    post = room.fresh(post)
    posts.write(scene.people["author"], post, edition=post.edition, market="JP")
    posts.submit(scene.people["author"], room.fresh(post), edition=room.fresh(post).edition)
    assert "blocked in China" not in text_of(at("approver").get(f"/posts/{post.pk}/approval/"))


def test_another_market_makes_the_approval_void(scene: Scene, at: At) -> None:
    post = room.approved(scene)
    given = {"edition": post.edition, "channel": scene.channel.obj, "base": post.base, "title": post.title,
             "market": "CN"}  # fmt: skip
    assert at("author").post(f"/posts/{post.pk}/draft/", given).status_code == 303
    assert room.fresh(post).state == "draft" and room.fresh(post).market == "CN"


def test_a_country_that_no_network_knows_is_refused(scene: Scene, at: At) -> None:
    post = room.draft(scene)
    given = {"edition": post.edition, "channel": scene.channel.obj, "base": "x", "title": "x", "market": "XX"}
    assert at("author").post(f"/posts/{post.pk}/draft/", given).status_code == 422
    assert room.fresh(post).market == ""


def test_a_new_post_names_its_market_too(scene: Scene, at: At) -> None:
    given = {"base": "안녕하세요", "title": "새 글", "channel": scene.channel.obj, "market": "NL"}
    made = at("author").post("/posts/new/", given)
    assert made.status_code == 303 and posts.visible_to(scene.people["author"]).get().market == "NL"


def test_a_program_hears_of_costs_and_markets(scene: Scene, by: By) -> None:
    caller = by("author")
    body = {"title": "t", "base": LINKED, "market": "CN", "words": {scene.channel.obj: {}}}
    status, made = caller.ask("POST", "/posts", body)
    assert status == 201 and made["market"] == "CN"
    status, shown = caller.ask("GET", f"/posts/{made['id']}/preview")
    [one] = shown["items"]
    assert status == 200 and one["cost"] == {"amount": "0.2", "currency": "USD"}
    assert one["warnings"] == ["Practice network is blocked in CN."]
    status, changed = caller.ask("PATCH", f"/posts/{made['id']}", {"edition": made["edition"], "market": ""})
    assert status == 200 and changed["market"] == ""
    status, _ = caller.ask("PATCH", f"/posts/{made['id']}", {"edition": changed["edition"], "market": "XX"})
    assert status == 422


def private_talk(scene: Scene) -> Conversation:
    scene.network.customer_says("卡丢了", name="王立", lang="zh", private=True)
    scene.later(30)
    return Conversation.objects.get()


def test_the_answer_box_tells_the_time_and_the_number_that_are_left(scene: Scene, at: At) -> None:
    talk, client = private_talk(scene), at("responder")
    page = text_of(client.get(f"/conversations/{talk.pk}/"))
    assert "The network takes answers until" in page and "2 more answers." in page
    client.post(f"/conversations/{talk.pk}/replies/", {"text": "已经为您锁卡。"})
    assert "1 more answer." in text_of(client.get(f"/conversations/{talk.pk}/"))


def test_when_the_window_has_closed_the_reason_stands_in_place_of_the_box(scene: Scene, at: At) -> None:
    talk, client = private_talk(scene), at("responder")
    scene.later(25 * 3_600)
    page = text_of(client.get(f"/conversations/{talk.pk}/"))
    assert "takes answers for 24 hours after a message. That time is over." in page
    assert 'id="reply-form"' not in page and 'id="note-form"' in page and "Open it on the network" in page
    refused = client.post(f"/conversations/{talk.pk}/replies/", {"text": "好"})
    assert refused.status_code == 422 and "That time is over." in text_of(refused)


def test_a_proxy_is_a_setting_of_every_network_and_can_be_taken_away(scene: Scene, at: At) -> None:
    for info in form.networks():
        fields = {field.name for field in info.fields}
        assert (form.PROXY_SETTING in fields) == info.here, info.name
    boss = scene.people["administrator"]
    behind = connect.reconnect(boss, scene.channel, settings={"proxy": "http://proxy.hanul.example:3128"})
    assert behind.settings["proxy"] == "http://proxy.hanul.example:3128"
    assert connect.reconnect(boss, behind, settings={"poll_seconds": "7"}).settings["proxy"]
    assert "proxy" not in connect.reconnect(boss, behind, settings={"proxy": "none"}).settings
    page = text_of(at("administrator").get(f"/channels/{scene.channel.pk}/"))
    assert 'name="setting:proxy"' in page
    wrong = at("administrator").post(f"/channels/{scene.channel.pk}/grant/", {"setting:proxy": "ftp://x"})
    assert wrong.status_code == 422 and "A proxy is written as" in text_of(wrong)
