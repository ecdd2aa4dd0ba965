"""What recordings do not show of KakaoTalk: two senders of hooks, serial numbers, terms of a contract."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import httpx
import pytest

from bankside.networks.catalogue import network
from bankside.networks.contract import (
    Accepted,
    Activity,
    Connector,
    Forged,
    Grant,
    Item,
    Later,
    Post,
    Reconnect,
    Refused,
    Request,
    Uncertain,
)
from bankside.record.identifiers import mask_tree
from tests.networks.pretended import NOT_REAL
from tests.networks.pretended.kakaotalk import CHANNEL, JUN, MINJI, USED, PretendedDealer, relation, written

ANSWER = Post(text="네, 10시부터입니다.", private=True, thread=MINJI, to=(MINJI,))


@pytest.fixture
def fake() -> PretendedDealer:
    return PretendedDealer()


def by_contract(
    fake: PretendedDealer, transport: httpx.BaseTransport | None = None, **terms: str
) -> Connector:
    """The connector with other terms of the contract."""
    data, settings = network("kakaotalk"), {**fake.settings, **terms}
    wire = data.wire(settings, secrets=fake.secrets, transport=transport or fake)
    return data.connector(Grant(settings=settings, secrets=fake.secrets, account=fake.account), wire)


def items(fake: PretendedDealer, request: Request) -> tuple[Item, ...]:
    accepted = fake.connector().verify(request)
    assert isinstance(accepted, Accepted)
    return accepted.items


def said(fake: PretendedDealer, request: Request) -> tuple[Activity, ...]:
    [item] = items(fake, request)
    return fake.connector().read(item.raw)


class Losing(httpx.BaseTransport):
    """The fake, whose first answers are lost; and what it was asked."""

    def __init__(self, fake: PretendedDealer, lose: int = 0) -> None:
        self.requests: list[httpx.Request] = []
        self._fake, self._lose = fake, lose

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        answer = self._fake.handle_request(request)
        if len(self.requests) <= self._lose:
            raise httpx.ReadError("lost")
        return answer


# --- answers -----------------------------------------------------------------------------------------------
@pytest.mark.parametrize("letter", ["가", "a", "👍"])
def test_text_is_counted_in_characters_to_the_last_one(fake: PretendedDealer, letter: str) -> None:
    made = fake.connector()
    assert made.send(replace(ANSWER, text=letter * 1000), "1").remote_id
    with pytest.raises(Refused, match="1,001"):
        made.send(replace(ANSWER, text=letter * 1001), "2")
    assert len(fake.messages) == 1


def test_what_goes_out_has_the_documented_fields_and_a_number_of_its_own(fake: PretendedDealer) -> None:
    heard = Losing(fake)
    made = by_contract(fake, heard)
    first = made.send(ANSWER, "r1:c1")
    assert made.send(ANSWER, "r1:c1") == first
    other = made.send(ANSWER, "r2:c1")
    assert len(first.remote_id) == 30 and first.remote_id != other.remote_id
    assert {str(request.url) for request in heard.requests} == {
        "https://consult.dealer.example/v1/chat/write"
    }
    assert fake.messages[first.remote_id] == (MINJI, ANSWER.text) and len(fake.messages) == 2


def test_keys_go_into_the_headers_that_the_contract_names(fake: PretendedDealer) -> None:
    heard = Losing(fake)
    made = by_contract(fake, heard, client_id_header="X-Id", client_secret_header="X-Key")
    with pytest.raises(Reconnect):
        made.send(ANSWER, "1")
    assert heard.requests[0].headers["x-id"] == "hanulbank" and heard.requests[0].headers["x-key"] == NOT_REAL
    for terms in ({"client_id_header": "X Id"}, {"client_secret_header": "a\r\nb"}, {"client_id": "하늘"}):
        with pytest.raises(Refused, match="header"):
            by_contract(fake, heard, **terms).whoami()
        with pytest.raises(Refused, match="header"):
            by_contract(fake, heard, **terms).send(ANSWER, "1")
    assert len(heard.requests) == 1


def test_nothing_goes_to_everybody_and_nothing_to_nobody(fake: PretendedDealer) -> None:
    made = fake.connector()
    for post in (
        Post(text="모두에게"), Post(text="x", in_reply_to="in-1"), replace(ANSWER, to=(MINJI, JUN)),
        Post(text="모두에게", thread=MINJI),
        replace(ANSWER, to=("@minji k",), thread=""), replace(ANSWER, replaces="1"),
    ):  # fmt: skip
        with pytest.raises(Refused):
            made.send(post, "1")
    assert fake.messages == {}
    assert made.send(replace(ANSWER, to=(), in_reply_to=MINJI), "1").remote_id  # a whole chat is answered


# --- once --------------------------------------------------------------------------------------------------
def test_with_the_code_for_a_used_number_a_lost_answer_is_sent_again_and_stands_there_once(
    fake: PretendedDealer,
) -> None:
    made = by_contract(fake, Losing(fake, lose=2))
    for _ in range(2):
        with pytest.raises(Later, match="same number"):
            made.send(ANSWER, "1")
    assert made.send(ANSWER, "1").remote_id in fake.messages and len(fake.messages) == 1


def test_without_that_code_a_person_decides(fake: PretendedDealer) -> None:
    made = by_contract(fake, Losing(fake, lose=1), duplicate_code="")
    with pytest.raises(Uncertain):
        made.send(ANSWER, "1")
    assert not made.can("find")
    with pytest.raises(Refused, match=USED):  # a person who sends it again makes no second one
        made.send(ANSWER, "1")
    assert len(fake.messages) == 1


@pytest.mark.parametrize("body", ["<html>", "[]", "{}", '{"code": null}', '{"code": [1]}', "[" * 100_000])
def test_an_answer_that_nobody_understands_is_no_receipt(fake: PretendedDealer, body: str) -> None:
    for terms, doubt in ((USED, Later), ("", Uncertain)):
        fake.failing["POST /v1/chat/write"] = [(200, body, {})]
        with pytest.raises(doubt):
            by_contract(fake, duplicate_code=terms).send(ANSWER, "1")


@pytest.mark.parametrize("code", [0, "0", 200, "200"])
def test_the_codes_of_two_dealers_for_done_are_known(fake: PretendedDealer, code: int | str) -> None:
    fake.failing["POST /v1/chat/write"] = [(200, {"code": code}, {}), (400, {"code": code}, {})]
    assert fake.connector().send(ANSWER, "1").remote_id
    with pytest.raises(Refused):
        fake.connector().send(ANSWER, "1")


def test_no_secret_stands_in_a_refusal(fake: PretendedDealer) -> None:
    fake.failing["POST /v1/chat/write"] = [(200, {"code": -1, "message": f"{NOT_REAL} is odd"}, {})]
    with pytest.raises(Refused, match="odd") as refused:
        fake.connector().send(ANSWER, "1")
    assert NOT_REAL not in str(refused.value)


# --- hooks of two senders ----------------------------------------------------------------------------------
def test_a_hook_of_the_dealer_needs_the_word_and_one_of_kakao_the_admin_key(fake: PretendedDealer) -> None:
    made, dealers, kakaos = fake.connector(), fake.hook(written(1, "?")), fake.kakao_hook(relation())
    made.verify(dealers)
    made.verify(kakaos)
    for word in ("", "guessed", NOT_REAL + "x", NOT_REAL[:-1], NOT_REAL.upper()):
        with pytest.raises(Forged):
            made.verify(replace(dealers, query={"word": word}))
        with pytest.raises(Forged):
            made.verify(fake.kakao_hook(relation(), key=word))
    with pytest.raises(Forged):
        made.verify(replace(kakaos, headers={}))
    with pytest.raises(Forged):  # the word opens no door for Kakao's hooks, nor the key one for the dealer's
        made.verify(replace(dealers, headers={"authorization": "KakaoAK guessed"}))


def test_without_an_admin_key_no_hook_of_kakao_is_genuine(fake: PretendedDealer) -> None:
    for key in ("", NOT_REAL):
        with pytest.raises(Forged):
            fake.connector(admin_key="").verify(fake.kakao_hook(relation(), key=key))
    with pytest.raises(Forged):
        fake.connector(dealer_word="").verify(fake.hook(written(1, "x"), word=""))


def test_a_dealer_may_send_a_header_of_its_own(fake: PretendedDealer) -> None:
    request = fake.hook(written(1, "?"))
    [item] = items(fake, replace(request, headers={"authorization": "Basic eDp5"}))
    assert item.remote_id == "in-1"


def test_what_comes_again_is_the_same_item(fake: PretendedDealer) -> None:
    assert items(fake, fake.hook(written(1, "?"))) == items(fake, fake.hook(written(1, "?")))
    assert items(fake, fake.kakao_hook(relation())) == items(fake, fake.kakao_hook(relation()))
    nameless = {"user_key": MINJI, "content": "?", "time": 1_795_860_000}
    [once], [again] = (
        items(fake, fake.hook(nameless)),
        items(fake, fake.hook(dict(reversed(nameless.items())))),
    )
    [later] = items(fake, fake.hook({**nameless, "time": 1_795_860_001}))
    assert once.remote_id == again.remote_id != later.remote_id


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"null", b"\xff", b"[" * 100_000])
def test_a_broken_body_is_refused(fake: PretendedDealer, body: bytes) -> None:
    for request in (fake.hook(body), fake.kakao_hook(body)):
        with pytest.raises(Refused):
            fake.connector().verify(request)
    with pytest.raises(Refused):
        fake.connector().verify(fake.kakao_hook(relation(), resource=""))


@pytest.mark.parametrize(
    "raw",
    [
        {"message": []}, {"message": {}, "who": 5}, {"message": {"time": [1]}}, {"message": {"image_url": 7}},
        {"relation": {}}, {"relation": {**relation(), "event": 5}, "id": "x"}, {"relation": None}, {"id": 5},
        {"message": {"image_url": "x", "time": {"\ud800": "\ud800"}}},
    ],
)  # fmt: skip
def test_a_broken_item_is_refused(fake: PretendedDealer, raw: dict[str, Any]) -> None:
    with pytest.raises(Refused):
        fake.connector().read(raw)


# --- what people say ---------------------------------------------------------------------------------------
def test_a_chat_is_named_for_its_person_and_can_be_answered(fake: PretendedDealer) -> None:
    [asked] = said(fake, fake.hook(written(1, "지점이 몇 시에 여나요?")))
    assert (asked.remote_id, asked.thread, asked.actor.remote_id) == ("in-1", MINJI, MINJI)
    assert asked.private and asked.reply_allowed and asked.published_ms == 1_795_860_000_001
    answer = Post(text="네", private=asked.private, thread=asked.thread, to=(asked.actor.remote_id,))
    assert fake.connector().send(answer, "1").remote_id


@pytest.mark.parametrize(
    ("told", "ms"),
    [
        (1_795_860_000, 1_795_860_000_000), (1_795_860_000_123, 1_795_860_000_123),
        ("1795860000", 1_795_860_000_000),
        ("soon", 0), (-1, 0), (10**30, 0), ("nan", 0), ("inf", 0), (0, 0),
    ],
)  # fmt: skip
def test_the_dealers_time_may_be_in_seconds_or_milliseconds(
    fake: PretendedDealer, told: Any, ms: int
) -> None:
    [asked] = said(fake, fake.hook(written(1, "?", time=told)))
    assert asked.published_ms == ms


def test_pictures_and_files_are_shown_with_their_addresses(fake: PretendedDealer) -> None:
    [sent] = said(
        fake, fake.hook(written(1, "", image_url="https://k.example/a.jpg", file_url="javascript:x"))
    )
    assert [(a.kind, a.url) for a in sent.attachments] == [
        ("image", "https://k.example/a.jpg"),
        ("document", ""),
    ]


def test_a_chat_of_another_channel_and_the_end_of_a_chat_say_nothing(fake: PretendedDealer) -> None:
    assert said(fake, fake.hook(written(1, "?", sender_key="00" * 20))) == ()
    assert said(fake, fake.hook({"user_key": MINJI, "session_id": "1", "time": 1})) == ()
    assert said(fake, fake.hook(written(1, "?", who=""))) == () and fake.connector().read({}) == ()


def test_who_adds_the_channel_is_told_and_is_no_chat(fake: PretendedDealer) -> None:
    [friend] = said(fake, fake.kakao_hook(relation()))
    assert friend.verb == "Follow" and friend.actor.remote_id == "app_user_id:1234567890"
    assert friend.published_ms == 1_795_824_000_000 and friend.remote_id == "Rvy1c2dk"
    assert said(fake, fake.kakao_hook(relation("blocked"))) == ()
    assert said(fake, fake.kakao_hook(relation(channel_public_id="_Other"))) == ()
    [undated] = said(fake, fake.kakao_hook(relation(updated_at="yesterday")))
    assert undated.published_ms == 0


def test_who_we_are_is_known_from_the_settings_alone(fake: PretendedDealer) -> None:
    heard = Losing(fake)
    me = by_contract(fake, heard).whoami()
    assert (me.remote_id, me.url) == (CHANNEL, "https://pf.kakao.com/_HanulX") and heard.requests == []


def test_no_number_that_names_somebody_is_taken_for_the_number_of_a_card(fake: PretendedDealer) -> None:
    """What is kept is masked first (channels/kept.py): an id that could be a card's must come through."""
    message = written(1, "제 카드 4000 0000 0000 0002", who="5018000000009", serial_number="4000000000000002")
    added = relation(id="4000000000000002")
    for request, id, who in (
        (fake.hook(message), "4000000000000002", "5018000000009"),
        (fake.kakao_hook(added, "5018000000009"), "5018000000009", "4000000000000002"),
    ):
        [item] = items(fake, request)
        [told] = fake.connector().read(mask_tree(item.raw, item.ids)[0])
        assert told.remote_id == item.remote_id == id and told.actor.remote_id.endswith(who)
        assert "4000 0000" not in told.text
