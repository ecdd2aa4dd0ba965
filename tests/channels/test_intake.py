from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bankside.channels import connect, intake, kept
from bankside.channels.models import Channel, Item
from bankside.networks.contract import Request
from bankside.record import clock
from bankside.record.models import Entry
from bankside.record.projection import payload_of
from tests.channels import on_disk
from tests.scene import NOW, Scene

pytestmark = pytest.mark.django_db

PAN, RRN = "4111 1111 1111 1111", "900101-1234567"


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    with clock.frozen(NOW):
        yield Scene(tmp_path / "network")


def give(scene: Scene, request: Request, hook: str = "") -> intake.HookAnswer:
    return intake.receive(
        hook or scene.channel.hook, method=request.method, path=request.path, query=request.query,
        headers=request.headers, body=request.body,
    )  # fmt: skip


def counted(scene: Scene) -> dict[str, int]:
    row = Channel.objects.get(pk=scene.channel.pk)
    return {
        name: getattr(row, f"hooks_{name}") for name in ("accepted", "repeated", "forged", "malformed")
    }  # fmt: skip


def test_what_a_hook_brings_is_kept_sealed_and_answered(scene: Scene) -> None:
    first = scene.network.customer_says("카드가 안 돼요", lang="ko")
    second = scene.network.customer_says("我的卡丢了", by="wang", lang="zh")
    answer = give(scene, scene.network.hook_request(first, second))
    assert (answer.status, answer.body) == (200, b"")
    rows = list(Item.objects.order_by("id"))
    assert [(r.remote_id, r.version, r.state, r.via) for r in rows] == [
        (first, "1", "kept", "hook"), (second, "1", "kept", "hook"),
    ]  # fmt: skip
    assert kept.opened(rows[0])["text"] == "카드가 안 돼요"
    assert "카드".encode() not in bytes(rows[0].body)
    assert b"\\uce74" not in bytes(rows[0].body)
    assert Channel.objects.get(pk=scene.channel.pk).heard_at == NOW
    assert not Entry.objects.filter(fact="channels.activity-received").exists(), "reading comes later"


def test_the_same_body_many_times_is_one_item(scene: Scene) -> None:
    request = scene.network.hook_request(scene.network.customer_says("Hallo?", by="jan", lang="nl"))
    assert {give(scene, request).status for _ in range(100)} == {200}
    assert Item.objects.count() == 1
    assert counted(scene) == {"accepted": 100, "repeated": 99, "forged": 0, "malformed": 0}
    scene.work()
    assert {give(scene, request).status for _ in range(3)} == {200}
    scene.work()
    assert Entry.objects.filter(fact="channels.activity-received").count() == 1


def signed(scene: Scene, body: bytes) -> Request:
    return scene.network.hook_request(body=body)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"hello",
        b"{",
        b'{"items": 7}',
        b'{"items": [{"id": "c1"}]}',
        b'{"items": [], "more": NaN}',
        b'{"items": [], "items": []}',
        rb'{"items": [{"id": "c1", "version": "1", "kind": "mention", "text": "\ud83d"}]}',
        rb'{"items": [{"id": "c1", "version": "1", "kind": "mention", "text": "a\u0000b"}]}',
        b'{"items": [{"id": "c1", "version": "1", "deep": ' + b"[" * 100_000 + b"]" * 100_000 + b"}]}",
        b"[" * 100_000,
        b'{"items": [{"id": "c1", "version": "1", "n": ' + b"9" * 5000 + b"}]}",
        b'{"items": [{"id": "c1", "version": "1", "text": "\xff"}]}',
    ],
)
def test_a_malformed_body_is_a_clear_400_and_disturbs_nothing(scene: Scene, body: bytes) -> None:
    good = scene.network.hook_request(scene.network.customer_says("Good morning"))
    answer = give(scene, signed(scene, body))
    assert answer.status == 400
    assert answer.body.startswith(b"The body ")
    assert counted(scene) == {"accepted": 0, "repeated": 0, "forged": 0, "malformed": 1}
    assert not Item.objects.exists()
    assert give(scene, good).status == 200
    assert Item.objects.count() == 1


def test_an_unsigned_or_wrongly_signed_body_is_401(scene: Scene) -> None:
    request = scene.network.hook_request(scene.network.customer_says("Good morning"))
    name = next(h for h in request.headers if h.endswith("signature"))
    for headers in ({}, {**request.headers, name: "0" * 64}, {**request.headers, name: "ключ"}):
        assert give(scene, replace(request, headers=headers)).status == 401
    assert give(scene, replace(request, body=request.body + b" ")).status == 401
    assert counted(scene) == {"accepted": 0, "repeated": 0, "forged": 4, "malformed": 0}
    upper = {key.upper(): value for key, value in request.headers.items()}
    assert give(scene, replace(request, headers=upper)).status == 200


def test_a_huge_body_is_413_unread(scene: Scene, settings: Any) -> None:
    body = json.dumps({"items": [], "padding": "x" * settings.HOOK_BODY_BYTES_MAX}).encode()
    assert give(scene, signed(scene, body)).status == 413
    assert counted(scene)["malformed"] == 1


def test_a_handshake_is_answered_with_what_the_network_wants_back(scene: Scene) -> None:
    answer = give(scene, Request(method="GET", path="/", query={"challenge": "abc"}, headers={}, body=b""))
    assert (answer.status, answer.body, answer.content_type) == (200, b"abc", "text/plain; charset=utf-8")
    assert not Item.objects.exists()


def test_an_address_that_is_nobodys_is_404(scene: Scene) -> None:
    request = scene.network.hook_request(scene.network.customer_says("Hi"))
    old = scene.channel.hook
    for hook in ("", "x", scene.channel.obj, "\x00"):
        assert intake.receive(hook, method="POST", path="/", query={}, headers={}, body=b"").status == 404
    silent = connect.add(
        None, "practice", name="No secret", settings={"folder": str(scene.folder)}, secrets={}
    )  # fmt: skip
    assert give(scene, request, silent.hook).status == 404, "without a secret no hook can be genuine"
    connect.remove(None, scene.channel)
    assert give(scene, request, old).status == 404
    assert not Item.objects.exists()


def test_hooks_are_kept_whatever_the_state_of_the_channel(scene: Scene) -> None:
    connect.stop(scene.channel, "The password was taken back.")
    request = scene.network.hook_request(scene.network.customer_says("아직 있나요?"))
    assert give(scene, request).status == 200
    scene.work()
    assert Entry.objects.filter(fact="channels.activity-received").count() == 1


def test_a_connector_that_stumbles_is_a_400_and_is_counted(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    from bankside.networks.practice import Practice

    def stumble(self: Practice, request: Request) -> None:
        raise KeyError("4111 1111 1111 1111")

    monkeypatch.setattr(Practice, "verify", stumble)
    answer = give(scene, signed(scene, b"{}"))
    assert (answer.status, answer.body) == (400, b"The body cannot be read.\n")
    assert counted(scene)["malformed"] == 1


def test_card_and_registration_numbers_are_masked_before_anything_is_kept(scene: Scene) -> None:
    said = f"내 카드 {PAN}, 주민번호 {RRN}, 또는 ４１１１１１１１１１１１１１１１"
    id = scene.network.customer_says(said, name=f"Kim {PAN}", images=((f"https://x/{RRN}.jpg", PAN),))
    give(scene, scene.network.hook_request(id))
    row = Item.objects.get()
    raw = json.dumps(kept.opened(row), ensure_ascii=False)
    for digits in ("4111", "900101", "1234567", "４１１１"):
        assert digits not in raw
    assert sorted(row.red) == ["PAN", "RRN"]
    scene.work()
    entry = Entry.objects.get(fact="channels.activity-received")
    assert json.loads(bytes(entry.leaf))["red"] == ["PAN", "RRN"]
    seen = payload_of(entry.n).seen
    assert seen.text.startswith("내 카드 •••• •••• •••• 1111, 주민번호 ••••••-•••••••")


# --- processes that are killed, a file that is searched ----------------------------------------------
@pytest.mark.timeout(300)
def test_on_disk(tmp_path: Path) -> None:
    """One desk, several stories: founding one takes seconds."""
    desk = on_disk.found(tmp_path)
    from_eight_threads(desk)
    killed_between_keeping_and_reading(desk)
    killed_in_the_middle_of_reading(desk)
    numbers_are_nowhere_on_the_disk(desk)


def from_eight_threads(desk: on_disk.Desk) -> None:
    """The same body two hundred times."""
    said = desk.run("""
        request = network.hook_request(network.customer_says("이백 번", lang="ko"))
        answers = []
        def deliver():
            for _ in range(25):
                answers.append(hook(request).status)
        threads = [threading.Thread(target=deliver) for _ in range(8)]
        for thread in threads: thread.start()
        for thread in threads: thread.join()
        row = channel()
        print(len(answers), set(answers), Item.objects.count(), row.hooks_accepted, row.hooks_repeated)
    """)
    assert said == "200 {200} 1 200 199"


def killed_between_keeping_and_reading(desk: on_disk.Desk) -> None:
    desk.run(
        """
        for text in ("één", "둘", "三"):
            assert hook(network.hook_request(network.customer_says(text))).status == 200
        die()
        """,
        killed=True,
    )
    said = desk.run("""
        while reading.read_kept(): pass
        print(Entry.objects.filter(fact="channels.activity-received").count())
        print(Item.objects.filter(state="kept").count())
    """)
    assert said.split() == ["4", "0"]


def killed_in_the_middle_of_reading(desk: on_disk.Desk) -> None:
    desk.run(
        """
        assert hook(network.hook_request(network.customer_says("midden"))).status == 200
        append = reading.append_many
        def append_and_die(drafts):
            append(drafts)
            die()
        reading.append_many = append_and_die
        reading.read_kept()
        """,
        killed=True,
    )
    said = desk.run("""
        print(Item.objects.filter(state="kept").count())
        while reading.read_kept(): pass
        print(Entry.objects.filter(fact="channels.activity-received").count())
    """)
    assert said.split() == ["1", "5"]


def numbers_are_nowhere_on_the_disk(desk: on_disk.Desk) -> None:
    desk.run(f"""
        hooked = network.customer_says("카드 {PAN} 주민 {RRN}")
        assert hook(network.hook_request(hooked)).status == 200
        network.customer_says("polled 5500-0000-0000-0004 and 850505-2345678")
        for _ in range(10):
            jobs.run_due()
            reading.read_kept()
            for follower in projection.followers():
                projection.catch_up(follower, 0)
        assert Entry.objects.filter(fact="channels.activity-received").count() == 7
    """)
    everything = desk.everything()
    assert b"channels.activity-received" in everything, "the search would find what is there"
    numbers = [PAN, RRN, "5500-0000-0000-0004", "850505-2345678"]
    for number in numbers:
        bare = number.replace(" ", "").replace("-", "")
        for form in (number, bare, bare[:12]):
            assert form.encode() not in everything
            assert form.encode("utf-16-le") not in everything
