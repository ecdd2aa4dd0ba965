from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connection

from bankside.channels import connect, connectors
from bankside.channels.connect import NameTaken, NotConnected, NotNow
from bankside.channels.models import Channel, Delivery
from bankside.people.policy import NotYours
from bankside.record import clock, jobs
from bankside.record.models import Entry, Job
from bankside.record.projection import payload_of
from tests.scene import NOW, Scene

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    with clock.frozen(NOW):
        yield Scene(tmp_path / "network")


def facts_of(channel: Channel) -> list[str]:
    rows = Entry.objects.filter(obj=channel.obj).order_by("n").values_list("fact", flat=True)
    return [name.removeprefix("channels.") for name in rows]


def test_an_account_is_connected_after_the_network_has_said_who_we_are(scene: Scene) -> None:
    channel = Channel.objects.get(pk=scene.channel.pk)
    assert (channel.state, channel.handle) == ("open", "@hanulbank")
    assert channel.account["limits"] == {"limit": 500}
    assert channel.settings["lookup"] == "yes", "defaults are written down"
    assert len(channel.hook) >= 40
    assert Job.objects.get(key=f"poll:{channel.obj}").due_at == NOW
    assert facts_of(channel) == ["channel-connected"]
    fact = payload_of(Entry.objects.get(obj=channel.obj).n)
    assert (fact.name, fact.network, fact.team) == ("한울은행", "practice", scene.team.obj)


def test_two_channels_never_share_a_name_until_one_is_removed(scene: Scene) -> None:
    with pytest.raises(NameTaken, match="한울은행"):
        scene.connect(" 한울은행 ", scene.folder)
    connect.remove(scene.people["administrator"], scene.channel)
    assert scene.connect("한울은행", scene.folder).state == "open"


@pytest.mark.parametrize(
    ("settings", "secrets", "complaint"),
    [
        ({}, {}, "Folder is missing"),
        ({"folder": "x", "colour": "red"}, {}, "colour is not a setting"),
        ({"folder": "x", "lookup": "perhaps"}, {}, "must be one of yes, no"),
        ({"folder": "x", "hook_secret": "in the clear"}, {}, "is a secret"),
        ({"folder": "x", "poll_seconds": "0"}, {}, "Seconds between two looks"),
        ({"folder": "x", "failures": "whoami:reconnect"}, {}, "does not accept this account"),
        ({"folder": "x", "failures": "whoami:later"}, {}, "no answer now"),
        ({"folder": "x", "failures": "whoami:refused"}, {}, "does not want this"),
    ],
)
def test_what_cannot_be_connected_is_said_and_leaves_nothing(
    scene: Scene, tmp_path: Path, settings: dict[str, str], secrets: dict[str, str], complaint: str
) -> None:
    chosen = {**settings, **({"folder": str(tmp_path / "x")} if "folder" in settings else {})}
    with pytest.raises(NotConnected, match=complaint):
        connect.add(
            scene.people["administrator"], "practice", name="Nieuw", settings=chosen, secrets=secrets
        )  # fmt: skip
    assert Channel.objects.count() == 1


def test_only_an_administrator_connects_and_the_command_line_may(scene: Scene, tmp_path: Path) -> None:
    settings = {"folder": str(tmp_path / "x"), "poll_seconds": "7"}
    for role in ("author", "approver", "responder", "auditor"):
        with pytest.raises(NotYours):
            connect.add(scene.people[role], "practice", name="X", settings=settings, secrets={})
    channel = connect.add(None, "practice", name="新渠道", settings=settings, secrets={})
    assert channel.poll_seconds == 7
    assert "poll_seconds" not in channel.settings
    assert Entry.objects.get(obj=channel.obj).actor == "s:setup"
    with pytest.raises(LookupError):
        connect.add(None, "myspace", name="Y", settings={}, secrets={})


def test_a_check_takes_on_who_we_are_now_and_stops_what_the_network_refuses(scene: Scene) -> None:
    boss = scene.people["administrator"]
    with clock.frozen(NOW + 1000):
        assert connect.check(boss, scene.channel).ok_at == NOW + 1000
    scene.network.fail_next("whoami", "later")
    with pytest.raises(NotConnected, match="no answer now"):
        connect.check(boss, scene.channel)
    scene.network.fail_next("whoami", "reconnect")
    with pytest.raises(NotConnected, match="Connect the account again"):
        connect.check(boss, scene.channel)
    assert Channel.objects.get(pk=scene.channel.pk).state == "stopped"
    assert facts_of(scene.channel) == ["channel-connected", "channel-stopped"]
    with pytest.raises(NotYours):
        connect.check(scene.people["author"], scene.channel)


def test_a_paused_channel_rests_and_then_goes_on(scene: Scene) -> None:
    boss = scene.people["administrator"]
    paused = connect.pause(boss, scene.channel, " Bad news tomorrow. ")
    assert (paused.state, paused.trouble) == ("paused", "Bad news tomorrow.")
    scene.work()
    calls = scene.network.calls("poll")
    delivery = scene.deliver("나중에")
    scene.later(60)
    assert scene.network.calls("poll") == calls == 0
    assert scene.network.posts() == []
    with pytest.raises(NotNow, match="paused"):
        connect.pause(boss, scene.channel, "again")
    connect.resume(boss, scene.channel)
    scene.work()
    assert scene.network.calls("poll") == 1
    assert Delivery.objects.get(pk=delivery.pk).state == "sent"
    assert facts_of(scene.channel) == ["channel-connected", "channel-paused", "channel-resumed"]
    with pytest.raises(NotNow, match="runs already"):
        connect.resume(boss, scene.channel)
    for act in (lambda: connect.pause(scene.people["author"], scene.channel, "x"),
                lambda: connect.resume(scene.people["author"], scene.channel)):  # fmt: skip
        with pytest.raises(NotYours):
            act()


def test_a_channel_rests_even_when_its_job_was_forgotten_meanwhile(scene: Scene) -> None:
    boss = scene.people["administrator"]
    connect.pause(boss, scene.channel, "A long holiday.")
    scene.work()
    with clock.frozen(NOW + 40 * 86_400_000):
        jobs.forget_done()
        assert not Job.objects.filter(key=f"poll:{scene.channel.obj}").exists()
        connect.resume(boss, scene.channel)
        jobs.run_due()
    assert scene.network.calls("poll") == 1


def test_a_stopped_channel_is_connected_again_with_new_secrets_and_only_as_the_same_account(
    scene: Scene,
) -> None:
    boss = scene.people["administrator"]
    assert connect.stop(scene.channel, "The password was taken back.")
    assert not connect.stop(scene.channel, "once more")
    delivery = scene.deliver("기다렸다가 나갑니다")
    scene.work()
    assert Delivery.objects.get(pk=delivery.pk).state == "held"
    with pytest.raises(NotConnected, match=r"another account \(@other\)"):
        connect.reconnect(boss, scene.channel, settings={"handle": "other"})
    scene.network.fail_next("whoami", "reconnect")
    with pytest.raises(NotConnected):
        connect.reconnect(boss, scene.channel)
    assert Channel.objects.get(pk=scene.channel.pk).state == "stopped"
    again = connect.reconnect(boss, scene.channel, {"hook_secret": "new"}, {"poll_seconds": "9"})
    assert (again.state, again.trouble, again.poll_seconds) == ("open", "", 9)
    assert connectors.secrets_of(Channel.objects.get(pk=again.pk)) == {"hook_secret": "new"}
    scene.later(60)
    assert Delivery.objects.get(pk=delivery.pk).state == "sent"
    assert facts_of(scene.channel) == ["channel-connected", "channel-stopped", "channel-connected"]


def test_a_removed_channel_has_no_secrets_no_hook_and_sends_nothing(scene: Scene) -> None:
    boss = scene.people["administrator"]
    delivery = scene.deliver("취소됩니다")
    hook = scene.channel.hook
    gone = connect.remove(boss, scene.channel)
    row = Channel.objects.get(pk=gone.pk)
    assert (row.state, bytes(row.secrets), row.hook == hook) == ("removed", b"", False)
    assert Delivery.objects.get(pk=delivery.pk).state == "withdrawn"
    scene.later(600)
    assert scene.network.posts() == []
    assert scene.network.calls("poll") == 0
    assert facts_of(row)[-1] == "channel-removed"
    for act in (lambda: connect.remove(boss, row), lambda: connect.check(boss, row),
                lambda: connect.reconnect(boss, row), lambda: connect.pause(boss, row, "x")):  # fmt: skip
        with pytest.raises(NotNow, match="removed"):
            act()


def test_secrets_of_a_removed_channel_are_in_no_table(
    tmp_path: Path, scene: Scene, transactional_db: None
) -> None:
    sealed = bytes(Channel.objects.get(pk=scene.channel.pk).secrets)
    assert sealed[:16] in _dump(tmp_path / "before")
    connect.remove(scene.people["administrator"], scene.channel)
    assert sealed[:16] not in _dump(tmp_path / "after")


def _dump(path: Path) -> bytes:
    if connection.vendor != "sqlite":
        pytest.skip("looks into the SQLite file")
    with connection.cursor() as cursor:
        cursor.execute(f"vacuum into '{path}'")
    return path.read_bytes()
