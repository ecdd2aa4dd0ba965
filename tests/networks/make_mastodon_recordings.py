"""Makes the recordings of Mastodon. NO REAL SERVER stands behind them: no registry has one to install.

They are made by us, with our own fake server (tests/servers/mastodon_fake.py), in the forms of the OpenAPI
document of Mastodon 4.7.0; each says so. Run: .venv/bin/python -m tests.networks.make_mastodon_recordings
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any

import httpx

from bankside.networks.catalogue import network
from bankside.networks.contract import Connector, Grant, Media, Post
from tests.networks.recorder import _asked, at_moment, ended, keep, plain, recordings
from tests.networks.recorder import post_as_json as as_json
from tests.servers.mastodon_fake import HOME, TOKEN, FakeMastodon

NAME = "mastodon"
MADE = "2026-11-25"
MOMENT_MS = 1_795_600_000_000
MINUTE_MS = 60_000
SERVER = (
    "none: made by us with our own fake server, in the forms of the OpenAPI document of Mastodon 4.7.0; "
    "not recorded from a real server"
)
PNG = b"\x89PNG\r\n\x1a\n not really a picture"
KEPT = ("content-type", "retry-after", "link", "x-ratelimit-remaining", "x-ratelimit-reset")


class Listening(httpx.BaseTransport):
    """The fake, and a list of what was asked and said. `cut`: answers to writes are lost."""

    def __init__(self, fake: FakeMastodon, *, cut: bool) -> None:
        self.exchanges: list[dict[str, Any]] = []
        self._fake, self._cut = fake, cut

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        answer = self._fake(request)
        lost = self._cut and request.method != "GET"
        said: dict[str, Any] = {
            "status": answer.status_code,
            "headers": {k: v for k, v in answer.headers.items() if k in KEPT},
            "body": None if lost else answer.text,
        }
        asked = _asked(request, self._fake.url)
        self.exchanges.append({"request": asked, "answer": said | ({"cut": True} if lost else {})})
        if lost:
            raise httpx.ReadError("The answer was cut.")
        return answer


@dataclass
class Studio:
    """One fake server, and every call on it recorded."""

    fake: FakeMastodon
    account: dict[str, Any] = field(default_factory=dict)

    def record(
        self, case: str, operation: str, given: dict[str, Any], work: Callable[[Connector], Any], *,
        cut: bool = False, token: str = TOKEN, note: str = "",
    ) -> Any:  # fmt: skip
        """Does the work with a listening wire and keeps what was said. Returns the result, if any."""
        listening, settings, secrets = (
            Listening(self.fake, cut=cut),
            {"server": self.fake.url},
            {"access_token": token},
        )
        wire = network(NAME).wire(settings, secrets=secrets, transport=listening)
        made = network(NAME).connector(Grant(settings=settings, secrets=secrets, account=self.account), wire)
        results: list[Any] = []

        def working() -> Any:
            results.append(work(made))
            return results[0]

        with at_moment(MOMENT_MS):
            end = ended(working)
        recording = {
            "network": NAME, "operation": operation, "made": MADE, "server": SERVER,
            "origin": "made by us", "settings": settings, "site": self.fake.url,
            "moment_ms": MOMENT_MS, "account": self.account, "call": plain(given),
            "exchanges": listening.exchanges, **end, **({"note": note} if note else {}),
        }  # fmt: skip
        keep(NAME, case, recording)
        sys.stdout.write(f"{case}: {end.get('error') or 'done'}\n")
        return results[0] if results else None

    def send(self, case: str, post: Post, key: str, **how: Any) -> Any:
        given = {"post": as_json(post), "key": key}
        return self.record(case, "send", given, lambda c: c.send(post, key), **how)

    def find(self, case: str, post: Post, key: str) -> Any:
        given = {"post": as_json(post), "key": key}
        return self.record(case, "find", given, lambda c: c.find(key, post))

    def read(self, case: str, raw: dict[str, Any]) -> Any:
        return self.record(case, "read", {"raw": raw}, lambda c: c.read(raw))

    def poll(self, case: str, cursor: str, **how: Any) -> Any:
        asking = {"cursor": cursor, "since_ms": 0}
        return self.record(case, "poll", asking, lambda c: c.poll(cursor, 0), **how)

    def remove(self, case: str, remote_id: str) -> Any:
        return self.record(case, "remove", {"remote_id": remote_id}, lambda c: c.remove(remote_id))

    def fails(self, case: str, status: int, said: Any, post: Post, *, note: str = "", **headers: str) -> None:
        """The next post is answered like this."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.fake.failing["POST /api/v1/statuses"] = [(status, said, named)]
        self.send(case, post, "f:c1", note=note)


def main() -> None:
    """Records every case; the folder holds nothing else afterwards."""
    for old in recordings(NAME):
        old.unlink()
    studio = Studio(FakeMastodon(clock_ms=lambda: MOMENT_MS))
    _connecting(studio)
    first = _posts(studio)
    _people(studio, first)
    _failures(studio)


def _connecting(studio: Studio) -> None:
    me = studio.record("whoami", "whoami", {}, lambda c: c.whoami())
    studio.record("whoami-dead-token", "whoami", {}, lambda c: c.whoami(), token="no longer good")
    studio.fake.newest_api = False
    note = "A server that has only the older way to speak of itself."
    studio.record("whoami-older-server", "whoami", {}, lambda c: c.whoami(), note=note)
    studio.fake.newest_api = True
    studio.account = asdict(me)


def _posts(studio: Studio) -> str:
    pictures = (
        Media(mime="image/png", alt="새 지점 창구", data=PNG, name="창구.png"),
        Media(mime="image/png", alt='The new branch, "Hanul" sign', data=PNG + b" ", name="sign.png"),
    )
    words = "3분기 순이익이 12% 늘었습니다.\n\nFull report: https://hanulbank.example/investors/q3?lang=ko&v=2\n谢谢。"
    post = Post(text=words, lang="ko", media=pictures)
    studio.find("find-not-there", post, "v1:c1")
    receipt = studio.send("send-with-images", post, "v1:c1")
    studio.send(
        "send-same-key-again", post, "v1:c1", note="The server knows the key and makes no second post."
    )
    studio.find("find-there", post, "v1:c1")
    studio.send("send-hostile-text", Post(text='<script>alert(1)</script> @nobody & "q" #tag'), "v2:c1")
    studio.fake.slow_media = 3
    studio.send("send-with-slow-image", Post(text="Even geduld", lang="nl", media=pictures[:1]), "v3:c1")
    studio.fake.slow_media = 0
    edit = Post(text="3분기 순이익이 13% 늘었습니다.", lang="ko", replaces=receipt.remote_id)
    studio.find("find-edit-not-there", edit, "v4:c1")
    studio.send("send-edit", edit, "v4:c1")
    studio.find("find-edit-there", edit, "v4:c1")
    return str(receipt.remote_id)


def _people(studio: Studio, first: str) -> None:
    fake, bank = studio.fake, f"@hanulbank@{HOME}"
    ago = [MOMENT_MS - n * MINUTE_MS for n in range(10)]
    asked = fake.says("김민지@elsewhere.example", "멘션", told=False, at_ms=ago[9])
    fake.deletes(asked)
    asked = fake.says("minji@elsewhere.example", f"{bank} 배당은 언제 나오나요?", under=first, at_ms=ago[8])
    fake.says(
        "liwei@other.example", f"{bank} 请问有中文版报告吗？ https://other.example/a?b=1&c=2", at_ms=ago[7]
    )
    private = fake.says("sanne", "@hanulbank Mijn pas is weg!", visibility="direct", at_ms=ago[6])
    quiet = fake.says("minji@elsewhere.example", "아무도 부르지 않은 답글", under=asked, at_ms=ago[5])
    for kind, who in (
        ("favourite", "liwei@other.example"),
        ("reblog", "sanne"),
        ("follow", "sanne"),
        ("poll", "sanne"),
    ):
        fake.does(kind, who, "" if kind == "follow" else first)
    page = studio.poll("poll-first", "")
    for n, item in enumerate(page.items):
        studio.read(f"read-{n}", item.raw)
    answer = Post(text="배당은 4월에 지급됩니다. <3", lang="ko", in_reply_to=asked, thread=first)
    studio.find("find-answer-not-there", answer, "v5:c1")
    receipt = studio.send("send-answer", answer, "v5:c1")
    studio.find("find-answer-there", answer, "v5:c1")
    to = (f"sanne@{HOME}",)
    secret = Post(text="We blokkeren uw pas.", lang="nl", in_reply_to=private, private=True, to=to)
    studio.send("send-private-answer", secret, "v6:c1")
    fake.edits(asked, f"{bank} 배당은 언제, 얼마나 나오나요?")
    fake.deletes(quiet)
    page = studio.poll("poll-changed-and-gone", page.cursor)
    for n, item in enumerate(page.items):
        studio.read(f"read-later-{n}", item.raw)
    studio.poll("poll-quiet", page.cursor)
    studio.poll("poll-dead-token", page.cursor, token="no longer good")
    studio.read("read-unknown-kind", {"order": 1})
    studio.read("read-broken", {"post": {"id": 7}})
    refs = (first, asked, "999")
    studio.record("measure", "measure", {"refs": list(refs)}, lambda c: c.measure(refs))
    me = (str(studio.account["remote_id"]),)
    studio.record("measure-account", "measure", {"refs": list(me)}, lambda c: c.measure(me))
    studio.remove("remove", receipt.remote_id)
    studio.remove("remove-again", receipt.remote_id)
    studio.remove("remove-of-others", asked)


def _failures(studio: Studio) -> None:
    post = Post(text="나중에 · later · 稍后", lang="ko")
    studio.send("send-fails-dead-token", post, "f1:c1", token="no longer good")
    studio.send("send-fails-too-long", Post(text="한" * 501), "f2:c1")
    studio.send("send-fails-nothing-to-answer", Post(text="te laat", in_reply_to="999"), "f3:c1")
    studio.send("send-fails-nothing-to-change", Post(text="x", replaces="999"), "f4:c1")
    strict = {**studio.account, "limits": {**studio.account["limits"], "image_bytes": 1_000}}
    large = Media(mime="image/webp", alt="x", data=b"0" * 1_001, name="가.webp")
    Studio(studio.fake, strict).send("send-fails-too-large", Post(text="x", media=(large,)), "f5:c1")
    note = "The answer was cut by the recorder; the server had accepted the post."
    studio.send("send-fails-cut-answer", post, "f6:c1", cut=True, note=note)
    studio.find("find-after-cut-answer", post, "f6:c1")
    pictured = Post(text="x", media=(Media(mime="image/png", alt="cut", data=PNG, name="a.png"),))
    studio.send("send-fails-cut-upload", pictured, "f7:c1", cut=True, note="The answer to an upload was cut.")
    too_many, ends = {"error": "Too many requests"}, "2026-11-25T09:50:10.123456Z"
    studio.fails("send-fails-429-until-a-moment", 429, too_many, post, x_ratelimit_reset=ends)
    studio.fails("send-fails-429-until-seconds", 429, too_many, post, x_ratelimit_reset="1795600123")
    studio.fails("send-fails-429-for-seconds", 429, too_many, post, retry_after="30")
    scope = {"error": "This action is outside the authorized scopes"}
    studio.fails("send-fails-403-no-right", 403, scope, post)
    long = {"error": "Validation failed: Text character limit of 300 exceeded"}
    studio.fails("send-fails-422-by-the-server", 422, long, post, note="The server counts otherwise.")
    studio.fails("send-fails-503-busy", 503, {"error": "Service unavailable"}, post, retry_after="20")
    studio.fails("send-fails-502-html", 502, b"<html><h1>502 Bad Gateway</h1></html>", post)
    studio.fails("send-fails-200-nonsense", 200, {"queued": True}, post)


if __name__ == "__main__":
    main()
