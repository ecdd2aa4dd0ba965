"""What is particular to Sina Weibo: the rules of a shared post, its numbers for errors, its callback."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from typing import Any

import pytest

from bankside.networks.catalogue import network
from bankside.networks.contract import (
    Accepted,
    Answer,
    Connector,
    Expired,
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
    Uncertain,
)
from bankside.networks.weibo import Weibo, bare, number_in_address
from tests.networks.pretended import NOT_REAL, said
from tests.networks.pretended.weibo import LINK, ME, PretendedWeibo, form_of, weibo_time
from tests.networks.test_signatures import vectors

NEWS = Post(text=f"韩华银行公告：支行十点开门。{LINK}")
SHARE = "POST /2/statuses/share.json"


@pytest.fixture
def fake() -> PretendedWeibo:
    return PretendedWeibo()


def pure(**settings: str) -> Connector:
    grant = Grant(settings=PretendedWeibo.settings | settings, secrets={"client_secret": "xyz123xyz"})
    return network("weibo").connector(grant)


def asked(text: str, *, private: bool = False, **more: Any) -> tuple[str, ...]:
    return pure().preview(Post(text=text, private=private, **more)).findings


def callback(body: bytes = b"", **query: str) -> Request:
    """The vendor's own example, its time and its number."""
    [vector] = vectors("weibo-callback")
    told = {name: vector[name] for name in ("timestamp", "nonce", "signature")}
    method = "POST" if body else "GET"
    return Request(method=method, path="/hooks/x", query=told | query, headers={}, body=body)


@pytest.fixture
def then(monkeypatch: pytest.MonkeyPatch) -> None:
    """The clock stands ten seconds after the vendor's example."""
    monkeypatch.setattr(time, "time", lambda: 1397022061.823 + 10)


# --- a shared post -----------------------------------------------------------------------------------
def test_a_text_may_have_140_han_or_280_latin_letters() -> None:
    room = 280 - len(LINK)
    assert asked(f"{'a' * room}{LINK}") == ()
    assert asked(f"{'a' * (room + 1)}{LINK}") != ()
    assert asked(f"{'汉' * (room // 2)}{LINK}") == ()
    over = asked(f"{'汉' * (room // 2)}汉{LINK}")
    assert len(over) == 1 and "140 are allowed" in over[0]


@pytest.mark.parametrize(
    "text, fits",
    [
        ("通知 https://hanulbank.example/n", True),
        ("通知https://www.hanulbank.example查看", True),
        ("通知 HTTPS://WWW.HANULBANK.EXAMPLE", True),
        ("通知 https://hanulbank.example.evil.example/", False),
        ("通知 https://myhanulbank.example/", False),
        ("通知 www.hanulbank.example", False),
        ("没有链接", False),
    ],
)
def test_a_post_leads_to_the_safe_domain(text: str, fits: bool) -> None:
    assert (asked(text) == ()) is fits


def test_several_safe_domains_may_be_given_in_any_form() -> None:
    made = pure(safe_domain="https://hanulbank.example/, hanul.example")
    for host in ("www.hanulbank.example", "hanul.example"):
        assert made.preview(Post(text=f"通知 https://{host}/")).findings == ()


@pytest.mark.parametrize("topic", ["#利率#", "＃利率＃"])
def test_a_topic_between_signs_is_found_and_a_single_sign_is_not(topic: str) -> None:
    assert len(asked(f"{topic} {LINK}")) == 1
    assert asked(f"第#1名 {LINK}") == ()


def test_one_picture_under_five_megabytes_goes_out_as_a_form(fake: PretendedWeibo) -> None:
    picture = Media(mime="image/png", alt="图", data=b"x" * 4_999_999, name="a.png")
    made = fake.connector()
    assert asked(NEWS.text, media=(replace(picture, data=b"x" * 5_000_000),)) != ()
    assert asked(NEWS.text, media=(picture, picture)) != ()
    seen: list[dict[str, Any]] = []
    answer = fake.answer

    def watching(request: Any) -> Any:
        seen.append(form_of(request))
        return answer(request)

    fake.answer = watching  # type: ignore[method-assign]
    made.send(replace(NEWS, media=(replace(picture, data=b"PNG"),)), "k")
    assert seen == [{"status": NEWS.text, "rip": "203.0.113.7", "pic": b"PNG"}]


def test_a_receipt_leads_to_the_post_by_its_number_in_base_62(fake: PretendedWeibo) -> None:
    # An example that is told everywhere, for instance in answers about weibo.com/1642635773/z0JH2lOMb.
    assert number_in_address(3501756485200075) == "z0JH2lOMb"
    made = fake.connector().send(NEWS, "k")
    number = fake.posts[0]["id"]
    assert made.remote_id == f"status:{number}"
    assert made.url == f"https://weibo.com/{ME}/{number_in_address(number)}"


# --- doubt -------------------------------------------------------------------------------------------
def test_the_same_words_that_weibo_refuses_are_there_already(fake: PretendedWeibo) -> None:
    fake.minds_repeats = True
    first = fake.connector().send(NEWS, "k")
    assert fake.connector().send(NEWS, "k") == first and len(fake.posts) == 1


def test_words_that_weibo_takes_for_repeated_and_that_are_not_there_are_refused(fake: PretendedWeibo) -> None:
    fake.failing[SHARE] = [(400, {"error": "repeat content!", "error_code": 20019}, {})]
    with pytest.raises(Refused, match="20019"):
        fake.connector().send(NEWS, "k")


def test_what_is_looked_for_is_found_by_its_words_with_addresses_shortened(fake: PretendedWeibo) -> None:
    fake.connector().send(NEWS, "k")
    assert "http://t.cn/" in fake.posts[0]["text"]
    assert fake.connector().find("k", NEWS) is not None
    assert fake.connector().find("k", replace(NEWS, text=NEWS.text.replace("十", "九"))) is None
    picture = Media(mime="image/png", alt="图", data=b"", name="a.png")
    assert fake.connector().find("k", replace(NEWS, media=(picture,))) is None


def test_words_of_the_day_before_are_not_what_was_just_sent(fake: PretendedWeibo) -> None:
    fake.connector().send(NEWS, "k")
    fake.posts[0]["created_at"] = weibo_time(time.time() - 25 * 3600)
    assert fake.connector().find("k", NEWS) is None


def test_an_answer_is_compared_without_the_name_that_weibo_puts_in_front() -> None:
    assert bare("回复@王小明:在首页 http://t.cn/R1") == bare("在首页   https://hanulbank.example/a")
    assert bare("回复 在首页") != bare("在首页")


def test_private_messages_cannot_be_looked_up(fake: PretendedWeibo) -> None:
    with pytest.raises(Refused, match="no list"):
        fake.connector().find("k", Post(text="您好", private=True, to=("1404376560",)))


# --- answers -----------------------------------------------------------------------------------------
def test_a_comment_is_answered_under_it_and_a_mention_under_the_post(fake: PretendedWeibo) -> None:
    made = fake.connector()
    made.send(NEWS, "k")
    comment = fake.comment(fake.posts[0], "在哪里？")
    mention = fake.mention("@韩华银行 几点？")
    first = made.send(Post(text="首页", in_reply_to=f"comment:{fake.posts[0]['id']}:{comment['id']}"), "a")
    second = made.send(Post(text="十点", in_reply_to=f"status:{mention['id']}"), "b")
    assert [c.get("reply_comment", {}).get("id") for c in fake.comments] == [None, comment["id"], None]
    assert first.remote_id.startswith(f"comment:{fake.posts[0]['id']}:")
    assert second.remote_id.startswith(f"comment:{mention['id']}:")


def test_answers_need_no_address_and_carry_no_pictures() -> None:
    picture = Media(mime="image/png", alt="图", data=b"x", name="a.png")
    assert asked("好的", in_reply_to="status:1") == ()
    assert asked("好的", in_reply_to="status:1", media=(picture,)) == ("A comment carries no pictures.",)
    assert asked("好的", private=True, to=("1",), media=(picture,)) != ()


def test_a_private_message_has_fewer_than_300_han_and_needs_a_number(fake: PretendedWeibo) -> None:
    assert asked("汉" * 299, private=True, to=("1404376560",)) == ()
    assert asked("汉" * 300, private=True, to=("1404376560",)) != ()
    assert asked("您好", private=True, to=("王小明",)) == ("A private message needs a receiver.",)
    made = fake.connector().send(Post(text="您好", private=True, to=("1404376560",)), "k")
    assert made.remote_id.startswith("sent:")
    assert (
        json.loads(fake.told[0]["data"]) == {"text": "您好"} and fake.told[0]["receiver_id"] == "1404376560"
    )


def test_what_is_removed_is_our_own_and_gone_counts_as_removed(fake: PretendedWeibo) -> None:
    made = fake.connector()
    remote_id = made.send(NEWS, "k").remote_id
    mention = fake.mention("@韩华银行")
    with pytest.raises(NotAllowed, match="our own"):
        made.remove(f"status:{mention['id']}")
    made.remove(remote_id)
    made.remove(remote_id)
    assert fake.posts == []
    with pytest.raises(NotAllowed):
        made.remove("sent:abc")
    with pytest.raises(Gone):
        made.remove("status:' or 1")


# --- Weibo's own numbers -----------------------------------------------------------------------------
@pytest.mark.parametrize(
    "code, error",
    [
        (21327, Reconnect), (21332, Reconnect), (10022, Later), (10023, Later), (10024, Later),
        (10009, Later), (10014, NotAllowed), (20101, Gone), (20012, Refused), (10001, Uncertain),
        (10010, Uncertain),
    ],
)  # fmt: skip
def test_a_number_says_what_is_to_be_done(fake: PretendedWeibo, code: int, error: type[Exception]) -> None:
    body = {"error": f"about {NOT_REAL}", "error_code": code, "request": "/2/statuses/share.json"}
    fake.failing[SHARE] = [(400, body, {})]
    with pytest.raises(error) as caught:
        fake.connector().send(NEWS, "k")
    assert type(caught.value) is error and not isinstance(caught.value, Expired)
    assert NOT_REAL not in str(caught.value) and str(code) in str(caught.value)


def test_a_read_that_broke_there_is_made_again(fake: PretendedWeibo) -> None:
    fake.failing["GET /2/statuses/mentions.json"] = [
        (400, {"error": "System error", "error_code": 10001}, {})
    ]
    with pytest.raises(Later):
        fake.connector().poll("", 0)


def test_what_is_no_answer_of_weibo_is_taken_by_its_status(fake: PretendedWeibo) -> None:
    fake.failing[SHARE] = [(403, "<html>", {})]
    with pytest.raises(NotAllowed):
        fake.connector().send(NEWS, "k")
    fake.failing[SHARE] = [(200, {"strange": 1}, {})]
    with pytest.raises(Uncertain):
        fake.connector().send(NEWS, "k")


def test_without_a_token_somebody_has_to_sign_in(fake: PretendedWeibo) -> None:
    with pytest.raises(Reconnect):
        fake.connector(access_token="").whoami()
    assert fake.connector(access_token="old", access=NOT_REAL).whoami().remote_id == str(ME)


# --- what comes in -----------------------------------------------------------------------------------
def test_a_long_list_is_read_to_the_end_and_nothing_is_left_out(fake: PretendedWeibo) -> None:
    made = fake.connector()
    page = made.poll("", 0)
    for number in range(130):
        fake.mention(f"@韩华银行 第{number}问")
    fake.connector().send(NEWS, "k")
    fake.comment(fake.posts[0], "在哪里？")
    seen: set[str] = set()
    for _ in range(10):
        page = made.poll(page.cursor, 0)
        seen |= {item.remote_id for item in page.items}
        if not page.more:
            break
    assert len(seen) == 131 and not page.more
    fake.mention("@韩华银行 还有一问")
    again = made.poll(page.cursor, 0)
    named = {item.remote_id for item in again.items}
    assert not again.more and len(named - seen) == 1 and len(named & seen) == 49 + 1


def test_nothing_from_before_the_channel_was_connected_comes_in(fake: PretendedWeibo) -> None:
    fake.mention("@韩华银行 旧事", created_at=weibo_time(time.time() - 86_400))
    fake.mention("@韩华银行 新事")
    page = fake.connector().poll("", int(time.time() * 1000) - 3_600_000)
    assert [item.raw["status"]["text"] for item in page.items] == ["@韩华银行 新事"] and not page.more


def test_a_post_that_was_taken_away_is_told_as_such_and_an_edited_one_has_a_new_version(
    fake: PretendedWeibo,
) -> None:
    made = fake.connector()
    mention = fake.mention("@韩华银行 几点？")
    [before] = made.poll("", 0).items
    mention["text"] = "@韩华银行 几点开门？"
    [edited] = made.poll("", 0).items
    mention |= {"user": None, "deleted": "1", "text": "抱歉，此微博已被作者删除。"}
    [gone] = made.poll("", 0).items
    assert before.remote_id == edited.remote_id == gone.remote_id
    assert len({before.version, edited.version, gone.version}) == 3
    [activity] = made.read(gone.raw)
    assert activity.verb == "Delete" and activity.actor.remote_id == ""


def test_our_own_words_elsewhere_are_ours(fake: PretendedWeibo) -> None:
    raw = {"id": 7, "text": "自己写的", "who": {"id": str(ME), "name": "韩华银行"}, "published_ms": 5}
    [own] = fake.connector().read({"status": raw})
    assert own.own and own.url.startswith(f"https://weibo.com/{ME}/")


@pytest.mark.parametrize("raw", [{"status": 7}, {"comment": {"id": "x"}}, {"message": []}])
def test_what_cannot_be_read_is_refused(raw: dict[str, Any]) -> None:
    with pytest.raises(Refused):
        pure().read(raw)
    assert pure().read({"else": 1}) == ()


# --- the callback ------------------------------------------------------------------------------------
def test_the_vendors_example_shakes_hands_at_its_time(then: None) -> None:
    answer = pure().verify(callback(echostr="5927782489442352469"))
    assert isinstance(answer, Answer) and answer.body == b"5927782489442352469"


def test_every_flipped_bit_of_the_signature_is_refused(then: None) -> None:
    good = callback().query["signature"]
    for place in range(len(good)):
        other = "0" if good[place] != "0" else "1"
        for query in ({"signature": good[:place] + other + good[place + 1 :]}, {"nonce": "57155158"}):
            with pytest.raises(Forged):
                pure().verify(callback(b"{}", **query))


def test_an_old_callback_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "time", lambda: 1397022061.823 + 301)
    with pytest.raises(Forged, match="old"):
        pure().verify(callback(b"{}"))


def test_the_same_message_twice_has_one_name(then: None) -> None:
    told = {
        "type": "text", "receiver_id": ME, "sender_id": 1404376560, "text": "卡丢了",
        "created_at": "Mon Jul 16 18:09:20 +0800 2012", "data": {},
    }  # fmt: skip
    first, again = (pure().verify(callback(json.dumps(told).encode())) for _ in range(2))
    other = pure().verify(callback(json.dumps(told | {"text": "卡找到了"}).encode()))
    assert isinstance(first, Accepted) and isinstance(other, Accepted) and first == again
    assert first.items[0].remote_id != other.items[0].remote_id
    [activity] = pure().read(first.items[0].raw)
    assert activity.private and activity.thread == "direct:1404376560" and activity.text == "卡丢了"
    assert activity.published_ms == 1342433360000


@pytest.mark.parametrize(
    "told, verb",
    [
        ({"data": {"subtype": "follow"}}, "Follow"),
        ({"data": {"subtype": "unfollow"}}, ""),
        ({"data": []}, ""),
    ],
)
def test_a_follower_is_told_and_other_events_are_not(told: dict[str, Any], verb: str, then: None) -> None:
    body = {"type": "event", "receiver_id": ME, "sender_id": 5, "text": "关注事件消息", **told}
    accepted = pure().verify(callback(json.dumps(body).encode()))
    assert isinstance(accepted, Accepted)
    assert "".join(a.verb for a in pure().read(accepted.items[0].raw)) == verb


@pytest.mark.parametrize("body", [b"x", b"[]", b"{}", b'{"type":"text"}', b"[" * 100_000, b"\xff"])
def test_what_is_no_message_is_refused(body: bytes, then: None) -> None:
    with pytest.raises(Refused):
        pure().verify(callback(body))


def test_a_post_to_the_hook_is_never_a_handshake(then: None) -> None:
    with pytest.raises(Refused):
        pure().verify(callback(b"{}", echostr="x"))


def test_the_counts_of_what_is_gone_are_left_out(fake: PretendedWeibo) -> None:
    made = fake.connector()
    there = made.send(NEWS, "k").remote_id
    [counted] = made.measure((there, "status:7", "comment:1:2"))
    assert counted.remote_id == there and counted.counts == {"comments": 2, "reposts": 1, "likes": 3}


def test_a_list_that_is_none_is_asked_again(fake: PretendedWeibo) -> None:
    fake.answer = lambda request: said(200, {"statuses": "x"})  # type: ignore[method-assign]
    with pytest.raises(Later):
        fake.connector().poll("", 0)
    assert isinstance(fake.connector(), Weibo)
