"""Instagram: what recordings do not show. Meta's own files judge every request; the account is our fake."""

from __future__ import annotations

import json
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
    NotAllowed,
    Post,
    Refused,
    Uncertain,
)
from tests.networks import meta_specs
from tests.networks.graph_fake import HOUR_MS, handshake
from tests.networks.pretended import NOT_REAL
from tests.networks.pretended.instagram import BANK, MINJI, SANNE, PretendedInstagram, picture, told

NODES = {
    "media": "IGMediaForIGOnlyAPI", "comments": "IGComment", "replies": "IGComment",
    "conversations": "UnifiedThread", "children": "IGMediaForIGOnlyAPI",
}  # fmt: skip


@pytest.fixture
def fake() -> PretendedInstagram:
    return PretendedInstagram()


def pure(**secrets: str) -> Connector:
    grant = Grant(settings={}, secrets=secrets, account=PretendedInstagram.account)
    return network("instagram").connector(grant)


def everything(fake: PretendedInstagram) -> list[Any]:
    return [a for item in fake.connector().poll("", 0).items for a in fake.connector().read(item.raw)]


# --- Meta's own files ------------------------------------------------------------------------------------
def node_of(id: str) -> str:
    """By the numbers that our fake gives: 178 for posts, 179 for comments, 180 for containers."""
    known = {"178": "IGMediaForIGOnlyAPI", "179": "IGComment", "180": "ShadowIGMediaBuilder"}
    return "IGUserForIGOnlyAPI" if id in {"me", BANK} else known.get(id[:3], "IGMediaForIGOnlyAPI")


def test_every_recorded_call_is_in_metas_own_files() -> None:
    judged = 0
    for asked in meta_specs.recorded("instagram"):
        parts = urlsplit(asked["address"])
        path = parts.path.removeprefix("/v26.0/").split("/")
        name, edge = node_of(path[0]), path[1] if len(path) > 1 else ""
        given = dict(parse_qsl(parts.query)) | asked.get("json", {})
        edge = "mediapublish" if edge == "media_publish" else edge  # as the file writes it for this way in
        if path[0] != "999":
            meta_specs.check_call(name, asked["method"], edge, given, frozenset())
        if (fields := given.get("fields")) and edge != "content_publishing_limit":
            meta_specs.check_fields(NODES.get(edge, name), fields, NODES)
        judged += 1
    assert judged > 50


# --- lengths, tags and files -----------------------------------------------------------------------------
PICTURED = Post(text="", media=(picture(1),))
PRIVATE = Post(text="", private=True, to=("5",))


@pytest.mark.parametrize(
    ("post", "most", "sign"),
    [(PICTURED, 2200, "한"), (Post(text="", in_reply_to="comment:1"), 2196, "字"),
     (PRIVATE, 1000, "x"), (PRIVATE, 333, "한")],
)  # fmt: skip
def test_at_the_limit_it_fits_and_one_more_does_not(post: Post, most: int, sign: str) -> None:
    assert pure().preview(replace(post, text=sign * most)).findings == ()
    assert pure().preview(replace(post, text=sign * (most + 1))).findings != ()


def test_a_private_message_counts_bytes() -> None:
    counts = pure().preview(Post(text="한울", private=True, to=("5",))).counts
    assert [(c.used, c.limit, c.unit) for c in counts if c.limit] == [(6, 1000, "bytes")]


@pytest.mark.parametrize(("sign", "most"), [("#한울은행", 30), ("@hanulbank", 20)])
def test_so_many_tags_and_names_fit_and_one_more_does_not(sign: str, most: int) -> None:
    assert pure().preview(replace(PICTURED, text=" ".join([sign] * most))).findings == ()
    assert "Too many" in pure().preview(replace(PICTURED, text=" ".join([sign] * (most + 1)))).findings[0]
    assert pure().preview(replace(PICTURED, text="mail@hanulbank.example a&#39; " * 40)).findings == ()


def test_every_post_needs_a_picture_at_a_public_address(fake: PretendedInstagram) -> None:
    assert "without a picture" in pure().preview(Post(text="x")).findings[0]
    for address in ("", "http://desk.hanulbank.example/media/1"):
        hidden = replace(PICTURED, text="x", media=(replace(picture(1), url=address),))
        assert "public address" in pure().preview(hidden).findings[0]
        with pytest.raises(Refused):
            fake.connector().send(hidden, "k")
    assert fake.calls == []
    assert pure().preview(replace(PICTURED, media=(picture(1),) * 10)).findings == ()
    assert pure().preview(replace(PICTURED, media=(picture(1),) * 11)).findings != ()


@pytest.mark.parametrize(
    "post", [Post(text="x", in_reply_to="comment:1"), Post(text="x", private=True, to=("5",))]
)
def test_answers_carry_no_pictures(post: Post) -> None:
    assert "no pictures" in pure().preview(replace(post, media=(picture(1),))).findings[0]


# --- two steps -------------------------------------------------------------------------------------------
def test_what_is_shown_is_made_of_one_container_or_of_many(fake: PretendedInstagram) -> None:
    fake.connector().send(Post(text="하나", media=(picture(1, "창구"),)), "k")
    made = [given for method, path, given in fake.calls if method == "POST" and path.endswith("/media")]
    assert made == [{"image_url": picture(1).url, "alt_text": "창구", "caption": "하나"}]
    fake.calls.clear()
    fake.connector().send(Post(text="둘", media=(picture(1), picture(2, "줄"))), "k")
    made = [given for method, path, given in fake.calls if method == "POST" and path.endswith("/media")]
    assert [m.get("is_carousel_item", False) for m in made] == [True, True, False]
    assert made[2]["media_type"] == "CAROUSEL" and len(made[2]["children"].split(",")) == 2


def test_a_lost_container_is_no_doubt_and_a_lost_publication_is(fake: PretendedInstagram) -> None:
    fake.failing[f"POST /v26.0/{BANK}/media"] = [(502, "", {})]
    with pytest.raises(Later):
        fake.connector().send(Post(text="x", media=(picture(1),)), "k")
    fake.failing[f"POST /v26.0/{BANK}/media_publish"] = [(502, "", {})]
    with pytest.raises(Uncertain):
        fake.connector().send(Post(text="x", media=(picture(1),)), "k")
    assert fake.visible() == []


def test_a_post_that_is_out_is_a_success_whatever_becomes_of_its_address(fake: PretendedInstagram) -> None:
    fake.headers = {"x-app-usage": json.dumps({"call_count": 100})}

    class OutOnly(type(fake)):  # type: ignore[misc]
        def called(self, method: str, path: str, given: dict[str, Any], token: str) -> Any:
            self.headers = fake.headers if path.endswith("media_publish") else {}
            return super().called(method, path, given, token)

    full = OutOnly()
    receipt = full.connector().send(Post(text="나갔다", media=(picture(1),)), "k")
    assert receipt.url == "" and receipt.remote_id.startswith("media:") and full.visible() == ["나갔다"]


# --- threads and windows ---------------------------------------------------------------------------------
def test_an_answer_goes_under_the_first_comment_of_its_thread(fake: PretendedInstagram) -> None:
    post = fake.shows("새 소식")
    root = fake.says(MINJI, "질문", under=post)
    below = fake.says(SANNE, "Ik ook", under=root)
    by_id = {a.remote_id: a for a in everything(fake)}
    assert by_id[f"comment:{root}"].in_reply_to == f"media:{post}"
    assert by_id[f"comment:{below}"].thread == by_id[f"comment:{below}"].in_reply_to == f"comment:{root}"
    fake.connector().send(Post(text="답", in_reply_to=f"comment:{below}", thread=f"comment:{root}"), "k")
    assert [(a.own, a.thread) for a in everything(fake) if a.text == "답"] == [(True, f"comment:{root}")]


@pytest.mark.parametrize(
    ("hours", "kind"), [(23.9, "RESPONSE"), (24.1, "MESSAGE_TAG"), (167.9, "MESSAGE_TAG"), (168.1, "")]
)
def test_an_answer_is_tagged_after_a_day_and_not_sent_after_seven(
    fake: PretendedInstagram, hours: float, kind: str
) -> None:
    fake.writes(SANNE, "Hallo?", at_ms=int(fake.now_ms() - hours * HOUR_MS))
    post = Post(text="Goedemorgen", private=True, thread=f"direct:{SANNE}", to=(SANNE,))
    if not kind:
        with pytest.raises(NotAllowed) as refused:
            fake.connector().send(post, "k")
        assert refused.value.fallback == "https://www.instagram.com/direct/inbox/"
        return
    fake.connector().send(post, "k")
    assert fake.calls[-1][2]["messaging_type"] == kind


def test_behind_twenty_answers_of_ours_the_network_judges_the_window(fake: PretendedInstagram) -> None:
    fake.writes(SANNE, "Hallo?", at_ms=fake.now_ms() - 3 * HOUR_MS)
    for n in range(25):
        fake.writes(SANNE, f"Antwoord {n}", by=BANK, at_ms=fake.now_ms() - 2 * HOUR_MS)
    post = Post(text="Nog iets", private=True, thread=f"direct:{SANNE}", to=(SANNE,))
    assert fake.connector().send(post, "k").remote_id
    assert fake.calls[-1][2]["messaging_type"] == "RESPONSE"


def test_more_comments_than_a_page_holds_are_read_to_the_last_one_known(fake: PretendedInstagram) -> None:
    post = fake.shows("새 소식")
    for n in range(120):
        fake.says(MINJI, f"질문 {n}", under=post, at_ms=fake.now_ms() - (200 - n) * 1000)
    page = fake.connector().poll("", 0)
    assert len(page.items) == 120
    fake.calls.clear()
    for n in range(60):
        fake.says(SANNE, f"Vraag {n}", under=post)
    assert len(fake.connector().poll(page.cursor, 0).items) == 60
    assert sum(path.endswith("/comments") for _, path, _ in fake.calls) == 1


def test_an_answer_under_what_is_no_comment_is_gone(fake: PretendedInstagram) -> None:
    for above in ("media:178", "../me", "comment:../me", "comment:"):
        with pytest.raises(Gone):
            fake.connector().send(Post(text="x", in_reply_to=above), "k")
    assert fake.calls == []


# --- hooks -----------------------------------------------------------------------------------------------
def test_the_same_by_hook_and_by_poll_is_one_item(fake: PretendedInstagram) -> None:
    post = fake.shows("새 소식")
    root = fake.says(MINJI, "질문", under=post)
    mid = fake.writes(SANNE, "Hallo?")
    value = {"id": root, "text": "질문", "from": {"id": MINJI, "username": "minji"}, "media": {"id": post}}
    event = {"sender": {"id": SANNE}, "recipient": {"id": BANK}, "timestamp": 1, "message": {"mid": mid}}
    hooked = fake.connector().verify(fake.hook(told(value, messaging=(event,))))
    assert isinstance(hooked, Accepted)
    polled = fake.connector().poll("", 0).items
    assert {(i.remote_id, i.version) for i in hooked.items} == {(i.remote_id, i.version) for i in polled}
    one, other = (fake.connector().read(items[0].raw)[0] for items in (hooked.items, polled))
    assert (one.actor, one.thread, one.in_reply_to) == (other.actor, other.thread, other.in_reply_to)


def test_a_hook_with_a_flipped_bit_is_forged_and_a_handshake_needs_the_word(fake: PretendedInstagram) -> None:
    good = fake.hook(told({"id": "1", "text": "x", "from": {"id": "2"}}))
    assert isinstance(fake.connector().verify(good), Accepted)
    for at in range(0, len(good.body), 9):
        bad = bytearray(good.body)
        bad[at] ^= 1
        with pytest.raises(Forged):
            fake.connector().verify(replace(good, body=bytes(bad)))
    assert isinstance(fake.connector().verify(handshake(NOT_REAL)), Answer)
    for word in ("", "a guess"):
        with pytest.raises(Forged):
            fake.connector().verify(handshake(word))


def test_a_message_that_was_taken_back_is_gone_here_too(fake: PretendedInstagram) -> None:
    event = {"sender": {"id": SANNE}, "recipient": {"id": BANK}, "timestamp": 1,
             "message": {"mid": "aWdf1", "is_deleted": True}}  # fmt: skip
    accepted = fake.connector().verify(fake.hook(told(messaging=(event,))))
    assert isinstance(accepted, Accepted)
    gone = fake.connector().read(accepted.items[0].raw)[0]
    assert (gone.remote_id, gone.verb, gone.thread) == ("aWdf1", "Delete", f"direct:{SANNE}")
    assert gone.actor.remote_id == SANNE and accepted.items[0].version == "gone"


@pytest.mark.parametrize(
    "value", [None, 7, [], {}, {"id": 1, "text": "x", "from": {}}, {"id": "1", "from": 7}]
)
def test_an_odd_change_is_kept_and_not_understood(fake: PretendedInstagram, value: Any) -> None:
    accepted = fake.connector().verify(fake.hook(told(value)))
    assert isinstance(accepted, Accepted) and len(accepted.items) == 1
    assert fake.connector().read(accepted.items[0].raw) == ()


@pytest.mark.parametrize(
    "raw", [{"comment": 7}, {"message": []}, {"gone": {"id": "1"}}, {"comment": {"id": "1"}}]
)
def test_an_item_that_is_none_is_refused(raw: dict[str, Any]) -> None:
    with pytest.raises(Refused):
        pure().read(raw)


# --- limits and tokens -----------------------------------------------------------------------------------
def test_how_many_posts_a_day_are_allowed_is_read_at_connect(fake: PretendedInstagram) -> None:
    me = fake.connector().whoami()
    assert me.limits == {"posts_a_day": 100} and me.remote_id == BANK and me.handle == "@hanulbank"


def test_the_token_is_made_to_last_at_the_networks_own_host(fake: PretendedInstagram) -> None:
    assert "graph.instagram.com" in network("instagram").hosts.fixed
    fake.failing["GET /access_token"] = [(200, {"access_token": "long", "expires_in": 60}, {})]
    data, secrets = network("instagram"), {"access": "short", "client_secret": NOT_REAL}
    wire = data.wire({}, secrets=secrets, transport=fake)
    assert data.connector(Grant(settings={}, secrets=secrets), wire).renew().secrets["access"] == "long"
