"""WeChat's own numbers for what went wrong, and its tokens of two hours."""

from __future__ import annotations

import json
import time
from typing import Any

import httpx
import pytest

from bankside.networks.contract import (
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
from tests.networks.pretended import NOT_REAL
from tests.networks.pretended.wechat import ACCESS, APP, PNG, PretendedWeChat, wrong

COVER = Media(mime="image/png", alt="封面", data=PNG, name="cover.png")
NEWS = Post(title="第三季度报告", text="第一段。", media=(COVER,))
SUBMIT = "POST /cgi-bin/freepublish/submit"


@pytest.fixture
def fake() -> PretendedWeChat:
    return PretendedWeChat()


def renewing(fake: PretendedWeChat, access: str = "") -> Connector:
    return fake.connector(access=access)


# --- WeChat's own numbers ----------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "code, error",
    [
        (40001, Expired), (42001, Expired), (40014, Expired), (-1, Later), (45009, Later), (45011, Later),
        (48001, NotAllowed), (45047, NotAllowed), (61004, Reconnect), (50002, Reconnect), (40007, Gone),
        (53503, Refused),
    ],
)  # fmt: skip
def test_a_number_says_what_is_to_be_done(fake: PretendedWeChat, code: int, error: type[Exception]) -> None:
    fake.failing[SUBMIT] = [(200, wrong(code, f"about {ACCESS}"), {})]
    with pytest.raises(error) as caught:
        fake.connector().send(NEWS, "k")
    assert type(caught.value) is error and ACCESS not in str(caught.value) and str(code) in str(caught.value)


@pytest.mark.parametrize("body", ["[]", "x", '{"errcode": "a"}', "{}", '{"publish_id": []}'])
def test_an_answer_that_is_none_leaves_a_publication_in_doubt(fake: PretendedWeChat, body: str) -> None:
    fake.failing[SUBMIT] = [(200, body, {})]
    with pytest.raises(Uncertain):
        fake.connector().send(NEWS, "k")


def test_requests_are_utf_8_without_escapes(fake: PretendedWeChat) -> None:
    """WeChat refuses \\uxxxx (40033)."""
    bodies: list[bytes] = []
    answer = fake.answer

    def watching(request: httpx.Request) -> httpx.Response:
        bodies.append(request.read())
        return answer(request)

    fake.answer = watching  # type: ignore[method-assign]
    fake.connector().send(NEWS, "k")
    assert any("第三季度报告".encode() in body for body in bodies)


# --- tokens ------------------------------------------------------------------------------------------------
def test_a_token_is_taken_for_two_hours(fake: PretendedWeChat) -> None:
    given = renewing(fake).renew()
    assert given.secrets == {"access": fake.tokens[-1]}
    assert abs(given.fresh_until_ms - time.time() * 1000 - 7_200_000) < 5000
    assert fake.connector(access=fake.tokens[-1]).whoami().remote_id == APP


def test_a_token_that_wechat_does_not_take_any_more_is_replaced_by_force(fake: PretendedWeChat) -> None:
    held = renewing(fake).renew().secrets["access"]
    assert renewing(fake).renew().secrets["access"] == held
    assert renewing(fake, held).renew().secrets["access"] != held and len(fake.tokens) == 2


@pytest.mark.parametrize(
    "told, error",
    [
        (wrong(40001, "invalid credential"), Reconnect), (wrong(40125, "invalid appsecret"), Reconnect),
        (wrong(40164, "invalid ip 203.0.113.7, not in whitelist"), Reconnect), (wrong(-1, "busy"), Later),
        (wrong(45009, "reach max"), Later), ("<html>", Later),
    ],
)  # fmt: skip
def test_a_secret_that_is_not_accepted_stops_the_channel(
    fake: PretendedWeChat, told: Any, error: type[Exception]
) -> None:
    fake.failing["POST /cgi-bin/stable_token"] = [(200, told, {})]
    with pytest.raises(error) as caught:
        renewing(fake).renew()
    assert not isinstance(caught.value, Expired)


def test_the_secret_goes_into_the_body_and_never_into_an_address(fake: PretendedWeChat) -> None:
    asked: list[httpx.Request] = []
    answer = fake.answer

    def watching(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return answer(request)

    fake.answer = watching  # type: ignore[method-assign]
    renewing(fake).renew()
    [request] = asked
    assert not request.url.params and json.loads(request.read())["secret"] == NOT_REAL


def test_a_message_key_that_is_none_is_found_when_the_account_is_connected(fake: PretendedWeChat) -> None:
    with pytest.raises(Refused, match="43"):
        fake.connector(message_key="too short").whoami()
    assert fake.connector().whoami().name == "韩华银行"
