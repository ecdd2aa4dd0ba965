"""BER-TLV as EMV uses it: tags of one to three bytes, lengths of up to two, templates in templates."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final, Self

BYTES_MAX: Final = 512
DEPTH_MAX: Final = 4
NODES_MAX: Final = 128
TAG_BYTES_MAX: Final = 3

_CONSTRUCTED: Final = 0x20
_LONG_TAG: Final = 0x1F
_MORE: Final = 0x80


class NotBerTlv(ValueError):
    """Bytes that are no BER-TLV; the message has an offset, never a value."""


@dataclass(frozen=True, slots=True)
class Node:
    """A tag in hexadecimal, and its value, or parts when it is a template."""

    tag: str
    value: bytes = field(default=b"", repr=False)
    parts: tuple[Node, ...] = ()

    @classmethod
    def of(cls, tag: str, *parts: Node) -> Self:
        return cls(tag, b"", parts)


def read(content: bytes) -> tuple[Node, ...]:
    """All nodes of some bytes. Raises NotBerTlv."""
    if len(content) > BYTES_MAX:
        raise NotBerTlv(f"more than {BYTES_MAX} bytes")
    return tuple(_nodes(content, 0, 1))


def write(nodes: Iterable[Node]) -> bytes:
    """The bytes of some nodes. Raises NotBerTlv when there are too many."""
    return b"".join(_written(node) for node in nodes)


def find(nodes: Iterable[Node], tag: str) -> bytes | None:
    """The value of the first node of a tag, at any depth; None without it."""
    for node in nodes:
        if node.tag == tag and not node.parts:
            return node.value
        if node.parts and (found := find(node.parts, tag)) is not None:
            return found
    return None


def _nodes(content: bytes, start: int, depth: int) -> Iterator[Node]:
    if depth > DEPTH_MAX:
        raise NotBerTlv(f"templates too deep at {start}")
    at, count = 0, 0
    while at < len(content):
        count += 1
        tag_end = _tag_end(content, at, start)
        value_start, length = _length(content, tag_end, start)
        value = content[value_start : value_start + length]
        if len(value) != length or count > NODES_MAX:
            raise NotBerTlv(f"a value is cut short at {start + at}")
        tag = content[at:tag_end].hex().upper()
        if content[at] & _CONSTRUCTED:
            yield Node(tag, b"", tuple(_nodes(value, start + value_start, depth + 1)))
        else:
            yield Node(tag, value)
        at = value_start + length


def _tag_end(content: bytes, at: int, start: int) -> int:
    if content[at] & _LONG_TAG != _LONG_TAG:
        return at + 1
    for end in range(at + 1, min(at + TAG_BYTES_MAX, len(content))):
        if not content[end] & _MORE:
            return end + 1
    raise NotBerTlv(f"a tag does not end at {start + at}")


def _length(content: bytes, at: int, start: int) -> tuple[int, int]:
    """Where the value begins, and how long it is."""
    head = content[at : at + 1]
    if head and head[0] < _MORE:
        return at + 1, head[0]
    width = head[0] - _MORE if head else 0
    if width not in (1, 2) or len(content) < at + 1 + width:
        raise NotBerTlv(f"a length is wrong at {start + at}")
    return at + 1 + width, int.from_bytes(content[at + 1 : at + 1 + width], "big")


def _written(node: Node) -> bytes:
    value = write(node.parts) if node.parts else node.value
    if len(value) > BYTES_MAX:
        raise NotBerTlv(f"more than {BYTES_MAX} bytes")
    if len(value) < _MORE:
        length = bytes((len(value),))
    elif len(value) < 0x100:
        length = bytes((0x81, len(value)))
    else:
        length = b"\x82" + len(value).to_bytes(2, "big")
    return bytes.fromhex(node.tag) + length + value
