"""Canonical JSON: what other implementations write, and everything that has no canonical form."""

from __future__ import annotations

import hashlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bankside.record.log.canonical import DEPTH_MAX, INTEGER_MAX, NotCanonical, canonical, digest_of, parse

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(0, INTEGER_MAX) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


def test_members_are_sorted_by_utf16_code_units() -> None:
    # The example of RFC 8785, 3.2.3. U+1F600 sorts before U+FB33: its first code unit is D83D.
    keys = ["\u20ac", "\r", "\ufb33", "1", "\U0001f600", "\u0080", "\u00f6"]
    ordered = ["\r", "1", "\u0080", "\u00f6", "\u20ac", "\U0001f600", "\ufb33"]
    assert list(json.loads(canonical(dict.fromkeys(keys, 1)))) == ordered


def test_short_escapes_lower_case_hex_and_nothing_else_escaped() -> None:
    assert canonical('\b\t\n\f\r"\\\x00\x1f\x7f/é카卡') == (
        '"\\b\\t\\n\\f\\r\\"\\\\\\u0000\\u001f\x7f/é카卡"'.encode()
    )


def test_text_is_not_normalised() -> None:
    assert canonical("한") != canonical("\u1112\u1161\u11ab")


@pytest.mark.parametrize(
    "value",
    [
        1.0,
        0.5,
        -1,
        INTEGER_MAX + 1,
        float("nan"),
        {1: 1},
        {"a": b"x"},
        "\ud800",
        {"\udfff": 1},
        {"a": {1, 2}},
    ],
)
def test_what_has_no_canonical_form_is_refused(value: object) -> None:
    with pytest.raises(NotCanonical):
        canonical(value)


def test_depth_is_limited() -> None:
    value: object = 1
    for _ in range(DEPTH_MAX):
        value = [value]
    canonical(value)
    with pytest.raises(NotCanonical, match="levels"):
        canonical([value])


@pytest.mark.parametrize(
    "data",
    [
        *(b'{"b":1,"a":1}', b'{"a":1,"a":1}', b'{"a": 1}', b'{"a":1}\n', b'"\\u00e9"', b"1.0", b"1e2", b"-0"),
        *(b"NaN", b"", b'\xef\xbb\xbf{"a":1}', b'"\xff"', b'"\\/"', b'"\\u001F"', b"01", b"[" * 100_000),
        b'"\\ud800"',
    ],
)
def test_other_spellings_are_refused(data: bytes) -> None:
    with pytest.raises(NotCanonical):
        parse(data)


@given(VALUES)
def test_parse_is_the_inverse(value: object) -> None:
    assert parse(canonical(value)) == value


def test_tuples_are_lists_and_the_digest_is_of_the_bytes() -> None:
    assert canonical({"b": (1, True), "a": None}) == b'{"a":null,"b":[1,true]}'
    assert digest_of([]) == hashlib.sha256(b"[]").hexdigest()
