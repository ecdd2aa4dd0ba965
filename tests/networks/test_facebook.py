"""Facebook Pages: what recordings do not show. Meta's own files judge every request; the page is our fake."""

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
    Media,
    NotAllowed,
    Post,
    Reconnect,
    Refused,
    Request,
)
from bankside.networks.graph import VERSION
from tests.networks import meta_specs
from tests.networks.graph_fake import HOUR_MS, handshake
from tests.networks.pretended import NOT_REAL
from tests.networks.pretended.facebook import LONG, MINJI, PAGE, SANNE, USER, PretendedFacebook, told

PICTURE = Media(mime="image/png", alt="창구", data=b"png", name="a.png")
NOT_IN_THE_FILES = frozenset({"source"})
"""The file of a photo: developers.facebook.com/docs/graph-api/reference/page/photos names it."""
EDGES = {
    "feed": "PagePost", "published_posts": "PagePost", "comments": "Comment", "parent": "Comment",
    "conversations": "UnifiedThread",
}  # fmt: skip


@pytest.fixture
def fake() -> PretendedFacebook:
    return PretendedFacebook()


def pure(**secrets: str) -> Connector:
    grant = Grant(settings=PretendedFacebook.settings, secrets=secrets, account={"remote_id": PAGE})
    return network("facebook").connector(grant)


def everything(fake: PretendedFacebook) -> list[Any]:
    page = fake.connector().poll("", 0)
    return [activity for item in page.items for activity in fake.connector().read(item.raw)]


# --- Meta's own files ------------------------------------------------------------------------------------
def node_of(path: list[str]) -> tuple[str, str]:
    """The node that a call is about, and its edge."""
    edge = path[1] if len(path) > 1 else ""
    if path[0] == PAGE:
        return "Page", edge
    return ("PagePost" if path[0].startswith(f"{PAGE}_") else "Comment"), edge


def test_every_recorded_call_is_in_metas_own_files() -> None:
    judged = 0
    for asked in meta_specs.recorded("facebook"):
        parts = urlsplit(asked["address"])
        path = parts.path.removeprefix("/v26.0/").split("/")
        name, edge = node_of(path)
        given = dict(parse_qsl(parts.query)) | asked.get("json", {})
        if "sha256" in asked:  # a form with a file: judged below, by its fields
            continue
        if not (name == "Page" and not edge):  # the files have no #get for a page, only its fields
            meta_specs.check_call(name, asked["method"], edge, given, NOT_IN_THE_FILES)
        if fields := given.get("fields"):
            meta_specs.check_fields(EDGES.get(edge, name), fields, EDGES)
        judged += 1
    assert judged > 50


def test_a_photo_is_sent_as_metas_own_files_have_it(fake: PretendedFacebook) -> None:
    fake.connector().send(Post(text="x", media=(PICTURE,)), "k")
    path, given = next((path, given) for _, path, given in fake.calls if path.endswith("/photos"))
    meta_specs.check_call("Page", "POST", "photos", given, NOT_IN_THE_FILES)
    assert path == f"{PAGE}/photos" and given == {
        "published": "false",
        "alt_text_custom": "창구",
        "source": 3,
    }


def test_a_call_that_is_not_in_the_files_is_found() -> None:
    wrong: list[tuple[str, dict[str, Any]]] = [
        ("feed", {"words": "x"}), ("feeds", {}), ("messages", {"message": {}}),
        ("messages", {"recipient": {}, "messaging_type": "REPLY"}),
    ]  # fmt: skip
    for edge, given in wrong:
        with pytest.raises(meta_specs.Unknown):
            meta_specs.check_call("Page", "POST", edge, given, frozenset())
    with pytest.raises(meta_specs.Unknown):
        meta_specs.check_fields("PagePost", "id,comments{id,words}", EDGES)


# --- lengths and files -----------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("post", "most"), [(Post(text=""), 63_206), (Post(text="", private=True, to=("5",)), 2_000)]
)
def test_at_the_limit_it_fits_and_one_more_does_not(post: Post, most: int) -> None:
    fits = pure().preview(replace(post, text="한" * most))
    assert fits.findings == () and fits.counts[0].used == most
    assert pure().preview(replace(post, text="한" * (most + 1))).findings != ()


def test_pictures_go_with_posts_alone(fake: PretendedFacebook) -> None:
    for post in (
        Post(text="x", in_reply_to="1_2"),
        Post(text="x", private=True, to=("5",)),
        Post(text="x", replaces="1_2"),
    ):
        with pytest.raises(Refused, match=r"[Pp]ictures"):
            fake.connector().send(replace(post, media=(PICTURE,)), "k")
    assert fake.calls == []
    assert pure().preview(Post(text="", media=(PICTURE,) * 10)).findings == ()
    assert pure().preview(Post(text="", media=(PICTURE,) * 11)).findings != ()


# --- windows ---------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("hours", "kind"), [(23.9, "RESPONSE"), (24.1, "MESSAGE_TAG"), (167.9, "MESSAGE_TAG"), (168.1, "")]
)
def test_an_answer_is_tagged_after_a_day_and_not_sent_after_seven(
    fake: PretendedFacebook, hours: float, kind: str
) -> None:
    fake.writes(SANNE, "Hallo?", at_ms=int(fake.now_ms() - hours * HOUR_MS))
    fake.writes(SANNE, "Wij kijken ernaar.", by=PAGE)  # our own words open no window
    post = Post(text="Goedemorgen", private=True, thread=f"direct:{SANNE}", to=(SANNE,))
    if not kind:
        with pytest.raises(NotAllowed, match="seven days") as refused:
            fake.connector().send(post, "k")
        assert refused.value.fallback.startswith("https://business.facebook.com/")
        return
    fake.connector().send(post, "k")
    assert fake.calls[-1][2]["messaging_type"] == kind and fake.calls[-1][2]["recipient"] == {"id": SANNE}


def test_nobody_is_written_to_who_has_not_written(fake: PretendedFacebook) -> None:
    with pytest.raises(NotAllowed):
        fake.connector().send(Post(text="x", private=True, to=(MINJI,)), "k")
    assert [method for method, *_ in fake.calls] == ["GET"]


# --- threads ---------------------------------------------------------------------------------------------
def test_a_thread_is_its_first_comment_and_an_answer_goes_under_it(fake: PretendedFacebook) -> None:
    post = fake.connector().send(Post(text="새 소식"), "k").remote_id
    root = fake.says(MINJI, "질문", under=post)
    below = fake.says(SANNE, "Ik ook", under=root)
    by_id = {a.remote_id: a for a in everything(fake)}
    assert (by_id[root].thread, by_id[root].in_reply_to) == (root, post)
    assert (by_id[below].thread, by_id[below].in_reply_to) == (root, root)
    fake.connector().send(Post(text="답", in_reply_to=below, thread=root), "k")
    assert fake.calls[-1][1] == f"{root}/comments"
    assert [a.own for a in everything(fake) if a.text == "답"] == [True]


def test_the_same_by_hook_and_by_poll_is_one_item(fake: PretendedFacebook) -> None:
    post = fake.connector().send(Post(text="새 소식"), "k").remote_id
    root = fake.says(MINJI, "질문", under=post)
    mid = fake.writes(SANNE, "Hallo?")
    value = {"item": "comment", "verb": "add", "comment_id": root, "post_id": post, "parent_id": post,
             "message": "질문", "created_time": 1, "from": {"id": MINJI}}  # fmt: skip
    event = {
        "sender": {"id": SANNE},
        "recipient": {"id": PAGE},
        "timestamp": 1,
        "message": {"mid": mid, "text": "Hallo?"},
    }
    hooked = fake.connector().verify(fake.hook(told(value, messaging=(event,))))
    assert isinstance(hooked, Accepted)
    polled = fake.connector().poll("", 0).items
    assert {(i.remote_id, i.version) for i in hooked.items} == {(i.remote_id, i.version) for i in polled}


def test_more_comments_than_a_page_holds_are_read_to_the_last_one_known(fake: PretendedFacebook) -> None:
    post = fake.connector().send(Post(text="새 소식"), "k").remote_id
    for n in range(120):
        fake.says(MINJI, f"질문 {n}", under=post, at_ms=fake.now_ms() - (200 - n) * 1000)
    page = fake.connector().poll("", 0)
    assert len(page.items) == 120
    fake.calls.clear()
    for n in range(60):
        fake.says(SANNE, f"Vraag {n}", under=post)
    again = fake.connector().poll(page.cursor, 0)
    assert len(again.items) == 60
    assert sum(path.endswith("/comments") for _, path, _ in fake.calls) == 1


def test_an_app_without_permission_for_messages_reads_comments_alone(fake: PretendedFacebook) -> None:
    fake.settings = {**fake.settings, "messages": "no"}  # type: ignore[misc]
    fake.says(MINJI, "질문")
    fake.writes(SANNE, "Hallo?")
    page = fake.connector().poll("", 0)
    assert len(page.items) == 1 and not any(path.endswith("/conversations") for _, path, _ in fake.calls)


def test_a_comment_that_moved_out_of_sight_is_not_taken_for_gone(fake: PretendedFacebook) -> None:
    post = fake.connector().send(Post(text="새 소식"), "k").remote_id
    asked = fake.says(MINJI, "질문", under=post)
    page = fake.connector().poll("", 0)
    for n in range(30):
        fake.connector().send(Post(text=f"소식 {n}"), "k")
    later = fake.connector().poll(page.cursor, 0)
    assert asked not in [item.remote_id for item in later.items]
    fake.deletes(asked)
    assert fake.connector().poll(later.cursor, 0).items == ()


# --- hooks -----------------------------------------------------------------------------------------------
def test_a_hook_with_a_flipped_bit_or_without_a_secret_is_forged(fake: PretendedFacebook) -> None:
    good = fake.hook(told({"item": "like", "verb": "add", "post_id": "1"}))
    assert isinstance(pure(client_secret=NOT_REAL).verify(good), Accepted)
    for at in range(0, len(good.body), 7):
        bad = bytearray(good.body)
        bad[at] ^= 1
        with pytest.raises(Forged):
            pure(client_secret=NOT_REAL).verify(replace(good, body=bytes(bad)))
    for secrets in ({}, {"client_secret": "another"}):
        with pytest.raises(Forged):
            pure(**secrets).verify(good)
    sha1 = {"x-hub-signature": good.headers["x-hub-signature-256"]}
    with pytest.raises(Forged):
        pure(client_secret=NOT_REAL).verify(replace(good, headers=sha1))


def test_a_handshake_needs_the_word_and_without_a_word_there_is_none() -> None:
    given = {"client_secret": NOT_REAL, "verify_token": "우리만 아는 말"}
    answer = pure(**given).verify(handshake("우리만 아는 말"))
    assert isinstance(answer, Answer) and answer.body == b"1158201444"
    for word, secrets in (("a guess", given), ("", {"client_secret": NOT_REAL}), ("", given)):
        with pytest.raises(Forged):
            pure(**secrets).verify(handshake(word))


@pytest.mark.parametrize(
    "body", [b"", b"null", b"[]", b"{}", b"\xff", b"[" * 9000, b'{"object":"page","entry":[{"id":7}]}']
)
def test_a_signed_body_that_is_none_of_theirs_is_refused(fake: PretendedFacebook, body: bytes) -> None:
    import hashlib
    import hmac

    signed = hmac.new(NOT_REAL.encode(), body, hashlib.sha256).hexdigest()
    headers = {"x-hub-signature-256": f"sha256={signed}"}
    with pytest.raises(Refused):
        pure(client_secret=NOT_REAL).verify(
            Request(method="POST", path="/", query={}, headers=headers, body=body)
        )


@pytest.mark.parametrize("value", [None, 7, "x", [], {}, {"item": "comment", "verb": "add", "post_id": "1"}])
def test_an_odd_change_is_kept_and_not_understood(fake: PretendedFacebook, value: Any) -> None:
    body = {"object": "page", "entry": [{"id": PAGE, "changes": [{"field": "feed", "value": value}]}]}
    accepted = fake.connector().verify(fake.hook(body))
    assert isinstance(accepted, Accepted) and len(accepted.items) == 1
    assert fake.connector().read(accepted.items[0].raw) == ()


def test_what_the_page_itself_posted_is_no_news_and_its_comments_are(fake: PretendedFacebook) -> None:
    ours = {"item": "status", "verb": "add", "post_id": f"{PAGE}_1", "message": "x", "from": {"id": PAGE}}
    under = ours | {"item": "comment", "comment_id": "1_2", "parent_id": f"{PAGE}_1"}
    accepted = fake.connector().verify(fake.hook(told(ours, under)))
    assert isinstance(accepted, Accepted) and [i.remote_id for i in accepted.items] == ["1_2"]
    assert fake.connector().read(accepted.items[0].raw)[0].own


@pytest.mark.parametrize(
    "raw", [{"comment": 7}, {"message": []}, {"gone": {"id": "1"}}, {"comment": {"id": "1"}}]
)
def test_an_item_that_is_none_is_refused(raw: dict[str, Any]) -> None:
    with pytest.raises(Refused):
        pure().read(raw)


# --- tokens ----------------------------------------------------------------------------------------------
def renewing(fake: PretendedFacebook, **secrets: str) -> Any:
    data = network("facebook")
    wire = data.wire(fake.settings, secrets=secrets, transport=fake)
    return data.connector(Grant(settings=fake.settings, secrets=secrets), wire).renew()


def test_the_token_of_a_person_is_made_to_last_and_gives_that_of_the_page(fake: PretendedFacebook) -> None:
    tokens = renewing(fake, access=USER, client_secret=NOT_REAL)
    assert tokens.secrets == {"access": NOT_REAL, "refresh": LONG}
    assert abs(tokens.fresh_until_ms - fake.now_ms() - 5_183_944 * 500) < 60_000
    fake.calls.clear()
    with pytest.raises(Reconnect):  # our fake gives no second long token: it was over
        renewing(fake, client_secret=NOT_REAL, **tokens.secrets)
    assert fake.calls[-1][2]["fb_exchange_token"] == LONG


def test_a_pasted_token_of_the_page_is_used_as_it_is(fake: PretendedFacebook) -> None:
    assert renewing(fake, access_token=NOT_REAL).secrets == {"access": NOT_REAL}
    assert [path for _, path, _ in fake.calls] == ["me"]


def test_the_token_of_a_person_needs_the_app(fake: PretendedFacebook) -> None:
    with pytest.raises(Refused, match="secret of your app"):
        renewing(fake, access_token=USER)


def test_every_address_names_the_same_version_of_the_interface() -> None:
    way = network("facebook").connect.oauth
    assert way and f"/{VERSION}/" in way.authorize and f"/{VERSION}/" in way.token


# --- odd answers -----------------------------------------------------------------------------------------
def test_when_all_is_used_the_look_ends_and_the_post_waits(fake: PretendedFacebook) -> None:
    fake.headers = {"x-app-usage": json.dumps({"call_count": 100})}
    with pytest.raises(Later) as later:
        fake.connector().poll("", 0)
    assert later.value.after_seconds == 600
    receipt = fake.connector().send(Post(text="한 번"), "k")
    assert receipt.remote_id and fake.visible() == ["한 번"]


def test_what_is_no_id_is_gone_before_anything_is_asked(fake: PretendedFacebook) -> None:
    for name in ("../me", "1?fields=access_token", ""):
        with pytest.raises(Gone):
            fake.connector().remove(name)
    assert fake.calls == []


def test_the_same_words_of_two_days_ago_are_not_taken_for_todays(fake: PretendedFacebook) -> None:
    fake.says(PAGE, "매일 같은 말", at_ms=fake.now_ms() - 48 * HOUR_MS)
    assert fake.connector().find("k", Post(text="매일 같은 말")) is None
    fake.says(PAGE, "매일  같은 말", at_ms=fake.now_ms() - HOUR_MS)
    assert fake.connector().find("k", Post(text="매일 같은 말")) is not None
