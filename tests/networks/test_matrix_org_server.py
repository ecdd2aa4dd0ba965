"""The connector against a real Matrix server: everything that it promises, seen by other people's clients."""

from __future__ import annotations

import io
import uuid
from collections import Counter
from dataclasses import asdict
from typing import Any

import httpx
import pytest
from PIL import Image

from bankside.networks import matrix_org
from bankside.networks.catalogue import network
from bankside.networks.contract import (
    Activity,
    Connector,
    Expired,
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
from tests.servers.matrix import HOME, PASSWORD, Matrix, Person

pytestmark = pytest.mark.server("matrix")
TRIES = {"new": 3, "answer": 3, "picture": 2, "edit": 2}


def desk(
    bank: Person, *, transport: httpx.BaseTransport | None = None, account: bool = True, **secrets: str
) -> Connector:
    data, server = network("matrix_org"), bank.matrix
    settings, given = {"server": server.url, "user": bank.id}, secrets or {"access_token": bank.token}
    wire = data.wire(settings, secrets=given, private_hosts=frozenset({server.host}), transport=transport)
    fresh = data.connector(Grant(settings=settings, secrets=given), wire)
    known = asdict(fresh.whoami()) if account else {}
    return data.connector(Grant(settings=settings, secrets=given, account=known), wire)


def image(color: str) -> Media:
    made = io.BytesIO()
    Image.new("RGB", (60, 40), color).save(made, "PNG")
    return Media(mime="image/png", alt="하나", data=made.getvalue(), name=f"{color}.png")


def key() -> str:
    return f"{uuid.uuid4().hex}:channel"


def news(connector: Connector, cursor: str = "") -> tuple[list[Activity], str]:
    """What is new, read until there is no more of it, each thing once."""
    found: dict[tuple[str, str], Activity] = {}
    more = True
    while more:
        page = connector.poll(cursor, 0)
        for item in page.items:
            for activity in connector.read(item.raw):
                found.setdefault((item.remote_id, item.version), activity)
        cursor, more = page.cursor, page.more
    return list(found.values()), cursor


def talking(matrix: Matrix, words: str = "안녕하세요") -> tuple[Person, Person, Connector, str, str]:
    """(bank, customer, desk, room, cursor) of a conversation that a customer began."""
    bank, minji = matrix.account("bank", "Hanul Bank"), matrix.account("minji", "김민지")
    connector = desk(bank)
    room = minji.open(bank.id)
    minji.say(room, words)
    _, cursor = news(connector)
    return bank, minji, connector, room, cursor


class LosesAnswers(httpx.BaseTransport):
    """The server accepts what is written, and its answer never arrives."""

    def __init__(self, place: str = "") -> None:
        self._real, self._place = httpx.HTTPTransport(), place
        self.losing = True

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        answer = self._real.handle_request(request)
        answer.read()
        if self.losing and request.method != "GET" and self._place in request.url.path:
            raise httpx.ReadError("The answer was lost.")
        return answer


# --- who speaks --------------------------------------------------------------------------------------
def test_it_is_known_who_speaks_by_token_and_by_password(matrix: Matrix) -> None:
    bank = matrix.account("bank", "한울은행")
    me = desk(bank).whoami()
    assert (me.remote_id, me.name) == (bank.id, "한울은행") and bank.id.endswith(f":{HOME}")
    given = desk(bank, account=False, password=PASSWORD).renew().secrets["access"]
    assert desk(bank, access=given, password=PASSWORD).whoami() == me
    bank.matrix.call("POST", "/_matrix/client/v3/logout", token=given)
    with pytest.raises(Expired):  # there is a password to sign in with again
        desk(bank, account=False, access=given, password=PASSWORD).whoami()
    assert desk(bank, account=False, access_token="t").renew().secrets == {"access": "t"}


def test_what_the_server_does_not_accept_asks_for_a_new_connection(matrix: Matrix) -> None:
    bank = matrix.account("bank")
    for secrets in ({"password": "wrong"}, {"password": ""}):
        with pytest.raises(Reconnect):
            desk(bank, account=False, **secrets).renew()
    lost, post = desk(bank, account=False, access_token="none"), Post(text="x", private=True, to=("@a:b",))
    calls: tuple[Any, ...] = (
        lost.whoami,
        lambda: lost.poll("", 0),
        lambda: lost.send(post, "k"),
        lambda: lost.find("k", post),
        lambda: lost.remove("!a/$b"),
    )
    for call in calls:
        with pytest.raises(Reconnect):
            call()


# --- the journey -------------------------------------------------------------------------------------
def test_a_customer_writes_is_answered_changes_and_takes_away(matrix: Matrix) -> None:
    bank, minji = matrix.account("bank", "Hanul Bank"), matrix.account("minji", "김민지")
    connector = desk(bank)
    _, cursor = news(connector)
    room = minji.open(bank.id)
    first = minji.say(room, "Hallo? <b>카드</b> & 卡")
    [asked], cursor = news(connector, cursor)
    assert bank.rooms() == [room]
    assert (asked.text, asked.actor.remote_id, asked.actor.name) == (
        "Hallo? <b>카드</b> & 卡",
        minji.id,
        "김민지",
    )
    assert asked.private and not asked.own and asked.reply_allowed and asked.thread == room
    assert asked.remote_id == f"{room}/{first}" and asked.published_ms

    reply = Post(text="네, 도와드리겠습니다.", in_reply_to=asked.remote_id, thread=room, private=True)
    receipt = connector.send(reply, key())
    there = minji.messages(room)[-1]
    assert there["content"]["body"] == reply.text and there["sender"] == bank.id
    assert there["content"]["m.relates_to"] == {"m.in_reply_to": {"event_id": first}}
    assert receipt.remote_id == f"{room}/{there['event_id']}"

    minji.change(room, first, "카드를 잃어버렸습니다.")
    second = minji.say(room, "여보세요?", answers=there["event_id"])
    minji.take_away(room, second)
    found, cursor = news(connector, cursor)
    ours, changed, gone = found[-3:]
    assert ours.own and ours.remote_id == receipt.remote_id and ours.in_reply_to == asked.remote_id
    assert changed.verb == "Update" and changed.remote_id == asked.remote_id and changed.version
    assert changed.text == "카드를 잃어버렸습니다."
    assert (gone.verb, gone.remote_id, gone.own) == ("Delete", f"{room}/{second}", False)

    connector.send(Post(text="바로 정지하겠습니다.", replaces=receipt.remote_id), key())
    edit = minji.messages(room)[-1]["content"]
    assert edit["m.new_content"]["body"] == "바로 정지하겠습니다."
    assert edit["m.relates_to"] == {"rel_type": "m.replace", "event_id": there["event_id"]}
    connector.remove(receipt.remote_id)
    connector.remove(receipt.remote_id)
    assert there["event_id"] not in {e["event_id"] for e in minji.messages(room)}
    with pytest.raises(Gone):
        connector.send(Post(text="te laat", replaces=receipt.remote_id), key())
    with pytest.raises(NotAllowed):
        connector.remove(asked.remote_id)
    connector.remove(f"{room}/$nothing")


def test_a_picture_stands_with_its_text_under_it(matrix: Matrix) -> None:
    _, minji, connector, room, cursor = talking(matrix)
    connector.send(Post(text="새 지점 柜台", media=(image("red"),), in_reply_to=_last(minji, room)), key())
    content = minji.messages(room)[-1]["content"]
    assert (content["msgtype"], content["body"], content["filename"]) == (
        "m.image",
        "새 지점 柜台",
        "picture.png",
    )
    assert content["info"] == {"mimetype": "image/png", "size": len(image("red").data)}
    [shown] = [a for a in news(connector, cursor)[0] if a.attachments]
    at = shown.attachments[0]
    assert shown.text == "새 지점 柜台" and (at.kind, at.mime) == ("image", "image/png")
    answer = httpx.get(at.url, headers={"authorization": f"Bearer {minji.token}"})
    assert answer.content == image("red").data


def test_what_many_say_at_once_is_read_to_the_last_word(
    matrix: Matrix, monkeypatch: pytest.MonkeyPatch
) -> None:
    _take_little(monkeypatch)
    _, minji, connector, room, cursor = talking(matrix)
    said = [f"질문 {n}" for n in range(18)]
    for words in said:
        minji.say(room, words)
    found, cursor = news(connector, cursor)
    assert sorted(a.text for a in found) == sorted(said)
    minji.say(room, "끝")
    assert [a.text for a in news(connector, cursor)[0]] == ["끝"]


def test_what_was_said_before_the_desk_joined_is_read_too(
    matrix: Matrix, monkeypatch: pytest.MonkeyPatch
) -> None:
    _take_little(monkeypatch)
    bank, minji = matrix.account("bank"), matrix.account("minji")
    connector, room = desk(bank), minji.open(bank.id)
    said = [f"질문 {n}" for n in range(13)]
    for words in said:
        minji.say(room, words)
    assert [a.text for a in sorted(news(connector)[0], key=lambda a: a.published_ms)] == said


def _take_little(monkeypatch: pytest.MonkeyPatch) -> None:
    """One call carries five messages, and a page of the past ten."""
    monkeypatch.setattr(matrix_org, "NEWS", matrix_org.NEWS.replace('"limit": 50', '"limit": 5'))
    monkeypatch.setattr(matrix_org, "PAGE_EVENTS", 10)


def test_a_first_reading_begins_at_its_moment(matrix: Matrix) -> None:
    bank, minji, _, room, _ = talking(matrix, "이전")
    last = minji.messages(room)[-1]["origin_server_ts"]
    minji.say(room, "이후")
    # Another device: for two minutes Synapse answers one device the same question with the same answer.
    other = desk(bank, access=desk(bank, account=False, password=PASSWORD).renew().secrets["access"])
    page = other.poll("", last)
    assert [a.text for item in page.items for a in other.read(item.raw)] == ["이후"] and not page.more


def test_only_direct_conversations_are_joined_and_a_dead_one_stops_nothing(matrix: Matrix) -> None:
    bank, minji, connector, room, cursor = talking(matrix)
    minji.open(bank.id, is_direct=False)
    left = minji.open(bank.id)
    minji.leave(left)
    minji.say(room, "여기요")
    found, cursor = news(connector, cursor)
    assert "여기요" in [a.text for a in found] and room in bank.rooms() and len(bank.invited()) >= 1
    minji.leave(room)
    news(connector, cursor)


def test_an_encrypted_message_is_told_of_and_never_answered_in_the_clear(matrix: Matrix) -> None:
    _, minji, connector, room, cursor = talking(matrix)
    before = _last(minji, room)
    minji.encrypt(room)
    sealed = {"algorithm": "m.megolm.v1.aes-sha2", "ciphertext": "AwgA", "session_id": "s", "sender_key": "k"}
    event = minji.put(room, sealed, "m.room.encrypted")
    [told] = [a for a in news(connector, cursor)[0] if a.remote_id.endswith(event)]
    assert not told.reply_allowed and "encrypted" in told.text and told.private
    for above in (before, told.remote_id):
        with pytest.raises(NotAllowed, match="encrypted"):
            connector.send(Post(text="비밀", in_reply_to=above, private=True), key())
    assert "비밀" not in str(minji.messages(room))


def test_nobody_changes_our_words(matrix: Matrix) -> None:
    """Servers pass on a change of somebody else's message; it counts for nothing."""
    _, minji, connector, room, cursor = talking(matrix)
    ours = connector.send(Post(text="이자는 3%입니다.", in_reply_to=_last(minji, room)), key())
    minji.change(room, ours.remote_id.partition("/")[2], "이자는 30%입니다.")
    found, _ = news(connector, cursor)
    assert "30%" not in str(found) and ours.remote_id in {a.remote_id for a in found}


# --- a conversation that the bank begins -------------------------------------------------------------
def test_a_private_message_opens_one_conversation_and_the_next_goes_there_too(matrix: Matrix) -> None:
    bank, minji = matrix.account("bank"), matrix.account("minji")
    connector = desk(bank)
    first = connector.send(Post(text="카드가 도착했습니다.", private=True, to=(minji.id,)), key())
    [room] = minji.invited()
    minji.join(room)
    second = connector.send(Post(text="비밀번호를 정하세요.", private=True, to=(minji.id,)), key())
    assert [e["content"]["body"] for e in minji.messages(room)] == [
        "카드가 도착했습니다.",
        "비밀번호를 정하세요.",
    ]
    assert first.remote_id.startswith(f"{room}/") and second.remote_id.startswith(f"{room}/")
    minji.leave(room)
    connector.send(Post(text="다시", private=True, to=(minji.id,)), key())
    assert minji.invited() == [room] and bank.rooms() == [room]


def test_a_private_message_goes_where_she_already_writes(matrix: Matrix) -> None:
    bank, minji, connector, room, _ = talking(matrix)
    receipt = connector.send(Post(text="그리고", private=True, to=(minji.id,)), key())
    assert receipt.remote_id.startswith(f"{room}/") and bank.rooms() == [room]


def test_what_matrix_does_not_carry_is_refused_beforehand(matrix: Matrix) -> None:
    connector = desk(matrix.account("bank"))
    for post, reason in (
        (Post(text="모두에게"), "private messages alone"),
        (Post(text="x", private=True), "receiver"),
        (Post(text="x", private=True, to=("@a:b.example", "@c:b.example")), "one person"),
        (Post(text="x", private=True, to=("minji",)), "look like"),
        (Post(text="가" * 8001, private=True, to=("@a:b.example",)), "Too long"),
    ):
        with pytest.raises(Refused, match=reason):
            connector.send(post, key())


def test_the_longest_text_can_be_said_and_changed(matrix: Matrix) -> None:
    _, minji, connector, room, _ = talking(matrix)
    longest = "😀\n" * 4000
    receipt = connector.send(Post(text=longest, in_reply_to=_last(minji, room)), key())
    connector.send(Post(text=longest[::-1].strip() + ".", replaces=receipt.remote_id), key())
    assert len(minji.messages(room)) == 3


# --- lost answers ------------------------------------------------------------------------------------
@pytest.mark.parametrize("kind", TRIES)
def test_a_lost_answer_is_found_and_what_was_said_is_there_exactly_once(matrix: Matrix, kind: str) -> None:
    bank, minji, honest, room, _ = talking(matrix)
    sending = LosesAnswers("/send/")
    connector = desk(bank, transport=sending)
    base = honest.send(Post(text="base", in_reply_to=_last(minji, room)), key())
    for _ in range(TRIES[kind]):
        words = f"세상에 하나뿐인 말 {uuid.uuid4().hex}"
        post = {
            "new": Post(text=words, private=True, to=(minji.id,)),
            "answer": Post(text=words, in_reply_to=_last(minji, room), private=True),
            "picture": Post(text=words, in_reply_to=_last(minji, room), media=(image("blue"),)),
            "edit": Post(text=words, replaces=base.remote_id),
        }[kind]
        once = key()
        sending.losing = True
        assert honest.find(once, post) is None
        with pytest.raises(Uncertain):
            connector.send(post, once)
        found = honest.find(once, post)
        assert found is not None and _times_said(minji, room, words) == 1
        sending.losing = False
        assert connector.send(post, once).remote_id == found.remote_id
        assert _times_said(minji, room, words) == 1


def test_however_many_answers_are_lost_there_is_one_conversation_with_one_message(matrix: Matrix) -> None:
    """The line breaks after every single write: opening, noting, saying."""
    bank, minji = matrix.account("bank"), matrix.account("minji")
    post, once = Post(text="한 번만", private=True, to=(minji.id,)), key()
    ends: list[type[Exception]] = []
    for _ in range(6):
        try:
            desk(bank, transport=LosesAnswers()).send(post, once)
        except (Later, Uncertain) as lost:
            ends.append(type(lost))
            if isinstance(lost, Uncertain):
                break
    assert ends[0] is Later and ends[-1] is Uncertain
    found = desk(bank).find(once, post)
    assert found is not None and bank.rooms() == minji.invited() == [found.remote_id.partition("/")[0]]
    assert desk(bank).send(post, once).remote_id == found.remote_id
    assert Counter(e["content"]["body"] for e in bank.messages(bank.rooms()[0])) == {"한 번만": 1}


def test_a_lost_picture_is_no_doubt_for_nothing_was_said(matrix: Matrix) -> None:
    bank, minji, honest, room, _ = talking(matrix)
    post = Post(text="사진", in_reply_to=_last(minji, room), media=(image("blue"),))
    with pytest.raises(Later):
        desk(bank, transport=LosesAnswers("/upload")).send(post, "k")
    assert honest.find("k", post) is None and _times_said(minji, room, "사진") == 0


def test_an_answer_that_is_lost_while_joining_is_no_trouble(matrix: Matrix) -> None:
    bank, minji = matrix.account("bank"), matrix.account("minji")
    room = minji.open(bank.id)
    minji.say(room, "들리세요?")
    with pytest.raises(Later):
        desk(bank, transport=LosesAnswers("/join/")).poll("", 0)
    assert [a.text for a in news(desk(bank))[0]] == ["들리세요?"]


def _last(person: Person, room: str) -> str:
    return f"{room}/{person.messages(room)[-1]['event_id']}"


def _times_said(person: Person, room: str, words: str) -> int:
    return sum(words in str(e["content"]["body"]) for e in person.messages(room))
