"""Posting by hand as people do it: from the queue or the post to the sheet, out, and back with evidence."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from bankside.channels import way
from bankside.channels.models import Channel, Delivery
from bankside.networks.catalogue import network
from bankside.publish import post as posts
from bankside.publish import schedule
from bankside.publish.models import Post
from tests.channels import by_hand_networks as networks
from tests.publish import room
from tests.scene import Scene
from tests.web.caller import By, png

At = Callable[[str], Client]
TEXT = "내일 새벽 앱 점검이 있습니다."
THERE = "https://paperwall.example/p/77"


def text_of(response: Any) -> str:
    return str(response.content.decode())


@pytest.fixture
def wall(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> Channel:
    networks.put_up(monkeypatch, networks.wall(), networks.closed())
    return networks.added(scene)


def posted(scene: Scene, wall: Channel) -> tuple[Post, Delivery]:
    """A post on the wall alone, approved and due."""
    author = scene.people["author"]
    row = posts.start(author, title="점검")
    row = posts.write(author, row, edition=1, base=TEXT, words={wall.obj: {}})
    version = posts.submit(author, row, edition=row.edition)
    posts.approve(scene.people["approver"], room.fresh(row), words=room.digests(version))
    schedule.schedule(author, room.fresh(row), due_ms=None)
    scene.work()
    return room.fresh(row), Delivery.objects.get(about=row.obj)


def test_an_account_is_added_with_its_address(scene: Scene, at: At, wall: Channel) -> None:
    client = at("administrator")
    choose = text_of(client.get("/channels/new/"))
    assert "/channels/new/paperwall/" in choose and "by hand" in choose
    page = text_of(client.get("/channels/new/paperwall/"))
    assert "Public address of the account" in page and "Add this account" in page
    assert "The network is not asked." in page and "Paste the words." in page
    given = {"name": "Hanul Wall", "setting:public_address": "paperwall"}
    refused = client.post("/channels/new/paperwall/", given)
    assert refused.status_code == 422 and "Give the whole address" in text_of(refused)
    made = client.post("/channels/new/paperwall/", {**given, "setting:public_address": networks.PLACE})
    shown = text_of(client.get(made["Location"]))
    assert "a person posts them there" in shown and "Check now" not in shown and "/hooks/" not in shown
    moved = client.post(f"{made['Location']}grant/", {"setting:public_address": f"{networks.PLACE}2"})
    assert moved.status_code == 303 and Channel.objects.get(name="Hanul Wall").url == f"{networks.PLACE}2"


def test_the_post_and_the_queue_lead_to_the_sheet(scene: Scene, at: At, wall: Channel) -> None:
    row, delivery = posted(scene, wall)
    page = text_of(at("author").get(f"/posts/{row.pk}/"))
    assert "Post this by hand on Paperwall." in page and f">\n{TEXT}</textarea>" in page
    assert "https://paperwall.example/write?t=%EB%82%B4" in page and "To be posted by hand" in page
    assert 'hx-trigger="every 2s' not in page
    queue = text_of(at("author").get("/channels/queue/"))
    assert f"/deliveries/{delivery.obj}/by-hand/" in queue and "to be posted by hand" in queue
    assert f"/deliveries/{delivery.obj}/by-hand/" not in text_of(at("reviewer").get("/channels/queue/"))
    assert "Somebody who writes or approves such words posts this." in text_of(
        at("reviewer").get(f"/posts/{row.pk}/")
    )
    assert "1 delivery waits to be posted by hand." in text_of(at("author").get("/channels/"))
    board = text_of(at("author").get("/posts/?view=trouble"))
    assert "To be posted by hand" in board


def test_what_she_shows_is_compared_and_recorded(scene: Scene, at: At, wall: Channel) -> None:
    row, delivery = posted(scene, wall)
    client, where = at("author"), f"/deliveries/{delivery.obj}/by-hand/"
    wrong = client.post(where, {"url": "https://elsewhere.example/7", "seen": TEXT})
    assert wrong.status_code == 422 and "not the address of a post on this network" in text_of(wrong)
    file = SimpleUploadedFile("scherm.png", png(), "image/png")
    other = client.post(where, {"url": THERE, "seen": "모레 새벽 앱 점검이 있습니다.", "file": file})
    page = text_of(other)
    assert other.status_code == 422 and "<del>내일</del><ins>모레</ins>" in page and 'name="sure"' in page
    kept = page.split('name="picture" value="')[1][:32]
    done = client.post(where, {"url": THERE, "seen": f"  {TEXT}\r\n", "picture": kept})
    assert done.status_code == 303 and done["Location"] == f"/posts/{row.obj}/"
    assert 'hx-trigger="every 2s' in text_of(client.get(f"/posts/{row.pk}/"))
    scene.work()
    page = text_of(client.get(f"/posts/{row.pk}/"))
    assert THERE in page and "Posted approved words by hand" in page and "Sent" in page
    assert client.get(where).status_code == 409
    [address] = re.findall(r'href="(/media/[^"]+)"', page)
    assert "Picture of it" in page and client.get(address).status_code == 200


def test_she_may_say_that_other_words_stand_there(scene: Scene, at: At, wall: Channel) -> None:
    row, delivery = posted(scene, wall)
    given = {"url": THERE, "seen": "다른 말", "sure": "yes"}
    assert at("approver").post(f"/deliveries/{delivery.obj}/by-hand/", given).status_code == 303
    scene.work()
    page = text_of(at("author").get(f"/posts/{row.pk}/"))
    assert "Other words than the approved ones stand there." in page


def test_a_file_that_is_no_picture_is_said_and_nothing_is_recorded(
    scene: Scene, at: At, wall: Channel
) -> None:
    _, delivery = posted(scene, wall)
    file = SimpleUploadedFile("a.png", b"no picture", "image/png")
    given = {"url": THERE, "seen": TEXT, "file": file}
    refused = at("author").post(f"/deliveries/{delivery.obj}/by-hand/", given)
    assert refused.status_code == 422 and "Not recorded yet." in text_of(refused)
    assert Delivery.objects.get(pk=delivery.pk).state == "by-hand"


def test_the_post_is_taken_back_before_anybody_posted_it(scene: Scene, at: At, wall: Channel) -> None:
    row, delivery = posted(scene, wall)
    assert at("author").post(f"/posts/{row.pk}/withdrawal/").status_code == 303
    assert Delivery.objects.get(pk=delivery.pk).state == "withdrawn"


def test_pictures_are_taken_along(scene: Scene, at: At, wall: Channel) -> None:
    from bankside.channels import media

    picture = media.add(scene.people["author"], png(), "지점.png")
    author = scene.people["author"]
    row = posts.write(author, posts.start(author, title="t"), edition=1, base=TEXT,
                      words={wall.obj: {"media": [{"media": picture.obj, "alt": "본점"}]}})  # fmt: skip
    version = posts.submit(author, row, edition=row.edition)
    posts.approve(scene.people["approver"], room.fresh(row), words=room.digests(version))
    schedule.schedule(author, room.fresh(row), due_ms=None)
    scene.work()
    page = text_of(at("author").get(f"/posts/{row.pk}/"))
    address = page.split('download="')[0].rsplit('href="', 1)[1].split('"')[0]
    assert at("author").get(address).status_code == 200 and "본점" in page


def test_a_network_that_closed_is_there_and_says_so(scene: Scene, at: At, wall: Channel) -> None:
    client = at("administrator")
    assert "nothing is sent there" in text_of(client.get("/channels/new/oldsquare/"))
    gone = networks.added(scene, networks.GONE)
    assert way.of(gone) == "closed"
    page = text_of(client.get(f"/channels/{gone.pk}/"))
    assert "The network has closed." in page
    assert "All 2 channels are well." in text_of(client.get("/channels/"))
    author = scene.people["author"]
    row = posts.write(author, posts.start(author, title="t"), edition=1, base=TEXT, words={gone.obj: {}})
    assert "network that has closed" in text_of(at("author").get(f"/posts/{row.pk}/"))


def test_a_program_does_the_same(scene: Scene, by: By, wall: Channel) -> None:
    _, delivery = posted(scene, wall)
    caller = by("author")
    status, sheet = caller.ask("GET", f"/deliveries/{delivery.obj}/by-hand")
    assert status == 200 and sheet["words"]["text"] == TEXT and sheet["asks_for_address"]
    where = f"/deliveries/{delivery.obj}/by-hand"
    status, problem = caller.ask("POST", where, {"url": THERE, "seen": "다른 말"})
    assert status == 409 and "다른 말" in problem["detail"]
    status, _ = caller.ask("POST", where, {"url": "https://elsewhere.example/7", "seen": TEXT})
    assert status == 422
    status, done = caller.ask("POST", where, {"url": THERE, "seen": TEXT})
    assert status == 200 and (done["state"], done["url"]) == ("sent", THERE)
    status, shown = by("administrator").ask("GET", f"/channels/{wall.pk}")
    assert status == 200 and shown["way"] == "hand"
    body = {"network": "paperwall", "name": "새 벽", "settings": {"public_address": networks.PLACE}}
    status, made = by("administrator").ask("POST", "/channels", body)
    assert status == 201 and made["url"] == networks.PLACE


def test_an_answer_that_waits_for_a_hand_says_so_in_the_conversation(
    scene: Scene, at: At, monkeypatch: pytest.MonkeyPatch
) -> None:
    from bankside.inbox import reply as replies
    from bankside.inbox.models import Conversation
    from bankside.networks.catalogue import NetworkData

    scene.network.customer_says("카드를 잃어버렸어요", name="박서준", lang="ko")
    scene.later(30)
    talk = Conversation.objects.get()
    replies.write(scene.people["responder"], talk, "새로 만들어 드립니다.")
    monkeypatch.setattr(NetworkData, "has_connector", lambda data: False)
    scene.later(60)
    delivery = Delivery.objects.get()
    page = text_of(at("responder").get(f"/conversations/{talk.pk}/"))
    assert delivery.state == "by-hand" and f"/deliveries/{delivery.obj}/by-hand/" in page
    sheet = text_of(at("responder").get(f"/deliveries/{delivery.obj}/by-hand/"))
    assert "새로 만들어 드립니다." in sheet
    assert at("author").get(f"/deliveries/{delivery.obj}/by-hand/").status_code == 403


def test_the_form_of_a_network_offers_the_hand_where_its_file_says_how(
    scene: Scene, at: At, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, own = at("administrator"), network("practice")
    assert "Or post by hand" not in text_of(client.get("/channels/new/practice/"))
    networks.put_up(monkeypatch, msgspec.structs.replace(own, assist=networks.wall().assist))
    page = text_of(client.get("/channels/new/practice/"))
    assert "Or post by hand" in page and "Connect this account" in page
    given = {"name": "직접", "setting:public_address": networks.PLACE}
    made = client.post("/channels/new/practice/", given)
    assert made.status_code == 303 and "a person posts them there" in text_of(client.get(made["Location"]))
