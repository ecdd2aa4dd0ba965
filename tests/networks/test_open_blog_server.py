"""MetaWeblog against a real WordPress: posts stand there as they were approved, and each of them once."""

from __future__ import annotations

import base64
import html
import uuid
from collections import Counter
from dataclasses import replace

import httpx
import pytest

from bankside.networks.catalogue import network
from bankside.networks.contract import (
    Connector,
    Gone,
    Grant,
    Later,
    Media,
    Post,
    Reconnect,
    Uncertain,
)
from tests.servers.wordpress import WordPress

pytestmark = pytest.mark.server("wordpress")
TRIES = 10
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


class LosesAnswers(httpx.BaseTransport):
    """The blog does what it is told, and of a call with these bytes in it the answer never arrives."""

    def __init__(self, losing: bytes = b"") -> None:
        self._real, self.losing = httpx.HTTPTransport(), losing

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        answer = self._real.handle_request(request)
        answer.read()
        if self.losing and self.losing in request.read():
            raise httpx.ReadError("The answer was lost.")
        return answer


def desk(
    blog: WordPress,
    transport: httpx.BaseTransport | None = None,
    *,
    password: str = "",
    site_only: bool = False,
) -> Connector:
    data, secrets = network("open_blog"), {"password": password or blog.app_password}
    settings = {"protocol": "metaweblog", "site": blog.url, "user": blog.user}
    settings |= {} if site_only else {"endpoint": f"{blog.url}/xmlrpc.php", "blog": "1"}
    wire = data.wire(
        settings, secrets=secrets, private_hosts=frozenset({blog.host}), transport=transport or LosesAnswers()
    )
    return data.connector(Grant(settings=settings, secrets=secrets), wire)


def article(words: str = "당기순이익이 12% 늘었습니다.\n\n谢谢 & [gallery] <script>x</script>") -> Post:
    return Post(title=f"3분기 실적 & <i>Q3</i> {uuid.uuid4().hex[:8]}", text=words, kind="article")


def key() -> str:
    return f"{uuid.uuid4().hex}:channel"


def standing(blog: WordPress, post: Post) -> list[dict[str, object]]:
    return [one for one in blog.posts() if html.unescape(one["title"]["raw"]) == post.title]


class FirstPage(LosesAnswers):
    """This WordPress has no theme, and so an empty first page; every theme writes this line on it."""

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if request.url.path != "/":
            return super().handle_request(request)
        link = '<link rel="EditURI" type="application/rsd+xml" title="RSD" href="/xmlrpc.php?rsd" />'
        return httpx.Response(200, headers={"content-type": "text/html"}, content=link.encode())


def test_the_blog_tells_where_its_interface_is_and_who_we_are(wordpress: WordPress) -> None:
    located = desk(wordpress, FirstPage(), site_only=True).locate()
    assert located == {"endpoint": f"{wordpress.url}/xmlrpc.php", "blog": "1"}
    me = desk(wordpress).whoami()
    assert (me.name, me.handle, me.remote_id) == ("Hanul Bank 블로그", wordpress.user, f"1@{wordpress.host}")
    assert me.limits == {}
    with pytest.raises(Reconnect):
        desk(wordpress, password="aaaa bbbb cccc dddd eeee ffff").whoami()


def test_a_post_stands_there_is_edited_and_removed(wordpress: WordPress) -> None:
    made, post = desk(wordpress), article()
    picture = Media(mime="image/png", alt='새 "지점"', data=PNG, name="a.png")
    receipt = made.send(replace(post, media=(picture,)), key())
    [there] = standing(wordpress, post)
    assert there["status"] == "publish" and receipt.url == there["link"]
    body = str(there["content"]["raw"])  # type: ignore[index]
    assert "&#91;gallery&#93;" in body and "<script>" not in body and 'alt="새 &quot;지점&quot;"' in body
    edit = replace(post, text="고쳤습니다.", replaces=receipt.remote_id)
    assert made.find(key(), edit) is None
    assert made.send(edit, key()).remote_id == receipt.remote_id
    assert made.find(key(), edit) is not None and len(standing(wordpress, post)) == 1
    for _ in range(2):
        made.remove(receipt.remote_id)
    assert standing(wordpress, post) == []
    for gone in (receipt.remote_id, "post:999999"):
        with pytest.raises(Gone):
            made.send(replace(edit, replaces=gone), key())


@pytest.mark.parametrize("title", ["with a title", ""])
def test_an_answer_that_is_lost_is_looked_up_and_nothing_stands_there_twice(
    wordpress: WordPress, title: str
) -> None:
    made, mark = desk(wordpress, LosesAnswers(b"metaWeblog.newPost")), uuid.uuid4().hex
    for number in range(TRIES):
        post = replace(article(f"Notitie {mark} {number} 안내"), title=title and f"{title} {number}")
        name = key()
        assert made.find(name, post) is None
        with pytest.raises(Uncertain):
            made.send(post, name)
        found = made.find(name, post)
        assert found and found.url.startswith(wordpress.url)
    bodies = Counter(str(one["content"]["raw"]) for one in wordpress.posts())
    assert [times for body, times in bodies.items() if mark in body] == [1] * TRIES


def test_what_was_said_is_said_even_when_its_address_cannot_be_asked(wordpress: WordPress) -> None:
    post = article()
    receipt = desk(wordpress, LosesAnswers(b"metaWeblog.getPost")).send(post, key())
    assert receipt.remote_id.startswith("post:") and receipt.url == "" and len(standing(wordpress, post)) == 1


def test_an_upload_that_is_lost_is_no_doubt(wordpress: WordPress) -> None:
    post = article()
    pictured = replace(post, media=(Media(mime="image/png", alt="a", data=PNG, name="a.png"),))
    with pytest.raises(Later):
        desk(wordpress, LosesAnswers(b"newMediaObject")).send(pictured, key())
    assert standing(wordpress, post) == []
