from __future__ import annotations

import io
import struct
import zlib
from typing import Any

import pytest
from PIL import Image, ImageCms

from bankside.channels import picture
from bankside.channels.picture import NotAPicture, TooLarge


def picture_bytes(
    kind: str = "JPEG", mode: str = "RGB", size: tuple[int, int] = (40, 20), **extra: Any
) -> bytes:
    out = io.BytesIO()
    Image.new(mode, size, 120 if mode in {"L", "P"} else None).save(out, kind, **extra)
    return out.getvalue()


def _opened(drawn: picture.Drawn) -> Image.Image:
    return Image.open(io.BytesIO(drawn.content))


def test_what_lies_beside_the_pixels_does_not_come_along() -> None:
    exif = Image.Exif()
    exif[0x010F], exif[0x0112] = "Camera of Kim Mina", 6  # maker, orientation: a quarter turn
    came = picture_bytes(exif=exif, comment=b"Seoul, Jongno-gu") + b"4111 1111 1111 1111 after the end"
    drawn = picture.drawn_again(came)
    for secret in (b"Kim Mina", b"Jongno", b"4111"):
        assert secret in came
        assert secret not in drawn.content
    assert not dict(_opened(drawn).getexif())
    assert (drawn.width, drawn.height) == (20, 40), "upright"
    assert (drawn.mime, drawn.suffix) == ("image/jpeg", ".jpg")


def test_text_in_a_png_does_not_come_along() -> None:
    from PIL.PngImagePlugin import PngInfo

    info = PngInfo()
    info.add_text("Author", "Jan de Vries")
    came = picture_bytes("PNG", "RGBA", pnginfo=info)
    drawn = picture.drawn_again(came)
    assert b"Jan de Vries" in came
    assert b"Jan de Vries" not in drawn.content
    assert (drawn.mime, _opened(drawn).mode) == ("image/png", "RGBA")


@pytest.mark.parametrize(
    ("kind", "mode", "extra", "mime"),
    [
        ("PNG", "RGB", {}, "image/png"),
        ("PNG", "P", {"transparency": 0}, "image/png"),
        ("PNG", "L", {"transparency": 120}, "image/png"),
        ("PNG", "I;16", {}, "image/png"),
        ("PNG", "1", {}, "image/png"),
        ("JPEG", "CMYK", {}, "image/jpeg"),
        ("JPEG", "L", {}, "image/jpeg"),
        ("WEBP", "RGB", {}, "image/jpeg"),
        ("WEBP", "RGBA", {}, "image/png"),
        ("GIF", "P", {}, "image/png"),
    ],
)
def test_every_mode_is_drawn_again(kind: str, mode: str, extra: dict[str, Any], mime: str) -> None:
    drawn = picture.drawn_again(picture_bytes(kind, mode, **extra))
    assert drawn.mime == mime
    assert _opened(drawn).size == (40, 20)
    if "transparency" in extra:
        assert _opened(drawn).has_transparency_data


def test_a_colour_profile_is_worked_in_and_a_broken_one_left_out() -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    assert "icc_profile" not in _opened(picture.drawn_again(picture_bytes(icc_profile=profile))).info
    assert "icc_profile" not in _opened(picture.drawn_again(picture_bytes(icc_profile=b"no profile"))).info


def _png_header(width: int, height: int) -> bytes:
    """A PNG of a few bytes that promises width x height pixels."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(b"\0" * 100))
        + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize("side", [5001, 10_000, 30_000])
def test_too_many_pixels_are_refused_from_the_header(side: int) -> None:
    with pytest.raises(TooLarge, match="25,000,000"):
        picture.drawn_again(_png_header(side, side))


def test_too_many_bytes_are_refused_unread() -> None:
    with pytest.raises(TooLarge, match="8,000,000"):
        picture.drawn_again(b"x" * (picture.BYTES_MAX + 1))


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"not a picture",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"%PDF-1.7",
        picture_bytes()[:200],
        picture_bytes("PNG")[:-30],
        picture_bytes("BMP"),
        picture_bytes("TIFF"),
        _png_header(40, 40),
    ],
)
def test_what_is_no_whole_picture_is_refused(content: bytes) -> None:
    with pytest.raises(NotAPicture):
        picture.drawn_again(content)
