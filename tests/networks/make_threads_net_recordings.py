"""Makes the recordings of Threads before our own fake (tests/networks/pretended/threads_net.py): no profile
of Threads stands behind them. Run: .venv/bin/python -m tests.networks.make_threads_net_recordings
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from bankside.networks.contract import Post
from tests.networks.graph_fake import handshake
from tests.networks.pretended import NOT_REAL
from tests.networks.pretended.threads_net import BANK, US, PretendedThreads, picture, told
from tests.networks.studio import MOMENT_MS, Studio

SERVER = (
    "none: made by us with our own fake profile, in the forms of Meta's Postman collection and documents; "
    "not recorded from Threads"
)
MINUTE_MS = 60_000
POST = Post(text="나중에 · later · 稍后", lang="ko")
SEND, MAKE = "POST /v1.0/me/threads_publish", "POST /v1.0/me/threads"


def main() -> None:
    """Records every case; the folder holds nothing else afterwards."""
    fake = PretendedThreads()
    fake.now_ms = lambda: MOMENT_MS
    studio = Studio(fake, SERVER)
    studio.begin()
    studio.whoami()
    studio.whoami("whoami-dead-token", access="no longer good")
    first = _posts(studio, fake)
    _answers(studio, fake, first)
    _hooks(studio, fake, first)
    _failures(studio)


def _posts(studio: Studio, fake: PretendedThreads) -> str:
    words = "3분기 순이익이 12% 늘었습니다.\n\n谢谢。 👨‍👩‍👧"
    post = Post(text=words, lang="ko", media=(picture(1, "새 지점 창구"), picture(2)))
    studio.find("find-not-there", post, "v1:c1")
    receipt = studio.send("send-carousel", post, "v1:c1")
    studio.find("find-there", post, "v1:c1")
    studio.find("find-there-with-fewer-images", replace(post, media=post.media[:1]), "v1:c1")
    studio.send("send-text", Post(text='<script>alert(1)</script> @nobody & "q" #tag'), "v2:c1")
    fake.slow = 3
    studio.send("send-slow-image", Post(text="Even geduld", lang="nl", media=(picture(4, "rij"),)), "v3:c1")
    fake.slow = 99
    studio.send("send-fails-not-ready", POST, "v4:c1", note="It is made anew at the next try.")
    fake.slow, fake.broken = 0, True
    studio.send("send-fails-not-taken", replace(POST, media=(picture(5),)), "v5:c1")
    fake.broken = False
    return str(receipt.remote_id)


def _answers(studio: Studio, fake: PretendedThreads, first: str) -> None:
    ago = [MOMENT_MS - n * MINUTE_MS for n in range(10)]
    asked = fake.says("minji", "배당은 언제 나오나요?", under=first, at_ms=ago[8])
    below = fake.says("sanne", "Dat wil ik ook weten.", under=asked, at_ms=ago[7], pictures=1)
    fake.says("liwei", "@hanulbank 请问有中文版报告吗?", at_ms=ago[6], naming=True)
    page = studio.poll("poll-first")
    for n, item in enumerate(page.items):
        studio.read(f"read-{n}", item.raw)
    answer = Post(text="배당은 4월에 지급됩니다. <3", lang="ko", in_reply_to=below, thread=first)
    studio.find("find-answer-not-there", answer, "v5:c1")
    receipt = studio.send("send-answer", answer, "v5:c1")
    studio.find("find-answer-there", answer, "v5:c1")
    fake.posts[asked]["text"] = "배당은 언제, 얼마나 나오나요?"
    del fake.posts[below]
    page = studio.poll("poll-changed-and-gone", page.cursor)
    for n, item in enumerate(page.items):
        studio.read(f"read-later-{n}", item.raw)
    studio.poll("poll-quiet", page.cursor)
    studio.poll("poll-dead-token", page.cursor, access="no longer good")
    studio.read("read-unknown-kind", {"change": {"field": "publish"}})
    studio.read("read-broken", {"post": {"id": 7}})
    studio.measure("measure", first, receipt.remote_id, "999")
    studio.measure("measure-account", studio.fake.account["remote_id"])
    studio.remove("remove", receipt.remote_id)
    studio.remove("remove-again", receipt.remote_id)
    studio.remove("remove-of-others", asked)


def _hooks(studio: Studio, fake: PretendedThreads, first: str) -> None:
    value = {
        "id": "8901234", "username": "minji", "text": "영업시간이 어떻게 되나요?", "media_type": "TEXT_POST",
        "permalink": "https://www.threads.net/@minji/post/Pp", "replied_to": {"id": first}, "shortcode": "Pp",
        "root_post": {"id": first, "owner_id": BANK, "username": US}, "timestamp": "2026-11-28T09:33:16+0000",
    }  # fmt: skip
    good = fake.hook(told("replies", value))
    accepted = studio.verify("verify-good", good)
    studio.read("read-hook", accepted.items[0].raw)
    studio.verify("verify-forged", replace(good, body=good.body.replace("영".encode(), "연".encode())))
    other = value | {"root_post": {"id": "1", "owner_id": "2", "username": "otherbank"}}
    studio.verify("verify-of-another-profile", fake.hook(told("replies", other)))
    studio.verify("verify-other-field", fake.hook(told("publish", {"id": "1"})))
    studio.verify("verify-handshake", handshake(NOT_REAL))
    studio.verify("verify-handshake-with-a-wrong-word", handshake("a guess"))
    studio.verify("verify-broken", fake.hook({"values": 7}))


def _failures(studio: Studio) -> None:
    studio.send("send-fails-dead-token", POST, "f1:c1", access="no longer good")
    studio.send("send-fails-too-long", Post(text="한" * 501), "f2:c1")
    studio.send("send-fails-nothing-to-answer", Post(text="te laat", in_reply_to="999"), "f3:c1")
    note = "The answer was cut by the recorder; the profile has the post."
    studio.send("send-fails-cut-answer", POST, "f6:c1", cut="/threads_publish", note=note)
    studio.find("find-after-cut-answer", POST, "f6:c1")
    other = replace(POST, text="nog een keer")
    studio.send(
        "send-fails-cut-container", other, "f7:c1", cut="/me/threads", note="Nobody sees a container."
    )
    limit = _error(4, "User has reached their API posting limit", 2207051)
    studio.fails("send-fails-code-4-quota", SEND, 403, limit, other)
    studio.fails("send-fails-code-10-no-right", MAKE, 403, _error(10, "No permission"), other)
    studio.fails(
        "send-fails-code-2-transient", SEND, 500, _error(2, "Service temporarily unavailable"), other
    )
    studio.fails("send-fails-502-html", SEND, 502, b"<html><h1>502 Bad Gateway</h1></html>", other)
    studio.fails("send-fails-200-nonsense", SEND, 200, {"queued": True}, other)


def _error(code: int, message: str, subcode: int = 0) -> dict[str, Any]:
    said = {"message": f"(#{code}) {message}", "type": "OAuthException", "code": code, "fbtrace_id": "AbC"}
    return {"error": said | ({"error_subcode": subcode} if subcode else {})}


if __name__ == "__main__":
    main()
