"""Makes the recordings of LINE before our own fake: nothing here was recorded from LINE.

Run: .venv/bin/python -m tests.networks.make_line_me_recordings
"""

from __future__ import annotations

import base64
from dataclasses import replace
from typing import Any

from bankside.networks.contract import Media, Post
from bankside.networks.line_me import item_of
from tests.networks.pretended.line_me import FAMILY, MINJI, PretendedLine, event, text
from tests.networks.studio import Studio

SERVER = (
    "none: made by us with our own fake, in the forms of LINE's OpenAPI files of 2026-07-01; "
    "not recorded from LINE"
)
BROADCAST = "POST /v2/bot/message/broadcast"
PICTURE = Media(
    mime="image/png", alt="새 지점", data=b"\x89PNG not really a picture", name="branch.png",
    url="https://desk.hanulbank.example/media/1f2e",
)  # fmt: skip


def main() -> None:
    """Records every case; the folder holds nothing else afterwards."""
    fake = PretendedLine()
    studio = Studio(fake, SERVER)
    studio.begin()
    studio.whoami()
    studio.whoami("whoami-ended-token", access="a token that has ended")
    fake.quota = {"type": "none"}
    studio.whoami("whoami-no-quota")
    fake.quota = {"type": "limited", "value": 30000}
    _posts(studio)
    _chats(studio)
    _failures(studio)
    _hooks(studio, fake)
    _items(studio)


def _posts(studio: Studio) -> None:
    words = "The branch opens at ten. 지점은 10시에 엽니다. 分行十点开门。Het kantoor opent om tien uur."
    notice = Post(text=words, lang="ko", media=(PICTURE,))
    sent = studio.send("send-to-everybody", notice, "v1:c1")
    studio.send(
        "send-same-key-again", notice, "v1:c1", note="LINE answers 409 with the request that it had taken."
    )
    studio.send(
        "send-lost-answer", Post(text="답이 사라진 글"), "v2:c1", cut="/",
        note="The answer was lost. The same key makes the next try safe, so this is Later and not Uncertain.",
    )  # fmt: skip
    studio.send("send-after-lost-answer", Post(text="답이 사라진 글"), "v2:c1")
    studio.send("send-picture-without-words", Post(text=" ", media=(PICTURE,)), "v3:c1")
    studio.measure("measure", sent.remote_id, "500000000000000010", "00000000-0000-0000-0000-000000000000")


def _chats(studio: Studio) -> None:
    answer = Post(
        text="네, 10시부터입니다.", private=True, thread=MINJI, to=(MINJI,), in_reply_to="4" + "0" * 17
    )
    studio.send("send-answer", answer, "r1:c1")
    studio.send("send-answer-same-key-again", answer, "r1:c1")
    studio.send("send-answer-in-a-group", replace(answer, text="Tot morgen.", thread=FAMILY), "r2:c1")


def _failures(studio: Studio) -> None:
    post = Post(text="Something")
    wrong = {
        "message": "The request body has 1 error(s)",
        "details": [{"message": "too long", "property": "x"}],
    }
    studio.fails("send-too-fast", BROADCAST, 429, {"message": "The API rate limit has been exceeded."}, post)
    studio.fails(
        "send-month-is-over", BROADCAST, 429, {"message": "You have reached your monthly limit."}, post
    )
    studio.fails("send-refused", BROADCAST, 400, wrong, post)
    studio.fails("send-not-allowed", BROADCAST, 403, {"message": "Access to this API is not available"}, post)
    studio.fails("send-server-broken", BROADCAST, 500, "<html>", post)
    studio.fails("send-server-closed", BROADCAST, 503, "<html>", post, retry_after="120")
    studio.send("send-too-long", Post(text="가" * 5001), "f:c1")
    studio.send("send-picture-without-address", replace(post, media=(replace(PICTURE, url=""),)), "f:c1")
    studio.send("send-ended-token", post, "f:c1", access="a token that has ended")
    studio.send(
        "send-without-token", post, "f:c1", access="", note="Nobody has got a token for this channel."
    )


def _hooks(studio: Studio, fake: PretendedLine) -> None:
    both = fake.hook(
        text(1, "지점이 몇 시에 여나요?"), event(2, "follow", replyToken="r", follow={"isUnblocked": False})
    )
    studio.verify("hook", both)
    studio.verify("hook-delivered-again", fake.hook(text(1, "지점이 몇 시에 여나요?", again=True)))
    studio.verify("hook-from-the-console", fake.hook())
    studio.verify("hook-unsigned", replace(both, headers={}))
    studio.verify(
        "hook-forged", replace(both, headers={"x-line-signature": base64.b64encode(b"x" * 32).decode()})
    )
    studio.verify("hook-changed", replace(both, body=both.body + b" "))
    studio.verify("hook-of-another-secret", fake.hook(text(1, "x"), secret="another secret"))
    studio.verify("hook-without-events", fake.signed(b'{"destination":"U"}'))


def _items(studio: Studio) -> None:
    group = {"type": "group", "groupId": FAMILY, "userId": MINJI}
    content = {"contentProvider": {"type": "line"}, "quoteToken": "q"}
    kinds: dict[str, dict[str, Any]] = {
        "text": text(1, "지점이 몇 시에 여나요? (moon)"),
        "text-quoting": text(2, "정말요?", message={"quotedMessageId": "40000000000000001"}),
        "text-in-a-group": text(3, "@Hanul 你好", source=group, message={
            "mention": {"mentionees": [{"index": 0, "length": 6, "type": "user", "userId": MINJI}]},
        }),
        "image": event(4, message={"type": "image", "id": "44", **content}),
        "file": event(5, message={"type": "file", "id": "45", "fileName": "jaarverslag.pdf", "fileSize": 9}),
        "location": event(6, message={
            "type": "location", "id": "46", "title": "하늘은행", "address": "서울 마포구", "latitude": 37.55,
            "longitude": 126.95,
        }),
        "sticker": event(7, message={
            "type": "sticker", "id": "47", "packageId": "1", "stickerId": "2",
            "stickerResourceType": "STATIC", "quoteToken": "q", "keywords": ["thanks", "bow", "bye", "ok"],
        }),
        "unsend": event(8, "unsend", unsend={"messageId": "4" + "0" * 16 + "1"}),
        "follow": event(9, "follow", replyToken="r", follow={"isUnblocked": True}),
        "unfollow": event(10, "unfollow"),
        "standby": text(11, "?", mode="standby"),
        "kind-yet-to-come": event(12, "hologram", hologram={"id": "9"}),
    }  # fmt: skip
    for name, given in kinds.items():
        studio.read(f"read-{name}", item_of(given).raw)
    studio.read("read-broken", {"event": {"type": "message", "webhookEventId": 7}})


if __name__ == "__main__":
    main()
