"""Makes the recordings of KakaoTalk before our own fake of a dealer: nothing came from Kakao.

The hooks of Kakao Developers carry a header that no recording may hold: they are in test_kakaotalk.py.
Run: .venv/bin/python -m tests.networks.make_kakaotalk_recordings
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from bankside.networks.contract import Accepted, Media, Post, Request
from tests.networks.pretended.kakaotalk import JUN, MINJI, PretendedDealer, relation, written
from tests.networks.studio import Studio

SERVER = (
    "none: made by us with our own fake of a dealer, after dealers' documents (secondary); "
    "not recorded from Kakao or a dealer"
)
WRITE = "POST /v1/chat/write"


class Careful(PretendedDealer):
    """The same, with a contract that does not tell the code for a used serial number."""

    settings = {**PretendedDealer.settings, "duplicate_code": ""}


def main() -> None:
    """Records every case; the folder holds nothing else afterwards."""
    fake = PretendedDealer()
    studio = Studio(fake, SERVER)
    studio.begin()
    studio.whoami()
    _answers(studio)
    _failures(studio)
    _hooks(studio, fake)
    _items(studio, fake)


def _answers(studio: Studio) -> None:
    answer = Post(
        text="네, 10시부터입니다. Vanaf tien uur. 十点开门。", private=True, thread=MINJI, to=(MINJI,)
    )
    studio.send("send-answer", answer, "r1:c1")
    studio.send(
        "send-same-number-again", answer, "r1:c1", note="The code is the fake's own; see the settings."
    )
    lost = replace(answer, text="답이 사라진 글")
    note = "The contract tells the code for a used number, so the next try is safe: Later."
    studio.send("send-lost-answer", lost, "r2:c1", cut="/", note=note)
    studio.send("send-after-lost-answer", lost, "r2:c1")
    careful = Studio(Careful(), SERVER)
    note = "The code for a used number is not known, so nobody may send it again: Uncertain."
    careful.send("send-lost-answer-without-code", lost, "r2:c1", cut="/", note=note)


def _failures(studio: Studio) -> None:
    post = Post(text="네", private=True, thread=MINJI, to=(MINJI,))
    studio.fails("send-too-fast", WRITE, 429, {"message": "too many"}, post, retry_after="7")
    studio.fails("send-server-broken", WRITE, 500, "<html>", post)
    studio.fails("send-nonsense", WRITE, 200, "<html>", post)
    studio.fails("send-bad-request", WRITE, 400, "<html>", post)
    studio.fails("send-not-allowed", WRITE, 403, {"message": "IP"}, post)
    studio.send("send-wrong-keys", post, "f:c1", client_secret="not the dealer's")
    studio.send("send-chat-is-closed", replace(post, to=(JUN,), thread=JUN), "f:c1")
    studio.send("send-too-long", replace(post, text="가" * 1001), "f:c1")
    studio.send("send-to-everybody", Post(text="모두에게"), "f:c1")
    picture = Media(mime="image/png", alt="창구", data=b"x", name="창구.png")
    studio.send("send-picture", replace(post, media=(picture,)), "f:c1")


def _hooks(studio: Studio, fake: PretendedDealer) -> None:
    good = fake.hook(written(1, "지점이 몇 시에 여나요?"))
    studio.verify("hook", good)
    studio.verify(
        "hook-without-a-number", fake.hook({"user_key": MINJI, "content": "안녕하세요", "time": 1795860000})
    )
    studio.verify("hook-forged", replace(good, query={"word": "guessed"}))
    studio.verify("hook-without-word", replace(good, query={}))
    studio.verify("hook-broken", replace(good, body=b"[]"))


def _items(studio: Studio, fake: PretendedDealer) -> None:
    messages = {
        "text": written(1, "지점이 몇 시에 여나요?"),
        "content": {"user_key": MINJI, "content": "안녕하세요", "time": 1_795_860_000},
        "picture": written(2, "", image_url="https://dn-m.talk.kakao.example/a.jpg", message_type="IM"),
        "file": written(3, "", file_url="https://dn-m.talk.kakao.example/b.pdf", file_name="bon.pdf"),
        "another-channel": written(4, "?", sender_key="00" * 20),
        "chat-has-ended": {"user_key": MINJI, "session_id": "123212", "time": 1_795_860_000_000},
    }
    for name, given in messages.items():
        studio.read(f"read-{name}", kept(fake, fake.hook(given)))
    for name, event in (("added", relation()), ("blocked", relation("blocked"))):
        studio.read(f"read-{name}", kept(fake, fake.kakao_hook(event)))
    studio.read("read-broken", {"message": {"sender_key": 5}, "id": "x"})


def kept(fake: PretendedDealer, request: Request) -> dict[str, Any]:
    """What is kept of a hook."""
    accepted = fake.connector().verify(request)
    assert isinstance(accepted, Accepted)
    return accepted.items[0].raw


if __name__ == "__main__":
    main()
