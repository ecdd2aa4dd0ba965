"""Makes the recordings of Ghost anew, from a real one: python -m tests.networks.make_ghost_org_recordings

To be run when the connector asks something else, or when another Ghost is to be recorded.
"""

from __future__ import annotations

import base64
import hmac
import re
from dataclasses import asdict, replace
from typing import Any

from bankside.networks.contract import Media, Post, Request
from tests.networks.real_studio import RealStudio
from tests.networks.recorder import cleaned
from tests.networks.test_ghost_org_server import hooks
from tests.servers.ghost import Ghost, running
from tests.servers.ghost_install import GHOST, NotInstalled, installed
from tests.servers.program import wait

NAME = "ghost_org"
SHOWN = {"admin_key": f"{'0' * 24}:{'0' * 64}", "hook_secret": "the secret of the webhooks"}
SIGNED_AGAIN = "Real, but for the address of the machine in it: so it was signed again with the same secret."
WRONG = f"{'0' * 24}:{'1' * 64}"
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


def main() -> None:
    """Records every case; the folder holds nothing else afterwards."""
    try:
        kept = installed()
    except NotInstalled as reason:
        raise SystemExit(str(reason)) from None
    with running(kept) as ghost:
        server = f"{GHOST.replace('@', ' ').title()} (SQLite)"
        studio = RealStudio(NAME, server, ghost.url, ghost.settings, ghost.secrets, SHOWN)
        studio.begin()
        _connecting(studio)
        post = _posts(studio)
        cursor = _comments(studio, ghost, post)
        _hooks(studio, ghost)
        _failures(studio, ghost, post, cursor)


def _connecting(studio: RealStudio) -> None:
    me = studio.whoami()
    studio.whoami("whoami-without-a-member", member="")
    studio.whoami("whoami-unknown-member", member="nobody@hanulbank.example")
    studio.whoami("whoami-wrong-key", admin_key=WRONG)
    studio.account = asdict(me)


def _posts(studio: RealStudio) -> str:
    pictures = (
        Media(mime="image/png", alt="새 지점 창구", data=PNG, name="창구.png"),
        Media(mime="image/png", alt='The new branch, "Hanul" sign', data=PNG + b" ", name="sign.png"),
    )
    article = Post(
        title="3분기 실적 · Q3 results",
        text="당기순이익이 12% 늘었습니다.\n\nFull report: https://hanulbank.example/q3?lang=ko&v=2\n谢谢。",
        kind="article",
        media=pictures,
        slug="q3-results",
    )
    studio.find("find-post-not-there", article, "v1:c1")
    receipt = studio.send("send-article-with-images", article, "v1:c1")
    studio.send("send-same-key-again", article, "v1:c1")
    studio.find("find-post-there", article, "v1:c1")
    page = Post(title="Contact", text="Onze kantoren zijn open van 9 tot 17 uur.", kind="page")
    studio.send("send-page", page, "v2:c1")
    hostile = Post(
        title="{{x}} <b>", text='<script>alert(1)</script> [caption] "q" & <!--kg-card-begin: html-->'
    )
    studio.send("send-hostile-text", hostile, "v3:c1")
    edit = Post(title="3분기 실적", text="당기순이익이 13% 늘었습니다.", replaces=receipt.remote_id)
    studio.find("find-edit-not-there", edit, "v4:c1")
    studio.send("send-edit", edit, "v4:c1")
    studio.find("find-edit-there", edit, "v4:c1")
    return str(receipt.remote_id)


def _comments(studio: RealStudio, ghost: Ghost, post: str) -> str:
    number = post.partition(":")[2]
    minji, wei = ghost.reader("김민지"), ghost.reader("李伟")
    first = minji.comment(number, "축하합니다! 배당은 언제 나오나요?")
    wei.comment(number, "<a href='https://evil.example/'>hanulbank.example</a> &amp; 有中文版吗？")
    last = wei.comment(number, "我也想知道。", parent=first)
    page = studio.poll("poll-first")
    for n, item in enumerate(page.items):
        studio.read(f"read-{n}", item.raw)
    answer = Post(
        text="배당은 4월에 지급됩니다. & <3\n\nhttps://hanulbank.example/ir", in_reply_to=f"comment:{last}"
    )
    studio.find("find-answer-not-there", answer, "v5:c1")
    receipt = studio.send("send-answer", answer, "v5:c1")
    studio.find("find-answer-there", answer, "v5:c1")
    studio.send("send-answer-same-key-again", answer, "v5:c1")
    studio.send("send-answer-under-a-post", Post(text="Dank u.", in_reply_to=post), "v6:c1")
    minji.change(first, "축하합니다! 배당은 언제, 얼마나 나오나요?")
    wei.take_away(last)
    page = studio.poll("poll-changed-and-gone", page.cursor)
    for n, item in enumerate(page.items):
        studio.read(f"read-later-{n}", item.raw)
    studio.read("read-unknown-kind", {"like": {"id": first}})
    studio.read("read-broken", {"comment": {"id": 7}})
    studio.measure("measure", post, f"comment:{first}", f"post:{'0' * 24}")
    studio.remove("remove-of-others", f"comment:{first}")
    studio.remove("remove", receipt.remote_id)
    studio.remove("remove-again", receipt.remote_id)
    return str(page.cursor)


def _hooks(studio: RealStudio, ghost: Ghost) -> None:
    with hooks(ghost) as received:
        wanted = {"title": "Hier getypt", "html": "<p>본문</p>", "status": "published"}
        [made] = ghost.api("POST", "posts/?source=html", json={"posts": [wanted]})["posts"]
        wait(lambda: len(received) == 1, "the hook of a new post")
        ghost.api("DELETE", f"posts/{made['id']}/")
        wait(lambda: len(received) == 3, "the hooks of its end")
    here = [_elsewhere(request, ghost.url) for request in received]
    for name, request in zip(("published", "unpublished", "deleted"), here, strict=True):
        studio.verify(f"verify-{name}", request, moment_ms=_moment(request), note=SIGNED_AGAIN)
    forged = replace(here[0], body=here[0].body.replace(b"Hier", b"Daar"))
    studio.verify("verify-forged", forged, moment_ms=_moment(forged))
    studio.verify("verify-old", here[0], moment_ms=_moment(here[0]) + 601_000, note=SIGNED_AGAIN)


def _elsewhere(request: Request, url: str) -> Request:
    """Without the machine's address, and for that signed again with the same secret at the same moment."""
    body = cleaned(request.body.decode(), url).encode()
    moment = str(_moment(request))
    made = hmac.new(SHOWN["hook_secret"].encode(), body + moment.encode(), "sha256").hexdigest()
    return replace(request, headers={"x-ghost-signature": f"sha256={made}, t={moment}"}, body=body)


def _moment(request: Request) -> int:
    found = re.search(r"t=(\d+)", request.headers["x-ghost-signature"])
    assert found
    return int(found[1])


def _failures(studio: RealStudio, ghost: Ghost, post: str, cursor: str) -> None:
    later: dict[str, Any] = {"title": "Later", "text": "나중에"}
    studio.send("send-fails-401-wrong-key", Post(**later), "f1:c1", admin_key=WRONG)
    studio.send("send-fails-not-a-key", Post(**later), "f1:c1", admin_key="no key")
    gone = Post(text="hallo", in_reply_to=f"comment:{'0' * 24}")
    studio.send("send-fails-404-nothing-to-answer", gone, "f2:c1")
    lost = Post(title="x", text="x", replaces=f"post:{'0' * 24}")
    studio.send("send-fails-404-nothing-to-change", lost, "f3:c1")
    studio.send("send-fails-no-title", Post(text="x"), "f4:c1")
    fake = Media(mime="image/png", alt="no image", data=b"not an image", name="fake.png")
    studio.send("send-fails-400-bad-image", Post(title="I", text="x", media=(fake,)), "f5:c1")
    note = "The answer was cut by the recorder; the server had accepted the post."
    studio.send("send-fails-cut-answer", Post(**later), "f6:c1", cut=0, note=note)
    studio.find("find-after-cut-answer", Post(**later), "f6:c1")
    picture = Media(mime="image/png", alt="cut", data=PNG, name="a.png")
    pictured = Post(**later, media=(picture,))
    studio.send("send-fails-cut-upload", pictured, "f7:c1", cut=0, note="The answer to an upload was cut.")
    answer = Post(text="谢谢您的提问。", in_reply_to=post)
    studio.send("send-fails-cut-comment", answer, "f8:c1", cut=0, note="The answer to a comment was cut.")
    studio.find("find-after-cut-comment", answer, "f8:c1")
    studio.poll("poll-quiet", cursor)
    studio.poll("poll-wrong-key", cursor, admin_key=WRONG)


if __name__ == "__main__":
    main()
