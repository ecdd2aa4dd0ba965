"""What recordings do not show of LINE: lengths, keys, whom a message goes to, and hooks that are forged."""

from __future__ import annotations

import json
import uuid
from dataclasses import replace
from typing import Any

import httpx
import pytest

from bankside.networks.catalogue import network
from bankside.networks.contract import (
    Accepted,
    Activity,
    Expired,
    Forged,
    Item,
    Later,
    Media,
    Post,
    Reconnect,
    Refused,
    Request,
)
from bankside.record.identifiers import mask_tree
from tests.networks.pretended import NOT_REAL
from tests.networks.pretended.line_me import ANS, FAMILY, MINJI, PretendedLine, event, text

BROADCAST, PUSH = "/v2/bot/message/broadcast", "/v2/bot/message/push"


@pytest.fixture
def fake() -> PretendedLine:
    return PretendedLine()


class Heard(httpx.BaseTransport):
    """The fake, and what it was asked."""

    def __init__(self, fake: PretendedLine, *, lose: int = 0) -> None:
        self.requests: list[httpx.Request] = []
        self._fake, self._lose = fake, lose

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        answer = self._fake.handle_request(request)
        if len(self.requests) <= self._lose:
            raise httpx.ReadError("lost")
        return answer


def picture(**changed: Any) -> Media:
    url = "https://desk.hanulbank.example/media/1f2e"
    return replace(Media(mime="image/png", alt="창구", data=b"x", name="창구.png", url=url), **changed)


def items(fake: PretendedLine, request: Request) -> tuple[Item, ...]:
    accepted = fake.connector().verify(request)
    assert isinstance(accepted, Accepted)
    return accepted.items


def said(fake: PretendedLine, *events: dict[str, Any]) -> list[Activity]:
    """What the desk makes of these events, from the hook on."""
    found = items(fake, fake.hook(*events))
    return [activity for item in found for activity in fake.connector().read(item.raw)]


# --- lengths and files -----------------------------------------------------------------------------------
@pytest.mark.parametrize("letter", ["가", "é", "👍"])
def test_text_is_counted_in_utf16_units_to_the_last_one(fake: PretendedLine, letter: str) -> None:
    units = len(letter.encode("utf-16-le")) // 2
    made = fake.connector()
    most = letter * (5000 // units)
    assert made.preview(Post(text=most)).findings == ()
    assert made.send(Post(text=most), "1").remote_id
    over = most + letter
    assert made.preview(Post(text=over)).findings == (
        f"Too long: {5000 + units:,} characters, and 5,000 are allowed.",
    )
    with pytest.raises(Refused):
        made.send(Post(text=over), "2")
    assert len(fake.sent) == 1


def test_a_picture_needs_an_address_that_line_can_fetch_and_is_its_own_preview(fake: PretendedLine) -> None:
    made = fake.connector()
    finding = "LINE Official Account fetches pictures itself: the desk needs a public address with https://."
    for url in ("", "http://desk.hanulbank.example/media/1"):
        assert made.preview(Post(text="x", media=(picture(url=url),))).findings == (finding,)
    made.send(Post(text="새 지점", media=(picture(),) * 4), "1")
    messages = fake.sent[0][1]
    assert [m["type"] for m in messages] == ["text", *["image"] * 4]
    assert messages[1] == {
        "type": "image", "originalContentUrl": picture().url, "previewImageUrl": picture().url,
    }  # fmt: skip
    assert made.preview(Post(text="x", media=(picture(),) * 5)).findings
    assert made.preview(Post(text="x", media=(picture(data=b"x" * 1_000_001),))).findings
    assert made.preview(Post(text="x", media=(picture(mime="image/gif"),))).findings


# --- whom it goes to -------------------------------------------------------------------------------------
def test_a_post_goes_to_everybody_and_an_answer_to_the_chat_that_asked(fake: PretendedLine) -> None:
    made = fake.connector()
    made.send(Post(text="모두에게"), "1")
    made.send(Post(text="네", private=True, thread=MINJI, to=(MINJI,), in_reply_to="4"), "2")
    made.send(Post(text="Ja", private=True, thread=FAMILY, to=(ANS,), in_reply_to="5"), "3")
    made.send(Post(text="답", private=True, to=(ANS,)), "4")
    made.send(Post(text="好", in_reply_to=MINJI, thread=MINJI), "5")
    assert [(to, messages[0]["text"]) for to, messages in fake.sent] == [
        ("", "모두에게"), (MINJI, "네"), (FAMILY, "Ja"), (ANS, "답"), (MINJI, "好"),
    ]  # fmt: skip


@pytest.mark.parametrize("to", [("@minji",), ("U123",), (MINJI, ANS), ("x" + MINJI,)])
def test_a_message_to_nobody_in_particular_never_becomes_a_post_to_everybody(
    fake: PretendedLine, to: tuple[str, ...]
) -> None:
    with pytest.raises(Refused):
        fake.connector().send(Post(text="비밀", private=True, to=to), "1")
    with pytest.raises(Refused):
        fake.connector().send(Post(text="비밀", in_reply_to="4"), "2")
    assert fake.sent == []


# --- once ------------------------------------------------------------------------------------------------
def test_the_retry_key_is_a_uuid_that_follows_from_the_delivery_alone(fake: PretendedLine) -> None:
    heard = Heard(fake)
    for key in ("v1:c1", "v1:c1", "v2:c1"):
        fake.connector(heard).send(Post(text="x"), key)
    first, again, other = (request.headers["x-line-retry-key"] for request in heard.requests)
    assert first == again != other and str(uuid.UUID(first)) == first
    assert (
        first == "3f644a45-f615-51c2-bdde-52baf793b3bb"
    )  # it never changes: old deliveries would go out twice


def test_what_line_had_taken_before_is_the_same_receipt(fake: PretendedLine) -> None:
    for post in (Post(text="모두"), Post(text="너", private=True, to=(MINJI,))):
        heard = Heard(fake, lose=2)
        made = fake.connector(heard)
        for _ in range(2):
            with pytest.raises(Later, match="same key"):
                made.send(post, post.text)
        receipt = made.send(post, post.text)
        assert made.send(post, post.text) == receipt and receipt.remote_id
        kept = fake.accepted[heard.requests[0].headers["x-line-retry-key"]]
        sent = kept["made"].get("sentMessages", [{"id": kept["request"]}])
        assert receipt.remote_id == sent[0]["id"]
    assert len(fake.sent) == 2


def test_an_answer_that_names_nothing_is_named_by_its_key(fake: PretendedLine) -> None:
    for status in (200, 409):
        fake.failing[f"POST {BROADCAST}"] = [(status, "not even JSON", {})]
        receipt = fake.connector().send(Post(text="x"), "v1:c1")
        assert receipt.remote_id == "3f644a45-f615-51c2-bdde-52baf793b3bb"


# --- refusals and tokens ---------------------------------------------------------------------------------
def test_a_limit_of_the_month_needs_a_person_and_a_limit_of_the_minute_only_time(fake: PretendedLine) -> None:
    fake.quota = {"type": "limited", "value": 0}
    with pytest.raises(Refused, match="monthly limit"):
        fake.connector().send(Post(text="x"), "1")
    fake.failing[f"POST {BROADCAST}"] = [(429, {"message": "The API rate limit has been exceeded."}, {})]
    with pytest.raises(Later):
        fake.connector().send(Post(text="x"), "1")


def test_a_token_is_got_by_the_channels_own_id_and_secret(fake: PretendedLine) -> None:
    tokens = fake.connector().renew()
    assert tokens.secrets == {"access": NOT_REAL}
    with pytest.raises(Reconnect, match="channel secret"):
        fake.connector(channel_secret="another").renew()
    for status in (200, 500):
        fake.failing["POST /oauth2/v3/token"] = [(status, "<html>", {})]
        with pytest.raises(Later):
            fake.connector().renew()
    with pytest.raises(Later):
        fake.connector(Heard(fake, lose=1)).renew()


def test_a_token_that_has_ended_is_renewed_and_a_channel_without_one_is_connected_again(
    fake: PretendedLine,
) -> None:
    with pytest.raises(Expired):
        fake.connector(access="ended").whoami()
    with pytest.raises(Reconnect):
        fake.connector(access="").whoami()


def test_no_secret_stands_in_a_refusal(fake: PretendedLine) -> None:
    echo = {"message": f"Bearer {NOT_REAL} is odd", "details": [{"property": "x", "message": NOT_REAL}]}
    fake.failing[f"POST {BROADCAST}"] = [(400, echo, {})]
    with pytest.raises(Refused) as refused:
        fake.connector().send(Post(text="x"), "1")
    assert NOT_REAL not in str(refused.value) and "odd" in str(refused.value)


# --- hooks -----------------------------------------------------------------------------------------------
def test_one_bit_of_the_body_or_of_the_signature_makes_a_forgery(fake: PretendedLine) -> None:
    good = fake.hook(text(1, "지점이 몇 시에 여나요?"))
    made = fake.connector()
    made.verify(good)
    for place in range(0, len(good.body), 7):
        changed = bytearray(good.body)
        changed[place] ^= 1
        with pytest.raises(Forged):
            made.verify(replace(good, body=bytes(changed)))
    signature = good.headers["x-line-signature"]
    for wrong in ("", signature[:-2], signature.lower(), signature + "=", "sha256=" + signature, "é" * 44):
        with pytest.raises(Forged):
            made.verify(replace(good, headers={"x-line-signature": wrong}))
    with pytest.raises(Forged):
        fake.connector(channel_secret="").verify(fake.hook(text(1, "x"), secret=""))


def test_a_hook_that_comes_again_holds_the_items_of_before(fake: PretendedLine) -> None:
    """LINE signs no time, so an old hook is as good as a new one: its ids are known already."""
    once = items(fake, fake.hook(text(1, "안녕하세요")))
    again = items(fake, fake.hook(text(1, "안녕하세요", again=True)))
    assert once == again and once[0].remote_id == event(1)["webhookEventId"]


def test_what_is_kept_of_an_event_holds_no_tokens_and_all_that_may_be_understood_later(
    fake: PretendedLine,
) -> None:
    kept = items(fake, fake.hook(text(1, "x"), event(2, "hologram", hologram={"id": "9"})))
    assert "reply-1" not in json.dumps(kept[0].raw) and "quote-1" not in json.dumps(kept[0].raw)
    assert kept[1].raw["event"]["hologram"] == {"id": "9"} and fake.connector().read(kept[1].raw) == ()


@pytest.mark.parametrize(
    "body",
    [
        b"", b"[]", b"{", b"null", b'{"events":{}}', b'{"events":[1]}', b'{"events":[{}]}', b"\xff\xfe",
        b'{"events":[{"webhookEventId":1}]}', b"[" * 100_000,
    ],
)  # fmt: skip
def test_a_broken_body_is_refused(fake: PretendedLine, body: bytes) -> None:
    with pytest.raises(Refused):
        fake.connector().verify(fake.signed(body))


@pytest.mark.parametrize(
    "raw",
    [
        {"event": None}, {"event": []}, {"event": {"type": "message"}},
        {"event": event(1) | {"timestamp": "now"}},
        {"event": event(1) | {"timestamp": "\ud800"}},
        {"event": event(1, who="") | {"webhookEventId": ""}},
        {"event": event(1, message={"type": "text", "id": 4})}, {"event": event(1, source=["U"])},
        {"event": event(1, message={"type": "text", "id": "4", "mention": {"mentionees": [7]}})},
    ],
)  # fmt: skip
def test_a_broken_event_is_refused(fake: PretendedLine, raw: dict[str, Any]) -> None:
    with pytest.raises(Refused):
        fake.connector().read(raw)


def test_other_things_are_none_of_ours(fake: PretendedLine) -> None:
    assert fake.connector().read({}) == () and fake.connector().read({"post": {}}) == ()
    assert said(fake, event(1, "unfollow"), event(2, "postback", postback={"data": "x"}), event(3)) == []


# --- what people say -------------------------------------------------------------------------------------
def test_a_message_is_private_and_belongs_to_the_chat_of_its_author(fake: PretendedLine) -> None:
    [asked] = said(fake, text(1, "지점이 몇 시에 여나요?"))
    assert (asked.actor.remote_id, asked.actor.name, asked.thread) == (MINJI, MINJI, MINJI)
    assert asked.private and asked.reply_allowed and not asked.own
    assert (asked.text, asked.published_ms) == ("지점이 몇 시에 여나요?", 1_795_860_000_001)


def test_a_group_is_one_chat_whoever_writes_in_it(fake: PretendedLine) -> None:
    group = {"type": "group", "groupId": FAMILY}
    known = text(1, "@Hanul 你好", source=group | {"userId": ANS})
    found = said(fake, known, text(2, "?", source=group))
    assert [a.thread for a in found] == [FAMILY, FAMILY]
    assert [a.actor.remote_id for a in found] == [ANS, FAMILY]


def test_a_quoted_message_is_what_it_answers(fake: PretendedLine) -> None:
    [asked] = said(fake, text(2, "정말요?", message={"quotedMessageId": "41"}))
    assert asked.in_reply_to == "41"


def test_a_message_that_was_taken_back_is_a_deletion_of_it(fake: PretendedLine) -> None:
    asked, gone = said(
        fake, text(1, "비밀번호는…"), event(2, "unsend", unsend={"messageId": "4" + f"{1:017d}"})
    )
    assert gone.verb == "Delete" and gone.remote_id == asked.remote_id and gone.thread == asked.thread
    assert gone.version != asked.version and gone.text == ""


def test_who_becomes_a_friend_is_told_and_cannot_be_taken_for_a_message(fake: PretendedLine) -> None:
    [friend] = said(fake, event(2, "follow", replyToken="r", follow={"isUnblocked": False}))
    assert friend.verb == "Follow" and friend.actor.remote_id == MINJI


def test_where_another_system_holds_the_chat_the_desk_does_not_answer(fake: PretendedLine) -> None:
    [asked] = said(fake, text(1, "?", mode="standby"))
    assert not asked.reply_allowed


def test_files_are_named_and_shown_only_where_anybody_may_fetch_them(fake: PretendedLine) -> None:
    at_line = event(1, message={"type": "image", "id": "4", "contentProvider": {"type": "line"}})
    outside = {"type": "external", "originalContentUrl": "https://pictures.example/a.jpg"}
    elsewhere = event(2, message={"type": "image", "id": "5", "contentProvider": outside})
    script = {"type": "external", "originalContentUrl": "javascript:alert(1)"}
    hostile = event(3, message={"type": "image", "id": "6", "contentProvider": script})
    paper = event(4, message={"type": "file", "id": "7", "fileName": "jaarverslag.pdf", "fileSize": 1})
    found = [a.attachments[0] for a in said(fake, at_line, elsewhere, hostile, paper)]
    assert [(f.kind, f.url, f.alt) for f in found] == [
        ("image", "", ""), ("image", "https://pictures.example/a.jpg", ""), ("image", "", ""),
        ("document", "", "jaarverslag.pdf"),
    ]  # fmt: skip


def test_the_data_file_names_the_secret_that_signs(fake: PretendedLine) -> None:
    data = network("line_me")
    assert data.signature.key in {s.name for s in data.settings if s.secret}
    assert data.hosts_for(fake.settings) == {"api.line.me"}


def test_no_number_that_names_somebody_is_taken_for_the_number_of_a_card(fake: PretendedLine) -> None:
    """What is kept is masked first (channels/kept.py): an id that could be a card's must come through."""
    who, message = "U" + "4000000000000002" * 2, "620000000000000005"
    words = text(
        1, "제 카드 4000 0000 0000 0002", who=who, message={"id": message, "quotedMessageId": message}
    )
    found = items(fake, fake.hook(words, event(2, "unsend", who=who, unsend={"messageId": message})))
    assert mask_tree(words)[0]["message"]["id"] != message  # kept as it came it would name nothing any more
    asked, gone = (fake.connector().read(mask_tree(item.raw, item.ids)[0])[0] for item in found)
    assert (asked.remote_id, asked.in_reply_to, asked.thread) == (message, message, who)
    assert gone.remote_id == message and gone.actor.remote_id == asked.actor.remote_id == who
    assert "4000 0000" not in asked.text
