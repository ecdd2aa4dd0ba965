"""What the desk cannot post: prepared, approved, posted by a person, and shown where it stands."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from bankside.approvals import consent as consents
from bankside.channels import by_hand, connect, form, freeze, health, media, preview, way
from bankside.channels import delivery as deliveries
from bankside.channels.models import Channel, Delivery
from bankside.networks import catalogue, declared
from bankside.people import policy
from bankside.record import clock, jobs, reading, subjects
from bankside.record.facts.channels import Words
from bankside.record.forgetting import erasing, shredding
from bankside.record.forgetting.covered import Scope
from bankside.record.models import Entry, Job
from tests.channels import by_hand_networks as networks
from tests.channels.test_picture import picture_bytes
from tests.scene import NOW, Scene

pytestmark = pytest.mark.django_db

TEXT = "내일 새벽 앱 점검이 있습니다.\nDe app is morgenvroeg even dicht."
THERE = "https://paperwall.example/p/77"


@pytest.fixture
def scene(tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Scene]:
    settings.MEDIA_FOLDER = tmp_path / "media"
    networks.put_up(monkeypatch, networks.wall(), networks.closed())
    with clock.frozen(NOW):
        yield Scene(tmp_path / "network")


def on_wall(scene: Scene, network: str = networks.WALL) -> Channel:
    """The scene's channel is one on which a person posts."""
    scene.channel = networks.added(scene, network)
    return scene.channel


def fresh(delivery: Delivery) -> Delivery:
    return Delivery.objects.select_related("channel", "channel__team").get(pk=delivery.pk)


def told(delivery: Delivery) -> list[str]:
    rows = Entry.objects.filter(obj=delivery.about, fact__startswith="channels.").order_by("n")
    return [name.split(".")[1] for name in rows.values_list("fact", flat=True)]


def handed(scene: Scene, text: str = TEXT, **fields: Any) -> Delivery:
    on_wall(scene)
    delivery = scene.deliver(text, **fields)
    scene.work()
    return fresh(delivery)


def test_an_account_is_added_by_its_address_and_nobody_is_asked(scene: Scene) -> None:
    channel = on_wall(scene)
    assert (channel.url, channel.handle) == (networks.PLACE, "paperwall.example/hanulbank")
    assert way.of(channel) == "hand" and not way.is_reached(channel)
    assert not Job.objects.filter(key=connect.poll_key(channel)).exists()
    assert health.health(channel).words == "What is said here is posted by a person."
    [field] = form.network_info(networks.WALL).fields
    assert field.name == way.ADDRESS and field.required
    assert form.network_info(networks.WALL).steps == ("Sign in as the bank.", "Paste the words.")


NO_ADDRESSES = [
    "", "paperwall.example/hanulbank", "ftp://a.example", "https://[", "https://a.example b", "https://hanul",
    f"https://{'a' * 500}.example",
]  # fmt: skip


@pytest.mark.parametrize("address", NO_ADDRESSES)
def test_an_address_that_is_none_adds_nothing(scene: Scene, address: str) -> None:
    with pytest.raises(connect.NotConnected, match="whole address"):
        connect.add(None, networks.WALL, name="x", settings={way.ADDRESS: address}, secrets={})
    with pytest.raises(connect.NotConnected, match="is not a setting of Paperwall"):
        connect.add(None, networks.WALL, name="x", settings={"handle": "x"}, secrets={})


def test_the_address_can_be_changed_and_there_is_nothing_to_check(scene: Scene) -> None:
    channel, boss = on_wall(scene), scene.people["administrator"]
    moved = connect.reconnect(boss, channel, settings={way.ADDRESS: "https://paperwall.example/hanul"})
    assert moved.url == "https://paperwall.example/hanul" and way.of(moved) == "hand"
    with pytest.raises(connect.NotNow, match="cannot ask"):
        connect.check(boss, channel)
    connect.resume(boss, connect.pause(boss, channel, "휴일"))
    scene.work()
    assert Channel.objects.get(pk=channel.pk).state == Channel.OPEN


def test_words_are_counted_by_the_data_of_the_network(scene: Scene) -> None:
    shown = preview.preview(on_wall(scene), Words(text="가" * 61))
    assert [(c.used, c.limit) for c in shown.counts] == [(61, 60)] and shown.findings


def test_words_that_are_due_wait_for_a_hand_and_no_job_is_left(scene: Scene) -> None:
    delivery = handed(scene)
    assert delivery.state == "by-hand" and told(delivery) == ["delivery-requested", "handed-over"]
    assert not delivery.attempts.exists()
    assert not Job.objects.filter(key=deliveries.job_key(delivery), state=Job.WAITING).exists()
    found = health.health(scene.channel)
    assert (found.state, found.words) == ("person", "1 delivery waits to be posted by hand.")
    assert health.needing_a_person(scene.people["author"]) == 1
    jobs.again(deliveries.job_key(delivery), scene.moment)
    scene.later(60)
    assert told(fresh(delivery)) == ["delivery-requested", "handed-over"]


def test_before_they_are_due_nobody_is_asked(scene: Scene) -> None:
    on_wall(scene)
    delivery = scene.deliver(TEXT)
    deliveries.put_off(delivery, by_actor="s:test", due_ms=scene.moment + 60_000)
    scene.work()
    assert fresh(delivery).state == "waiting"
    scene.later(61)
    assert fresh(delivery).state == "by-hand"


def test_the_sheet_holds_the_words_and_the_way(scene: Scene) -> None:
    delivery = handed(scene, "A & B", title="점검 #1")
    sheet = by_hand.sheet(scene.people["author"], delivery)
    assert sheet.words.text == "A & B" and sheet.asks_for_address
    assert sheet.link.startswith("https://paperwall.example/write?t=A%20%26%20B&h=%EC%A0%90")
    long = handed_again(scene, "가" * 1_000)
    assert by_hand.sheet(scene.people["author"], long).link == "https://paperwall.example/write?t=&h="


def handed_again(scene: Scene, text: str) -> Delivery:
    delivery = scene.deliver(text)
    scene.work()
    return fresh(delivery)


def test_what_was_posted_is_shown_and_recorded_once(scene: Scene) -> None:
    delivery, author = handed(scene), scene.people["author"]
    picture = by_hand.keep_picture(author, delivery, picture_bytes("PNG"), "scherm.png")
    seen = "내일 새벽  앱 점검이 있습니다.\r\n\r\nDe app is\u200b morgenvroeg even dicht. "
    for _ in range(2):
        row = by_hand.posted(author, fresh(delivery), url=THERE, seen=seen, picture=picture.obj)
        assert (row.state, row.url) == ("sent", THERE)
    assert told(delivery) == ["delivery-requested", "handed-over", "posted-by-hand", "post-published"]
    with pytest.raises(deliveries.TooLate):
        by_hand.posted(author, fresh(delivery), url=f"{THERE}8", seen=seen)
    assert media.read(picture)


def test_a_kill_in_the_middle_leaves_it_as_it_was(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    delivery, author = handed(scene), scene.people["author"]
    with monkeypatch.context() as patched, pytest.raises(ZeroDivisionError):
        patched.setattr(deliveries, "published", lambda *a, **b: 1 // 0)
        by_hand.posted(author, delivery, url=THERE, seen=TEXT)
    assert fresh(delivery).state == "by-hand" and told(delivery)[-1] == "handed-over"
    assert by_hand.posted(author, delivery, url=THERE, seen=TEXT).state == "sent"


def test_other_words_are_refused_until_she_says_that_they_stand_there(scene: Scene) -> None:
    delivery, author = handed(scene), scene.people["author"]
    other = TEXT.replace("내일", "모레")
    with pytest.raises(by_hand.OtherWords, match="모레"):
        by_hand.posted(author, delivery, url=THERE, seen=other)
    assert fresh(delivery).state == "by-hand"
    by_hand.posted(author, delivery, url=THERE, seen=f"{other} 4242 4242 4242 4242", sure=True)
    said = [one for one in told(delivery) if one == "posted-by-hand"]
    assert said and fact_of(delivery)["same"] is False
    assert "모레" in fact_of(delivery)["seen"] and "4242 4242" not in fact_of(delivery)["seen"]


def fact_of(delivery: Delivery) -> dict[str, Any]:
    entry = Entry.objects.get(obj=delivery.about, fact="channels.posted-by-hand")
    opened = reading.words_of("s:test", entry.n)
    assert opened
    return opened.said


ELSEWHERE = [
    "", "https://paperwall.example/hanulbank", "https://paperwall.example.evil.example/p/77",
    "https://evil.example/?https://paperwall.example/p/77", "not an address",
]  # fmt: skip


@pytest.mark.parametrize("address", ELSEWHERE)
def test_an_address_elsewhere_is_no_evidence(scene: Scene, address: str) -> None:
    delivery = handed(scene)
    with pytest.raises((by_hand.BadEvidence, way.BadAddress)):
        by_hand.posted(scene.people["author"], delivery, url=address, seen=TEXT)
    with pytest.raises(by_hand.BadEvidence, match="compared"):
        by_hand.posted(scene.people["author"], delivery, url=THERE, seen=" \n", sure=True)


def test_where_posts_have_no_address_a_picture_does(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    delivery, author = handed(scene), scene.people["author"]
    bare = declared.Assist(link="https://paperwall.example/", steps=())
    networks.put_up(monkeypatch, msgspec.structs.replace(networks.wall(), assist=bare))
    with pytest.raises(by_hand.BadEvidence, match="or a picture"):
        by_hand.posted(author, delivery, seen=TEXT)
    shown = by_hand.keep_picture(author, delivery, picture_bytes("PNG"), "a.png")
    assert by_hand.posted(author, delivery, seen=TEXT, picture=shown.obj).state == "sent"


def erased(about: str) -> str:
    """Two people decide; what is left to do is done by whoever gets the obj of the request."""
    row = erasing.ask("u:" + "1" * 32, Scope(subjects.desk(), about), "GDPR-17")
    erasing.agree("u:" + "2" * 32, row.obj)
    return row.obj


def test_the_picture_that_shows_words_is_erased_with_them(scene: Scene) -> None:
    delivery, author = handed(scene), scene.people["author"]
    shown = by_hand.keep_picture(author, delivery, picture_bytes("PNG"), "a.png")
    by_hand.posted(author, delivery, url=THERE, seen=TEXT, picture=shown.obj)
    assert shredding.drive(erased(delivery.about))
    with pytest.raises(media.NoSuchMedia):
        media.get(shown.obj)
    assert (fresh(delivery).handle, fresh(delivery).url) == ("", "")


def test_what_stands_there_is_not_told_after_the_decision(scene: Scene) -> None:
    delivery = handed(scene)
    erased(delivery.about)
    with pytest.raises(deliveries.TooLate):
        by_hand.posted(scene.people["author"], delivery, url=THERE, seen=TEXT)
    assert told(delivery)[-1] == "handed-over"


def test_only_whoever_writes_or_approves_such_words_posts_them(scene: Scene) -> None:
    delivery = handed(scene)
    for role in ("reviewer", "administrator", "auditor"):
        assert not by_hand.may(scene.people[role], delivery)
        with pytest.raises(policy.NotYours):
            by_hand.sheet(scene.people[role], delivery)
        with pytest.raises(policy.NotYours):
            by_hand.posted(scene.people[role], delivery, url=THERE, seen=TEXT)
        with pytest.raises(policy.NotYours):
            by_hand.keep_picture(scene.people[role], delivery, picture_bytes("PNG"), "a.png")
    answer = handed_answer(scene)
    assert by_hand.may(scene.people["responder"], answer) and not by_hand.may(scene.people["author"], answer)


def handed_answer(scene: Scene) -> Delivery:
    delivery = scene.deliver("네, 됩니다.", purpose="reply", about="0" * 32)
    scene.work()
    return fresh(delivery)


def test_a_network_that_is_read_and_takes_nothing_by_the_desk_is_posted_to_by_hand(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = catalogue.network(scene.channel.network)
    networks.put_up(monkeypatch, msgspec.structs.replace(own, can=("whoami", "read", "poll", "preview")))
    assert way.of(scene.channel) == "hand" and way.is_reached(scene.channel)
    delivery = scene.deliver(TEXT)
    scene.work()
    assert fresh(delivery).state == "by-hand"
    networks.put_up(
        monkeypatch, msgspec.structs.replace(own, can=("whoami", "read", "poll"), offers=("hook",))
    )
    assert way.of(scene.channel) == "desk"


def test_what_halts_the_desk_halts_a_hand_and_what_was_posted_before_is_recorded(scene: Scene) -> None:
    delivery, author = handed(scene), scene.people["author"]

    def halted() -> str:
        sheet = by_hand.sheet(author, fresh(delivery))
        assert bool(sheet.link) != bool(sheet.halted)
        return sheet.halted

    assert halted() == ""
    freeze.freeze(scene.people["approver"], "도용")
    assert "The brake is on" in halted()
    freeze.unfreeze(scene.people["administrator"], "weer goed")
    connect.pause(scene.people["administrator"], scene.channel, "휴일")
    assert "The channel is paused" in halted()
    connect.resume(scene.people["administrator"], scene.channel)
    consents.void(delivery.consent.thing, by_actor="s:test", reason="The words changed.")
    assert "must not be posted" in halted()
    assert by_hand.posted(author, fresh(delivery), url=THERE, seen=TEXT).state == "sent"


def test_it_can_be_taken_back_before_and_not_after(scene: Scene) -> None:
    first = handed(scene)
    assert deliveries.withdraw(first, by_actor="s:test", reason="niet meer nodig")
    assert told(first)[-1] == "delivery-withdrawn"
    with pytest.raises(deliveries.TooLate):
        by_hand.posted(scene.people["author"], fresh(first), url=THERE, seen=TEXT)
    second = handed_again(scene, "둘째")
    by_hand.posted(scene.people["author"], second, url=THERE, seen="둘째")
    assert not deliveries.withdraw(fresh(second), by_actor="s:test", reason="te laat")


def test_on_a_network_that_has_closed_nothing_can_be_sent(scene: Scene) -> None:
    channel = on_wall(scene, networks.GONE)
    assert way.of(channel) == "closed" and health.health(channel).state == "closed"
    delivery = scene.deliver("nobody reads this")
    scene.work()
    row = fresh(delivery)
    assert row.state == "refused" and "has closed" in row.note
    scene.later(1)
    deliveries.decide(scene.people["approver"], row, decision="again", evidence="toch proberen")
    scene.later(1)
    assert told(row).count("delivery-refused") == 2


def test_a_network_that_closes_ends_what_waits_and_what_is_in_doubt(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = catalogue.network(scene.channel.network)
    doubtful, planned = scene.deliver("하나"), scene.deliver("둘")
    deliveries.put_off(planned, by_actor="s:test", due_ms=scene.moment + 10_000)
    scene.network.fail_next("send", "uncertain-before")
    scene.work()
    assert fresh(doubtful).state == "doubtful"
    networks.put_up(monkeypatch, msgspec.structs.replace(own, lifecycle="closed"))
    polls = scene.network.calls("poll")
    scene.later(60)
    assert fresh(doubtful).state == "uncertain" and fresh(planned).state == "refused"
    assert scene.network.calls("poll") == polls and scene.network.posts() == []


def test_a_network_that_loses_its_connector_is_posted_to_by_hand(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits = scene.deliver(TEXT)
    with monkeypatch.context() as patched:
        patched.setattr(catalogue.NetworkData, "has_connector", lambda data: False)
        scene.work()
        assert fresh(waits).state == "by-hand" and way.of(scene.channel) == "hand"
        assert preview.preview(scene.channel, Words(text="x" * 501)).findings
        assert health.health(scene.channel).state == "person"
        scene.later(2_000)
        assert Channel.objects.get(pk=scene.channel.pk).failures == 0
    scene.later(1_000)
    assert fresh(waits).state == "by-hand" and scene.network.posts() == []
    assert scene.network.calls("poll") > 0


def test_every_data_file_that_speaks_of_a_hand_can_be_followed() -> None:
    """Its page opens, and what begins as it says is taken for a post there."""
    for name, data in catalogue.load().items():
        if data.assist is None:
            continue
        assert way.refuse_bad(data.assist.link.replace("{text}", "a").replace("{title}", "b")), name
        for begins in data.assist.evidence:
            assert way.is_on(name, f"{way.refuse_bad(begins)}1"), (name, begins)
            assert not way.is_on(name, "https://somewhere-else.example/1"), name


def test_an_account_that_could_be_connected_may_be_posted_to_by_hand_where_the_file_says_how(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    own, boss = catalogue.network(scene.channel.network), scene.people["administrator"]
    given: dict[str, Any] = {"name": "직접", "settings": {way.ADDRESS: networks.PLACE}, "secrets": {}}
    with pytest.raises(connect.NotConnected, match="is not a setting"):
        connect.add(boss, own.name, **given)
    networks.put_up(monkeypatch, msgspec.structs.replace(own, assist=networks.wall().assist))
    assert form.network_info(own.name).hands and form.network_info(own.name).here
    added = connect.add(boss, own.name, **given, team=scene.team)
    assert way.of(added) == "hand" and not way.is_reached(added)
    with pytest.raises(connect.NotConnected, match="is not a setting"):
        connect.reconnect(boss, scene.channel, settings={way.ADDRESS: networks.PLACE})
    moved = connect.reconnect(boss, added, settings={way.ADDRESS: f"{networks.PLACE}2"})
    assert moved.url == f"{networks.PLACE}2" and way.of(moved) == "hand"
    folder = str(scene.folder.parent / "later")
    connected = connect.reconnect(boss, moved, settings={"folder": folder, "customers": "no"})
    assert way.of(connected) == "desk" and way.ADDRESS not in connected.settings
    scene.folder, scene.channel = scene.folder.parent / "later", connected
    delivery = scene.deliver(TEXT)
    scene.work()
    assert fresh(delivery).state == "sent"
