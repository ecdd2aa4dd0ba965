"""Makes the recordings of Matrix anew: python -m tests.networks.make_matrix_org_recordings

From a real server, to be run when the connector asks something else or another server is to be recorded.
"""

from __future__ import annotations

import base64
from dataclasses import asdict
from pathlib import Path

from bankside.networks.contract import Media, Post
from tests.networks.real_studio import RealStudio
from tests.networks.recorder import NOT_REAL
from tests.servers.matrix import Person, running
from tests.servers.matrix_install import SYNAPSE, NotInstalled, installed

NAME = "matrix_org"
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
PICTURE = Media(mime="image/png", alt="새 지점 창구", data=PNG, name="창구.png")
SLOW = {"per_second": 0.02, "burst_count": 2}


def main() -> None:
    """Records every case; the folder holds nothing else afterwards."""
    try:
        kept = installed()
    except NotInstalled as reason:
        raise SystemExit(str(reason)) from None
    with running(kept) as server:
        bank, minji = server.account("care", "한울은행"), server.account("minji", "김민지")
        studio = _studio(bank)
        studio.begin()
        _connecting(studio)
        room, cursor = _conversation(studio, bank, minji)
        _begun_by_us(studio, server.account("sanne", "Sanne de Vries"))
        _encrypted(studio, bank, server.account("wei", "李伟"), cursor)
        _failures(studio, bank, minji, room)
    _too_fast(kept)


def _studio(bank: Person) -> RealStudio:
    settings, secrets = {"server": bank.matrix.url, "user": bank.id}, {"access_token": bank.token}
    server = f"Synapse {SYNAPSE.partition('==')[2]} (SQLite)"
    return RealStudio(NAME, server, bank.matrix.url, settings, secrets, {"access_token": NOT_REAL})


def _connecting(studio: RealStudio) -> None:
    me = studio.whoami()
    studio.whoami("whoami-dead-token", access_token="a-token-of-nobody")
    studio.account = asdict(me)


def _conversation(studio: RealStudio, bank: Person, minji: Person) -> tuple[str, str]:
    begun = studio.poll("poll-nobody-yet")
    room = minji.open(bank.id)
    first = minji.say(room, "카드를 잃어버렸어요. <b>빨리</b> & 快")
    joined = studio.poll("poll-joins", begun.cursor)
    page = studio.poll("poll-first-words", joined.cursor)
    past, number = page, 0
    while past.more:
        past, number = studio.poll(f"poll-what-was-said-before-{number}", past.cursor), number + 1
    for n, item in enumerate(page.items):
        studio.read(f"read-{n}", item.raw)
    answer = Post(text="네, 바로 정지하겠습니다.", in_reply_to=f"{room}/{first}", thread=room, private=True)
    studio.find("find-not-there", answer, "v1:c1")
    receipt = studio.send("send-answer", answer, "v1:c1")
    studio.send("send-same-key-again", answer, "v1:c1")
    studio.find("find-there", answer, "v1:c1")
    pictured = Post(text="새 카드는 이렇게 생겼습니다.", in_reply_to=f"{room}/{first}", media=(PICTURE,))
    studio.send("send-with-image", pictured, "v2:c1")
    edit = Post(text="정지했습니다.", replaces=receipt.remote_id)
    studio.find("find-edit-not-there", edit, "v3:c1")
    studio.send("send-edit", edit, "v3:c1")
    studio.find("find-edit-there", edit, "v3:c1")
    minji.change(room, first, "카드를 잃어버렸습니다.")
    second = minji.say(room, "> <@care> 네\n\n고맙습니다!", answers=receipt.remote_id.partition("/")[2])
    third = minji.say(room, "잘못 보냈어요")
    minji.take_away(room, third)
    minji.change(room, receipt.remote_id.partition("/")[2], "이자 30%!")
    page = studio.poll("poll-changed-and-gone", past.cursor)
    for n, item in enumerate(page.items):
        studio.read(f"read-later-{n}", item.raw)
    studio.read("read-unknown-kind", {"reaction": {"id": second}})
    studio.read("read-broken", {"message": {"id": 7}})
    studio.remove("remove-of-others", f"{room}/{second}")
    studio.remove("remove", receipt.remote_id)
    studio.remove("remove-again", receipt.remote_id)
    page = studio.poll("poll-removed", page.cursor)
    studio.poll("poll-quiet", page.cursor)
    return room, str(page.cursor)


def _begun_by_us(studio: RealStudio, sanne: Person) -> None:
    first = Post(text="Uw pas ligt klaar.", private=True, to=(sanne.id,))
    studio.find("find-no-conversation-yet", first, "v4:c1")
    studio.send("send-opens-a-conversation", first, "v4:c1")
    studio.find("find-in-the-new-conversation", first, "v4:c1")
    [room] = sanne.invited()
    sanne.join(room)
    studio.send("send-into-the-conversation", Post(text="Tot straks.", private=True, to=(sanne.id,)), "v5:c1")
    sanne.leave(room)
    studio.send("send-invites-again", Post(text="Bent u er nog?", private=True, to=(sanne.id,)), "v6:c1")


def _encrypted(studio: RealStudio, bank: Person, wei: Person, cursor: str) -> None:
    room = wei.open(bank.id)
    bank.join(room)
    wei.encrypt(room)
    sealed = {"algorithm": "m.megolm.v1.aes-sha2", "ciphertext": "AwgA", "session_id": "s", "sender_key": "k"}
    event = wei.put(room, sealed, "m.room.encrypted")
    page = studio.poll("poll-encrypted", cursor)
    raw = next(item.raw for item in page.items if "sealed" in item.raw)
    studio.read("read-encrypted", raw)
    answer = Post(text="您好", in_reply_to=f"{room}/{event}", private=True)
    studio.send("send-fails-encrypted", answer, "f1:c1")


def _failures(studio: RealStudio, bank: Person, minji: Person, room: str) -> None:
    above = f"{room}/{minji.say(room, '한 가지 더요')}"
    answer = Post(text="말씀하세요.", in_reply_to=above, private=True)
    studio.send("send-fails-dead-token", answer, "f2:c1", access_token="a-token-of-nobody")
    studio.send("send-fails-to-nobody", Post(text="모두에게"), "f3:c1")
    lost = Post(text="x", replaces=f"{room}/$nothing")
    studio.send("send-fails-nothing-to-change", lost, "f4:c1")
    note = "The answer was cut by the recorder; the server had accepted the message."
    studio.send("send-fails-cut-answer", answer, "f5:c1", cut=0, note=note)
    studio.find("find-after-cut-answer", answer, "f5:c1")
    studio.send("send-after-cut-answer", answer, "f5:c1")
    pictured = Post(text="x", in_reply_to=above, media=(PICTURE,))
    studio.send("send-fails-cut-upload", pictured, "f6:c1", cut=0, note="The answer to an upload was cut.")
    person = minji.matrix.account("daan")
    begun = Post(text="Dag", private=True, to=(person.id,))
    studio.send("send-fails-cut-opening", begun, "f7:c1", cut=0, note="The answer to the opening was cut.")
    studio.send("send-after-cut-opening", begun, "f7:c1")
    bank.leave(room)
    studio.send("send-fails-not-there-any-more", answer, "f8:c1")


def _too_fast(kept: Path) -> None:
    """A server of its own, whose owner allows two messages at a time."""
    with running(kept, rc_message=SLOW) as server:
        bank, minji = server.account("care", "한울은행"), server.account("minji")
        studio = _studio(bank)
        studio.account = {"remote_id": bank.id}
        room = bank.open(minji.id)
        above = f"{room}/{bank.say(room, '하나')}"
        answer = Post(text="둘", in_reply_to=above, private=True)
        studio.send("send-fails-too-fast", answer, "f9:c1", note="This server's owner allows two at a time.")


if __name__ == "__main__":
    main()
