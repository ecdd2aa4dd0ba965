"""Makes the recordings before the fake of Weibo: `python -m tests.networks.make_weibo_recordings`.

Nobody of this project can have an app there: no recording comes from Weibo itself.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

from bankside.networks.contract import Media, Post, Request
from tests.networks.pretended import NOT_REAL
from tests.networks.pretended.weibo import LINK, ME, PretendedWeibo, weibo_time
from tests.networks.recorder import at_moment
from tests.networks.studio import MOMENT_MS, Studio

PNG = b"\x89PNG\r\n\x1a\n not a real picture"
NEWS = Post(text=f"韩华银行周三发布季度报告。{LINK}/q3", lang="zh")
SHARE = "POST /2/statuses/share.json"


def hook(body: dict[str, Any] | None, *, secret: str = NOT_REAL, **query: str) -> Request:
    """A callback as the documents describe it: the secret, the time and a number, sorted and joined."""
    moment = str(MOMENT_MS)
    made = hashlib.sha1("".join(sorted([secret, moment, "57155157"])).encode()).hexdigest()
    told = {"signature": made, "timestamp": moment, "nonce": "57155157", **query}
    return Request(
        method="POST" if body else "GET", path="/hooks/x", query=told,
        headers={"content-type": "application/json"},
        body=json.dumps(body, ensure_ascii=False).encode() if body else b"",
    )  # fmt: skip


def message(text: str, **more: Any) -> dict[str, Any]:
    told = {"type": "text", "receiver_id": ME, "sender_id": 1404376560, "text": text, "data": {}}
    return told | {"created_at": weibo_time(MOMENT_MS / 1000 - 60)} | more


def main() -> None:
    fake = PretendedWeibo()
    studio = Studio(fake, "a fake of this project, from the documents on open.weibo.com")
    studio.begin()
    studio.whoami()
    outgoing(studio)
    incoming(studio, fake)
    failures(studio)
    hooks(studio)


def outgoing(studio: Studio) -> None:
    made = studio.send("send", NEWS, "v1:c1")
    picture = Media(mime="image/png", alt="图表", data=PNG, name="chart.png")
    studio.send("send-picture", Post(text=f"季度报告的图表 {LINK}/c", media=(picture,)), "v2:c1")
    studio.find("find", NEWS, "v1:c1")
    studio.find("find-nothing", Post(text=f"没有说过的话 {LINK}"), "v9:c1")
    studio.measure("measure", made.remote_id)
    studio.measure("measure-account", studio.fake.account["remote_id"])
    private = Post(
        text="您好，请致电支行。", private=True, to=("1404376560",), in_reply_to="message:1",
        thread="direct:1404376560",
    )  # fmt: skip
    studio.send("send-private", private, "r1:c1")
    studio.find("find-private", private, "r1:c1")


def incoming(studio: Studio, fake: PretendedWeibo) -> None:
    with at_moment(MOMENT_MS):
        mention = fake.mention("@韩华银行 支行几点开门？")
        fake.mention("抱歉，此微博已被作者删除。", user=None, deleted="1")
        comment = fake.comment(fake.posts[0], "报告在哪里下载？")
    page = studio.poll("poll", since_ms=MOMENT_MS - 3_600_000)
    for number, item in enumerate(page.items, start=1):
        studio.read(f"read-{number}", item.raw)
    studio.poll("poll-again", cursor=page.cursor)
    under = f"comment:{fake.posts[0]['id']}:{comment['id']}"
    answer = Post(text="在网站首页。", in_reply_to=under, thread=f"status:{fake.posts[0]['id']}")
    made = studio.send("send-answer", answer, "r2:c1")
    studio.find("find-answer", answer, "r2:c1")
    studio.send("send-answer-to-mention", Post(text="十点。", in_reply_to=f"status:{mention['id']}"), "r3:c1")
    studio.remove("remove-answer", made.remote_id)
    studio.remove("remove", f"status:{fake.posts[0]['id']}")
    studio.remove("remove-gone", "status:77")
    studio.remove("remove-foreign", f"status:{mention['id']}")


def failures(studio: Studio) -> None:
    def fails(case: str, status: int, code: int, words: str, **how: str) -> None:
        body = {"error": words, "error_code": code, "request": "/2/statuses/share.json"}
        studio.fails(case, SHARE, status, body, NEWS, **how)

    fails("send-limit", 403, 10023, "User requests out of rate limit!")
    fails("send-expired", 403, 21327, "expired_token")
    fails("send-no-right", 403, 10014, "Insufficient app permissions!")
    fails("send-refused", 400, 20018, "the content contains illegal websites!")
    fails("send-broken", 400, 10003, "Remote service error")
    fails("send-repeated", 400, 20019, "repeat content!")
    studio.send("send-lost", NEWS, "v1:c1", cut="/share")
    studio.send("send-no-address", Post(text="没有链接的话"), "v3:c1")
    studio.whoami("whoami-bad-token", access_token="another one")


def hooks(studio: Studio) -> None:
    studio.verify("hook-handshake", hook(None, echostr="5927782489442352469"))
    accepted = studio.verify("hook", hook(message("我的卡丢了，怎么办？")))
    studio.read("read-message", accepted.items[0].raw)
    followed = studio.verify(
        "hook-follow", hook(message("关注事件消息", type="event", data={"subtype": "follow"}))
    )
    studio.read("read-follow", followed.items[0].raw)
    studio.verify("hook-forged", hook(message("假的"), secret="another one"))
    studio.verify("hook-no-message", hook({"type": "text"}))


if __name__ == "__main__":
    main()
