"""Small films, made box by box: no camera and no encoder was at work, and no player would show much."""

from __future__ import annotations

import struct

LAID = struct.pack(">9i", 0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)
TURNED = struct.pack(">9i", 0, 0x10000, 0, -0x10000, 0, 0, 0, 0, 0x40000000)
PIXELS = b"the pictures themselves"


def box(kind: bytes, *inside: bytes) -> bytes:
    """A box of this kind."""
    content = b"".join(inside)
    return struct.pack(">I4s", 8 + len(content), kind) + content


def movie_header(seconds: float = 12, scale: int = 1000, *, late: bool = False) -> bytes:
    """`mvhd`, in either way of writing it."""
    length = int(seconds * scale)
    times = struct.pack(">QQIQ" if late else ">IIII", 3_900_000_001, 3_900_000_002, scale, length)
    return box(b"mvhd", bytes([late, 0, 0, 0]), times, bytes(80))


def track(
    kind: bytes = b"vide", *more: bytes, matrix: bytes = LAID, name: bytes = b"Handler of Kim Mina\0",
    source: bytes = box(b"url ", b"\0\0\0\1"), entry: bytes = b"", size: tuple[int, int] = (1280, 720),
) -> bytes:  # fmt: skip
    """`trak`, with `more` boxes in it."""
    times = struct.pack(">IIIII", 3_900_000_003, 3_900_000_004, 1, 0, 12_000)
    header = box(
        b"tkhd", bytes(4), times, bytes(16), matrix, struct.pack(">II", size[0] << 16, size[1] << 16)
    )
    described = {
        b"vide": box(
            b"avc1", bytes(42), b"Coder of Jan de Vries".ljust(32, b"\0"), bytes(4), box(b"avcC", b"\1dd"),
            box(b"note", b"in the entry"),
        ),
        b"soun": box(b"mp4a", bytes(28), box(b"esds", bytes(8))),
    }.get(kind, box(b"text", bytes(8)))  # fmt: skip
    tables = box(b"stbl", box(b"stsd", struct.pack(">II", 0, 1), entry or described), box(b"stco", bytes(8)))
    data = box(b"dinf", box(b"dref", struct.pack(">II", 0, 1), source))
    media = box(
        b"mdia", box(b"mdhd", bytes(4), times, bytes(4)),
        box(b"hdlr", b"\0\0\0\0mhlr", kind, bytes(12), name),
        box(b"minf", box(b"vmhd", bytes(12)), data, tables),
    )  # fmt: skip
    return box(b"trak", header, media, *more)


def film(
    *more: bytes, brand: bytes = b"isom", header: bytes = b"", tracks: tuple[bytes, ...] = (),
    inside: tuple[bytes, ...] = (), pixels: bytes = PIXELS,
) -> bytes:  # fmt: skip
    """A whole film with `more` boxes after it, and others `inside` of its head."""
    kinds = box(b"ftyp", brand, b"Kim1", b"isom", b"Mina")
    head = box(b"moov", header or movie_header(), *(tracks or (track(), track(b"soun"))), *inside)
    return b"".join((kinds, head, box(b"mdat", pixels), *more))
