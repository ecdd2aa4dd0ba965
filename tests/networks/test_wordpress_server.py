"""The connector against a real WordPress: everything that it promises, seen from the blog's side."""

from __future__ import annotations

import io
import uuid
from dataclasses import asdict
from typing import Any

import httpx
import pytest
from PIL import Image

from bankside.networks.catalogue import network
from bankside.networks.contract import (
    Activity,
    Connector,
    Gone,
    Grant,
    Later,
    Media,
    Post,
    Receipt,
    Reconnect,
    Uncertain,
)
from tests.servers.wordpress import WordPress

pytestmark = pytest.mark.server("wordpress")
TRIES = {"article": 10, "page": 3, "answer": 5, "edit": 3}


def desk(blog: WordPress, *, transport: httpx.BaseTransport | None = None, **secrets: str) -> Connector:
    data = network("wordpress")
    given = {**blog.secrets, **secrets}
    wire = data.wire(blog.settings, secrets=given, private_hosts=frozenset({blog.host}), transport=transport)
    fresh = data.connector(Grant(settings=blog.settings, secrets=given), wire)
    account = {} if secrets else asdict(fresh.whoami())
    return data.connector(Grant(settings=blog.settings, secrets=given, account=account), wire)


def image(color: str, alt: str) -> Media:
    made = io.BytesIO()
    Image.new("RGB", (60, 40), color).save(made, "PNG")
    return Media(mime="image/png", alt=alt, data=made.getvalue(), name=f"{color}.png")


def key() -> str:
    return f"{uuid.uuid4().hex}:channel"


def news(connector: Connector, cursor: str = "") -> tuple[dict[str, Activity], str]:
    page = connector.poll(cursor, 0)
    return {a.remote_id: a for item in page.items for a in connector.read(item.raw)}, page.cursor


def number(receipt: Receipt) -> int:
    return int(receipt.remote_id.partition(":")[2])


class LosesAnswers(httpx.BaseTransport):
    """The network accepts what is written, and its answer never arrives."""

    def __init__(self) -> None:
        self._real = httpx.HTTPTransport()
        self.losing = True

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        answer = self._real.handle_request(request)
        answer.read()
        if self.losing and request.method == "POST" and not request.url.path.endswith("/media"):
            raise httpx.ReadError("The answer was lost.")
        return answer


# --- the journey -------------------------------------------------------------------------------------
def test_a_post_a_comment_an_answer_an_edit_and_a_removal(wordpress: WordPress) -> None:
    connector = desk(wordpress)
    pictures = (image("red", '새 지점 "창구"'), image("blue", "柜台"))
    words = "새 지점을 열었습니다. [gallery] <b>굵게</b>\n\nMeer: https://hanulbank.example/nl?a=1&b=2"
    receipt = connector.send(Post(title='문을 "열다"', text=words, media=pictures), key())
    (post,) = [p for p in wordpress.posts() if p["id"] == number(receipt)]
    assert post["status"] == "publish" and post["link"] == receipt.url and receipt.published_ms
    assert (
        "&lt;b&gt;굵게&lt;/b&gt;" in post["content"]["rendered"]
        and "&#91;gallery&#93;" in post["content"]["rendered"]
    )
    assert 'href="https://hanulbank.example/nl?a=1&amp;b=2"' in post["content"]["rendered"]
    assert 'alt="柜台"' in post["content"]["rendered"]
    first = wordpress.api("GET", f"media/{post['featured_media']}", params={"context": "edit"})
    assert first["alt_text"] == '새 지점 "창구"'

    comment = wordpress.comment(number(receipt), "Sanne de Vries", "Gefeliciteerd! & <3")
    activities, cursor = news(connector)
    asked = activities[f"comment:{comment}"]
    assert (asked.text, asked.actor.name, asked.in_reply_to) == (
        "Gefeliciteerd! & <3",
        "Sanne de Vries",
        receipt.remote_id,
    )
    answer = connector.send(
        Post(text="Dank u!\n\n감사합니다 <3", in_reply_to=asked.remote_id, thread=asked.thread), key()
    )
    (under,) = [c for c in wordpress.comments(number(receipt)) if c["id"] == number(answer)]
    assert (
        under["parent"] == comment and under["status"] == "approved" and under["author_name"] == "Hanul Bank"
    )
    activities, cursor = news(connector, cursor)
    ours = activities[answer.remote_id]
    assert (
        ours.own
        and ours.thread == asked.thread == f"comment:{comment}"
        and ours.text == "Dank u!\n\n감사합니다 <3"
    )

    connector.send(Post(text="Hartelijk dank!", replaces=answer.remote_id), key())
    connector.send(Post(title="개점", text="내일 엽니다.", replaces=receipt.remote_id), key())
    assert wordpress.api("GET", f"posts/{number(receipt)}")["title"]["rendered"] == "개점"
    assert connector.measure((receipt.remote_id, "post:999999"))[0].counts == {"comments": 2}
    connector.remove(answer.remote_id)
    activities, cursor = news(connector, cursor)
    assert activities[answer.remote_id].verb == "Delete"
    connector.remove(receipt.remote_id)
    connector.remove(receipt.remote_id)
    assert httpx.get(receipt.url).status_code == 404 and connector.measure((receipt.remote_id,)) == ()
    with pytest.raises(Gone):
        connector.send(Post(text="te laat", in_reply_to=answer.remote_id), key())


def test_a_page_is_a_page_and_its_comments_say_so(wordpress: WordPress) -> None:
    connector = desk(wordpress)
    receipt = connector.send(Post(title="联系我们", text="上午九点到下午五点。", kind="page"), key())
    assert receipt.remote_id == f"page:{wordpress.posts('pages')[-1]['id']}"
    wordpress.api("POST", f"pages/{number(receipt)}", json={"comment_status": "open"})
    comment = wordpress.comment(number(receipt), "李伟", "周末呢？")
    activities, _ = news(connector)
    assert activities[f"comment:{comment}"].in_reply_to == receipt.remote_id
    assert connector.send(Post(text="周末休息。", in_reply_to=receipt.remote_id), key()).remote_id.startswith(
        "comment:"
    )


def test_a_comment_that_is_held_is_seen_and_seen_again_when_it_is_let_through(wordpress: WordPress) -> None:
    connector = desk(wordpress)
    post = connector.send(Post(title="Held", text="x"), key())
    comment = wordpress.comment(number(post), "Daan", "mag dit?")
    wordpress.api("POST", f"comments/{comment}", json={"status": "hold"})
    seen = news(connector)[0][f"comment:{comment}"]
    wordpress.api("POST", f"comments/{comment}", json={"status": "approved"})
    again = news(connector)[0][f"comment:{comment}"]
    assert seen.held and not again.held and seen.version != again.version


def test_a_revoked_password_asks_for_a_new_connection_wherever_it_is_met(wordpress: WordPress) -> None:
    connector = desk(wordpress, app_password="aaaa bbbb cccc dddd eeee ffff")
    post, base = Post(title="a", text="b"), desk(wordpress).send(Post(title="a", text="b"), key())
    calls: tuple[Any, ...] = (
        connector.whoami,
        lambda: connector.poll("", 0),
        lambda: connector.send(post, "k"),
        lambda: connector.find("k", post),
        lambda: connector.send(Post(text="b", replaces=base.remote_id), "k"),
    )
    for call in calls:
        with pytest.raises(Reconnect):
            call()


# --- lost answers ------------------------------------------------------------------------------------
@pytest.mark.parametrize("kind", TRIES)
def test_a_lost_answer_is_found_and_what_was_said_is_there_exactly_once(
    wordpress: WordPress, kind: str
) -> None:
    sending, honest = LosesAnswers(), desk(wordpress)
    connector = desk(wordpress, transport=sending)
    base = honest.send(Post(title="base", text="x"), key())
    for number_of_try in range(TRIES[kind]):
        words = f"세상에 하나뿐인 말 {uuid.uuid4().hex}"
        post = {
            "article": Post(title=f"t{number_of_try}", text=words, media=(image("green", "하나"),)),
            "page": Post(title=f"t{number_of_try}", text=words, kind="page"),
            "answer": Post(text=words, in_reply_to=base.remote_id),
            "edit": Post(title="base", text=words, replaces=base.remote_id),
        }[kind]
        once = key()
        # Uploading a picture may be repeated and is Later; what is said is Uncertain.
        sending.losing = True
        assert honest.find(once, post) is None
        with pytest.raises(Uncertain):
            _until_said(connector, post, once)
        found = honest.find(once, post)
        assert found is not None and _times_said(wordpress, words) == 1
        sending.losing = False
        if kind != "edit":
            assert connector.send(post, once) == found and _times_said(wordpress, words) == 1


def _until_said(connector: Connector, post: Post, once: str) -> None:
    for _ in range(4):
        try:
            connector.send(post, once)
        except Later:
            continue
    raise AssertionError("the answer was not lost")


def _times_said(blog: WordPress, words: str) -> int:
    search = {"context": "edit", "search": words, "status": "any"}
    found = blog.api("GET", "posts", params=search) + blog.api("GET", "pages", params=search)
    found += blog.api("GET", "comments", params={"context": "edit", "search": words, "status": "all"})
    return sum(words in thing["content"]["raw"] for thing in found)
