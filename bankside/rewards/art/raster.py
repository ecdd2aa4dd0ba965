"""A page of SVG as a picture: PNG without any words in its head, with its resolution where that matters."""

from __future__ import annotations

import contextlib
import struct
import zlib
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from bankside.late import numpy as np
from bankside.rewards.art import cairo

if TYPE_CHECKING:
    from numpy.typing import NDArray

packer: Any = zlib
# The same format, four times as fast; there is no wheel of it for some machines.
with contextlib.suppress(ImportError):
    from isal import isal_zlib as packer

Bytes: TypeAlias = "NDArray[np.uint8]"

_SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
_RGB, _RGBA = 2, 6
_METRES_PER_INCH: Final = 0.0254
# Higher levels gain a few parts in a hundred and take three times as long.
_LEVEL: Final = 1
_BAND_ROWS: Final = 32  # so much of a picture stays in the processor's own memory from one step to the next


def png(page: str, *, dpi: int = 0, clear: bool = False) -> bytes:
    """The picture of a page whose size is in pixels; `dpi` is written into its head when it is given.

    `clear` keeps what is transparent; without it the page must be covered. CairoMissing: not installed.
    """
    pixels = cairo.pixels(page)
    height, width, _ = pixels.shape
    head = struct.pack(">IIBBBBB", width, height, 8, _RGBA if clear else _RGB, 0, 0, 0)
    metres = round(dpi / _METRES_PER_INCH)
    chunks = [(b"IHDR", head), *([(b"pHYs", struct.pack(">IIB", metres, metres, 1))] if dpi else [])]
    chunks += [(b"IDAT", _packed(pixels, clear=clear)), (b"IEND", b"")]
    return _SIGNATURE + b"".join(_chunk(name, data) for name, data in chunks)


def _packed(pixels: Bytes, *, clear: bool) -> bytes:
    """Red, green and blue of Cairo's blue, green, red and opacity, each row behind a filter that is none."""
    height, width, _ = pixels.shape
    channels = 4 if clear else 3
    rows = np.zeros((_BAND_ROWS, 1 + width * channels), dtype=np.uint8)
    straight = rows[:, 1:].reshape(_BAND_ROWS, width, channels)
    stream = packer.compressobj(_LEVEL)
    parts = []
    for top in range(0, height, _BAND_ROWS):
        band = pixels[top : top + _BAND_ROWS]
        here = straight[: len(band)]
        if clear:
            here[:] = _straight(band)
        else:
            for channel in range(3):
                here[..., channel] = band[..., 2 - channel]
        parts.append(stream.compress(rows[: len(band)]))
    return b"".join([*parts, stream.flush()])


def _straight(pixels: Bytes) -> Bytes:
    """Cairo's colours, already multiplied by their opacity, as PNG has them: red, green, blue, opacity."""
    out = np.ascontiguousarray(pixels[..., [2, 1, 0, 3]])
    edge = (out[..., 3] > 0) & (out[..., 3] < 255)
    part = out[edge].astype(np.float64)
    out[edge, :3] = np.clip(np.rint(part[:, :3] * 255 / part[:, 3:]), 0, 255)
    return out


def _chunk(name: bytes, data: bytes) -> bytes:
    sealed = name + data
    return struct.pack(">I", len(data)) + sealed + struct.pack(">I", zlib.crc32(sealed))
