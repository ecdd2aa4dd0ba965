"""WeChat's callback: every vector that there is, every flipped bit, and documents that mean harm."""

from __future__ import annotations

import base64
import time
from typing import Any

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from bankside.channels.body import refuse_bad
from bankside.networks.catalogue import network
from bankside.networks.contract import Accepted, Activity, Answer, Connector, Forged, Grant, Refused, Request
from bankside.networks.wechat.callback import fields_of, key_of, opened
from tests.networks.pretended.wechat import APP, KEY, OPENID, encrypted, hook, message, signed, xml
from tests.networks.test_signatures import vectors

TOKEN = "123456"
NOW = 1411525903


@pytest.fixture(autouse=True)
def then(monkeypatch: pytest.MonkeyPatch) -> None:
    """The clock stands ten seconds after the vectors' message."""
    monkeypatch.setattr(time, "time", lambda: NOW + 10.0)


def pure(*, key: str = "", app: str = APP) -> Connector:
    secrets = {"token": TOKEN, "message_key": key}
    return network("wechat").connector(Grant(settings={"app_id": app}, secrets=secrets))


def sent(document: str, *, key: str = "", moment: int = NOW, **how: Any) -> Request:
    return hook(document, moment, secret=TOKEN, key=key, **how)


def of_vector(vector: dict[str, Any], **changed: str) -> Request:
    """A vector as a request: the check of an address as a GET, a message as a POST."""
    told = {**vector, **changed}
    query = {name: told[name] for name in ("timestamp", "nonce", "msg_signature")}
    if vector["name"] == "wechat-encrypted-url-check":
        query["echostr"] = told["encrypted"]
        return Request(method="GET", path="/hooks/x", query=query, headers={}, body=b"")
    body = xml(ToUserName=APP, Encrypt=told["encrypted"]).encode()
    return Request(method="POST", path="/hooks/x", query=query, headers={}, body=body)


def read(made: Connector, request: Request) -> tuple[Activity, ...]:
    accepted = made.verify(request)
    assert isinstance(accepted, Accepted)
    return made.read(accepted.items[0].raw)


# --- the vectors -------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "name", ["wechat-encrypted-url-check", "wechat-encrypted-message", "wechat-encrypted-reply"]
)
def test_every_vector_is_genuine_at_its_time_and_opens(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    [vector] = vectors(name)
    assert (vector["token"], vector["encoding_aes_key"], vector["id"]) == (TOKEN, KEY, APP)
    assert opened(vector["encrypted"], KEY, APP).decode() == vector["plain"]
    monkeypatch.setattr(time, "time", lambda: int(vector["timestamp"]) + 10.0)
    genuine = pure(key=KEY).verify(of_vector(vector))
    if isinstance(genuine, Answer):
        assert genuine.body.decode() == vector["plain"]
    else:
        assert genuine.items[0].raw["message"] == fields_of(vector["plain"].encode())


def test_the_vector_s_message_is_read() -> None:
    [vector] = vectors("wechat-encrypted-message")
    [activity] = read(pure(key=KEY), of_vector(vector))
    assert activity.text == "test" and activity.private and activity.thread == "direct:messense"
    assert activity.remote_id == "message:4363689963896700987" and activity.published_ms == NOW * 1000


def test_every_flipped_bit_of_a_signature_and_of_a_message_is_refused() -> None:
    [vector] = vectors("wechat-encrypted-message")
    good = bytes.fromhex(vector["msg_signature"])
    for bit in range(len(good) * 8):
        with pytest.raises(Forged):
            pure(key=KEY).verify(of_vector(vector, msg_signature=flipped(good, bit).hex()))
    sealed = base64.b64decode(vector["encrypted"])
    for bit in range(0, len(sealed) * 8, 7):
        other = base64.b64encode(flipped(sealed, bit)).decode()
        with pytest.raises(Forged):
            pure(key=KEY).verify(of_vector(vector, encrypted=other))
    for changed in ({"nonce": "461056295"}, {"timestamp": str(NOW + 1)}):
        with pytest.raises(Forged):
            pure(key=KEY).verify(of_vector(vector, **changed))


@pytest.mark.parametrize(
    "seconds, genuine", [(0, True), (299, True), (301, False), (-299, True), (-302, False)]
)
def test_an_old_message_is_refused(seconds: int, genuine: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    [vector] = vectors("wechat-encrypted-message")
    monkeypatch.setattr(time, "time", lambda: NOW + float(seconds))
    for made, request in (
        (pure(key=KEY), of_vector(vector)), (pure(), sent(message("卡丢了", NOW))),
    ):  # fmt: skip
        if genuine:
            assert isinstance(made.verify(request), Accepted)
            continue
        with pytest.raises(Forged, match="old"):
            made.verify(request)


def flipped(good: bytes, bit: int) -> bytes:
    bad = bytearray(good)
    bad[bit // 8] ^= 1 << bit % 8
    return bytes(bad)


# --- what must not pass ------------------------------------------------------------------------------------
def test_with_a_message_key_nothing_plain_is_taken() -> None:
    """In the plain form no word is signed: whoever saw one request could put other words under it."""
    plain = sent(message("转账到这里", NOW))
    assert isinstance(pure().verify(plain), Accepted)
    with pytest.raises(Forged, match="encrypted"):
        pure(key=KEY).verify(plain)


def test_an_encrypted_message_needs_a_key_here_and_the_account_s_own_id() -> None:
    sealed = sent(message("您好", NOW), key=KEY)
    assert isinstance(pure(key=KEY).verify(sealed), Accepted)
    with pytest.raises(Refused):  # it reads as a message from nobody
        pure().verify(sealed)
    with pytest.raises(Forged, match="another account"):
        pure(key=KEY, app="wx0000000000000000").verify(sealed)


def test_without_a_token_nothing_is_genuine() -> None:
    made = network("wechat").connector(Grant(settings={"app_id": APP}, secrets={"message_key": KEY}))
    for request in (
        hook(message("x", NOW), NOW, secret=""),
        hook(message("x", NOW), NOW, secret="", key=KEY),
    ):
        with pytest.raises(Forged):
            made.verify(request)


@pytest.mark.parametrize("sealed", ["", "!", "QUJD", base64.b64encode(b"x" * 32).decode(), "é"])
def test_what_cannot_be_opened_is_refused(sealed: str) -> None:
    query = {"timestamp": str(NOW), "nonce": "1"}
    query["msg_signature"] = signed(TOKEN, str(NOW), "1", sealed)
    request = Request(
        method="POST", path="/hooks/x", query=query, headers={}, body=xml(Encrypt=sealed).encode()
    )
    with pytest.raises((Refused, Forged)):
        pure(key=KEY).verify(request)


def test_a_length_that_lies_is_refused() -> None:
    plain = b"r" * 16 + (2**31).to_bytes(4, "big") + b"short" + APP.encode()
    with pytest.raises(Refused):
        opened(_sealed(plain), KEY, APP)
    with pytest.raises(Refused):
        opened(_sealed(b"r" * 4), KEY, APP)


@pytest.mark.parametrize("key", ["", "x", "x" * 42, "x" * 44, "!" * 43])
def test_a_key_that_is_none_is_refused(key: str) -> None:
    with pytest.raises(Refused, match="43"):
        key_of(key)


def _sealed(plain: bytes) -> str:
    secret = key_of(KEY)
    padding = 32 - len(plain) % 32
    made = Cipher(algorithms.AES256(secret), modes.CBC(secret[:16])).encryptor()
    return base64.b64encode(made.update(plain + bytes([padding]) * padding) + made.finalize()).decode()


# --- the handshake -----------------------------------------------------------------------------------------
def shaken(**query: str) -> Request:
    told = {"timestamp": str(NOW), "nonce": "1", "signature": signed(TOKEN, str(NOW), "1"), **query}
    return Request(method="GET", path="/hooks/x", query=told, headers={}, body=b"")


@pytest.mark.parametrize("key", ["", KEY])
def test_the_check_of_an_address_is_echoed_when_it_is_genuine(key: str) -> None:
    answer = pure(key=key).verify(shaken(echostr="5927782489442352469"))
    assert isinstance(answer, Answer) and answer.body == b"5927782489442352469"
    with pytest.raises(Forged):
        pure(key=key).verify(shaken(echostr="x", signature="0" * 40))


def test_a_get_that_is_no_handshake_is_refused() -> None:
    for made in (pure(), pure(key=KEY)):
        with pytest.raises((Refused, Forged)):
            made.verify(shaken())


# --- documents that mean harm ------------------------------------------------------------------------------
LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
HARMFUL = {
    "billion laughs": f'<!DOCTYPE x [<!ENTITY l0 "ha">{LAUGHS}]><xml><Content>&l9;</Content></xml>',
    "a file": '<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]><xml><Content>&f;</Content></xml>',
    "a type": '<!DOCTYPE x SYSTEM "http://203.0.113.7/x.dtd"><xml><Content>x</Content></xml>',
    "a parameter": '<!DOCTYPE x [<!ENTITY % p SYSTEM "http://203.0.113.7/p">%p;]><xml/>',
    "an unknown entity": "<xml><Content>&f;</Content></xml>",
    "an instruction": '<?xml-stylesheet href="x"?><xml><Content>x</Content></xml>',
    "depth": "<a>" * 10_000 + "</a>" * 10_000,
    "many fields": "<xml>" + "".join(f"<f{n}>x</f{n}>" for n in range(1000)) + "</xml>",
    "a field twice": "<xml><FromUserName>a</FromUserName><FromUserName>b</FromUserName></xml>",
    "no end": "<xml><Content>x",
    "two roots": "<xml></xml><xml></xml>",
    "nothing": "",
    "json": '{"FromUserName": "a"}',
}


@pytest.mark.parametrize("what", HARMFUL)
def test_a_document_that_means_harm_is_refused_at_once(what: str) -> None:
    began = time.perf_counter()
    with pytest.raises(Refused, match="not a message"):
        fields_of(HARMFUL[what].encode())
    with pytest.raises(Refused):
        pure().verify(sent(HARMFUL[what]))
    assert time.perf_counter() - began < 1


@pytest.mark.parametrize("body", [b"\xff<xml/>", "<xml>é</xml>".encode("latin-1"), "<xml/>".encode("utf-16")])
def test_what_is_not_utf_8_is_refused(body: bytes) -> None:
    with pytest.raises(Refused):
        fields_of(body)


def test_an_encoding_that_is_declared_changes_nothing() -> None:
    document = "<?xml version='1.0' encoding='ISO-8859-1'?><xml><Content>卡丢了</Content></xml>"
    assert fields_of(document.encode()) == {"Content": "卡丢了"}


def test_words_that_look_like_markup_are_words() -> None:
    words = "a < b & c <script>"
    assert fields_of(message(words, NOW).encode())["Content"] == words


def test_what_lies_deeper_is_passed_over() -> None:
    document = "<xml><A>1<Inner><B>2</B></Inner></A><C>3</C></xml>"
    assert fields_of(document.encode()) == {"A": "", "C": "3"}


def test_the_door_of_the_desk_takes_what_wechat_sends() -> None:
    for request in (sent(message("您好", NOW)), sent(message("您好", NOW), key=KEY)):
        refuse_bad(request.body, request.headers["content-type"])


# --- what is read ------------------------------------------------------------------------------------------
def test_the_same_message_thrice_has_one_name() -> None:
    names = set[str]()
    for _ in range(3):
        accepted = pure().verify(sent(message("您好", NOW)))
        assert isinstance(accepted, Accepted)
        names |= {item.remote_id for item in accepted.items}
    assert names == {"message:23239170484543291"}


def test_an_event_is_named_by_sender_and_time() -> None:
    event = message("", NOW, MsgType="event", Event="subscribe", MsgId="")
    accepted = pure().verify(sent(event))
    assert isinstance(accepted, Accepted)
    assert accepted.items[0].remote_id == f"event:{OPENID}:{NOW}:subscribe"
    [activity] = pure().read(accepted.items[0].raw)
    assert activity.verb == "Follow" and activity.actor.remote_id == OPENID


@pytest.mark.parametrize(
    "fields, text",
    [
        ({"MsgType": "text", "Content": "卡丢了"}, "卡丢了"),
        (
            {"MsgType": "voice", "Content": "", "MediaId": "m", "Recognition": "카드를 잃어버렸어요"},
            "카드를 잃어버렸어요",
        ),
        ({"MsgType": "location", "Content": "", "Label": "首尔市麻浦区"}, "首尔市麻浦区"),
        (
            {"MsgType": "link", "Content": "", "Title": "题", "Description": "述", "Url": "https://a"},
            "题\n述\nhttps://a",
        ),
        ({"MsgType": "image", "Content": "", "PicUrl": "http://mmbiz.qpic.cn/a/0"}, ""),
    ],
)
def test_every_kind_of_message_is_read(fields: dict[str, str], text: str) -> None:
    [activity] = read(pure(), sent(message("", NOW, **fields)))
    assert activity.text == text and activity.private
    assert [a.url for a in activity.attachments] == ["https://mmbiz.qpic.cn/a/0"] * ("PicUrl" in fields)


@pytest.mark.parametrize("fields", [{"MsgType": "event", "Event": "CLICK"}, {"MsgType": "hologram"}])
def test_what_is_not_known_is_kept_and_not_guessed(fields: dict[str, str]) -> None:
    assert read(pure(), sent(message("", NOW, **fields))) == ()


@pytest.mark.parametrize(
    "raw",
    [{"message": {}}, {"message": {"FromUserName": 7}}, {"message": []}, {"comment": {"mid": "x"}}],
)
def test_what_cannot_be_read_is_refused(raw: dict[str, Any]) -> None:
    with pytest.raises(Refused):
        pure().read(raw)
    assert pure().read({"else": 1}) == ()


def test_a_moment_that_is_none_is_no_moment() -> None:
    [activity] = read(pure(), sent(message("x", NOW, CreateTime="soon")))
    assert activity.published_ms == 0
    assert opened(encrypted("é".encode(), KEY, APP), KEY, APP) == "é".encode()
