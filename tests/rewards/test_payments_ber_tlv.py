"""BER-TLV there and back, and any bytes read or refused."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bankside.rewards.payments import ber_tlv
from bankside.rewards.payments.ber_tlv import Node, NotBerTlv

PLAIN = st.sampled_from(["50", "57", "9F26", "9F36", "DF8101"])
NODE = st.recursive(
    st.builds(Node, PLAIN, st.binary(max_size=40)),
    lambda inner: st.lists(inner, min_size=1, max_size=3).map(lambda parts: Node.of("61", *parts)),
    max_leaves=6,
)
NODES = st.lists(NODE, max_size=3)


@settings(max_examples=100)
@given(NODES)
def test_there_and_back(nodes: list[Node]) -> None:
    try:
        assert ber_tlv.read(ber_tlv.write(nodes)) == tuple(nodes)
    except NotBerTlv as told:
        assert "deep" in str(told) or "bytes" in str(told)


@settings(max_examples=300)
@given(st.binary(max_size=600))
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    try:
        nodes = ber_tlv.read(content)
    except NotBerTlv:
        return
    ber_tlv.write(nodes)
    ber_tlv.find(nodes, "57")


@pytest.mark.parametrize(
    "content",
    [
        "5001",
        "50",
        "9F",
        "1F8181",
        "5080",
        "508301000000",
        "61" * 5,
        "6108610661046102610050",
        "50" * 300 + "00" * 300,
    ],
)
def test_what_is_cut_short_or_too_deep_is_refused(content: str) -> None:
    with pytest.raises(NotBerTlv):
        ber_tlv.read(bytes.fromhex(content))


def test_templates_lie_at_most_so_deep() -> None:
    node = Node("50", b"x")
    for _ in range(ber_tlv.DEPTH_MAX - 1):
        node = Node.of("61", node)
    assert ber_tlv.read(ber_tlv.write([node])) == (node,)
    with pytest.raises(NotBerTlv, match="too deep"):
        ber_tlv.read(ber_tlv.write([Node.of("61", node)]))


def test_lengths_of_one_two_and_three_bytes() -> None:
    for size, head in ((127, b"\x50\x7f"), (128, b"\x50\x81\x80"), (256, b"\x50\x82\x01\x00")):
        made = ber_tlv.write([Node("50", b"x" * size)])
        assert made.startswith(head)
        assert ber_tlv.read(made) == (Node("50", b"x" * size),)
    with pytest.raises(NotBerTlv):
        ber_tlv.write([Node("50", b"x" * 600)])
