"""What is particular about Ghost: its key, its hooks, its marks, and what it may answer one day."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from base64 import urlsafe_b64decode
from dataclasses import replace
from typing import Any

import httpx
import pytest

from bankside.networks.contract import (
    Accepted,
    Activity,
    Connector,
    Forged,
    Gone,
    Later,
    Media,
    NotAllowed,
    Post,
    Reconnect,
    Refused,
    Request,
    Uncertain,
)
from bankside.networks.ghost_org.listening import PAGE_COMMENTS
from bankside.networks.ghost_org.server import token_of
from bankside.networks.ghost_org.words import comment_html, mark_of, quoted, slug_of
from bankside.networks.markup import text_of
from tests.networks.pretended import said
from tests.networks.pretended.ghost_org import BANK, KEY, KEY_ID, READER, PretendedGhost

ADMIN = "/ghost/api/admin"
NOW = 1_795_860_000.0
PNG = Media(mime="image/png", alt="柜台", data=b"\x89PNG", name="a.png")


@pytest.fixture
def ghost() -> PretendedGhost:
    return PretendedGhost()


@pytest.fixture
def desk(ghost: PretendedGhost) -> Connector:
    return ghost.connector()


def news(connector: Connector, cursor: str = "") -> tuple[dict[str, Activity], str]:
    found: dict[str, Activity] = {}
    more = True
    while more:
        page = connector.poll(cursor, 0)
        found |= {a.remote_id: a for item in page.items for a in connector.read(item.raw)}
        cursor, more = page.cursor, page.more
    return found, cursor


# --- the key -----------------------------------------------------------------------------------------
def test_a_call_carries_a_token_of_four_minutes_that_the_key_has_signed() -> None:
    head, claims, signature = token_of(f"{KEY_ID}:{KEY}", NOW).split(".")
    made = hmac.new(bytes.fromhex(KEY), f"{head}.{claims}".encode(), hashlib.sha256).digest()
    assert urlsafe_b64decode(signature + "=") == made and "=" not in signature
    assert json.loads(urlsafe_b64decode(head + "==")) == {"alg": "HS256", "typ": "JWT", "kid": KEY_ID}
    told = json.loads(urlsafe_b64decode(claims + "=="))
    assert told == {"iat": int(NOW), "exp": int(NOW) + 240, "aud": "/admin/"}


@pytest.mark.parametrize("key", ["", "no key", f":{KEY}", f"{KEY_ID}:", f"{KEY_ID}:not hexadecimal", KEY])
def test_what_is_no_key_asks_for_a_new_connection(key: str) -> None:
    with pytest.raises(Reconnect, match="not of the form"):
        token_of(key, NOW)


def test_another_key_is_not_accepted_and_its_words_are_told(ghost: PretendedGhost) -> None:
    with pytest.raises(Reconnect, match="invalid signature"):
        ghost.connector(admin_key=f"{KEY_ID}:{'00' * 30}").poll("", 0)


# --- what is sent ------------------------------------------------------------------------------------
@pytest.mark.parametrize(("title", "alt", "fits"), [(255, 191, True), (256, 191, False), (255, 192, False)])
def test_titles_and_descriptions_are_counted_to_the_letter(
    desk: Connector, title: int, alt: int, fits: bool
) -> None:
    post = Post(title="가" * title, text="x", media=(replace(PNG, alt="나" * alt),))
    assert (desk.preview(post).findings == ()) == fits


def test_what_ghost_cannot_carry_is_found_before_it_is_sent(ghost: PretendedGhost, desk: Connector) -> None:
    above = f"comment:{ghost.asked}"
    for post, reason in (
        (Post(text="zonder titel"), "needs a title"),
        (Post(title="t", text="x", in_reply_to=above), "has no title"),
        (Post(text="x", media=(PNG,), in_reply_to=above), "no pictures"),
        (Post(text="x", replaces=above), "nobody change a comment"),
        (Post(title="t", text="x", private=True, to=("a",)), "no private messages"),
    ):
        with pytest.raises(Refused, match=reason):
            desk.send(post, "k")
    with pytest.raises(Refused, match="nothing that Ghost has"):
        desk.send(Post(text="x", in_reply_to="comment:../posts"), "k")


def test_a_mark_is_seen_by_nobody_and_belongs_to_one_key(ghost: PretendedGhost, desk: Connector) -> None:
    words = "배당은 4월에 <b>\n다음 줄\n\n谢谢。 "
    assert text_of(comment_html(words, "k1")) == words.strip() and mark_of("k1") != mark_of("k2")
    assert not mark_of("k1").strip() and mark_of("k1") in comment_html(words, "k1")
    above = f"comment:{ghost.asked}"
    first = desk.send(Post(text="같은 말", in_reply_to=above), "k1")
    second = desk.send(Post(text="같은 말", in_reply_to=above), "k2")
    assert first.remote_id != second.remote_id
    for key, receipt in (("k1", first), ("k2", second)):
        found = desk.find(key, Post(text="같은 말", in_reply_to=above))
        assert found is not None and found.remote_id == receipt.remote_id


def test_an_address_is_made_of_the_words_and_the_key() -> None:
    assert slug_of(Post(title="Q3 결과: 12%!", text="x"), "k").startswith("q3-12-")
    assert slug_of(Post(title="실적", text="x"), "k").startswith("post-")
    assert len(slug_of(Post(title="word " * 100, text="x"), "k")) < 80
    assert slug_of(Post(title="a", text="x"), "k") != slug_of(Post(title="a", text="x"), "l")


def test_of_two_tries_that_both_come_through_one_stays(ghost: PretendedGhost) -> None:
    class Twin(httpx.BaseTransport):
        """An earlier try arrives between our look and our writing."""

        def handle_request(self, request: httpx.Request) -> httpx.Response:
            if request.method == "POST":
                ghost.handle_request(request)
            return ghost.handle_request(request)

    post = Post(title="t", text="한 번")
    receipt = ghost.connector(Twin()).send(post, "k")
    assert ghost.visible() == ["한 번"] and receipt == ghost.connector().find("k", post)


def test_a_post_that_is_changed_again_and_again_is_left_alone_for_now(
    ghost: PretendedGhost, desk: Connector
) -> None:
    receipt = desk.send(Post(title="t", text="처음"), "k")
    place = f"PUT {ADMIN}/posts/{receipt.remote_id.partition(':')[2]}/"
    ghost.failing[place] = [(409, {"errors": [{"message": "Saving failed!"}]}, {})] * 2
    with pytest.raises(Later, match="at the moment"):
        desk.send(Post(title="t", text="나중", replaces=receipt.remote_id), "k2")
    assert ghost.visible() == ["처음"] and ghost.failing[place] == []
    desk.send(Post(title="t", text="나중", replaces=receipt.remote_id), "k2")
    assert ghost.visible() == ["나중"]


# --- what is answered --------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("status", "body", "headers", "error"),
    [
        (429, "", {"retry-after": "30"}, Later),
        (503, "", {"retry-after": "5"}, Later),
        (500, "", {}, Uncertain),
        (502, "<html>Bad gateway</html>", {}, Uncertain),
        (201, "<html>", {}, Uncertain),
        (201, {"posts": []}, {}, Uncertain),
        (201, {"posts": [{"id": 7}]}, {}, Uncertain),
        (403, {"errors": [{"context": "You do not have permission"}]}, {}, NotAllowed),
        (404, {"errors": []}, {}, Gone),
        (413, "too large", {}, Refused),
        (422, {"errors": [{"message": "Validation error", "context": "Title too long"}]}, {}, Refused),
        (301, "", {"location": "https://elsewhere.example/"}, Refused),
    ],
)
def test_every_answer_to_a_post_has_its_meaning(
    ghost: PretendedGhost,
    desk: Connector,
    status: int,
    body: Any,
    headers: dict[str, str],
    error: type[Exception],
) -> None:
    ghost.failing[f"POST {ADMIN}/posts/"] = [(status, body, headers)]
    with pytest.raises(error) as raised:
        desk.send(Post(title="t", text="x"), "k")
    assert type(raised.value) is error


def test_ghosts_own_words_are_shown_without_markup_and_secrets(
    ghost: PretendedGhost, desk: Connector
) -> None:
    words = f"<b>Nee</b>: {KEY_ID}:{KEY} " + "x" * 1000
    ghost.failing[f"POST {ADMIN}/posts/"] = [(422, {"errors": [{"context": words}]}, {})]
    with pytest.raises(Refused) as refused:
        desk.send(Post(title="t", text="x"), "k")
    assert refused.value.reason.startswith("Nee: ") and KEY not in refused.value.reason
    assert len(refused.value.reason) < 320


# --- what comes in -----------------------------------------------------------------------------------
def test_hundreds_of_comments_are_read_to_the_last(ghost: PretendedGhost, desk: Connector) -> None:
    post = next(iter(ghost.things["posts"]))
    made = [ghost.comment(post, READER, f"<p>{n}</p>")["id"] for n in range(PAGE_COMMENTS * 2 + 30)]
    found, cursor = news(desk)
    assert {f"comment:{id}" for id in made} < found.keys()
    late = ghost.comment(post, READER, "<p>laat</p>")["id"]
    page = desk.poll(cursor, 0)
    assert f"comment:{late}" in {item.remote_id for item in page.items} and not page.more


def test_a_page_of_one_single_second_does_not_hold_reading_up(ghost: PretendedGhost, desk: Connector) -> None:
    post = next(iter(ghost.things["posts"]))
    oldest = ghost.comment(post, READER, "<p>eerst</p>")["id"]
    at = ghost.comment(post, READER, "<p>x</p>")["created_at"]
    for n in range(PAGE_COMMENTS + 5):
        ghost.comment(post, READER, f"<p>{n}</p>")["created_at"] = at
    found, _ = news(desk)
    assert f"comment:{oldest}" in found


def test_what_is_pushed_off_a_full_page_is_neither_gone_nor_asked_for(ghost: PretendedGhost) -> None:
    class Listening(httpx.BaseTransport):
        def handle_request(self, request: httpx.Request) -> httpx.Response:
            asked.append(request.url.path.removeprefix(f"{ADMIN}/"))
            return ghost.handle_request(request)

    asked: list[str] = []
    desk, post = ghost.connector(Listening()), next(iter(ghost.things["posts"]))
    made = [ghost.comment(post, READER, f"<p>{n}</p>")["id"] for n in range(PAGE_COMMENTS + 5)]
    _, cursor = news(desk)
    for _ in range(10):  # those push older ones off the first page
        ghost.comment(post, READER, "<p>nieuw</p>")
    ghost.comments[made[-1]]["status"] = "deleted"
    asked.clear()
    found, cursor = news(desk, cursor)
    assert [a.remote_id for a in found.values() if a.verb == "Delete"] == [f"comment:{made[-1]}"]
    assert sorted(asked) == ["comments/", f"comments/{made[-1]}/", "posts/"]


def test_an_address_with_an_apostrophe_is_asked_for_as_it_is() -> None:
    assert quoted("o'neil\\@hanulbank.example") == "'o\\'neil\\\\@hanulbank.example'"


def test_hostile_comments_become_harmless_text(ghost: PretendedGhost, desk: Connector) -> None:
    post = next(iter(ghost.things["posts"]))
    html = '<p><a href="javascript:alert(1)">kijk</a> <script>1</script><img src=x onerror=1>&lt;b&gt;</p>'
    id = ghost.comment(post, READER, html)["id"]
    ghost.comments[id]["member"] |= {"name": None, "avatar_image": "javascript:1"}
    ghost.comments[id]["post"]["url"] = "javascript:alert(1)"
    found = news(desk)[0][f"comment:{id}"]
    assert "script>" not in found.text and "onerror" not in found.text and "<b>" in found.text
    assert (found.url, found.actor.avatar_url, found.actor.name) == ("", "", "")


def test_a_member_who_left_is_nobody_else(ghost: PretendedGhost, desk: Connector) -> None:
    post = next(iter(ghost.things["posts"]))
    ids = [ghost.comment(post, READER, "<p>x</p>")["id"] for _ in range(2)]
    for id in ids:
        ghost.comments[id]["member"] = None
    found = news(desk)[0]
    people = {found[f"comment:{id}"].actor.remote_id for id in ids}
    assert len(people) == 2 and f"member:{READER}" not in people and f"member:{BANK}" not in people


def test_what_the_desk_answered_comes_back_as_its_own(ghost: PretendedGhost, desk: Connector) -> None:
    receipt = desk.send(Post(text="네.", in_reply_to=f"comment:{ghost.asked}"), "k")
    ours = news(desk)[0][receipt.remote_id]
    assert ours.own and ours.thread == f"comment:{ghost.asked}" and ours.text == "네."


@pytest.mark.parametrize("raw", [{"comment": {}}, {"post": {"id": 1}}, {"gone": []}, {"comment": "x"}])
def test_what_is_broken_is_refused_and_what_is_unknown_is_nothing(
    desk: Connector, raw: dict[str, Any]
) -> None:
    with pytest.raises(Refused):
        desk.read(raw)
    assert desk.read({"else": raw}) == ()


# --- hooks -------------------------------------------------------------------------------------------
def hook(body: Any, *, secret: str = "the secret of the webhooks", at: float = 0) -> Request:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    moment = str(int((at or time.time()) * 1000))
    made = hmac.new(secret.encode(), raw + moment.encode(), "sha256").hexdigest()
    headers = {"x-ghost-signature": f"sha256={made}, t={moment}"}
    return Request(method="POST", path="/hooks/x", query={}, headers=headers, body=raw)


PUBLISHED = {
    "event": "post.published",
    "post": {"current": {"id": "a" * 24, "title": "t", "html": "<p>본문</p>"}},
}


def test_a_genuine_hook_is_accepted_and_one_flipped_bit_is_not(desk: Connector) -> None:
    good = hook(PUBLISHED)
    accepted = desk.verify(good)
    assert isinstance(accepted, Accepted) and accepted.items[0].remote_id == f"post:{'a' * 24}"
    for position in range(0, len(good.body), 7):
        changed = bytearray(good.body)
        changed[position] ^= 1
        with pytest.raises(Forged):
            desk.verify(replace(good, body=bytes(changed)))
    for old, new in (("sha256=", "sha1="), ("t=", "t=1"), (", t=", ";t="), ("sha256=", "sha256=0")):
        header = {"x-ghost-signature": good.headers["x-ghost-signature"].replace(old, new)}
        with pytest.raises(Forged):
            desk.verify(replace(good, headers=header))


def test_a_hook_of_another_time_or_secret_is_forged(ghost: PretendedGhost, desk: Connector) -> None:
    for request in (
        hook(PUBLISHED, at=time.time() - 601),
        hook(PUBLISHED, at=time.time() + 360),
        hook(PUBLISHED, secret="another"),
        hook(PUBLISHED, secret=""),
    ):
        with pytest.raises(Forged):
            desk.verify(request)
    with pytest.raises(Forged, match="no secret"):
        ghost.connector(hook_secret="").verify(hook(PUBLISHED, secret=""))


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"{", b"\xff", {"event": 7}, {"event": "post.published", "post": {"current": []}},
     {"event": "post.published"}, {"event": "post.deleted", "post": {"previous": {}}}],
)  # fmt: skip
def test_a_genuine_hook_with_nonsense_in_it_is_refused(desk: Connector, body: Any) -> None:
    with pytest.raises(Refused):
        desk.verify(hook(body))


@pytest.mark.parametrize("event", ["member.added", "site.changed", "post.scheduled", "post", ""])
def test_other_events_say_nothing(desk: Connector, event: str) -> None:
    assert desk.verify(hook({"event": event, "post": {"current": {"id": "x"}}})) == Accepted(items=())


def test_the_fake_refuses_what_the_real_one_refuses(ghost: PretendedGhost) -> None:
    """Else the thousand lost answers would prove less."""
    assert ghost.handle_request(httpx.Request("GET", f"https://x{ADMIN}/posts/")).status_code == 401
    answer = ghost.answer(httpx.Request("GET", f"https://x{ADMIN}/site/"))
    assert answer.status_code == 200 and said(204).status_code == 204
