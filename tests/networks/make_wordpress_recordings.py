"""Makes the recordings of WordPress anew, from a real one: python -m tests.networks.make_wordpress_recordings

To be run when the connector asks something else, or when another WordPress is to be recorded. What a real
server cannot be made to say (an answer cut on the way) is marked in the recording as made by us.
"""

from __future__ import annotations

import base64
import datetime
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from typing import Any

from bankside.networks.catalogue import network
from bankside.networks.contract import Connector, Grant, Media, Post
from tests.networks.recorder import BLOG, Recorder, cleaned, ended, keep, plain, post_as_json, recordings
from tests.servers.wordpress import WordPress, missing, running

NAME = "wordpress"
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
BROKEN = "<?php add_filter('rest_pre_insert_post', function () { a_function_that_is_not_there(); });"
BUSY = """<?php add_action('rest_api_init', function () {
    if ($_SERVER['REQUEST_METHOD'] === 'POST') {
        http_response_code(429);
        header('Retry-After: 30');
        header('Content-Type: text/html');
        die('<html><h1>429 Too Many Requests</h1></html>');
    }
});"""
PROXY = """<?php add_action('rest_api_init', function () {
    if ($_SERVER['REQUEST_METHOD'] === 'POST') {
        http_response_code(502);
        header('Content-Type: text/html');
        die('<html><h1>502 Bad Gateway</h1></html>');
    }
});"""


@dataclass
class Studio:
    """One blog, and every call on it recorded."""

    blog: WordPress
    account: dict[str, Any] = field(default_factory=dict)

    def record(
        self,
        case: str,
        operation: str,
        given: dict[str, Any],
        work: Callable[[Connector], Any],
        *,
        cut: int | None = None,
        user: tuple[str, str] | None = None,
        note: str = "",
    ) -> Any:
        """Does the work with a recording wire and keeps what was said. Returns the result, if any."""
        who, password = user or (self.blog.user, self.blog.app_password)
        recorder = Recorder(self.blog.url, cut=cut)
        settings, secrets = {"site": self.blog.url, "user": who}, {"app_password": password}
        wire = network(NAME).wire(
            settings, secrets=secrets, private_hosts=frozenset({self.blog.host}), transport=recorder
        )
        made = network(NAME).connector(Grant(settings=settings, secrets=secrets, account=self.account), wire)
        results: list[Any] = []

        def working() -> Any:
            results.append(work(made))
            return results[0]

        end = ended(working)
        recording = {
            "network": NAME,
            "operation": operation,
            "made": datetime.datetime.now(datetime.UTC).date().isoformat(),
            "server": "WordPress 6.1.9 (Debian 12)",
            "origin": "real server",
            "settings": {"site": BLOG, "user": who},
            "account": self.account,
            "call": given,
            "exchanges": recorder.exchanges,
            **end,
            **({"note": note} if note else {}),
        }
        keep(NAME, case, _without_the_machine(recording, self.blog.url))
        sys.stdout.write(f"{case}: {end.get('error') or 'done'}\n")
        return results[0] if results else None

    def send(self, case: str, post: Post, key: str, **how: Any) -> Any:
        given = {"post": post_as_json(post), "key": key}
        return self.record(case, "send", given, lambda c: c.send(post, key), **how)

    def find(self, case: str, post: Post, key: str) -> Any:
        return self.record(
            case, "find", {"post": post_as_json(post), "key": key}, lambda c: c.find(key, post)
        )

    def read(self, case: str, raw: dict[str, Any]) -> Any:
        return self.record(case, "read", {"raw": raw}, lambda c: c.read(raw))

    def remove(self, case: str, remote_id: str) -> Any:
        return self.record(case, "remove", {"remote_id": remote_id}, lambda c: c.remove(remote_id))

    def poll(self, case: str, cursor: str) -> Any:
        return self.record(case, "poll", {"cursor": cursor, "since_ms": 0}, lambda c: c.poll(cursor, 0))


def main() -> None:
    """Records every case; the folder holds nothing else afterwards."""
    if reason := missing():
        raise SystemExit(reason)
    for old in recordings(NAME):
        old.unlink()
    with running() as blog:
        studio = Studio(blog)
        _connecting(studio)
        number = _posts(studio)
        cursor = _comments(studio, number)
        _failures(studio, number, cursor)


def _connecting(studio: Studio) -> None:
    me = studio.record("whoami", "whoami", {}, lambda c: c.whoami())
    wrong = ("desk", "aaaa bbbb cccc dddd eeee ffff")
    studio.record("whoami-wrong-password", "whoami", {}, lambda c: c.whoami(), user=wrong)
    writer = studio.blog.writer("writer")
    studio.record("whoami-too-few-rights", "whoami", {}, lambda c: c.whoami(), user=writer)
    studio.account = asdict(me)


def _posts(studio: Studio) -> int:
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
    hostile = Post(title="[gallery] <b>", text='<script>alert(1)</script> [caption] "q" & <!-- wp:html -->')
    studio.send("send-hostile-text", hostile, "v3:c1")
    edit = Post(
        title="3분기 실적", text="당기순이익이 13% 늘었습니다.", kind="article", replaces=receipt.remote_id
    )
    studio.find("find-edit-not-there", edit, "v4:c1")
    studio.send("send-edit", edit, "v4:c1")
    studio.find("find-edit-there", edit, "v4:c1")
    return int(receipt.remote_id.split(":")[1])


def _comments(studio: Studio, number: int) -> str:
    blog = studio.blog
    first = blog.comment(number, "김민지", "축하합니다! 배당은 언제 나오나요?")
    blog.comment(
        number,
        "李伟",
        "请问有中文版报告吗？ <a href='https://evil.example/'>hanulbank.example</a> & <b>x</b>",
    )
    last = blog.comment(number, "Sanne de Vries", "Wanneer is de vergadering?", parent=first)
    page = studio.poll("poll-first", "")
    for n, item in enumerate(page.items):
        studio.read(f"read-{n}", item.raw)
    answer = Post(
        text="배당은 4월에 지급됩니다. & <3\n\nhttps://hanulbank.example/ir", in_reply_to=f"comment:{last}"
    )
    studio.find("find-answer-not-there", answer, "v5:c1")
    receipt = studio.send("send-answer", answer, "v5:c1")
    studio.find("find-answer-there", answer, "v5:c1")
    studio.send("send-answer-same-key-again", answer, "v5:c1")
    studio.send(
        "send-answer-edit", Post(text="배당은 5월에 지급됩니다.", replaces=receipt.remote_id), "v6:c1"
    )
    blog.api("POST", f"comments/{first}", json={"status": "hold"})
    blog.api("DELETE", f"comments/{last}")
    page = studio.poll("poll-held-and-gone", page.cursor)
    for n, item in enumerate(page.items):
        studio.read(f"read-later-{n}", item.raw)
    refs = (f"post:{number}", f"comment:{first}", "post:9999")
    studio.record("measure", "measure", {"refs": list(refs)}, lambda c: c.measure(refs))
    studio.remove("remove", receipt.remote_id)
    studio.remove("remove-again", receipt.remote_id)
    studio.remove("remove-never-there", "post:9999")
    studio.remove("remove-of-others", f"comment:{first}")
    return str(page.cursor)


def _failures(studio: Studio, number: int, cursor: str) -> None:
    blog, post = studio.blog, Post(title="Later", text="나중에")
    under = Post(text="谢谢您的提问。", in_reply_to=f"post:{number}")
    wrong = ("desk", "aaaa bbbb cccc dddd eeee ffff")
    studio.send("send-fails-401-wrong-password", post, "f1:c1", user=wrong)
    writer = blog.writer("scribe")
    studio.send("send-fails-403-no-right", Post(title="P", text="x", kind="page"), "f2:c1", user=writer)
    gone = Post(text="hallo", in_reply_to="comment:9999")
    studio.send("send-fails-404-nothing-to-answer", gone, "f3:c1")
    studio.send("send-fails-404-nothing-to-change", Post(text="x", replaces="post:9999"), "f4:c1")
    studio.send("send-answer-under-a-post", under, "f5:c1")
    studio.send("send-fails-409-duplicate", under, "f6:c1")
    fake = Media(mime="image/png", alt="no image", data=b"not an image", name="fake.png")
    studio.send("send-fails-500-bad-image", Post(title="I", text="x", media=(fake,)), "f9:c1")
    note = "The answer was cut by the recorder; the server had accepted the post."
    studio.send("send-fails-cut-answer", post, "f10:c1", cut=0, note=note)
    studio.find("find-after-cut-answer", post, "f10:c1")
    picture = Media(mime="image/png", alt="cut", data=PNG, name="a.png")
    pictured = Post(title="P", text="x", media=(picture,))
    studio.send("send-fails-cut-upload", pictured, "f11:c1", cut=0, note="The answer to an upload was cut.")
    with _plugin(blog, BROKEN):
        studio.send("send-fails-500-of-php", post, "f12:c1")
    note = "WordPress itself has no such limit: a plugin answered as hosts do."
    with _plugin(blog, BUSY):
        studio.send("send-fails-429-too-fast", post, "f12:c1", note=note)
    with _plugin(blog, PROXY):
        studio.send("send-fails-502-html", post, "f12:c1", note="A plugin answered as a proxy does.")
    studio.poll("poll-quiet", cursor)
    asking = {"cursor": cursor, "since_ms": 0}
    studio.record("poll-wrong-password", "poll", asking, lambda c: c.poll(cursor, 0), user=wrong)
    blog.api("POST", f"posts/{number}", json={"comment_status": "closed"})
    late = Post(text="te laat", in_reply_to=f"post:{number}")
    studio.send("send-fails-403-comments-closed", late, "f13:c1")


@contextmanager
def _plugin(blog: WordPress, code: str) -> Iterator[None]:
    """While it lasts, WordPress runs this code."""
    plugins = blog.site / "wp-content" / "mu-plugins"
    plugins.mkdir(exist_ok=True)
    (plugins / "failing.php").write_text(code)
    try:
        yield
    finally:
        (plugins / "failing.php").unlink()


def _without_the_machine(value: Any, site: str) -> Any:
    if isinstance(value, dict):
        return {k: _without_the_machine(v, site) for k, v in value.items()}
    if isinstance(value, list):
        return [_without_the_machine(v, site) for v in value]
    return cleaned(value, site) if isinstance(value, str) else plain(value)


if __name__ == "__main__":
    main()
