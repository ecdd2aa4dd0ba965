"""Meta's Graph API as three networks speak it: errors by their codes, usage, pages, lasting tokens."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from bankside.networks.contract import Gone, Later, NotAllowed, Reconnect, Refused, Uncertain
from bankside.networks.graph import Graph, Made, ms_of, path_of, wait_seconds
from bankside.networks.graph.tokens import LASTING, LIFE_SECONDS, renewed
from bankside.networks.wire import Wire

HOST = "graph.example"
FULL = json.dumps({"call_count": 100, "total_time": 25, "total_cputime": 25})
ALMOST = json.dumps({"call_count": 99, "total_time": 25, "total_cputime": 25})
BUSINESS = json.dumps({"1": [{"type": "pages", "call_count": 101, "estimated_time_to_regain_access": 19}]})


def graph(answer: Callable[[httpx.Request], httpx.Response], token: str = "a long token") -> Graph:
    wire = Wire([HOST], secrets=[token], transport=httpx.MockTransport(answer))
    return Graph(wire, f"https://{HOST}/v1", token, fallback="https://site.example/page")


def failing(code: int, subcode: int = 0, status: int = 400, **more: Any) -> Graph:
    error = {"message": f"(#{code}) No, a long token", "code": code, "error_subcode": subcode, **more}
    return graph(lambda _: httpx.Response(status, json={"error": error}))


# --- errors ----------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("code", "subcode", "meant"),
    [
        (190, 0, Reconnect), (190, 463, Reconnect), (102, 0, Reconnect), (4, 0, Later), (17, 0, Later),
        (32, 0, Later), (613, 0, Later), (80_001, 0, Later), (10, 0, NotAllowed), (200, 0, NotAllowed),
        (299, 0, NotAllowed), (3, 0, NotAllowed), (100, 33, Gone), (803, 0, Gone), (100, 0, Refused),
        (506, 0, Refused), (9007, 2207027, Later),
    ],
)  # fmt: skip
def test_an_error_means_what_its_code_says(code: int, subcode: int, meant: type[Exception]) -> None:
    for verb in ("GET", "POST"):
        with pytest.raises(meant) as refused:
            failing(code, subcode).ask(verb, "1")
        assert type(refused.value) is meant and "a long token" not in str(refused.value)


@pytest.mark.parametrize("code", [1, 2, -1])
def test_trouble_at_meta_is_doubt_after_a_write_and_patience_after_a_read(code: int) -> None:
    with pytest.raises(Uncertain):
        failing(code).post("1", Made, message="x")
    with pytest.raises(Later):
        failing(code).get("1", Made)


def test_an_unknown_code_is_a_refusal_unless_it_is_said_to_pass() -> None:
    with pytest.raises(Refused, match="No"):
        failing(36_000).post("1", Made)
    with pytest.raises(Uncertain):
        failing(36_000, is_transient=True).post("1", Made)
    with pytest.raises(Uncertain):
        failing(36_000, status=500).post("1", Made)


def test_a_refusal_names_where_a_person_can_do_the_same() -> None:
    with pytest.raises(NotAllowed) as refused:
        failing(10, 2018278).post("1", Made)
    assert refused.value.fallback == "https://site.example/page"


@pytest.mark.parametrize("body", ["", "<html>", "[]", '{"error": 7}', '{"error": {"code": "x"}}', "[" * 9000])
def test_a_refusal_that_cannot_be_read_means_what_its_status_says(body: str) -> None:
    for status, meant in ((502, Uncertain), (401, Reconnect), (404, Gone), (400, Refused), (429, Later)):
        with pytest.raises(meant):
            graph(lambda _, s=status: httpx.Response(s, text=body)).post("1", Made)  # type: ignore[misc]


def test_words_for_the_user_come_before_words_for_developers() -> None:
    with pytest.raises(Refused, match=r"^비밀번호가 바뀌었습니다 \(100\)$"):
        failing(100, error_user_msg="비밀번호가\n바뀌었습니다").post("1", Made)


def test_without_a_token_nothing_is_asked() -> None:
    with pytest.raises(Reconnect, match="token is missing"):
        graph(lambda _: pytest.fail("asked"), token="").get("me", Made)


# --- usage -----------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, 0), ({"x-app-usage": ALMOST}, 0), ({"x-app-usage": FULL}, 600),
        ({"x-business-use-case-usage": BUSINESS}, 19 * 60),
        ({"x-app-usage": FULL, "x-business-use-case-usage": BUSINESS}, 19 * 60),
        ({"x-app-usage": "not JSON"}, 0), ({"x-app-usage": "[7]"}, 0), ({"x-app-usage": "[" * 9000}, 0),
        ({"x-app-usage": '{"call_count": "100"}'}, 0), ({"x-business-use-case-usage": '{"1": [7, {}]}'}, 0),
    ],
)  # fmt: skip
def test_usage_headers_say_how_long_to_wait(headers: dict[str, str], seconds: int) -> None:
    assert wait_seconds(headers) == seconds


def test_when_all_is_used_the_answer_counts_and_nothing_more_is_asked() -> None:
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.path)
        return httpx.Response(200, json={"id": "1"}, headers={"x-app-usage": FULL})

    made = graph(answer)
    assert made.post("feed", Made, message="x").id == "1"
    with pytest.raises(Later) as later:
        made.post("feed", Made, message="y")
    assert later.value.after_seconds == 600 and asked == ["/v1/feed"]


def test_the_time_that_a_full_header_names_is_kept_also_with_an_error() -> None:
    error = {"error": {"message": "(#32) Page request limit reached", "code": 32}}
    full = {"x-business-use-case-usage": BUSINESS}
    with pytest.raises(Later) as later:
        graph(lambda _: httpx.Response(403, json=error, headers=full)).post("1", Made)
    assert later.value.after_seconds == 19 * 60


# --- pages -----------------------------------------------------------------------------------------------
def test_pages_are_read_up_to_a_most_and_never_from_a_foreign_address() -> None:
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(str(request.url))
        paging = {"cursors": {"after": f"c{len(asked)}"}, "next": "https://evil.example/"}
        return httpx.Response(200, json={"data": [{"id": "1"}, {"id": 7}, "odd"], "paging": paging})

    pages = list(graph(answer).pages("1/comments", Made, 3, limit=2))
    assert [[m.id for m in page] for page in pages] == [["1"]] * 3
    assert [address.partition("after=")[2] for address in asked] == ["", "c1", "c2"]
    assert all(address.startswith(f"https://{HOST}/v1/1/comments") for address in asked)


def test_the_last_page_is_the_last() -> None:
    last = {"data": [], "paging": {"cursors": {"after": "c1"}}}
    assert len(list(graph(lambda _: httpx.Response(200, json=last)).pages("1/feed", Made, 9))) == 1


@pytest.mark.parametrize("name", ["", "..", "1/2", "1?fields=x", "가", "x" * 300, "1#2", "1%2f2"])
def test_what_is_no_id_goes_into_no_address(name: str) -> None:
    with pytest.raises(Gone):
        path_of(name)


@pytest.mark.parametrize(
    ("moment", "ms"),
    [("2026-11-28T09:50:10+0000", 1_795_859_410_000), ("2026-11-28T18:50:10+09:00", 1_795_859_410_000),
     ("", 0), ("now", 0), ("0001-01-01T00:00:00+0000", 0)],
)  # fmt: skip
def test_moments_are_read_with_their_zone(moment: str, ms: int) -> None:
    assert ms_of(moment) == ms


# --- tokens ----------------------------------------------------------------------------------------------
def exchange(secrets: dict[str, str], answer: Any = None) -> tuple[Any, list[dict[str, str]]]:
    asked: list[dict[str, str]] = []

    def answered(request: httpx.Request) -> httpx.Response:
        asked.append({"path": request.url.path, **dict(request.url.params)})
        said = answer or {"access_token": "longer", "token_type": "bearer", "expires_in": LIFE_SECONDS}
        return httpx.Response(400 if "error" in said else 200, json=said)

    wire = Wire([HOST], transport=httpx.MockTransport(answered))
    return renewed(wire, HOST, "xx", secrets), asked


def test_a_short_token_is_exchanged_once_and_renewed_from_then_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.time", lambda: 1_000_000.0)
    tokens, asked = exchange({"access": "short", "client_secret": "app"})
    assert asked == [
        {"path": "/access_token", "grant_type": "xx_exchange_token", "client_secret": "app",
         "access_token": "short"},
    ]  # fmt: skip
    assert tokens.fresh_until_ms == 1_000_000_000 + LIFE_SECONDS * 500
    again, asked = exchange({"client_secret": "app", **tokens.secrets})
    assert asked == [
        {"path": "/refresh_access_token", "grant_type": "xx_refresh_token", "access_token": "longer"}
    ]
    assert again.secrets == {"access": "longer", LASTING: "yes"}


def test_a_pasted_token_is_left_alone_for_a_day(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.time", lambda: 1_000_000.0)
    tokens, asked = exchange({"access_token": "pasted"})
    assert asked == [] and tokens.secrets["access"] == "pasted" and tokens.fresh_until_ms == 1_090_000_000


def test_a_token_that_is_over_is_reconnected_and_one_that_cannot_last_is_refused() -> None:
    over = {"error": {"message": "Error validating access token", "code": 190, "error_subcode": 463}}
    with pytest.raises(Reconnect):
        exchange({"access": "old", LASTING: "yes"}, over)
    with pytest.raises(Refused, match="secret of your app"):
        exchange({"access": "short"})
    with pytest.raises(Reconnect):
        exchange({LASTING: "yes"})
