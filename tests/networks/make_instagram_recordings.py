"""Makes the recordings of Instagram before our own fake (tests/networks/pretended/instagram.py): no account
of Instagram stands behind them. Run: .venv/bin/python -m tests.networks.make_instagram_recordings
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from bankside.networks.contract import Post
from tests.networks.graph_fake import handshake
from tests.networks.pretended import NOT_REAL
from tests.networks.pretended.instagram import BANK, MINJI, SANNE, PretendedInstagram, picture, told
from tests.networks.studio import MOMENT_MS, Studio

SERVER = (
    "none: made by us with our own fake account, in the forms of Meta's api_specs v25.0 and its documents; "
    "not recorded from Instagram"
)
MINUTE_MS = 60_000
POST = Post(text="나중에 · later · 稍后", lang="ko", media=(picture(1),))
SEND = f"POST /v26.0/{BANK}/media_publish"
MAKE = f"POST /v26.0/{BANK}/media"


def main() -> None:
    """Records every case; the folder holds nothing else afterwards."""
    fake = PretendedInstagram()
    fake.now_ms = lambda: MOMENT_MS
    studio = Studio(fake, SERVER)
    studio.begin()
    studio.whoami()
    studio.whoami("whoami-dead-token", access="no longer good")
    first = _posts(studio, fake)
    _comments(studio, fake, first)
    _messages(studio, fake)
    _hooks(studio, fake)
    _failures(studio)


def _posts(studio: Studio, fake: PretendedInstagram) -> str:
    words = "3분기 순이익이 12% 늘었습니다.\n\n谢谢。 #hanulbank"
    post = Post(text=words, lang="ko", media=(picture(1, "새 지점 창구"), picture(2)))
    studio.find("find-not-there", post, "v1:c1")
    receipt = studio.send("send-carousel", post, "v1:c1")
    studio.find("find-there", post, "v1:c1")
    studio.find("find-there-with-fewer-images", replace(post, media=post.media[:1]), "v1:c1")
    hostile = Post(text='<script>alert(1)</script> @nobody & "q" #tag', media=(picture(3),))
    studio.send("send-hostile-text", hostile, "v2:c1")
    fake.slow = 3
    studio.send("send-slow-image", Post(text="Even geduld", lang="nl", media=(picture(4, "rij"),)), "v3:c1")
    fake.slow = 99
    studio.send("send-fails-image-not-ready", POST, "v4:c1", note="It is made anew at the next try.")
    fake.slow, fake.broken = 0, True
    studio.send("send-fails-image-not-taken", POST, "v5:c1")
    fake.broken = False
    return str(receipt.remote_id).removeprefix("media:")


def _comments(studio: Studio, fake: PretendedInstagram, first: str) -> None:
    ago = [MOMENT_MS - n * MINUTE_MS for n in range(10)]
    asked = fake.says(MINJI, "배당은 언제 나오나요?", under=first, at_ms=ago[8])
    below = fake.says(SANNE, "Dat wil ik ook weten.", under=asked, at_ms=ago[7])
    fake.says(SANNE, "谁写的?", under=first, at_ms=ago[6], hidden=True)
    page = studio.poll("poll-first")
    for n, item in enumerate(page.items):
        studio.read(f"read-{n}", item.raw)
    answer = Post(
        text="배당은 4월에 지급됩니다. <3",
        lang="ko",
        in_reply_to=f"comment:{below}",
        thread=f"comment:{asked}",
    )
    studio.find("find-answer-not-there", answer, "v5:c1")
    receipt = studio.send("send-answer", answer, "v5:c1")
    studio.find("find-answer-there", answer, "v5:c1")
    fake.comments[asked]["text"] = "배당은 언제, 얼마나 나오나요?"
    del fake.comments[below]
    page = studio.poll("poll-changed-and-gone", page.cursor)
    for n, item in enumerate(page.items):
        studio.read(f"read-later-{n}", item.raw)
    studio.poll("poll-quiet", page.cursor)
    studio.poll("poll-dead-token", page.cursor, access="no longer good")
    studio.read("read-unknown-kind", {"change": {"field": "story_insights"}})
    studio.read("read-broken", {"comment": {"id": 7}})
    studio.measure("measure", f"media:{first}", receipt.remote_id, "media:999", "aWdf")
    studio.measure("measure-account", studio.fake.account["remote_id"])
    studio.remove("remove", receipt.remote_id)
    studio.remove("remove-again", receipt.remote_id)
    studio.remove("remove-of-others", f"comment:{asked}")
    studio.remove("remove-a-post", f"media:{first}")


def _messages(studio: Studio, fake: PretendedInstagram) -> None:
    mid = fake.writes(SANNE, "Mijn pas is weg!", at_ms=MOMENT_MS - 5 * MINUTE_MS)
    page = studio.poll("poll-messages")
    studio.read("read-message", page.items[-1].raw)
    secret = Post(
        text="We blokkeren uw pas.", lang="nl", in_reply_to=mid, thread=f"direct:{SANNE}", private=True,
        to=(SANNE,),
    )  # fmt: skip
    studio.find("find-private-not-there", secret, "v6:c1")
    studio.send("send-private-answer", secret, "v6:c1")
    studio.find("find-private-there", secret, "v6:c1")
    for case, hours in (("send-private-after-two-days", 48), ("send-fails-private-after-eight-days", 192)):
        fake.exchanges.clear()
        fake.writes(SANNE, "Hallo?", at_ms=MOMENT_MS - hours * 60 * MINUTE_MS)
        studio.send(case, secret, "v7:c1")


def _hooks(studio: Studio, fake: PretendedInstagram) -> None:
    comment = {
        "id": "17977", "text": "영업시간이 어떻게 되나요?", "from": {"id": MINJI, "username": "minji"},
        "media": {"id": "17801", "media_product_type": "FEED"},
    }  # fmt: skip
    message = {
        "sender": {"id": SANNE}, "recipient": {"id": BANK}, "timestamp": 1_795_859_000_123,
        "message": {"mid": "aWdfZAG77", "text": "Hallo?"},
    }  # fmt: skip
    gone = message | {"message": {"mid": "aWdfZAG77", "is_deleted": True}}
    good = fake.hook(
        told(comment, comment | {"id": "17978", "parent_id": "17977"}, messaging=(message, gone))
    )
    accepted = studio.verify("verify-good", good)
    for n, item in enumerate(accepted.items):
        studio.read(f"read-hook-{n}", item.raw)
    studio.verify("verify-forged", replace(good, body=good.body.replace("영".encode(), "연".encode())))
    studio.verify("verify-of-another-account", fake.hook(told(comment, of="9")))
    studio.verify("verify-handshake", handshake(NOT_REAL))
    studio.verify("verify-handshake-with-a-wrong-word", handshake("a guess"))


def _failures(studio: Studio) -> None:
    studio.send("send-fails-dead-token", POST, "f1:c1", access="no longer good")
    studio.send("send-fails-no-picture", Post(text="x"), "f2:c1")
    studio.send("send-fails-nothing-to-answer", Post(text="te laat", in_reply_to="comment:999"), "f3:c1")
    note = "The answer was cut by the recorder; the account has the post."
    studio.send("send-fails-cut-answer", POST, "f6:c1", cut="/media_publish", note=note)
    studio.find("find-after-cut-answer", POST, "f6:c1")
    other = replace(POST, text="nog een keer")
    studio.send("send-fails-cut-container", other, "f7:c1", cut="/media", note="Nobody sees a container.")
    studio.fails(
        "send-fails-quota", SEND, 403, _error(9, "Application request limit reached", 2207042), other
    )
    studio.fails("send-fails-code-10-no-right", MAKE, 403, _error(10, "No permission"), other)
    studio.fails("send-fails-code-36003-size", MAKE, 400, _error(36_003, "The aspect ratio is wrong"), other)
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
