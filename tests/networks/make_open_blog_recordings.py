"""Makes the recordings of open blogs: python -m tests.networks.make_open_blog_recordings

MetaWeblog is recorded from a real WordPress, Micropub before a fake of ours; each recording says which.
"""

from __future__ import annotations

import sys
import time
from dataclasses import replace
from typing import Any
from unittest import mock

import httpx

from bankside.networks.catalogue import network
from bankside.networks.contract import Grant, Media, Post
from tests.networks import recorder
from tests.networks.pretended.open_blog import NOTHING, PretendedMicropub
from tests.networks.recorder import NOT_REAL, Recorder, cleaned, ended, keep, plain, post_as_json
from tests.networks.studio import Studio
from tests.servers.wordpress import WordPress, missing, running

NAME = "open_blog"
FAKE = "none: a fake blog of ours, in the forms of the W3C Recommendation Micropub and its extensions"
REAL = "WordPress 6.1.9 (Debian 12), by MetaWeblog at /xmlrpc.php"
PICTURE = Media(mime="image/png", alt='새 "지점"', data=b"\x89PNG not really a picture", name="창구.png")
ARTICLE = Post(
    title="3분기 실적 & Q3", text="당기순이익이 12% 늘었습니다.\n\n谢谢 & [gallery] <script>x</script>",
    kind="article", slug="q3-results",
)  # fmt: skip
NOTE = Post(text="De kantoren zijn morgen dicht.", kind="note")
LATER = Post(title="나중에", text="나중에 다시.", kind="article")


def main() -> None:
    """Records every case; the folder holds nothing else afterwards."""
    if reason := missing():
        raise SystemExit(reason)
    fake = PretendedMicropub()
    studio = Studio(fake, FAKE)
    studio.begin()
    _micropub(studio, fake)
    with running() as blog:
        _metaweblog(blog)


# --- Micropub, before the fake -----------------------------------------------------------------------------
def _micropub(studio: Studio, fake: PretendedMicropub) -> None:
    studio.whoami("micropub-whoami")
    studio.whoami("micropub-whoami-wrong-token", access_token="wrong")
    studio.find("micropub-find-not-there", ARTICLE, "v1:c1")
    made = studio.send("micropub-send-article-with-image", replace(ARTICLE, media=(PICTURE,)), "v1:c1")
    studio.send("micropub-send-note", NOTE, "v2:c1")
    studio.find("micropub-find-there", ARTICLE, "v1:c1")
    edit = replace(ARTICLE, text="당기순이익이 13% 늘었습니다.", replaces=made.remote_id)
    studio.find("micropub-find-edit-not-there", edit, "v3:c1")
    studio.send("micropub-send-edit", edit, "v3:c1")
    studio.find("micropub-find-edit-there", edit, "v3:c1")
    for case in ("micropub-remove", "micropub-remove-again"):
        studio.remove(case, made.remote_id)
    studio.send("micropub-send-fails-nothing-to-change", edit, "v4:c1")
    studio.send("micropub-send-fails-401", LATER, "f1:c1", access_token="wrong")
    place = "POST /micropub"
    studio.fails("micropub-send-fails-400", place, 400, NOTHING, LATER)
    studio.fails("micropub-send-fails-403", place, 403, {"error": "forbidden"}, LATER)
    studio.fails("micropub-send-fails-429", place, 429, "", LATER, retry_after="30")
    studio.fails("micropub-send-fails-502", place, 502, "<html>Bad gateway</html>", LATER)
    studio.fails("micropub-send-fails-no-address", place, 201, "", LATER)
    studio.send("micropub-send-fails-cut-answer", LATER, "f9:c1", cut="/")
    studio.find("micropub-find-after-cut-answer", LATER, "f9:c1")
    studio.send("micropub-send-fails-cut-upload", replace(LATER, media=(PICTURE,)), "f10:c1", cut="/media")


# --- MetaWeblog, before a real WordPress -------------------------------------------------------------------
class WithoutSecrets(Recorder):
    """Calls carry the password in their body: it is kept as if it were the one that is not real."""

    def __init__(self, blog: WordPress, *, cut: int | None) -> None:
        super().__init__(blog.url, cut=cut)
        self._blog = blog

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        body = request.read().decode().replace(self._blog.app_password, NOT_REAL)
        clean = cleaned(body, self._blog.url).encode()
        told = httpx.Request(request.method, request.url, headers={**request.headers}, content=clean)
        with mock.patch.object(recorder, "_asked", lambda _, site, known=recorder._asked: known(told, site)):
            return super().handle_request(request)


def _metaweblog(blog: WordPress) -> None:
    def record(
        case: str,
        operation: str,
        given: dict[str, Any],
        *what: Any,
        cut: int | None = None,
        password: str = "",
    ) -> Any:
        moment_ms = int(time.time() * 1000)
        secrets = {"password": password or blog.app_password}
        settings = {
            "protocol": "metaweblog", "site": blog.url, "user": blog.user, "blog": "1",
            "endpoint": f"{blog.url}/xmlrpc.php",
        }  # fmt: skip
        listening = WithoutSecrets(blog, cut=cut)
        wire = network(NAME).wire(
            settings, secrets=secrets, private_hosts=frozenset({blog.host}), transport=listening
        )
        made, results = network(NAME).connector(Grant(settings=settings, secrets=secrets), wire), []

        def working() -> Any:
            results.append(getattr(made, operation)(*what))
            return results[0]

        end = ended(working)
        recording = {
            "network": NAME, "operation": operation, "made": "2026-11-28", "server": REAL,
            "origin": "real server", "settings": settings, "account": {}, "moment_ms": moment_ms,
            "call": given, "exchanges": listening.exchanges, **end,
            **({"secrets": {"password": password}} if password else {}),
        }  # fmt: skip
        keep(NAME, f"metaweblog-{case}", _without_the_machine(plain(recording), blog.url))
        sys.stdout.write(f"metaweblog-{case}: {end.get('error') or 'done'}\n")
        return results[0] if results else None

    def send(case: str, post: Post, key: str, **how: Any) -> Any:
        return record(case, "send", {"post": post_as_json(post), "key": key}, post, key, **how)

    def find(case: str, post: Post, key: str) -> Any:
        return record(case, "find", {"post": post_as_json(post), "key": key}, key, post)

    record("whoami", "whoami", {})
    record("whoami-wrong-password", "whoami", {}, password="aaaa bbbb cccc dddd")
    find("find-not-there", ARTICLE, "v1:c1")
    made = send("send-article-with-image", replace(ARTICLE, media=(PICTURE,)), "v1:c1")
    send("send-note", NOTE, "v2:c1")
    find("find-there", ARTICLE, "v1:c1")
    edit = replace(ARTICLE, text="당기순이익이 13% 늘었습니다.", replaces=made.remote_id)
    find("find-edit-not-there", edit, "v3:c1")
    send("send-edit", edit, "v3:c1")
    find("find-edit-there", edit, "v3:c1")
    for case in ("remove", "remove-again"):
        record(case, "remove", {"remote_id": made.remote_id}, made.remote_id)
    send("send-fails-nothing-to-change", edit, "v4:c1")
    send("send-fails-wrong-password", LATER, "f1:c1", password="aaaa bbbb cccc dddd")
    send("send-fails-cut-answer", LATER, "f2:c1", cut=0)
    send("send-fails-cut-upload", replace(LATER, media=(PICTURE,)), "f3:c1", cut=0)
    find("find-after-cut-answer", LATER, "f2:c1")


def _without_the_machine(value: Any, site: str) -> Any:
    if isinstance(value, dict):
        return {k: _without_the_machine(v, site) for k, v in value.items()}
    if isinstance(value, list):
        return [_without_the_machine(v, site) for v in value]
    return cleaned(value, site) if isinstance(value, str) else value


if __name__ == "__main__":
    main()
