"""The connector against a real Ghost: everything that it promises, seen from the publication's side."""

from __future__ import annotations

import datetime
import io
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import httpx
import pytest
from PIL import Image

from bankside.networks.catalogue import network
from bankside.networks.contract import (
    Accepted,
    Activity,
    Connector,
    Forged,
    Gone,
    Grant,
    Later,
    Media,
    NotAllowed,
    Post,
    Receipt,
    Reconnect,
    Refused,
    Request,
    Uncertain,
)
from tests.servers.ghost import Ghost
from tests.servers.program import wait

pytestmark = pytest.mark.server("ghost")
TRIES = {"article": 5, "page": 2, "answer": 3, "edit": 2}


def desk(ghost: Ghost, *, transport: httpx.BaseTransport | None = None, **changed: str) -> Connector:
    data = network("ghost_org")
    settings = {name: changed.get(name, value) for name, value in ghost.settings.items()}
    secrets = {name: changed.get(name, value) for name, value in ghost.secrets.items()}
    wire = data.wire(settings, secrets=secrets, private_hosts=frozenset({ghost.host}), transport=transport)
    fresh = data.connector(Grant(settings=settings, secrets=secrets), wire)
    account = {} if "admin_key" in changed else asdict(fresh.whoami())
    return data.connector(Grant(settings=settings, secrets=secrets, account=account), wire)


def image(color: str, alt: str) -> Media:
    made = io.BytesIO()
    Image.new("RGB", (60, 40), color).save(made, "PNG")
    return Media(mime="image/png", alt=alt, data=made.getvalue(), name=f"{color}.png")


def key() -> str:
    return f"{uuid.uuid4().hex}:channel"


def news(connector: Connector, cursor: str = "") -> tuple[dict[str, Activity], str]:
    found: dict[str, Activity] = {}
    more = True
    while more:
        page = connector.poll(cursor, 0)
        found |= {a.remote_id: a for item in page.items for a in connector.read(item.raw)}
        cursor, more = page.cursor, page.more
    return found, cursor


def number(receipt: Receipt) -> str:
    return receipt.remote_id.partition(":")[2]


class LosesAnswers(httpx.BaseTransport):
    """Ghost accepts what is written, and its answer never arrives."""

    def __init__(self) -> None:
        self._real = httpx.HTTPTransport()
        self.losing = True

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        answer = self._real.handle_request(request)
        answer.read()
        if self.losing and request.method != "GET" and "/images/" not in request.url.path:
            raise httpx.ReadError("The answer was lost.")
        return answer


# --- the journey -------------------------------------------------------------------------------------
def test_it_is_known_who_speaks(ghost: Ghost) -> None:
    me = desk(ghost).whoami()
    assert me.remote_id.startswith("member:") and me.name == "Hanul Bank" and me.handle == ghost.host
    quiet = desk(ghost, member="").whoami()
    assert quiet.remote_id == f"site:{ghost.host}" and quiet.name == "Hanul Bank 소식"
    other = ghost.member("Aoife O'Neil", "o'neil@hanulbank.example")
    assert desk(ghost, member="o'neil@hanulbank.example").whoami().remote_id == f"member:{other}"
    with pytest.raises(Refused, match=r"nobody@hanulbank\.example"):
        desk(ghost, member="nobody@hanulbank.example")


def test_a_post_with_pictures_says_exactly_the_words(ghost: Ghost) -> None:
    connector = desk(ghost)
    pictures = (image("red", '새 지점 "창구"'), image("blue", "柜台"))
    words = "새 지점을 열었습니다. [gallery] <b>굵게</b> {{x}}\n두 번째 줄\n\nMeer: https://hanulbank.example/nl?a=1&b=2"
    receipt = connector.send(Post(title='문을 "열다" <b>', text=words, media=pictures), key())
    (post,) = [p for p in ghost.posts() if p["id"] == number(receipt)]
    assert post["status"] == "published" and post["url"] == receipt.url and receipt.published_ms
    assert post["title"] == '문을 "열다" <b>' and post["feature_image_alt"] == '새 지점 "창구"'
    assert "[gallery] &lt;b&gt;굵게&lt;/b&gt; {{x}}<br>두 번째 줄</p>" in post["html"]
    assert 'href="https://hanulbank.example/nl?a=1&amp;b=2"' in post["html"] and 'alt="柜台"' in post["html"]
    assert (
        httpx.get(post["feature_image"]).content[:4] == b"\x89PNG"
        and "<b>굵게" not in httpx.get(receipt.url).text
    )


def test_a_comment_an_answer_an_edit_and_a_removal(ghost: Ghost) -> None:
    connector, reader = desk(ghost), ghost.reader("Sanne de Vries")
    receipt = connector.send(Post(title="개점", text="내일 엽니다."), key())
    comment = reader.comment(number(receipt), "Gefeliciteerd! &amp; &lt;3")
    activities, cursor = news(connector)
    asked = activities[f"comment:{comment}"]
    assert (asked.text, asked.actor.name, asked.actor.remote_id, asked.in_reply_to, asked.own) == (
        "Gefeliciteerd! & <3", "Sanne de Vries", f"member:{reader.id}", receipt.remote_id, False,
    )  # fmt: skip
    assert asked.reply_allowed and asked.url == f"{receipt.url}#ghost-comments-{comment}"
    answer = connector.send(
        Post(text="Dank u!\n\n감사합니다 <3", in_reply_to=asked.remote_id, thread=asked.thread), key()
    )
    (under,) = [c for c in ghost.comments(number(receipt)) if c["id"] == number(answer)]
    assert under["parent_id"] == comment and under["member"]["name"] == "Hanul Bank"
    activities, cursor = news(connector, cursor)
    ours = activities[answer.remote_id]
    assert ours.own and ours.thread == asked.thread and ours.text == "Dank u!\n\n감사합니다 <3"

    again = reader.comment(number(receipt), "En zondag?", parent=comment, reply_to=number(answer))
    activities, cursor = news(connector, cursor)
    assert activities[f"comment:{again}"].in_reply_to == answer.remote_id
    assert activities[f"comment:{again}"].thread == asked.thread
    second = connector.send(Post(text="周日休息。", in_reply_to=f"comment:{again}"), key())
    (under,) = [c for c in ghost.comments(number(receipt)) if c["id"] == number(second)]
    assert under["parent_id"] == comment and under["in_reply_to_id"] == again

    assert connector.measure((receipt.remote_id, f"post:{'0' * 24}"))[0].counts == {"comments": 4}
    assert connector.measure((f"comment:{comment}",))[0].counts == {"likes": 0, "replies": 3}
    with pytest.raises(Refused, match="nobody change a comment"):
        connector.send(Post(text="anders", replaces=answer.remote_id), key())
    activities, cursor = news(connector, cursor)
    assert second.remote_id in activities
    connector.remove(second.remote_id)
    connector.remove(second.remote_id)
    activities, cursor = news(connector, cursor)
    assert (
        activities[second.remote_id].verb == "Delete" and activities[second.remote_id].thread == asked.thread
    )
    with pytest.raises(NotAllowed):
        connector.remove(asked.remote_id)
    connector.remove(receipt.remote_id)
    connector.remove(receipt.remote_id)
    assert httpx.get(receipt.url).status_code == 404 and connector.measure((receipt.remote_id,)) == ()
    with pytest.raises(Gone):
        connector.send(Post(text="te laat", in_reply_to=asked.remote_id), key())


def test_a_comment_is_seen_again_when_it_is_changed_hidden_and_taken_away(ghost: Ghost) -> None:
    connector, reader = desk(ghost), ghost.reader("김민지")
    post = connector.send(Post(title="Held", text="x"), key())
    comment = reader.comment(number(post), "배당은 언제인가요?")
    first, cursor = news(connector)
    reader.change(comment, "배당은 언제, 얼마인가요?")
    second, cursor = news(connector, cursor)
    ghost.hide(comment)
    third, cursor = news(connector, cursor)
    ghost.hide(comment, "published")
    reader.take_away(comment)
    last, cursor = news(connector, cursor)
    seen = [found[f"comment:{comment}"] for found in (first, second, third, last)]
    assert len({a.version for a in seen}) == 4 and [a.held for a in seen] == [False, False, True, False]
    assert seen[1].text == "배당은 언제, 얼마인가요?" and seen[3].verb == "Delete"
    assert f"comment:{comment}" not in news(connector, cursor)[0]


def test_without_a_member_comments_are_heard_and_cannot_be_answered(ghost: Ghost) -> None:
    connector = desk(ghost, member="")
    post = connector.send(Post(title="조용히", text="x"), key())
    comment = ghost.reader("Daan").comment(number(post), "Hallo?")
    assert not news(connector)[0][f"comment:{comment}"].reply_allowed
    with pytest.raises(Refused, match="a member of your own"):
        connector.send(Post(text="hallo", in_reply_to=f"comment:{comment}"), key())


def test_an_edit_while_somebody_writes_in_ghost_is_made_once_more_and_no_word_is_lost(ghost: Ghost) -> None:
    racing = RacesOnce(ghost)
    connector = desk(ghost, transport=racing)
    post = connector.send(Post(title="처음", text="첫 문장"), key())
    racing.post = number(post)
    receipt = connector.send(Post(title="나중", text="둘째 문장", replaces=post.remote_id), key())
    (there,) = [p for p in ghost.posts() if p["id"] == number(post)]
    assert racing.collisions == 1 and receipt.remote_id == post.remote_id
    assert (there["title"], there["html"]) == ("나중", "<p>둘째 문장</p>")


class RacesOnce(httpx.BaseTransport):
    """Just before the first edit arrives, somebody changes the post in Ghost's own editor."""

    def __init__(self, ghost: Ghost) -> None:
        self._real, self._ghost = httpx.HTTPTransport(), ghost
        self.post, self.collisions = "", 0

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if self.post and request.method == "PUT":
            post, self.post = self.post, ""
            other = {"title": "그 사이", "updated_at": self._updated(post)}
            wait(lambda: self._updated(post) != _now(), "the next second", 5)
            self._ghost.api("PUT", f"posts/{post}/", json={"posts": [other]})
        answer = self._real.handle_request(request)
        self.collisions += answer.status_code == 409
        return answer

    def _updated(self, post: str) -> str:
        [there] = self._ghost.api("GET", f"posts/{post}/", params={"fields": "updated_at"})["posts"]
        return str(there["updated_at"])


def _now() -> str:
    return datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def test_a_page_is_a_page(ghost: Ghost) -> None:
    connector = desk(ghost)
    receipt = connector.send(Post(title="联系我们", text="上午九点到下午五点。", kind="page"), key())
    (page,) = [p for p in ghost.posts("pages") if p["id"] == number(receipt)]
    assert receipt.remote_id == f"page:{page['id']}" and receipt.url == page["url"]
    connector.send(Post(title="联系", text="上午九点。", kind="page", replaces=receipt.remote_id), key())
    assert [p["title"] for p in ghost.posts("pages") if p["id"] == page["id"]] == ["联系"]
    connector.remove(receipt.remote_id)
    assert page["id"] not in {p["id"] for p in ghost.posts("pages")}


def test_what_ghost_does_not_take_is_refused_in_its_own_words(ghost: Ghost) -> None:
    connector = desk(ghost)
    broken = Media(mime="image/png", alt="", data=b"no image", name="x.png")
    with pytest.raises(Refused, match="Unable to manipulate image"):
        connector.send(Post(title="t", text="x", media=(broken,)), key())
    with pytest.raises(Refused, match="255"):
        connector.send(Post(title="x" * 256, text="x"), key())
    assert connector.send(Post(title="x" * 255, text="x"), key()).url


def test_a_key_that_is_not_good_asks_for_a_new_connection_wherever_it_is_met(ghost: Ghost) -> None:
    wrong = ghost.admin_key[:-1] + ("1" if ghost.admin_key.endswith("0") else "0")
    connector, post = desk(ghost, admin_key=wrong), Post(title="a", text="b")
    calls: tuple[Any, ...] = (
        connector.whoami,
        lambda: connector.poll("", 0),
        lambda: connector.send(post, "k"),
        lambda: connector.find("k", post),
        lambda: desk(ghost, admin_key="no key at all").whoami(),
    )
    for call in calls:
        with pytest.raises(Reconnect, match="Admin API key"):
            call()


# --- hooks -------------------------------------------------------------------------------------------
def test_what_ghost_calls_with_is_genuine_and_tells_of_posts_as_reading_does(ghost: Ghost) -> None:
    connector = desk(ghost)
    with hooks(ghost) as received:
        [post] = ghost.api("POST", "posts/?source=html", json={"posts": [WRITTEN]})["posts"]
        wait(lambda: len(received) == 1, "the hook of a new post")
        changed = {"title": "Gewijzigd", "updated_at": post["updated_at"]}
        ghost.api("PUT", f"posts/{post['id']}/", json={"posts": [changed]})
        wait(lambda: len(received) == 2, "the hook of a change")
        listed = news(connector)[0][f"post:{post['id']}"]
        ghost.api("DELETE", f"posts/{post['id']}/")
        wait(lambda: len(received) == 4, "the hooks of the end")
    said = [
        a for request in received for item in accepted(connector, request) for a in connector.read(item.raw)
    ]
    assert [(a.verb, a.title, a.own) for a in said] == [
        ("Create", "Hier getypt", True), ("Create", "Gewijzigd", True),
        ("Delete", "", True), ("Delete", "", True),
    ]  # fmt: skip
    assert {a.remote_id for a in said} == {f"post:{post['id']}"} and said[0].text == "본문"
    assert said[1] == listed and said[2].version == said[3].version


def test_a_hook_that_was_touched_or_kept_is_forged(ghost: Ghost, monkeypatch: pytest.MonkeyPatch) -> None:
    connector = desk(ghost)
    with hooks(ghost) as received:
        ghost.api("POST", "posts/?source=html", json={"posts": [WRITTEN]})
        wait(lambda: len(received) == 1, "the hook")
    [good] = received
    assert accepted(connector, good)
    touched = Request(
        method="POST", path="/", query={}, headers=good.headers, body=good.body.replace(b"Hier", b"Daar")
    )
    for request in (touched, Request(method="POST", path="/", query={}, headers={}, body=good.body)):
        with pytest.raises(Forged):
            connector.verify(request)
    later = time.time() + 601
    monkeypatch.setattr(time, "time", lambda: later)
    with pytest.raises(Forged, match="too old"):
        connector.verify(good)


WRITTEN = {"title": "Hier getypt", "html": "<p>본문</p>", "status": "published"}
EVENTS = ("post.published", "post.published.edited", "post.unpublished", "post.deleted")


@contextmanager
def hooks(ghost: Ghost) -> Iterator[list[Request]]:
    """While it lasts, Ghost calls us; what it said."""
    received: list[Request] = []

    class Listening(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            received.append(Request(method="POST", path=self.path, query={}, headers=headers, body=body))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    server = HTTPServer(("127.0.0.1", 0), Listening)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    target, secret = f"http://127.0.0.1:{server.server_port}/", ghost.secrets["hook_secret"]
    wanted = [{"event": event, "target_url": target, "secret": secret} for event in EVENTS]
    made = [ghost.api("POST", "webhooks/", json={"webhooks": [one]})["webhooks"][0]["id"] for one in wanted]
    try:
        yield received
    finally:
        for id in made:
            ghost.api("DELETE", f"webhooks/{id}/")
        server.shutdown()
        server.server_close()


def accepted(connector: Connector, request: Request) -> Any:
    answer = connector.verify(request)
    assert isinstance(answer, Accepted)
    return answer.items


# --- lost answers ------------------------------------------------------------------------------------
@pytest.mark.parametrize("kind", TRIES)
def test_a_lost_answer_is_found_and_what_was_said_is_there_exactly_once(ghost: Ghost, kind: str) -> None:
    sending, honest = LosesAnswers(), desk(ghost)
    connector = desk(ghost, transport=sending)
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
        sending.losing = True
        assert honest.find(once, post) is None
        with pytest.raises(Uncertain):
            connector.send(post, once)
        found = honest.find(once, post)
        assert found is not None and _times_said(ghost, words) == 1
        sending.losing = False
        if kind != "edit":
            assert connector.send(post, once) == found and _times_said(ghost, words) == 1


def test_a_lost_picture_is_no_doubt_for_nothing_was_said(ghost: Ghost) -> None:
    class LosesPictures(LosesAnswers):
        def handle_request(self, request: httpx.Request) -> httpx.Response:
            answer = self._real.handle_request(request)
            answer.read()
            if "/images/" in request.url.path:
                raise httpx.ReadError("The answer was lost.")
            return answer

    post, once = Post(title="t", text=uuid.uuid4().hex, media=(image("green", "하나"),)), key()
    with pytest.raises(Later):
        desk(ghost, transport=LosesPictures()).send(post, once)
    assert desk(ghost).find(once, post) is None and _times_said(ghost, post.text) == 0


def _times_said(ghost: Ghost, words: str) -> int:
    there = [*ghost.posts(), *ghost.posts("pages"), *ghost.comments()]
    return sum(words in (thing["html"] or "") for thing in there)
