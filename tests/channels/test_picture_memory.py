"""The largest pictures that strangers may send, and bombs, each in a process of its own: memory and time."""

from __future__ import annotations

import io
import json
import struct
import subprocess
import sys
import zlib
from pathlib import Path

import pytest
from PIL import Image

HERE = Path(__file__).resolve().parents[2]
MEMORY_MB_MAX = 256
REFUSED_SECONDS_MAX = 1.0  # a bomb is refused before anything is decoded
SIDE, SIDE_JPEG = 3000, 5000
DRAW = """
import json, re, sys, time
from pathlib import Path
from bankside.channels import picture
content = Path(sys.argv[1]).read_bytes()
began, said = time.perf_counter(), ""
try:
    picture.drawn_again(content, side_max=2048)
except ValueError as refused:
    said = str(refused)
peak_mb = int(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1]) / 1024
print(json.dumps({"said": said, "seconds": time.perf_counter() - began, "peak_mb": peak_mb}))
"""


def drawn(content: bytes, folder: Path) -> dict[str, float | str]:
    """What came of it in a fresh process."""
    (folder / "came").write_bytes(content)
    done = subprocess.run(
        [sys.executable, "-c", DRAW, str(folder / "came")], cwd=HERE, capture_output=True, text=True,
        timeout=60, check=True,
    )  # fmt: skip
    found: dict[str, float | str] = json.loads(done.stdout)
    return found


def png(width: int, height: int, *extra: tuple[bytes, bytes]) -> bytes:
    """A PNG of that many see-through pixels, row by row, so that this process needs no memory for them."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    packer, row = zlib.compressobj(9), bytes(1 + width * 4)
    packed = b"".join(packer.compress(row) for _ in range(min(height, 4000))) + packer.flush()
    head = struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)
    parts = (
        chunk(b"IHDR", head),
        *(chunk(*one) for one in extra),
        chunk(b"IDAT", packed),
        chunk(b"IEND", b""),
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def image(kind: str, mode: str, side: int, **how: bool) -> bytes:
    out = io.BytesIO()
    Image.new(mode, (side, side)).save(out, kind, **how)
    return out.getvalue()


@pytest.mark.parametrize(
    "content",
    [
        png(SIDE, SIDE), image("WEBP", "RGBA", SIDE), image("GIF", "P", SIDE),
        image("JPEG", "RGB", SIDE_JPEG, progressive=True), image("JPEG", "CMYK", SIDE, progressive=True),
    ],
    ids=["png", "webp", "gif", "jpeg", "print"],
)  # fmt: skip
def test_the_largest_fit_into_memory(content: bytes, tmp_path: Path) -> None:
    found = drawn(content, tmp_path)
    assert found["said"] == "" and float(found["peak_mb"]) <= MEMORY_MB_MAX, found


@pytest.mark.parametrize(
    "content",
    [
        png(SIDE, SIDE + 1), png(30_000, 30_000), image("WEBP", "RGBA", SIDE + 1),
        image("JPEG", "CMYK", SIDE + 1), image("JPEG", "RGB", SIDE_JPEG + 1),
        png(9, 9, (b"zTXt", b"a\0\0" + zlib.compress(bytes(100_000_000), 9))),
        png(9, 9, (b"iCCP", b"a\0\0" + zlib.compress(bytes(100_000_000), 9))),
    ],
    ids=["png", "bomb", "webp", "print", "jpeg", "text-bomb", "profile-bomb"],
)  # fmt: skip
def test_bombs_are_refused_at_once(content: bytes, tmp_path: Path) -> None:
    found = drawn(content, tmp_path)
    assert found["said"] and float(found["seconds"]) <= REFUSED_SECONDS_MAX, found
    assert float(found["peak_mb"]) <= MEMORY_MB_MAX, found
