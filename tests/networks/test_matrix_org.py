"""What is particular about Matrix: conversations, events of any shape, places and gaps, signing in."""

from __future__ import annotations

import json
import time
from typing import Any

import httpx
import pytest

from bankside.networks.contract import (
    Activity,
    Connector,
    Expired,
    Gone,
    Later,
    Media,
    NotAllowed,
    Post,
    Reconnect,
    Refused,
    Uncertain,
)
from bankside.networks.matrix_org import mark_of
from bankside.networks.matrix_org.listening import Gap, Place, item_of
from bankside.networks.matrix_org.server import Event, Timeline
from tests.networks.pretended import NOT_REAL, said
from tests.networks.pretended.matrix_org import BANK, READER, SITE, PretendedMatrix

CLIENT = "/_matrix/client/v3"
ROOM = "!room"
PNG = Media(mime="image/png", alt="柜台", data=b"\x89PNG", name="a.png")


@pytest.fixture
def server() -> PretendedMatrix:
    return PretendedMatrix()


@pytest.fixture
def desk(server: PretendedMatrix) -> Connector:
    return server.connector()


def to(person: str, text: str = "안녕하세요") -> Post:
    return Post(text=text, private=True, to=(person,))


def seen(desk: Connector, content: dict[str, Any], kind: str = "m.room.message", sender: str = READER) -> Any:
    """The activity that an event becomes, or None."""
    event = Event(type=kind, event_id="$e", sender=sender, origin_server_ts=7, content=content)
    item = item_of(ROOM, event, "김민지")
    return desk.read(item.raw)[0] if item else None


# --- what is sent ------------------------------------------------------------------------------------
@pytest.mark.parametrize(("length", "fits"), [(8000, True), (8001, False)])
def test_texts_are_counted_to_the_letter(desk: Connector, length: int, fits: bool) -> None:
    assert (desk.preview(to(READER, "가" * length)).findings == ()) == fits


@pytest.mark.parametrize(
    "person", ["minji", "@minji", "@:x", "@a b:x", "@a:x y", "!room:x", "@a:" + "x" * 300]
)
def test_who_is_nobody_there_is_found_beforehand(desk: Connector, person: str) -> None:
    with pytest.raises(Refused, match="look like"):
        desk.send(to(person), "k")


def test_a_message_is_worded_as_the_specification_wants_it(server: PretendedMatrix, desk: Connector) -> None:
    above = f"{server.home}/{server.asked}"
    receipt = desk.send(Post(text="네 <b>", in_reply_to=above), "k1")
    desk.send(Post(text="아니요", replaces=receipt.remote_id), "k2")
    first, second = (e["content"] for e in server.rooms[server.home][1:])
    relation = {"m.in_reply_to": {"event_id": server.asked}}
    mark = {"bankside.delivery": mark_of("k1")}
    assert first == {"msgtype": "m.text", "body": "네 <b>", "m.relates_to": relation, **mark}
    fresh = {"msgtype": "m.text", "body": "아니요"}
    relation = {"rel_type": "m.replace", "event_id": receipt.remote_id.partition("/")[2]}
    assert second == {
        **fresh, "body": "* 아니요", "m.new_content": fresh, "m.relates_to": relation,
        "bankside.delivery": mark_of("k2"),
    }  # fmt: skip


def test_people_have_one_conversation_each_whatever_their_servers_are(
    server: PretendedMatrix, desk: Connector
) -> None:
    people = ["@a:one.example", "@a:two.example:8448", "@b:one.example"]
    rooms = [
        {desk.send(to(person, f"{n}"), f"k{n}").remote_id.split("/")[0] for n in range(3)}
        for person in people
    ]
    assert all(len(found) == 1 for found in rooms) and len(set.union(*rooms)) == 3


def test_a_conversation_that_is_known_is_used_and_one_that_was_left_is_not(
    server: PretendedMatrix, desk: Connector
) -> None:
    server.account_data = {READER: ["!gone", server.home], "@x:y": "nonsense", "@z:y": [7, None]}
    assert desk.send(to(READER), "k1").remote_id.startswith(f"{server.home}/")
    server.members[server.home][READER] = "leave"
    other = desk.send(to(READER), "k2").remote_id.partition("/")[0]
    assert other != server.home and server.account_data[READER] == ["!gone", server.home, other]
    for person in ("@x:y", "@z:y"):
        assert desk.send(to(person), f"k{person}").remote_id
    assert server.account_data["@z:y"][:2] == [7, None]


def test_a_conversation_that_another_try_opens_at_this_moment_is_waited_for(
    server: PretendedMatrix, desk: Connector
) -> None:
    body = {"errcode": "M_ROOM_IN_USE", "error": "Room alias already taken"}
    server.failing[f"POST {CLIENT}/createRoom"] = [(400, body, {}), (400, {"errcode": "M_INVALID_PARAM"}, {})]
    with pytest.raises(Later, match="being opened"):
        desk.send(to(READER), "k")
    with pytest.raises(Refused):
        desk.send(to(READER), "k")
    assert desk.send(to(READER), "k").remote_id


def test_nothing_is_written_into_an_encrypted_conversation(server: PretendedMatrix, desk: Connector) -> None:
    place = f"GET {CLIENT}/rooms/{server.home}/state/m.room.encryption/"
    server.failing[place] = [(200, {"algorithm": "m.megolm.v1.aes-sha2"}, {})]
    with pytest.raises(NotAllowed, match="encrypted") as refused:
        desk.send(Post(text="비밀", in_reply_to=f"{server.home}/{server.asked}"), "k")
    assert refused.value.fallback.startswith("https://matrix.to/#/") and server.visible() == []


def test_only_our_own_is_taken_away(server: PretendedMatrix, desk: Connector) -> None:
    receipt = desk.send(to("@sanne:hanulbank.example"), "k")
    desk.remove(receipt.remote_id)
    assert server.visible() == []
    desk.remove(receipt.remote_id)
    with pytest.raises(NotAllowed, match="Somebody else"):
        desk.remove(f"{server.home}/{server.asked}")
    for nonsense in ("", "x", "!room", "!room/x", "room/$x", "!room/$"):
        with pytest.raises(Refused, match="nothing that Matrix has"):
            desk.remove(nonsense)


def test_what_was_removed_is_not_changed(server: PretendedMatrix, desk: Connector) -> None:
    receipt = desk.send(to(READER), "k")
    desk.remove(receipt.remote_id)
    with pytest.raises(Gone):
        desk.send(Post(text="x", replaces=receipt.remote_id), "k2")


@pytest.mark.parametrize("others", [0, 99, 250])
def test_what_was_sent_is_found_behind_many_others(
    server: PretendedMatrix, desk: Connector, others: int
) -> None:
    above = f"{server.home}/{server.asked}"
    wanted = desk.send(Post(text="찾는 말", in_reply_to=above), "k")
    for n in range(others):
        desk.send(Post(text=f"{n}", in_reply_to=above), f"k{n}")
    for event in server.rooms[server.home]:
        event["origin_server_ts"] = int(time.time() * 1000)
    found = desk.find("k", Post(text="찾는 말", in_reply_to=above))
    assert found is not None and found.remote_id == wanted.remote_id
    assert desk.find("none", Post(text="찾는 말", in_reply_to=above)) is None


# --- what is answered --------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("status", "body", "headers", "error"),
    [
        (429, {"errcode": "M_LIMIT_EXCEEDED", "error": "Too Many Requests"}, {"retry-after": "7"}, Later),
        (401, {"errcode": "M_UNKNOWN_TOKEN"}, {}, Reconnect),
        (403, {"errcode": "M_FORBIDDEN", "error": "User not in room"}, {}, NotAllowed),
        (413, {"errcode": "M_TOO_LARGE", "error": "event too large"}, {}, Refused),
        (500, {"errcode": "M_UNKNOWN"}, {}, Uncertain),
        (502, "<html>", {}, Uncertain),
        (200, "<html>", {}, Uncertain),
        (200, {"event": "$x"}, {}, Uncertain),
        (200, [], {}, Uncertain),
    ],
)
def test_every_answer_to_a_message_has_its_meaning(
    server: PretendedMatrix,
    desk: Connector,
    status: int,
    body: Any,
    headers: dict[str, str],
    error: type[Exception],
) -> None:
    place = f"PUT {CLIENT}/rooms/{server.home}/send/m.room.message/{mark_of('k')}"
    server.failing[place] = [(status, body, headers)]
    with pytest.raises(error) as raised:
        desk.send(Post(text="x", in_reply_to=f"{server.home}/{server.asked}"), "k")
    assert type(raised.value) is error
    if isinstance(raised.value, Later):
        assert raised.value.after_seconds == 7


# --- what comes in -----------------------------------------------------------------------------------
def test_an_answer_is_shown_without_what_older_clients_quote_in_front(desk: Connector) -> None:
    body = "> <@care:hanulbank.example> 네\n> 둘째 줄\n\n고맙습니다!\n> 이건 제 말"
    relation = {"m.relates_to": {"m.in_reply_to": {"event_id": "$above"}}}
    told = seen(desk, {"msgtype": "m.text", "body": body, **relation})
    assert told.text == "고맙습니다!\n> 이건 제 말" and told.in_reply_to == f"{ROOM}/$above"
    assert seen(desk, {"msgtype": "m.text", "body": body}).text == body


def test_a_file_is_shown_with_its_caption_and_never_with_an_address_that_is_none(desk: Connector) -> None:
    file = {
        "msgtype": "m.image",
        "body": "scan.png",
        "url": "mxc://x.example/Ab-9",
        "info": {"mimetype": "image/png"},
    }
    told = seen(desk, file)
    assert (
        told.text == "" and told.attachments[0].alt == "scan.png" and told.attachments[0].mime == "image/png"
    )
    assert told.attachments[0].url == f"{SITE}/_matrix/client/v1/media/download/x.example/Ab-9"
    assert seen(desk, {**file, "body": "보세요", "filename": "scan.png"}).text == "보세요"
    for url in ("https://evil.example/x", "mxc://x/../y", "mxc://x/y?z", "mxc://", 7, None):
        assert seen(desk, {**file, "url": url}).attachments == ()


@pytest.mark.parametrize(
    "content",
    [
        {}, {"msgtype": "m.text"}, {"body": "x"}, {"msgtype": 7, "body": "x"},
        {"msgtype": "m.text", "body": ["x"]},
        {"m.relates_to": {"rel_type": "m.replace", "event_id": "$e"}, "msgtype": "m.text", "body": "* x"},
        {"m.relates_to": {"rel_type": "m.replace", "event_id": "$e"}, "m.new_content": "x", "body": "* x"},
    ],
)  # fmt: skip
def test_what_holds_no_words_is_no_message(desk: Connector, content: dict[str, Any]) -> None:
    assert seen(desk, content) is None


@pytest.mark.parametrize(
    "relation", ["x", 7, None, [], {"m.in_reply_to": "x"}, {"m.in_reply_to": {"event_id": 7}}]
)
def test_a_relation_that_is_none_is_none(desk: Connector, relation: Any) -> None:
    assert seen(desk, {"msgtype": "m.text", "body": "x", "m.relates_to": relation}).in_reply_to == ""


def test_removals_are_understood_in_rooms_of_both_ages(desk: Connector) -> None:
    young = seen(desk, {"redacts": "$target"}, "m.room.redaction")
    old = Event(
        type="m.room.redaction", event_id="$e", sender=READER, redacts="$target", content={"reason": "x"}
    )
    item = item_of(ROOM, old, "")
    assert item and desk.read(item.raw)[0].remote_id == young.remote_id == f"{ROOM}/$target"
    assert young.verb == "Delete" and seen(desk, {"redacts": 7}, "m.room.redaction") is None


def test_an_encrypted_message_is_told_of(desk: Connector) -> None:
    told = seen(desk, {"algorithm": "m.megolm.v1.aes-sha2"}, "m.room.encrypted")
    assert not told.reply_allowed and told.private and "encrypted" in told.text
    assert seen(desk, {}, "m.room.encrypted") is None  # it was taken away


def test_whose_words_they_are_is_told(desk: Connector) -> None:
    ours = seen(desk, {"msgtype": "m.text", "body": "x"}, sender=BANK)
    assert isinstance(ours, Activity) and ours.own and not seen(desk, {"msgtype": "m.text", "body": "x"}).own


@pytest.mark.parametrize("raw", [{"message": {}}, {"sealed": 7}, {"gone": []}])
def test_what_is_broken_is_refused_and_what_is_unknown_is_nothing(
    desk: Connector, raw: dict[str, Any]
) -> None:
    with pytest.raises(Refused):
        desk.read(raw)
    assert desk.read({"else": raw}) == ()


def test_what_came_in_too_fast_is_read_afterwards_and_only_so_far_back() -> None:
    quick = Timeline(limited=True, prev_batch="p")
    first = Place(floor=50, since="s1", fresh=("!new",)).after(
        "s2", {"!a": quick, "!new": quick, "!b": Timeline()}, ()
    )
    assert first.gaps == (Gap("!a", "p", "s1"), Gap("!new", "p", "")) and first.since == "s2"
    on = first.filled("q", oldest_ms=60)
    assert on.gaps[0] == Gap("!a", "q", "s1") and Place.of(str(on), 0) == on
    assert on.filled("r", oldest_ms=40).gaps == (Gap("!new", "p", ""),)
    assert on.filled("", oldest_ms=60).filled("", 0).gaps == ()


# --- signing in --------------------------------------------------------------------------------------
class Door(httpx.BaseTransport):
    """A server at which somebody signs in."""

    def __init__(self, status: int, body: Any) -> None:
        self.asked: list[Any] = []
        self._answer = (status, body)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        assert "authorization" not in request.headers
        self.asked.append(json.loads(request.read()))
        if self._answer[0] == 0:
            raise httpx.ReadError("lost")
        return said(*self._answer)


def test_signing_in_is_done_as_one_device(server: PretendedMatrix) -> None:
    door = Door(200, {"access_token": "given", "expires_in_ms": 60_000})
    tokens = server.connector(door, access_token="", password="secret word").renew()
    assert tokens.secrets == {"access": "given"} and door.asked[0]["device_id"] == "BANKSIDE"
    assert door.asked[0]["identifier"] == {"type": "m.id.user", "user": BANK}
    assert 0 < tokens.fresh_until_ms - time.time() * 1000 <= 60_000
    assert server.connector(door, access_token="pasted").renew().secrets == {"access": "pasted"}
    assert len(door.asked) == 1


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (403, {"errcode": "M_FORBIDDEN"}, Reconnect),
        (0, None, Later),
        (200, {"token": "x"}, Later),
        (429, {}, Later),
    ],
)
def test_a_sign_in_that_fails_loses_nothing(
    server: PretendedMatrix, status: int, body: Any, error: type[Exception]
) -> None:
    with pytest.raises(error):
        server.connector(Door(status, body), access_token="", password="secret word").renew()


def test_an_ended_token_is_renewed_where_there_is_a_password(server: PretendedMatrix) -> None:
    with pytest.raises(Expired):
        server.connector(access_token="", access="ended", password="secret word").whoami()
    with pytest.raises(Reconnect):
        server.connector(access_token="ended").whoami()
    assert server.connector(access_token=NOT_REAL).whoami().remote_id == BANK
