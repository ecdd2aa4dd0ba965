"""What recordings do not show of Telegram: lengths, places, news that must not be lost, and the token."""

from __future__ import annotations

import json
import logging
from dataclasses import replace
from typing import Any

import httpx
import pytest

from bankside.networks.catalogue import network
from bankside.networks.contract import (
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
from tests.networks import telegram_api
from tests.networks.pretended import NOT_REAL
from tests.networks.pretended.telegram import BOT, CHANNEL, GROUP, MINJI, SANNE, PretendedTelegram
from tests.networks.recorder import recordings

METHODS = {
    "getMe", "getChat", "getChatMember", "getUpdates", "sendMessage", "sendPhoto", "sendMediaGroup",
    "editMessageText", "editMessageCaption", "editMessageMedia", "deleteMessage", "deleteMessages",
}  # fmt: skip
"""All that the connector ever calls."""


@pytest.fixture
def fake() -> PretendedTelegram:
    return PretendedTelegram()


def picture(**changed: Any) -> Media:
    return replace(Media(mime="image/png", alt="창구", data=b"x", name="창구.png"), **changed)


# --- the vendor's own list of methods and types ------------------------------------------------------------
@pytest.mark.skipif(bool(telegram_api.missing()), reason=telegram_api.missing())
def test_every_call_and_every_answer_is_in_telegrams_own_list(fake: PretendedTelegram) -> None:
    comparing = telegram_api.Comparing(fake)
    made = fake.connector(comparing)
    assert made.whoami().remote_id == str(CHANNEL)
    first = made.send(Post(text="마포 지점 안내"), "1").remote_id
    photo = made.send(Post(text="새 지점", media=(picture(),)), "2").remote_id
    album = made.send(Post(text="둘", media=(picture(), picture(data=b"y"))), "3").remote_id
    root = fake.copies(15)["message"]["message_id"]
    asked = fake.says(MINJI, "왜요?", GROUP, under=root, above=root)["message"]["message_id"]
    for pictures in ((), (picture(),), (picture(), picture(data=b"y"))):
        made.send(Post(text="네", in_reply_to=f"{GROUP}:{asked}", media=pictures), "4")
    made.send(Post(text="비밀", private=True, to=(str(MINJI),)), "5")
    made.send(Post(text="고침", replaces=first), "6")
    made.send(Post(text="고침", replaces=photo), "7")
    made.send(Post(text="또 고침", replaces=photo, media=(picture(),)), "8")
    with pytest.raises(Gone):
        made.send(Post(text="?", replaces=f"{CHANNEL}:999"), "9")
    made.poll(made.poll("", 0).cursor, 0)
    made.remove(first)
    made.remove(album)
    assert comparing.violations == []
    assert comparing.calls == METHODS
    located = Grant(settings={"channel": "@hanulbank"}, secrets=fake.secrets)
    wire = network("telegram").wire({}, transport=comparing)
    assert network("telegram").connector(located, wire).locate() == {"discussion": str(GROUP)}
    assert comparing.violations == []


@pytest.mark.skipif(bool(telegram_api.missing()), reason=telegram_api.missing())
@pytest.mark.parametrize(
    ("method", "given"),
    [
        ("sendMessages", {}),
        ("sendMessage", {"chat_id": 1}),
        ("sendMessage", {"chat_id": 1, "text": 7}),
        ("sendMessage", {"chat_id": 1, "text": "x", "reply_to_message_id": 5}),
        ("sendMessage", {"chat_id": 1, "text": "x", "reply_parameters": {"chat_id": 5}}),
        ("sendPhoto", {"chat_id": 1, "photo": "attach://picture-1"}),
        ("sendMediaGroup", {"chat_id": 1, "media": [{"type": "photo"}]}),
        ("getUpdates", {"limit": "many"}),
        ("deleteMessages", {"chat_id": 1, "message_ids": ["x"]}),
    ],
)
def test_a_wrong_call_is_a_violation(method: str, given: dict[str, Any]) -> None:
    assert telegram_api.of_call(method, given) != []


@pytest.mark.skipif(bool(telegram_api.missing()), reason=telegram_api.missing())
def test_the_news_of_the_fake_are_in_the_list_too(fake: PretendedTelegram) -> None:
    fake.connector().send(Post(text="글"), "1")
    fake.copies(15)
    fake.says(MINJI, "왜요?", GROUP, under=15, above=15)
    fake.edits(GROUP, 16, "왜요??")
    fake.edits(CHANNEL, 15, "글!")
    assert [telegram_api.of_type(update, "Update") for update in fake.updates] == [[]] * 4
    assert telegram_api.of_type({"update_id": 1, "message": {"message_id": 1}}, "Update") != []


# --- lengths and places ------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("media", "most"), [((), 4096), ((picture(),), 1024), ((picture(), picture()), 1024)]
)
@pytest.mark.parametrize("letter", ["가", "é", "👍"])
def test_text_and_captions_are_counted_in_utf16_units_to_the_last_one(
    fake: PretendedTelegram, letter: str, media: tuple[Media, ...], most: int
) -> None:
    units = len(letter.encode("utf-16-le")) // 2
    words, made = letter * (most // units), fake.connector()
    assert made.send(Post(text=words, media=media), "1").remote_id
    over = f"Too long: {most + units:,} characters, and {most:,} are allowed."
    assert made.preview(Post(text=words + letter, media=media)).findings == (over,)
    with pytest.raises(Refused):
        made.send(Post(text=words + letter, media=media), "2")


def test_too_many_or_other_pictures_are_refused_before_anything_is_sent(fake: PretendedTelegram) -> None:
    made = fake.connector()
    for media in ((picture(),) * 11, (picture(mime="image/gif"),), (picture(data=b"x" * 10_000_001),)):
        with pytest.raises(Refused):
            made.send(Post(text="x", media=media), "1")
    assert made.send(Post(text="x", media=(picture(),) * 10), "1").remote_id.count("+") == 9


def test_a_post_goes_to_the_channel_and_an_answer_to_where_the_question_stands(
    fake: PretendedTelegram,
) -> None:
    asked = fake.says(MINJI, "왜요?", GROUP)["message"]["message_id"]
    secret = fake.says(MINJI, "제 계좌는요?")["message"]["message_id"]
    made = fake.connector()
    posted = made.send(Post(text="모두에게"), "1")
    answered = made.send(Post(text="답", in_reply_to=f"{GROUP}:{asked}", thread=f"{GROUP}:{asked}"), "2")
    private = made.send(
        Post(text="둘이", private=True, to=(str(MINJI),), in_reply_to=f"{MINJI}:{secret}"), "3"
    )
    whole = made.send(Post(text="다시", private=True, thread=str(MINJI), in_reply_to=str(MINJI)), "4")
    assert posted.url == "https://t.me/hanulbank/15" and posted.remote_id == f"{CHANNEL}:15"
    assert answered.url == "https://t.me/c/2222222222/16" and private.url == ""
    places = [
        (m["chat"]["id"], m.get("reply_to_message", {}).get("message_id")) for m in fake.messages.values()
    ]
    assert places[2:] == [(CHANNEL, None), (GROUP, asked), (MINJI, secret), (MINJI, None)]
    assert whole.remote_id.startswith(f"{MINJI}:")


def test_a_private_message_never_goes_into_a_group(fake: PretendedTelegram) -> None:
    asked = fake.says(MINJI, "왜요?", GROUP)["message"]["message_id"]
    made = fake.connector()
    made.send(Post(text="둘이서만", private=True, to=(str(MINJI),), in_reply_to=f"{GROUP}:{asked}"), "1")
    for post in (
        Post(text="둘이서만", private=True, in_reply_to=f"{GROUP}:{asked}", thread=f"{GROUP}:{asked}"),
        Post(text="둘이서만", private=True, to=("@minji_k",)),
        Post(text="둘이서만", private=True, to=(str(MINJI), str(SANNE))),
        Post(text="x", in_reply_to="@hanulbank"),
    ):
        with pytest.raises(Refused):
            made.send(post, "2")
    assert [m["chat"]["id"] for m in fake.messages.values() if m.get("from", {}).get("id") == BOT] == [MINJI]


# --- changing and removing ---------------------------------------------------------------------------------
def test_of_an_album_all_pictures_go_and_its_words_change_at_the_first(fake: PretendedTelegram) -> None:
    made = fake.connector()
    album = made.send(Post(text="셋", media=(picture(),) * 3), "1").remote_id
    assert album == f"{CHANNEL}:15+16+17"
    assert made.send(Post(text="고침", replaces=album), "2").remote_id == album
    assert fake.visible() == ["고침", "", ""]
    with pytest.raises(Refused, match="Leave them out"):
        made.send(Post(text="x", replaces=album, media=(picture(), picture())), "3")
    with pytest.raises(Refused, match="1,024"):
        made.send(Post(text="가" * 1025, replaces=album), "4")
    made.remove(album)
    made.remove(album)
    assert fake.messages == {}


def test_after_48_hours_a_person_is_told_where_to_remove_it(fake: PretendedTelegram) -> None:
    made = fake.connector()
    post = made.send(Post(text="글"), "1").remote_id
    fake.now += 48 * 3600 + 1
    with pytest.raises(NotAllowed, match="48 hours") as refused:
        made.remove(post)
    assert refused.value.fallback == "https://t.me/c/1111111111/15" and fake.visible() == ["글"]


@pytest.mark.parametrize("name", ["", "15", "x:1", "-100:", ":5", "-100:1+", "1:2:3", "-100:1 2"])
def test_what_is_no_message_of_telegrams_is_refused(fake: PretendedTelegram, name: str) -> None:
    with pytest.raises(Refused):
        fake.connector().remove(name)
    if name:
        with pytest.raises(Refused):
            fake.connector().send(Post(text="x", replaces=name), "1")


def test_a_lost_answer_is_left_to_a_person(fake: PretendedTelegram) -> None:
    fake.failing[f"POST /bot{NOT_REAL}/sendMessage"] = [(504, "<html>", {})]
    made = fake.connector()
    with pytest.raises(Uncertain):
        made.send(Post(text="x"), "1")
    assert not made.can("find") and network("telegram").doubt.strategy == "none"


# --- the token ---------------------------------------------------------------------------------------------
def test_the_token_stands_in_no_log_and_no_error(caplog: pytest.LogCaptureFixture) -> None:
    token = "7012345678:AAH-NOT_REAL-token-of-35-letters_"
    answers = [
        (status, {"ok": False, "error_code": status, "description": f"/bot{token}/x is wrong for {token}"})
        for status in (400, 401, 403, 404, 409, 413, 429, 418, 500, 503)
    ] + [(200, f"<html>{token}"), (200, {"ok": True, "result": {"message_id": token}}), (302, {})]
    data, raised = network("telegram"), list[str]()

    def answering(request: httpx.Request) -> httpx.Response:
        assert f"bot{token}" in request.url.path
        status, body = answers[0]
        return httpx.Response(
            status, json=body, headers={"location": f"https://api.telegram.org/bot{token}/y"}
        )

    def broken(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError(f"no way to {request.url}", request=request)

    secrets = {"token": token}
    with caplog.at_level(logging.DEBUG):
        for transport in [httpx.MockTransport(answering)] * len(answers) + [httpx.MockTransport(broken)]:
            wire = data.wire({}, secrets=secrets, transport=transport)
            made = data.connector(Grant(settings={"channel": "@hanulbank"}, secrets=secrets), wire)
            for work in (
                made.whoami,
                lambda made=made: made.send(Post(text="x"), "1"),
                lambda made=made: made.poll("", 0),
            ):
                with pytest.raises((Later, Refused, Reconnect, Uncertain)) as failed:
                    work()
                raised.append(f"{failed.value!s} {failed.value!r} {vars(failed.value)}")
            answers = answers[1:] or answers
    assert len(raised) == 42 and len(caplog.records) > 20
    everything = "\n".join([*raised, caplog.text])
    assert token not in everything and "AAH-" not in everything and "•••" in everything
    assert token not in repr(made.grant)


def test_the_token_of_the_recordings_is_not_a_real_one() -> None:
    for path in recordings("telegram"):
        for exchange in json.loads(path.read_text("utf-8"))["exchanges"]:
            called = exchange["request"]["address"]
            assert called.startswith(("/botnot%20the%20real%20one/", "/bot123:not-the-token/")), path.name


def test_a_token_cannot_lead_elsewhere(fake: PretendedTelegram) -> None:
    asked: list[httpx.URL] = []

    def answering(request: httpx.Request) -> httpx.Response:
        asked.append(request.url)
        return httpx.Response(404, json={"ok": False})

    for token in ("1:x/../..", "1:x?y=", "1:x#", "@evil.example/"):
        with pytest.raises(Reconnect):
            fake.connector(httpx.MockTransport(answering), token=token).whoami()
    assert {(url.host, url.raw_path.count(b"/"), url.query) for url in asked} == {
        ("api.telegram.org", 2, b"")
    }


@pytest.mark.parametrize(("told", "waits"), [(17, 17), (0, 60), (10**9, 86_400), (-5, 60)])
def test_it_waits_as_long_as_telegram_says_within_a_day(
    fake: PretendedTelegram, told: int, waits: int
) -> None:
    refusal = {
        "ok": False,
        "error_code": 429,
        "description": "Too Many Requests",
        "parameters": {"retry_after": told},
    }
    fake.failing[f"POST /bot{NOT_REAL}/sendMessage"] = [(429, refusal, {})]
    with pytest.raises(Later) as later:
        fake.connector().send(Post(text="x"), "1")
    assert later.value.after_seconds == waits
