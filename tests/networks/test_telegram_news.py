"""How news of Telegram come in: by asking or by hook, and what people say in it. The server is a fake."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any
from unittest import mock

import pytest

from bankside.networks.contract import (
    Accepted,
    Activity,
    Connector,
    Forged,
    Later,
    NotAllowed,
    NotOffered,
    Post,
    Refused,
)
from bankside.record.identifiers import mask_tree
from tests.networks.pretended import NOT_REAL
from tests.networks.pretended.telegram import CHANNEL, CHATS, GROUP, MINJI, NOW, PretendedTelegram


@pytest.fixture
def fake() -> PretendedTelegram:
    return PretendedTelegram()


def news(made: Connector, cursor: str = "") -> tuple[list[Activity], str]:
    """Everything that is new, by asking until there is no more."""
    found: list[Activity] = []
    for _ in range(20):
        page = made.poll(cursor, 0)
        cursor, more = page.cursor, page.more
        found += [activity for item in page.items for activity in made.read(item.raw)]
        if not more:
            return found, cursor
    raise AssertionError("the list never ends")


# --- asking for news ---------------------------------------------------------------------------------------
def test_everything_is_seen_however_much_there_is_and_the_newest_come_again(fake: PretendedTelegram) -> None:
    for number in range(250):
        fake.says(MINJI, f"질문 {number}", GROUP)
    made = fake.connector()
    found, cursor = news(made)
    assert {a.text for a in found} == {f"질문 {number}" for number in range(250)}
    again, cursor = news(made, cursor)
    assert [a.text for a in again] == [f"질문 {number}" for number in range(230, 250)]
    fake.says(MINJI, "질문 250", GROUP)
    later, _ = news(made, cursor)
    assert [a.text for a in later][-1] == "질문 250" and len(fake.updates) == 21


def test_a_page_that_was_not_kept_comes_again(fake: PretendedTelegram) -> None:
    for number in range(150):
        fake.says(MINJI, str(number), GROUP)
    made = fake.connector()
    first = made.poll("", 0)
    assert made.poll("", 0).items == first.items  # the desk died before it wrote the cursor down
    second = made.poll(first.cursor, 0)
    assert made.poll(first.cursor, 0).items == second.items
    assert first.more and not second.more


def test_after_a_quiet_week_numbers_that_begin_anew_are_heard(fake: PretendedTelegram) -> None:
    fake.says(MINJI, "전", GROUP)
    with mock.patch("time.time", return_value=float(NOW)):
        _, cursor = news(fake.connector())
    fake.updates, fake.next_update = [], 3  # Telegram forgets after a day, and begins anywhere after a week
    fake.says(MINJI, "후", GROUP)
    with mock.patch("time.time", return_value=NOW + 7 * 86_400.0):
        found, cursor = news(fake.connector(), cursor)
        assert [a.text for a in found] == ["후"]
    fake.says(MINJI, "그 후", GROUP)
    with mock.patch("time.time", return_value=NOW + 7 * 86_400 + 60.0):
        assert [a.text for a in news(fake.connector(), cursor)[0]] == ["후", "그 후"]


def test_a_new_channel_begins_where_it_was_connected(fake: PretendedTelegram) -> None:
    fake.says(MINJI, "전", GROUP)
    fake.now += 100
    fake.says(MINJI, "후", GROUP)
    page = fake.connector().poll("", (NOW + 50) * 1000)
    assert [item.raw["message"]["text"] for item in page.items] == ["후"]


def test_an_update_that_cannot_be_read_keeps_back_no_other(fake: PretendedTelegram) -> None:
    fake.says(MINJI, "하나", GROUP)
    fake.news("message", {"message_id": "?", "chat": None})
    fake.news("poll", {"id": "1"})
    fake.says(MINJI, "둘", GROUP)
    made = fake.connector()
    page = made.poll("", 0)
    assert [item.remote_id for item in page.items] == [f"{GROUP}:15", "update:701", f"{GROUP}:16"]
    with pytest.raises(Refused):
        made.read(page.items[1].raw)
    assert made.read(page.items[2].raw)[0].text == "둘"


def test_with_a_webhook_it_is_not_asked_and_without_one_no_hook_is_taken(fake: PretendedTelegram) -> None:
    polling, hooked = fake.connector(), fake.connector(hook_secret=NOT_REAL)
    assert polling.can("poll") and not polling.can("verify")
    assert hooked.can("verify") and not hooked.can("poll")
    with pytest.raises(NotOffered):
        hooked.poll("", 0)
    with pytest.raises(NotOffered):
        polling.verify(fake.hook(fake.says(MINJI, "x"), ""))
    fake.webhook = "https://elsewhere.example"
    with pytest.raises(NotAllowed, match="A webhook is set"):
        polling.poll("", 0)


def test_another_program_that_asks_at_the_same_time_is_waited_for(fake: PretendedTelegram) -> None:
    words = (
        "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"
    )
    refusal = {"ok": False, "error_code": 409, "description": words}
    fake.failing[f"GET /bot{NOT_REAL}/getUpdates"] = [(409, refusal, {})]
    with pytest.raises(Later, match="only one bot"):
        fake.connector().poll("", 0)


# --- hooks -------------------------------------------------------------------------------------------------
def test_only_the_whole_secret_token_is_good(fake: PretendedTelegram) -> None:
    made = fake.connector(hook_secret="aB-9_secret")
    update = fake.says(MINJI, "지점이 몇 시에 여나요?")
    assert isinstance(made.verify(fake.hook(update, "aB-9_secret")), Accepted)
    for wrong in ("", "aB-9_secre", "aB-9_secret ", "ab-9_secret", "aB-9_secretx", "é"):
        with pytest.raises(Forged):
            made.verify(fake.hook(update, wrong))
    with pytest.raises(Forged):
        made.verify(replace(fake.hook(update), headers={}))


def test_a_hook_that_comes_again_and_an_answer_to_asking_hold_the_same_item(fake: PretendedTelegram) -> None:
    hooked = fake.connector(hook_secret=NOT_REAL)
    update = fake.says(MINJI, "지점이 몇 시에 여나요?")
    once, again = hooked.verify(fake.hook(update)), hooked.verify(fake.hook(update))
    assert isinstance(once, Accepted) and once == again
    assert once.items == fake.connector().poll("", 0).items


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"null", b'{"update_id":"x"}', b"\xff", b"[" * 100_000])
def test_a_broken_body_is_refused(fake: PretendedTelegram, body: bytes) -> None:
    good = fake.hook(fake.says(MINJI, "x"))
    with pytest.raises(Refused):
        fake.connector(hook_secret=NOT_REAL).verify(replace(good, body=body))


# --- what people say ---------------------------------------------------------------------------------------
def test_comments_belong_to_the_copy_of_the_post_and_the_copy_is_our_own(fake: PretendedTelegram) -> None:
    made = fake.connector()
    made.send(Post(text="새 지점"), "1")
    root = fake.copies(15)["message"]["message_id"]
    asked = fake.says(MINJI, "왜요?", GROUP, under=root, above=root)["message"]["message_id"]
    fake.says(MINJI, "누구세요?", GROUP, under=root, above=asked)
    copy, first, second = news(made)[0]
    assert copy.own and copy.text == "새 지점" and not first.own
    assert {a.thread for a in (copy, first, second)} == {f"{GROUP}:{root}"}
    assert (first.in_reply_to, second.in_reply_to) == (copy.remote_id, first.remote_id)
    assert first.actor.remote_id == str(MINJI) and first.actor.handle == "@minji_k"
    assert not first.private and first.published_ms == NOW * 1000


def test_a_changed_message_is_the_same_message_in_a_new_version(fake: PretendedTelegram) -> None:
    number = fake.says(MINJI, "왜요?", GROUP)["message"]["message_id"]
    fake.edits(GROUP, number, "왜 10시예요?")
    before, after = news(fake.connector())[0]
    assert before.remote_id == after.remote_id and before.thread == after.thread
    assert (before.version, after.version) == ("", str(NOW + 60)) and after.verb == "Update"
    assert after.text == "왜 10시예요?"


def test_a_post_that_the_bank_made_or_changed_by_hand_is_its_own(fake: PretendedTelegram) -> None:
    message = {
        "message_id": 99,
        "date": NOW,
        "chat": CHATS[CHANNEL],
        "sender_chat": CHATS[CHANNEL],
        "text": "손으로",
    }
    fake.messages[CHANNEL, 99] = message
    fake.news("channel_post", message)
    fake.edits(CHANNEL, 99, "손으로 고침")
    made, changed = news(fake.connector())[0]
    assert made.own and changed.own and changed.verb == "Update"
    assert made.url == "https://t.me/hanulbank/99"
    anonymous = fake.says(GROUP, "운영자입니다")
    assert news(fake.connector())[0][-1].own and "sender_chat" in anonymous["message"]


def test_who_starts_the_bot_is_told_and_what_she_writes_is_private(fake: PretendedTelegram) -> None:
    fake.says(MINJI, "/start campaign")
    fake.says(MINJI, "/starting a company, how?")
    started, asked = news(fake.connector())[0]
    assert started.verb == "Follow" and started.text == ""
    assert asked.private and asked.thread == str(MINJI) and asked.verb == "Create" and asked.url == ""


def test_groups_that_are_none_of_ours_and_lines_about_the_chat_say_nothing(fake: PretendedTelegram) -> None:
    fake.says(MINJI, "", GROUP, new_chat_members=[{"id": MINJI, "is_bot": False, "first_name": "민지"}])
    update = fake.says(MINJI, "다른 곳", GROUP)
    made = fake.connector()
    elsewhere = {**update["message"], "chat": {"id": -1009, "type": "supergroup"}}
    assert made.read({"message": elsewhere}) == () and made.read({}) == ()
    assert [a.text for a in news(made)[0]] == ["다른 곳"]


def test_files_have_no_address_because_the_token_would_stand_in_it(fake: PretendedTelegram) -> None:
    photo = [{"file_id": "A", "file_unique_id": "B", "width": 1, "height": 1, "file_size": 9}]
    fake.says(MINJI, "", photo=photo, caption="영수증")
    paper = {"file_id": "A", "file_unique_id": "B", "file_name": "bon.pdf", "mime_type": "application/pdf"}
    fake.says(MINJI, "", document=paper)
    fake.says(MINJI, "", contact={"phone_number": "+82 10 0000 0000", "first_name": "x"})
    made = fake.connector()
    receipt, slip = news(made)[0]
    assert (receipt.text, receipt.attachments[0].kind, receipt.attachments[0].url) == ("영수증", "image", "")
    assert (slip.attachments[0].kind, slip.attachments[0].alt) == ("document", "bon.pdf")
    assert "+82" not in json.dumps([item.raw for item in made.poll("", 0).items])


def test_hostile_names_make_no_addresses(fake: PretendedTelegram) -> None:
    sender = {"id": 7, "is_bot": False, "first_name": "x" * 500, "username": "../evil?"}
    message = {"message_id": 1, "date": NOW, "chat": CHATS[GROUP], "from": sender, "text": "<script>"}
    [said] = fake.connector().read({"message": message})
    assert said.actor.url == "" and said.text == "<script>"
    wrong: list[Any] = [{**message, "date": "now"}, {**message, "chat": 5}, {**message, "from": []}, [], None]
    for broken in wrong:
        with pytest.raises(Refused):
            fake.connector().read({"message": broken})


def test_no_number_that_names_somebody_is_taken_for_the_number_of_a_card(fake: PretendedTelegram) -> None:
    """Ids are kept as numbers, and only texts are masked (channels/kept.py)."""
    sender = {"id": 4000000000000002, "is_bot": False, "first_name": "민지"}
    chat = {"id": 4000000000000002, "type": "private", "first_name": "민지"}
    message = {"message_id": 5018000000009, "date": NOW, "chat": chat, "from": sender}
    fake.news("message", {**message, "text": "제 카드 4000 0000 0000 0002"})
    [item] = fake.connector().poll("", 0).items
    [asked] = fake.connector().read(mask_tree(item.raw, item.ids)[0])
    assert asked.remote_id == item.remote_id == "4000000000000002:5018000000009"
    assert asked.thread == "4000000000000002" and "4000 0000" not in asked.text
