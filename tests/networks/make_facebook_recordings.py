"""Makes the recordings of Facebook before our own fake (tests/networks/pretended/facebook.py): no page of
Facebook stands behind them, as each says. Run: .venv/bin/python -m tests.networks.make_facebook_recordings
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from bankside.networks.contract import Media, Post
from tests.networks.graph_fake import handshake
from tests.networks.pretended import NOT_REAL
from tests.networks.pretended.facebook import MINJI, PAGE, SANNE, PretendedFacebook, told
from tests.networks.studio import MOMENT_MS, Studio

SERVER = (
    "none: made by us with our own fake page, in the forms of Meta's api_specs v25.0 and its documents; "
    "not recorded from Facebook"
)
MINUTE_MS = 60_000
PNG = b"\x89PNG\r\n\x1a\n not really a picture"
POST = Post(text="나중에 · later · 稍后", lang="ko")
SEND = f"POST /v26.0/{PAGE}/feed"


def main() -> None:
    """Records every case; the folder holds nothing else afterwards."""
    fake = PretendedFacebook()
    fake.now_ms = lambda: MOMENT_MS
    studio = Studio(fake, SERVER)
    studio.begin()
    _connecting(studio)
    first = _posts(studio)
    _comments(studio, fake, first)
    _messages(studio, fake)
    _hooks(studio, fake)
    _failures(studio)


def _connecting(studio: Studio) -> None:
    studio.whoami()
    studio.whoami("whoami-dead-token", access="no longer good")
    studio.fake.failing[f"GET /v26.0/{PAGE}"] = [(200, {"id": PAGE, "name": "Hanul Bank"}, {})]
    studio.whoami("whoami-no-right", note="Who may not work on the page is not shown its token.")


def _posts(studio: Studio) -> str:
    pictures = (
        Media(mime="image/png", alt="새 지점 창구", data=PNG, name="창구.png"),
        Media(mime="image/jpeg", alt='The new branch, "Hanul" sign', data=PNG + b" ", name="sign.jpg"),
    )
    words = "3분기 순이익이 12% 늘었습니다.\n\nFull report: https://hanulbank.example/q3?lang=ko&v=2\n谢谢。"
    post = Post(text=words, lang="ko", media=pictures)
    studio.find("find-not-there", post, "v1:c1")
    receipt = studio.send("send-with-images", post, "v1:c1")
    studio.find("find-there", post, "v1:c1")
    studio.find("find-there-with-fewer-images", replace(post, media=pictures[:1]), "v1:c1")
    studio.send("send-hostile-text", Post(text='<script>alert(1)</script> @nobody & "q" #tag'), "v2:c1")
    studio.send("send-one-image", Post(text="Even geduld", lang="nl", media=pictures[:1]), "v3:c1")
    edit = Post(text="3분기 순이익이 13% 늘었습니다.", lang="ko", replaces=receipt.remote_id)
    studio.find("find-edit-not-there", edit, "v4:c1")
    studio.send("send-edit", edit, "v4:c1")
    studio.find("find-edit-there", edit, "v4:c1")
    return str(receipt.remote_id)


def _comments(studio: Studio, fake: PretendedFacebook, first: str) -> None:
    ago = [MOMENT_MS - n * MINUTE_MS for n in range(10)]
    asked = fake.says(MINJI, "배당은 언제 나오나요?", under=first, at_ms=ago[8])
    below = fake.says(SANNE, "Dat wil ik ook weten.", under=asked, at_ms=ago[7])
    fake.says("", "谁写的?", under=first, at_ms=ago[6], hidden=True)
    fake.says(SANNE, "Wat een lange rij vandaag.", at_ms=ago[5])
    page = studio.poll("poll-first")
    for n, item in enumerate(page.items):
        studio.read(f"read-{n}", item.raw)
    answer = Post(text="배당은 4월에 지급됩니다. <3", lang="ko", in_reply_to=below, thread=asked)
    studio.find("find-answer-not-there", answer, "v5:c1")
    receipt = studio.send("send-answer", answer, "v5:c1")
    studio.find("find-answer-there", answer, "v5:c1")
    fake.edits(asked, "배당은 언제, 얼마나 나오나요?")
    fake.deletes(below)
    page = studio.poll("poll-changed-and-gone", page.cursor)
    for n, item in enumerate(page.items):
        studio.read(f"read-later-{n}", item.raw)
    studio.poll("poll-quiet", page.cursor)
    studio.poll("poll-dead-token", page.cursor, access="no longer good")
    studio.read("read-unknown-kind", {"change": {"field": "ratings"}})
    studio.read("read-broken", {"comment": {"id": 7}})
    studio.measure("measure", first, receipt.remote_id, f"{PAGE}_999")
    studio.measure("measure-account", studio.fake.account["remote_id"])
    studio.remove("remove", receipt.remote_id)
    studio.remove("remove-again", receipt.remote_id)
    studio.remove("remove-of-others", asked)


def _messages(studio: Studio, fake: PretendedFacebook) -> None:
    mid = fake.writes(SANNE, "Mijn pas is weg!", at_ms=MOMENT_MS - 5 * MINUTE_MS)
    page = studio.poll("poll-messages")
    studio.read("read-message", page.items[-1].raw)
    secret = Post(
        text="We blokkeren uw pas.",
        lang="nl",
        in_reply_to=mid,
        thread=f"direct:{SANNE}",
        private=True,
        to=(SANNE,),
    )
    studio.find("find-private-not-there", secret, "v6:c1")
    sent = studio.send("send-private-answer", secret, "v6:c1")
    studio.find("find-private-there", secret, "v6:c1")
    studio.remove("remove-private", sent.remote_id)
    for case, hours in (("send-private-after-two-days", 48), ("send-fails-private-after-eight-days", 192)):
        fake.exchanges.clear()
        fake.writes(SANNE, "Hallo?", at_ms=MOMENT_MS - hours * 60 * MINUTE_MS)
        studio.send(case, secret, "v7:c1")
    fake.exchanges.clear()
    fake.writes(SANNE, "Hallo?", at_ms=MOMENT_MS - MINUTE_MS)
    studio.fails(
        "send-fails-private-outside", f"POST /v26.0/{PAGE}/messages", 400,
        _error(10, "This message is sent outside of allowed window.", 2018278),
        Post(text="x", private=True, to=(SANNE,)), note="The network's own judgement of the window.",
    )  # fmt: skip


def _hooks(studio: Studio, fake: PretendedFacebook) -> None:
    comment: dict[str, Any] = {
        "item": "comment", "verb": "add", "comment_id": "1001_1077", "post_id": f"{PAGE}_1001",
        "parent_id": f"{PAGE}_1001", "message": "영업시간이 어떻게 되나요?", "created_time": 1_795_859_000,
        "from": {"id": MINJI, "name": "김민지"},
    }  # fmt: skip
    message = {
        "sender": {"id": SANNE}, "recipient": {"id": PAGE}, "timestamp": 1_795_859_000_123,
        "message": {"mid": "m_77", "text": "Hallo?", "attachments": [
            {"type": "image", "payload": {"url": "https://cdn.example/pas.jpg"}}]},
    }  # fmt: skip
    read = {"sender": {"id": SANNE}, "recipient": {"id": PAGE}, "timestamp": 1, "read": {"watermark": 1}}
    gone = {k: v for k, v in comment.items() if k != "message"} | {"verb": "remove"}
    good = fake.hook(told(comment, gone, {"item": "reaction", "verb": "add"}, messaging=(message, read)))
    accepted = studio.verify("verify-good", good)
    for n, item in enumerate(accepted.items):
        studio.read(f"read-hook-{n}", item.raw)
    studio.verify("verify-forged", replace(good, body=good.body.replace("영".encode(), "연".encode())))
    studio.verify("verify-of-another-page", fake.hook(told(comment, of="9")))
    studio.verify("verify-handshake", handshake(NOT_REAL))
    studio.verify("verify-handshake-with-a-wrong-word", handshake("a guess"))
    studio.verify("verify-broken", fake.hook({"object": "page", "entry": 7}))


def _failures(studio: Studio) -> None:
    studio.send("send-fails-dead-token", POST, "f1:c1", access="no longer good")
    studio.send("send-fails-too-long", Post(text="한" * 63_207), "f2:c1")
    studio.send("send-fails-nothing-to-answer", Post(text="te laat", in_reply_to="1_999"), "f3:c1")
    studio.send("send-fails-nothing-to-change", Post(text="x", replaces=f"{PAGE}_999"), "f4:c1")
    note = "The answer was cut by the recorder; the page has the post."
    studio.send("send-fails-cut-answer", POST, "f6:c1", cut="/feed", note=note)
    studio.find("find-after-cut-answer", POST, "f6:c1")
    pictured = Post(text="x", media=(Media(mime="image/png", alt="cut", data=PNG, name="a.png"),))
    studio.send(
        "send-fails-cut-upload", pictured, "f7:c1", cut="/photos", note="The answer to an upload was cut."
    )
    studio.fails(
        "send-fails-code-4-app-limit", SEND, 403, _error(4, "Application request limit reached"), POST
    )
    use = {"type": "pages", "call_count": 100, "total_cputime": 3, "estimated_time_to_regain_access": 19}
    used = json.dumps({PAGE: [use]})
    busy = _error(32, "Page request limit reached")
    studio.fails("send-fails-code-32-for-19-minutes", SEND, 403, busy, POST, x_business_use_case_usage=used)
    studio.fails("send-fails-code-200-no-right", SEND, 403, _error(200, "Permissions error"), POST)
    studio.fails(
        "send-fails-code-190", SEND, 401, _error(190, "The user has changed the password", 460), POST
    )
    studio.fails("send-fails-code-2-transient", SEND, 500, _error(2, "Service temporarily unavailable"), POST)
    studio.fails("send-fails-code-1-unknown", SEND, 500, _error(1, "An unknown error occurred"), POST)
    studio.fails("send-fails-code-506-duplicate", SEND, 400, _error(506, "Duplicate status message"), POST)
    studio.fails("send-fails-502-html", SEND, 502, b"<html><h1>502 Bad Gateway</h1></html>", POST)
    studio.fails("send-fails-200-nonsense", SEND, 200, {"queued": True}, POST)


def _error(code: int, message: str, subcode: int = 0) -> dict[str, Any]:
    said = {"message": f"(#{code}) {message}", "type": "OAuthException", "code": code, "fbtrace_id": "AbC"}
    return {"error": said | ({"error_subcode": subcode} if subcode else {})}


if __name__ == "__main__":
    main()
