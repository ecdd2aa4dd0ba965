"""Feeds of a real server: what a WordPress publishes is read, and what did not change is not sent again."""

from __future__ import annotations

import time
import uuid

import httpx
import pytest

from bankside.networks.catalogue import network
from bankside.networks.contract import Connector, Grant, Refused
from tests.servers.wordpress import WordPress

pytestmark = pytest.mark.server("wordpress")


class Listening(httpx.BaseTransport):
    """Real sockets, and what came over them."""

    def __init__(self) -> None:
        self.statuses: list[int] = []
        self._real = httpx.HTTPTransport()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        answer = self._real.handle_request(request)
        answer.read()
        self.statuses.append(answer.status_code)
        return answer


def reader(blog: WordPress, path: str, heard: Listening) -> Connector:
    data, settings = network("web_feeds"), {"feed": f"{blog.url}{path}"}
    wire = data.wire(settings, private_hosts=frozenset({blog.host}), transport=heard)
    return data.connector(Grant(settings=settings), wire)


def say(blog: WordPress, title: str, words: str) -> int:
    made = blog.api("POST", "posts", json={"title": title, "content": words, "status": "publish"})
    return int(made["id"])


@pytest.mark.parametrize("path", ["/feed/", "/feed/atom/", "/feed/rdf/"])
def test_what_a_blog_publishes_is_read_once_and_again_when_it_changes(
    wordpress: WordPress, path: str
) -> None:
    title = f"금리 & Rente {uuid.uuid4().hex[:8]}"
    number = say(wordpress, title, "<p>기준금리는 <b>그대로</b>입니다.</p><p>谢谢</p>")
    heard = Listening()
    made = reader(wordpress, path, heard)
    first = made.poll("", 0)
    [ours] = [a for item in first.items for a in made.read(item.raw) if a.title == title]
    assert ours.text.startswith("기준금리는 그대로입니다.") and ours.url.startswith(wordpress.url)
    assert ours.published_ms > 1_700_000_000_000 and ours.actor.name == "Hanul Bank"
    second = made.poll(first.cursor, 0)
    assert second.items == () and heard.statuses[-1] == 304
    time.sleep(1.1)  # WordPress dates its feed to the second, and compares nothing finer
    wordpress.api("POST", f"posts/{number}", json={"content": "<p>기준금리가 내렸습니다.</p>"})
    third = made.poll(second.cursor, 0)
    [edited] = [a for i in third.items for a in made.read(i.raw) if a.remote_id == ours.remote_id]
    assert edited.text.startswith("기준금리가 내렸습니다.") and edited.version != ours.version


def test_the_blog_tells_its_name_and_a_page_is_no_feed(wordpress: WordPress) -> None:
    assert reader(wordpress, "/feed/", Listening()).whoami().name == "Hanul Bank 블로그"
    with pytest.raises(Refused, match="There is no feed at"):
        reader(wordpress, "/", Listening()).whoami()
