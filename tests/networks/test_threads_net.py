"""Threads: what recordings do not show. Meta's own Postman collection judges every request."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from bankside.networks.catalogue import network
from bankside.networks.contract import (
    Accepted,
    Answer,
    Connector,
    Forged,
    Gone,
    Grant,
    Later,
    Post,
    Refused,
    Uncertain,
)
from tests.networks import meta_specs, specs
from tests.networks.graph_fake import HOUR_MS, handshake, tree_of
from tests.networks.pretended import NOT_REAL
from tests.networks.pretended.threads_net import BANK, US, PretendedThreads, picture, told

COLLECTION = "threads/postman-collection.json.gz"
FAMILY = "👨‍👩‍👧"


@pytest.fixture
def fake() -> PretendedThreads:
    return PretendedThreads()


def pure(**secrets: str) -> Connector:
    return network("threads_net").connector(
        Grant(settings={}, secrets=secrets, account=PretendedThreads.account)
    )


def everything(fake: PretendedThreads) -> list[Any]:
    return [a for item in fake.connector().poll("", 0).items for a in fake.connector().read(item.raw)]


# --- Meta's own collection -------------------------------------------------------------------------------
def requests_of(folder: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for one in folder["item"]:
        if "item" in one:
            yield from requests_of(one)
        else:
            yield one["request"]


def known() -> list[tuple[str, str, set[str]]]:
    """(method, path with a star for every id, parameters) of every request in the collection."""
    found = []
    for request in requests_of(specs.document(COLLECTION)):
        path = request["url"]["raw"].partition("?")[0].removeprefix("{{api_host}}/").strip("/")
        names = {q["key"] for q in request["url"].get("query") or []}
        found.append((request["method"], re.sub(r"\{\{\w+\}\}", "*", path), names))
    return found


def fields_known() -> dict[str, set[str]]:
    """The fields that the collection asks for, by the name of its variable."""
    return {
        v["key"]: set(tree_of(re.sub(r"\{[^}]*\}", "", v["value"])))
        for v in specs.document(COLLECTION)["variable"]
        if v["key"].startswith("fields_")
    }


FIELDS = {
    "me": "fields_profile", "me/threads": "fields_threads", "me/replies": "fields_replies",
    "me/mentions": "fields_threads", "*/conversation": "fields_replies",
    "me/threads_publishing_limit": "fields_quota",
}  # fmt: skip
OFTEN = {"limit", "after", "reverse"}


def judge(asked: dict[str, Any]) -> None:
    parts = urlsplit(asked["address"])
    path = re.sub(r"(?<![a-z])\d+", "*", parts.path.removeprefix("/v1.0/"))
    given = dict(parse_qsl(parts.query)) | asked.get("json", {})
    fitting = [names for method, there, names in known() if (method, there) == (asked["method"], path)]
    assert fitting, f"{asked['method']} {path}"
    assert set(given) - OFTEN <= set().union(*fitting), (path, given)
    if "fields" in given:
        allowed = fields_known()
        one = allowed["fields_threads"] | allowed["fields_container"]
        wanted = allowed[FIELDS[path]] if path in FIELDS else one
        assert set(given["fields"].split(",")) <= wanted, (path, given["fields"])


def test_every_recorded_call_is_in_metas_own_collection() -> None:
    asked = meta_specs.recorded("threads_net")
    for one in asked:
        judge(one)
    assert len(asked) > 60


def test_a_call_that_is_not_in_the_collection_is_found() -> None:
    for wrong in (
        {"method": "POST", "address": "/v1.0/me/threads", "json": {"words": "x"}},
        {"method": "PUT", "address": "/v1.0/me/threads"},
        {"method": "GET", "address": "/v1.0/me/mentions?fields=id,root_post"},
    ):
        with pytest.raises(AssertionError):
            judge(wrong)


# --- lengths and files -----------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("text", "used"),
    [("한" * 500, 500), ("x" * 482 + FAMILY, 500), ("字" * 496 + "😀", 500), ("x" * 499 + "é", 500)],
)
def test_an_emoji_counts_its_bytes_and_one_more_character_is_too_much(text: str, used: int) -> None:
    fits = pure().preview(Post(text=text))
    assert (fits.findings, fits.counts[0].used) == ((), used)
    assert "501" in pure().preview(Post(text=text + "1")).findings[0]


def test_twenty_pictures_fit_and_their_addresses_are_public(fake: PretendedThreads) -> None:
    assert pure().preview(Post(text="", media=(picture(1),) * 20)).findings == ()
    assert pure().preview(Post(text="", media=(picture(1),) * 21)).findings != ()
    assert pure().preview(Post(text="x", media=(picture(1, "가" * 1000),))).findings == ()
    assert pure().preview(Post(text="x", media=(picture(1, "가" * 1001),))).findings != ()
    hidden = Post(text="x", media=(picture(1), replace(picture(2), url="")))
    with pytest.raises(Refused, match="public address"):
        fake.connector().send(hidden, "k")
    assert fake.calls == []


def test_there_are_no_private_messages_and_no_edits() -> None:
    for post in (Post(text="x", private=True, to=("@minji",)), Post(text="x", replaces="1")):
        assert pure().preview(post).findings != ()


# --- two steps -------------------------------------------------------------------------------------------
def test_what_is_said_is_made_of_one_container_or_of_many(fake: PretendedThreads) -> None:
    for post, wanted in (
        (Post(text="하나"), [{"media_type": "TEXT", "text": "하나"}]),
        (Post(text="둘", media=(picture(1, "창구"),)),
         [{"media_type": "IMAGE", "image_url": picture(1).url, "alt_text": "창구", "text": "둘"}]),
    ):  # fmt: skip
        fake.calls.clear()
        fake.connector().send(post, "k")
        assert [g for m, path, g in fake.calls if (m, path) == ("POST", "me/threads")] == wanted
    fake.calls.clear()
    fake.connector().send(Post(text="셋", media=(picture(1), picture(2))), "k")
    made = [g for m, path, g in fake.calls if (m, path) == ("POST", "me/threads")]
    assert [m.get("is_carousel_item") for m in made] == [True, True, None]
    assert made[2]["media_type"] == "CAROUSEL" and len(made[2]["children"].split(",")) == 2


def test_a_lost_container_is_no_doubt_and_a_lost_publication_is(fake: PretendedThreads) -> None:
    fake.failing["POST /v1.0/me/threads"] = [(502, "", {})]
    with pytest.raises(Later):
        fake.connector().send(Post(text="x"), "k")
    fake.failing["POST /v1.0/me/threads_publish"] = [(502, "", {})]
    with pytest.raises(Uncertain):
        fake.connector().send(Post(text="x"), "k")
    assert fake.visible() == []


def test_a_post_that_is_out_is_a_success_whatever_becomes_of_its_address(fake: PretendedThreads) -> None:
    class OutOnly(PretendedThreads):
        def called(self, method: str, path: str, given: dict[str, Any], token: str) -> Any:
            full = {"x-app-usage": json.dumps({"call_count": 100})}
            self.headers = full if path.endswith("threads_publish") else {}
            return super().called(method, path, given, token)

    full = OutOnly()
    receipt = full.connector().send(Post(text="나갔다"), "k")
    assert receipt.url == "" and receipt.remote_id and full.visible() == ["나갔다"]


# --- threads and looking ---------------------------------------------------------------------------------
def test_a_thread_is_its_first_post_and_an_answer_goes_where_it_belongs(fake: PretendedThreads) -> None:
    post = fake.connector().send(Post(text="새 소식"), "k").remote_id
    asked = fake.says("minji", "질문", under=post)
    below = fake.says("sanne", "Ik ook", under=asked)
    by_id = {a.remote_id: a for a in everything(fake)}
    assert (by_id[below].thread, by_id[below].in_reply_to, by_id[below].actor.handle) == (
        post,
        asked,
        "@sanne",
    )
    fake.connector().send(Post(text="답", in_reply_to=below, thread=post), "k")
    assert [(a.own, a.in_reply_to) for a in everything(fake) if a.text == "답"] == [(True, below)]


def test_an_answer_that_names_us_is_one_item_in_its_thread(fake: PretendedThreads) -> None:
    post = fake.connector().send(Post(text="새 소식"), "k").remote_id
    asked = fake.says("minji", "@hanulbank 질문", under=post, naming=True)
    page = fake.connector().poll("", 0)
    assert [(a.remote_id, a.thread) for a in everything(fake)] == [(asked, post)]
    assert fake.connector().poll(page.cursor, 0).items == ()


def test_the_same_answer_elsewhere_is_another_one(fake: PretendedThreads) -> None:
    one, other = fake.says("minji", "질문 하나"), fake.says("sanne", "Vraag twee")
    fake.connector().send(Post(text="감사합니다", in_reply_to=one), "k")
    assert fake.connector().find("k", Post(text="감사합니다", in_reply_to=one)) is not None
    assert fake.connector().find("k", Post(text="감사합니다", in_reply_to=other)) is None
    assert fake.connector().find("k", Post(text="감사합니다")) is None


def test_the_same_words_of_two_days_ago_are_not_taken_for_todays(fake: PretendedThreads) -> None:
    fake.says(US, "매일 같은 말", at_ms=fake.now_ms() - 48 * HOUR_MS)
    assert fake.connector().find("k", Post(text="매일 같은 말")) is None


def test_every_post_with_answers_has_its_turn(fake: PretendedThreads) -> None:
    for n in range(20):
        post = fake.says(US, f"소식 {n}", at_ms=fake.now_ms() - n * 1000)
        fake.says("minji", f"질문 {n}", under=post)
    cursor, found = "", set[str]()
    for _ in range(3):
        page = fake.connector().poll(cursor, 0)
        cursor, found = page.cursor, found | {item.remote_id for item in page.items}
    assert len(found) == 20


# --- hooks -----------------------------------------------------------------------------------------------
def test_the_same_by_hook_and_by_poll_is_one_item(fake: PretendedThreads) -> None:
    post = fake.connector().send(Post(text="새 소식"), "k").remote_id
    asked = fake.says("minji", "질문", under=post)
    there = fake.posts[asked]
    value = {
        k: there[k] for k in ("id", "text", "username", "timestamp", "permalink", "replied_to", "root_post")
    }
    hooked = fake.connector().verify(fake.hook(told("replies", value)))
    assert isinstance(hooked, Accepted)
    polled = fake.connector().poll("", 0).items
    assert [(i.remote_id, i.version) for i in hooked.items] == [(i.remote_id, i.version) for i in polled]
    assert fake.connector().read(hooked.items[0].raw) == fake.connector().read(polled[0].raw)


def test_a_hook_with_a_flipped_bit_is_forged_and_a_handshake_needs_the_word(fake: PretendedThreads) -> None:
    good = fake.hook(told("replies", {"id": "1", "root_post": {"id": "2", "owner_id": BANK}}))
    accepted = fake.connector().verify(good)
    assert isinstance(accepted, Accepted) and len(accepted.items) == 1
    for at in range(0, len(good.body), 9):
        bad = bytearray(good.body)
        bad[at] ^= 1
        with pytest.raises(Forged):
            fake.connector().verify(replace(good, body=bytes(bad)))
    assert isinstance(fake.connector().verify(handshake(NOT_REAL)), Answer)
    for word in ("", "a guess"):
        with pytest.raises(Forged):
            fake.connector().verify(handshake(word))


@pytest.mark.parametrize("value", [None, 7, [], {}, {"id": 1}, {"id": "1", "root_post": 7}, {"id": "1"}])
def test_an_odd_change_is_kept_and_not_understood(fake: PretendedThreads, value: Any) -> None:
    accepted = fake.connector().verify(fake.hook(told("replies", value)))
    assert isinstance(accepted, Accepted) and len(accepted.items) == 1
    assert fake.connector().read(accepted.items[0].raw) == ()


@pytest.mark.parametrize("raw", [{"post": 7}, {"post": []}, {"gone": {"id": "1"}}, {"post": {"id": "1"}}])
def test_an_item_that_is_none_is_refused(raw: dict[str, Any]) -> None:
    with pytest.raises(Refused):
        pure().read(raw)


def test_what_is_no_id_is_gone_before_anything_is_asked(fake: PretendedThreads) -> None:
    for name in ("../me", "1?fields=x", ""):
        with pytest.raises(Gone):
            fake.connector().remove(name)
    assert fake.calls == []


# --- limits and tokens -----------------------------------------------------------------------------------
def test_how_much_a_day_is_allowed_is_read_at_connect(fake: PretendedThreads) -> None:
    assert fake.connector().whoami().limits == {"posts_a_day": 250, "replies_a_day": 1000}


def test_the_token_is_made_to_last_as_the_collection_has_it(fake: PretendedThreads) -> None:
    fake.failing["GET /access_token"] = [(200, {"access_token": "long", "expires_in": 60}, {})]
    data, secrets = network("threads_net"), {"access": "short", "client_secret": NOT_REAL}
    wire = data.wire({}, secrets=secrets, transport=fake)
    assert data.connector(Grant(settings={}, secrets=secrets), wire).renew().secrets["access"] == "long"
    names = {path: parameters for _, path, parameters in known()}
    assert names["access_token"] == {"grant_type", "client_secret"}
    assert names["refresh_access_token"] == {"grant_type"}
