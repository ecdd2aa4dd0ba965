"""The leaf: the published vector, every field rule, and that only canonical bytes are read."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bankside.record.log.leaf import LEAF_BYTES_MAX, USUAL, LeafWrong, leaf_bytes, leaf_hash, parse, validate

E64 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
FIRST: dict[str, Any] = {
    "v": 1, "seq": 0, "id": "f" * 32, "obj": "e" * 32, "t": "2026-01-01T00:00:00.000Z", "type": "config",
    "actor": "s:setup", "ret": "KR-FCPA-10Y", "pol": E64,
}  # fmt: skip
SECOND: dict[str, Any] = {
    "v": 1, "seq": 1, "id": "000102030405060708090a0b0c0d0e0f", "obj": "a" * 32, "subj": "b" * 32,
    "t": "2026-01-01T00:00:01.000Z", "src_t": "2026-01-01T00:00:00.500Z", "type": "post.in",
    "actor": "s:mastodon", "ret": "KR-FCPA-10Y", "pol": E64,
    "ct": "ff778f9bcc41c9261ba0477bb5bc14f7f2c37508bdc0d241fedd8454eef3ae24",
    "cm": "5631f9a7cb8700350be1c5d3442311d08a9dc5170273805b865a7bf4b1abb655",
}  # fmt: skip
COMPACT: dict[str, Any] = {"sort_keys": True, "separators": (",", ":")}
LEAP_DAY = "2024-02-29T23:59:59.999Z"
PEOPLE = ["u:" + "1" * 32, "u:" + "2" * 32]
ERASE = {k: v for k, v in FIRST.items() if k != "obj"} | {
    "type": "erase", "subj": "b" * 32, "basis": "gdpr-17", "count": 3, "by": PEOPLE,
}  # fmt: skip
SHARD = {k: v for k, v in FIRST.items() if k != "obj"} | {
    "type": "shard", "log": "bank.example/log/0/2025", "size": 7, "root": E64,
}  # fmt: skip


def test_the_published_leaves() -> None:
    assert leaf_bytes(FIRST) == (
        b'{"actor":"s:setup","id":"ffffffffffffffffffffffffffffffff","obj":"eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee",'
        b'"pol":"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855","ret":"KR-FCPA-10Y","seq":0,'
        b'"t":"2026-01-01T00:00:00.000Z","type":"config","v":1}'
    )
    assert leaf_hash(leaf_bytes(FIRST)).hex().startswith("abf3e0cdd89aacc6")  # base64 q/PgzdiarMaT... in 2.16
    assert parse(leaf_bytes(SECOND)) == SECOND


def test_any_json_library_writes_the_same_bytes() -> None:
    for fields in (FIRST, SECOND, ERASE, SHARD):
        assert leaf_bytes(fields) == json.dumps(fields, sort_keys=True, separators=(",", ":")).encode()


def test_absent_is_left_out_never_null() -> None:
    assert leaf_bytes(FIRST | {"prev": None, "red": (), "att": []}) == leaf_bytes(FIRST)
    with pytest.raises(LeafWrong):
        parse(b'{"prev":null,' + leaf_bytes(FIRST)[1:])


GOOD: list[dict[str, Any]] = [
    {"type": "rewards.batch-posted"}, {"type": "restrict"}, {"actor": PEOPLE[0]}, {"actor": "s:a.b-9"},
    {"red": ["PAN"]}, {"red": ["PAN", "RRN"]}, {"att": [E64, E64]}, {"t": LEAP_DAY},
    {"seq": 2**53 - 1}, {"prev": "0" * 32},
]  # fmt: skip


@pytest.mark.parametrize("change", GOOD)
def test_what_the_format_allows(change: dict[str, Any]) -> None:
    assert parse(leaf_bytes(FIRST | change)) == FIRST | change


BAD: list[dict[str, Any]] = [
    {"v": 2}, {"v": True}, {"v": "1"}, {"seq": -1}, {"seq": 1.0}, {"seq": "0"}, {"seq": 2**53},
    {"seq": False}, {"id": "F" * 32}, {"id": "f" * 31}, {"id": "f" * 32 + "\n"}, {"obj": ""},
    {"prev": "x" * 32}, {"subj": 5}, {"t": "2026-01-01T00:00:00Z"},
    {"t": "2026-01-01 00:00:00.000Z"}, {"t": "2026-02-29T00:00:00.000Z"},
    {"t": "2026-13-01T00:00:00.000Z"}, {"t": "2026-01-01T24:00:00.000Z"},
    {"t": "٢٠٢٦-01-01T00:00:00.000Z"}, {"t": "0000-01-01T00:00:00.000Z"}, {"src_t": 17},
    {"type": "Post"}, {"type": "x.y"}, {"type": "posted"}, {"type": "a.b.c"},
    {"actor": "u:" + "1" * 31}, {"actor": "s:" + "a" * 41}, {"actor": "s:Worker"}, {"actor": "bo"},
    {"ct": E64}, {"cm": E64}, {"ct": E64, "cm": "x"}, {"att": [E64[:-1]]}, {"att": E64},
    {"ret": "kr"}, {"ret": ""}, {"pol": "0"}, {"red": ["RRN", "PAN"]}, {"red": ["PAN", "PAN"]},
    {"red": "PAN"}, {"name": "Kim"}, {"count": 1}, {"log": "bank.example/log"}, {"by": PEOPLE},
]  # fmt: skip


@pytest.mark.parametrize("change", BAD)
def test_what_the_format_forbids(change: dict[str, Any]) -> None:
    with pytest.raises(LeafWrong):
        leaf_bytes(FIRST | change)


@pytest.mark.parametrize("missing", sorted(FIRST))
def test_required_fields(missing: str) -> None:
    with pytest.raises(LeafWrong, match=missing):
        leaf_bytes({k: v for k, v in FIRST.items() if k != missing})


@pytest.mark.parametrize(
    ("fields", "missing"),
    [(ERASE, m) for m in ("basis", "count", "by", "subj")] + [(SHARD, m) for m in ("log", "size", "root")],
)
def test_erase_and_shard_need_their_own_fields(fields: dict[str, Any], missing: str) -> None:
    leaf_bytes(fields)
    leaf_bytes(fields | {"obj": "e" * 32})
    with pytest.raises(LeafWrong, match=missing):
        leaf_bytes({k: v for k, v in fields.items() if k != missing})


@pytest.mark.parametrize(
    "people", [PEOPLE[:1], [PEOPLE[0]] * 2, PEOPLE[::-1], [*PEOPLE, "u:" + "3" * 32], PEOPLE[0]]
)
def test_an_erasure_needs_two_different_people(people: object) -> None:
    with pytest.raises(LeafWrong):
        leaf_bytes(ERASE | {"by": people})


@pytest.mark.parametrize("origin", ["a b", 'a"b', "a+b", "a\\b", "카드.example/log", ""])
def test_a_shard_names_a_possible_log(origin: str) -> None:
    with pytest.raises(LeafWrong, match="log"):
        leaf_bytes(SHARD | {"log": origin})


def test_no_leaf_is_longer_than_the_limit() -> None:
    room = (LEAF_BYTES_MAX - len(leaf_bytes(FIRST)) - len('"att":[],')) // 67
    leaf_bytes(FIRST | {"att": [E64] * room})
    with pytest.raises(LeafWrong, match="limit"):
        leaf_bytes(FIRST | {"att": [E64] * (room + 2)})


def test_other_spellings_of_the_same_fields_are_refused() -> None:
    leaf = leaf_bytes(FIRST)
    double = leaf[:-1] + b',"v":1}'
    spaced = leaf.replace(b":1}", b": 1}")
    escaped = leaf.replace(b"s:setup", b"\\u0073:setup")
    unsorted = json.dumps(FIRST, separators=(",", ":")).encode()
    for data in (
        double,
        spaced,
        escaped,
        unsorted,
        leaf + b"\n",
        b"[" + leaf + b"]",
        b"",
        b"\xff",
        b"[" * 2000,
    ):
        with pytest.raises(LeafWrong):
            parse(data)


@given(st.integers(0, len(leaf_bytes(SECOND)) - 1), st.integers(1, 255))
def test_a_flipped_byte_is_another_leaf_or_none(place: int, flip: int) -> None:
    leaf = leaf_bytes(SECOND)
    changed = leaf[:place] + bytes([leaf[place] ^ flip]) + leaf[place + 1 :]
    try:
        fields = parse(changed)
    except LeafWrong:
        return
    assert fields != SECOND and leaf_hash(changed) != leaf_hash(leaf)


def agree(leaf: bytes) -> bool:
    """Whether the expression takes these bytes; then the rules must say the same."""
    if not re.fullmatch(USUAL, leaf):
        return False
    fields = json.loads(leaf)
    validate(fields)
    assert json.dumps(fields, sort_keys=True, separators=(",", ":")).encode() == leaf
    return True


def test_what_is_taken_by_one_expression_is_what_the_rules_allow() -> None:
    usual = [change for change in GOOD if not {"att", "seq"} & change.keys()]
    taken = [change for change in usual if agree(leaf_bytes(FIRST | change))]
    assert taken == [change for change in usual if change not in ({"red": ["PAN", "RRN"]}, {"t": LEAP_DAY})]
    assert agree(leaf_bytes(SECOND)) and agree(leaf_bytes(SECOND | {"red": ["RRN"], "prev": "0" * 32}))
    for fields in [ERASE, SHARD, ERASE | {"obj": "e" * 32}, *(FIRST | change for change in BAD)]:
        assert not re.fullmatch(USUAL, json.dumps(fields, sort_keys=True, separators=(",", ":")).encode())


@pytest.mark.parametrize("month", range(14))
def test_the_expression_knows_how_long_each_month_is(month: int) -> None:
    for day in range(33):
        agree(json.dumps(FIRST | {"t": f"2026-{month:02}-{day:02}T00:00:00.000Z"}, **COMPACT).encode())
        agree(json.dumps(FIRST | {"t": f"2024-{month:02}-{day:02}T00:00:00.000Z"}, **COMPACT).encode())


@given(st.data())
def test_bytes_that_were_changed_anywhere_are_judged_alike(data: st.DataObject) -> None:
    leaf = bytearray(leaf_bytes(SECOND | {"red": ["RRN"]}))
    for _ in range(data.draw(st.integers(1, 3))):
        leaf[data.draw(st.integers(0, len(leaf) - 1))] = data.draw(
            st.sampled_from(b'09afgz"{},:-.TZ\\\n A\xff')
        )
    agree(bytes(leaf))
