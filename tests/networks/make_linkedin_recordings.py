"""Makes the recordings of LinkedIn before our own fake (tests/networks/pretended/linkedin.py): no page of
LinkedIn stands behind them. Run: .venv/bin/python -m tests.networks.make_linkedin_recordings
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from bankside.networks.contract import Media, Post
from tests.networks.pretended.linkedin import MINJI, SANNE, PretendedLinkedIn
from tests.networks.studio import MOMENT_MS, Studio

SERVER = "none: made by us with our own fake page, after LinkedIn's documents; not recorded from LinkedIn"
MINUTE_MS = 60_000
PNG = b"\x89PNG\r\n\x1a\n not really a picture"
POST = Post(text="나중에 · later · 稍后", lang="ko")
SEND = "POST /rest/posts"


def main() -> None:
    """Records every case; the folder holds nothing else afterwards."""
    fake = PretendedLinkedIn()
    fake.now_ms = lambda: MOMENT_MS
    studio = Studio(fake, SERVER)
    studio.begin()
    studio.whoami()
    studio.whoami("whoami-dead-token", access="no longer good")
    first = _posts(studio)
    _comments(studio, fake, first)
    _failures(studio)


def _posts(studio: Studio) -> str:
    pictures = (
        Media(mime="image/png", alt="새 지점 창구", data=PNG, name="창구.png"),
        Media(mime="image/jpeg", alt="", data=PNG + b" ", name="sign.jpg"),
    )
    words = (
        "3분기 순이익이 12% 늘었습니다. (잠정)\n\nhttps://hanulbank.example/q3?lang=ko_KR&v=2 #실적 谢谢。"
    )
    post = Post(text=words, lang="ko", media=pictures)
    studio.find("find-not-there", post, "v1:c1")
    receipt = studio.send("send-with-images", post, "v1:c1")
    studio.find("find-there", post, "v1:c1")
    studio.find("find-there-with-fewer-images", replace(post, media=pictures[:1]), "v1:c1")
    hostile = Post(text='<script>alert(1)</script> @nobody {hashtag|\\#|x} & "q" C# *_~[]|')
    studio.send("send-hostile-text", hostile, "v2:c1")
    studio.find("find-hostile-text", hostile, "v2:c1")
    studio.send("send-one-image", Post(text="Even geduld", lang="nl", media=pictures[:1]), "v3:c1")
    edit = Post(text="3분기 순이익이 13% 늘었습니다. (확정)", lang="ko", replaces=receipt.remote_id)
    studio.find("find-edit-not-there", edit, "v4:c1")
    studio.send("send-edit", edit, "v4:c1")
    studio.find("find-edit-there", edit, "v4:c1")
    return str(receipt.remote_id)


def _comments(studio: Studio, fake: PretendedLinkedIn, first: str) -> None:
    ago = [MOMENT_MS - n * MINUTE_MS for n in range(10)]
    asked = fake.says(MINJI, "배당은 언제 나오나요?", under=first, at_ms=ago[8])
    below = fake.says(SANNE, "Dat wil ik ook weten.", under=asked, at_ms=ago[7])
    page = studio.poll("poll-first")
    for n, item in enumerate(page.items):
        studio.read(f"read-{n}", item.raw)
    answer = Post(text="배당은 4월에 지급됩니다. <3", lang="ko", in_reply_to=below, thread=asked)
    studio.find("find-answer-not-there", answer, "v5:c1")
    receipt = studio.send("send-answer", answer, "v5:c1")
    studio.find("find-answer-there", answer, "v5:c1")
    edit = Post(text="배당은 5월에 지급됩니다.", lang="ko", replaces=receipt.remote_id)
    studio.find("find-answer-edit-not-there", edit, "v6:c1")
    studio.send("send-answer-edit", edit, "v6:c1")
    studio.find("find-answer-edit-there", edit, "v6:c1")
    fake.edits(asked, "배당은 언제, 얼마나 나오나요?")
    del fake.comments[below]
    page = studio.poll("poll-changed-and-gone", page.cursor)
    for n, item in enumerate(page.items):
        studio.read(f"read-later-{n}", item.raw)
    studio.poll("poll-quiet", page.cursor)
    studio.poll("poll-dead-token", page.cursor, access="no longer good")
    studio.read("read-unknown-kind", {"reaction": 1})
    studio.read("read-broken", {"comment": {"id": 7}})
    studio.measure("measure", first, receipt.remote_id, "urn:li:share:999", "urn:li:ugcPost:998")
    studio.remove("remove-answer", receipt.remote_id)
    studio.remove("remove-answer-again", receipt.remote_id)
    studio.remove("remove-of-others", asked)
    studio.remove("remove", first)
    studio.remove("remove-again", first)


def _failures(studio: Studio) -> None:
    studio.send("send-fails-dead-token", POST, "f1:c1", access="no longer good")
    studio.send("send-fails-too-long", Post(text="한" * 3001), "f2:c1")
    nothing = "urn:li:comment:(urn:li:activity:7,999)"
    studio.send("send-fails-nothing-to-answer", Post(text="te laat", in_reply_to=nothing), "f3:c1")
    studio.send("send-fails-nothing-to-change", Post(text="x", replaces="urn:li:share:999"), "f4:c1")
    note = "The answer was cut by the recorder; the page has the post."
    studio.send("send-fails-cut-answer", POST, "f6:c1", cut="/rest/posts", note=note)
    studio.find("find-after-cut-answer", POST, "f6:c1")
    pictured = Post(text="x", media=(Media(mime="image/png", alt="cut", data=PNG, name="a.png"),))
    studio.send("send-fails-cut-upload", pictured, "f7:c1", cut="/rest/images", note="Nobody sees a picture.")
    busy = _error(429, "TOO_MANY_REQUESTS", "Resource level throttle DAY limit for calls to this resource")
    studio.fails("send-fails-429-for-today", SEND, 429, busy, POST)
    studio.fails("send-fails-429-for-seconds", SEND, 429, busy, POST, retry_after="30")
    right = _error(403, "ACCESS_DENIED", "Not enough permissions to access: POST /posts")
    studio.fails("send-fails-403-no-right", SEND, 403, right, POST)
    twice = _error(422, "DUPLICATE_POST", "Content is a duplicate of urn:li:share:7000000000000000001")
    studio.fails("send-fails-422-duplicate", SEND, 422, twice, POST)
    old = _error(426, "NONEXISTENT_VERSION", "Requested version 20260701 is not active")
    studio.fails(
        "send-fails-426-version", SEND, 426, old, POST, note="The version of the interface has ended."
    )
    studio.fails(
        "send-fails-500", SEND, 500, _error(500, "INTERNAL_SERVER_ERROR", "Internal Server Error"), POST
    )
    studio.fails("send-fails-502-html", SEND, 502, b"<html><h1>502 Bad Gateway</h1></html>", POST)
    studio.fails("send-fails-201-without-a-name", SEND, 201, "", POST)


def _error(status: int, code: str, message: str) -> dict[str, Any]:
    return {"status": status, "code": code, "message": message}


if __name__ == "__main__":
    main()
