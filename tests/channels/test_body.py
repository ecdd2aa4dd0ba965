from __future__ import annotations

import pytest

from bankside.channels.body import DEPTH_MAX, Malformed, depth_is_fine, refuse_bad

JSON = "application/json"


@pytest.mark.parametrize(
    ("body", "complaint"),
    [
        (b"{", "not JSON"),
        (b'{"a": 1} x', "not JSON"),
        (b'{"a": NaN}', "NaN"),
        (b"[-Infinity]", "-Infinity"),
        (b'{"a": 1, "b": {"c": 1, "c": 2}}', "twice"),
        (rb'{"a": "half \ud83d pair"}', "surrogate"),
        (rb'{"\udc00": 1}', "surrogate"),
        (rb'{"a": "nul \u0000"}', "NUL"),
        (b'{"a": "raw \x00"}', "not JSON"),
        (b'{"a": "\xff"}', "UTF-8"),
        (b"[" * 100_000, "levels"),
        (b"[" * 100_000 + b"]" * 100_000, "levels"),
        (b'{"a":' * 100_000 + b"1" + b"}" * 100_000, "levels"),
        (b"[" * (DEPTH_MAX + 1) + b"]" * (DEPTH_MAX + 1), "levels"),
    ],
)
def test_what_no_network_would_send_is_refused(body: bytes, complaint: str) -> None:
    with pytest.raises(Malformed, match=complaint):
        refuse_bad(body, JSON)
    with pytest.raises(Malformed, match=complaint):
        refuse_bad(body, JSON if body[:1] not in b"{[" else "")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{}",
        b"[" * DEPTH_MAX + b"]" * DEPTH_MAX,
        '{"text": "내일 만나요 😀 明天见", "n": -1.5e3}'.encode(),
        rb'{"text": "\ud83d\ude00", "path": "C:\\u0000", "t": "\u00e9"}',
        b"[[1, {}], " + b"[]," * 10_000 + b"[]]",
    ],
)
def test_what_networks_send_passes(body: bytes) -> None:
    refuse_bad(body, JSON)


def test_bodies_of_other_kinds_are_the_connectors_to_judge() -> None:
    refuse_bad(b"<xml><MsgId>1</MsgId></xml>", "text/xml")
    refuse_bad(b"payload=%7B%7D", "application/x-www-form-urlencoded")


def test_depth_is_counted_without_climbing_down() -> None:
    deep: list[object] = []
    for _ in range(100_000):
        deep = [deep]
    assert not depth_is_fine(deep)
    assert depth_is_fine([[]] * 1000)
    while deep:  # taken apart by hand: freeing it in one go is the interpreter's own recursion
        deep = deep.pop()  # type: ignore[assignment]
