"""What recordings do not show: long answers, deep threads, races, hostile answers. This blog is a fake."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest

from bankside.networks.catalogue import network
from bankside.networks.contract import (
    Activity,
    Connector,
    Gone,
    Grant,
    Later,
    Media,
    NotAllowed,
    Page,
    Post,
    Reconnect,
    Refused,
    Uncertain,
)
from bankside.networks.wordpress import comment_html, marker_of, slug_of

SITE = "https://blog.hanulbank.example"
ME = "user:1@blog.hanulbank.example"
IMAGE = Media(mime="image/png", alt="창구", data=b"png", name="a.png")


@dataclass
class FakeBlog:
    """Comments in memory, listed as WordPress lists them; `answers` overrides what a path answers."""

    comments: dict[int, dict[str, Any]] = field(default_factory=dict)
    answers: dict[str, Callable[[httpx.Request], httpx.Response]] = field(default_factory=dict)
    asked: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)

    def comment(self, id: int, parent: int = 0, **more: Any) -> int:
        given = {
            "id": id,
            "post": 7,
            "parent": parent,
            "author": 0,
            "author_name": f"c{id}",
            "status": "approved",
        }
        texts = {
            "content": {"raw": f"text {id}"},
            "date_gmt": "2026-11-24T10:00:00",
            "link": f"{SITE}/p/#{id}",
        }
        self.comments[id] = {**given, **texts, "author_email": f"c{id}@example.org", **more}
        return id

    def __call__(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path.removeprefix("/wp-json/wp/v2/")
        params = dict(request.url.params)
        self.asked.append((request.method, path, params))
        if special := self.answers.get(f"{request.method} {path}") or self.answers.get(path):
            return special(request)
        if path == "comments":
            return httpx.Response(200, json=self._listed(params))
        found = self.comments.get(int(path.rpartition("/")[2]))
        return httpx.Response(200, json=found) if found else httpx.Response(404, json={"code": "rest_no"})

    def _listed(self, params: dict[str, str]) -> list[dict[str, Any]]:
        found = [c for c in self.comments.values() if c["status"] in {"approved", "hold"}]
        if "include" in params:
            found = [c for c in found if str(c["id"]) in params["include"].split(",")]
        if "before" in params:
            found = [c for c in found if c["date_gmt"] < params["before"].rstrip("Z")]
        offset, size = int(params.get("offset", 0)), int(params["per_page"])
        return sorted(found, key=lambda c: -c["id"])[offset : offset + size]

    @property
    def connector(self) -> Connector:
        data = network("wordpress")
        wire = data.wire({"site": SITE}, transport=httpx.MockTransport(self))
        grant = Grant(
            settings={"site": SITE, "user": "desk"},
            secrets={"app_password": "abcd efgh"},
            account={"remote_id": ME},
        )
        return data.connector(grant, wire)


@pytest.fixture
def blog() -> FakeBlog:
    return FakeBlog()


def read(connector: Connector, page: Page) -> list[Activity]:
    return [a for item in page.items for a in connector.read(item.raw)]


def says(status: int, value: Any) -> Callable[[httpx.Request], httpx.Response]:
    if isinstance(value, str):
        return lambda _: httpx.Response(status, text=value)
    return lambda _: httpx.Response(status, json=value)


# --- polling -----------------------------------------------------------------------------------------
def everything(blog: FakeBlog, cursor: str = "") -> tuple[set[str], str, int]:
    found, pages = set(), 0
    while True:
        page = blog.connector.poll(cursor, 0)
        found |= {i.remote_id for i in page.items}
        cursor, pages = page.cursor, pages + 1
        if not page.more:
            return found, cursor, pages


def test_a_long_answer_is_read_page_by_page_and_nothing_is_missed(blog: FakeBlog) -> None:
    for id in range(1, 351):
        blog.comment(id)
    found, cursor, pages = everything(blog)
    assert len(found) == 350 and pages == 4
    for id in range(351, 600):
        blog.comment(id)
    found, cursor, pages = everything(blog, cursor)
    assert found >= {f"comment:{id}" for id in range(351, 600)} and pages == 3
    found, _, pages = everything(blog, cursor)
    assert len(found) == 100 and pages == 1, "the newest hundred are read again each time"


def test_what_is_deleted_while_a_page_is_turned_hides_nothing(blog: FakeBlog) -> None:
    for id in range(1, 251):
        blog.comment(id)
    first = blog.connector.poll("", 0)
    for id in range(241, 251):
        del blog.comments[id]
    found, _, _ = everything(blog, first.cursor)
    assert {f"comment:{id}" for id in range(1, 241)} <= found | {i.remote_id for i in first.items}


def test_what_was_there_before_the_channel_stays_out_also_later(blog: FakeBlog) -> None:
    blog.comment(1, date_gmt="2026-11-01T10:00:00")
    blog.comment(2, date_gmt="2026-11-24T10:00:00")
    page = blog.connector.poll("", 1_795_000_000_000)
    assert [i.remote_id for i in page.items] == ["comment:2"]
    blog.comment(3, date_gmt="2020-01-01T00:00:00")
    page = blog.connector.poll(page.cursor, 0)
    assert [i.remote_id for i in page.items] == ["comment:2", "comment:3"], "an old date hides nothing new"


def test_a_thread_is_named_for_its_root_however_deep_it_is(blog: FakeBlog) -> None:
    for id in range(1, 130):
        blog.comment(id, parent=id - 1 if id < 12 else 0)
    blog.comment(200, parent=11)
    page = blog.connector.poll("0.150.0.0.", 0)
    activities = {a.remote_id: a for a in read(blog.connector, page)}
    assert activities["comment:200"].thread == "comment:1"
    assert activities["comment:200"].in_reply_to == "comment:11"
    assert activities["comment:129"].thread == "comment:129"
    assert activities["comment:129"].in_reply_to == "post:7"


def test_a_root_in_the_trash_is_still_the_root_and_one_that_is_lost_is_left_out(blog: FakeBlog) -> None:
    blog.comment(1, status="trash")
    blog.comment(2, parent=1)
    blog.comment(4, parent=3)
    activities = read(blog.connector, blog.connector.poll("", 0))
    assert [a.thread for a in activities] == ["comment:1", "comment:3"]


def test_comments_that_answer_each_other_in_a_circle_do_not_hang(blog: FakeBlog) -> None:
    blog.comment(1, parent=2)
    blog.comment(2, parent=1)
    assert len(read(blog.connector, blog.connector.poll("", 0))) == 2


@pytest.mark.parametrize("how", ["trash", "spam", "deleted"])
def test_what_was_listed_and_is_gone_is_told_once(blog: FakeBlog, how: str) -> None:
    blog.comment(1)
    blog.comment(2, parent=1)
    page = blog.connector.poll("", 0)
    if how == "deleted":
        del blog.comments[2]
    else:
        blog.comments[2]["status"] = how
    page = blog.connector.poll(page.cursor, 0)
    gone = read(blog.connector, page)[0]
    assert (gone.remote_id, gone.verb, gone.thread, gone.text) == ("comment:2", "Delete", "comment:1", "")
    assert gone.actor.remote_id.startswith("visitor:") == (how != "deleted")
    page = blog.connector.poll(page.cursor, 0)
    assert [a.verb for a in read(blog.connector, page)] == ["Create"]


def test_spam_that_nobody_saw_is_never_told(blog: FakeBlog) -> None:
    blog.comment(1)
    cursor = blog.connector.poll("", 0).cursor
    blog.comment(2, status="spam")
    page = blog.connector.poll(cursor, 0)
    assert [i.remote_id for i in page.items] == ["comment:1"]


def test_many_that_are_gone_at_once_are_told_over_some_polls(blog: FakeBlog) -> None:
    for id in range(1, 60):
        blog.comment(id)
    cursor, told = blog.connector.poll("", 0).cursor, set()
    for id in range(2, 60):
        blog.comments[id]["status"] = "spam"
    for _ in range(3):
        page = blog.connector.poll(cursor, 0)
        told |= {a.remote_id for a in read(blog.connector, page) if a.verb == "Delete"}
        cursor = page.cursor
    assert len(told) == 58


def test_a_change_is_a_new_version_and_the_same_words_are_not(blog: FakeBlog) -> None:
    blog.comment(1)
    versions = []
    for change in ({}, {}, {"status": "hold"}, {"content": {"raw": "edited"}}, {"author_name": "Kim"}):
        blog.comments[1].update(change)
        versions.append(blog.connector.poll("", 0).items[0].version)
    assert versions[0] == versions[1] and len(set(versions)) == 4
    assert not any(v.isdigit() for v in versions)
    (held,) = read(blog.connector, blog.connector.poll("", 0))
    assert held.held and not held.own


def test_neither_mail_nor_ip_addresses_are_kept_and_a_visitor_stays_the_same(blog: FakeBlog) -> None:
    blog.comment(1, author_email="Minji@Example.org", author_ip="192.0.2.7")
    blog.comment(2, author_email="minji@example.org ", author_name="민지")
    blog.comment(3, author_email="", author_name="李伟")
    page = blog.connector.poll("", 0)
    kept = json.dumps([i.raw for i in page.items])
    assert "example.org" not in kept and "192.0.2.7" not in kept
    actors = [a.actor.remote_id for a in read(blog.connector, page)]
    assert actors[0] == actors[1] != actors[2] and all(a.endswith("@blog.hanulbank.example") for a in actors)


def test_hostile_comments_become_harmless_text(blog: FakeBlog) -> None:
    blog.comment(
        1,
        author_name="<b onmouseover=alert(1)>Mallory</b> &amp; Co",
        author_url="javascript:alert(1)",
        link="javascript:alert(2)",
        content={"raw": "<script>x</script>hi <a href='https://evil.example'>your bank</a>"},
        date_gmt="0000-00-00T00:00:00",
    )
    (activity,) = read(blog.connector, blog.connector.poll("", 0))
    assert activity.actor.name == "Mallory & Co" and activity.actor.url == activity.url == ""
    assert activity.text == "hi your bank (https://evil.example)" and activity.published_ms == 0


@pytest.mark.parametrize(
    "raw", [{"comment": {}}, {"comment": 7}, {"comment": {"id": "x"}}, {"gone": {"id": 1}}]
)
def test_a_broken_item_is_refused_and_an_unknown_one_is_nothing(blog: FakeBlog, raw: dict[str, Any]) -> None:
    with pytest.raises(Refused):
        blog.connector.read(raw)
    assert blog.connector.read({"order": 1}) == ()


# --- sending -----------------------------------------------------------------------------------------
def made(id: int, slug: str) -> dict[str, Any]:
    return {
        "id": id,
        "slug": slug,
        "link": f"{SITE}/{slug}/",
        "date_gmt": "2026-11-24T10:00:00",
        "status": "publish",
    }


def test_when_an_earlier_try_comes_through_late_only_the_first_stays(blog: FakeBlog) -> None:
    post, key = Post(title="Results", text="결과"), "v1:c1"
    slug = slug_of(post, key)
    lists = [[], [made(7, slug)]]
    blog.answers["GET posts"] = lambda _: httpx.Response(200, json=lists.pop(0))
    blog.answers["POST posts"] = says(201, made(8, f"{slug}-2"))
    blog.answers["DELETE posts/8"] = says(200, {})
    assert blog.connector.send(post, key).remote_id == "post:7"
    assert ("DELETE", "posts/8", {"force": "true"}) in blog.asked


def test_a_picture_of_an_earlier_try_is_used_again(blog: FakeBlog) -> None:
    post = Post(title="Results", text="결과", media=(IMAGE,))
    blog.answers["GET posts"] = says(200, [])
    blog.answers["GET media"] = says(200, [{"id": 5, "source_url": f"{SITE}/a.png"}])
    blog.answers["POST posts"] = lambda r: httpx.Response(201, json=made(7, json.loads(r.content)["slug"]))
    blog.connector.send(post, "v1:c1")
    assert [asked[:2] for asked in blog.asked if asked[0] == "POST"] == [("POST", "posts")]


@pytest.mark.parametrize(
    ("status", "value", "error"),
    [
        (201, "<html>", Uncertain),
        (201, {}, Uncertain),
        (201, {"id": "seven"}, Uncertain),
        (200, "", Uncertain),
        (500, "<h1>Error</h1>", Uncertain),
        (504, "", Uncertain),
        (401, {"message": "no"}, Reconnect),
        (403, {"message": "no"}, NotAllowed),
        (404, {"message": "no"}, Gone),
        (400, {"message": "no"}, Refused),
        (413, "", Refused),
        (429, "", Later),
    ],
)
def test_what_a_strange_answer_to_a_send_means(
    blog: FakeBlog, status: int, value: Any, error: type[Exception]
) -> None:
    blog.answers["GET posts"] = says(200, [])
    blog.answers["POST posts"] = says(status, value)
    with pytest.raises(error) as raised:
        blog.connector.send(Post(title="a", text="b"), "v1:c1")
    assert type(raised.value) is error


def test_trouble_before_the_words_are_said_is_never_doubt(blog: FakeBlog) -> None:
    post = Post(title="a", text="b", media=(IMAGE,))
    blog.answers["GET posts"] = says(500, "")
    with pytest.raises(Later):
        blog.connector.send(post, "v1:c1")
    blog.answers["GET posts"] = says(200, [])
    blog.answers["GET media"] = says(200, [])
    for status, value in (
        (502, ""),
        (500, {"code": "internal_server_error"}),
        (201, "<html>"),
        (500, "<html>"),
    ):
        blog.answers["POST media"] = says(status, value)
        with pytest.raises(Later):
            blog.connector.send(post, "v1:c1")
    assert not [asked for asked in blog.asked if asked[:2] == ("POST", "posts")]


def test_a_comment_has_rules_of_its_own(blog: FakeBlog) -> None:
    def findings(**given: Any) -> tuple[str, ...]:
        return blog.connector.preview(Post(in_reply_to="comment:1", **given)).findings

    assert findings(text="谢谢" * 100) == ()
    assert len(findings(text="가" * 21_843)) == 1 and findings(text="가" * 21_841) == ()
    assert len(findings(text="a", media=(IMAGE,), title="t")) == 2
    assert len(blog.connector.preview(Post(text="a", private=True, to=("x",))).findings) == 1
    assert comment_html(" a < b & c\n[x] ") == "a &lt; b &amp; c\n[x]"


@pytest.mark.parametrize(
    "id", ["comment", "comment:x", "comment:1/../posts/1", "user:1", "", "comment:٣", "post:-1"]
)
def test_an_id_that_is_none_is_never_called(blog: FakeBlog, id: str) -> None:
    with pytest.raises(Refused):
        blog.connector.remove(id)
    assert blog.asked == []


def test_marks_are_made_from_the_key_alone_and_addresses_stay_readable() -> None:
    post = Post(title="Q3 Results & 3분기 실적!", text="x")
    assert slug_of(post, "a") == slug_of(post, "a") != slug_of(post, "b")
    assert slug_of(post, "a").startswith("q3-results-3-") and marker_of("a") != marker_of("b")
    assert slug_of(Post(title="실적", text="x"), "a").startswith("post-")
    assert slug_of(Post(title="x", text="x", slug="Annual Report/2026"), "a").startswith(
        "annual-report-2026-"
    )
    assert len(slug_of(Post(title="a" * 900, text="x"), "a")) < 80


def test_a_site_that_is_no_wordpress_says_so(blog: FakeBlog) -> None:
    blog.answers["users/me"] = says(404, "<html>")
    with pytest.raises(Refused, match="no WordPress interface"):
        blog.connector.whoami()
