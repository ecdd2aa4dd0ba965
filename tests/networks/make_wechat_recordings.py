"""Makes the recordings before the fake of WeChat: `python -m tests.networks.make_wechat_recordings`.

Nobody of this project can have an official account of an institution: no recording comes from WeChat itself.
"""

from __future__ import annotations

from dataclasses import replace

from bankside.networks.contract import Media, Post, Request
from tests.networks.pretended import NOT_REAL
from tests.networks.pretended.wechat import (
    KEY,
    OPENID,
    PNG,
    PretendedWeChat,
    hook,
    message,
    signed,
    wrong,
    xml,
)
from tests.networks.recorder import at_moment
from tests.networks.studio import MOMENT_MS, Studio

SECONDS = MOMENT_MS // 1000
COVER = Media(mime="image/png", alt="封面", data=PNG, name="cover.png")
NEWS = Post(
    title="第三季度报告", text="韩华银行今天发布第三季度报告。\n\n详情见网站。", media=(COVER,), lang="zh"
)
SUBMIT = "POST /cgi-bin/freepublish/submit"


def main() -> None:
    fake = PretendedWeChat()
    studio = Studio(fake, "a fake of this project, from the documents on developers.weixin.qq.com")
    studio.begin()
    studio.whoami()
    articles(studio, fake)
    comments(studio, fake)
    messages(studio)
    failures(studio, fake)
    hooks(studio)


def articles(studio: Studio, fake: PretendedWeChat) -> None:
    pending = studio.send("send", NEWS, "v1:c1")
    studio.settle("settle-pending", pending.handle)
    studio.settle("settle", pending.handle)
    studio.find("find", NEWS, "v1:c1")
    studio.find("find-nothing", replace(NEWS, title="没有发过的"), "v9:c1")
    two = Post(title="图表", text="两张图。", media=(COVER, replace(COVER, name="chart.png")), lang="zh")
    pending = studio.send("send-two-pictures", two, "v2:c1")
    fake.fails_with = 4
    studio.settle("settle-pending-2", pending.handle)
    studio.settle("settle-reviewed", pending.handle)


def comments(studio: Studio, fake: PretendedWeChat) -> None:
    with at_moment(MOMENT_MS):
        number = fake.commented(0, "报告在哪里下载？")
        fake.commented(0, "谢谢。", openid="")
    page = studio.poll("poll", since_ms=MOMENT_MS - 3_600_000)
    studio.read("read", page.items[0].raw)
    studio.read("read-unknown-person", page.items[1].raw)
    name = page.items[0].remote_id
    answer = Post(text="在网站首页。", in_reply_to=name, thread=name)
    made = studio.send("send-answer", answer, "r1:c1")
    studio.find("find-answer", answer, "r1:c1")
    studio.send("send-answer-twice", replace(answer, text="另一个回答。"), "r2:c1")
    again = studio.poll("poll-answered", cursor=page.cursor)
    studio.read("read-answered", again.items[0].raw)
    article = f"article:{fake.published[0]['article_id']}"
    studio.measure("measure", article, "article:gone")
    studio.remove("remove-answer", made.remote_id)
    studio.remove("remove", article)
    studio.remove("remove-gone", article)
    studio.remove("remove-foreign", f"comment:{number}:0:1")


def messages(studio: Studio) -> None:
    private = Post(text="您好，请致电支行。", private=True, to=(OPENID,), thread=f"direct:{OPENID}")
    studio.send("send-private", private, "p1:c1")
    studio.send("send-private-late", replace(private, to=("somebody else",)), "p3:c1")
    studio.send("send-private-lost", private, "p4:c1", cut="/custom/send")
    studio.find("find-private", private, "p4:c1")


def failures(studio: Studio, fake: PretendedWeChat) -> None:
    studio.fails("send-busy", SUBMIT, 200, wrong(-1, "system error"), NEWS)
    studio.fails("send-used-up", SUBMIT, 200, wrong(45009, "reach max api daily quota limit"), NEWS)
    studio.fails("send-expired", SUBMIT, 200, wrong(42001, "access_token expired"), NEWS)
    studio.fails("send-no-right", SUBMIT, 200, wrong(48001, "api unauthorized"), NEWS)
    studio.fails("send-refused", SUBMIT, 200, wrong(53503, "该草稿未通过发布检查"), NEWS)
    studio.fails("send-stopped", SUBMIT, 200, wrong(61004, "access clientip is not registered"), NEWS)
    studio.fails("send-nonsense", SUBMIT, 200, "<html>", NEWS, content_type="text/html")
    fake.hasty, fake.slow = True, 4
    studio.send("send-lost", NEWS, "v3:c1", cut="/submit")
    studio.find("find-in-work", NEWS, "v3:c1")
    studio.find("find-published", NEWS, "v3:c1")
    studio.send("send-draft-lost", replace(NEWS, title="第四季度"), "v4:c1", cut="/draft/add")
    studio.send("send-no-cover", replace(NEWS, media=()), "v5:c1")
    studio.whoami("whoami-bad-token", access="another one")


def hooks(studio: Studio) -> None:
    query = {"timestamp": str(SECONDS), "nonce": "437374425", "echostr": "5927782489442352469"}
    query["signature"] = signed(NOT_REAL, query["timestamp"], query["nonce"])
    shaken = Request(method="GET", path="/hooks/x", query=query, headers={}, body=b"")
    studio.verify("hook-handshake", shaken)
    accepted = studio.verify("hook", hook(message("我的卡丢了，怎么办？", SECONDS - 5), SECONDS))
    studio.read("read-message", accepted.items[0].raw)
    sealed = hook(message("卡找到了", SECONDS - 5, MsgId="7"), SECONDS, key=KEY)
    given = {
        "method": sealed.method, "path": sealed.path, "query": sealed.query, "headers": sealed.headers,
        "body": sealed.body.decode(),
    }  # fmt: skip
    studio.record("hook-encrypted", "verify", given, lambda c: c.verify(sealed), message_key=KEY)
    event = message("", SECONDS, MsgType="event", Event="subscribe", MsgId="")
    followed = studio.verify("hook-follow", hook(event, SECONDS))
    studio.read("read-follow", followed.items[0].raw)
    studio.verify("hook-forged", hook(message("假的", SECONDS), SECONDS, secret="another one"))
    studio.verify("hook-no-message", hook(xml(Else="1"), SECONDS))


if __name__ == "__main__":
    main()
