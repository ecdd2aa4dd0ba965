from __future__ import annotations

import logging
import time

import httpx
import pytest

from bankside.networks.contract import Gone, Later, NotAllowed, Reconnect, Refused, Uncertain
from bankside.networks.wire import Wire

BLOG = "https://blog.hanulbank.example"
SECRET = "abcd EFGH ijkl MNOP"


def canned(*answers: httpx.Response | Exception) -> tuple[Wire, list[httpx.Request]]:
    """A wire that gets these answers, one after the other, and the requests that it made."""
    asked: list[httpx.Request] = []
    left = list(answers)

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        if isinstance(given := left.pop(0), Exception):
            raise given
        return given

    hosts = ["blog.hanulbank.example", "other.hanulbank.example"]
    return Wire(hosts, secrets=[SECRET], transport=httpx.MockTransport(answer)), asked


# --- what an answer means ----------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("status", "headers", "read", "write"),
    [
        (401, {}, Reconnect, Reconnect),
        (403, {}, NotAllowed, NotAllowed),
        (404, {}, Gone, Gone),
        (410, {}, Gone, Gone),
        (400, {}, Refused, Refused),
        (409, {}, Refused, Refused),
        (422, {}, Refused, Refused),
        (408, {}, Later, Later),
        (429, {"retry-after": "7"}, Later, Later),
        (503, {"retry-after": "7"}, Later, Later),
        (500, {}, Later, Uncertain),
        (502, {}, Later, Uncertain),
        (503, {}, Later, Uncertain),
    ],
)
def test_every_status_has_one_meaning(
    status: int, headers: dict[str, str], read: type[Exception], write: type[Exception]
) -> None:
    for method, error in (("GET", read), ("POST", write), ("PUT", write), ("DELETE", write)):
        wire, _ = canned(httpx.Response(status, headers=headers, json={"message": "안 됩니다"}))
        with pytest.raises(error, match="안 됩니다") as raised:
            wire.ask(method, BLOG)
        assert type(raised.value) is error
        if isinstance(raised.value, Later) and headers:
            assert raised.value.after_seconds == 7


@pytest.mark.parametrize(
    ("trouble", "write"),
    [
        (httpx.ConnectError("x"), Later),
        (httpx.ConnectTimeout("x"), Later),
        (httpx.PoolTimeout("x"), Later),
        (httpx.ReadTimeout("x"), Uncertain),
        (httpx.ReadError("x"), Uncertain),
        (httpx.WriteError("x"), Uncertain),
        (httpx.WriteTimeout("x"), Uncertain),
        (httpx.RemoteProtocolError("x"), Uncertain),
    ],
)
def test_trouble_before_sending_is_later_and_after_it_uncertain(
    trouble: Exception, write: type[Exception]
) -> None:
    for method, error in (("GET", Later), ("POST", write), ("DELETE", write)):
        wire, _ = canned(trouble)
        with pytest.raises(error):
            wire.ask(method, BLOG)


@pytest.mark.parametrize(
    ("value", "low", "high"),
    [
        ("120", 120, 120),
        ("0", 1, 1),
        ("-5", 1, 1),
        ("999999999", 86400, 86400),
        ("Wed, 21 Oct 2015 07:28:00 GMT", 1, 1),
        ("Wed, 21 Oct 2099 07:28:00 GMT", 86400, 86400),
        ("soon", 60, 60),
        ("nan", 60, 60),
    ],
)
def test_how_long_to_wait_is_bounded(value: str, low: float, high: float) -> None:
    wire, _ = canned(httpx.Response(429, headers={"retry-after": value}))
    with pytest.raises(Later) as later:
        wire.get(BLOG)
    assert low <= later.value.after_seconds <= high


@pytest.mark.parametrize(
    ("headers", "low", "high"),
    [
        ({"ratelimit-reset": "90"}, 90, 90),
        ({"ratelimit-reset": "{moment}"}, 85, 90),
        ({"ratelimit-reset": "1"}, 1, 1),
        ({"ratelimit-reset": "9" * 12}, 86400, 86400),
        ({"ratelimit-reset": "5", "retry-after": "7"}, 7, 7),
        ({"ratelimit-reset": "soon"}, 60, 60),
    ],
)
def test_a_limit_that_says_when_it_is_renewed_is_waited_for(
    headers: dict[str, str], low: float, high: float
) -> None:
    given = {name: value.format(moment=int(time.time()) + 90) for name, value in headers.items()}
    wire, _ = canned(httpx.Response(429, headers=given))
    with pytest.raises(Later) as later:
        wire.get(BLOG)
    assert low <= later.value.after_seconds <= high


def test_an_answer_that_is_no_json_is_doubt_after_a_write_and_patience_after_a_read() -> None:
    for method, error in (("GET", Later), ("POST", Uncertain)):
        for body in (b"<html>", b"", b"[" * 100_000, b'{"a":"\xff"}'):
            wire, _ = canned(httpx.Response(200, content=body))
            with pytest.raises(error):
                wire.ask(method, BLOG).json()


def test_a_status_that_is_awaited_is_given_back() -> None:
    wire, _ = canned(httpx.Response(409, json={"code": "comment_duplicate"}))
    assert wire.post(BLOG, also=(409,)).json() == {"code": "comment_duplicate"}


def test_markup_in_the_words_of_a_network_is_taken_out() -> None:
    said = '<p><strong>Fout:</strong> <a href="x">te&nbsp;snel</a> &lt;3</p>' + "x" * 5000
    wire, _ = canned(httpx.Response(400, json={"message": said}))
    with pytest.raises(Refused) as refused:
        wire.post(BLOG)
    assert refused.value.reason.startswith("Fout: te snel <3 xxx") and len(refused.value.reason) < 320


# --- where it may go ---------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/",
        "https://blog.hanulbank.example.evil.example/",
        "https://blog.hanulbank.example@evil.example/",
        "https://user:pw@blog.hanulbank.example/",
        "https://blog.hanulbank.example:8443/",
        "https://blog.hanulbank.example./",
        "http://blog.hanulbank.example/",
        "ftp://blog.hanulbank.example/",
        "file:///etc/passwd",
        "gopher://127.0.0.1/",
        "//blog.hanulbank.example/",
        "/wp-json/",
        "",
        "https://",
        "https://[::1",
        "https://blog.hanulbank.example\\@evil.example/",
        "https://evil.example\t.hanulbank.example/",
        "https://evil.example/\r\nHost: blog.hanulbank.example",
    ],
)
def test_hosts_that_are_not_on_the_list_are_never_called(url: str) -> None:
    wire, asked = canned(httpx.Response(200))
    with pytest.raises(Refused):
        wire.get(url)
    assert asked == []


def test_a_name_in_another_script_is_the_same_host_in_both_its_forms() -> None:
    for listed in ("은행.example", "xn--zs5b84x.example"):
        wire = Wire([listed], transport=httpx.MockTransport(lambda r: httpx.Response(200)))
        for asked in ("https://은행.example/", "https://xn--zs5b84x.example/"):
            assert wire.get(asked).status == 200


def test_redirects_stay_on_the_list_and_are_three_at_most() -> None:
    def moved(to: str) -> httpx.Response:
        return httpx.Response(302, headers={"location": to})

    wire, asked = canned(moved("/a"), moved("/b"), moved("/c"), httpx.Response(200))
    assert wire.get(BLOG).status == 200 and [r.url.path for r in asked] == ["/", "/a", "/b", "/c"]
    for chain in ([moved("/a")] * 5, [moved("https://evil.example/")], [moved("http://127.0.0.1/")],
                  [moved("http://blog.hanulbank.example/")], [moved("https://[")]):  # fmt: skip
        wire, asked = canned(*chain)
        with pytest.raises(Refused):
            wire.get(BLOG)
        assert len(asked) <= 4 and all(r.url.host == "blog.hanulbank.example" for r in asked)


def test_a_redirected_write_is_refused_and_not_repeated() -> None:
    for status in (301, 302, 303, 307, 308):
        wire, asked = canned(httpx.Response(status, headers={"location": "/b"}))
        with pytest.raises(Refused):
            wire.post(BLOG, json={"a": 1})
        assert len(asked) == 1


def test_credentials_do_not_follow_to_another_host() -> None:
    moved = httpx.Response(302, headers={"location": "https://other.hanulbank.example/"})
    wire, asked = canned(moved, httpx.Response(200))
    wire.get(BLOG, auth=("desk", SECRET))
    assert "authorization" in asked[0].headers and "authorization" not in asked[1].headers
    assert asked[1].headers["host"] == "other.hanulbank.example"


# --- what is never told ------------------------------------------------------------------------------
def test_no_secret_gets_into_an_error_or_a_log(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    joined = SECRET.replace(" ", "")
    said = f"bad password {SECRET} / {joined} / Authorization: Basic ZGVzazphYmNk / Bearer abc.def.ghi"
    wire, _ = canned(
        httpx.Response(400, json={"message": said}), httpx.Response(200), httpx.ReadError(SECRET)
    )
    with pytest.raises(Refused) as refused:
        wire.post(f"{BLOG}/bot{joined}/send?token={joined}", auth=("desk", SECRET))
    wire.get(f"{BLOG}/bot{joined}/me?token={joined}", auth=("desk", SECRET))
    with pytest.raises(Uncertain) as uncertain:
        wire.post(BLOG)
    told = f"{refused.value!r} {uncertain.value!r} {caplog.text} {wire!r}"
    assert "GET blog.hanulbank.example/bot•••/me -> 200" in caplog.text
    for secret in (SECRET, joined, "ZGVzazphYmNk", "abc.def.ghi", "token="):
        assert secret not in told
    assert uncertain.value.__cause__ is None and uncertain.value.__suppress_context__
