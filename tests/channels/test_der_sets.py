"""Certificates in the order of DER, and bytes that are no answer."""

from __future__ import annotations

import pytest

from bankside.channels.der_sets import in_order


def tlv(tag: int, *inside: bytes) -> bytes:
    """One value with its length, as DER writes it."""
    content = b"".join(inside)
    size = len(content)
    length = bytes([size]) if size < 0x80 else b"\x82" + size.to_bytes(2, "big")
    return bytes([tag]) + length + content


def answer(*certificates: bytes, after: bytes = b"") -> bytes:
    """As much of an answer as is looked at."""
    signed = tlv(0x30, tlv(0x02, b"\3"), tlv(0x31), tlv(0x30), tlv(0xA0, *certificates), after)
    return tlv(0x30, tlv(0x30, tlv(0x02, b"\0")), tlv(0x30, tlv(0x06, b"\x2a"), tlv(0xA0, signed)))


A, B, C = (tlv(0x30, letter * 150) for letter in (b"a", b"b", b"c"))


def test_certificates_are_sorted_and_nothing_else_changes() -> None:
    assert in_order(answer(B, C, A, after=tlv(0x31, b"x"))) == answer(A, B, C, after=tlv(0x31, b"x"))
    assert in_order(answer(A)) == answer(A)
    assert in_order(answer()) == answer()
    refused = tlv(0x30, tlv(0x30, tlv(0x02, b"\2")))
    assert in_order(refused) == refused


def test_what_is_cut_off_is_no_answer() -> None:
    for cut in range(len(answer(A)) - 1):
        with pytest.raises(ValueError, match=r"cut off|length"):
            in_order(answer(A)[:cut])


def test_more_than_anybody_needs_and_lengths_that_are_none() -> None:
    with pytest.raises(ValueError, match="more certificates"):
        in_order(answer(*[A] * 17))
    for wrong in (b"\x30\x80\0\0", b"\x30\x85\1\1\1\1\1", b"\x30\xff"):
        with pytest.raises(ValueError, match=r"length|cut off"):
            in_order(wrong)
