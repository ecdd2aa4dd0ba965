"""LinkedIn pages: what recordings do not show. There is no file of LinkedIn's to judge requests by; the page
is our fake, which refuses what the documents do not name."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bankside.networks.catalogue import network
from bankside.networks.contract import (
    Connector,
    Gone,
    Grant,
    Later,
    Media,
    NotAllowed,
    Post,
    Reconnect,
    Refused,
    Uncertain,
)
from bankside.networks.linkedin import little, plain
from tests.networks.pretended.linkedin import MINJI, SANNE, VERSION, PretendedLinkedIn

HOUR_MS = 3_600_000
PICTURE = Media(mime="image/png", alt="창구", data=b"png", name="a.png")


@pytest.fixture
def fake() -> PretendedLinkedIn:
    return PretendedLinkedIn()


def pure(**settings: str) -> Connector:
    grant = Grant(settings={**PretendedLinkedIn.settings, **settings})
    return network("linkedin").connector(grant)


def everything(fake: PretendedLinkedIn) -> list[Any]:
    return [a for item in fake.connector().poll("", 0).items for a in fake.connector().read(item.raw)]


# --- words -----------------------------------------------------------------------------------------------
@given(st.text())
def test_little_text_can_always_be_read_back(text: str) -> None:
    assert plain(little(text)) == text


@given(st.text(alphabet="한#{}|@[]()<>*_~\\a hashtag"))
def test_so_can_text_of_nothing_but_signs(text: str) -> None:
    assert plain(little(text)) == text


@pytest.mark.parametrize(
    ("text", "wanted"),
    [("(잠정)", r"\(잠정\)"), ("#실적 C# # {x}", r"#실적 C\# \# \{x\}"), ("a_b*c", r"a\_b\*c"),
     ("문의 @한울", r"문의 \@한울")],
)  # fmt: skip
def test_signs_are_escaped_and_hashtags_stay(text: str, wanted: str) -> None:
    assert little(text) == wanted


def test_hashtags_and_names_as_linkedin_writes_them_are_read_as_they_are_shown() -> None:
    assert plain(r"{hashtag|\#|실적} @[한울은행](urn:li:organization:55) \(잠정\)") == "#실적 한울은행 (잠정)"


def test_a_text_full_of_signs_stands_there_whole(fake: PretendedLinkedIn) -> None:
    words = "환율(잠정): 1 USD = 1,300 <KRW> [v2] {a|b} ~ *_ #실적 @한울"
    receipt = fake.connector().send(Post(text=words), "k")
    assert plain(fake.visible()[0]) == words
    found = fake.connector().find("k", Post(text=words))
    assert found is not None and found.remote_id == receipt.remote_id


# --- lengths and files -----------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("post", "most"),
    [(Post(text=""), 3000), (Post(text="", in_reply_to="urn:li:share:1"), 1250),
     (Post(text="", replaces="urn:li:comment:(urn:li:activity:1,2)"), 1250),
     (Post(text="", replaces="urn:li:share:1"), 3000)],
)  # fmt: skip
def test_at_the_limit_it_fits_and_one_more_does_not(post: Post, most: int) -> None:
    assert pure().preview(replace(post, text="한" * most)).findings == ()
    assert pure().preview(replace(post, text="한" * (most + 1))).findings != ()


def test_pictures_go_with_new_posts_alone(fake: PretendedLinkedIn) -> None:
    for post in (Post(text="x", in_reply_to="urn:li:share:1"), Post(text="x", replaces="urn:li:share:1")):
        with pytest.raises(Refused, match=r"[Pp]ictures"):
            fake.connector().send(replace(post, media=(PICTURE,)), "k")
    assert fake.calls == []
    assert pure().preview(Post(text="", media=(PICTURE,) * 20)).findings == ()
    assert pure().preview(Post(text="", media=(PICTURE,) * 21)).findings != ()
    assert pure().preview(Post(text="x", private=True, to=(MINJI,))).findings != ()


def test_a_picture_is_uploaded_where_linkedin_says_and_nowhere_else(fake: PretendedLinkedIn) -> None:
    fake.connector().send(Post(text="x", media=(PICTURE,)), "k")
    content = fake.calls[-1][2]["content"]
    assert content["media"]["altText"] == "창구" and list(fake.images.values()) == [3]
    elsewhere = {"value": {"uploadUrl": "https://evil.example/x", "image": "urn:li:image:1"}}
    fake.failing["POST /rest/images"] = [(200, elsewhere, {})]
    with pytest.raises(Refused, match=r"evil\.example"):
        fake.connector().send(Post(text="x", media=(PICTURE,)), "k")


# --- the calls -------------------------------------------------------------------------------------------
def test_every_call_names_the_version_of_the_channel(fake: PretendedLinkedIn) -> None:
    fake.connector().whoami()
    headers = fake.calls[-1][3]
    assert headers["linkedin-version"] == VERSION and headers["x-restli-protocol-version"] == "2.0.0"
    default = next(s.default for s in network("linkedin").settings if s.name == "version")
    assert default == VERSION


def test_a_version_that_has_ended_stops_the_channel_with_a_reason(fake: PretendedLinkedIn) -> None:
    data, settings = network("linkedin"), {**fake.settings, "version": "202301"}
    made = data.connector(Grant(settings=settings, secrets=fake.secrets), data.wire(settings, transport=fake))
    with pytest.raises(Reconnect, match="202301"):
        made.whoami()


def test_a_day_that_is_used_up_is_waited_for(
    fake: PretendedLinkedIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    for moment, seconds in ((1_795_909_200.0, 1200.0), (1_795_860_000.0, 3600.0)):  # 23:40 UTC, and 10:00
        monkeypatch.setattr("time.time", lambda at=moment: at)
        fake.failing["POST /rest/posts"] = [(429, {"message": "DAY limit"}, {})]
        with pytest.raises(Later) as later:
            fake.connector().send(Post(text="x"), "k")
        assert later.value.after_seconds == seconds


def test_what_was_made_without_a_name_is_in_doubt(fake: PretendedLinkedIn) -> None:
    for name in ("", "urn:li:person:1", "../x"):
        fake.failing["POST /rest/posts"] = [(201, "", {"x-restli-id": name})]
        with pytest.raises(Uncertain):
            fake.connector().send(Post(text="x"), "k")
    fake.says(MINJI, "질문", under=fake.shows("소식"))
    above = next(iter(fake.comments))
    place = f"POST /rest/socialActions/{above}/comments"
    fake.failing[place] = [(201, {"id": ""}, {})]
    with pytest.raises(Uncertain):
        fake.connector().send(Post(text="x", in_reply_to=above), "k")


@pytest.mark.parametrize(
    "name",
    ["", "1", "urn:li:person:1", "urn:li:comment:(urn:li:activity:7,1", "../posts", "urn:li:share:1/../2"],
)
def test_what_is_no_name_is_gone_before_anything_is_asked(fake: PretendedLinkedIn, name: str) -> None:
    with pytest.raises(Gone):
        fake.connector().remove(name)
    with pytest.raises(Gone):
        fake.connector().send(Post(text="x", in_reply_to=name or "x"), "k")
    assert fake.calls == []


def test_a_page_is_named_by_digits() -> None:
    with pytest.raises(Refused, match="digits"):
        pure(organization="hanul-bank").read({"comment": _raw()})


# --- threads, edits, removals ----------------------------------------------------------------------------
def _raw() -> dict[str, Any]:
    return {"id": "1", "version": "1", "who": "2", "text": "x", "root": "1", "parent": "3", "published_ms": 1}


def test_a_thread_is_its_first_comment_and_an_answer_goes_under_it(fake: PretendedLinkedIn) -> None:
    post = fake.shows("소식")
    root = fake.says(MINJI, "질문", under=post)
    below = fake.says(SANNE, "Ik ook", under=root)
    by_id = {a.remote_id: a for a in everything(fake)}
    assert (by_id[root].thread, by_id[root].in_reply_to) == (root, post)
    assert (by_id[below].thread, by_id[below].in_reply_to) == (root, root)
    fake.connector().send(Post(text="답", in_reply_to=below, thread=root), "k")
    assert [(a.own, a.thread) for a in everything(fake) if a.text == "답"] == [(True, root)]


def test_a_post_can_be_answered_itself(fake: PretendedLinkedIn) -> None:
    post = fake.shows("소식")
    receipt = fake.connector().send(Post(text="덧붙임", in_reply_to=post), "k")
    assert fake.connector().find("k", Post(text="덧붙임", in_reply_to=post)) is not None
    assert receipt.url.startswith("https://www.linkedin.com/feed/update/urn:li:activity:")
    assert "commentUrn=" in receipt.url


def test_a_comment_that_was_edited_or_taken_away_is_noticed_when_its_turn_comes(
    fake: PretendedLinkedIn,
) -> None:
    asked = {fake.says(MINJI, f"질문 {n}", under=fake.shows(f"소식 {n}")) for n in range(6)}
    cursor = fake.connector().poll("", 0).cursor
    for name in asked:
        fake.edits(name, "고친 질문")
    found = set[str]()
    for _ in range(3):  # two posts are looked under again in every look
        page = fake.connector().poll(cursor, 0)
        cursor, found = page.cursor, found | {item.remote_id for item in page.items}
    assert found == asked
    gone = next(iter(asked))
    del fake.comments[gone]
    assert [(i.remote_id, i.version) for i in fake.connector().poll(cursor, 0).items] == [(gone, "gone")]


def test_a_quiet_page_costs_three_calls_or_four(fake: PretendedLinkedIn) -> None:
    for n in range(10):
        fake.says(MINJI, f"질문 {n}", under=fake.shows(f"소식 {n}"))
    cursor = fake.connector().poll("", 0).cursor
    fake.calls.clear()
    assert fake.connector().poll(cursor, 0).items == () and len(fake.calls) == 4


def test_only_our_own_is_removed(fake: PretendedLinkedIn) -> None:
    asked = fake.says(MINJI, "질문", under=fake.shows("소식"))
    with pytest.raises(NotAllowed) as refused:
        fake.connector().remove(asked)
    assert "commentUrn=urn%3Ali%3Acomment" in refused.value.fallback and asked in fake.comments


def test_the_same_words_of_two_days_ago_are_not_taken_for_todays(fake: PretendedLinkedIn) -> None:
    fake.shows("매일 같은 말", at_ms=fake.now_ms() - 48 * HOUR_MS)
    assert fake.connector().find("k", Post(text="매일 같은 말")) is None
    fake.shows("매일 같은 말", at_ms=fake.now_ms() - HOUR_MS)
    assert fake.connector().find("k", Post(text="매일 같은 말")) is not None


# --- odd answers -----------------------------------------------------------------------------------------
@pytest.mark.parametrize("body", [[], {}, {"elements": 7}, {"elements": [7]}, "x"])
def test_an_odd_answer_is_waited_out(fake: PretendedLinkedIn, body: Any) -> None:
    fake.failing["GET /rest/posts"] = [(200, body, {})]
    with pytest.raises(Later):
        fake.connector().poll("", 0)


@pytest.mark.parametrize(
    "raw", [{"comment": 7}, {"comment": []}, {"gone": {"id": "1"}}, {"comment": {"id": "1"}}]
)
def test_an_item_that_is_none_is_refused(raw: dict[str, Any]) -> None:
    with pytest.raises(Refused):
        pure().read(raw)


@pytest.mark.parametrize("cursor", ["no JSON", "[]", '{"totals": 7}'])
def test_a_cursor_that_cannot_be_read_begins_anew(fake: PretendedLinkedIn, cursor: str) -> None:
    fake.says(MINJI, "질문", under=fake.shows("소식"))
    assert len(fake.connector().poll(cursor, 0).items) == 1


def test_a_token_that_has_ended_is_reconnected_and_none_is_asked_with(fake: PretendedLinkedIn) -> None:
    for token in ("", "over"):
        with pytest.raises(Reconnect):
            fake.connector(access=token).whoami()
