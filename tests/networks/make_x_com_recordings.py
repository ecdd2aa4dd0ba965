"""Makes the recordings of X, before the fake of tests/networks/pretended/x_com.py: each says so.

No server of X stands behind them. Run: .venv/bin/python -m tests.networks.make_x_com_recordings
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from typing import Any

from bankside.networks.contract import Media, Post, Request
from tests.networks.pretended.x_com import BANK, CLIENT_SECRET, PROBLEMS, PretendedX, moment
from tests.networks.recorder import at_moment
from tests.networks.studio import MOMENT_MS, Studio

SERVER = "none: made by us with our own fake, in the forms of X's OpenAPI file 2.159; not recorded from X"
HOOK = "x-twitter-webhooks-signature-oauth2"
PNG = Media(
    mime="image/png", alt="De ingang in Mapo", name="ingang.png", data=b"\x89PNG\r\n\x1a\n no picture"
)
TEXT = "환율 안내: 오늘 오후 세 시에 바뀝니다. https://hanulbank.example/fx"
FORBIDDEN = {"type": "about:blank", "title": "Forbidden", "status": 403}


def main() -> None:
    """Everything anew."""
    fake = PretendedX()
    studio = Studio(fake, SERVER)
    studio.begin()
    with at_moment(MOMENT_MS):
        studio.whoami()
        post = sends(studio, fake)
        comes_in(studio, fake, post)
        refusals(studio, fake)
        afterwards(studio, fake, post)
        hooks(studio)


def sends(studio: Studio, fake: PretendedX) -> str:
    """What goes out, and what is found of it."""
    post: str = studio.send("send-post", Post(text=TEXT, lang="ko"), "v1:c1").remote_id
    studio.send("send-pictures", Post(text="Nieuwe ingang", media=(PNG,)), "v2:c1")
    studio.send("send-thread", Post(text="第二部分", in_reply_to=post, thread=post), "v3:c1")
    studio.send("send-edit", Post(text="환율 안내: 네 시로 바뀝니다.", replaces=post), "v4:c1")
    sanne = fake.person("sanne")
    private = Post(text="Bel ons op 02 555 0100", to=(sanne,), private=True)
    studio.send("send-private", private, "v5:c1")
    studio.send("send-uncertain", Post(text="Closed on Monday"), "v6:c1", cut="/2/tweets")
    studio.find("find-there", Post(text="Closed on Monday"), "v6:c1")
    studio.find("find-nothing", Post(text="Closed on Tuesday"), "v7:c1")
    studio.find("find-edit", Post(text="환율 안내: 네 시로 바뀝니다.", replaces=post), "v4:c1")
    studio.find("find-private", private, "v5:c1")
    return post


def comes_in(studio: Studio, fake: PretendedX, post: str) -> None:
    """What people write, and how it is read."""
    question = fake.says("minji", "@hanulbank 지점은 언제 열어요?", under=post)
    fake.says("wei", "这张照片很美", quoting=post)
    fake.says("eve", "@minji I wonder too", under=question)
    fake.writes("sanne", "Mijn pas is weg")
    page = studio.poll("poll-first")
    for number, item in enumerate(page.items):
        studio.read(f"read-{number}", item.raw)
    fake.edits(question, "@hanulbank 지점은 몇 시에 열어요?")
    fake.deletes(next(id for id, p in fake.posts.items() if p.text == "这张照片很美"))
    studio.poll("poll-changed", page.cursor.replace('"looked_ms"', '"then_ms"'))
    studio.read("read-unknown", {"event": {"event_type": "spaces.start"}})
    studio.send("send-answer", Post(text="열 시예요", in_reply_to=question, thread=post), "v8:c1")


def refusals(studio: Studio, fake: PretendedX) -> None:
    stranger = fake.says("wei", "银行都一样")
    studio.send("send-not-summoned", Post(text="您好", in_reply_to=stranger), "v9:c1")
    words, post = "You are not allowed to create a Tweet with duplicate content.", Post(text="Again")
    place = "POST /2/tweets"
    studio.fails("send-refused-twice", place, 403, {**FORBIDDEN, "detail": words}, post)
    invalid = {
        "type": f"{PROBLEMS}invalid-request",
        "title": "Invalid Request",
        "detail": "text is too long.",
    }
    studio.fails("send-refused", place, 400, invalid, post)
    left = {"x_rate_limit_remaining": "0", "x_rate_limit_reset": str(MOMENT_MS // 1000 + 600)}
    many = {"title": "Too Many Requests", "detail": "Too Many Requests", "type": "about:blank", "status": 429}
    studio.fails("send-later", place, 429, many, post, **left)
    studio.fails(
        "send-uncertain-503", place, 503, {"title": "Service Unavailable", "type": "about:blank"}, post
    )
    none = {"title": "CreditsDepleted", "detail": "No credits are left.", "type": f"{PROBLEMS}credits"}
    studio.fails("send-no-credits", place, 402, none, post, note="The form of this answer is unverified.")
    studio.send("send-expired", post, "f:c1", access="ended")
    studio.send("send-reconnect", post, "f:c1", access="")
    studio.send("send-too-long", Post(text="가" * 141), "f:c1")


def afterwards(studio: Studio, fake: PretendedX, post: str) -> None:
    gone = "1999999999999999999"
    studio.measure("measure", post, gone)
    studio.remove("remove-not-ours", next(id for id, p in fake.posts.items() if p.author != BANK))
    studio.remove("remove", post)
    studio.remove("remove-again", post)
    studio.remove("remove-private", "dm:1999999999999999999")


def hooks(studio: Studio) -> None:
    mention = {
        "id": "2080765813578191303", "author_id": "2222222222222222222",
        "text": "hey @hanulbank 하나 물어봐요", "conversation_id": "2080765813578191303",
        "created_at": moment(MOMENT_MS),
        "edit_history_tweet_ids": ["2080765813578191303"], "lang": "und",
        "entities": {"mentions": [{"start": 4, "end": 14, "username": "hanulbank", "id": BANK}]},
    }  # fmt: skip
    message = {
        "type": "message_create", "id": "2080765901528535096", "created_timestamp": str(MOMENT_MS),
        "message_create": {
            "target": {"recipient_id": BANK}, "sender_id": "2222222222222222222",
            "message_data": {"text": "我的卡丢了", "entities": {"urls": []}},
        },
    }  # fmt: skip
    users = {"2222222222222222222": {"data": {"id": "2222222222222222222", "username": "wei", "name": "伟"}}}
    exchange = {"direct_message_events": [message], "users": users}
    studio.verify("verify-mention", event("post.mention.create", mention))
    studio.verify("verify-message", event("dm.received", exchange))
    studio.verify("verify-unknown", event("spaces.start", {"broadcast_id": "1"}))
    studio.verify("verify-forged", event("post.mention.create", mention, secret="not the secret"))
    studio.verify("verify-broken", event("dm.received", {"direct_message_events": "none"}))
    token = {"crc_token": "9a0b1c2d"}
    studio.verify(
        "verify-challenge", Request(method="GET", path="/hooks/h", query=token, headers={}, body=b"")
    )


def event(kind: str, payload: dict[str, Any], *, secret: str = CLIENT_SECRET) -> Request:
    """A hook as X sends it."""
    data = {"event_uuid": "7", "filter": {"user_id": BANK}, "event_type": kind, "payload": payload}
    body = json.dumps({"data": data}, ensure_ascii=False).encode()
    made = base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest()).decode()
    headers = {"content-type": "application/json", HOOK: f"sha256={made}"}
    return Request(method="POST", path="/hooks/h", query={}, headers=headers, body=body)


if __name__ == "__main__":
    main()
