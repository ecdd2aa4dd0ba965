"""Puts the certificates of a time-stamp into the order that DER asks for.

Authorities made with OpenSSL list the signer first, whatever its bytes; the library that reads answers
refuses that. The order is covered by no signature and the length stays, so it is changed for reading, and the
answer is kept as it came. Pure.
"""

from __future__ import annotations

from typing import NamedTuple

CERTIFICATES_MAX = 16
SEQUENCE, FIRST = 0x30, 0xA0  # a SEQUENCE; [0], which is where content and certificates stand


class Part(NamedTuple):
    """One value: its tag, where its content starts and ends."""

    tag: int
    start: int
    content: int
    end: int


def in_order(der: bytes) -> bytes:
    """The same answer with its certificates in order; ValueError when it is no answer with a time-stamp."""
    where = _certificates(der)
    if where is None:
        return der
    found = list(_parts(der, where.content, where.end))
    if len(found) > CERTIFICATES_MAX:
        raise ValueError("more certificates than anybody needs")
    sorted_ = b"".join(sorted(der[one.start : one.end] for one in found))
    return der[: where.content] + sorted_ + der[where.end :]


def _certificates(der: bytes) -> Part | None:
    """TimeStampResp > token > SignedData > certificates (RFC 3161 2.4.2, RFC 5652 5.1)."""
    answer = _part(der, 0, len(der))
    parts = list(_parts(der, answer.content, answer.end))
    if answer.tag != SEQUENCE or len(parts) < 2:
        return None
    content = [one for one in _parts(der, parts[1].content, parts[1].end) if one.tag == FIRST]
    if not content:
        return None
    signed = _part(der, content[0].content, content[0].end)
    return next((one for one in _parts(der, signed.content, signed.end) if one.tag == FIRST), None)


def _parts(der: bytes, at: int, end: int) -> list[Part]:
    found: list[Part] = []
    while at < end and len(found) <= CERTIFICATES_MAX:
        found.append(_part(der, at, end))
        at = found[-1].end
    return found


def _part(der: bytes, at: int, end: int) -> Part:
    """The value that starts there; ValueError when it is cut off or has no length of its own."""
    if end - at < 2:
        raise ValueError("cut off")
    size, content = der[at + 1], at + 2
    if size >= 0x80:
        more = size - 0x80
        if not 1 <= more <= 4 or content + more > end:
            raise ValueError("a length that is none")
        size, content = int.from_bytes(der[content : content + more], "big"), content + more
    if content + size > end:
        raise ValueError("cut off")
    return Part(der[at], at, content, content + size)
